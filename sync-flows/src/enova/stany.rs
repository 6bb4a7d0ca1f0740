//! The ERP's stock, flattened.

use async_trait::async_trait;
use rust_decimal::Decimal;
use soneta_webapi::{Continuation, StanTowaru, Stany, StanyQuery, TowarId};
use std::fmt;
use std::sync::Arc;
use sync_core::{Item, Key, Page, ReadFrom, Result, Source, SourceInfo, SourceKind, Store};

use super::Erp;
use super::snapshot::snapshot_page;
use crate::client_error::engine_error;
use crate::flows::orders::OpenQuantities;
use crate::flows::stock::{StockLevel, StockMode};

/// Stock of one good in one warehouse, or in all of them together.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockRow {
    /// The good.
    pub towar_id: TowarId,
    /// Its Kod.
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
        f.debug_struct("StockRow")
            .field("towar_id", &self.towar_id)
            .field("magazyn", &self.magazyn)
            .finish_non_exhaustive()
    }
}

/// A snapshot of the ERP's stock: one record per good and warehouse, or one per good.
///
/// All rows of a good come in one page, so they are committed together. A good that is in none of the warehouses gives
/// no record: absent is not zero. The key is [where the level is shown](StockLevel::key), so another warehouse of the ERP behind
/// one of the portal is a change of the same record. Rows of warehouses that are shown nowhere are left out.
#[derive(Debug, Clone)]
pub struct StockSource {
    stany: Arc<dyn Stany>,
    erp: Erp,
    mode: StockMode,
    orders: Option<(Arc<dyn Store>, String)>,
}

impl StockSource {
    /// The stock of the ERP behind the port.
    #[must_use]
    pub fn new(stany: Arc<dyn Stany>, erp: Erp, mode: StockMode) -> Self {
        Self { stany, erp, mode, orders: None }
    }

    /// Takes off what the tenant's orders in this store's outbox will need that the ERP does not have yet: waiting, held, in doubt.
    /// One in doubt may be there already and is then counted twice for a while: too little is shown rather than too much.
    /// A line counts where its unit is the good's base unit.
    #[must_use]
    pub fn less_open_orders(mut self, store: Arc<dyn Store>, tenant: impl Into<String>) -> Self {
        self.orders = Some((store, tenant.into()));
        self
    }

    /// The records that the good's row makes.
    fn keys_of(&self, kod: &str) -> Vec<Key> {
        match &self.mode {
            StockMode::PerWarehouse { warehouses } => {
                warehouses.values().map(|to| StockLevel::key(kod, to)).collect()
            }
            StockMode::Summed { to, .. } => vec![StockLevel::key(kod, to)],
        }
    }

    fn flatten(&self, stan: StanTowaru, open: &OpenQuantities, items: &mut Vec<Item<StockRow>>) {
        let zaznaczony = stan.zaznaczony.unwrap_or(true);
        let unit = stan.jednostka.as_deref().unwrap_or_default();
        let levels = stan.magazyny.iter().map(|magazyn| {
            let ordered = open.of(&stan.kod, &magazyn.magazyn, unit);
            (&magazyn.magazyn, magazyn.dostepne.saturating_sub(ordered))
        });
        let row = |magazyn: Option<&String>, dostepne| StockRow {
            towar_id: stan.towar_id,
            kod: stan.kod.clone(),
            zaznaczony,
            jednostka: stan.jednostka.clone(),
            magazyn: magazyn.cloned(),
            dostepne,
        };
        match &self.mode {
            StockMode::PerWarehouse { warehouses } => {
                items.extend(levels.filter_map(|(magazyn, dostepne)| {
                    let key = StockLevel::key(&stan.kod, warehouses.get(magazyn)?);
                    Some(Item::upsert(key, row(Some(magazyn), dostepne)))
                }));
            }
            StockMode::Summed { warehouses, to } => {
                let counted =
                    levels.filter(|(magazyn, _)| warehouses.is_empty() || warehouses.contains(*magazyn));
                let sum = counted.map(|(_, dostepne)| dostepne).reduce(Decimal::saturating_add);
                items.extend(sum.map(|sum| Item::upsert(StockLevel::key(&stan.kod, to), row(None, sum))));
            }
        }
    }
}

#[async_trait]
impl Source for StockSource {
    type Record = StockRow;
    type Cursor = Continuation;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.erp.identity("stany"))
    }

    async fn read(
        &self,
        from: ReadFrom<&Continuation>,
        limit: usize,
    ) -> Result<Page<StockRow, Continuation>> {
        // read before the stock: an order that is carried out in between is counted twice, not missed
        let open = match &self.orders {
            Some((store, tenant)) => OpenQuantities::read(&**store, tenant).await?,
            None => OpenQuantities::default(),
        };
        let query = StanyQuery::builder()
            .maybe_after(from.cursor().cloned())
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .stany
            .list_stany(&query)
            .await
            .map_err(|error| engine_error("the stock was not read", error))?;
        snapshot_page(
            page,
            from.cursor(),
            |kod| self.keys_of(kod),
            |stan, items| self.flatten(stan, &open, items),
        )
    }
}
