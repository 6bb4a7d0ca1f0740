//! The shop on the simulated enova365.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic, also in its helpers")]

mod catalogue;
mod checkout;
mod orders;
mod program;
mod story;
mod world;
