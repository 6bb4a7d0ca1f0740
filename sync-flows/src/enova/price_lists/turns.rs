//! Whose complete list is read in a round.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

use super::ClientList;

/// When lists had their turn, in rounds of this process.
#[derive(Debug, Default)]
pub(super) struct Turns {
    rounds: u64,
    last: BTreeMap<ClientList, u64>,
}

impl Turns {
    /// Of the lists that there are, each with when something of it was stored last, at most so many: those whose turn is longest ago.
    /// A list that failed has had its turn as well, or those that always fail would take every round.
    pub(super) fn next(
        &mut self,
        lists: BTreeMap<ClientList, Option<DateTime<Utc>>>,
        most: usize,
    ) -> Vec<ClientList> {
        self.last.retain(|list, _| lists.contains_key(list));
        let mut waiting: Vec<_> =
            lists.into_iter().map(|(list, stored)| (self.last.get(&list).copied(), stored, list)).collect();
        // never sorts before every turn and every instant
        waiting.sort_unstable();
        waiting.truncate(most);
        self.rounds += 1;
        self.last.extend(waiting.iter().map(|(_, _, list)| (*list, self.rounds)));
        waiting.into_iter().map(|(_, _, list)| list).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientList, Turns};
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};
    use soneta_webapi::KontrahentId;
    use std::collections::{BTreeMap, BTreeSet};

    fn own(id: usize) -> ClientList {
        ClientList::Kontrahent(KontrahentId(i32::try_from(id).unwrap()))
    }

    #[test]
    fn who_waits_longest_comes_first_and_nobody_beyond_the_budget() {
        let at = |minute| Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(minute));
        let lists: BTreeMap<_, _> = [at(5), None, at(1), None, at(1)]
            .into_iter()
            .enumerate()
            .map(|(id, stored)| (own(id), stored))
            .collect();
        let next = |most| Turns::default().next(lists.clone(), most);
        assert_eq!(next(4), [1, 3, 2, 4].map(own));
        assert_eq!(next(9).len(), 5);
        assert!(next(0).is_empty());
    }

    proptest! {
        #[test]
        fn everybody_has_a_turn_in_as_few_rounds_as_the_budget_allows_though_nobody_succeeds(
            stored in prop::collection::vec(prop::option::of(0i64..100), 1..40), most in 1usize..10,
        ) {
            let lists: BTreeMap<_, _> = stored.iter().enumerate()
                .map(|(id, minute)| (own(id), minute.map(|minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute))))
                .collect();
            let mut turns = Turns::default();
            let mut came = BTreeSet::new();
            for _ in 0..lists.len().div_ceil(most) {
                for list in turns.next(lists.clone(), most) {
                    // nobody comes a second time before the last one came
                    prop_assert!(came.insert(list) || came.len() == lists.len());
                }
            }
            prop_assert_eq!(came.len(), lists.len());
        }
    }
}
