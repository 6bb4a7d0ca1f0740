use std::marker::PhantomData;

use api_transport::{Effect, Endpoint, Path};
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::envelope::{self, BadRow, Rows};
use crate::page::{Change, ChangesQuery, Continuation, WirePage};
use crate::wire;
use crate::{Client, Error, Result};

/// The field of every list that holds the rows.
pub(super) const ROWS: &str = "Pozycje";

/// A row that the contract lists by its changes.
pub trait WierszListyZmian: DeserializeOwned + Send {
    /// The controller whose `Lista` it is.
    const KONTROLER: &'static str;
    /// Names the list in its continuations.
    const LISTA: &'static str;
}

/// `POST api/{Controller}/Lista`: a page of a change list, ordered by `(DataZmiany, ID)`; see its names
/// [`TowaryLista`](super::TowaryLista), [`KontrahenciLista`](super::KontrahenciLista), [`RozrachunkiLista`](super::RozrachunkiLista),
/// [`FakturyLista`](super::FakturyLista), [`WydaniaLista`](super::WydaniaLista), [`ZamowieniaLista`](super::ZamowieniaLista).
///
/// With `zmienione_po` alone every row changed at that instant or later; with `po_id` too only rows after the pair.
#[derive(Debug, Clone, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ListaZmian<T> {
    /// Inclusive lower bound of the instant of change, exactly as an answer gave it; absent = from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zmienione_po: Option<String>,
    /// Only ids above this one at that very instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub po_id: Option<i32>,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
    /// Only rows changed on this day or later; of documents: issued on this day or later.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::option")]
    pub od_dnia: Option<NaiveDate>,
    /// Names of the cechy to send with each row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub cechy: Vec<String>,
    #[serde(skip)]
    #[builder(skip)]
    wiersz: PhantomData<fn() -> T>,
}

impl<T: WierszListyZmian> Endpoint for ListaZmian<T> {
    const EFFECT: Effect = Effect::Read;
    type Response = Zmiany<T>;

    fn path(&self) -> Path {
        Path::new(["api", T::KONTROLER, "Lista"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Zmiany::decode(body)
    }
}

/// A page of a change list, as the port asks for it.
pub(super) async fn changes<T: WierszListyZmian>(
    client: &Client,
    query: &ChangesQuery,
    od_dnia: Option<NaiveDate>,
    cechy: &[String],
) -> Result<WirePage<Change<T>>> {
    let (zmienione_po, po_id) = changes_start(T::LISTA, query)?;
    let request = ListaZmian::<T> {
        zmienione_po,
        po_id,
        ile: query.limit,
        od_dnia,
        cechy: cechy.to_vec(),
        wiersz: PhantomData,
    };
    Ok(client.send(&request).await?.into_page(T::LISTA, query.after.clone()))
}

/// An answer of a change list: `{CzasSerwera, Pozycje[], Koniec, ZmienionePo, PoId}`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Zmiany<T> {
    /// The rows, ordered by instant of change and id.
    pub pozycje: Rows<Change<T>>,
    /// The server's clock from before the read.
    pub czas_serwera: DateTime<Utc>,
    /// Whether this page is the last one for now.
    pub koniec: bool,
    /// To be sent next, exactly as it came.
    pub zmienione_po: Option<String>,
    /// To be sent next together with `zmienione_po`.
    pub po_id: Option<i32>,
}

/// An answer of a snapshot: `{Pozycje[], Koniec, PoId}`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Migawka<T> {
    /// The rows, ordered by the id of the good or the contractor (profiles by their own).
    pub pozycje: Rows<T>,
    /// Whether this page is the last one.
    pub koniec: bool,
    /// To be sent next.
    pub po_id: i32,
}

/// An answer of a look-up or a dictionary: `{Pozycje[], Koniec}`. Removed rows are left out.
#[derive(Debug)]
#[non_exhaustive]
pub struct Wiersze<T> {
    /// The rows that were found.
    pub pozycje: Rows<T>,
}

impl<T: DeserializeOwned> Zmiany<T> {
    pub(super) fn decode(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            #[serde(with = "wire::instant")]
            czas_serwera: DateTime<Utc>,
            koniec: bool,
            zmienione_po: Option<String>,
            po_id: Option<i32>,
        }
        let (Beside { czas_serwera, koniec, zmienione_po, po_id }, pozycje) =
            envelope::decode_changes(body, ROWS)?;
        Ok(Self { pozycje, czas_serwera, koniec, zmienione_po, po_id })
    }

    /// The page of the port; `asked` is where it was asked from, for an answer that names no place.
    pub(super) fn into_page(self, list: &str, asked: Option<Continuation>) -> WirePage<Change<T>> {
        let next = match (&self.zmienione_po, self.po_id) {
            (Some(instant), Some(id)) => Some(Continuation::new(list, format_args!("{instant} {id}"))),
            (Some(instant), None) => Some(Continuation::new(list, instant)),
            (None, _) => asked,
        };
        WirePage::new(self.pozycje, next).at_end(self.koniec).with_as_of(Some(self.czas_serwera))
    }
}

/// Where a change list starts: what `ZmienionePo` and `PoId` are sent.
pub(super) fn changes_start(list: &str, query: &ChangesQuery) -> Result<(Option<String>, Option<i32>)> {
    let Some(after) = &query.after else {
        let since = query.changed_since.as_ref().map(wire::instant::text);
        let after_id = query.after_id.filter(|_| since.is_some());
        return Ok((since, after_id));
    };
    match after.position(list)?.split_once(' ') {
        None => Ok((Some(after.position(list)?.to_owned()), None)),
        Some((instant, id)) => {
            let id = id.parse().map_err(|_| Error::config(format!("a continuation of {list} is damaged")))?;
            Ok((Some(instant.to_owned()), Some(id)))
        }
    }
}

impl<T: DeserializeOwned> Migawka<T> {
    pub(super) fn decode(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            koniec: bool,
            po_id: i32,
        }
        let (Beside { koniec, po_id }, pozycje) = envelope::decode_rows(body, ROWS)?;
        Ok(Self { pozycje, koniec, po_id })
    }

    /// The page of the port: a snapshot at its end has nothing to go on from.
    pub(super) fn into_page(self, list: &str) -> WirePage<T> {
        let next = (!self.koniec).then(|| Continuation::new(list, self.po_id));
        WirePage::new(self.pozycje, next).at_end(self.koniec)
    }
}

/// Where a snapshot starts: what `PoId` is sent.
pub(super) fn snapshot_start(list: &str, after: Option<&Continuation>) -> Result<i32> {
    after.map_or(Ok(0), |after| after.after_id(list))
}

impl<T: DeserializeOwned> Wiersze<T> {
    pub(super) fn decode(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Beside {
            #[serde(rename = "Koniec", default = "whole")]
            koniec: bool,
        }
        fn whole() -> bool {
            true
        }
        let (Beside { koniec }, pozycje) = envelope::decode_changes(body, ROWS)?;
        if !koniec {
            return Err(Error::decode_at("a look-up was answered in part"));
        }
        let there = |row: Result<Change<T>, BadRow>| row.map(Change::upsert).transpose();
        Ok(Self { pozycje: pozycje.into_iter().filter_map(there).collect() })
    }

    /// A list whose rows are never removed ones: a dictionary.
    pub(super) fn decode_whole(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Beside {}
        let (Beside {}, pozycje) = envelope::decode_rows(body, ROWS)?;
        Ok(Self { pozycje })
    }
}
