//! Discounts and markups on products and groups of products, *documented* whole.

use super::pricings::{self, Discount};
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Markup {
    value: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiscountLine {
    discount: Discount,
    pricing_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product_group_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MarkupLine {
    markup: Markup,
    pricing_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product_group_id: Option<String>,
}

/// The line's key. One of the two must be set (*documented*); a group must be there, when strict.
fn key(
    call: &Call,
    books: &Books,
    pricing: &str,
    product: Option<&str>,
    group: Option<&str>,
) -> Result<String, Refusal> {
    match (product, group) {
        (Some(product), None) => Ok(format!("{pricing}|productId:{product}")),
        (None, Some(group)) if call.is_strict() && books.raw("product-groups", group).is_none() => {
            Err(Refusal::not_found(&format!("product group {group}")))
        }
        (None, Some(group)) => Ok(format!("{pricing}|productGroupId:{group}")),
        _ => Err(Refusal::malformed("exactly one of productId and productGroupId must be set")),
    }
}

/// `PUT /discounts`.
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<DiscountLine> = call.read_lines()?;
    let mut books = call.books();
    pricings::check(&call, &books, lines.iter().map(|line| line.pricing_id.as_str()))?;
    let keyed = lines.into_iter().map(|line| {
        let (product, group) = (line.product_id.as_deref(), line.product_group_id.as_deref());
        Ok((key(&call, &books, &line.pricing_id, product, group)?, line))
    });
    let keyed = keyed.collect::<Result<Vec<_>, Refusal>>()?;
    books.put_all("discounts", keyed)?;
    Ok(StatusCode::OK)
}

/// `PUT /markups`: an error unless the list is of the type purchase (*documented*).
pub(super) async fn put_markups(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<MarkupLine> = call.read_lines()?;
    let mut books = call.books();
    pricings::check(&call, &books, lines.iter().map(|line| line.pricing_id.as_str()))?;
    let keyed = lines.into_iter().map(|line| {
        if !pricings::is_purchase(&books, &line.pricing_id)? {
            let message = format!("pricing {} is not of type purchase", line.pricing_id);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "NOT_PURCHASE", message));
        }
        let (product, group) = (line.product_id.as_deref(), line.product_group_id.as_deref());
        Ok((key(&call, &books, &line.pricing_id, product, group)?, line))
    });
    let keyed = keyed.collect::<Result<Vec<_>, Refusal>>()?;
    books.put_all("markups", keyed)?;
    Ok(StatusCode::OK)
}
