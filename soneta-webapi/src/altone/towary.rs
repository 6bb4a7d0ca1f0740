use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::NaiveDate;
use futures::Stream;
use serde::Serialize;
use uuid::Uuid;

use super::packet::{self, Filter, Packet, continuation, packet, size, start};
use super::wiersz::wiersz;
use super::{AltOne, WynikZapisu};
use crate::envelope::{self, Rows};
use crate::ids::redacted_debug;
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::towary::{Towar, Towary, TypTowaru};
use crate::wire;
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

/// `POST api/FakturyHandloweWebAPI/UpsertKartotekaTowarowa`: makes or changes a goods card.
///
/// A `Create`: whether `ID`, `Guid` or `Kod` finds the good is not documented. Fields that are not sent may fall back to their
/// defaults: to change a card, read it, change it and send it whole.
#[doc(alias = "save goods")]
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct UpsertKartotekaTowarowa {
    /// The card.
    pub kartoteka: KartotekaTowarowa,
}

impl UpsertKartotekaTowarowa {
    /// This card.
    pub fn new(kartoteka: KartotekaTowarowa) -> Self {
        Self { kartoteka }
    }
}

impl Endpoint for UpsertKartotekaTowarowa {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "FakturyHandloweWebAPI", "UpsertKartotekaTowarowa"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

wiersz! {
    /// A goods card as AltOne sends and takes it (`KartotekaTowarowaDTO`). No price and no stock.
    #[doc(alias = "goods card")]
    pub struct KartotekaTowarowa (TowarId) {
    /// Global key; the caller may assign it to a new good (*inferred* from documents).
    #[serde(default, with = "wire::guid", skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// Business code.
    pub kod: String,
    /// Name.
    pub nazwa: String,
    /// Kind of record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: TypTowaru| Some(value))]
    pub typ_towaru: Option<TypTowaru>,
    /// Bar code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_kreskowy: Option<String>,
    /// Catalogue number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_katalogowy: Option<String>,
    /// Classification PKWiU.
    #[serde(rename = "PKWiU", skip_serializing_if = "Option::is_none")]
    pub pkwiu: Option<String>,
    /// Group of goods for the tax office.
    #[serde(rename = "GTU", skip_serializing_if = "Option::is_none")]
    pub gtu: Option<String>,
    /// Symbol of the base unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jednostka: Option<String>,
    /// Why it is exempt from VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub podstawa_zwolnienia: Option<String>,
    /// Hidden on pick lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Kod of the VAT rate on sale.
    #[serde(rename = "StawkaVATSprzedazy", skip_serializing_if = "Option::is_none")]
    pub stawka_vat_sprzedazy: Option<String>,
    /// Kod of the VAT rate on purchase.
    #[serde(rename = "StawkaVATZakupu", skip_serializing_if = "Option::is_none")]
    pub stawka_vat_zakupu: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opis: Option<String>,
    /// Whether the description may be changed on documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dozwolona_edycja_opisu: Option<bool>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
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

/// Goods cards as neutral records; one without an id is a bad row.
fn neutral(rows: Rows<KartotekaTowarowa>) -> Rows<Towar> {
    packet::neutral(
        rows,
        |card| (None, Some(card.kod.clone())),
        |card| card.into_towar().ok_or_else(|| Error::decode_at("missing field `ID`")),
    )
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
            let packet = packet(&self.client, &request, request.last_id).await?;
            request.last_id = packet.last_id;
            rows.extend(neutral(packet.data));
            if packet.all_rows {
                return Ok(rows);
            }
        }
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
        let (last_id, update_date) = start(LIST, query.after.as_ref(), query.changed_since)?;
        let request = GetTowary {
            last_id,
            packet_size: size(query.limit),
            conditions: Vec::new(),
            update_date,
            id_towarow: Vec::new(),
        };
        let packet = packet(&self.client, &request, request.last_id).await?;
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
