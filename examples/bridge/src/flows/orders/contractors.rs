//! The contractors that the settings name, as links.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use soneta_webapi::{KluczKontrahenta, Kontrahenci, Kontrahent, KontrahentId};
use sync_core::{
    Counts, Error, ErrorKind, FlowName, Job, Link, LinkRef, PageQuery, Part, Result, RunContext, StepEnd,
    Store, Tally,
};
use sync_flows::flows::orders::{CONTRACTOR_LINK, contractor_link};

/// How many times a contractor may have been merged into another.
const MERGES: usize = 5;

/// Looks up the Kods of the settings and keeps the links, one by one. A contractor that is not there is told and left out: its orders
/// become rejects, and everything else runs. One that contradicts a stored link is named at the end, when all others are linked.
pub(super) struct ContractorLinks {
    name: FlowName,
    port: Arc<dyn Kontrahenci>,
    store: Arc<dyn Store>,
    contractors: BTreeMap<String, String>,
}

impl ContractorLinks {
    pub(super) fn new(
        name: FlowName,
        port: Arc<dyn Kontrahenci>,
        store: Arc<dyn Store>,
        contractors: BTreeMap<String, String>,
    ) -> Self {
        Self { name, port, store, contractors }
    }

    /// The contractor of this Kod, or the one that it was merged into.
    async fn find(&self, kod: &str) -> Result<Option<KontrahentId>> {
        let mut klucz = KluczKontrahenta::Kod(kod.to_owned());
        for _ in 0..MERGES {
            let found = self.port.get_kontrahenci(&klucz).await;
            let found =
                found.and_then(|rows| rows.into_iter().map(|row| row.map_err(|bad| bad.error)).collect());
            let mut found: Vec<Kontrahent> = found.map_err(|error| {
                Error::transient("the contractors of the settings were not looked up").with_source(error)
            })?;
            match (found.pop(), found.len()) {
                (None, _) => return Ok(None),
                (Some(Kontrahent { zastapiony_przez_id: Some(other), .. }), 0) => {
                    klucz = KluczKontrahenta::Id(other);
                }
                (Some(kontrahent), 0) => return Ok(Some(kontrahent.id)),
                (Some(_), _) => {
                    return Err(Error::config(
                        "enova365 has several contractors with one Kod of the settings",
                    ));
                }
            }
        }
        Err(Error::config("contractors of the settings were merged into each other in a circle"))
    }

    /// What is stored instead of this link.
    async fn contradiction(&self, link: &Link, kod: &str) -> Result<String> {
        let (of_a, of_b) =
            (LinkRef::of_a(CONTRACTOR_LINK, &*link.a), LinkRef::of_b(CONTRACTOR_LINK, &*link.b));
        let query = PageQuery::new(Vec::new(), vec![of_a.clone(), of_b.clone()]);
        let links = self.store.read_page(&Part::whole(&self.name), query).await?.links;
        let Link { a: organization, b: kontrahent, .. } = link;
        Ok(match (links.get(&of_a), links.get(&of_b)) {
            (Some(stored), _) => {
                format!("{organization} is linked with contractor {stored}, not with {kontrahent} ({kod})")
            }
            (None, Some(stored)) => {
                format!("contractor {kontrahent} ({kod}) is linked with {stored}, not with {organization}")
            }
            (None, None) => format!("{organization} and {kod} were linked otherwise until just now"),
        })
    }
}

#[async_trait]
impl Job for ContractorLinks {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn step(&self, _: &RunContext) -> Result<Tally> {
        let mut wrong = Vec::new();
        for (organization, kod) in &self.contractors {
            let kontrahent = match self.find(kod).await {
                Ok(Some(kontrahent)) => kontrahent,
                Ok(None) => {
                    tracing::warn!(
                        job = %self.name,
                        organization,
                        kod,
                        "the settings name a contractor that enova365 does not have: its orders are rejected"
                    );
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Config => {
                    wrong.push(format!("{organization} = {kod}: {error}"));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let link = contractor_link(organization, kontrahent);
            match self.store.put_links(std::slice::from_ref(&link)).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    wrong.push(self.contradiction(&link, kod).await?);
                }
                Err(error) => return Err(error),
            }
        }
        match wrong.is_empty() {
            true => Ok(Tally::new(Counts::default(), StepEnd::End)),
            false => Err(Error::config(format!(
                "contractors of the settings (orders.contractors) cannot be linked, all others are: {}",
                wrong.join("; ")
            ))),
        }
    }
}

impl fmt::Debug for ContractorLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContractorLinks").field("name", &self.name.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use soneta_webapi::Client;
    use soneta_webapi::simulator::Simulator;
    use sync_core::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn a_contractor_that_contradicts_a_stored_link_is_named_and_holds_up_no_other() {
        let erp = Simulator::builder().goods(1).start().await.unwrap();
        let client = Client::builder(erp.url().clone(), erp.application_token()).build().unwrap();
        let (port, store) = (Arc::new(client.b2b().kontrahenci()), Arc::new(MemoryStore::new()));
        let name = FlowName::new("demo/orders-contractors").unwrap();
        let job = |contractors: &[(&str, &str)]| {
            let contractors = contractors.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            let (port, store): (Arc<dyn Kontrahenci>, Arc<dyn Store>) = (port.clone(), store.clone());
            ContractorLinks::new(name.clone(), port, store, contractors)
        };
        let all = erp.contractors();
        let [first, second, third, ..] = all.as_slice() else { panic!("too few contractors") };
        job(&[("anna", &first.kod)]).step(&RunContext::default()).await.unwrap();

        let corrected = job(&[("anna", &second.kod), ("bob", &first.kod), ("celina", &third.kod)]);
        let error = corrected.step(&RunContext::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let told = error.to_string();
        for contradiction in [
            format!("anna is linked with contractor {}, not with {} ({})", first.id, second.id, second.kod),
            format!("contractor {} ({}) is linked with anna, not with bob", first.id, first.kod),
        ] {
            assert!(told.contains(&contradiction), "{told}");
        }
        let celina = LinkRef::of_a(CONTRACTOR_LINK, "celina");
        let query = PageQuery::new(Vec::new(), vec![celina.clone()]);
        let links = store.read_page(&Part::whole(&name), query).await.unwrap().links;
        assert_eq!(links.get(&celina), Some(third.id.to_string().as_str()));
    }
}
