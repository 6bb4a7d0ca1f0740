//! What the engine promises.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed test may panic, also in its helpers"
)]

mod act_model;
mod cluster;
mod commands;
mod crash;
mod dispatch;
mod echo;
mod explain;
mod failures;
mod files;
mod flow;
mod hints;
mod invariants;
mod keyset;
#[cfg(unix)]
mod kill;
mod links;
mod migrations;
mod model;
mod operation;
mod outbox;
mod own_transaction;
mod plan;
mod postgres;
mod runner;
mod settled;
mod snapshots;
mod stores;
mod watchdog;
mod world;
