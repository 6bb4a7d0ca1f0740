//! Where records come from.

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Reason, Result};
use crate::name::{Key, Receipt};

/// Where a state-lane flow reads its records.
///
/// # Contract
/// - Calls of one flow never overlap: at most one `read` is under way, possibly while an earlier page is being
///   written (read-ahead). A `read` may be repeated with the same position at any time, and its future may be dropped
///   at any await.
/// - `read` resumes at the position it is given: it depends on nothing that an earlier call left behind in memory.
///   Positions do not repeat within a cycle: the same one twice in a row stops the flow.
/// - A [`Queue`](SourceKind::Queue) is read one wire page at a time, each acknowledged before the next. What is not
///   acknowledged comes again: at the latest when the cycle begins anew, where its last page's `next` says.
/// - One answer is one *wire page*. It is committed whole or not at all, so records that belong together (all rows of
///   one good) come in one answer, even when that exceeds `limit`.
/// - A record that does not decode is an [`Item::bad`] among the others; `Err` is for the call as a whole.
/// - A key may come twice in a page (the last one counts) and any number of times over the pages.
/// - Decode here, map in the [`Mapper`](crate::Mapper): flags such as "tick taken away" stay visible to the mapper.
///
/// A list ordered by a time stamp implements [`ChangeList`](crate::ChangeList) instead;
/// [`KeysetSource`](crate::KeysetSource) makes a source of it that loses nothing at equal stamps.
#[async_trait]
pub trait Source: Debug + Send + Sync {
    /// One decoded record.
    type Record: Send + Sync + 'static;
    /// The position after a wire page. It is stored as JSON and handed back, also to later versions of the program.
    type Cursor: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// What this source is. Called at least once per step; cheap, no I/O.
    fn describe(&self) -> SourceInfo;

    /// Reads the wire page at `from`. `limit` says how many records the engine would like at most; a source reads less
    /// when its wire allows less, and more only to keep records together that belong together.
    ///
    /// # Errors
    /// Any error ends the step without a commit of this page; the next step reads it again.
    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>>;

    /// Reads the wire page at `from` of a *full pass*: everything there is, from [`ReadFrom::Start`] to a page with
    /// `end`. What it does not give by then is missing at the source. Contract as for [`read`](Self::read), with cursors
    /// of its own.
    ///
    /// Of a [`Snapshot`](SourceKind::Snapshot) each cycle is a full pass, of the others as often as the
    /// [settings](crate::FlowSettings::full_pass) say or an approval needs one. It may take many steps; changes are
    /// [read](Self::read) to their end before each part of it.
    ///
    /// By default the same as `read` for kinds [`Snapshot`](SourceKind::Snapshot) and [`Keyset`](SourceKind::Keyset). The
    /// others' `read` gives changes alone, from which nothing missing can be concluded: they give a list of their own here, or
    /// are put beside one by [`Reconciled`](crate::Reconciled).
    ///
    /// # Errors
    /// As for [`read`](Self::read); [`Unsupported`](ErrorKind::Unsupported) if this source has no such list: a flow
    /// whose settings ask for full passes then fails with [`Config`](ErrorKind::Config), after it has read the changes.
    async fn read_all(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        match self.describe().kind {
            SourceKind::Snapshot | SourceKind::Keyset => self.read(from, limit).await,
            SourceKind::Token | SourceKind::Queue => Err(Error::new(
                ErrorKind::Unsupported,
                "this source gives changes alone, so a full pass cannot read it",
            )),
        }
    }

    /// Looks these records up as they are now: for replayed rejects, for hints, and before something that is missing
    /// is believed to be gone.
    ///
    /// Exactly one item per key, in any order: [`Item::deleted`] of what does not exist, [`Item::bad`] with its key of what
    /// cannot be decoded. The keys are distinct and at most a page. Called between reads, never during one.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported), which is the default, if this source cannot look up: the flow remembers that
    /// and hardly asks again. Any other fails the call as a whole, and the same keys may come again.
    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        let _ = keys;
        Err(no_look_up())
    }

    /// Tells the source what became of records that came with a [`Receipt`]: `Ok` for what was written, unchanged or left
    /// out, the reason for what was rejected. Called after the commit and before the next read, once per page, in the order
    /// of its records; each receipt of a page comes once, that of a double too.
    ///
    /// A receipt may come again (after a crash, or with a record that the source gave again). The call is not repeated in
    /// place; until it succeeds, the records come again with the next read.
    ///
    /// # Errors
    /// Any error ends the step; what was committed stays.
    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        let _ = outcomes;
        Ok(())
    }
}

pub(crate) fn no_look_up() -> Error {
    Error::new(ErrorKind::Unsupported, "this source cannot look records up")
}

/// Where a read begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a source has to handle both, and there is no third")]
pub enum ReadFrom<C> {
    /// At the beginning: nothing was read yet, or a snapshot starts anew.
    Start,
    /// After the wire page that gave this cursor.
    After(C),
}

impl<C> ReadFrom<C> {
    /// The cursor, unless it is the beginning.
    #[must_use]
    pub fn cursor(self) -> Option<C> {
        match self {
            Self::Start => None,
            Self::After(cursor) => Some(cursor),
        }
    }
}

/// One wire page.
#[non_exhaustive]
pub struct Page<R, C> {
    /// The records, in the source's order.
    pub items: Vec<Item<R>>,
    /// The position after this page. Without one the position stays; it is required unless `end`.
    pub next: Option<C>,
    /// Nothing more for now: the cycle is complete.
    pub end: bool,
    /// The list goes on behind its end, but the source cannot read on (a cap was hit): nothing may be concluded from what
    /// is missing, and the step fails after it has committed the page.
    pub cut_short: bool,
    /// The source's clock *before* the read, where it tells it. If it goes back, the flow stops
    /// ([`WentBack`](ErrorKind::WentBack)).
    pub as_of: Option<DateTime<Utc>>,
    /// The highest id that the source has given away so far, where it tells one that never falls (a change's or a
    /// document's number). If it falls, the source was restored from a backup and the flow stops.
    pub highest: Option<u64>,
    /// How many records the whole list has, doubles included, where the source tells it. A full pass that counted another
    /// number finds nothing missing.
    pub total: Option<u64>,
}

impl<R, C> Page<R, C> {
    /// A page with more behind it.
    #[must_use]
    pub fn more(items: Vec<Item<R>>, next: C) -> Self {
        Self::of(items, Some(next), false)
    }

    /// The last page for now. A token or keyset source gives the position from which it goes on next time; a
    /// snapshot source gives `None`.
    #[must_use]
    pub fn last(items: Vec<Item<R>>, next: Option<C>) -> Self {
        Self::of(items, next, true)
    }

    /// The last page that can be read, though not the last there is: a cap of the source was hit.
    #[must_use]
    pub fn cut_short(items: Vec<Item<R>>, next: Option<C>) -> Self {
        Self { cut_short: true, ..Self::of(items, next, true) }
    }

    /// A page of a list that is read whole each time: more is behind it if it says where to go on.
    #[must_use]
    pub fn of_list(items: Vec<Item<R>>, next: Option<C>) -> Self {
        let end = next.is_none();
        Self::of(items, next, end)
    }

    pub(crate) fn of(items: Vec<Item<R>>, next: Option<C>, end: bool) -> Self {
        Self { items, next, end, cut_short: false, as_of: None, highest: None, total: None }
    }

    /// The same page with these items instead of its own: of a source that adds something to another's records.
    #[must_use]
    pub fn with_items<T>(self, items: Vec<Item<T>>) -> Page<T, C> {
        let Self { items: _, next, end, cut_short, as_of, highest, total } = self;
        Page { items, next, end, cut_short, as_of, highest, total }
    }

    /// With the source's clock before the read.
    #[must_use]
    pub fn with_as_of(mut self, instant: DateTime<Utc>) -> Self {
        self.as_of = Some(instant);
        self
    }

    /// With the highest id that the source has given away so far.
    #[must_use]
    pub fn with_highest(mut self, id: u64) -> Self {
        self.highest = Some(id);
        self
    }

    /// With the number of records of the whole list.
    #[must_use]
    pub fn with_total(mut self, records: u64) -> Self {
        self.total = Some(records);
        self
    }
}

impl<R, C> Debug for Page<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("items", &self.items.len())
            .field("has_next", &self.next.is_some())
            .field("end", &self.end)
            .field("cut_short", &self.cut_short)
            .finish()
    }
}

/// One record of a wire page. Made with [`upsert`](Self::upsert), [`deleted`](Self::deleted), [`bad`](Self::bad).
///
/// `Debug` shows keys, never records.
#[non_exhaustive]
pub enum Item<R> {
    /// The record exists and looks like this now.
    #[non_exhaustive]
    Upsert {
        /// Its key.
        key: Key,
        /// What it looks like.
        record: R,
        /// What the source wants back once the record is dealt with.
        receipt: Option<Receipt>,
    },
    /// The source says that the record is gone.
    #[non_exhaustive]
    Deleted {
        /// Its key.
        key: Key,
        /// What the source wants back once the record is dealt with.
        receipt: Option<Receipt>,
    },
    /// The record is there but cannot be decoded. It becomes a reject; the others are not held up.
    #[non_exhaustive]
    Bad {
        /// Its key, where that much could be read.
        key: Option<Key>,
        /// What is wrong with it.
        error: Error,
        /// What the source wants back once the record is dealt with.
        receipt: Option<Receipt>,
        /// The record as it came. It is kept with the reject only where the flow's settings say so.
        raw: Option<Box<[u8]>>,
    },
}

impl<R> Item<R> {
    /// A record as it is now.
    #[must_use]
    pub fn upsert(key: impl Into<Key>, record: R) -> Self {
        Self::Upsert { key: key.into(), record, receipt: None }
    }

    /// The same item with another record; what is gone or bad stays so.
    #[must_use]
    pub fn map<T>(self, change: impl FnOnce(R) -> T) -> Item<T> {
        match self {
            Self::Upsert { key, record, receipt } => Item::Upsert { key, record: change(record), receipt },
            Self::Deleted { key, receipt } => Item::Deleted { key, receipt },
            Self::Bad { key, error, receipt, raw } => Item::Bad { key, error, receipt, raw },
        }
    }

    /// A record that is gone.
    #[must_use]
    pub fn deleted(key: impl Into<Key>) -> Self {
        Self::Deleted { key: key.into(), receipt: None }
    }

    /// A record that cannot be decoded, with its key where that much could be read.
    #[must_use]
    pub fn bad(key: Option<Key>, error: Error) -> Self {
        Self::Bad { key, error, receipt: None, raw: None }
    }

    /// With what the source wants back once the record is dealt with.
    #[must_use]
    pub fn with_receipt(mut self, given: impl Into<Receipt>) -> Self {
        let (Self::Upsert { receipt, .. } | Self::Deleted { receipt, .. } | Self::Bad { receipt, .. }) =
            &mut self;
        *receipt = Some(given.into());
        self
    }

    /// A [bad](Self::bad) record with its bytes as they came. Others take none.
    #[must_use]
    pub fn with_raw(mut self, bytes: impl Into<Box<[u8]>>) -> Self {
        if let Self::Bad { raw, .. } = &mut self {
            *raw = Some(bytes.into());
        }
        self
    }

    pub(crate) fn receipt(&self) -> Option<&Receipt> {
        let (Self::Upsert { receipt, .. } | Self::Deleted { receipt, .. } | Self::Bad { receipt, .. }) = self;
        receipt.as_ref()
    }

    pub(crate) fn has_receipt(&self) -> bool {
        self.receipt().is_some()
    }

    pub(crate) fn take_receipt(&mut self) -> Option<Receipt> {
        let (Self::Upsert { receipt, .. } | Self::Deleted { receipt, .. } | Self::Bad { receipt, .. }) = self;
        receipt.take()
    }

    /// The key, where there is one.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Upsert { key, .. } | Self::Deleted { key, .. } => Some(key),
            Self::Bad { key, .. } => key.as_ref(),
        }
    }
}

impl<R> Debug for Item<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upsert { key, .. } => write!(f, "Upsert({key})"),
            Self::Deleted { key, .. } => write!(f, "Deleted({key})"),
            Self::Bad { key: Some(key), error, .. } => write!(f, "Bad({key}, {error:?})"),
            Self::Bad { key: None, error, .. } => write!(f, "Bad({error:?})"),
        }
    }
}

/// What a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// How its position behaves.
    pub kind: SourceKind,
    /// What the position belongs to.
    pub identity: SourceIdentity,
    /// Records may slip from page to page while the list is read (paging by offset): what a full pass did not give is
    /// believed to be gone only if [`Source::fetch`] says so.
    pub shifting: bool,
    /// Acknowledging a record may swallow a change that was made since it was read: acknowledged records are looked up
    /// once more with [`Source::fetch`].
    pub ack_swallows: bool,
}

impl SourceInfo {
    /// A source of `kind` that reads `identity`.
    #[must_use]
    pub fn new(kind: SourceKind, identity: SourceIdentity) -> Self {
        Self { kind, identity, shifting: false, ack_swallows: false }
    }

    /// Records may slip from page to page while the list is read.
    #[must_use]
    pub fn shifting(mut self) -> Self {
        self.shifting = true;
        self
    }

    /// Acknowledging a record may swallow a change that was made since it was read.
    #[must_use]
    pub fn ack_swallows(mut self) -> Self {
        self.ack_swallows = true;
        self
    }
}

/// How a source's position behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// Ordered by a time stamp and read with an overlap; see [`KeysetSource`](crate::KeysetSource).
    Keyset,
    /// The other system's own position, never interpreted: an event id, a continuation.
    Token,
    /// The other system keeps a queue of changes and drops what is acknowledged. The truth is there, the position is only a
    /// hint; pages are not read ahead.
    Queue,
    /// No memory of changes: each cycle reads everything. The position lives within the cycle, so that a stopped
    /// cycle goes on where it was, and is cleared at its end.
    Snapshot,
}

impl SourceKind {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyset => "keyset",
            Self::Token => "token",
            Self::Queue => "queue",
            Self::Snapshot => "snapshot",
        }
    }
}

/// What a position belongs to: a cursor of one database, contract or filter means nothing in another.
///
/// The address of the server is no part of it: hosts get renamed, and a copy may sit behind the old address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceIdentity {
    system: String,
    entity: String,
    database: String,
    contract: String,
    filter: String,
}

impl SourceIdentity {
    /// The records `entity` of the `system` (the name that the configuration gives it).
    #[must_use]
    pub fn new(system: impl Into<String>, entity: impl Into<String>) -> Self {
        Self {
            system: system.into(),
            entity: entity.into(),
            database: String::new(),
            contract: String::new(),
            filter: String::new(),
        }
    }

    /// Id of the database behind the system, where it tells one.
    #[must_use]
    pub fn database(mut self, id: impl Into<String>) -> Self {
        self.database = id.into();
        self
    }

    /// The contract (add-on, API version) that is spoken.
    #[must_use]
    pub fn contract(mut self, contract: impl Into<String>) -> Self {
        self.contract = contract.into();
        self
    }

    /// The filter under which the source reads: whatever changes the set of records belongs here.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = filter.into();
        self
    }

    /// The short text that is stored beside the position.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        // stored positions hang on this order
        for part in [&self.system, &self.entity, &self.database, &self.contract, &self.filter] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut text = hasher.finalize().to_hex().to_string();
        text.truncate(32);
        text
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Source + ?Sized> Source for Arc<T> {
    type Record = T::Record;
    type Cursor = T::Cursor;

    fn describe(&self) -> SourceInfo {
        (**self).describe()
    }

    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        (**self).read(from, limit).await
    }

    async fn read_all(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        (**self).read_all(from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        (**self).fetch(keys).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        (**self).acknowledge(outcomes).await
    }
}

const _: fn(&dyn Source<Record = (), Cursor = u64>) = |_| {};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_other_items_keeps_everything_else() {
        let items = vec![
            Item::upsert("a", 1).with_receipt("r"),
            Item::deleted("b"),
            Item::bad(Some("c".into()), Error::invalid("bad")).with_raw(*b"raw"),
        ];
        let mut page = Page::more(items, 7).with_as_of(DateTime::UNIX_EPOCH).with_highest(8).with_total(9);
        let items = std::mem::take(&mut page.items).into_iter().map(|item| item.map(|n| n.to_string()));
        let page = page.with_items(items.collect());
        assert_eq!((page.next, page.end, page.cut_short), (Some(7), false, false));
        assert_eq!((page.as_of, page.highest, page.total), (Some(DateTime::UNIX_EPOCH), Some(8), Some(9)));
        assert_eq!(page.items.iter().map(|item| item.key().unwrap().as_str()).collect::<String>(), "abc");
        assert!(matches!(&page.items[0], Item::Upsert { record, receipt: Some(_), .. } if record == "1"));
        assert!(matches!(&page.items[1], Item::Deleted { .. }));
        assert!(matches!(&page.items[2], Item::Bad { raw: Some(raw), .. } if **raw == *b"raw"));
    }

    #[test]
    fn any_part_of_the_identity_changes_its_fingerprint() {
        let base = SourceIdentity::new("erp", "stock");
        let all = [
            base.fingerprint(),
            base.clone().database("7").fingerprint(),
            base.clone().contract("7").fingerprint(),
            base.clone().filter("7").fingerprint(),
            SourceIdentity::new("erps", "tock").fingerprint(),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| other != one));
        }
    }
}
