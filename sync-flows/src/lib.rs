//! Ready flows between enova365 (Soneta WebAPI), the ONe platform and a portal of your own, on the engine of `sync-core`.
//!
//! - [`catalog`] lists the flows, with the requirement row, the direction, the schedule and how sure the wire is.
//! - [`flows`] has one file per group of rows: mapper, settings and the flow itself.
//! - [`enova`] and [`one`] are the connectors: sources, sinks and submitters over the two clients.
//! - [`rows`] says what is sent where, row by row, and how sure the wire is.
//! - [`alert`] tells people what the engine's [watchdog](sync_core::watchdog) finds.
//!
//! A flow takes ports, not a contract: an installation with an add-on of its own implements the ports it has and uses
//! the same flows.
#![forbid(unsafe_code)]

mod adjust;
pub mod alert;
pub mod catalog;
pub mod cechy;
mod client_error;
pub mod enova;
mod exact;
pub mod flows;
mod key;
mod net_price;
pub mod one;
pub mod rows;
mod setup;
mod tick;

pub use adjust::{Adjusted, adjust};
pub use enova::Erp;
pub use setup::{Jobs, Setup};
pub use tick::Tick;
