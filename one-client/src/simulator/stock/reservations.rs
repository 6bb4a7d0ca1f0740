//! Reservations that ONe keeps itself. Orders do not say of which warehouse they are, so nothing is reserved here but
//! what is laid on the shelf.

use crate::simulator::call::Call;
use crate::simulator::page::Elements;
use crate::simulator::refusal::Refusal;
use axum::Json;
use serde_json::value::RawValue;

/// `GET /reservations`: a page of the shelf `reservations`, in the order of the ids.
pub(super) async fn list(call: Call) -> Result<Json<Elements<Box<RawValue>>>, Refusal> {
    let parameters = call.parameters(&[], &["pageNumber", "pageSize", "reservationIds"])?;
    let wanted = parameters.list("reservationIds");
    let books = call.books();
    let reservations = books
        .records("reservations")
        .filter(|(id, _)| wanted.is_empty() || wanted.contains(id))
        .map(|(_, reservation)| reservation.to_owned());
    Ok(parameters.page(reservations.collect())?.elements())
}
