//! ONe's event feeds: one shape for all of them, typed once.
//!
//! *Documented:* poll, keep `nextId`, pass it as the next `startId`; the first call uses `startId=1`.
//! *Inferred* from the examples: `startId` is inclusive. Unknown are the answer of a feed without
//! news, how long events are kept, their order, and whether one comes twice. So this is what a reader
//! gets here:
//!
//! - An answer without events never moves the position back, whatever its `nextId` says, also `null`. One that
//!   moves it on, because a filter left nothing of many events, is followed.
//! - Ids may have gaps: only `nextId` counts.
//! - An event equal to the one before it in the same answer is left out; any other that comes again is delivered
//!   again, and whoever acts on it must tolerate that.
//! - An answer with events whose `nextId` is missing or not beyond the position asked for is an error:
//!   following it would read the same events for ever.
//! - An event that cannot be read is a [`BadRow`](crate::BadRow); the others of the same answer are delivered.

use crate::client::Client;
use crate::paging::{Keyed, Row, rows};
use crate::wire;
use api_transport::{Endpoint, Error, Result, decode_json};
use futures::{Stream, stream};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::fmt;

/// A place in a feed (int64 on the wire). Opaque: it is kept and sent back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedPosition(i64);

impl FeedPosition {
    /// Where a feed begins (*documented*).
    pub const FIRST: Self = Self(1);

    /// A position that was kept.
    pub const fn new(position: i64) -> Self {
        Self(position)
    }

    /// The number to keep.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl Default for FeedPosition {
    fn default() -> Self {
        Self::FIRST
    }
}

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One answer of a feed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Feed<E> {
    /// `nextId`: the position after these events. To be kept only once the events are handled.
    pub next_id: FeedPosition,
    /// `events`, each decoded by itself.
    pub events: Vec<Row<E>>,
    /// What each event looked like, so that a reader who stopped between two of them finds his place.
    prints: Vec<blake3::Hash>,
}

impl<E: Keyed> Feed<E> {
    /// Reads an answer to a call that asked from `start` on.
    ///
    /// # Errors
    ///
    /// The body is no feed, or it has events and a `nextId` that does not lead beyond `start`.
    pub(crate) fn decode(start: FeedPosition, body: &[u8]) -> Result<Self> {
        let answer: Answer = decode_json(body)?;
        if answer.next_id.is_none() && answer.events.is_none() {
            return Err(Error::decode_at("neither nextId nor events: the answer is no feed"));
        }
        let events = answer.events.unwrap_or_default();
        let next_id = match answer.next_id.flatten() {
            next_id if events.is_empty() => next_id.map_or(start, |next| next.max(start)),
            Some(next_id) if next_id > start => next_id,
            _ => {
                return Err(Error::decode_at(format!(
                    "nextId: events are delivered, but it does not lead beyond startId {start}"
                )));
            }
        };
        let prints = events.iter().map(|event| blake3::hash(event.get().as_bytes())).collect();
        Ok(Self { next_id, events: rows(&events), prints })
    }
}

/// A place between two events: what a reader keeps who commits event by event.
///
/// Events have no ids of their own, so this is the position of their answer and how many of its events are
/// handled, with a fingerprint of those. If the feed does not begin with them any more (it has dropped old ones),
/// the whole answer is delivered: an event twice rather than none. Kept as the text of [`Serialize`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FeedCursor {
    start: FeedPosition,
    #[serde(default)]
    handled: usize,
    #[serde(default)]
    print: String,
}

impl FeedCursor {
    /// Before all events.
    pub const FIRST: Self = Self::at(FeedPosition::FIRST);

    /// Before the events of an answer.
    pub const fn at(start: FeedPosition) -> Self {
        Self { start, handled: 0, print: String::new() }
    }

    /// The position that the feed is asked from.
    pub const fn position(&self) -> FeedPosition {
        self.start
    }
}

/// An event, and where to go on once it is handled.
#[derive(Debug)]
#[non_exhaustive]
pub struct FollowedEvent<E> {
    /// The event.
    pub event: Row<E>,
    /// To be kept once the event is handled: reading that begins there delivers what comes after it.
    pub after: FeedCursor,
}

/// What a feed has from `start` on, event by event, until it has no more.
pub(crate) fn follow<'a, C, E>(
    client: &'a Client,
    start: FeedCursor,
    call: impl Fn(FeedPosition) -> C + 'a,
) -> impl Stream<Item = Result<FollowedEvent<E>>> + 'a
where
    C: Endpoint<Response = Feed<E>> + 'a,
    E: Keyed + 'a,
{
    let reader = (start, VecDeque::<FollowedEvent<E>>::new(), call, false);
    stream::try_unfold(reader, move |(mut cursor, mut waiting, call, mut is_over)| async move {
        loop {
            if let Some(event) = waiting.pop_front() {
                return Ok(Some((event, (cursor, waiting, call, is_over))));
            }
            if is_over {
                return Ok(None);
            }
            let feed = client.send(&call(cursor.start)).await?;
            let next = FeedCursor::at(feed.next_id);
            is_over = feed.next_id <= cursor.start;
            waiting = step(&cursor, feed);
            cursor = next;
        }
    })
}

/// The events of an answer that are not handled yet.
fn step<E>(cursor: &FeedCursor, feed: Feed<E>) -> VecDeque<FollowedEvent<E>> {
    let handled = feed.prints.get(..cursor.handled).filter(|handled| combined(handled) == cursor.print);
    let skip = handled.map_or(0, <[_]>::len);
    let count = feed.prints.len();
    let mut hasher = blake3::Hasher::new();
    let mut before = None;
    let mut events = VecDeque::with_capacity(count - skip);
    for (index, (event, print)) in feed.events.into_iter().zip(&feed.prints).enumerate() {
        hasher.update(print.as_bytes());
        let is_repeated = before.replace(print) == Some(print);
        if index < skip || is_repeated {
            continue;
        }
        let after = if index + 1 == count {
            FeedCursor::at(feed.next_id)
        } else {
            let print = hasher.finalize().to_hex().to_string();
            FeedCursor { start: cursor.start, handled: index + 1, print }
        };
        events.push_back(FollowedEvent { event, after });
    }
    events
}

fn combined(prints: &[blake3::Hash]) -> String {
    let mut hasher = blake3::Hasher::new();
    for print in prints {
        hasher.update(print.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[derive(Deserialize)]
struct Answer {
    /// Outer: whether it is there. Inner: whether it is a number.
    #[serde(default, rename = "nextId", deserialize_with = "position")]
    next_id: Option<Option<FeedPosition>>,
    #[serde(default, deserialize_with = "events")]
    events: Option<Vec<Box<RawValue>>>,
}

fn position<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<FeedPosition>>, D::Error> {
    wire::text::parsed(deserializer).map(|position| Some(position.map(FeedPosition)))
}

fn events<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Vec<Box<RawValue>>>, D::Error> {
    wire::list(deserializer).map(Some)
}
