//! Which price lists the portal needs, who has which, and whose prices are asked next.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// A price list of the portal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PriceList {
    /// The list of all contractors with this price profile of the ERP.
    Profile(String),
    /// The complete list of one contractor, by its id.
    Contractor(String),
}

/// How a contractor's prices come about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pricing {
    /// All of them by this profile of the ERP.
    Profile(String),
    /// With exceptions of its own: each is asked singly, all of them were last asked at this instant.
    #[non_exhaustive]
    Own {
        /// When the list was last priced as a whole; `None` if never.
        priced_at: Option<DateTime<Utc>>,
    },
}

/// A contractor that buys on the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PricedContractor {
    /// Its id.
    pub id: String,
    /// How its prices come about.
    pub pricing: Pricing,
    /// Price lists that it has on the portal besides the planned one: of people, or of groups.
    pub other_lists: usize,
}

impl PricedContractor {
    /// One whose prices are all those of a profile.
    #[must_use]
    pub fn of_profile(id: impl Into<String>, profile: impl Into<String>) -> Self {
        Self { id: id.into(), pricing: Pricing::Profile(profile.into()), other_lists: 0 }
    }

    /// One with prices of its own.
    #[must_use]
    pub fn with_own_prices(id: impl Into<String>, priced_at: Option<DateTime<Utc>>) -> Self {
        Self { id: id.into(), pricing: Pricing::Own { priced_at }, other_lists: 0 }
    }

    /// Has so many other price lists on the portal.
    #[must_use]
    pub fn other_lists(mut self, lists: usize) -> Self {
        self.other_lists = lists;
        self
    }
}

/// Plans the price lists of all contractors.
///
/// Contractors of one profile share one list. A contractor with exceptions has a complete list of its own and no other,
/// so that no price depends on which of two lists the portal prefers.
///
/// ```
/// use sync_core::guard::price_lists::{PriceList, PriceListPlanner, PricedContractor};
///
/// let contractors = [
///     PricedContractor::of_profile("K1", "WHOLESALE"),
///     PricedContractor::of_profile("K2", "WHOLESALE"),
///     PricedContractor::with_own_prices("K3", None),
/// ];
/// let plan = PriceListPlanner::new(50).plan(&contractors, &[PriceList::Profile("OLD".into())].into())?;
/// assert_eq!(plan.lists.len(), 2);
/// assert_eq!(plan.next_to_price, ["K3"]);
/// assert_eq!(plan.unused, [PriceList::Profile("OLD".into())].into());
/// # Ok::<(), sync_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceListPlanner {
    /// How many contractors with prices of their own are priced in one cycle.
    pub per_cycle: usize,
    /// How many price lists one contractor may have on the portal; 2,000 by default, which is ONe's limit.
    pub lists_per_contractor: usize,
}

/// Which price lists there are to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceListPlan {
    /// Each list and the contractors that have it, by their ids. Every contractor is in exactly one.
    pub lists: BTreeMap<PriceList, BTreeSet<String>>,
    /// Lists of the portal that no contractor has any more.
    pub unused: BTreeSet<PriceList>,
    /// Whose own prices are asked in this cycle, by id: who waits longest comes first.
    pub next_to_price: Vec<String>,
    /// How many contractors with prices of their own wait for a later cycle.
    pub waiting: usize,
    /// Contractors that would have more price lists than one may, and how many.
    pub over_limit: BTreeMap<String, usize>,
}

impl PriceListPlanner {
    /// Prices so many contractors singly per cycle.
    #[must_use]
    pub fn new(per_cycle: usize) -> Self {
        Self { per_cycle, lists_per_contractor: 2_000 }
    }

    /// A contractor may have so many price lists.
    #[must_use]
    pub fn lists_per_contractor(mut self, lists: usize) -> Self {
        self.lists_per_contractor = lists;
        self
    }

    /// The plan for all contractors; `existing` are the lists of this kind that the portal has.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if a contractor is told twice: nobody could say which prices are its own.
    pub fn plan(
        &self,
        contractors: &[PricedContractor],
        existing: &BTreeSet<PriceList>,
    ) -> Result<PriceListPlan> {
        let mut plan = PriceListPlan::default();
        let mut told = BTreeSet::new();
        let mut singly = Vec::new();
        for contractor in contractors {
            if !told.insert(&contractor.id) {
                return Err(Error::invalid("a contractor comes twice among those to be priced"));
            }
            let list = match &contractor.pricing {
                Pricing::Profile(profile) => PriceList::Profile(profile.clone()),
                Pricing::Own { priced_at } => {
                    // never priced sorts before every instant
                    singly.push((*priced_at, &contractor.id));
                    PriceList::Contractor(contractor.id.clone())
                }
            };
            plan.lists.entry(list).or_default().insert(contractor.id.clone());
            let count = contractor.other_lists.saturating_add(1);
            if count > self.lists_per_contractor {
                plan.over_limit.insert(contractor.id.clone(), count);
            }
        }
        singly.sort_unstable();
        plan.waiting = singly.len().saturating_sub(self.per_cycle);
        plan.next_to_price = singly.into_iter().take(self.per_cycle).map(|(_, id)| id.clone()).collect();
        plan.unused = existing.iter().filter(|list| !plan.lists.contains_key(list)).cloned().collect();
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    #[test]
    fn lists_are_shared_by_profile_and_exceptions_make_a_list_of_its_own() {
        let contractors = [
            PricedContractor::of_profile("K1", "A"),
            PricedContractor::of_profile("K2", "B"),
            PricedContractor::of_profile("K3", "A"),
            PricedContractor::with_own_prices("K4", Some(at(0))),
        ];
        let existing = ["A", "GONE"].map(|profile| PriceList::Profile(profile.into()));
        let of_k1 = PriceList::Contractor("K1".into());
        let existing = existing.into_iter().chain([of_k1.clone()]).collect();
        let plan = PriceListPlanner::new(10).plan(&contractors, &existing).unwrap();
        let lists: Vec<(PriceList, Vec<&str>)> = plan
            .lists
            .iter()
            .map(|(list, ids)| (list.clone(), ids.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            lists,
            [
                (PriceList::Profile("A".into()), vec!["K1", "K3"]),
                (PriceList::Profile("B".into()), vec!["K2"]),
                (PriceList::Contractor("K4".into()), vec!["K4"]),
            ]
        );
        // a profile named as a contractor is another list, and K1 lost its exceptions
        assert_eq!(plan.unused, [PriceList::Profile("GONE".into()), of_k1].into());
    }

    #[test]
    fn who_waits_longest_is_priced_first_and_nobody_beyond_the_budget() {
        let own = |id: &str, minute: Option<i64>| PricedContractor::with_own_prices(id, minute.map(at));
        let contractors =
            [own("K1", Some(5)), own("K2", None), own("K3", Some(1)), own("K4", None), own("K5", Some(1))];
        let plan = |budget| PriceListPlanner::new(budget).plan(&contractors, &BTreeSet::new()).unwrap();
        assert_eq!(plan(4).next_to_price, ["K2", "K4", "K3", "K5"]);
        assert_eq!((plan(4).waiting, plan(9).waiting, plan(0).waiting), (1, 0, 5));
        assert!(plan(0).next_to_price.is_empty());
    }

    #[test]
    fn lists_are_counted_against_the_portals_limit_and_doubles_are_refused() {
        let contractors = [
            PricedContractor::of_profile("K1", "A").other_lists(1_999),
            PricedContractor::of_profile("K2", "A").other_lists(2_000),
        ];
        let planner = PriceListPlanner::new(1);
        let plan = planner.plan(&contractors, &BTreeSet::new()).unwrap();
        assert_eq!(plan.over_limit, [("K2".to_owned(), 2_001)].into());
        let strict = planner.lists_per_contractor(100).plan(&contractors, &BTreeSet::new()).unwrap();
        assert_eq!(strict.over_limit.len(), 2);
        let twice = [PricedContractor::of_profile("K1", "A"), PricedContractor::with_own_prices("K1", None)];
        let refused = planner.plan(&twice, &BTreeSet::new()).map_err(|error| error.kind());
        assert_eq!(refused, Err(ErrorKind::Invalid));
    }

    proptest! {
        #[test]
        fn l24_each_contractor_is_in_one_list_and_each_list_is_used(
            profiles in prop::collection::vec(prop::option::of(0u8..5), 0..60),
            existing in prop::collection::btree_set(0u8..10, 0..10), per_cycle in 0usize..10,
        ) {
            let contractors: Vec<PricedContractor> = profiles.iter().enumerate().map(|(id, profile)| match profile {
                Some(profile) => PricedContractor::of_profile(format!("K{id}"), profile.to_string()),
                None => PricedContractor::with_own_prices(format!("K{id}"), None),
            }).collect();
            let existing: BTreeSet<PriceList> =
                existing.into_iter().map(|profile| PriceList::Profile(profile.to_string())).collect();
            let plan = PriceListPlanner::new(per_cycle).plan(&contractors, &existing).unwrap();
            let assigned: Vec<&String> = plan.lists.values().flatten().collect();
            prop_assert_eq!(assigned.len(), contractors.len());
            prop_assert_eq!(assigned.into_iter().collect::<BTreeSet<_>>().len(), contractors.len());
            prop_assert!(plan.lists.values().all(|ids| !ids.is_empty()));
            let needed: BTreeSet<PriceList> = plan.lists.keys().cloned().collect();
            prop_assert!(plan.unused.is_disjoint(&needed));
            prop_assert!(existing.iter().all(|list| plan.unused.contains(list) || needed.contains(list)));
            let singly = profiles.iter().filter(|profile| profile.is_none()).count();
            prop_assert_eq!(plan.next_to_price.len(), singly.min(per_cycle));
            prop_assert_eq!(plan.next_to_price.len() + plan.waiting, singly);
        }

        #[test]
        fn l24_the_rotation_prices_everybody_in_as_few_cycles_as_the_budget_allows(
            count in 1usize..40, per_cycle in 1usize..10, first in prop::collection::vec(prop::option::of(0i64..100), 40),
        ) {
            let mut contractors: Vec<PricedContractor> = (0..count)
                .map(|id| PricedContractor::with_own_prices(format!("K{id}"), first[id].map(at))).collect();
            let mut priced = BTreeSet::new();
            for cycle in 0..count.div_ceil(per_cycle) {
                let plan = PriceListPlanner::new(per_cycle).plan(&contractors, &BTreeSet::new()).unwrap();
                for id in plan.next_to_price {
                    // nobody comes a second time before the last one came
                    prop_assert!(priced.insert(id.clone()) || priced.len() == count);
                    let contractor = contractors.iter_mut().find(|contractor| contractor.id == id).unwrap();
                    contractor.pricing = Pricing::Own { priced_at: Some(at(1_000 + i64::try_from(cycle).unwrap())) };
                }
            }
            prop_assert_eq!(priced.len(), count);
        }
    }
}
