//! Lists that come page by page. ONe has five styles; each way of asking is typed once here, and one reader takes
//! all their envelopes.

#[cfg(test)]
mod tests;

use crate::client::Client;
use crate::wire;
use api_transport::{Endpoint, Error, ErrorKind, Page, Result, decode_json, pages};
use futures::Stream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A record of an answer that has many: each is decoded by itself.
pub type Row<T> = std::result::Result<T, BadRow>;

/// A record of a list or an event of a feed.
pub trait Keyed: DeserializeOwned {
    /// The field that names the record, so that one that cannot be read can still be attributed.
    const KEY: &'static str;
}

/// A record that cannot be read. The others of the same answer are delivered.
#[derive(Debug)]
#[non_exhaustive]
pub struct BadRow {
    /// Its place in the answer, from 0.
    pub index: usize,
    /// The record it names, if at least that can be read.
    pub key: Option<String>,
    /// What is wrong with it.
    pub error: Error,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} of the answer cannot be read", self.index)
    }
}

impl std::error::Error for BadRow {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Decodes each record by itself.
pub(crate) fn rows<T: Keyed>(raw: &[Box<RawValue>]) -> Vec<Row<T>> {
    raw.iter()
        .enumerate()
        .map(|(index, raw)| {
            let decoded = decode_json(raw.get().as_bytes());
            decoded.map_err(|error| BadRow { index, key: key::<T>(raw), error })
        })
        .collect()
}

/// The key alone, if the record is an object that has it.
fn key<T: Keyed>(raw: &RawValue) -> Option<String> {
    let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    wire::text::of(fields.get(T::KEY)?)
}

/// A page by its number, from 1 (*inferred* from the examples).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageNumber(u32);

impl PageNumber {
    /// Where a list begins.
    pub const FIRST: Self = Self(1);

    /// A page number that was kept.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// `pageNumber` and `pageSize`.
    pub(crate) fn query(self, page_size: u32) -> Vec<(&'static str, String)> {
        vec![("pageNumber", self.0.to_string()), ("pageSize", page_size.max(1).to_string())]
    }
}

impl Default for PageNumber {
    fn default() -> Self {
        Self::FIRST
    }
}

/// A place in a list that is asked for by rows, from 0 (*inferred*).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowOffset(u64);

impl RowOffset {
    /// Where a list begins.
    pub const FIRST: Self = Self(0);

    /// A place that was kept.
    pub const fn new(offset: u64) -> Self {
        Self(offset)
    }

    /// The number of rows before it.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// One answer of a list.
///
/// ONe pages in five styles, and one reader takes all their envelopes:
///
/// | style | query | answer | used by |
/// |---|---|---|---|
/// | P1 | `pageNumber`, `pageSize` | `{items,totalItems,pageNumber,totalPages,pageSize,nextPage}` | plugin data, minimal prices, bonuses |
/// | P2 | `pageNumber`, `pageSize` | `{listElement,totalElement,items,…}`, rows twice | users, operators |
/// | P3 | `pageNumber`, `pageSize` | bare array | segments |
/// | P4 | `rows` and `start` or `offset` | not documented | addresses, complaints |
/// | P5 | `pageNumber`, `pageSize` | `{total,elements}` | reservations |
///
/// A list ends with a page without rows, or where the server says that there are no more pages (P1). So 0 rows are
/// never asked for: a page size of 0 counts as 1. A short page is no end: the largest page size is unknown, and a
/// server that caps it would look like one whose list is over. An answer without rows' field is an error, never an
/// empty list, and so is a page that came before: otherwise a server that takes no notice of the page number would be
/// read for ever.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing<T, C> {
    /// The records.
    pub rows: Vec<Row<T>>,
    /// Where to go on; `None` on the last page.
    pub next: Option<C>,
    /// What the rows were, to notice a server that gives the same page for ever.
    print: blake3::Hash,
}

impl<T: Keyed> Listing<T, PageNumber> {
    /// Reads a page of P1, P2, P3 or P5.
    ///
    /// # Errors
    ///
    /// The body is no list.
    pub(crate) fn numbered(asked: PageNumber, body: &[u8]) -> Result<Self> {
        let answer = Answer::read(body)?;
        let told_last = match (answer.total_pages, answer.next_page) {
            (Some(pages), _) => asked.0 >= pages,
            (None, Some(has_next)) => !has_next,
            (None, None) => false,
        };
        let next = (!answer.rows.is_empty() && !told_last).then(|| PageNumber(asked.0.saturating_add(1)));
        Ok(Self { rows: rows(&answer.rows), next, print: answer.print() })
    }
}

impl<T: Keyed> Listing<T, RowOffset> {
    /// Reads a page of P4.
    ///
    /// # Errors
    ///
    /// The body is no list.
    pub(crate) fn offset(asked: RowOffset, body: &[u8]) -> Result<Self> {
        let answer = Answer::read(body)?;
        let count = answer.rows.len() as u64;
        let next = (count > 0).then(|| RowOffset(asked.0.saturating_add(count)));
        Ok(Self { rows: rows(&answer.rows), next, print: answer.print() })
    }
}

/// A whole list, page by page and only when asked, from `start`.
///
/// A page's `next` is what to keep once its records are dealt with; the list can be taken up there.
pub(crate) fn list<'a, E, T, C>(
    client: &'a Client,
    start: C,
    call: impl Fn(C) -> E + 'a,
) -> impl Stream<Item = Result<Page<Row<T>, C>>> + 'a
where
    E: Endpoint<Response = Listing<T, C>> + 'a,
    C: Copy + PartialEq + 'a,
    T: 'a,
{
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    pages(Some(start), move |from: Option<C>| {
        let (endpoint, seen) = (call(from.unwrap_or(start)), Arc::clone(&seen));
        async move {
            let page = client.send(&endpoint).await?;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if !page.rows.is_empty() && !seen.insert(*page.print.as_bytes()) {
                let message = "the list does not move on: a page came a second time";
                return Err(Error::new(ErrorKind::Unexpected, message));
            }
            Ok(Page { items: page.rows, next: page.next })
        }
    })
}

/// What all envelopes have in common.
struct Answer {
    rows: Vec<Box<RawValue>>,
    total_pages: Option<u32>,
    /// Whether `nextPage` was told and is something.
    next_page: Option<bool>,
}

impl Answer {
    fn read(body: &[u8]) -> Result<Self> {
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Ok(Self { rows: decode_json(body)?, total_pages: None, next_page: None });
        }
        let envelope: Envelope = decode_json(body)?;
        // P2 tells them twice; an empty one of the two would end the list.
        let rows = [envelope.items, envelope.list_element, envelope.elements].into_iter().flatten();
        let rows = rows.max_by_key(Vec::len);
        let rows = rows.ok_or_else(|| Error::decode_at("no field with rows: the answer is no list"))?;
        Ok(Self { rows, total_pages: envelope.total_pages, next_page: envelope.next_page })
    }

    fn print(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for row in &self.rows {
            hasher.update(row.get().as_bytes());
        }
        hasher.finalize()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(default)]
    items: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    list_element: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    elements: Option<Vec<Box<RawValue>>>,
    #[serde(default, deserialize_with = "count")]
    total_pages: Option<u32>,
    #[serde(default, deserialize_with = "told")]
    next_page: Option<bool>,
}

/// A number, also as a text. What is neither says nothing, and costs no row.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<u32>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(wire::text::of(&raw).and_then(|digits| digits.parse().ok()))
}

/// Its type is unknown (only `null` was seen), so only whether it is something.
fn told<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<bool>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(|raw| Some(raw.get() != "null"))
}
