use std::sync::Arc;

use one_client::FeedPosition;
use serde::Deserialize;
use soneta_webapi::KontrahentId;
use sync_core::Act;
use sync_flows::catalog::Entry;
use sync_flows::enova::ContractorSubmitter;
use sync_flows::flows::clients::{
    CLIENTS_TO_ENOVA, CONTRACTOR_CHANGE_ACT, ContractorSettings, NEW_CONTRACTOR_ACT, NewContractorMapper,
    to_enova,
};
use sync_flows::flows::orders::contractor_link;
use sync_flows::one::ClientSource;

use super::about;
use crate::error::Result;
use crate::flows::Wiring;
use crate::wire::{Learned, Wire, Wired};

/// `[tenants.flows.clients-to-enova]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientsToEnova {
    /// Position of ONe's client feed at which the very first run begins; 1 for everything that ONe still has.
    start_at: i64,
    /// What the Kod of a new contractor begins with; empty: the ERP gives the Kod itself.
    #[serde(default = "one")]
    code_prefix: String,
    /// Currency of a new contractor's documents; the ERP's own choice without it.
    currency: Option<String>,
    /// Payment method of a new contractor; the ERP's own choice without it.
    payment_method: Option<String>,
}

fn one() -> String {
    "ONE-".to_owned()
}

impl Wiring for ClientsToEnova {
    const ENTRY: &'static Entry = &CLIENTS_TO_ENOVA;

    fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if self.start_at < 1 {
            let what = "expected a position of ONe's client feed, 1 for its beginning";
            wrong.push(("start_at", what.to_owned()));
        }
        wrong
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let setup = &wire.setup;
        let source =
            ClientSource::new(wire.one.clone(), &setup.tenant).starting_at(FeedPosition::new(self.start_at));
        let settings = ContractorSettings::builder()
            .kod_prefix(&self.code_prefix)
            .maybe_waluta(self.currency.clone())
            .maybe_forma_platnosci(self.payment_method.clone())
            .build();
        let flow = to_enova(setup, source, NewContractorMapper::new(settings, &setup.tenant))?;
        let installation = wire.installation;
        let (kontrahenci, zapis) = (installation.kontrahenci()?, installation.zapis_kontrahentow()?);
        let submitter = ContractorSubmitter::new(kontrahenci, zapis, Arc::clone(&setup.store))
            .portal_owns(wire.clients.portal_owns.iter().copied());
        let kinds = [NEW_CONTRACTOR_ACT.into(), CONTRACTOR_CHANGE_ACT.into()];
        Ok(vec![wire.flow(flow), wire.dispatcher(kinds, submitter, contractor)?])
    }
}

/// What is learned when a person tells the id of a client's contractor.
pub(super) fn contractor(act: &Act, id: &str) -> Learned {
    let expected = "expected the id of the contractor in enova365, a whole number, and not its Kod";
    let id: i32 = id.parse().map_err(|_| expected)?;
    let link = about(act).map(|organization| contractor_link(organization, KontrahentId(id)));
    Ok(link.into_iter().collect())
}
