//! The client against recorded answers and against its simulator.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like tests"
)]

mod account;
mod authserver;
mod bulk;
mod catalog;
mod client;
mod control;
mod endpoints;
mod feed;
mod goods_notes;
mod hostile;
mod invoices;
mod orderpath;
mod orders;
mod payloads;
mod pricehelper;
mod pricing;
mod readme;
mod rma;
mod simulator;
mod stock;
mod suites;
mod uploads;
mod wire;

use api_transport::RetryPolicy;
use one_client::simulator::Simulator;
use one_client::{Client, ClientBuilder, Decimal, SecretString, TransportBuilder, Url};
use std::time::Duration;
use wiremock::MockServer;

/// Repeats within milliseconds.
fn hurried(transport: TransportBuilder) -> TransportBuilder {
    transport
        .retry(RetryPolicy::new().base(Duration::from_millis(1)).cap(Duration::from_millis(2)))
        .attempt_timeout(Duration::from_secs(10))
}

async fn mock() -> MockServer {
    MockServer::builder().start().await
}

fn client_of(server: &MockServer) -> ClientBuilder {
    let url = Url::parse(&server.uri()).unwrap();
    Client::builder(url, "my-tenant", SecretString::from("secret-key")).transport(hurried)
}

async fn simulated() -> (Simulator, Client) {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = simulator.client_builder().transport(hurried).build().unwrap();
    (simulator, client)
}

fn decimal(digits: &str) -> Decimal {
    Decimal::from_str_exact(digits).unwrap()
}
