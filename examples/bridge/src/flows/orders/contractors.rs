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
use sync_flows::flows::clients::merger_links;
use sync_flows::flows::orders::contractor_link;

use crate::wire::SetUp;

/// How many times a contractor may have been merged into another.
const MERGES: usize = 5;

/// Looks up the Kods of the settings and keeps the links. A contractor that is not there is told and left out: its orders become
/// rejects, and everything else runs. A link that is there already stays, and what contradicts it is an error: earlier orders went by
/// it. It follows only where its contractor was merged into the one of the settings.
pub(super) struct ContractorLinks {
    name: FlowName,
    port: Arc<dyn Kontrahenci>,
    store: Arc<dyn Store>,
    contractors: BTreeMap<String, String>,
}

/// What the settings come to.
#[derive(Default)]
struct Found {
    links: Vec<Link>,
    missing: Vec<String>,
    contradictions: Vec<String>,
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

    async fn look(&self) -> Result<Found> {
        let mut found = Found::default();
        for (organization, kod) in &self.contractors {
            let kontrahent = match self.find(kod).await {
                Ok(Some(kontrahent)) => kontrahent,
                Ok(None) => {
                    let line = format!("{organization:?} = {kod:?}: enova365 has no such contractor");
                    found.missing.push(line);
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Config => {
                    found.contradictions.push(format!("{organization:?} = {kod:?}: {error}"));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let link = contractor_link(organization, kontrahent);
            let others = self.contradicting(&link, &found.links).await?;
            let merged = match others.as_slice() {
                [other] => self.merged(other, &link).await?,
                _ => None,
            };
            match (others.first(), merged) {
                (None, _) => found.links.push(link),
                (_, Some(merged)) => found.links.extend(merger_links(organization, merged, kontrahent)),
                (Some(other), None) => found.contradictions.push(format!(
                    "{organization:?} = {kod:?} is contractor {kontrahent}, but ONe's client {} is linked with contractor {}",
                    other.a, other.b
                )),
            }
        }
        Ok(found)
    }

    /// The links, stored or of the settings, that have one side of this one alone.
    async fn contradicting(&self, link: &Link, settings: &[Link]) -> Result<Vec<Link>> {
        let (of_a, of_b) =
            (LinkRef::of_a(link.kind.clone(), &link.a), LinkRef::of_b(link.kind.clone(), &link.b));
        let query = PageQuery::new(Vec::new(), vec![of_a.clone(), of_b.clone()]);
        let known = self.store.read_page(&Part::whole(&self.name), query).await?.links;
        let stored = [
            known.get(&of_a).map(|b| Link::new(link.kind.clone(), &link.a, b)),
            known.get(&of_b).map(|a| Link::new(link.kind.clone(), a, &link.b)),
        ];
        let others = stored.into_iter().flatten().chain(settings.iter().cloned());
        let others = others.filter(|other| other.kind == link.kind);
        Ok(others.filter(|other| (other.a == link.a) != (other.b == link.b)).collect())
    }

    /// The contractor of the one link, if it was merged into that of the other and the client is the same.
    async fn merged(&self, other: &Link, link: &Link) -> Result<Option<KontrahentId>> {
        let (Ok(merged), true) = (other.b.parse().map(KontrahentId), other.a == link.a) else {
            return Ok(None);
        };
        match self.port.resolve_kontrahent(merged).await {
            Ok(now) => Ok((now.id.to_string() == link.b).then_some(merged)),
            Err(error) if error.kind() == soneta_webapi::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = "it was not seen what became of the contractor of a link";
                Err(Error::transient(message).with_source(error))
            }
        }
    }

    /// The contractor of this Kod, or the one that it was merged into.
    async fn find(&self, kod: &str) -> Result<Option<KontrahentId>> {
        let mut klucz = KluczKontrahenta::Kod(kod.to_owned());
        for _ in 0..MERGES {
            let found = self.port.get_kontrahenci(&klucz).await;
            let found =
                found.and_then(|rows| rows.into_iter().map(|row| row.map_err(|bad| bad.error)).collect());
            let mut found: Vec<Kontrahent> = found.map_err(|error| {
                Error::transient("the contractors of the settings were not looked up")
                    .with_task(error.what_to_do())
                    .with_source(error)
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
}

#[async_trait]
impl Job for ContractorLinks {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn step(&self, _: &RunContext) -> Result<Tally> {
        let Found { links, missing, contradictions } = self.look().await?;
        for line in missing {
            tracing::warn!(job = %self.name, "orders.contractors: {line}; its orders are rejected");
        }
        self.store.put_links(&links).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => {
                Error::config("a contractor of the settings contradicts a stored link").with_source(error)
            }
            _ => error,
        })?;
        if contradictions.is_empty() {
            return Ok(Tally::new(Counts::default(), StepEnd::End));
        }
        let lines = contradictions.join("; ");
        Err(Error::config(format!(
            "orders.contractors: {lines}; orders go by the link that is there, so take the line out of the settings or correct it"
        )))
    }
}

#[async_trait]
impl SetUp for ContractorLinks {
    async fn preflight(&self) -> Result<Vec<String>> {
        let Found { missing, contradictions, .. } = self.look().await?;
        Ok([missing, contradictions].concat())
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
    async fn a_contractor_that_contradicts_a_stored_link_is_named_unless_it_was_merged_and_holds_up_no_other()
    {
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
            format!(
                "\"anna\" = {:?} is contractor {}, but ONe's client anna is linked with contractor {}",
                second.kod, second.id, first.id
            ),
            format!("\"bob\" = {:?} is contractor {}, but ONe's client anna is linked", first.kod, first.id),
        ] {
            assert!(told.contains(&contradiction), "{told}");
        }
        erp.merge_contractor(&first.kod, &second.kod).unwrap();
        job(&[("anna", &first.kod)]).step(&RunContext::default()).await.unwrap();
        let anna = LinkRef::of_a(sync_flows::flows::orders::CONTRACTOR_LINK, "anna");
        let query = PageQuery::new(Vec::new(), vec![anna.clone()]);
        let links = store.read_page(&Part::whole(&name), query).await.unwrap().links;
        assert_eq!(links.get(&anna), Some(second.id.to_string().as_str()), "it was merged since");

        let celina = LinkRef::of_a(sync_flows::flows::orders::CONTRACTOR_LINK, "celina");
        let query = PageQuery::new(Vec::new(), vec![celina.clone()]);
        let links = store.read_page(&Part::whole(&name), query).await.unwrap().links;
        assert_eq!(links.get(&celina), Some(third.id.to_string().as_str()));
    }
}
