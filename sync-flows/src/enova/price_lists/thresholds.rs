//! Quantity thresholds of lists, counted as the lists are read.

use soneta_webapi::TowarId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ClientList;

/// Which prices of each list have thresholds. Goods are counted by id, so that a page which is read twice counts once.
#[derive(Debug, Clone, Default)]
pub(super) struct Thresholds(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    /// Lists that are being read.
    reading: BTreeMap<ClientList, BTreeSet<TowarId>>,
    counted: BTreeMap<ClientList, usize>,
}

impl Thresholds {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counted(&self) -> BTreeMap<ClientList, usize> {
        self.counts().counted.clone()
    }

    /// A page of the list: its first, its last, and the goods on it that have thresholds.
    pub(super) fn page(
        &self,
        list: ClientList,
        first: bool,
        last: bool,
        goods: impl Iterator<Item = TowarId>,
    ) {
        let mut counts = self.counts();
        let reading = counts.reading.entry(list).or_default();
        if first {
            reading.clear();
        }
        reading.extend(goods);
        if !last {
            return;
        }
        let count = counts.reading.remove(&list).map_or(0, |goods| goods.len());
        let before = match count {
            0 => counts.counted.remove(&list),
            _ => counts.counted.insert(list, count),
        };
        if count > 0 && before != Some(count) {
            tracing::warn!(%list, count, "prices with quantity thresholds");
        }
    }
}
