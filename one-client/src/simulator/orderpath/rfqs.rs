//! Requests for quotation: told as they were laid down.

use crate::simulator::SimulatorError;
use crate::simulator::call::Call;
use crate::simulator::feed::FeedAnswer;
use crate::simulator::refusal::Refusal;
use axum::Json;
use serde::Deserialize;
use serde_json::value::RawValue;

const SHELF: &str = "rfqs";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rfq {
    rfq_id: String,
}

/// `GET /synchronization/rfq`.
pub(super) async fn synchronization(call: Call) -> Result<Json<FeedAnswer>, Refusal> {
    call.parameters(&["numberOfEvents", "startId"], &[])?.feed(&call.books(), SHELF, |_| true)
}

/// `GET /rfq/shipment`, by `rfqId` and `rfqShipmentId`.
pub(super) async fn get(call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    let given = call.parameters(&["rfqId", "rfqShipmentId"], &[])?;
    let told: Box<RawValue> = call.books().find(SHELF, given.required("rfqShipmentId"), "shipment")?;
    let rfq: Rfq = serde_json::from_str(told.get())
        .map_err(|error| SimulatorError::io("a record of the shelf rfqs does not fit", error.into()))?;
    if rfq.rfq_id != given.required("rfqId") {
        return Err(Refusal::not_found("shipment"));
    }
    Ok(Json(told))
}
