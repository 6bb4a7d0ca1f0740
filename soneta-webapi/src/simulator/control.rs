//! Control over HTTP, so that another process can play the people who work with the ERP. See the table in the module docs.

mod contractors;
mod documents;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::NaiveDate;
use secrecy::ExposeSecret;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Shared,
    error::{SimulatorError, SimulatorErrorKind},
    number::Number,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/_sim/stock", post(stock))
        .route("/_sim/price", post(price))
        .route("/_sim/stock_of_many", post(stock_of_many))
        .route("/_sim/price_of_many", post(price_of_many))
        .route("/_sim/discount", post(discount))
        .route("/_sim/promotion", post(promotion))
        .route("/_sim/ticked", post(ticked))
        .route("/_sim/orders", get(orders))
        .route("/_sim/approve", post(approve))
        .route("/_sim/expire", post(expire))
        .route("/_sim/status", get(status))
        .merge(documents::routes())
        .merge(contractors::routes())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Stock {
    kod: String,
    magazyn: String,
    stan: Number,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Price {
    kod: String,
    netto: Number,
}

/// So many goods, drawn by the seed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Drawn {
    ile: usize,
    ziarno: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Discount {
    kod: String,
    rabat: Number,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Promotion {
    kod: String,
    procent: Number,
    od: NaiveDate,
    r#do: NaiveDate,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Ticked {
    kod: String,
    zaznaczony: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Approve {
    #[serde(rename = "ID")]
    id: i32,
}

fn run<Q: DeserializeOwned>(body: &[u8], act: impl FnOnce(Q) -> Result<Value, SimulatorError>) -> Response {
    match serde_json::from_slice(body) {
        Ok(question) => match act(question) {
            Ok(answer) => Json(answer).into_response(),
            Err(error) if error.kind() == SimulatorErrorKind::Refused => {
                (StatusCode::CONFLICT, error.to_string()).into_response()
            }
            Err(error) => (StatusCode::NOT_FOUND, error.to_string()).into_response(),
        },
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn stock(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Stock { kod, magazyn, stan }| {
        shared.company().set_stock(&kod, &magazyn, stan.0).map(|()| json!({}))
    })
}

async fn price(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Price { kod, netto }| shared.company().set_price(&kod, netto.0).map(|()| json!({})))
}

async fn stock_of_many(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Drawn { ile, ziarno }| {
        shared.company().raise_stock(ile, ziarno).map(|changed| json!({"Zmieniono": changed}))
    })
}

async fn price_of_many(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Drawn { ile, ziarno }| {
        shared.company().raise_prices(ile, ziarno).map(|changed| json!({"Zmieniono": changed}))
    })
}

async fn discount(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Discount { kod, rabat }| shared.company().set_discount(&kod, rabat.0).map(|()| json!({})))
}

async fn promotion(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Promotion { kod, procent, od, r#do }| {
        shared.company().start_promotion(&kod, procent.0, od, r#do).map(|()| json!({}))
    })
}

async fn ticked(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Ticked { kod, zaznaczony }| shared.company().set_ticked(&kod, zaznaczony).map(|()| json!({})))
}

async fn approve(State(shared): State<Shared>, body: Bytes) -> Response {
    run(&body, |Approve { id }| shared.company().approve(id).map(|numer| json!({"Numer": numer})))
}

async fn orders(State(shared): State<Shared>) -> Response {
    Json(shared.company().orders()).into_response()
}

async fn expire(State(shared): State<Shared>) -> Json<Value> {
    shared.sessions().expire();
    Json(json!({}))
}

async fn status(State(shared): State<Shared>) -> Json<Value> {
    let (logins, sessions) = {
        let sessions = shared.sessions();
        (sessions.logins(), sessions.count())
    };
    let company = shared.company();
    let magazyny: Vec<&str> =
        company.catalogue.magazyny.iter().map(|magazyn| magazyn.symbol.as_str()).collect();
    Json(json!({
        "BazaGuid": company.baza,
        "BazaNazwa": company.baza_nazwa,
        "TokenAplikacji": shared.application_token().expose_secret(),
        "Towary": company.catalogue.towary.len(),
        "Kontrahenci": company.catalogue.kontrahenci.len(),
        "Magazyny": magazyny,
        "Zamowienia": company.orders().len(),
        "Faktury": company.invoices().count(),
        "Logowania": logins,
        "Sesje": sessions,
    }))
}
