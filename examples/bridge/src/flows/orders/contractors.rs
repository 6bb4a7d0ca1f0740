//! The contractors that the settings name, as links.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use soneta_webapi::{KluczKontrahenta, Kontrahenci, Kontrahent, KontrahentId};
use sync_core::{Counts, Error, ErrorKind, FlowName, Job, Result, RunContext, StepEnd, Store, Tally};
use sync_flows::flows::orders::contractor_link;

/// How many times a contractor may have been merged into another.
const MERGES: usize = 5;

/// Looks up the Kods of the settings and keeps the links. A contractor that is not there is told and left out: its orders become
/// rejects, and everything else runs.
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
}

#[async_trait]
impl Job for ContractorLinks {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn step(&self, _: &RunContext) -> Result<Tally> {
        let mut links = Vec::with_capacity(self.contractors.len());
        for (organization, kod) in &self.contractors {
            match self.find(kod).await? {
                Some(kontrahent) => links.push(contractor_link(organization, kontrahent)),
                None => tracing::warn!(
                    job = %self.name,
                    organization,
                    kod,
                    "the settings name a contractor that enova365 does not have: its orders are rejected"
                ),
            }
        }
        self.store.put_links(&links).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => {
                Error::config("a contractor of the settings contradicts a stored link").with_source(error)
            }
            _ => error,
        })?;
        Ok(Tally::new(Counts::default(), StepEnd::End))
    }
}

impl fmt::Debug for ContractorLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContractorLinks").field("name", &self.name.as_str()).finish_non_exhaustive()
    }
}
