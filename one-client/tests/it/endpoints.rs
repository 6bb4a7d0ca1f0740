//! What holds for every endpoint of the crate: one value of each meets the suites that all clients share.

use crate::{
    account, authserver, catalog, goods_notes, invoices, orderpath, orders, pricehelper, pricing, rma, stock,
};
use api_transport::testing::Suite;
use one_client::evidence::{self, Evidenced};
use one_client::{Client, Effect, SecretString, header_credentials};
use std::collections::BTreeSet;
use std::sync::Mutex;

pub(crate) const KEY: &str = "CANARY0KEY0c0ffee:0badcafe";
pub(crate) const TENANT: &str = "CANARY0TENANT";
/// Stands wherever a request or an answer has a text of somebody.
pub(crate) const CONTENT: &str = "CANARY0CONTENT/ż:1";
const CANARIES: [&str; 4] = [KEY, TENANT, CONTENT, "CANARY0"];

/// Something that every endpoint has to stand. Each service calls it once per endpoint with a value whose texts are
/// [`CONTENT`] and with a short answer that can be read and has [`CONTENT`] in it, if it is read at all.
pub(crate) trait Check {
    async fn endpoint<E: Evidenced>(&self, endpoint: &E, answer: &str);
}

async fn every_endpoint(check: &impl Check) {
    account::endpoints(check).await;
    authserver::endpoints(check).await;
    stock::endpoints(check).await;
    pricing::endpoints(check).await;
    pricehelper::endpoints(check).await;
    orders::endpoints(check).await;
    orderpath::endpoints(check).await;
    invoices::endpoints(check).await;
    goods_notes::endpoints(check).await;
    catalog::endpoints(check).await;
    rma::endpoints(check).await;
}

fn suite() -> Suite {
    Suite::new(|transport| transport.credentials(header_credentials(TENANT, SecretString::from(KEY))))
}

/// `account/…/segments/{segmentId}` as a path shows itself.
fn shown(path: &str) -> String {
    let mut shown = String::from("/api/v1/");
    let mut is_id = false;
    for part in path.replace('…', "integrations/auth-required").chars() {
        match part {
            '{' => is_id = true,
            '}' => {
                is_id = false;
                shown.push_str("{}");
            }
            other if !is_id => shown.push(other),
            _ => {}
        }
    }
    shown
}

#[derive(Default)]
struct Paths(Mutex<BTreeSet<String>>);

impl Check for Paths {
    async fn endpoint<E: Evidenced>(&self, endpoint: &E, answer: &str) {
        assert_eq!(endpoint.path().to_string(), shown(E::PATH));
        assert!(endpoint.decode(answer.as_bytes()).is_ok(), "{}: the answer cannot be read", E::PATH);
        let is_read = E::EVIDENCE.answer.is_some();
        let garbage = endpoint.decode(b"<html>").is_err();
        assert_eq!(garbage, is_read, "{} {}: whether the answer is read", E::METHOD, E::PATH);
        self.0.lock().unwrap().insert(format!("{} {}", E::METHOD, E::PATH));
    }
}

#[tokio::test]
async fn every_endpoint_is_listed_and_tried_and_has_the_path_that_its_evidence_is_about() {
    let paths = Paths::default();
    every_endpoint(&paths).await;
    let listed: Vec<_> = evidence::endpoints();
    let names: BTreeSet<_> =
        listed.iter().map(|endpoint| format!("{} {}", endpoint.method, endpoint.path)).collect();
    assert_eq!(*paths.0.lock().unwrap(), names);
    assert_eq!(names.len(), listed.len(), "two endpoints with one path and method");
}

#[test]
fn every_endpoint_of_the_source_is_in_the_list() {
    let listed: BTreeSet<_> = evidence::endpoints()
        .iter()
        .map(|endpoint| endpoint.name.rsplit("::").next().unwrap().to_owned())
        .collect();
    let mut written = BTreeSet::new();
    let mut open = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(path) = open.pop() {
        if ["simulator", "bulk.rs", "tests.rs"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let text = std::fs::read_to_string(path).unwrap();
            let names =
                text.lines().filter_map(|line| line.split_once(" Endpoint for ")).map(|(_, name)| name);
            written.extend(names.map(|name| name.split(['<', ' ']).next().unwrap().to_owned()));
        }
    }
    assert_eq!(written, listed);
}

/// The table takes seconds, and what is repeated depends on effect and verb alone: once for each pair.
#[derive(Default)]
struct RetryTable(Mutex<BTreeSet<(Effect, String)>>);

impl Check for RetryTable {
    async fn endpoint<E: Evidenced>(&self, endpoint: &E, answer: &str) {
        let kind = (endpoint.effect(), endpoint.method().to_string());
        if self.0.lock().unwrap().insert(kind) {
            suite().retry_table(endpoint, answer.to_owned()).await;
        }
    }
}

#[tokio::test]
async fn every_effect_with_every_verb_follows_the_retry_table_in_every_cell() {
    every_endpoint(&RetryTable::default()).await;
}

struct Truncation(Suite);

impl Check for Truncation {
    async fn endpoint<E: Evidenced>(&self, endpoint: &E, answer: &str) {
        // Where an answer may be empty, one that was cut before its first byte cannot be told from it.
        if E::EVIDENCE.answer.is_some() && endpoint.decode(b"").is_err() {
            self.0.truncation(endpoint, answer.to_owned()).await;
        }
    }
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_never_a_success() {
    every_endpoint(&Truncation(suite())).await;
}

struct Redaction(Suite);

impl Check for Redaction {
    async fn endpoint<E: Evidenced>(&self, endpoint: &E, answer: &str) {
        self.0.redaction(endpoint, answer.to_owned(), &CANARIES).await;
    }
}

#[tokio::test]
async fn key_tenant_ids_and_content_show_nowhere() {
    every_endpoint(&Redaction(suite())).await;
}

/// No sample is of anything that is there, so most of them are refused, but each by its own route.
struct Simulated(Client);

impl Check for Simulated {
    async fn endpoint<E: Evidenced>(&self, endpoint: &E, _: &str) {
        let Err(error) = self.0.send(endpoint).await else { return };
        let told = format!("{} {}: {error} {:?}", E::METHOD, E::PATH, error.detail());
        assert!(error.status().is_some(), "{told}");
        for gap in ["NO_SUCH_PATH", "WRONG_METHOD", "NOT_JSON", "unknown parameter"] {
            assert!(!told.contains(gap), "{told}");
        }
    }
}

#[tokio::test]
async fn the_simulator_has_the_path_verb_and_parameters_of_every_endpoint() {
    let (_simulator, one) = crate::simulated().await;
    every_endpoint(&Simulated(one)).await;
}
