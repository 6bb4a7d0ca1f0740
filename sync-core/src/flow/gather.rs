//! Whole wire pages, gathered for one commit.

use chrono::{DateTime, Utc};

use super::Flow;
use super::ending::Ending;
use super::page::Last;
use super::stage::{Stage, UNKEYED};
use super::state::{RawCursor, raw_cursor, read_from};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Mapper;
use crate::name::Key;
use crate::source::{Item, ReadFrom, Source, SourceKind};

/// Whole wire pages, gathered for one commit.
pub(super) struct Gathered<R> {
    pub(super) items: Vec<Item<R>>,
    pub(super) next: Option<RawCursor>,
    pub(super) last: Option<Last>,
    pub(super) told: Told,
}

/// What wire pages tell besides their records.
#[derive(Default)]
pub(super) struct Told {
    pub(super) as_of: Option<DateTime<Utc>>,
    pub(super) highest: Option<u64>,
    pub(super) total: Option<u64>,
    pub(super) totals_differ: bool,
    pub(super) rows: u64,
    pub(super) unkeyed: bool,
}

impl<S, M, E> Stage<'_, S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    pub(super) async fn gather(
        &self,
        flow: &Flow,
        kind: SourceKind,
        start: Option<RawCursor>,
        full: bool,
    ) -> Result<Gathered<S::Record>> {
        let batch = self.batch(flow);
        let mut items: Vec<Item<S::Record>> = Vec::new();
        let mut told = Told::default();
        let mut at = start;
        loop {
            let from = read_from::<S::Cursor>(at.as_ref())?;
            let from = match &from {
                ReadFrom::Start => ReadFrom::Start,
                ReadFrom::After(cursor) => ReadFrom::After(cursor),
            };
            let read = || match full {
                true => self.source.read_all(from, batch),
                false => self.source.read(from, batch),
            };
            let page = flow.retry.run(&*flow.clock, read).await?;
            told.as_of = told.as_of.max(page.as_of);
            told.highest = told.highest.max(page.highest);
            told.totals_differ |= told.total.is_some() && page.total.is_some() && told.total != page.total;
            told.total = page.total.or(told.total);
            told.rows += page.items.len() as u64;
            told.unkeyed |= page.items.iter().any(|item| !has_own_key(item));
            let is_queue = kind == SourceKind::Queue && !full;
            let is_acknowledged = is_queue && page.items.iter().any(Item::has_receipt);
            name_the_nameless(at.as_ref(), page.items, &mut items);
            let next = page.next.as_ref().map(raw_cursor).transpose()?;
            if page.end {
                // a snapshot starts anew; any other source stays where it is if it names no position
                let next = if kind == SourceKind::Snapshot { None } else { next.or(at) };
                let last = Some(Last { cut_short: page.cut_short });
                return Ok(Gathered { items, next, last, told });
            }
            if is_acknowledged {
                // so a queue gets on, wherever its position is
                return Ok(Gathered { items, next: next.or(at), last: None, told });
            }
            let Some(next) = next else {
                return Err(Error::bug("a source gave neither an end nor a position"));
            };
            if at.is_some_and(|at| at.get() == next.get()) {
                return Err(Error::new(
                    ErrorKind::OrderViolation,
                    "the source does not get on: the same position twice",
                ));
            }
            at = Some(next);
            if is_queue || items.len() >= batch {
                return Ok(Gathered { items, next: at, last: None, told });
            }
        }
    }
}

fn has_own_key<R>(item: &Item<R>) -> bool {
    item.key().is_some_and(|key| key.as_str().len() <= Key::LONGEST && !key.as_str().starts_with(UNKEYED))
}

/// A key that no store could keep makes a bad record, instead of stopping the page.
fn with_fitting_key<R>(mut item: Item<R>) -> Item<R> {
    let Some(key) = item.key().filter(|key| key.as_str().len() > Key::LONGEST) else { return item };
    let mut short = blake3::hash(key.as_str().as_bytes()).to_hex().to_string();
    short.truncate(12);
    let error = Error::invalid("the record's key is too long");
    let key = Some(Key::from(format!("{UNKEYED}long:{short}")));
    Item::Bad { key, error, receipt: item.take_receipt(), raw: None }
}

/// Gives records without a key one made from their place, or from their receipt where they have one: a queue gives others
/// in the same place. Reading them again finds the same reject.
fn name_the_nameless<R>(at: Option<&RawCursor>, wire_page: Vec<Item<R>>, items: &mut Vec<Item<R>>) {
    if items.is_empty() && wire_page.iter().all(has_own_key) {
        *items = wire_page;
        return;
    }
    items.extend(wire_page.into_iter().enumerate().map(|(index, item)| match with_fitting_key(item) {
        Item::Bad { key: None, error, receipt, raw } => {
            let place = at.map_or("", |at| at.get());
            let (place, index) = receipt.as_ref().map_or((place, index), |receipt| (receipt.as_str(), 0));
            let mut place = blake3::hash(place.as_bytes()).to_hex().to_string();
            place.truncate(12);
            let key = Some(Key::from(format!("{UNKEYED}{place}:{index}")));
            Item::Bad { key, error, receipt, raw }
        }
        keyed => keyed,
    }));
}
