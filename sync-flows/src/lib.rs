//! Ready flows between enova365 (Soneta WebAPI) and the ONe platform, on the engine of `sync-core`.
//!
//! | flow | from | to | module |
//! |---|---|---|---|
//! | stock | [`Stany`](soneta_webapi::Stany) of the installation | ONe's stocks, incremental | [`stock`] |
//! | retail prices | [`Ceny`](soneta_webapi::Ceny) of the installation | ONe's retail prices | [`retail_prices`] |
//! | orders | ONe's order feed and shipments | the outbox, then [`Zamowienia`](soneta_webapi::Zamowienia) | [`orders`] |
//!
//! [`alert`] tells people what the engine's [watchdog](sync_core::watchdog) finds.
//!
//! A flow takes ports, not a contract: an installation with an add-on of its own implements the ports it has and uses
//! the same flows.
#![forbid(unsafe_code)]

pub mod alert;
mod bulk;
mod client_error;
mod erp;
mod exact;
mod key;
pub mod orders;
pub mod retail_prices;
mod snapshot;
pub mod stock;

pub use erp::Erp;
