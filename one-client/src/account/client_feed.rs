//! The feed of clients that came, changed or went.

use super::{Context, EventType};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{Feed, FeedPosition};
use crate::ids::ClientId;
use crate::paging::Keyed;
use crate::service::service;
use crate::wire::query::ListStyle;
use api_transport::{Effect, Endpoint, Path, Result};
use serde::{Deserialize, Serialize};

/// One event of the clients' feed (*inferred* by analogy with that of trade credits).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientEvent {
    /// The client.
    pub client_id: ClientId,
    /// `type`: what happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
}

impl ClientEvent {
    /// An event, for tests of code that reads feeds.
    pub fn new(client_id: impl Into<ClientId>, event_type: EventType) -> Self {
        Self { client_id: client_id.into(), event_type }
    }
}

impl Keyed for ClientEvent {
    const KEY: &'static str = "clientId";
}

/// `GET /api/v1/account/integrations/auth-required/clients/synchronization`: events of clients.
///
/// That there is such a feed is *documented*; path, parameters and events are *inferred* by analogy with that
/// of trade credits.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetClientFeed {
    /// `startId`: where to begin, inclusive.
    #[builder(default)]
    pub start_id: FeedPosition,
    /// `contexts`: only what was changed there; empty = everywhere.
    #[builder(default = Context::FOREIGN.to_vec())]
    pub contexts: Vec<Context>,
    /// How several contexts are told.
    #[serde(skip)]
    #[builder(default)]
    pub list_style: ListStyle,
}

impl Endpoint for GetClientFeed {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<ClientEvent>;

    fn path(&self) -> Path {
        service("account").segment("clients").segment("synchronization")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = Context::parameters(&self.contexts, self.list_style);
        query.push(("startId", self.start_id.to_string()));
        query
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Feed::decode(self.start_id, body)
    }
}

impl Evidenced for GetClientFeed {
    const PATH: &'static str = "account/…/clients/synchronization";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .rows(&["O5"]);
}
