//! Which lists there are to be, and who has them, as records.

use async_trait::async_trait;
use serde::Serialize;
use soneta_webapi::KontrahentId;
use std::fmt;
use sync_core::{FlowName, Item, Page, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::{ClientList, PriceLists};
use crate::key::key;

/// A list that has to be there, or that is there and nobody has any more.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WantedList {
    /// The list.
    pub list: ClientList,
    /// What people call the profile; none of a contractor's.
    pub nazwa: Option<String>,
    /// Nobody has it any more.
    pub unused: bool,
}

impl fmt::Debug for WantedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WantedList").field("list", &self.list).finish_non_exhaustive()
    }
}

/// The lists that ONe's clients need, and those that it has and nobody needs any more. The key is the list's name.
#[derive(Debug, Clone)]
pub struct WantedListSource {
    lists: PriceLists,
    prices: FlowName,
}

impl WantedListSource {
    /// The lists for which the flow `prices` sends prices.
    #[must_use]
    pub fn new(lists: PriceLists, prices: FlowName) -> Self {
        Self { lists, prices }
    }
}

#[async_trait]
impl Source for WantedListSource {
    type Record = WantedList;
    type Cursor = ();

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.lists.erp.identity("cenniki kontrahentów"))
    }

    async fn read(&self, _from: ReadFrom<&()>, _limit: usize) -> Result<Page<WantedList, ()>> {
        let plan = self.lists.plan_of_clients(&self.prices).await?;
        let told = |(list, unused): (&ClientList, bool)| {
            let nazwa = match list {
                ClientList::Profil(id) => plan.names.get(id).cloned(),
                ClientList::Kontrahent(_) => None,
            };
            Item::upsert(list.to_string(), WantedList { list: *list, nazwa, unused })
        };
        let wanted = plan.lists.keys().map(|list| (list, false));
        let unused = plan.unused.iter().map(|list| (list, true));
        let mut items: Vec<Item<WantedList>> = wanted.chain(unused).map(told).collect();
        items.extend(plan.unreadable.into_iter().map(|error| Item::bad(None, error)));
        Ok(Page::last(items, None))
    }
}

/// That a contractor has a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Assignment {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
    /// His list.
    pub list: ClientList,
}

/// Who has which of the lists that ONe has and whose prices were sent. The key is ONe's client and the list: another list is another
/// record, and the same list is the same one when the client stands for another contractor, since its own was merged into that.
#[derive(Debug, Clone)]
pub struct AssignmentSource {
    lists: PriceLists,
    prices: FlowName,
}

impl AssignmentSource {
    /// The lists for which the flow `prices` sends prices.
    #[must_use]
    pub fn new(lists: PriceLists, prices: FlowName) -> Self {
        Self { lists, prices }
    }
}

#[async_trait]
impl Source for AssignmentSource {
    type Record = Assignment;
    type Cursor = ();

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.lists.erp.identity("przypisania cenników"))
    }

    async fn read(&self, _from: ReadFrom<&()>, _limit: usize) -> Result<Page<Assignment, ()>> {
        let plan = self.lists.plan_of_clients(&self.prices).await?;
        let ready = |list: &ClientList| plan.existing.contains(list) && plan.priced.contains(list);
        let existing = plan.lists.iter().filter(|(list, _)| ready(list));
        let assignments = existing.flat_map(|(list, contractors)| {
            contractors.iter().filter_map(|kontrahent_id| {
                let client = plan.clients.get(kontrahent_id)?;
                let assignment = Assignment { kontrahent_id: *kontrahent_id, list: *list };
                Some(Item::upsert(key([client, &list.to_string()]), assignment))
            })
        });
        let mut items: Vec<Item<Assignment>> = assignments.collect();
        items.extend(plan.unreadable.into_iter().map(|error| Item::bad(None, error)));
        Ok(Page::last(items, None))
    }
}
