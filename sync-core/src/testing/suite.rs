//! What every implementation of an extension point has to do.

mod change_list;
mod history;
mod loss;
mod mapper;
mod queue;
mod sink;
mod source;
mod store;
mod submitter;

pub use change_list::change_list_conformance;
pub use history::store_history;
pub use loss::{SourceUnderTest, assert_no_loss};
pub use mapper::mapper_conformance;
pub use queue::queue_conformance;
pub use sink::{SinkSamples, sink_conformance};
pub use source::{SourceExpectations, source_conformance};
pub use store::{ClockedStore, StoreUnderTest, store_conformance};
pub use submitter::{SubmitterUnderTest, Trouble, submitter_conformance};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::name::{Key, Receipt};
use crate::source::{Item, Page, ReadFrom, Source};

/// A page that is read once and dropped is dropped at its first so many polls.
const DROPS: usize = 32;

/// A promise is kept, or the suite fails with its words.
fn promise(kept: bool, words: impl Into<Cow<'static, str>>) -> Result<()> {
    if kept { Ok(()) } else { Err(broken(words)) }
}

fn broken(words: impl Into<Cow<'static, str>>) -> Error {
    Error::bug(words)
}

/// The suite was not given what it needs.
fn needs(given: bool, words: &'static str) -> Result<()> {
    if given { Ok(()) } else { Err(Error::config(words)) }
}

/// The work's result, or `None` if it was still under way at its `polls`-th poll and was dropped there.
async fn dropped_at<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut polled = 0;
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        polled += 1;
        if polled >= polls { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// What a source says of a record, as far as a suite that does not know the record can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Upsert,
    Deleted,
    Bad,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    key: Option<Key>,
    shape: Shape,
    receipt: Option<Receipt>,
}

impl Seen {
    fn of<R>(item: &Item<R>) -> Self {
        let (shape, receipt) = match item {
            Item::Upsert { receipt, .. } => (Shape::Upsert, receipt),
            Item::Deleted { receipt, .. } => (Shape::Deleted, receipt),
            Item::Bad { receipt, .. } => (Shape::Bad, receipt),
        };
        Self { key: item.key().cloned(), shape, receipt: receipt.clone() }
    }
}

fn all_seen<R, C>(page: &Page<R, C>) -> Vec<Seen> {
    page.items.iter().map(Seen::of).collect()
}

/// What the pages say of each key in the end.
fn last_of_each(pages: &[Step]) -> BTreeMap<Key, Shape> {
    let items = pages.iter().flat_map(|page| &page.seen);
    items.filter_map(|seen| Some((seen.key.clone()?, seen.shape))).collect()
}

/// The cursor as a later version of the program would get it back.
fn stored<C: Serialize + DeserializeOwned>(cursor: &C) -> Result<(C, String)> {
    let write =
        |cursor: &C| serde_json::to_string(cursor).map_err(|_| broken("a cursor can be written as JSON"));
    let text = write(cursor)?;
    let back: C =
        serde_json::from_str(&text).map_err(|_| broken("a cursor can be read back from its JSON"))?;
    promise(write(&back)? == text, "a cursor that was read back from its JSON is the same cursor")?;
    Ok((back, text))
}

/// Which of a source's two lists is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Changes,
    Everything,
}

impl List {
    async fn read<S: Source>(
        self,
        source: &S,
        from: Option<&S::Cursor>,
        limit: usize,
    ) -> Result<Page<S::Record, S::Cursor>> {
        let from = from.map_or(ReadFrom::Start, ReadFrom::After);
        match self {
            Self::Changes => source.read(from, limit).await,
            Self::Everything => source.read_all(from, limit).await,
        }
    }
}

/// One page of a walk.
#[derive(Debug)]
struct Step {
    /// The position it was read from, as JSON; none for the start.
    from: Option<String>,
    /// The position behind it, as JSON.
    next: Option<String>,
    seen: Vec<Seen>,
    total: Option<u64>,
    cut_short: bool,
}

/// Reads from the start to the end and checks each page by itself.
async fn walk<S: Source>(source: &S, list: List, limit: usize, most_pages: usize) -> Result<Vec<Step>> {
    walk_from(source, list, limit, most_pages, None).await
}

async fn walk_from<S: Source>(
    source: &S,
    list: List,
    limit: usize,
    most_pages: usize,
    mut from: Option<(S::Cursor, String)>,
) -> Result<Vec<Step>> {
    let info = source.describe();
    let mut steps: Vec<Step> = Vec::new();
    let (mut as_of, mut highest) = (None, None);
    while steps.len() < most_pages {
        let page = list.read(source, from.as_ref().map(|(cursor, _)| cursor), limit).await?;
        promise(source.describe() == info, "`describe` always says the same")?;
        promise(page.end || !page.cut_short, "a page that is cut short is the last one")?;
        promise(page.as_of.is_none_or(|now| Some(now) >= as_of), "the source's clock never goes back")?;
        promise(page.highest.is_none_or(|now| Some(now) >= highest), "the source's highest id never falls")?;
        (as_of, highest) = (page.as_of.or(as_of), page.highest.or(highest));
        let next = page.next.as_ref().map(stored).transpose()?;
        steps.push(Step {
            from: from.map(|(_, text)| text),
            next: next.as_ref().map(|(_, text)| text.clone()),
            seen: all_seen(&page),
            total: page.total,
            cut_short: page.cut_short,
        });
        if page.end {
            return Ok(steps);
        }
        let Some(next) = next else {
            return Err(broken("a page with more behind it says where to go on"));
        };
        let known = steps.iter().any(|step| step.from.as_ref() == Some(&next.1));
        promise(!known, "a page with more behind it goes on at a position that did not come before")?;
        from = Some(next);
    }
    Err(broken("a source that nobody changes comes to its end"))
}

/// The look-up's items, or `None` where the source cannot look up.
async fn looked_up<S: Source>(source: &S, keys: &[Key]) -> Result<Option<BTreeMap<Key, Shape>>> {
    let items = match source.fetch(keys).await {
        Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(None),
        items => items?,
    };
    let mut found = BTreeMap::new();
    for seen in items.iter().map(Seen::of) {
        let key = seen.key.ok_or_else(|| broken("a looked-up item carries its key, a bad one too"))?;
        promise(keys.contains(&key), format!("a look-up gives no other keys than it was asked for: {key}"))?;
        let again = found.insert(key.clone(), seen.shape).is_some();
        promise(!again, format!("a look-up gives one item per key: {key}"))?;
    }
    if let Some(key) = keys.iter().find(|key| !found.contains_key(*key)) {
        return Err(broken(format!(
            "a look-up gives an item for each key, also for what does not exist: {key}"
        )));
    }
    Ok(Some(found))
}
