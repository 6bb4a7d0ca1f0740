//! A reference integration: enova365 companies and their ONe tenants kept in step.
//!
//! [`Bridge`] wires the ready flows of `sync-flows` by [`Settings`]; the program `bridge` is a thin shell around it. Use it as it
//! is, or as the first page of your own.
#![forbid(unsafe_code)]

mod bridge;
mod commands;
mod engine;
mod error;
mod exact;
mod faces;
mod first_wired;
mod flows;
mod intake;
mod listeners;
mod named;
mod once;
mod output;
mod progress;
mod reads;
mod refusals;
mod session;
mod settings;
mod shapes;
mod shared_ping;
mod simulate;
mod store;
mod summary;
mod table;
mod tenant;
mod wire;

pub use bridge::Bridge;
pub use commands::main;
pub use engine::{AlertAddresses, Engine, Face, FaceBuilder};
pub use error::{Error, ErrorKind, Result};
pub use faces::{Faces, Meter};
pub use flows::entries;
pub use intake::{Hooks, HooksBuilder, Intake};
pub use listeners::listen;
pub use progress::{Console, Progress, Quiet};
pub use reads::ReadBy;
pub use settings::{
    AlertsSettings, ClientsSettings, EngineSettings, EnovaSettings, FacesSettings, OneSettings,
    QueueSettings, Settings, Span, StoreSettings, TenantSettings, TicksSettings, Verb,
};
pub use simulate::{Simulation, SimulationOptions};
pub use summary::Summary;
pub use tenant::{Tenant, TenantBuilder};

/// README's quick starts, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
