//! How many price lists clients have.

use one_client::pricing::MAX_PRICE_LISTS;
use soneta_webapi::KontrahentId;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::{FlowName, Part, Reason, RejectFilter, Result, Store};

use super::{PRICE_LIST_ASSIGNMENTS, PRICE_LIST_LINK};
use crate::enova::ClientList;
use crate::setup::Setup;

const AT_ONCE: usize = 1_000;

/// The price lists of ONe, as far as this integration has made and given them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceListReport {
    /// Which lists each contractor's client has: those given, and those that should go and that nobody has taken away yet (their
    /// reject is live).
    pub of_clients: BTreeMap<KontrahentId, BTreeSet<ClientList>>,
    /// Lists that exist and are meant for nobody.
    pub unused: BTreeSet<ClientList>,
}

impl PriceListReport {
    /// The clients with more lists than ONe allows ([`MAX_PRICE_LISTS`]), and how many. What people gave them is not known here.
    pub fn beyond_limit(&self) -> impl Iterator<Item = (KontrahentId, usize)> {
        let counts = self.of_clients.iter().map(|(client, lists)| (*client, lists.len()));
        counts.filter(|(_, lists)| *lists > MAX_PRICE_LISTS)
    }

    fn add(&mut self, key: &str) -> Option<ClientList> {
        let (client, list) = key.split_once('/')?;
        let list = ClientList::parse(list)?;
        self.of_clients.entry(KontrahentId(client.parse().ok()?)).or_default().insert(list);
        Some(list)
    }
}

/// Counts the lists of all clients, from what is stored. Neither system is asked.
///
/// # Errors
/// Kind `Store`; kind `Config` if the tenant's name cannot be part of a flow's.
pub async fn price_list_report(setup: &Setup) -> Result<PriceListReport> {
    let (store, flow) = (&*setup.store, setup.name(PRICE_LIST_ASSIGNMENTS.id)?);
    let mut report = PriceListReport::default();
    let used = given(store, &flow, &mut report).await?;
    still_given(store, &flow, &mut report).await?;
    let (kind, mut after) = (PRICE_LIST_LINK.into(), None::<String>);
    loop {
        let links = store.open_links(&kind, after.as_deref(), AT_ONCE).await?;
        let Some(last) = links.last() else { return Ok(report) };
        after = Some(last.a.clone());
        let existing = links.iter().filter_map(|link| ClientList::parse(&link.b));
        report.unused.extend(existing.filter(|list| !used.contains(list)));
    }
}

async fn given(
    store: &dyn Store,
    flow: &FlowName,
    report: &mut PriceListReport,
) -> Result<BTreeSet<ClientList>> {
    let (part, mut after, mut used) = (Part::whole(flow), None, BTreeSet::new());
    loop {
        let sent = store.sent(&part, after.as_ref(), AT_ONCE).await?;
        let Some((last, _)) = sent.last() else { return Ok(used) };
        after = Some(last.clone());
        used.extend(sent.iter().filter_map(|(key, _)| report.add(key.as_str())));
    }
}

/// Lists that should go.
async fn still_given(store: &dyn Store, flow: &FlowName, report: &mut PriceListReport) -> Result<()> {
    let part = Part::whole(flow);
    let all = RejectFilter::of_part(&part).code(Reason::REMOVAL_NOT_SUPPORTED).limit(AT_ONCE);
    let mut filter = all.clone();
    loop {
        let rejects = store.rejects(&filter).await?;
        let Some(last) = rejects.last() else { return Ok(()) };
        filter = all.clone().after(last.key.clone());
        for reject in &rejects {
            report.add(reject.key.as_str());
        }
    }
}
