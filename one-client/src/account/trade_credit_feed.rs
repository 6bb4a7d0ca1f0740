//! The feed of trade credits that came, changed or went.

use super::{Context, EventType};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{Feed, FeedPosition};
use crate::ids::ClientId;
use crate::paging::Keyed;
use crate::service::service;
use crate::wire::query::ListStyle;
use api_transport::{Effect, Endpoint, Path, Result};
use serde::{Deserialize, Serialize};

/// One event of the trade credits' feed (*documented*, with a whole example).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeCreditEvent {
    /// The business, with its prefix `org:`.
    pub client_id: ClientId,
    /// `type`: what happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
}

impl TradeCreditEvent {
    /// An event, for tests of code that reads feeds.
    pub fn new(client_id: impl Into<ClientId>, event_type: EventType) -> Self {
        Self { client_id: client_id.into(), event_type }
    }
}

impl Keyed for TradeCreditEvent {
    const KEY: &'static str = "clientId";
}

/// `GET /api/v1/account/integrations/auth-required/trade-credits/synchronization`: events of trade credits.
///
/// *Documented*, with a whole example. How several contexts are told is *inferred*: a setting.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetTradeCreditFeed {
    /// `startId`: where to begin, inclusive (*inferred*).
    #[builder(default)]
    pub start_id: FeedPosition,
    /// `contexts`: only what was changed there; empty = everywhere (*documented*).
    #[builder(default = Context::FOREIGN.to_vec())]
    pub contexts: Vec<Context>,
    /// How several contexts are told.
    #[serde(skip)]
    #[builder(default)]
    pub list_style: ListStyle,
}

impl Endpoint for GetTradeCreditFeed {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<TradeCreditEvent>;

    fn path(&self) -> Path {
        service("account").segment("trade-credits").segment("synchronization")
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

impl Evidenced for GetTradeCreditFeed {
    const PATH: &'static str = "account/…/trade-credits/synchronization";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented)
        .rows(&["O6"]);
}
