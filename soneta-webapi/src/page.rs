//! Pages of the wire and how a list goes on.

use std::fmt;

use chrono::{DateTime, Utc};
use futures::{Stream, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::envelope::Rows;
use crate::{Error, Result};

/// One answer of a list: its rows, each decoded by itself, and where the list goes on.
#[derive(Debug)]
#[non_exhaustive]
pub struct WirePage<T> {
    /// The rows in the order of the wire; one that cannot be decoded is an `Err` in its place.
    pub rows: Rows<T>,
    /// Where the next page starts. On the last page of a change list: where the next round starts. `None` where there is
    /// nothing to go on from (a snapshot at its end).
    pub next: Option<Continuation>,
    /// Whether the list holds nothing more now.
    pub end: bool,
    /// The server's clock from before it read the rows, where the contract tells it.
    pub as_of: Option<DateTime<Utc>>,
}

impl<T> WirePage<T> {
    /// A page with rows and the place where the list goes on; `end` and `as_of` are set by [`at_end`](Self::at_end) and
    /// [`with_as_of`](Self::with_as_of). For those who implement a port.
    pub fn new(rows: Rows<T>, next: Option<Continuation>) -> Self {
        Self { rows, next, end: false, as_of: None }
    }

    /// The same page, known to be the last one for now.
    #[must_use]
    pub fn at_end(mut self, end: bool) -> Self {
        self.end = end;
        self
    }

    /// The same page with the server's clock from before the read.
    #[must_use]
    pub fn with_as_of(mut self, as_of: Option<DateTime<Utc>>) -> Self {
        self.as_of = as_of;
        self
    }

    /// Where the list goes on after this page, which was asked for from `from`; `None` at its end.
    ///
    /// # Errors
    /// Kind `Decode` of a page that is not the last one and does not move the list on: reading on would never end.
    pub fn onward(&self, from: Option<&Continuation>) -> Result<Option<Continuation>> {
        match &self.next {
            _ if self.end => Ok(None),
            Some(next) if from != Some(next) => Ok(Some(next.clone())),
            _ => Err(Error::decode_at("a page that is not the last one does not move the list on")),
        }
    }
}

/// Where a list goes on: opaque, storable, good for the list that gave it and for no other.
///
/// ```
/// use soneta_webapi::Continuation;
///
/// let stored = serde_json::to_string(&Continuation::from_stored("b2b/stany 55"))?;
/// assert_eq!(stored, r#""b2b/stany 55""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(alias = "cursor")]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Continuation(String);

impl Continuation {
    /// The continuation that was stored as this text.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A continuation of a list of yours; `list` names contract and area (`my-addon/ceny`), `position` is whatever your list
    /// needs. For those who implement a port.
    pub fn new(list: &str, position: impl fmt::Display) -> Self {
        Self(format!("{list} {position}"))
    }

    /// The position within the named list.
    ///
    /// # Errors
    /// Kind `Config` when the continuation belongs to another list.
    pub fn position(&self, list: &str) -> Result<&str> {
        self.0
            .strip_prefix(list)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| Error::config(format!("a continuation of another list was given to {list}")))
    }

    /// The position as the id after which the list goes on.
    ///
    /// # Errors
    /// Kind `Config` when the continuation belongs to another list or is damaged.
    pub(crate) fn after_id(&self, list: &str) -> Result<i32> {
        self.position(list)?
            .parse()
            .map_err(|_| Error::config(format!("a continuation of {list} is damaged")))
    }
}

/// What a change list is asked for: everything (both `None`), what changed since an instant, or what comes after a page.
#[derive(Debug, Clone, bon::Builder)]
#[non_exhaustive]
pub struct ChangesQuery {
    /// After this page; wins over `changed_since`.
    pub after: Option<Continuation>,
    /// Rows changed at or after this instant. Contracts that know days only take the whole day.
    pub changed_since: Option<DateTime<Utc>>,
    /// Of the rows changed at exactly `changed_since` only those with ids above this one: where a reader stopped who keeps instants
    /// and ids instead of continuations. Contracts whose lists are not ordered by `(change, id)` do without it, and give these
    /// rows again.
    pub after_id: Option<i32>,
    /// How many rows at most; the server may have a lower limit of its own.
    #[builder(default = 1_000)]
    pub limit: u32,
}

impl Default for ChangesQuery {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// What a snapshot is asked for: from its start, or what comes after a page.
///
/// Snapshots are of calculated values, which carry no change stamp: each round reads them whole.
#[derive(Debug, Clone, bon::Builder)]
#[non_exhaustive]
pub struct SnapshotQuery {
    /// After this page.
    pub after: Option<Continuation>,
    /// How many rows at most; the server may have a lower limit of its own.
    #[builder(default = 1_000)]
    pub limit: u32,
}

impl Default for SnapshotQuery {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// A row of a change list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change<T> {
    /// The row as it is now.
    Upsert(T),
    /// The row is gone. Only contracts that keep removed rows tell it; otherwise a full pass finds what is missing.
    Deleted(Deleted),
}

impl<T> Change<T> {
    /// The row, unless it is gone.
    pub fn upsert(self) -> Option<T> {
        match self {
            Self::Upsert(row) => Some(row),
            Self::Deleted(_) => None,
        }
    }
}

/// What is left of a removed row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// The id that it had.
    pub id: i32,
    /// The Kod that it had.
    pub kod: Option<String>,
    /// When it was removed.
    pub data_zmiany: Option<DateTime<Utc>>,
}

impl Deleted {
    /// A removed row.
    pub fn new(id: i32, kod: Option<String>, data_zmiany: Option<DateTime<Utc>>) -> Self {
        Self { id, kod, data_zmiany }
    }
}

/// All pages of a list up to its end for now, one after the other.
///
/// `fetch` gets the continuation to start after. Resumable: each page carries its continuation. A page that neither ends the
/// list nor moves it on is an error, never an endless loop.
pub(crate) fn stream_pages<T, F, Fut>(
    start: Option<Continuation>,
    fetch: F,
) -> impl Stream<Item = Result<WirePage<T>>>
where
    F: FnMut(Option<Continuation>) -> Fut,
    Fut: Future<Output = Result<WirePage<T>>>,
{
    stream::try_unfold((Some(start), fetch), |(from, mut fetch)| async move {
        let Some(from) = from else { return Ok(None) };
        let page = fetch(from.clone()).await?;
        let then = page.onward(from.as_ref())?.map(Some);
        Ok(Some((page, (then, fetch))))
    })
    .into_stream()
}
