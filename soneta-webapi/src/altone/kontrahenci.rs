//! Contractors: reading in packets, writing, merging, relations; and the ports.

mod kartoteka;
mod warunki;
mod zapis;

pub use self::kartoteka::{
    KartotekaKontrahenta, KontaktKontrahenta, KontrahentBase, PowiazaniaKontrahenta, PowiazanieKontrahenta,
    RachunekBankowy, RodzajPodmiotu, RodzajPowiazania, RolaPodmiotu, StatusPodmiotu, VatLiczonyOd,
    WarunkiPlatnosci,
};
pub use self::warunki::{
    AltOneLimity, Efaktura, OdsetkiKarne, OdsetkiRozpoczecie, OdsetkiStopa, WarunkiHandlowe,
};
pub use self::zapis::{UpdateContractor, ZapiszCalosc};

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::NaiveDate;
use futures::Stream;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::WynikZapisu;
use super::packet::{self, Filter, Packet, continuation, packet, size, start};
use crate::envelope::{self, Rows};
use crate::ids::redacted_debug;
use crate::kontrahenci::{KluczKontrahenta, Kontrahenci, Kontrahent};
use crate::nip::bare_nip;
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::wire;
use crate::{Client, KontrahentId, Result};

/// Names this list in its continuations.
const LIST: &str = "altone/kontrahenci";

/// Which contractors, and which of their parts (`GetListaKontrahentowParams`). What is not set does not restrict.
#[derive(Clone, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListaKontrahentow {
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
    /// Only contractors changed on this day or later (*inferred*); days are as fine as it gets.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::parts")]
    pub update_date: Option<NaiveDate>,
    /// Only of this Kod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod: Option<String>,
    /// Only of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nazwa: Option<String>,
    /// Only of this tax number; which spellings are taken for equal is not documented.
    #[serde(rename = "EuVAT", skip_serializing_if = "Option::is_none")]
    pub eu_vat: Option<String>,
    /// Only the person of this number.
    #[serde(rename = "PESEL", skip_serializing_if = "Option::is_none")]
    pub pesel: Option<String>,
    /// Only of this town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miejscowosc: Option<String>,
    /// Only of this global key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// Only where the cecha for ids of other systems has this value.
    #[serde(rename = "CechaExternalID", skip_serializing_if = "Option::is_none")]
    pub cecha_external_id: Option<String>,
    /// Whether relations are sent too.
    #[builder(default)]
    pub powiazania: bool,
    /// Only these; empty = all.
    #[serde(rename = "IDs", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub ids: Vec<KontrahentId>,
    /// Whether credit limit and terms are sent too; since 2606.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[builder(default)]
    pub warunki_handlowe: bool,
    /// Whether interest for late payment is sent too; since 2606.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[builder(default)]
    pub odsetki_karne: bool,
}

redacted_debug!(ListaKontrahentow { last_id, packet_size, update_date });

impl From<&KluczKontrahenta> for ListaKontrahentow {
    fn from(klucz: &KluczKontrahenta) -> Self {
        let all = Self::builder();
        match klucz {
            KluczKontrahenta::Id(id) => all.ids(vec![*id]).build(),
            KluczKontrahenta::Kod(kod) => all.kod(kod.as_str()).build(),
            KluczKontrahenta::Nip(nip) => all.eu_vat(nip.as_str()).build(),
        }
    }
}

/// `POST api/OperationFunctionsWebAPI/GetContractors`: contractors in one answer, whatever their number.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct GetContractors {
    /// Which.
    pub wybor: ListaKontrahentow,
}

impl GetContractors {
    /// These contractors.
    pub fn new(wybor: ListaKontrahentow) -> Self {
        Self { wybor }
    }
}

impl Endpoint for GetContractors {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<KartotekaKontrahenta>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetContractors"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        rows(body)
    }
}

/// The list of an answer of [`GetContractors`].
fn rows<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<Rows<T>> {
    #[derive(Deserialize)]
    struct Beside {}
    envelope::decode_rows::<Beside, _>(body, "Kontrahenci").map(|(_, rows)| rows)
}

/// `POST api/OperationFunctionsWebAPI/GetPackableContractors`: contractors in packets, ordered by id (*inferred*).
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct GetPackableContractors {
    /// Which, and from where on.
    pub wybor: ListaKontrahentow,
}

impl GetPackableContractors {
    /// A packet of these contractors.
    pub fn new(wybor: ListaKontrahentow) -> Self {
        Self { wybor }
    }
}

impl Endpoint for GetPackableContractors {
    const EFFECT: Effect = Effect::Read;
    type Response = Packet<KartotekaKontrahenta>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetPackableContractors"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Packet::decode(body)
    }
}

/// `POST api/OperationFunctionsWebAPI/ZastapKontrahenta`: merges a contractor into another one.
///
/// A `Create`: it makes documents of assignment, and what a second delivery does is not documented.
#[doc(alias = "merge contractors")]
#[derive(Debug, Clone, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZastapKontrahenta {
    /// The one that stays.
    pub id_nadrzedny: KontrahentId,
    /// The one that is merged into it.
    pub id_zastepowany: KontrahentId,
    /// Symbol of the definition of the documents of assignment (cesja).
    pub definicja_dok_cesji: String,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
}

impl Endpoint for ZastapKontrahenta {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "ZastapKontrahenta"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// `POST api/OperationFunctionsWebAPI/DodajPowiazanieKontrahenta`: relates two contractors. A second delivery may do so twice.
#[doc(alias = "relate contractors")]
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct DodajPowiazanieKontrahenta {
    /// The relation.
    pub powiazanie: PowiazanieKontrahenta,
}

impl DodajPowiazanieKontrahenta {
    /// This relation.
    pub fn new(powiazanie: PowiazanieKontrahenta) -> Self {
        Self { powiazanie }
    }
}

impl Endpoint for DodajPowiazanieKontrahenta {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "DodajPowiazanieKontrahenta"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// Contractors of AltOne's contract.
///
/// - The list comes in packets by id. `changed_since` is sent as its day in UTC, which is never later than the day in Poland. The
///   last page has no `next`: every round starts anew. Removed contractors are not told.
/// - The only tax number is `EuVAT`. A look-up by it asks for the number as given, without and with `PL`, since how the server
///   compares is not documented; what is answered is compared here by letters and digits, `PL` or not.
/// - Delivery places and persons are not told (see [`GetOsobyKontaktowe`](super::GetOsobyKontaktowe)); the portal's tick is a cecha
///   among `cechy`, so that `zaznaczony` is `None`, and so are `data_zmiany` and `wersja`.
/// - Writing: see [`ZapiszCalosc`].
#[derive(Debug, Clone)]
pub struct AltOneKontrahenci {
    client: Client,
}

impl AltOneKontrahenci {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// All packets, one after the other; resumable by each page's `next`.
    pub fn list(&self, query: ChangesQuery) -> impl Stream<Item = Result<WirePage<Change<Kontrahent>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = ChangesQuery { after, ..query.clone() };
            async move { self.list_kontrahenci(&query).await }
        })
    }

    /// The contractors of this key; none, one, or for a tax number several.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn get(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>> {
        let KluczKontrahenta::Nip(nip) = klucz else {
            let rows = self.client.send(&GetContractors::new(klucz.into())).await?;
            let mut rows = neutral_rows(rows, KartotekaKontrahenta::into_kontrahent);
            // The remote filter is a hint.
            rows.retain(|row| row.as_ref().map_or(true, |kontrahent| klucz.names(kontrahent)));
            return Ok(rows);
        };
        let bare = bare_nip(nip);
        if bare.is_empty() {
            return Ok(Rows::new());
        }
        let mut spellings = vec![nip.trim().to_owned()];
        for spelling in spellings_of(&bare) {
            if !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
        let mut found: Rows<Kontrahent> = Rows::new();
        for spelling in spellings {
            let klucz = KluczKontrahenta::Nip(spelling);
            let rows = self.client.send(&GetContractors::new((&klucz).into())).await?;
            for row in neutral_rows(rows, KartotekaKontrahenta::into_kontrahent) {
                let is_new = row.as_ref().map_or(true, |one| {
                    one.eu_vat.as_deref().is_some_and(|own| bare_nip(own) == bare)
                        && !found.iter().flatten().any(|other| other.id == one.id)
                });
                if is_new {
                    found.push(row);
                }
            }
        }
        Ok(found)
    }
}

/// The ways in which people type a tax number, since the server may compare them letter by letter: bare, with the country, and a
/// Polish one with dashes, as businesses (3-2-2-3 for companies, 3-3-2-2 for persons) are used to.
fn spellings_of(bare: &str) -> Vec<String> {
    let mut spellings = vec![bare.to_owned()];
    if bare.starts_with(|first: char| first.is_ascii_digit()) {
        spellings.push(format!("PL{bare}"));
    }
    for groups in [[3, 2, 2, 3], [3, 3, 2, 2]] {
        let mut rest = bare;
        let parts: Option<Vec<&str>> = groups
            .into_iter()
            .map(|length| {
                let (part, after) = rest.split_at_checked(length)?;
                rest = after;
                Some(part)
            })
            .collect();
        if let (Some(parts), "") = (parts, rest) {
            spellings.push(parts.join("-"));
        }
    }
    spellings
}

/// Contractors as other rows, each by itself.
fn neutral_rows<U>(
    rows: Rows<KartotekaKontrahenta>,
    into: impl Fn(KartotekaKontrahenta) -> Result<U>,
) -> Rows<U> {
    packet::neutral(rows, |row| (row.id.map(|id| id.0), row.kod.clone()), into)
}

#[async_trait]
impl Kontrahenci for AltOneKontrahenci {
    async fn get_kontrahenci(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>> {
        self.get(klucz).await
    }

    async fn list_kontrahenci(&self, query: &ChangesQuery) -> Result<WirePage<Change<Kontrahent>>> {
        let (last_id, update_date) = start(LIST, query.after.as_ref(), query.changed_since)?;
        let wybor = ListaKontrahentow::builder()
            .last_id(last_id)
            .packet_size(size(query.limit))
            .maybe_update_date(update_date)
            .build();
        let packet = packet(&self.client, &GetPackableContractors::new(wybor), last_id).await?;
        let next = (!packet.all_rows).then(|| continuation(LIST, packet.last_id, update_date));
        let rows = neutral_rows(packet.data, |row| row.into_kontrahent().map(Change::Upsert));
        Ok(WirePage::new(rows, next).at_end(packet.all_rows))
    }
}
