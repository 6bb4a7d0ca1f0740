//! ONe's event feeds: one shape for all of them, typed once.
//!
//! *Documented:* poll, keep `nextId`, pass it as the next `startId`; the first call uses `startId=1`.
//! *Inferred* from the examples: `startId` is inclusive. Unknown are the answer of a feed without
//! news, how long events are kept, their order, and whether one comes twice. So this is what a reader
//! gets here:
//!
//! - An answer without events never moves the position back, whatever its `nextId` says, also `null`. One that
//!   moves it on, because a filter left nothing of many events, is followed. One that moves it by one, a
//!   hundred times in a row, is no news either: a server that counts its empty answers would be asked for ever.
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
use std::str::FromStr;

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
/// the whole answer is delivered: an event twice rather than none.
///
/// Kept as a short text, in whatever store there is:
///
/// ```
/// use one_client::{FeedCursor, FeedPosition};
///
/// let kept = FeedCursor::at(FeedPosition::new(16)).to_string();
/// assert_eq!(kept, "16");
/// let cursor: FeedCursor = kept.parse()?;
/// assert_eq!(cursor.position(), FeedPosition::new(16));
/// # Ok::<(), one_client::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FeedCursor {
    start: FeedPosition,
    handled: usize,
    print: String,
}

impl fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.handled {
            0 => self.start.fmt(f),
            handled => write!(f, "{}+{handled}:{}", self.start, self.print),
        }
    }
}

impl FromStr for FeedCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let read = || {
            let Some((start, handled)) = text.split_once('+') else {
                return Some(Self::at(FeedPosition(text.parse().ok()?)));
            };
            let (handled, print) = handled.split_once(':')?;
            let (start, handled) = (FeedPosition(start.parse().ok()?), handled.parse().ok()?);
            blake3::Hash::from_hex(print).ok()?;
            Some(Self { start, handled, print: print.to_owned() })
        };
        read().ok_or_else(|| Error::invalid("the text that was kept is no place in a feed"))
    }
}

impl From<FeedCursor> for String {
    fn from(cursor: FeedCursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for FeedCursor {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
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
    /// The event. `None`, at the end alone, if the feed has moved on by events that were none for this reader (of
    /// another context or type, or repeated): only the place is to be kept, or they are read again every time.
    pub event: Option<Row<E>>,
    /// To be kept once the event is handled: reading that begins there delivers what comes after it.
    pub after: FeedCursor,
}

/// After so many answers in a row that have no event and move on by one, the feed counts as read. What was kept stays
/// where it is, so nothing is lost: the next reading begins there.
const IDLE_STEPS: u32 = 100;

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
    let reader = Reader { told: start.clone(), place: start, waiting: VecDeque::new(), is_over: false };
    stream::try_unfold((reader, call), move |(mut reader, call)| async move {
        let mut idle_steps = 0;
        loop {
            if let Some(next) = reader.waiting.pop_front() {
                reader.told = next.after.clone();
                return Ok(Some((next, (reader, call))));
            }
            if reader.is_over {
                if reader.told == reader.place {
                    return Ok(None);
                }
                reader.told = reader.place.clone();
                let end = FollowedEvent { event: None, after: reader.place.clone() };
                return Ok(Some((end, (reader, call))));
            }
            let feed = client.send(&call(reader.place.start)).await?;
            let next = FeedCursor::at(feed.next_id);
            reader.is_over = feed.next_id <= reader.place.start;
            let is_idle =
                feed.events.is_empty() && feed.next_id.0.checked_sub(reader.place.start.0) == Some(1);
            idle_steps = if is_idle { idle_steps + 1 } else { 0 };
            if idle_steps == IDLE_STEPS {
                // It counts its own answers: events may yet come where it has counted to.
                return Ok(None);
            }
            reader.waiting = step(&reader.place, feed);
            reader.place = next;
        }
    })
}

struct Reader<E> {
    /// Where the feed is asked next.
    place: FeedCursor,
    /// What the caller was last told to keep.
    told: FeedCursor,
    waiting: VecDeque<FollowedEvent<E>>,
    is_over: bool,
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
        events.push_back(FollowedEvent { event: Some(event), after });
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
