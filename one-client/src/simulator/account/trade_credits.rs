//! Trade credits of businesses. The feed is known from a whole example; no JSON of a credit was seen, and that
//! ONe calculates what is left is *inferred*.

use super::{Event, check_client};
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::feed::FeedAnswer;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TradeCredit {
    credit_value: Number,
    credit_value_used: Number,
    available_credit_value: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    credit_value: Number,
    credit_value_used: Option<Number>,
    #[expect(dead_code, reason = "may be sent; it is calculated")]
    available_credit_value: Option<Number>,
}

/// The client that the path names, with or without the prefix: which one is wanted is not documented.
fn organization(books: &Books, named: &str) -> Result<String, Refusal> {
    if named.starts_with("ind:") {
        return Err(Refusal::malformed("a person has no trade credit"));
    }
    let client = format!("org:{}", named.strip_prefix("org:").unwrap_or(named));
    check_client(books, &client).map(|()| client)
}

pub(super) async fn get(Path(named): Path<String>, call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    call.parameters(&[], &[])?;
    let books = call.books();
    let client = organization(&books, &named)?;
    books.find("trade-credits", &client, "trade credit").map(Json)
}

/// How much is used stays as it was if it is not told.
pub(super) async fn put(Path(named): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let body: Body = call.read()?;
    let mut books = call.books();
    let client_id = &organization(&books, &named)?;
    let before: Option<TradeCredit> = books.get("trade-credits", client_id)?;
    let used = body.credit_value_used.or(before.map(|before| before.credit_value_used));
    let used = used.unwrap_or(Number(Decimal::ZERO));
    let credit = TradeCredit {
        credit_value: body.credit_value,
        credit_value_used: used,
        available_credit_value: Number(body.credit_value.0.saturating_sub(used.0)),
    };
    books.put("trade-credits", client_id, &credit)?;
    books.tell("trade-credits", &Event { client_id, kind: "UPDATE" })?;
    Ok(StatusCode::OK)
}

pub(super) async fn delete(Path(named): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    call.parameters(&[], &[])?;
    let mut books = call.books();
    let client_id = &organization(&books, &named)?;
    if !books.remove("trade-credits", client_id)? {
        return Err(Refusal::not_found("trade credit"));
    }
    books.tell("trade-credits", &Event { client_id, kind: "DELETE" })?;
    Ok(StatusCode::OK)
}

pub(super) async fn synchronization(call: Call) -> Result<Json<FeedAnswer>, Refusal> {
    let given = call.parameters(&["startId"], &["contexts"])?;
    given.feed(&call.books(), "trade-credits", |_| true)
}
