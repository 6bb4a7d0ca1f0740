//! The ERP's stock, flattened.

use async_trait::async_trait;
use rust_decimal::Decimal;
use soneta_webapi::{Continuation, StanTowaru, Stany, StanyQuery};
use std::fmt;
use std::sync::Arc;
use sync_core::{Item, Key, Page, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::StockMode;
use crate::client_error::engine_error;
use crate::erp::Erp;
use crate::key::key;
use crate::snapshot::{after, snapshot_page};

/// Stock of one good in one warehouse, or in all of them together.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockRow {
    /// The good's Kod.
    pub kod: String,
    /// Whether it carries the portal's tick; a contract that does not tell it sends everything.
    pub zaznaczony: bool,
    /// Symbol of the base unit.
    pub jednostka: Option<String>,
    /// The warehouse's symbol; none when summed.
    pub magazyn: Option<String>,
    /// What may be sold, in the base unit.
    pub dostepne: Decimal,
}

impl fmt::Debug for StockRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StockRow").field("magazyn", &self.magazyn).finish_non_exhaustive()
    }
}

/// A snapshot of the ERP's stock: one record per good and warehouse, or one per good.
///
/// All rows of a good come in one page, so they are committed together. A good that is in none of the warehouses gives
/// no record: absent is not zero. The key is the Kod (and the warehouse's symbol), since that is what ONe knows.
#[derive(Debug, Clone)]
pub struct StockSource {
    stany: Arc<dyn Stany>,
    erp: Erp,
    mode: StockMode,
}

impl StockSource {
    /// The stock of the ERP behind the port.
    #[must_use]
    pub fn new(stany: Arc<dyn Stany>, erp: Erp, mode: StockMode) -> Self {
        Self { stany, erp, mode }
    }

    /// The records that the good's row makes.
    fn keys_of(&self, kod: &str) -> Vec<Key> {
        match &self.mode {
            StockMode::PerWarehouse { warehouses } => {
                warehouses.keys().map(|magazyn| key([kod, magazyn])).collect()
            }
            StockMode::Summed { .. } => vec![key([kod])],
        }
    }

    fn flatten(&self, stan: StanTowaru, items: &mut Vec<Item<StockRow>>) {
        let zaznaczony = stan.zaznaczony.unwrap_or(true);
        match &self.mode {
            StockMode::PerWarehouse { .. } => items.extend(stan.magazyny.into_iter().map(|magazyn| {
                let row = StockRow {
                    kod: stan.kod.clone(),
                    zaznaczony,
                    jednostka: stan.jednostka.clone(),
                    dostepne: magazyn.dostepne,
                    magazyn: Some(magazyn.magazyn),
                };
                Item::upsert(key([&row.kod, row.magazyn.as_deref().unwrap_or_default()]), row)
            })),
            StockMode::Summed { warehouses, .. } => {
                let mut counted = stan
                    .magazyny
                    .iter()
                    .filter(|magazyn| warehouses.is_empty() || warehouses.contains(&magazyn.magazyn))
                    .peekable();
                if counted.peek().is_some() {
                    let dostepne = counted.map(|magazyn| magazyn.dostepne).sum();
                    let row = StockRow {
                        kod: stan.kod,
                        zaznaczony,
                        jednostka: stan.jednostka,
                        magazyn: None,
                        dostepne,
                    };
                    items.push(Item::upsert(key([&row.kod]), row));
                }
            }
        }
    }
}

#[async_trait]
impl Source for StockSource {
    type Record = StockRow;
    type Cursor = Continuation;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.erp.identity("stany").filter(self.mode.filter()))
    }

    async fn read(
        &self,
        from: ReadFrom<&Continuation>,
        limit: usize,
    ) -> Result<Page<StockRow, Continuation>> {
        let query = StanyQuery::builder()
            .maybe_after(after(from))
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .stany
            .list_stany(&query)
            .await
            .map_err(|error| engine_error("the stock was not read", error))?;
        snapshot_page(page, |kod| self.keys_of(kod), |stan, items| self.flatten(stan, items))
    }
}
