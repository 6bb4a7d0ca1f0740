//! Blockades of sale to ONe.

use one_client::account::BlockadeType;
use one_client::{Client, ClientId};
use serde::{Deserialize, Serialize};
use soneta_webapi::{Area, Kontrahent};
use std::fmt;
use std::sync::Arc;
use sync_core::{Class, Flow, Key, LinkRef, Links, Mapped, Mapper, Reason, Source};

use crate::Tick;
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::flows::clients::{client_link, client_links, client_of, followed_link, has_followed};
use crate::one::BlockadeSink;
use crate::setup::Setup;

/// Blockades of sale to ONe.
pub const CLIENT_BLOCKADES: Entry = Entry {
    id: "client-blockades",
    rows: &["O7"],
    what: "contractors that may not be sold to",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(50),
    stage: Some(Stage::I),
    needs: &[Area::Contractors],
    after: &["new-clients"],
    guarantee: "the last state counts; only blockades that this flow set are changed and lifted",
};

/// The flow [`CLIENT_BLOCKADES`]: contractors are read by [`changes`](crate::enova::changes) or [`full_list`](crate::enova::full_list) of a
/// [`KontrahenciList`](crate::enova::KontrahenciList).
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn blockades_to_one<S, M>(setup: &Setup, source: S, mapper: M, one: Client) -> sync_core::Result<Flow>
where
    S: Source<Record = Kontrahent> + 'static,
    M: Mapper<Kontrahent, Out = Blockade> + 'static,
{
    let sink = BlockadeSink::new(one, Arc::clone(&setup.store), setup.name(CLIENT_BLOCKADES.id)?);
    setup.with_weekly_full_pass().flow(CLIENT_BLOCKADES.id, source, mapper, sink)
}

/// Settings of the flow [`CLIENT_BLOCKADES`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BlockadeSettings {
    /// The id by which the kind of blockade is set up in ONe. It tells this integration's blockades from others: nobody sets one with
    /// this id by hand.
    pub external_id: String,
    /// What it forbids: `SALE` (placing orders) unless told otherwise, `TRADE_CREDIT`, `CLIENT` (using the platform).
    #[serde(rename = "type", default = "sale")]
    #[builder(default = sale())]
    pub kind: BlockadeType,
    /// Its name in ONe.
    #[serde(default)]
    pub label: Option<String>,
    /// What the client is told.
    #[serde(default)]
    pub message: Option<String>,
    /// Whose blockades are sent. A contractor that loses its tick is no longer blocked in ONe.
    #[serde(default)]
    #[builder(default)]
    pub tick: Tick,
}

fn sale() -> BlockadeType {
    BlockadeType::Sale
}

/// A blockade as ONe gets it. `Debug` shows client and type.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Blockade {
    /// ONe's client.
    pub client: ClientId,
    /// The id by which the kind of blockade is set up in ONe.
    pub external_id: String,
    /// What it forbids.
    pub kind: BlockadeType,
    /// Its name.
    pub label: Option<String>,
    /// What the client is told.
    pub message: Option<String>,
}

impl fmt::Debug for Blockade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blockade")
            .field("client", &self.client)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// From a contractor that may not be sold to (`BlokadaSprzedazy`) to ONe's blockade.
#[derive(Debug, Clone)]
pub struct BlockadeMapper {
    settings: BlockadeSettings,
}

impl BlockadeMapper {
    /// Maps by these settings.
    #[must_use]
    pub fn new(settings: BlockadeSettings) -> Self {
        Self { settings }
    }
}

impl Mapper<Kontrahent> for BlockadeMapper {
    type Out = Blockade;

    fn links_needed(&self, kontrahent: &Kontrahent) -> Vec<LinkRef> {
        let into = kontrahent.zastapiony_przez_id.map(client_link);
        client_links(kontrahent.id).into_iter().chain(into).collect()
    }

    fn map(&self, _key: &Key, kontrahent: Kontrahent, links: &Links) -> Result<Mapped<Blockade>, Reason> {
        if !kontrahent.blokada_sprzedazy {
            return Ok(Mapped::LeaveOut(Reason::new("not-blocked")));
        }
        if !self.settings.tick.sends(kontrahent.zaznaczony, &kontrahent.cechy) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        if has_followed(kontrahent.id, links) {
            return Ok(Mapped::LeaveOut(Reason::new("merged")));
        }
        let follows = |by| links.get(&client_link(by)).is_none();
        if links.get(&client_link(kontrahent.id)).is_some()
            && kontrahent.zastapiony_przez_id.is_some_and(follows)
        {
            // it will be the other one's client: that the merged one is blocked says nothing of it
            return Err(Reason::missing_link(followed_link(kontrahent.id)));
        }
        let BlockadeSettings { external_id, kind, label, message, .. } = self.settings.clone();
        let client = client_of(kontrahent.id, links)?;
        Ok(Mapped::Send(Blockade { client, external_id, kind, label, message }))
    }
}
