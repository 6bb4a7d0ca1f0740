//! The feed of order shipments, *documented* whole.

use crate::simulator::call::Call;
use crate::simulator::feed::FeedAnswer;
use crate::simulator::refusal::Refusal;
use axum::Json;

/// `GET /synchronization/order`. No event types are all of them.
pub(super) async fn synchronization(call: Call) -> Result<Json<FeedAnswer>, Refusal> {
    let given = call.parameters(&["eventTypes", "numberOfEvents", "startId"], &[])?;
    let types = given.list("eventTypes");
    given.feed(&call.books(), "orders", |event| {
        types.is_empty() || event.word("eventType").is_some_and(|kind| types.contains(&kind.as_str()))
    })
}
