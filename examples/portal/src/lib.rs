//! A shop of one's own on enova365, without ONe: the backend of a B2B portal, on its own SQLite tables.
//!
//! ```text
//! enova365 ─► goods, prices per client, stock, clients, credit, invoices ─► the shop's tables   (flows, by schedule)
//! buyer    ─► basket ─► checkout: prices and stock asked of the ERP now ─► order + act in one commit
//! outbox   ─► one document in enova365, whatever breaks ─► number and outcome ─► the shop's tables
//! webhook  ─► hint ─► the status is looked up at once; polling finds the same, later
//! ```
//!
//! Read in this order: [`Shop`] and its `schema.sql`, `table.rs` (all that the engine wants of a portal), [`catalogue`],
//! `prices.rs`, `stock.rs`, `clients.rs`, then [`basket`], [`Checkout`] and [`orders`], at last [`invoices`], [`Hints`] and
//! [`Portal`], which puts it together. [`story`] plays all of it on the simulated enova365.
#![forbid(unsafe_code)]

pub mod basket;
pub mod catalogue;
mod checkout;
mod clients;
mod hints;
pub mod invoices;
mod jobs;
pub mod orders;
mod prices;
mod shop;
mod stock;
pub mod story;
mod table;

pub use checkout::{Change, Checkout, Confirmed};
pub use hints::Hints;
pub use jobs::{Portal, PortalSettings, SEND_ORDERS};
pub use shop::Shop;
pub use stock::check_warehouse;
