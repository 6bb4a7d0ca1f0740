mod lista;
mod zmiany;

use api_transport::{Effect, Endpoint, Path, Priority};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

pub use self::lista::ZamowieniaLista;
pub use self::zmiany::{ZamowieniaAnuluj, ZamowieniaZmien};

use super::KEYS_PER_CALL;
use super::lista::Wiersze;
use crate::adres::Adres;
use crate::envelope::{self, KodOdmowy, Refusal, Rows};
use crate::ids::{DokumentId, redacted_debug};
use crate::towary::at_most_one;
use crate::wire;
use crate::zamowienia::{
    KluczZamowienia, NoweZamowienie, PozycjaZamowienia, Rezerwacja, Zamowienia, Zamowienie,
    ZapisaneZamowienie,
};
use crate::{Client, Error, KontrahentId, Result};

/// `POST api/B2BZamowienia/Dodaj`: makes a document of an order, once per Guid.
///
/// A repeated Guid with the same content answers the first document; with other content it is refused with `Konflikt`. The
/// call is a `Create` nevertheless, so that nothing but the caller's look-up decides on a repeat.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZamowieniaDodaj<'a> {
    guid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    numer_obcy: Option<&'a str>,
    kontrahent_id: KontrahentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    platnik_id: Option<KontrahentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    odbiorca_id: Option<KontrahentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    miejsce_dostawy_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adres_dostawy: Option<&'a Adres>,
    definicja: &'a str,
    magazyn: &'a str,
    #[serde(with = "wire::date")]
    data: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::option")]
    termin_dostawy: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sposob_dostawy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forma_platnosci: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    termin_dni: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waluta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uwagi: Option<&'a str>,
    zatwierdz: bool,
    rezerwuj: &'a Rezerwacja,
    pozycje: &'a [PozycjaZamowienia],
}

impl std::fmt::Debug for ZamowieniaDodaj<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZamowieniaDodaj").field("guid", &self.guid).finish_non_exhaustive()
    }
}

impl<'a> From<&'a NoweZamowienie> for ZamowieniaDodaj<'a> {
    fn from(order: &'a NoweZamowienie) -> Self {
        Self {
            guid: order.guid,
            numer_obcy: order.numer_obcy.as_deref(),
            kontrahent_id: order.kontrahent_id,
            platnik_id: order.platnik_id,
            odbiorca_id: order.odbiorca_id,
            miejsce_dostawy_id: order.miejsce_dostawy_id,
            adres_dostawy: order.adres_dostawy.as_ref(),
            definicja: &order.definicja,
            magazyn: &order.magazyn,
            data: order.data,
            termin_dostawy: order.termin_dostawy,
            sposob_dostawy: order.sposob_dostawy.as_deref(),
            forma_platnosci: order.forma_platnosci.as_deref(),
            termin_dni: order.termin_dni,
            waluta: order.waluta.as_deref(),
            uwagi: order.uwagi.as_deref(),
            zatwierdz: order.zatwierdz,
            rezerwuj: &order.rezerwuj,
            pozycje: &order.pozycje,
        }
    }
}

impl Endpoint for ZamowieniaDodaj<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = ZapisaneZamowienie;

    fn path(&self) -> Path {
        Path::new(["api", "B2BZamowienia", "Dodaj"])
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    /// `Konflikt` says that a document exists: to the caller that is doubt, not refusal.
    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        let made: Result<ZapisaneZamowienie> = envelope::decode(body);
        if let Ok(made) = &made
            && made.guid != self.guid
        {
            let error = Error::decode_at("the answer tells of a document with another Guid");
            return Err(error.with_may_have_been_applied(true));
        }
        made.map_err(|error| {
            let exists = Refusal::of(&error).is_some_and(|refusal| refusal.has(&KodOdmowy::Konflikt));
            if exists { doubt(error) } else { error }
        })
    }
}

/// A refusal that says that a document of the Guid exists.
fn doubt(error: Error) -> Error {
    error.with_may_have_been_applied(true).with_advice(
        "A document of this Guid exists with other content: look it up, and never place the order under another Guid.",
    )
}

/// `POST api/B2BZamowienia/Pobierz`: orders by id, by Guid, or by the buyer's number (of which several may be found).
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZamowieniaPobierz {
    /// By id.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<DokumentId>,
    /// By Guid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// By the buyer's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_obcy: Option<String>,
    /// The buyer, together with his number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kontrahent_id: Option<KontrahentId>,
}

redacted_debug!(ZamowieniaPobierz { id, guid });

impl From<&KluczZamowienia> for ZamowieniaPobierz {
    fn from(klucz: &KluczZamowienia) -> Self {
        let none = Self { id: None, guid: None, numer_obcy: None, kontrahent_id: None };
        match klucz {
            KluczZamowienia::Id(id) => Self { id: Some(*id), ..none },
            KluczZamowienia::Guid(guid) => Self { guid: Some(*guid), ..none },
            KluczZamowienia::NumerObcy { numer, kontrahent_id } => {
                Self { numer_obcy: Some(numer.clone()), kontrahent_id: Some(*kontrahent_id), ..none }
            }
        }
    }
}

impl Endpoint for ZamowieniaPobierz {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<Zamowienie>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BZamowienia", "Pobierz"])
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode(body)
    }
}

/// `POST api/B2BZamowienia/Statusy`: how orders stand, by id, at most `MaksIle` of them. Unknown ones are left out.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ZamowieniaStatusy {
    /// The documents.
    #[serde(rename = "ID")]
    pub id: Vec<DokumentId>,
}

impl ZamowieniaStatusy {
    /// How these orders stand.
    pub fn new(ids: impl Into<Vec<DokumentId>>) -> Self {
        Self { id: ids.into() }
    }
}

impl Endpoint for ZamowieniaStatusy {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<Zamowienie>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BZamowienia", "Statusy"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode(body)
    }
}

/// Orders of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bZamowienia {
    client: Client,
    cechy: Vec<String>,
}

impl B2bZamowienia {
    pub(super) fn new(client: Client) -> Self {
        Self { client, cechy: Vec::new() }
    }

    /// Places an order and, when the answer is lost or the Guid is taken, looks it up: see
    /// [`Zamowienia::create_or_find`].
    ///
    /// # Errors
    /// The client's errors; with `may_have_been_applied()` the order is in doubt.
    pub async fn create_or_find(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie> {
        Zamowienia::create_or_find(self, order).await
    }

    /// Places an order and asks nothing afterwards; [`create_or_find`](Self::create_or_find) is the safe call.
    ///
    /// # Errors
    /// The client's errors; with `may_have_been_applied()` a document may exist.
    pub async fn create_once(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie> {
        self.client.send(&ZamowieniaDodaj::from(order)).await
    }

    /// The order of this key; `None` if there is none.
    ///
    /// # Errors
    /// The client's errors; kind `Decode` when several orders have the key.
    pub async fn get(&self, klucz: &KluczZamowienia) -> Result<Option<Zamowienie>> {
        let mut rows = self.client.send(&ZamowieniaPobierz::from(klucz)).await?.pozycje;
        // The remote filter is a hint: add-ons have been seen to ignore one.
        rows.retain(|row| row.as_ref().map_or(true, |order| klucz.names(order)));
        at_most_one(rows)
    }

    /// State and fulfilment of orders, in calls of 100.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn statusy(&self, ids: &[DokumentId]) -> Result<Rows<Zamowienie>> {
        let mut rows = Rows::new();
        for ids in ids.chunks(KEYS_PER_CALL) {
            rows.extend(self.client.send(&ZamowieniaStatusy::new(ids)).await?.pozycje);
        }
        Ok(rows)
    }
}

#[async_trait]
impl Zamowienia for B2bZamowienia {
    async fn create_once(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie> {
        B2bZamowienia::create_once(self, order).await
    }

    async fn get_zamowienie(&self, klucz: &KluczZamowienia) -> Result<Option<Zamowienie>> {
        self.get(klucz).await
    }

    async fn get_statusy(&self, ids: &[DokumentId]) -> Result<Rows<Zamowienie>> {
        self.statusy(ids).await
    }
}
