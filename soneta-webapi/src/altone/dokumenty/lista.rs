//! Reading documents: pages of some symbols, and documents by key.

use uuid::Uuid;

use super::{DokumentHandlowy, GetDokumentyHandlowe};
use crate::altone::Filter;
use crate::altone::packet::{continuation, packet, size, start};
use crate::dokumenty::DokumentyQuery;
use crate::envelope::{BadRow, Rows};
use crate::ids::DokumentId;
use crate::page::{Change, WirePage};
use crate::towary::at_most_one;
use crate::zamowienia::StanDokumentu;
use crate::{Client, Error, ErrorKind, Result};

/// How many ids one request names at most.
const IDS_PER_CALL: usize = 500;

impl DokumentHandlowy {
    /// Its state, from whichever field tells it.
    pub(crate) fn stan(&self) -> Option<StanDokumentu> {
        self.stan_dokumentu_handlowego.clone().or(match (self.anulowany, self.zatwierdzony) {
            (Some(true), _) => Some(StanDokumentu::Anulowany),
            (_, Some(true)) => Some(StanDokumentu::Zatwierdzony),
            (_, Some(false)) => Some(StanDokumentu::Bufor),
            _ => None,
        })
    }

    pub(crate) fn has_symbol(&self, symbols: &[String]) -> bool {
        self.definicja.as_ref().is_some_and(|own| symbols.contains(own))
    }
}

/// A packet of the documents of some symbols that left the buffer, as a page of the list `list`. A document that `neutral` cannot
/// make a record of is a bad row.
pub(in crate::altone) async fn page<T>(
    client: &Client,
    list: &str,
    query: &DokumentyQuery,
    symbols: &[&[String]],
    neutral: impl Fn(DokumentHandlowy) -> Result<T>,
) -> Result<WirePage<Change<T>>> {
    let (last_id, update_date) = start(list, query.after.as_ref(), query.changed_since)?;
    let request = GetDokumentyHandlowe::builder()
        .last_id(last_id)
        .packet_size(size(query.limit))
        .maybe_update_date(update_date)
        .build();
    let packet = packet(client, &request, request.last_id).await?;
    let asked_for = |dokument: &DokumentHandlowy| {
        // Without a symbol nobody can tell: then it is a bad row, not a document that is left out.
        (dokument.definicja.is_none() || symbols.iter().any(|symbols| dokument.has_symbol(symbols)))
            && dokument.stan() != Some(StanDokumentu::Bufor)
            && query.od_dnia.is_none_or(|day| dokument.data.is_none_or(|data| data >= day))
    };
    let mut rows = Rows::new();
    for (position, row) in packet.data.into_iter().enumerate() {
        match row {
            Ok(dokument) if !asked_for(&dokument) => {}
            Ok(dokument) => {
                let id = dokument.id.map(|id| id.0);
                let row = neutral(dokument).map(Change::Upsert);
                rows.push(row.map_err(|error| BadRow::new(position, error).with_key(id, None)));
            }
            Err(bad) => rows.push(Err(bad)),
        }
    }
    let next = (!packet.all_rows).then(|| continuation(list, packet.last_id, update_date));
    Ok(WirePage::new(rows, next).at_end(packet.all_rows))
}

/// The documents of these ids; those that do not exist are left out.
pub(in crate::altone) async fn by_ids(client: &Client, ids: &[DokumentId]) -> Result<Rows<DokumentHandlowy>> {
    let mut rows = Rows::new();
    for ids in ids.chunks(IDS_PER_CALL) {
        let packet_size = i32::try_from(ids.len()).unwrap_or(i32::MAX);
        let request =
            GetDokumentyHandlowe::builder().packet_size(packet_size).id_dok_handlowych(ids.to_vec()).build();
        rows.append(&mut only(client, request, |id, _| id.is_some_and(|id| ids.contains(&id))).await?);
    }
    Ok(rows)
}

/// The document of this id, if it is of some symbols and left the buffer.
pub(in crate::altone) async fn approved(
    client: &Client,
    id: DokumentId,
    symbols: &[&[String]],
) -> Result<Option<DokumentHandlowy>> {
    let dokument = at_most_one(by_ids(client, &[id]).await?)?;
    Ok(dokument.filter(|dokument| {
        symbols.iter().any(|symbols| dokument.has_symbol(symbols))
            && dokument.stan() != Some(StanDokumentu::Bufor)
    }))
}

/// The documents of this Guid, which is none or one.
pub(in crate::altone) async fn by_guid(client: &Client, guid: Uuid) -> Result<Rows<DokumentHandlowy>> {
    let condition = Filter::builder().column_name("Guid").filter_value(guid.to_string()).build();
    let request = GetDokumentyHandlowe::builder().conditions(vec![condition]).build();
    only(client, request, |_, dokument| dokument.is_none_or(|dokument| dokument.guid == Some(guid))).await
}

/// Every packet of a request whose rows all have to be `asked_for`. One that is not shows that the server ignores the
/// restriction; then its answer says nothing of what was asked for, neither that it exists nor that it does not.
async fn only(
    client: &Client,
    mut request: GetDokumentyHandlowe,
    asked_for: impl Fn(Option<DokumentId>, Option<&DokumentHandlowy>) -> bool,
) -> Result<Rows<DokumentHandlowy>> {
    let mut rows = Rows::new();
    loop {
        let packet = packet(client, &request, request.last_id).await?;
        let fits = |row: &Result<DokumentHandlowy, BadRow>| match row {
            Ok(dokument) => asked_for(dokument.id, Some(dokument)),
            Err(bad) => asked_for(bad.id.map(DokumentId), None),
        };
        if !packet.data.iter().all(fits) {
            return Err(Error::new(
                ErrorKind::Unexpected,
                "the answer holds documents that were not asked for",
            ));
        }
        rows.extend(packet.data);
        if packet.all_rows {
            return Ok(rows);
        }
        request.last_id = packet.last_id;
    }
}
