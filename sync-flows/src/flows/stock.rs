//! Stock, enova365 → ONe (E4, O3) and to a portal of your own (E4).
//!
//! ```text
//! Stany::list_stany ─► StockSource (one record per good and warehouse, or one per good, summed)
//!                   ─► StockMapper (only ticked goods; only mapped warehouses; buffer)
//!                   ─► StockSink   (ONe's stocks, incremental, levels)
//! ```
//!
//! The portal's level is the ERP's *Dostepne* (stock less what is reserved there), less our own orders that are not there yet
//! ([`StockSource::less_open_orders`](crate::enova::StockSource::less_open_orders)), under the [`Buffer`], in whole
//! [steps](StockSettings::steps) of the unit. A good that loses its tick gets one final 0. What the ERP does not tell is
//! not touched: absent is not zero.
//!
//! Rows of stock carry no cechy. Where the tick is one, the source is [ticked](crate::enova::ticked) by the list of goods:
//!
//! ```
//! # use std::sync::Arc;
//! # use sync_flows::{Setup, Tick, enova::{TickBook, ticked}, flows::stock::{self, StockMapper, StockMode, StockSettings}};
//! # fn flow(setup: &Setup, erp: &soneta_webapi::Client, one: one_client::Client) -> sync_core::Result<sync_core::Flow> {
//! let mode = StockMode::per_warehouse([("F", "WRO")]);
//! let mapper = StockMapper::new(StockSettings::builder().mode(mode.clone()).build())?;
//! let goods = Arc::new(erp.b2b().towary().with_cechy(["Sklep"]));
//! let book = TickBook::of_goods(goods, Tick::Cecha("Sklep".into()), Arc::clone(&setup.clock));
//! let source = stock::source(setup, Arc::new(erp.b2b().stany()), mode);
//! stock::source_to_one(setup, ticked(source, Arc::new(book)), one, mapper)
//! # }
//! ```

mod rush;

pub use rush::{RushTime, StockRush};

use one_client::{Client, Sku, WarehouseId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use soneta_webapi::{Area, Stany};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use sync_core::guard::stock::Buffer;
use sync_core::{Class, Error, Flow, Key, Links, Mapped, Mapper, Reason, Sink, Source};

use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::enova::{StockRow, StockSource};
use crate::exact;
use crate::key::{key, two_parts};
use crate::one::StockSink;
use crate::setup::Setup;

/// Stock to ONe.
pub const STOCK: Entry = Entry {
    id: "stock",
    rows: &["E4", "O3"],
    what: "available stock per warehouse or summed, less our own open orders, under a buffer",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Stock,
    ticks: Ticks::every(2 * 60),
    stage: Some(Stage::I),
    needs: &[Area::Stock],
    after: &["orders", "warehouses"],
    guarantee: "the last level counts; what loses its tick gets a final 0, what the ERP does not tell is not touched",
};

/// Stock to a portal of your own.
pub const PORTAL_STOCK: Entry = Entry {
    id: "portal-stock",
    rows: &["E4"],
    what: STOCK.what,
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Stock,
    ticks: Ticks::every(10 * 60),
    stage: None,
    needs: &[Area::Stock],
    after: &["goods", "orders"],
    guarantee: "the last level counts; what loses its tick is withdrawn, what the ERP does not tell is not touched",
};

/// The flow [`STOCK`]. `mode` is also the mapper's.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to_one<M>(
    setup: &Setup,
    stany: Arc<dyn Stany>,
    mode: StockMode,
    one: Client,
    mapper: M,
) -> sync_core::Result<Flow>
where
    M: Mapper<StockRow, Out = StockLevel> + 'static,
{
    source_to_one(setup, source(setup, stany, mode), one, mapper)
}

/// The flow [`PORTAL_STOCK`]. `mode` is also the mapper's.
///
/// # Errors
/// As [`to_one`].
pub fn to<M, K>(
    setup: &Setup,
    stany: Arc<dyn Stany>,
    mode: StockMode,
    mapper: M,
    portal: K,
) -> sync_core::Result<Flow>
where
    M: Mapper<StockRow> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    source_to(setup, source(setup, stany, mode), mapper, portal)
}

/// The stock of the ERP, less the tenant's own orders that are not there yet.
#[must_use]
pub fn source(setup: &Setup, stany: Arc<dyn Stany>, mode: StockMode) -> StockSource {
    StockSource::new(stany, setup.erp.clone(), mode).less_open_orders(Arc::clone(&setup.store), &setup.tenant)
}

/// The flow [`STOCK`] from a source that was made of [`source`].
///
/// # Errors
/// As [`to_one`].
pub fn source_to_one<S, M>(setup: &Setup, source: S, one: Client, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = StockRow> + 'static,
    M: Mapper<StockRow, Out = StockLevel> + 'static,
{
    setup.flow(STOCK.id, source, mapper, StockSink::new(one))
}

/// The flow [`PORTAL_STOCK`] from a source that was made of [`source`].
///
/// # Errors
/// As [`to_one`].
pub fn source_to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = StockRow> + 'static,
    M: Mapper<StockRow> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.flow(PORTAL_STOCK.id, source, mapper, portal)
}

/// Which stock is shown where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum StockMode {
    /// Each warehouse of the ERP is a warehouse of ONe. Rows of other warehouses are left out.
    #[non_exhaustive]
    PerWarehouse {
        /// Symbol in the ERP → id in ONe; two symbols never share an id.
        warehouses: BTreeMap<String, String>,
    },
    /// Several warehouses of the ERP are one in ONe: their levels are added, then buffered once.
    #[non_exhaustive]
    Summed {
        /// Symbols in the ERP; empty: all there are.
        #[serde(default)]
        warehouses: BTreeSet<String>,
        /// Id in ONe.
        to: String,
    },
}

impl StockMode {
    /// Each warehouse for itself: (symbol in the ERP, id in ONe).
    pub fn per_warehouse<A: Into<String>, B: Into<String>>(
        warehouses: impl IntoIterator<Item = (A, B)>,
    ) -> Self {
        Self::PerWarehouse {
            warehouses: warehouses.into_iter().map(|(erp, one)| (erp.into(), one.into())).collect(),
        }
    }

    /// These warehouses of the ERP (none: all) added up in one of ONe.
    pub fn summed<A: Into<String>>(warehouses: impl IntoIterator<Item = A>, to: impl Into<String>) -> Self {
        Self::Summed { warehouses: warehouses.into_iter().map(Into::into).collect(), to: to.into() }
    }

    fn check(&self) -> sync_core::Result<()> {
        if let Self::PerWarehouse { warehouses } = self {
            let targets: BTreeSet<&String> = warehouses.values().collect();
            if warehouses.is_empty() || targets.len() < warehouses.len() {
                return Err(Error::config(
                    "stock per warehouse needs at least one warehouse, and no two may share one of ONe; use the summed mode for that",
                ));
            }
        }
        Ok(())
    }
}

/// Settings of the stock flow.
#[derive(Debug, Clone, PartialEq, bon::Builder)]
#[non_exhaustive]
pub struct StockSettings {
    /// Which stock is shown where.
    pub mode: StockMode,
    /// What is held back.
    #[builder(default)]
    pub buffer: Buffer,
    /// Smallest quantity sold, by unit symbol of the ERP; 1 where nothing is said. Levels are rounded down to it.
    #[builder(default)]
    pub steps: BTreeMap<String, Decimal>,
}

/// A level as ONe gets it. `Debug` shows place and SKU only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StockLevel {
    /// ONe's warehouse.
    pub warehouse: WarehouseId,
    /// The good: the ERP's Kod.
    pub sku: Sku,
    /// What is shown as available, in the ERP's base unit (ONe's content unit).
    #[serde(serialize_with = "exact::serialize")]
    pub quantity: Decimal,
}

impl StockLevel {
    /// This quantity of the good, in its base unit.
    #[must_use]
    pub fn new(warehouse: WarehouseId, sku: Sku, quantity: Decimal) -> Self {
        Self { warehouse, sku, quantity }
    }

    /// The key of a good's level in a warehouse of the portal: `NARTY/WRO`, with `/` and `%` escaped. A source whose levels go to
    /// [`StockSink`] uses these keys: where a level was that is gone, the sink knows from its key.
    #[must_use]
    pub fn key(kod: &str, warehouse: &str) -> Key {
        key([kod, warehouse])
    }

    /// Where the level of this key is.
    pub(crate) fn place(key: &Key) -> Option<(WarehouseId, Sku)> {
        let [kod, warehouse] = two_parts(key)?;
        Some((warehouse.into(), kod.into()))
    }
}

impl fmt::Debug for StockLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StockLevel")
            .field("warehouse", &self.warehouse)
            .field("sku", &self.sku)
            .finish_non_exhaustive()
    }
}

/// From a row of the ERP to ONe's level.
#[derive(Debug, Clone)]
pub struct StockMapper {
    settings: StockSettings,
}

impl StockMapper {
    /// Maps by these settings.
    ///
    /// # Errors
    /// Kind `Config` if two warehouses of the ERP share one of ONe, or none is named, or a step is not above zero.
    pub fn new(settings: StockSettings) -> sync_core::Result<Self> {
        settings.mode.check()?;
        if settings.steps.values().any(|step| *step <= Decimal::ZERO) {
            return Err(Error::config("the smallest quantity of a unit is above zero"));
        }
        Ok(Self { settings })
    }

    fn warehouse(&self, row: &StockRow) -> Option<&String> {
        match (&self.settings.mode, &row.magazyn) {
            (StockMode::PerWarehouse { warehouses }, Some(magazyn)) => warehouses.get(magazyn),
            (StockMode::Summed { to, .. }, None) => Some(to),
            _ => None,
        }
    }
}

impl Mapper<StockRow> for StockMapper {
    type Out = StockLevel;

    fn empties(&self, level: &StockLevel) -> bool {
        level.quantity.is_zero()
    }

    fn map(&self, _key: &Key, row: StockRow, _links: &Links) -> Result<Mapped<StockLevel>, Reason> {
        if !row.zaznaczony {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        let Some(warehouse) = self.warehouse(&row) else {
            return Ok(Mapped::LeaveOut(Reason::new("warehouse-not-mapped")));
        };
        let step = row
            .jednostka
            .as_ref()
            .and_then(|unit| self.settings.steps.get(unit))
            .copied()
            .unwrap_or(Decimal::ONE);
        Ok(Mapped::Send(StockLevel {
            warehouse: WarehouseId::new(warehouse),
            quantity: self.settings.buffer.shown(row.dostepne, step),
            sku: Sku::new(row.kod),
        }))
    }
}
