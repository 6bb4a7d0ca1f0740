//! Records that show what the flow of the other direction wrote.

use std::collections::BTreeMap;

use super::lane::Lane;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::mapper::Mapper;
use crate::name::Key;
use crate::source::Item;
use crate::store::{PageQuery, Sent};

/// What the other direction sent last of a record, and how the record looks in its terms.
///
/// Which of the two flows wrote last decides what is new: else who takes a change back would be taken for an echo, and what the
/// other side changed meanwhile for unchanged. So what a flow keeps of a record it sent has two halves: what it sent, and what
/// the other direction kept by then. If that is another by now, the other direction wrote last. As each keeps a hash of what
/// the other kept, the same never comes again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theirs {
    /// Of what the other direction keeps.
    state: u64,
    is_equal: bool,
}

impl Theirs {
    fn new(kept: Fingerprint, canonical: Fingerprint) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(kept.as_bytes()).as_bytes();
        let state = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        Self { state, is_equal: halves(kept).0 == halves(canonical).0 }
    }

    /// The record is what the other direction wrote, later than this flow.
    pub(super) fn is_echo(self, ours: Option<&Sent>) -> bool {
        let is_known = ours.is_some_and(|ours| halves(ours.fingerprint).1 == self.state);
        self.is_equal && !is_known
    }

    /// What to keep of a record with this fingerprint.
    pub(super) fn beside(self, print: Fingerprint) -> Fingerprint {
        let both = u128::from(halves(print).0) << 64 | u128::from(self.state);
        Fingerprint::from_bytes(both.to_be_bytes())
    }
}

fn halves(print: Fingerprint) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *print.as_bytes();
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, m, n, o, p]))
}

/// Of each item what the other direction sent, if the flow asks for that.
pub(super) async fn find<R, M: Mapper<R>>(
    lane: &Lane<'_>,
    mapper: &M,
    items: &[Item<R>],
) -> Result<Vec<Option<Theirs>>> {
    let Some(part) = &lane.flow.echo_of else { return Ok(items.iter().map(|_| None).collect()) };
    let canonical = |item: &Item<R>| match item {
        Item::Upsert { key, record, .. } => mapper.echo_of(key, record),
        Item::Deleted { .. } | Item::Bad { .. } => None,
    };
    let asked: Vec<Option<(Key, Fingerprint)>> = items.iter().map(canonical).collect();
    let mut sent: BTreeMap<&Key, Option<Fingerprint>> =
        asked.iter().flatten().map(|(key, _)| (key, None)).collect();
    if !sent.is_empty() {
        let keys: Vec<Key> = sent.keys().map(|key| (*key).clone()).collect();
        let stored = lane.flow.store.read_page(part, PageQuery::new(keys, Vec::new())).await?;
        if stored.sent.len() != sent.len() {
            return Err(Error::bug("a store did not give one answer per key"));
        }
        for (place, stored) in sent.values_mut().zip(stored.sent) {
            *place = stored.map(|stored| stored.fingerprint);
        }
    }
    let theirs = |(key, print): &(Key, Fingerprint)| {
        let kept = sent.get(key).copied().flatten()?;
        Some(Theirs::new(kept, *print))
    };
    Ok(asked.iter().map(|asked| asked.as_ref().and_then(theirs)).collect())
}
