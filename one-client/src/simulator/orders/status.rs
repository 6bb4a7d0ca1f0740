//! The status of shipments. The body is *inferred*, the words are nobody's business here.

use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

/// The shelf: the last status of each shipment.
pub(in crate::simulator) const SHELF: &str = "order-statuses";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::simulator) struct OrderStatus {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    shipment_id: String,
    pub(in crate::simulator) status: String,
}

/// `PUT /order/status`: one shipment. 404 if there is no such shipment, or not of this order. It tells no feed.
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let told: OrderStatus = call.read()?;
    let mut books = call.books();
    books
        .order(&told.shipment_id)
        .filter(|order| told.order_id.as_ref().is_none_or(|id| *id == order.order_id))
        .ok_or_else(|| Refusal::not_found("shipment"))?;
    books.put(SHELF, &told.shipment_id, &told)?;
    Ok(StatusCode::OK)
}
