//! How many price lists each client has, reckoned from what the integration knows. No calls.
//!
//! The vendor's page for ERP teams allows 2,000 price lists per B2B client and asks to delete unused ones. No call that
//! deletes one is documented, so what is unused can only be reported.

use super::PricingHolder;
use crate::ids::{ClientGroupId, ClientId, PricingId};
use std::collections::{BTreeMap, BTreeSet};

/// The most price lists one client may have (*documented* on the vendor's page for ERP teams, in one of its two
/// versions: quirk Q21).
pub const MAX_PRICE_LISTS: usize = 2_000;

/// A price list by its place in the order of arrival: with thousands of lists for thousands of clients the ids
/// themselves would be most of the memory.
type Number = u32;

/// Who has which price lists: told line by line, in any order; what is told twice counts once.
///
/// ```
/// use one_client::pricing::PriceListPlan;
/// use one_client::{ClientGroupId, ClientId};
///
/// let mut plan = PriceListPlan::new();
/// for pricing in ["hurt", "detal", "wyprzedaż 2024"] {
///     plan.exists(pricing);
/// }
/// plan.assign(ClientGroupId::from("elektrycy"), "hurt");
/// plan.join("org:7", "elektrycy");
/// plan.assign(ClientId::from("org:7"), "detal");
/// plan.assign(ClientId::from("ind:8"), "detal");
///
/// let lists: Vec<_> = plan.clients().map(|client| (client.client_id.as_str(), client.lists)).collect();
/// assert_eq!(lists, [("ind:8", 1), ("org:7", 2)]);
/// assert_eq!(plan.beyond_limit().count(), 0);
/// let unused: Vec<_> = plan.unused().into_iter().map(|pricing| pricing.as_str()).collect();
/// assert_eq!(unused, ["wyprzedaż 2024"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct PriceListPlan {
    numbers: BTreeMap<PricingId, Number>,
    existing: BTreeSet<Number>,
    kept: BTreeSet<Number>,
    of_clients: BTreeMap<ClientId, BTreeSet<Number>>,
    of_groups: BTreeMap<ClientGroupId, BTreeSet<Number>>,
    groups: BTreeMap<ClientId, BTreeSet<ClientGroupId>>,
}

/// The price lists of one client, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ClientPriceLists<'a> {
    /// The client.
    pub client_id: &'a ClientId,
    /// Different lists it has, of its own or through groups.
    pub lists: usize,
    /// Lists of its own.
    pub direct: usize,
    /// Different lists it has through groups; some may be its own as well.
    pub through_groups: usize,
}

impl ClientPriceLists<'_> {
    /// Whether these are more than [`MAX_PRICE_LISTS`].
    pub fn is_beyond_limit(&self) -> bool {
        self.lists > MAX_PRICE_LISTS
    }
}

impl PriceListPlan {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// There is this price list. Lists that are only assigned, and not told here, are never called unused.
    pub fn exists(&mut self, pricing: impl Into<PricingId>) {
        let number = self.number(pricing.into());
        self.existing.insert(number);
    }

    /// A list that is needed although no client has it: the main catalogue's, or the source of another's base prices.
    pub fn keep(&mut self, pricing: impl Into<PricingId>) {
        let number = self.number(pricing.into());
        self.kept.insert(number);
    }

    /// A client ([`ClientId`]) or a group ([`ClientGroupId`]) has this list.
    pub fn assign(&mut self, holder: impl Into<PricingHolder>, pricing: impl Into<PricingId>) {
        let number = self.number(pricing.into());
        match holder.into() {
            PricingHolder::Client(client) => self.of_clients.entry(client).or_default().insert(number),
            PricingHolder::Group(group) => self.of_groups.entry(group).or_default().insert(number),
        };
    }

    /// A client belongs to a group.
    pub fn join(&mut self, client: impl Into<ClientId>, group: impl Into<ClientGroupId>) {
        self.groups.entry(client.into()).or_default().insert(group.into());
    }

    fn number(&mut self, pricing: PricingId) -> Number {
        let next = Number::try_from(self.numbers.len()).unwrap_or(Number::MAX);
        *self.numbers.entry(pricing).or_insert(next)
    }

    /// What one client has; zeros if nothing is known of it.
    pub fn client<'a>(&self, client_id: &'a ClientId) -> ClientPriceLists<'a> {
        let direct = self.of_clients.get(client_id).map_or(0, BTreeSet::len);
        let mut lists: BTreeSet<Number> = self.through_groups(client_id).collect();
        let through_groups = lists.len();
        lists.extend(self.of_clients.get(client_id).into_iter().flatten());
        ClientPriceLists { client_id, lists: lists.len(), direct, through_groups }
    }

    fn through_groups(&self, client: &ClientId) -> impl Iterator<Item = Number> {
        let groups = self.groups.get(client).into_iter().flatten();
        groups.filter_map(|group| self.of_groups.get(group)).flatten().copied()
    }

    /// Every client that has a list or belongs to a group, in the order of ids, reckoned one by one.
    pub fn clients(&self) -> impl Iterator<Item = ClientPriceLists<'_>> {
        let all: BTreeSet<&ClientId> = self.of_clients.keys().chain(self.groups.keys()).collect();
        all.into_iter().map(|client| self.client(client))
    }

    /// The clients that have more than [`MAX_PRICE_LISTS`].
    pub fn beyond_limit(&self) -> impl Iterator<Item = ClientPriceLists<'_>> {
        self.clients().filter(ClientPriceLists::is_beyond_limit)
    }

    /// The lists that exist and that no client has, of its own or through a group, and that are not to be
    /// [kept](Self::keep), in the order of ids.
    ///
    /// A list that only groups without a client have is one of them: who belongs to which group must have been
    /// told before this is believed.
    pub fn unused(&self) -> Vec<&PricingId> {
        let mut used: BTreeSet<Number> = self.of_clients.values().flatten().copied().collect();
        let groups: BTreeSet<&ClientGroupId> = self.groups.values().flatten().collect();
        used.extend(groups.into_iter().filter_map(|group| self.of_groups.get(group)).flatten());
        let is_unused = |number: &Number| {
            self.existing.contains(number) && !self.kept.contains(number) && !used.contains(number)
        };
        self.numbers.iter().filter(|(_, number)| is_unused(number)).map(|(pricing, _)| pricing).collect()
    }
}

/// The pairs by which a holder would have more than [`MAX_PRICE_LISTS`] lists, going through them in order.
pub(super) fn beyond_limit<'l>(
    pairs: impl Iterator<Item = (&'l PricingHolder, &'l PricingId)>,
) -> BTreeSet<(&'l PricingHolder, &'l PricingId)> {
    let mut lists: BTreeMap<&PricingHolder, BTreeSet<&PricingId>> = BTreeMap::new();
    let mut beyond = BTreeSet::new();
    for (holder, pricing) in pairs {
        let lists = lists.entry(holder).or_default();
        if lists.len() < MAX_PRICE_LISTS {
            lists.insert(pricing);
        } else if !lists.contains(pricing) {
            beyond.insert((holder, pricing));
        }
    }
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What may be told, with few names so that they meet.
    #[derive(Clone, Debug)]
    enum Fact {
        Exists(u8),
        Keep(u8),
        Client(u8, u8),
        Group(u8, u8),
        Join(u8, u8),
    }

    fn facts() -> impl Strategy<Value = Vec<Fact>> {
        let fact = prop_oneof![
            (0..12_u8).prop_map(Fact::Exists),
            (0..12_u8).prop_map(Fact::Keep),
            (0..6_u8, 0..12_u8).prop_map(|(client, pricing)| Fact::Client(client, pricing)),
            (0..4_u8, 0..12_u8).prop_map(|(group, pricing)| Fact::Group(group, pricing)),
            (0..6_u8, 0..4_u8).prop_map(|(client, group)| Fact::Join(client, group)),
        ];
        prop::collection::vec(fact, 0..60)
    }

    fn client(number: u8) -> ClientId {
        ClientId::from(format!("{}:{number}", if number.is_multiple_of(2) { "org" } else { "ind" }))
    }

    proptest! {
        #[test]
        fn the_plan_says_what_a_naive_count_says(facts in facts()) {
            let mut plan = PriceListPlan::new();
            for fact in &facts {
                match *fact {
                    Fact::Exists(p) => plan.exists(format!("żółty/{p}")),
                    Fact::Keep(p) => plan.keep(format!("żółty/{p}")),
                    Fact::Client(c, p) => plan.assign(client(c), format!("żółty/{p}")),
                    Fact::Group(g, p) => plan.assign(ClientGroupId::from(format!("{g}")), format!("żółty/{p}")),
                    Fact::Join(c, g) => plan.join(client(c), format!("{g}")),
                }
            }
            let is = |wanted: &dyn Fn(&Fact) -> bool| facts.iter().any(wanted);
            let own = |c: u8, p: u8| is(&|f| matches!(*f, Fact::Client(x, y) if (x, y) == (c, p)));
            let shared = |c: u8, p: u8| (0..4_u8).any(|g| {
                is(&|f| matches!(*f, Fact::Join(x, y) if (x, y) == (c, g)))
                    && is(&|f| matches!(*f, Fact::Group(x, y) if (x, y) == (g, p)))
            });
            let count = |has: &dyn Fn(u8) -> bool| (0..12_u8).filter(|p| has(*p)).count();

            let mut expected = Vec::new();
            for c in 0..6_u8 {
                let known = is(&|f| matches!(*f, Fact::Client(x, _) | Fact::Join(x, _) if x == c));
                if known {
                    let lists = count(&|p| own(c, p) || shared(c, p));
                    expected.push((client(c), lists, count(&|p| own(c, p)), count(&|p| shared(c, p))));
                }
            }
            expected.sort();
            let told: Vec<_> = plan
                .clients()
                .map(|told| (told.client_id.clone(), told.lists, told.direct, told.through_groups))
                .collect();
            prop_assert_eq!(told, expected);

            let unused: BTreeSet<_> = (0..12_u8)
                .filter(|p| is(&|f| matches!(*f, Fact::Exists(x) if x == *p)))
                .filter(|p| !is(&|f| matches!(*f, Fact::Keep(x) if x == *p)))
                .filter(|p| !(0..6).any(|c| own(c, *p) || shared(c, *p)))
                .map(|p| format!("żółty/{p}"))
                .collect();
            let told: BTreeSet<_> = plan.unused().into_iter().map(|pricing| pricing.as_str().to_owned()).collect();
            prop_assert_eq!(told, unused);
        }
    }

    #[test]
    fn two_thousand_lists_are_within_the_limit_and_one_more_through_a_group_is_not() {
        let mut plan = PriceListPlan::new();
        for list in 0..2_000 {
            plan.assign(ClientId::from("org:pełny"), format!("{list}"));
        }
        plan.assign(ClientGroupId::from("g"), "0");
        plan.join("org:pełny", "g");
        assert_eq!(plan.beyond_limit().count(), 0, "a list that is had twice counts once");
        plan.assign(ClientGroupId::from("g"), "another");
        let beyond: Vec<_> = plan.beyond_limit().collect();
        assert_eq!(beyond.len(), 1);
        assert_eq!((beyond[0].lists, beyond[0].direct, beyond[0].through_groups), (2_001, 2_000, 2));
    }
}
