//! Lists as the parts of a flow.

use async_trait::async_trait;
use soneta_webapi::KontrahentId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use sync_core::{FlowName, Part, PartList, Parts, Result};

use super::turns::Turns;
use super::{ClientList, PriceLists, PriceSource};

/// One part per list. A round takes all lists of profiles, and of the complete lists of contractors those whose turn is longest ago, up
/// to the [budget](PriceLists::per_cycle). A list that nobody has any more is retired, of a portal of one's own once its prices are
/// removed.
#[derive(Debug, Clone)]
pub struct PriceListParts {
    lists: PriceLists,
    flow: FlowName,
    portal: Portal,
    turns: Arc<Mutex<Turns>>,
    /// Lists of contractors who are sold to no more, of which a portal of one's own still has prices.
    left: Arc<Mutex<BTreeSet<ClientList>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Portal {
    One,
    Own,
}

impl PriceListParts {
    /// The lists that ONe has, for the flow of this name: see [`PRICE_LIST_LINK`](crate::flows::client_prices::PRICE_LIST_LINK).
    #[must_use]
    pub fn of_one(lists: PriceLists, flow: FlowName) -> Self {
        Self { lists, flow, portal: Portal::One, turns: Arc::default(), left: Arc::default() }
    }

    /// Each active contractor's own list, for the flow of this name; what was sent of contractors who are active no more is removed.
    #[must_use]
    pub fn of_contractors(lists: PriceLists, flow: FlowName) -> Self {
        let lists = PriceLists { profile: None, ..lists };
        Self { lists, flow, portal: Portal::Own, turns: Arc::default(), left: Arc::default() }
    }
}

#[async_trait]
impl Parts for PriceListParts {
    type Source = PriceSource;

    async fn list(&self) -> Result<PartList> {
        let plan = match self.portal {
            Portal::One => self.lists.plan_of_clients(&self.flow).await?,
            Portal::Own => self.lists.plan_of_contractors(&self.flow).await?,
        };
        for error in &plan.unreadable {
            tracing::warn!(flow = %self.flow, %error, "who has which price list is known in part");
        }
        let (left, retired): (BTreeSet<_>, BTreeSet<_>) = match self.portal {
            Portal::One => (BTreeSet::new(), plan.left()),
            Portal::Own => plan.left().into_iter().partition(|list| plan.sent.contains(list)),
        };
        let lists: BTreeSet<ClientList> = match (self.portal, plan.unreadable.is_empty()) {
            (Portal::Own, _) => plan.lists.into_keys().collect(),
            (Portal::One, true) => {
                plan.lists.into_keys().filter(|list| plan.existing.contains(list)).collect()
            }
            // whose a list is may be in a row that cannot be read
            (Portal::One, false) => plan.existing,
        };
        let (own, shared): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|list| matches!(list, ClientList::Kontrahent(_)));
        let own = own.into_iter().map(|list| (list, plan.stored.get(&list).copied())).collect();
        let own = locked(&self.turns).next(own, self.lists.per_cycle);
        let listed: PartList = shared.iter().chain(&own).chain(&left).map(ToString::to_string).collect();
        *locked(&self.left) = left;
        Ok(listed.retiring(retired.iter().map(ToString::to_string)))
    }

    fn source(&self, part: &str) -> PriceSource {
        // what is no list's name reads the list of no contractor
        let list = ClientList::parse(part).unwrap_or(ClientList::Kontrahent(KontrahentId(0)));
        let source = PriceSource::new(self.lists.clone(), list);
        match locked(&self.left).contains(&list) {
            true => source.left(Part::named(&self.flow, part)),
            false => source,
        }
    }
}

fn locked<T>(of_all: &Mutex<T>) -> MutexGuard<'_, T> {
    of_all.lock().unwrap_or_else(PoisonError::into_inner)
}
