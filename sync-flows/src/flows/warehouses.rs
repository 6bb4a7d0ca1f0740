//! Warehouses, enova365 → ONe (O2).
//!
//! ```text
//! Slowniki::list_magazyny ─► SlownikSource ─► WarehouseMapper (only warehouses of the settings)
//!   the client's verb is PUT  ─► WarehouseSink (state: the last description counts)
//!   the client's verb is POST ─► WarehouseActMapper ─► outbox ─► WarehouseSubmitter (each at most once)
//! ```
//!
//! Which verb ONe wants is not documented, nor what a second POST does, so the client's setting decides how warehouses travel; no call
//! that reads one is known, so after an unclear answer to a POST a person looks. ONe knows no removal of a warehouse either: one that
//! leaves the settings is reported, and by PUT also one that is gone from the ERP.

mod act;
mod settings;

use act::WarehouseActMapper;
pub use act::{WAREHOUSE_ACT, warehouse_op_key};
pub use settings::{OneWarehouse, WarehousePlace, WarehouseSettings};

use one_client::{Client, Effect};
use soneta_webapi::{Area, Magazyn};
use sync_core::{Class, Key, Links, Mapped, Mapper, Reason, Result as EngineResult, Source};

use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::one::{WarehouseSink, WarehouseSubmitter};
use crate::setup::{Jobs, Setup};

/// Warehouses to ONe.
pub const WAREHOUSES: Entry = Entry {
    id: "warehouses",
    rows: &["O2"],
    what: "the warehouses of the settings, with their names",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(4, 0),
    stage: Some(Stage::I),
    needs: &[Area::Dictionaries],
    after: &[],
    guarantee: "imported once and sent again only when something changed; where the verb is POST each is sent at most once, and a later change is reported",
};

/// The flow [`WAREHOUSES`] from a [`SlownikSource`](crate::enova::SlownikSource) of warehouses, the way that the client's verb asks for.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to_one<S, M>(setup: &Setup, source: S, mapper: M, one: Client) -> EngineResult<Jobs>
where
    S: Source<Record = Magazyn> + 'static,
    M: Mapper<Magazyn, Out = OneWarehouse> + 'static,
{
    if one.warehouses().effect() == Effect::Idempotent {
        let flow = setup.flow(WAREHOUSES.id, source, mapper, WarehouseSink::new(one))?;
        return Ok(Jobs { flow, dispatcher: None });
    }
    let mapper = WarehouseActMapper::new(mapper, &setup.tenant);
    let flow = setup.flow_to_outbox(WAREHOUSES.id, source, mapper)?;
    let dispatcher = setup.dispatcher(WAREHOUSES.id, [WAREHOUSE_ACT.into()], WarehouseSubmitter::new(one))?;
    Ok(Jobs { flow, dispatcher: Some(dispatcher) })
}

/// From a warehouse of the ERP to ONe's, by its symbol in the settings. Others are left out.
#[derive(Debug, Clone)]
pub struct WarehouseMapper {
    settings: WarehouseSettings,
}

impl WarehouseMapper {
    /// Maps by these settings.
    ///
    /// # Errors
    /// Kind `Config`: see [`WarehouseSettings`].
    pub fn new(settings: WarehouseSettings) -> EngineResult<Self> {
        settings.check()?;
        Ok(Self { settings })
    }
}

impl Mapper<Magazyn> for WarehouseMapper {
    type Out = OneWarehouse;

    fn map(&self, _key: &Key, magazyn: Magazyn, _links: &Links) -> Result<Mapped<OneWarehouse>, Reason> {
        let Some(mut warehouse) = self.settings.warehouses.get(&magazyn.symbol).cloned() else {
            return Ok(Mapped::LeaveOut(Reason::new("warehouse-not-mapped")));
        };
        warehouse.name = warehouse.name.or(magazyn.nazwa);
        Ok(Mapped::Send(warehouse))
    }
}
