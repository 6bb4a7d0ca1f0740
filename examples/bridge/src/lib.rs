//! A reference integration: one enova365 company and one ONe tenant kept in step.
//!
//! [`Bridge`] wires the ready flows of `sync-flows`; the program `bridge` is a thin shell around it. Use it as it is, or
//! as the first page of your own.
#![forbid(unsafe_code)]

mod bridge;
mod error;
mod progress;
mod settings;
mod simulate;
mod table;

pub use bridge::{Bridge, BridgeBuilder, Summary};
pub use error::{Error, Result};
pub use progress::{Console, Progress, Quiet};
pub use settings::{
    EngineSection, EnovaSettings, Exact, OneSettings, OrdersSection, RetailPricesSection, Settings,
    StockSection, SummedSection,
};
pub use simulate::{Simulation, SimulationOptions};

/// README's quick starts, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
