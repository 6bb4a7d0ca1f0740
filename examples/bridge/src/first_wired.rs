//! Since when flows are meant to run.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sync_core::{Acquired, FlowName, Holder, PageCommit, PageQuery, Part, Result, Store};

/// Longer than keeping a few instants takes.
const LEASE: Duration = Duration::from_secs(60);

/// When each of these flows was wired for the first time. The store remembers it, as the first commit of a part of the flow
/// `TENANT/wired`: a process that dies again and again does not make a flow that never ran look young. A flow that is wired no
/// more is forgotten.
pub(crate) async fn first_wired(
    store: &dyn Store,
    tenant: &str,
    flows: &[&FlowName],
) -> Result<BTreeMap<FlowName, DateTime<Utc>>> {
    let book = FlowName::new(format!("{tenant}/wired"))?;
    let mut known = read(store, &book).await?;
    let is_wired = |name: &str| flows.iter().any(|flow| flow.as_str() == name);
    if flows.len() != known.len() || !known.keys().all(|name| is_wired(name)) {
        // whoever has the lease is writing the same
        if let Acquired::Granted(lease) = store.acquire(&book, &Holder::unique(), LEASE).await? {
            known = read(store, &book).await?;
            for gone in known.keys().filter(|name| !is_wired(name)) {
                store.forget(&Part::named(&book, gone.as_str()), &lease).await?;
            }
            for new in flows.iter().filter(|flow| !known.contains_key(flow.as_str())) {
                let part = Part::named(&book, new.as_str());
                let revision = store.read_page(&part, PageQuery::default()).await?.revision;
                store.commit(&part, &lease, PageCommit::new(revision, "")).await?;
            }
            store.give_back(&lease).await?;
            known = read(store, &book).await?;
        }
    }
    let now = store.now().await?;
    let since = |flow: &FlowName| known.get(flow.as_str()).copied().unwrap_or(now);
    Ok(flows.iter().map(|flow| ((*flow).clone(), since(flow))).collect())
}

async fn read(store: &dyn Store, book: &FlowName) -> Result<BTreeMap<String, DateTime<Utc>>> {
    let parts = store.parts(book).await?.into_iter();
    Ok(parts.map(|status| (status.part.name().to_owned(), status.committed_at)).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sync_core::testing::ManualClock;
    use sync_core::{FlowName, MemoryStore};

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[tokio::test]
    async fn a_flow_is_meant_to_run_since_it_was_wired_first_however_often_it_is_wired_again() {
        let clock = Arc::new(ManualClock::default());
        let store = MemoryStore::new().with_clock(clock.clone());
        let [stock, orders] = ["demo/stock", "demo/orders"].map(|name| FlowName::new(name).unwrap());
        let begin = store.now().await.unwrap();
        let first = first_wired(&store, "demo", &[&stock]).await.unwrap();
        assert_eq!(first, BTreeMap::from([(stock.clone(), begin)]));

        clock.advance(DAY);
        let both = first_wired(&store, "demo", &[&stock, &orders]).await.unwrap();
        assert_eq!(both, BTreeMap::from([(stock.clone(), begin), (orders.clone(), begin + DAY)]));

        clock.advance(DAY);
        first_wired(&store, "demo", &[&orders]).await.unwrap();
        let again = first_wired(&store, "demo", &[&stock, &orders]).await.unwrap();
        assert_eq!(again, BTreeMap::from([(stock, begin + 2 * DAY), (orders, begin + DAY)]));
    }

    #[tokio::test]
    async fn while_another_process_writes_it_down_a_new_flow_is_as_young_as_it_is() {
        let store = MemoryStore::new();
        let stock = FlowName::new("demo/stock").unwrap();
        let book = FlowName::new("demo/wired").unwrap();
        let other = Holder::unique();
        assert!(matches!(store.acquire(&book, &other, LEASE).await.unwrap(), Acquired::Granted(_)));
        let before = store.now().await.unwrap();
        let since = first_wired(&store, "demo", &[&stock]).await.unwrap();
        assert!(since[&stock] >= before && store.parts(&book).await.unwrap().is_empty());
    }
}
