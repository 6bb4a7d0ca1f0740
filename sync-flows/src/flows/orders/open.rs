//! Quantities of orders that the ERP does not have yet.

use rust_decimal::Decimal;
use std::collections::BTreeMap;
use sync_core::{Act, ActFilter, ActKind, Result, Store};

use super::{ORDER_ACT, OrderRequest, order_op_key};

/// So many are in memory at once: after an outage of the ERP many may wait.
const ACTS_PER_READ: usize = 500;

/// What open orders (waiting, held, in doubt) will take from stock once the ERP has them.
#[derive(Debug, Default)]
pub(crate) struct OpenQuantities {
    /// (Kod, warehouse, unit; empty for the base unit) → quantity.
    quantities: BTreeMap<(String, String, String), Decimal>,
}

impl OpenQuantities {
    /// Of the tenant's open orders in the store. An order that an older version froze in a form that is not known is passed over.
    pub(crate) async fn read(store: &dyn Store, tenant: &str) -> Result<Self> {
        let mut open = Self::default();
        let of_tenant = order_op_key(tenant, "");
        let mut filter = ActFilter::open().kinds([ActKind::from(ORDER_ACT)]).limit(ACTS_PER_READ);
        loop {
            let acts = store.acts(&filter).await?;
            for status in &acts {
                if status.act.op_key.as_str().starts_with(of_tenant.as_str()) {
                    open.add(&status.act);
                }
            }
            match acts.last() {
                Some(last) if acts.len() >= ACTS_PER_READ => filter = filter.after(last.number),
                _ => return Ok(open),
            }
        }
    }

    fn add(&mut self, act: &Act) {
        let Ok(OrderRequest { order, .. }) = act.payload.decode() else { return };
        for line in order.pozycje {
            let key = (line.kod.unwrap_or_default(), order.magazyn.clone(), line.ilosc.symbol);
            let sum = self.quantities.entry(key).or_default();
            *sum = sum.saturating_add(line.ilosc.value);
        }
    }

    /// How much of this good, counted in its base unit `jednostka`, they will take from this warehouse. Lines in another
    /// unit cannot be converted here and do not count.
    pub(crate) fn of(&self, kod: &str, magazyn: &str, jednostka: &str) -> Decimal {
        let quantity = |unit: &str| {
            let key = (kod.to_owned(), magazyn.to_owned(), unit.to_owned());
            self.quantities.get(&key).copied().unwrap_or_default()
        };
        if self.quantities.is_empty() {
            return Decimal::ZERO;
        }
        match jednostka {
            "" => quantity(""),
            unit => quantity("").saturating_add(quantity(unit)),
        }
    }
}
