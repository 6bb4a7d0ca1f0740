//! Tests over HTTP: of the client against a scripted server, of the client against the simulator, and of the simulator itself.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test may panic, also in its helpers"
)]

mod altone;
mod altone_documents;
mod altone_openapi;
mod altone_relations;
mod contractor_prices;
mod contracts;
mod controller;
mod dokumenty;
mod endpoints;
mod envelope;
mod erp;
mod failures;
mod installation;
mod kontrahenci;
mod lifecycle;
mod method_invoker;
mod order_edits;
mod orders;
mod preflight;
mod session;
mod sessions;
mod settlements;
mod simulator;
mod statusy;
mod wire_samples;
