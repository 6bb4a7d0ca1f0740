use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use futures::Stream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::lista::{Migawka, snapshot_start};
use crate::page::{WirePage, stream_pages};
use crate::stany::{StanMagazynu, StanTowaru, Stany, StanyQuery};
use crate::wire::{self, Quantity};
use crate::{Client, MagazynId, Result, TowarId};

/// Names this list in its continuations.
const LIST: &str = "b2b/stany";

/// `POST api/B2BStany/Lista`: a snapshot of stock, one row per good, ordered by the good's id. Services have no row.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StanyLista {
    /// Only goods with a larger id; 0 = from the beginning.
    #[builder(default)]
    pub po_id: i32,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
    /// Only these warehouses, by symbol; an unknown one is refused with `NieZnaleziono`. Empty = all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub magazyny: Vec<String>,
    /// Only these goods; empty = all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub towary_id: Vec<TowarId>,
}

impl Endpoint for StanyLista {
    const EFFECT: Effect = Effect::Read;
    type Response = Migawka<StanTowaru>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BStany", "Lista"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Migawka::decode(body)
    }
}

/// A row of the wire, its units not yet compared.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WierszStanu {
    towar_id: TowarId,
    kod: String,
    zaznaczony: bool,
    jednostka: Option<String>,
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    magazyny: Vec<WierszMagazynu>,
    #[serde(default, with = "wire::instant::option")]
    liczona_od: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WierszMagazynu {
    magazyn_id: MagazynId,
    magazyn: String,
    stan: Quantity,
    zarezerwowane: Quantity,
    dostepne: Quantity,
    zamowione: Option<Quantity>,
    #[serde(default, with = "wire::date::option")]
    najblizsza_dostawa: Option<NaiveDate>,
}

/// A quantity is in another unit than the good's base unit.
#[derive(Debug, thiserror::Error)]
#[error("a quantity is not in the base unit")]
pub(crate) struct ForeignUnit;

impl TryFrom<WierszStanu> for StanTowaru {
    type Error = ForeignUnit;

    fn try_from(row: WierszStanu) -> Result<Self, ForeignUnit> {
        let base = row.jednostka.as_deref();
        let in_base = |quantity: Quantity| -> Result<Decimal, ForeignUnit> {
            let fits = quantity.symbol.is_empty() || base.is_none_or(|base| base == quantity.symbol);
            if fits { Ok(quantity.value) } else { Err(ForeignUnit) }
        };
        let magazyny = row.magazyny.into_iter().map(|m| {
            Ok(StanMagazynu {
                magazyn_id: m.magazyn_id,
                magazyn: m.magazyn,
                stan: in_base(m.stan)?,
                zarezerwowane: in_base(m.zarezerwowane)?,
                dostepne: in_base(m.dostepne)?,
                zamowione: m.zamowione.map(in_base).transpose()?,
                najblizsza_dostawa: m.najblizsza_dostawa,
            })
        });
        Ok(Self {
            magazyny: magazyny.collect::<Result<_, ForeignUnit>>()?,
            towar_id: row.towar_id,
            kod: row.kod,
            zaznaczony: Some(row.zaznaczony),
            jednostka: row.jednostka,
            liczona_od: row.liczona_od,
        })
    }
}

/// Stock of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bStany {
    client: Client,
}

impl B2bStany {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// All pages of the snapshot, one after the other; resumable by each page's `next`.
    pub fn list(&self, query: StanyQuery) -> impl Stream<Item = Result<WirePage<StanTowaru>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = StanyQuery { after, ..query.clone() };
            async move { self.list_stany(&query).await }
        })
    }
}

#[async_trait]
impl Stany for B2bStany {
    async fn list_stany(&self, query: &StanyQuery) -> Result<WirePage<StanTowaru>> {
        let request = StanyLista {
            po_id: snapshot_start(LIST, query.after.as_ref())?,
            ile: query.limit,
            magazyny: query.magazyny.clone(),
            towary_id: query.towary.clone(),
        };
        Ok(self.client.send(&request).await?.into_page(LIST))
    }
}
