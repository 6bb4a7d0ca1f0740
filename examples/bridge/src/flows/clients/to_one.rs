use std::sync::Arc;

use one_client::WarehouseId;
use one_client::account::BlockadeType;
use serde::Deserialize;
use soneta_webapi::{Area, KontrahentId};
use sync_core::Act;
use sync_flows::catalog::Entry;
use sync_flows::flows::clients::{
    CLIENTS, ClientMapper, ClientSettings, NEW_CLIENT_ACT, NEW_CLIENTS, SEGMENTS, changes_to_one, new_to_one,
};
use sync_flows::flows::credit::CLIENT_BLOCKADES;
use sync_flows::flows::orders::contractor_link;
use sync_flows::one::{NewClientSubmitter, Withdrawal};

use super::{about, contractors};
use crate::error::{Error, Result};
use crate::flows::Wiring;
use crate::wire::{Learned, Wire, Wired};

/// `[tenants.flows.new-clients]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClients {}

impl Wiring for NewClients {
    const ENTRY: &'static Entry = &NEW_CLIENTS;
    const LIST: Option<Area> = Some(Area::Contractors);

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let flow = new_to_one(&wire.setup, contractors(wire)?, mapper(wire))?;
        let kontrahenci = wire.installation.kontrahenci()?;
        let (store, clock) = (Arc::clone(&wire.setup.store), Arc::clone(&wire.setup.clock));
        let submitter = NewClientSubmitter::new(wire.one.clone(), kontrahenci, store, clock);
        Ok(vec![wire.flow(flow), wire.dispatcher([NEW_CLIENT_ACT.into()], submitter, client_link)?])
    }
}

/// What is learned when a person tells the id of a contractor's client.
pub(super) fn client_link(act: &Act, id: &str) -> Learned {
    let kontrahent = about(act).and_then(|kontrahent| kontrahent.parse().ok());
    let link = kontrahent.map(|kontrahent| contractor_link(id, KontrahentId(kontrahent)));
    Ok(link.into_iter().collect())
}

/// `[tenants.flows.clients]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clients {
    /// How a client is blocked whose contractor loses its tick; it is only reported without this.
    blockade: Option<Blockade>,
}

/// A blockade of a client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Blockade {
    /// The id by which the kind of blockade is set up in ONe.
    external_id: String,
    /// What it forbids: `CLIENT`, `SALE`, `TRADE_CREDIT`.
    #[serde(rename = "type", default = "client")]
    kind: BlockadeType,
}

fn client() -> BlockadeType {
    BlockadeType::Client
}

impl Wiring for Clients {
    const ENTRY: &'static Entry = &CLIENTS;
    const LIST: Option<Area> = Some(Area::Contractors);

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let withdrawal = match &self.blockade {
            Some(_) if wire.flows.contains(CLIENT_BLOCKADES.id) => {
                let id = CLIENT_BLOCKADES.id;
                return Err(Error::config(format!(
                    "blockade contradicts the flow {id}: a client of ONe has one blockade, and both would write it"
                )));
            }
            Some(Blockade { external_id, kind }) => Withdrawal::blockade(external_id, kind.clone()),
            None => Withdrawal::Report,
        };
        let portal_owned = wire.clients.portal_owns.iter().copied();
        let (source, one) = (contractors(wire)?, wire.one.clone());
        let flow = changes_to_one(&wire.setup, source, mapper(wire), portal_owned, withdrawal, one)?;
        Ok(vec![wire.flow(flow)])
    }
}

fn mapper(wire: &Wire<'_>) -> ClientMapper {
    let settings = ClientSettings::builder()
        .tick(wire.reads.contractors.clone())
        // a client waits for its segment, so it is told only where somebody creates it
        .segments(wire.flows.contains(SEGMENTS.id))
        .maybe_warehouse(wire.clients.warehouse.as_deref().map(WarehouseId::new));
    ClientMapper::new(settings.build())
}
