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

    /// A page of the list: its first, its last, and the goods on it that have thresholds. With the last one, how many there are, if that
    /// is another number than before.
    pub(super) fn page(
        &self,
        list: ClientList,
        first: bool,
        last: bool,
        goods: impl Iterator<Item = TowarId>,
    ) -> Option<usize> {
        let mut counts = self.counts();
        let reading = counts.reading.entry(list).or_default();
        if first {
            reading.clear();
        }
        reading.extend(goods);
        if !last {
            return None;
        }
        let count = counts.reading.remove(&list).map_or(0, |goods| goods.len());
        let before = match count {
            0 => counts.counted.remove(&list),
            _ => counts.counted.insert(list, count),
        };
        Some(count).filter(|count| *count > 0 && before != Some(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientList, Thresholds};
    use soneta_webapi::{ProfilCenId, TowarId};

    #[test]
    fn prices_with_thresholds_are_told_when_a_list_is_complete_and_their_number_is_new() {
        let (thresholds, list) = (Thresholds::default(), ClientList::Profil(ProfilCenId(7)));
        let page = |first, last, goods: &[i32]| {
            thresholds.page(list, first, last, goods.iter().map(|id| TowarId(*id)))
        };
        assert_eq!(page(true, false, &[1, 2]), None);
        assert_eq!(page(false, true, &[2, 3]), Some(3), "a good that is read twice counts once");
        assert_eq!(page(true, true, &[1, 2, 3]), None);
        assert_eq!(page(true, true, &[]), None);
        assert_eq!(page(true, true, &[1]), Some(1));
    }
}
