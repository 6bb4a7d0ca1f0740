//! ONe's event feeds: one shape for all of them, typed once.
//!
//! *Documented:* poll, keep `nextId`, pass it as the next `startId`; the first call uses `startId=1`.
//! *Inferred* from the examples: `startId` is inclusive. Unknown are the answer of a feed without
//! news, how long events are kept, their order, and whether one comes twice. So this is what a reader
//! gets here:
//!
//! - An answer without events never moves the position back, whatever its `nextId` says, also `null`.
//! - Events that come again are delivered again; whoever acts on them must tolerate that.
//! - An answer with events whose `nextId` is missing or not beyond the position asked for is an error:
//!   following it would read the same events for ever.
//! - An event that cannot be read is a [`BadEvent`]; the others of the same answer are delivered.

use crate::wire;
use api_transport::{Error, Result, decode_json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
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

/// What a feed delivers.
pub trait FeedEvent: DeserializeOwned {
    /// The field that names the record, so that an event that cannot be read can still be attributed.
    const KEY: &'static str;
}

/// One answer of a feed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Feed<E> {
    /// `nextId`: the position after these events. To be kept only once the events are handled.
    pub next_id: FeedPosition,
    /// `events`, each decoded by itself.
    pub events: Vec<std::result::Result<E, BadEvent>>,
}

/// An event that cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct BadEvent {
    /// Its place in the answer, from 0.
    pub index: usize,
    /// The record it names, if at least that can be read.
    pub key: Option<String>,
    /// What is wrong with it.
    pub error: Error,
}

impl fmt::Display for BadEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} of the answer cannot be read", self.index)
    }
}

impl std::error::Error for BadEvent {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<E: FeedEvent> Feed<E> {
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
        let next_id = answer.next_id.flatten();
        if events.is_empty() {
            return Ok(Self { next_id: next_id.map_or(start, |next| next.max(start)), events: Vec::new() });
        }
        match next_id {
            Some(next_id) if next_id > start => {
                let events = events.iter().enumerate().map(|(index, raw)| one(index, raw)).collect();
                Ok(Self { next_id, events })
            }
            _ => Err(Error::decode_at(format!(
                "nextId: events are delivered, but it does not lead beyond startId {start}"
            ))),
        }
    }
}

fn one<E: FeedEvent>(index: usize, raw: &RawValue) -> std::result::Result<E, BadEvent> {
    decode_json(raw.get().as_bytes()).map_err(|error| BadEvent { index, key: key::<E>(raw), error })
}

/// The key alone, if the event is an object that has it.
fn key<E: FeedEvent>(raw: &RawValue) -> Option<String> {
    let fields: std::collections::BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    serde_json::from_str(fields.get(E::KEY)?.get()).ok()
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
    let Some(digits) = wire::text::option(deserializer)? else { return Ok(Some(None)) };
    digits
        .parse()
        .map(|position| Some(Some(FeedPosition(position))))
        .map_err(|_| wire::unfit("a whole number"))
}

fn events<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Vec<Box<RawValue>>>, D::Error> {
    wire::list(deserializer).map(Some)
}
