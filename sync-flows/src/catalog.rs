//! Which flows there are: row, direction, schedule, what works before it, guarantee, and how sure the wire is.
//!
//! ```
//! for entry in sync_flows::catalog::entries() {
//!     println!("{:20} {:10} {} → {}  {}", entry.id, entry.rows.join(" "), entry.from, entry.to, entry.ticks);
//! }
//! ```

mod ticks;

pub use ticks::Ticks;

use one_client::evidence::EndpointInfo;
use soneta_webapi::Area;
use std::fmt;
use sync_core::Class;

use crate::flows::{
    client_prices, clients, credit, delivery_notes, goods, invoices, offline_orders, order_status, orders,
    price_groups, retail_prices, stock, warehouses,
};

/// Every flow.
#[must_use]
pub fn entries() -> Vec<&'static Entry> {
    vec![
        &client_prices::CLIENT_PRICES,
        &client_prices::CONTRACTOR_PRICES,
        &client_prices::PRICE_LISTS,
        &client_prices::PRICE_LIST_ASSIGNMENTS,
        &clients::CLIENTS,
        &clients::CLIENTS_TO_ENOVA,
        &clients::CONTRACTORS,
        &clients::NEW_CLIENTS,
        &clients::SEGMENTS,
        &credit::CLIENT_BLOCKADES,
        &credit::CREDIT_LIMITS,
        &credit::PAYMENT_METHODS,
        &credit::PAYMENT_TERMS,
        &credit::SETTLEMENTS,
        &credit::TRADE_CREDITS,
        &delivery_notes::DELIVERY_NOTES,
        &delivery_notes::DELIVERY_NOTE_PDFS,
        &delivery_notes::PORTAL_DELIVERY_NOTES,
        &goods::GOODS,
        &goods::GOOD_CODES,
        &invoices::INVOICES,
        &invoices::INVOICE_PDFS,
        &invoices::INVOICE_STATUS,
        &invoices::PORTAL_INVOICES,
        &offline_orders::OFFLINE_ORDERS,
        &order_status::REFUSED,
        &order_status::REFUSED_TO_PORTAL,
        &order_status::STATUS,
        &order_status::STATUS_TO_PORTAL,
        &orders::ORDERS,
        &orders::ORDER_OUTCOMES,
        &price_groups::PRICE_GROUPS,
        &retail_prices::RETAIL_PRICES,
        &stock::PORTAL_STOCK,
        &stock::STOCK,
        &warehouses::WAREHOUSES,
    ]
}

/// The flow of this id.
#[must_use]
pub fn entry(id: &str) -> Option<&'static Entry> {
    entries().into_iter().find(|entry| entry.id == id)
}

/// What a flow is.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "constants of the flows, and of those who list their own beside them"
)]
pub struct Entry {
    /// Its id in names, settings and metrics.
    pub id: &'static str,
    /// The requirement rows it serves: `E4`, `O3`.
    pub rows: &'static [&'static str],
    /// What it carries.
    pub what: &'static str,
    /// Where it reads.
    pub from: System,
    /// Where it writes.
    pub to: System,
    /// Whether what it carries may be sent again.
    pub lane: Lane,
    /// Whose places it takes in a [`Runner`](sync_core::Runner).
    pub class: Class,
    /// When it runs unless told otherwise, by Polish time.
    pub ticks: Ticks,
    /// In which of ONe's stages it is switched on; none of flows that do not touch ONe.
    pub stage: Option<Stage>,
    /// Which areas of the installation it needs.
    pub needs: &'static [Area],
    /// The ids of the flows that work before it where several work in one round: they make what its records name (the client of a
    /// credit limit, the invoice of a PDF), or change what it reads (orders reserve stock). A record that comes before what it names
    /// is not lost, but waits for a later run.
    pub after: &'static [&'static str],
    /// What holds, and what becomes of what is gone.
    pub guarantee: &'static str,
}

impl Entry {
    /// The endpoints of ONe that its rows use, each with how far it is known.
    #[must_use]
    pub fn evidence(&self) -> Vec<EndpointInfo> {
        let mut endpoints = one_client::evidence::endpoints();
        endpoints.retain(|endpoint| endpoint.evidence.rows.iter().any(|row| self.rows.contains(row)));
        endpoints
    }
}

/// One end of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum System {
    /// enova365.
    Enova,
    /// The ONe platform.
    One,
    /// A portal of the integrator's own.
    Portal,
    /// The people who run the integration: nothing is written, somebody is told.
    People,
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enova => "enova365",
            Self::One => "ONe",
            Self::Portal => "portal",
            Self::People => "people",
        })
    }
}

/// Whether something may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lane {
    /// It may: the last state counts.
    State,
    /// It may not: it goes through the outbox, and an unclear answer is looked up.
    Acts,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "state",
            Self::Acts => "acts",
        })
    }
}

/// ONe's stages, switched on one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Stage {
    /// Warehouses, stocks, clients, credit.
    I,
    /// Prices.
    II,
    /// Documents and orders.
    III,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, entries, entry};

    /// Whether it comes to its end within so many flows.
    fn ends(flow: &Entry, within: usize) -> bool {
        let before = flow.after.iter().filter_map(|id| entry(id));
        within > 0 && before.into_iter().all(|before| ends(before, within - 1))
    }

    #[test]
    fn what_works_before_a_flow_is_in_the_catalogue_and_never_the_flow_itself() {
        let entries = entries();
        for flow in &entries {
            assert!(flow.after.iter().all(|id| entry(id).is_some()), "{}: {:?}", flow.id, flow.after);
            assert!(ends(flow, entries.len()), "{}", flow.id);
        }
    }
}
