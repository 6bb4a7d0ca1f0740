//! The bridge end to end, against both simulators: as a library and as a program that is killed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test may panic, also in its helpers"
)]

mod clients;
mod commands;
mod company;
mod crash;
mod documents;
mod end_to_end;
mod endless;
mod faces;
mod first_load;
mod hinted;
mod http;
mod intake;
mod pauses;
mod program;
mod queue;
mod redaction;
mod session;
mod settings;
mod tenants;
mod ticks;
mod week;
