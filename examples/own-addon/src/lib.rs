//! An installation whose add-on is neither of the contracts that `soneta-webapi` knows.
//!
//! ```text
//! src/sklep.rs   the add-on's client: one method, and the ports that it can serve  ┐ what an integrator writes:
//! src/wiring.rs  stock to ONe, goods with mapped cechy to the shop                 ┘ under 150 lines of code
//! src/shop.rs    where the goods go: a shop, printed
//! src/addon.rs   the add-on's server side, made up: a few goods as JSON
//! ```
//!
//! `cargo run -p own-addon` shows it on simulated systems.
#![forbid(unsafe_code)]

pub mod addon;
pub mod shop;
pub mod sklep;
pub mod wiring;
