//! The flows against fake ports of the ERP and the simulated ONe.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed test may panic, also in its helpers"
)]

mod alert;
mod client_prices;
mod clients;
mod credit;
mod demo;
mod documents;
mod erp;
mod goods;
mod invoice_acts;
mod matrix;
mod mergers;
mod order_changes;
mod order_clients;
mod order_policies;
mod order_submitter;
mod ordering;
mod orders;
mod own_shop;
mod paid_invoices;
mod papers;
mod price_world;
mod queue;
mod retail_prices;
mod rows;
mod stock;
mod ticked;
mod world;

use one_client::simulator::Simulator;
use sync_core::{FlowName, Job, JobEnd, Report, RunContext, run_until_done};

/// A simulated ONe and a client of it.
async fn one() -> (Simulator, one_client::Client) {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = simulator.client_builder().build().unwrap();
    (simulator, client)
}

fn name(flow: &str) -> FlowName {
    FlowName::new(format!("demo/{flow}")).unwrap()
}

/// Runs a job to its end and expects it to get there.
async fn run(job: &dyn Job) -> Report {
    let report = run_until_done(job, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Done), "{report:?}");
    report
}
