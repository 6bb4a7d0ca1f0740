//! The people who pick, ship and invoice.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, run};
use crate::simulator::{documents::TradeDocument, number::Number};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/_sim/ship", post(ship))
        .route("/_sim/invoice", post(invoice))
        .route("/_sim/correct", post(correct))
        .route("/_sim/ksef", post(ksef))
        .route("/_sim/confirm", post(confirm))
        .route("/_sim/reject", post(reject))
        .route("/_sim/external_status", post(external_status))
        .route("/_sim/documents", get(documents))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfDocument {
    #[serde(rename = "ID")]
    id: i32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Ship {
    #[serde(rename = "ID")]
    id: i32,
    #[serde(default)]
    pozycje: Vec<Shipped>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Shipped {
    #[serde(rename = "ID")]
    id: i32,
    ilosc: Number,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Correct {
    #[serde(rename = "ID")]
    id: i32,
    pozycja: i32,
    ilosc: Option<Number>,
    cena_netto: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ExternalStatus {
    #[serde(rename = "ID")]
    id: i32,
    kod: Option<String>,
}

fn made(document: &TradeDocument) -> Value {
    json!({"ID": document.id, "Numer": document.numer})
}

async fn ship(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Ship { id, pozycje }| {
        let lines: Vec<(i32, Decimal)> = pozycje.iter().map(|line| (line.id, line.ilosc.0)).collect();
        shared.company().ship(id, &lines).map(|document| made(&document))
    })
}

async fn invoice(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |OfDocument { id }| shared.company().invoice(id).map(|document| made(&document)))
}

async fn correct(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Correct { id, pozycja, ilosc, cena_netto }| {
        let [ilosc, cena] = [ilosc, cena_netto].map(|number| number.map(|number| number.0));
        shared.company().correct(id, pozycja, ilosc, cena).map(|document| made(&document))
    })
}

async fn ksef(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |OfDocument { id }| shared.company().ksef_accept(id).map(|numer| json!({"Numer": numer})))
}

async fn confirm(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |OfDocument { id }| shared.company().set_confirmation(id, "Potwierdzony").map(|()| json!({})))
}

async fn reject(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |OfDocument { id }| shared.company().set_confirmation(id, "Odrzucony").map(|()| json!({})))
}

async fn external_status(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |ExternalStatus { id, kod }| {
        shared.company().set_external_status(id, kod.as_deref()).map(|()| json!({}))
    })
}

async fn documents(State(shared): State<Shared>) -> Response {
    Json(shared.company().documents().all()).into_response()
}
