//! Answers of event feeds.

use super::books::Books;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::shelves::Event;
use axum::Json;
use serde::Serialize;
use serde_json::value::RawValue;

/// Events of a call that does not say how many: *documented* for complaints, *inferred* for the rest.
const DEFAULT_EVENTS: usize = 100;

/// `{nextId, events}`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeedAnswer {
    next_id: u64,
    events: Vec<Box<RawValue>>,
}

impl Parameters {
    /// The events that `startId`, `contexts` and `numberOfEvents` or `limit` ask for. Without contexts, those
    /// of every context; at most the simulator's `max_page_size`.
    pub(super) fn feed(
        &self,
        books: &Books,
        feed: &str,
        wanted: impl Fn(&Event) -> bool,
    ) -> Result<Json<FeedAnswer>, Refusal> {
        let start = self.number("startId")?.unwrap_or(1);
        let limit = self.count("numberOfEvents", self.count("limit", DEFAULT_EVENTS)?)?;
        let contexts = self.list("contexts");
        let in_context = |event: &Event| contexts.is_empty() || contexts.contains(&event.context.as_str());
        let limit = limit.min(self.max_page_size);
        let (events, next_id) =
            books.events_of(feed, start, limit, |event| in_context(event) && wanted(event));
        Ok(Json(FeedAnswer { next_id, events }))
    }
}
