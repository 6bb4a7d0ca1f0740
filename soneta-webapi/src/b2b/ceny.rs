mod kontrahenta;
mod profile;
mod uniewaznione;
mod wyjatki;

use api_transport::{Effect, Endpoint, Path, Priority};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use futures::Stream;
use serde::{Deserialize, Serialize};

pub use self::kontrahenta::CenyDlaKontrahenta;
pub use self::profile::{CenyDlaProfilu, CenyProfile};
pub use self::uniewaznione::{CenyUniewaznione, Uniewaznione};
pub use self::wyjatki::{CenyWyjatki, Wyjatki};

pub(crate) use self::kontrahenta::WierszCenyKontrahenta;
pub(crate) use self::uniewaznione::WierszUniewaznienia;

use super::lista::{Migawka, Wiersze, snapshot_start};
use super::stany::ForeignUnit;
use crate::ceny::{
    CenaDetaliczna, CenaKontrahenta, Ceny, CenyKontrahentow, PozycjaWyceny, ProfilCen, ProfileCen, Wycena,
    WyjatekCeny, ZapytanieWyceny,
};
use crate::page::{SnapshotQuery, WirePage, stream_pages};
use crate::wire::{self, Currency, Quantity};
use crate::{Client, Error, KontrahentId, ProfilCenId, Result, TowarId};

/// Names this list in its continuations.
const LIST: &str = "b2b/ceny-detaliczne";

/// `POST api/B2BCeny/Detaliczne`: a snapshot of retail prices, ordered by the good's id. A good without one has no row.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenyDetaliczne {
    /// Only goods with a larger id; 0 = from the beginning.
    #[builder(default)]
    pub po_id: i32,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
    /// Only these goods; empty = all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub towary_id: Vec<TowarId>,
}

impl Endpoint for CenyDetaliczne {
    const EFFECT: Effect = Effect::Read;
    type Response = Migawka<CenaDetaliczna>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "Detaliczne"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Migawka::decode(body)
    }
}

/// A row of the wire, its units not yet compared.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WierszCeny {
    towar_id: TowarId,
    kod: String,
    zaznaczony: bool,
    definicja_ceny: String,
    netto: Currency,
    brutto: Currency,
    stawka_vat: String,
    jednostka: String,
    za_ilosc: Quantity,
    #[serde(default, with = "wire::instant::option")]
    liczona_od: Option<DateTime<Utc>>,
    #[serde(default, with = "wire::instant::option")]
    wazna_do: Option<DateTime<Utc>>,
}

impl TryFrom<WierszCeny> for CenaDetaliczna {
    type Error = ForeignUnit;

    fn try_from(row: WierszCeny) -> Result<Self, ForeignUnit> {
        if !(row.za_ilosc.symbol.is_empty() || row.za_ilosc.symbol == row.jednostka) {
            return Err(ForeignUnit);
        }
        Ok(Self {
            towar_id: row.towar_id,
            kod: row.kod,
            zaznaczony: Some(row.zaznaczony),
            definicja_ceny: row.definicja_ceny,
            netto: row.netto,
            brutto: row.brutto,
            stawka_vat: row.stawka_vat,
            jednostka: row.jednostka,
            za_ilosc: row.za_ilosc.value,
            liczona_od: row.liczona_od,
            wazna_do: row.wazna_do,
        })
    }
}

/// `POST api/B2BCeny/Wycen`: what a contractor pays, line by line: the check before an order is confirmed. Goes before calls of
/// normal priority, as the order that waits for it does.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenyWycen {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
    pozycje: Vec<Linia>,
    /// Prices of this day; absent = the server's today.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::option")]
    pub dzien: Option<NaiveDate>,
}

/// A line of the wire.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Linia {
    #[serde(skip_serializing_if = "Option::is_none")]
    towar_id: Option<TowarId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kod: Option<String>,
    ilosc: Quantity,
}

impl From<&PozycjaWyceny> for Linia {
    fn from(line: &PozycjaWyceny) -> Self {
        Self {
            towar_id: line.towar.id(),
            kod: line.towar.kod().map(str::to_owned),
            ilosc: line.ilosc.clone(),
        }
    }
}

impl From<&ZapytanieWyceny> for CenyWycen {
    fn from(query: &ZapytanieWyceny) -> Self {
        Self {
            kontrahent_id: query.kontrahent_id,
            pozycje: query.pozycje.iter().map(Linia::from).collect(),
            dzien: query.dzien,
        }
    }
}

impl Endpoint for CenyWycen {
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Wycena>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "Wycen"])
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    /// All lines or an error: a line that cannot be read, is missing or prices another good must not look like a price.
    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        let rows = Wiersze::<Wycena>::decode(body)?.pozycje;
        let priced = rows.into_iter().collect::<Result<Vec<_>, _>>().map_err(|bad| bad.error)?;
        // One good may be on two lines, so the good alone does not tell which line a price is for.
        let same_line = |(lp, (line, answer)): (usize, (&Linia, &Wycena))| {
            answer.lp == Some(lp)
                && line.towar_id.is_none_or(|id| id == answer.towar_id)
                && line.kod.as_ref().is_none_or(|kod| *kod == answer.kod)
        };
        let lines = (1..).zip(self.pozycje.iter().zip(&priced));
        if priced.len() != self.pozycje.len() || !lines.into_iter().all(same_line) {
            return Err(Error::decode_at("the lines of the answer are not those that were asked for"));
        }
        Ok(priced)
    }
}

/// Prices of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bCeny {
    client: Client,
}

impl B2bCeny {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// All pages of retail prices, one after the other; resumable by each page's `next`.
    pub fn detaliczne(
        &self,
        query: SnapshotQuery,
    ) -> impl Stream<Item = Result<WirePage<CenaDetaliczna>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = SnapshotQuery { after, ..query.clone() };
            async move { self.list_detaliczne(&query).await }
        })
    }

    /// All pages of what a contractor pays, one after the other; resumable by each page's `next`.
    pub fn dla_kontrahenta(
        &self,
        kontrahent_id: KontrahentId,
        query: SnapshotQuery,
    ) -> impl Stream<Item = Result<WirePage<CenaKontrahenta>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = SnapshotQuery { after, ..query.clone() };
            async move { self.list_dla_kontrahenta(kontrahent_id, None, &query).await }
        })
    }

    /// All pages of price profiles, one after the other; resumable by each page's `next`.
    pub fn profile(&self, query: SnapshotQuery) -> impl Stream<Item = Result<WirePage<ProfilCen>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = SnapshotQuery { after, ..query.clone() };
            async move { self.list_profile(&query).await }
        })
    }

    /// All pages of a profile's prices, one after the other; resumable by each page's `next`.
    pub fn dla_profilu(
        &self,
        profil: ProfilCenId,
        query: SnapshotQuery,
    ) -> impl Stream<Item = Result<WirePage<CenaKontrahenta>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = SnapshotQuery { after, ..query.clone() };
            async move { self.list_dla_profilu(profil, None, &query).await }
        })
    }

    /// All pages of contractors' exceptions, one after the other; resumable by each page's `next`.
    pub fn wyjatki(&self, query: SnapshotQuery) -> impl Stream<Item = Result<WirePage<WyjatekCeny>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = SnapshotQuery { after, ..query.clone() };
            async move { self.list_wyjatki(None, &query).await }
        })
    }

    /// What the contractor pays for each line, in the order of the lines.
    ///
    /// # Errors
    /// The client's errors; kind `Refused` when a good or the contractor does not exist or may not be sold (to).
    pub async fn wycen(&self, query: &ZapytanieWyceny) -> Result<Vec<Wycena>> {
        self.client.send(&CenyWycen::from(query)).await
    }
}

/// The page of an empty choice of goods, for which nobody need be asked (the wire takes an absent list for all).
fn nothing<T>() -> WirePage<T> {
    WirePage::new(Vec::new(), None).at_end(true)
}

#[async_trait]
impl Ceny for B2bCeny {
    async fn list_detaliczne(&self, query: &SnapshotQuery) -> Result<WirePage<CenaDetaliczna>> {
        let po_id = snapshot_start(LIST, query.after.as_ref())?;
        let request = CenyDetaliczne { po_id, ile: query.limit, towary_id: Vec::new() };
        Ok(self.client.send(&request).await?.into_page(LIST))
    }

    async fn wycen(&self, query: &ZapytanieWyceny) -> Result<Vec<Wycena>> {
        B2bCeny::wycen(self, query).await
    }
}
