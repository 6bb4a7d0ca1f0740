use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::NaiveDate;
use futures::Stream;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AltOne, Zalacznik};
use crate::envelope::{self, BadRow, Rows};
use crate::ids::redacted_debug;
use crate::page::{Change, ChangesQuery, Continuation, WirePage, stream_pages};
use crate::towary::{Towar, Towary, TypTowaru};
use crate::wire::{self, Cecha, open_enum};
use crate::{Error, Result, TowarId};

/// Names this list in its continuations.
const LIST: &str = "altone/towary";

/// How many ids one request names at most.
const IDS_PER_CALL: usize = 500;

/// `POST api/FakturyHandloweWebAPI/GetTowary`: goods in packets, ordered by id (*inferred*).
#[doc(alias = "goods")]
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetTowary {
    /// Id after which to start; 0 = from the beginning.
    #[serde(rename = "LastID")]
    #[builder(default)]
    pub last_id: i32,
    /// How many at most.
    #[builder(default = 200)]
    pub packet_size: i32,
    /// Conditions on business fields.
    #[builder(default)]
    pub conditions: Vec<Filter>,
    /// Only goods changed on this day or later (*inferred*); days are as fine as it gets.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::parts")]
    pub update_date: Option<NaiveDate>,
    /// Only these goods; builds of 2606 require the field, empty = all (*inferred*).
    #[builder(default)]
    pub id_towarow: Vec<TowarId>,
}

impl Endpoint for GetTowary {
    const EFFECT: Effect = Effect::Read;
    type Response = Packet<KartotekaTowarowa>;

    fn path(&self) -> Path {
        Path::new(["api", "FakturyHandloweWebAPI", "GetTowary"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Packet::decode(body)
    }
}

/// A condition on a business field.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Filter {
    /// How it is joined to the one before.
    #[builder(default = LogicalOperator::And)]
    pub logical_operator: LogicalOperator,
    /// How it compares.
    #[builder(default = FilterOperator::Equal)]
    pub operator: FilterOperator,
    /// Name of the business field, `Kod`.
    pub column_name: String,
    /// What it is compared with.
    pub filter_value: String,
}

redacted_debug!(Filter { logical_operator, operator, column_name });

open_enum! {
    /// How a [`Filter`] is joined to the one before.
    pub enum LogicalOperator {
        /// Both.
        And = "And" / 0,
        /// Either.
        Or = "Or" / 1,
    }
}

open_enum! {
    /// How a [`Filter`] compares.
    pub enum FilterOperator {
        /// Equal.
        Equal = "Equal" / 0,
        /// Not equal.
        NotEqual = "NotEqual" / 1,
        /// Like; which wildcards it knows is not documented.
        Like = "Like" / 2,
        /// Is not set.
        Null = "Null" / 3,
    }
}

/// A packet: rows and how many are left.
#[derive(Debug)]
#[non_exhaustive]
pub struct Packet<T> {
    /// The rows, each decoded by itself.
    pub data: Rows<T>,
    /// Whether nothing is left.
    pub all_rows: bool,
    /// To be sent next.
    pub last_id: i32,
    /// How many are still waiting, where the server tells.
    pub to_read_records: Option<i32>,
    /// How many are in this packet.
    pub read_records: i32,
}

impl<T: serde::de::DeserializeOwned> Packet<T> {
    /// An error for a packet that neither ends the list nor moves it on.
    pub(super) fn moves_on(&self, last_id: i32) -> Result<()> {
        if self.all_rows || (self.last_id > last_id && !self.data.is_empty()) {
            return Ok(());
        }
        Err(Error::decode_at("a packet that is not the last one is empty or does not move LastID on"))
    }

    pub(super) fn decode(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            all_rows: bool,
            #[serde(rename = "LastID")]
            last_id: i32,
            #[serde(default)]
            to_read_records: Option<i32>,
            read_records: i32,
        }
        let (Beside { all_rows, last_id, to_read_records, read_records }, data) =
            envelope::decode_rows(body, "Data")?;
        Ok(Self { data, all_rows, last_id, to_read_records, read_records })
    }
}

/// A goods card as AltOne sends it (`KartotekaTowarowaDTO`). No price and no stock.
#[doc(alias = "goods card")]
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KartotekaTowarowa {
    /// Id of the good.
    #[serde(rename = "ID")]
    pub id: Option<TowarId>,
    /// How many attachments it has.
    pub attachments_count: Option<i32>,
    /// Name of the ERP's table.
    pub table_name: Option<String>,
    /// Custom fields that are open to WebAPI.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    pub features: Vec<Cecha>,
    /// Attachments that are visible to WebAPI.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    pub attachments: Vec<Zalacznik>,
    /// Global key.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Business code.
    pub kod: String,
    /// Name.
    pub nazwa: String,
    /// Kind of record.
    pub typ_towaru: Option<TypTowaru>,
    /// Bar code.
    pub kod_kreskowy: Option<String>,
    /// Catalogue number.
    pub numer_katalogowy: Option<String>,
    /// Classification PKWiU.
    #[serde(rename = "PKWiU")]
    pub pkwiu: Option<String>,
    /// Group of goods for the tax office.
    #[serde(rename = "GTU")]
    pub gtu: Option<String>,
    /// Symbol of the base unit.
    pub jednostka: Option<String>,
    /// Why it is exempt from VAT.
    pub podstawa_zwolnienia: Option<String>,
    /// Hidden on pick lists.
    pub blokada: Option<bool>,
    /// Kod of the VAT rate on sale.
    #[serde(rename = "StawkaVATSprzedazy")]
    pub stawka_vat_sprzedazy: Option<String>,
    /// Kod of the VAT rate on purchase.
    #[serde(rename = "StawkaVATZakupu")]
    pub stawka_vat_zakupu: Option<String>,
    /// Description.
    pub opis: Option<String>,
    /// Whether the description may be changed on documents.
    pub dozwolona_edycja_opisu: Option<bool>,
}

redacted_debug!(KartotekaTowarowa { id });

impl KartotekaTowarowa {
    /// The neutral record; `None` without an id.
    pub fn into_towar(self) -> Option<Towar> {
        let text = |value: Option<String>| value.filter(|value| !value.is_empty());
        Some(
            Towar::builder()
                .id(self.id?)
                .maybe_guid(self.guid)
                .kod(self.kod)
                .nazwa(self.nazwa)
                .ean(text(self.kod_kreskowy).into_iter().collect())
                .maybe_jednostka(text(self.jednostka))
                .maybe_stawka_vat(text(self.stawka_vat_sprzedazy))
                .maybe_gtu(text(self.gtu))
                .maybe_typ(self.typ_towaru)
                .maybe_opis(self.opis)
                .maybe_numer_katalogowy(text(self.numer_katalogowy))
                .maybe_pkwiu(text(self.pkwiu))
                .blokada(self.blokada.unwrap_or_default())
                .cechy(self.features)
                .build(),
        )
    }
}

/// The rows as neutral records; one without an id is a bad row.
fn neutral(rows: Rows<KartotekaTowarowa>) -> Rows<Towar> {
    let towar = |(position, row): (usize, Result<KartotekaTowarowa, BadRow>)| {
        row.and_then(|card| {
            let kod = card.kod.clone();
            card.into_towar().ok_or_else(|| {
                BadRow::new(position, Error::decode_at("missing field `ID`")).with_key(None, Some(kod))
            })
        })
    };
    rows.into_iter().enumerate().map(towar).collect()
}

impl AltOne {
    /// All packets of goods, one after the other; resumable by each page's `next`.
    pub fn towary(&self, query: ChangesQuery) -> impl Stream<Item = Result<WirePage<Change<Towar>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = ChangesQuery { after, ..query.clone() };
            async move { self.list_towary(&query).await }
        })
    }

    /// Every packet of a request, from its `last_id` on.
    async fn all(&self, mut request: GetTowary) -> Result<Rows<Towar>> {
        let mut rows = Rows::new();
        loop {
            let packet = self.packet(&request).await?;
            request.last_id = packet.last_id;
            rows.extend(neutral(packet.data));
            if packet.all_rows {
                return Ok(rows);
            }
        }
    }

    /// One packet; one that neither ends the list nor moves it on is an error, never an endless loop.
    async fn packet(&self, request: &GetTowary) -> Result<Packet<KartotekaTowarowa>> {
        let packet = self.client.send(request).await?;
        if !packet.all_rows && packet.last_id <= request.last_id {
            return Err(Error::decode_at("a packet that is not the last one does not move LastID on"));
        }
        Ok(packet)
    }
}

/// Goods by AltOne's contract.
///
/// - Removed goods are not told; a full pass finds what is missing.
/// - `changed_since` is sent as its day in UTC, which is never later than the day in Poland. The last page has no `next`: every
///   round starts anew.
/// - The portal's tick is a cecha among `cechy`; `zaznaczony` is `None`, and so is `data_zmiany`.
#[async_trait]
impl Towary for AltOne {
    async fn list_towary(&self, query: &ChangesQuery) -> Result<WirePage<Change<Towar>>> {
        let (last_id, update_date) = match &query.after {
            None => (0, query.changed_since.map(|instant| instant.date_naive())),
            Some(after) => start(LIST, after)?,
        };
        let request = GetTowary {
            last_id,
            packet_size: i32::try_from(query.limit).unwrap_or(i32::MAX),
            conditions: Vec::new(),
            update_date,
            id_towarow: Vec::new(),
        };
        let packet = self.packet(&request).await?;
        let next = (!packet.all_rows).then(|| continuation(LIST, packet.last_id, update_date));
        let rows = neutral(packet.data).into_iter().map(|row| row.map(Change::Upsert)).collect();
        Ok(WirePage::new(rows, next).at_end(packet.all_rows))
    }

    async fn get_towary(&self, ids: &[TowarId]) -> Result<Rows<Towar>> {
        let mut rows = Rows::new();
        for ids in ids.chunks(IDS_PER_CALL) {
            let packet_size = i32::try_from(ids.len()).unwrap_or(i32::MAX);
            let mut some = self
                .all(GetTowary::builder().packet_size(packet_size).id_towarow(ids.to_vec()).build())
                .await?;
            // The remote filter is a hint.
            some.retain(|row| row.as_ref().map_or(true, |towar| ids.contains(&towar.id)));
            rows.append(&mut some);
        }
        Ok(rows)
    }

    /// One call per Kod: how conditions joined by `Or` are read is not documented.
    async fn get_towary_by_kod(&self, kody: &[String]) -> Result<Rows<Towar>> {
        let mut rows = Rows::new();
        for kod in kody {
            let only = Filter::builder().column_name("Kod").filter_value(kod.as_str()).build();
            let mut some = self.all(GetTowary::builder().conditions(vec![only]).build()).await?;
            some.retain(|row| row.as_ref().map_or(true, |towar| towar.kod == *kod));
            rows.append(&mut some);
        }
        Ok(rows)
    }
}

pub(super) fn continuation(list: &str, last_id: i32, update_date: Option<NaiveDate>) -> Continuation {
    match update_date {
        Some(day) => Continuation::new(list, format_args!("{last_id} {day}")),
        None => Continuation::new(list, last_id),
    }
}

pub(super) fn start(list: &str, after: &Continuation) -> Result<(i32, Option<NaiveDate>)> {
    let damaged = || Error::config(format!("a continuation of {list} is damaged"));
    let position = after.position(list)?;
    let (id, day) = position.split_once(' ').map_or((position, None), |(id, day)| (id, Some(day)));
    let day = day.map(str::parse).transpose().map_err(|_| damaged())?;
    Ok((id.parse().map_err(|_| damaged())?, day))
}
