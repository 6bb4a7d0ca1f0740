//! Control of contractors, their limits and settlements.

use axum::{Router, body::Bytes, extract::State, response::Response, routing::post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use super::run;
use crate::simulator::{Shared, number::Number};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/_sim/contractor_ticked", post(ticked))
        .route("/_sim/contractor_blocked", post(blocked))
        .route("/_sim/merge_contractor", post(merge))
        .route("/_sim/credit_limit", post(credit_limit))
        .route("/_sim/settlement", post(settlement))
        .route("/_sim/pay", post(pay))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Ticked {
    kod: String,
    zaznaczony: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Blocked {
    kod: String,
    blokada: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Merge {
    kod: String,
    na: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreditLimit {
    kod: String,
    limit: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Settlement {
    dokument_id: i32,
    numer: String,
    kontrahent_id: i32,
    kwota: Number,
    termin: NaiveDate,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Pay {
    dokument_id: i32,
    numer: String,
    kwota: Number,
}

async fn ticked(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Ticked { kod, zaznaczony }| {
        shared.company().set_contractor_ticked(&kod, zaznaczony).map(|()| json!({}))
    })
}

async fn blocked(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Blocked { kod, blokada }| {
        shared.company().set_contractor_blocked(&kod, blokada).map(|()| json!({}))
    })
}

async fn merge(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Merge { kod, na }| shared.company().merge_contractor(&kod, &na).map(|()| json!({})))
}

async fn credit_limit(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |CreditLimit { kod, limit }| {
        shared.company().set_credit_limit(&kod, limit.map(|limit| limit.0)).map(|()| json!({}))
    })
}

async fn settlement(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |asked: Settlement| {
        let Settlement { dokument_id, numer, kontrahent_id, kwota, termin } = asked;
        let id = shared.company().set_settlement(dokument_id, &numer, kontrahent_id, kwota.0, termin)?;
        Ok(json!({"ID": id}))
    })
}

async fn pay(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Pay { dokument_id, numer, kwota }| {
        let left = shared.company().pay(dokument_id, &numer, kwota.0)?;
        Ok(json!({"Pozostalo": left.to_string()}))
    })
}
