//! Who has which list.

use chrono::{DateTime, Utc};
use soneta_webapi::{Change, ChangesQuery, KontrahentId, ProfilCenId, SnapshotQuery};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::{Error, FlowName, PageQuery, Part, Result};

use super::{ClientList, PriceLists};
use crate::client_error::engine_error;
use crate::enova::each_row::each_row;
use crate::flows::client_prices::PRICE_LIST_LINK;
use crate::flows::clients::client_link;

/// How many links are asked for at once.
const LINKS_AT_ONCE: usize = 500;

/// Which lists there are to be, and whose.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Each list and who has it.
    pub(crate) lists: BTreeMap<ClientList, BTreeSet<KontrahentId>>,
    /// Their clients in ONe, by the ids that links hold; none in the plan for a portal of one's own.
    pub(crate) clients: BTreeMap<KontrahentId, String>,
    /// What people call the profiles.
    pub(crate) names: BTreeMap<ProfilCenId, String>,
    /// Lists that exist and nobody has any more.
    pub(crate) unused: BTreeSet<ClientList>,
    /// Lists that exist.
    pub(crate) existing: BTreeSet<ClientList>,
    /// Lists whose prices were sent, whole at least once.
    pub(crate) priced: BTreeSet<ClientList>,
    /// Lists of which the portal has prices.
    pub(crate) sent: BTreeSet<ClientList>,
    /// When something of a list's prices was stored last.
    pub(crate) stored: BTreeMap<ClientList, DateTime<Utc>>,
    /// Rows that could not be read. Nothing may be concluded from what is missing.
    pub(crate) unreadable: Vec<Error>,
}

impl Plan {
    /// The lists that were read before and are nobody's any more. None as long as that may be a mistake: rows cannot be read, or nobody
    /// is told at all.
    pub(crate) fn left(&self) -> BTreeSet<ClientList> {
        match self.unreadable.is_empty() && !self.lists.is_empty() {
            true => self.stored.keys().filter(|list| !self.lists.contains_key(list)).copied().collect(),
            false => BTreeSet::new(),
        }
    }
}

/// How the contractors are priced, as far as their rows could be read.
#[derive(Debug, Default)]
struct Profiles {
    of: BTreeMap<KontrahentId, ProfilCenId>,
    names: BTreeMap<ProfilCenId, String>,
    with_exceptions: BTreeSet<KontrahentId>,
    /// A profile cannot be read: who seems to be in none may be in that.
    unknown_profile: bool,
    /// An exception cannot be read: who seems to have none may have that.
    unknown_exception: bool,
}

impl Profiles {
    /// Contractors of one profile share its list. One with exceptions has a complete list of his own and no other, so that no price
    /// depends on which of two lists ONe prefers. `None` as long as rows that cannot be read may say otherwise.
    fn list_of(&self, id: KontrahentId) -> Option<ClientList> {
        let own = ClientList::Kontrahent(id);
        match self.of.get(&id) {
            _ if self.with_exceptions.contains(&id) => Some(own),
            None if self.unknown_profile => None,
            None => Some(own),
            // who has the profile's list keeps it meanwhile, since nothing is concluded from what is missing
            Some(_) if self.unknown_exception => None,
            Some(profil) => Some(ClientList::Profil(*profil)),
        }
    }
}

impl PriceLists {
    /// The plan for the clients of ONe: contractors that are linked to one.
    ///
    /// A contractor who has had a complete list keeps it: ONe knows no call that takes a list from a client, so going back to the
    /// profile's would leave him with both.
    pub(crate) async fn plan_of_clients(&self, flow: &FlowName) -> Result<Plan> {
        let mut plan = Plan { existing: self.existing().await?, ..Plan::default() };
        let active = self.active(&mut plan.unreadable).await?;
        plan.clients = self.linked(flow, active).await?;
        let profiles = self.profiles(&mut plan.unreadable).await?;
        let linked = plan.clients.keys().copied().collect();
        self.fill(plan, linked, profiles, flow).await
    }

    /// The plan for a portal of one's own: each active contractor has his own list.
    pub(crate) async fn plan_of_contractors(&self, flow: &FlowName) -> Result<Plan> {
        let mut plan = Plan::default();
        let active = self.active(&mut plan.unreadable).await?;
        self.fill(plan, active, None, flow).await
    }

    async fn fill(
        &self,
        mut plan: Plan,
        contractors: BTreeSet<KontrahentId>,
        profiles: Option<Profiles>,
        flow: &FlowName,
    ) -> Result<Plan> {
        for part in self.store.parts(flow).await? {
            let Some(list) = ClientList::parse(part.part.name()) else { continue };
            if part.population.active > 0 {
                plan.sent.insert(list);
                if part.last_ok_at.is_some() {
                    plan.priced.insert(list);
                }
            }
            plan.stored.insert(list, part.committed_at);
        }
        for id in contractors {
            let own = ClientList::Kontrahent(id);
            let list = match &profiles {
                Some(profiles) if !plan.existing.contains(&own) => profiles.list_of(id),
                _ => Some(own),
            };
            if let Some(list) = list {
                plan.lists.entry(list).or_default().insert(id);
            }
        }
        if plan.unreadable.is_empty() {
            let existing = plan.existing.iter();
            plan.unused = existing.filter(|list| !plan.lists.contains_key(list)).copied().collect();
        }
        plan.names = profiles.map(|profiles| profiles.names).unwrap_or_default();
        Ok(plan)
    }

    /// The lists that were created.
    async fn existing(&self) -> Result<BTreeSet<ClientList>> {
        let (kind, mut lists, mut after) = (PRICE_LIST_LINK.into(), BTreeSet::new(), None::<String>);
        loop {
            let links = self.store.open_links(&kind, after.as_deref(), LINKS_AT_ONCE).await?;
            let Some(last) = links.last() else { return Ok(lists) };
            after = Some(last.a.clone());
            lists.extend(links.iter().filter_map(|link| ClientList::parse(&link.b)));
        }
    }

    /// Those that are linked to a client of ONe, with its id.
    async fn linked(
        &self,
        flow: &FlowName,
        contractors: BTreeSet<KontrahentId>,
    ) -> Result<BTreeMap<KontrahentId, String>> {
        let contractors: Vec<KontrahentId> = contractors.into_iter().collect();
        let part = Part::whole(flow);
        let mut linked = BTreeMap::new();
        for some in contractors.chunks(LINKS_AT_ONCE) {
            let wanted = |id: &KontrahentId| client_link(*id);
            let query = PageQuery::new(Vec::new(), some.iter().map(wanted).collect());
            let links = self.store.read_page(&part, query).await?.links;
            linked.extend(some.iter().filter_map(|id| Some((*id, links.get(&wanted(id))?.to_owned()))));
        }
        Ok(linked)
    }

    async fn active(&self, unreadable: &mut Vec<Error>) -> Result<BTreeSet<KontrahentId>> {
        let mut active = BTreeSet::new();
        let page = |after| async move {
            let query = ChangesQuery::builder().maybe_after(after).build();
            self.kontrahenci.list_kontrahenci(&query).await
        };
        each_row("the contractors were not read", page, |row| match row {
            Ok(Change::Upsert(row)) => {
                let sold_to = !row.blokada_sprzedazy && row.zastapiony_przez_id.is_none();
                // a list of changes may tell a row twice: the later one counts
                match sold_to && self.tick.sends(row.zaznaczony, &row.cechy) {
                    true => active.insert(row.id),
                    false => active.remove(&row.id),
                };
            }
            Ok(Change::Deleted(gone)) => drop(active.remove(&KontrahentId(gone.id))),
            Ok(_) => unreadable.push(Error::invalid("an unknown kind of change")),
            Err(row) => unreadable.push(engine_error("a contractor cannot be decoded", row.error)),
        })
        .await?;
        Ok(active)
    }

    async fn profiles(&self, unreadable: &mut Vec<Error>) -> Result<Option<Profiles>> {
        let Some(port) = &self.profile else { return Ok(None) };
        let mut profiles = Profiles::default();
        let query = |after| SnapshotQuery::builder().maybe_after(after).build();
        let page = |after| async move { port.list_profile(&query(after)).await };
        each_row("the price profiles were not read", page, |row| match row {
            Ok(profil) => {
                profiles.of.extend(profil.kontrahenci_id.iter().map(|id| (*id, profil.id)));
                profiles.names.insert(profil.id, profil.nazwa);
            }
            Err(row) => {
                profiles.unknown_profile = true;
                unreadable.push(engine_error("a price profile cannot be decoded", row.error));
            }
        })
        .await?;
        let page = |after| async move { port.list_wyjatki(None, &query(after)).await };
        each_row("the contractors' exceptions were not read", page, |row| match row {
            Ok(wyjatek) => drop(profiles.with_exceptions.insert(wyjatek.kontrahent_id)),
            Err(row) => {
                profiles.unknown_exception = true;
                unreadable.push(engine_error("an exception cannot be decoded", row.error));
            }
        })
        .await?;
        Ok(Some(profiles))
    }
}
