//! Warehouses that may be sent once only.

use std::fmt::Debug;

use soneta_webapi::Magazyn;
use sync_core::{Key, LinkRef, Links, Mapped, Mapper, NewAct, OpKey, Reason};

use super::OneWarehouse;

/// Kind of the acts that create warehouses.
pub const WAREHOUSE_ACT: &str = "warehouse";

/// The name of the act that creates a warehouse of ONe: for ever the same, so that it happens once.
#[must_use]
pub fn warehouse_op_key(tenant: &str, id: &str) -> OpKey {
    OpKey::from(format!("warehouse:{tenant}:{id}"))
}

/// Makes an act of each warehouse that the mapper inside sends. A local one waits for the central one above it.
#[derive(Debug, Clone)]
pub(super) struct WarehouseActMapper<M> {
    inner: M,
    tenant: String,
}

impl<M> WarehouseActMapper<M> {
    pub(super) fn new(inner: M, tenant: impl Into<String>) -> Self {
        Self { inner, tenant: tenant.into() }
    }

    fn act(&self, warehouse: &OneWarehouse) -> sync_core::Result<NewAct> {
        let name = warehouse_op_key(&self.tenant, warehouse.id.as_str());
        let order_key = name.as_str().to_owned();
        let act = NewAct::new(name, order_key, WAREHOUSE_ACT, warehouse, warehouse)?;
        Ok(match &warehouse.parent {
            Some(parent) => act.after(warehouse_op_key(&self.tenant, parent.as_str())),
            None => act,
        })
    }
}

impl<M: Mapper<Magazyn, Out = OneWarehouse>> Mapper<Magazyn> for WarehouseActMapper<M> {
    type Out = NewAct;

    fn version(&self) -> u32 {
        self.inner.version()
    }

    fn links_needed(&self, magazyn: &Magazyn) -> Vec<LinkRef> {
        self.inner.links_needed(magazyn)
    }

    fn map(&self, key: &Key, magazyn: Magazyn, links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let mapped = self.inner.map(key, magazyn, links)?;
        mapped.try_map(|warehouse| self.act(&warehouse).map_err(Reason::from))
    }
}
