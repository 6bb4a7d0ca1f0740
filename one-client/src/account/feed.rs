//! The feeds of clients and of trade credits: one shape on two paths, which are not known equally well.

use super::{Context, EventType};
use crate::client::Client;
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{Feed, FeedPosition};
use crate::ids::ClientId;
use crate::paging::Keyed;
use crate::service::service;
use crate::wire::query::ListStyle;
use api_transport::{Effect, Endpoint, Path, Result};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// One event: of trade credits *documented*, with a whole example; of clients *inferred* by analogy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientEvent {
    /// The client; of trade credits a business, with its prefix `org:`.
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

/// The feed of clients.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OfClients;

/// The feed of trade credits.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OfTradeCredits;

/// [`OfClients`] or [`OfTradeCredits`].
pub trait AccountFeed: known::Kind {}

impl AccountFeed for OfClients {}
impl AccountFeed for OfTradeCredits {}

/// What is known of a feed. Nobody else has one.
mod known {
    use super::EndpointEvidence;
    use std::fmt::Debug;

    pub trait Kind: Copy + Debug + Send + Sync + 'static {
        /// The path segment of what the feed is about.
        const RESOURCE: &'static str;
        const PATH: &'static str;
        const EVIDENCE: EndpointEvidence;
    }
}

impl known::Kind for OfClients {
    const RESOURCE: &'static str = "clients";
    const PATH: &'static str = "account/…/clients/synchronization";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .rows(&["O5"]);
}

impl known::Kind for OfTradeCredits {
    const RESOURCE: &'static str = "trade-credits";
    const PATH: &'static str = "account/…/trade-credits/synchronization";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented)
        .rows(&["O6"]);
}

/// `GET /api/v1/account/integrations/auth-required/trade-credits/synchronization`, or `…/clients/synchronization`:
/// events of trade credits, or of clients.
///
/// That of trade credits is *documented*, with a whole example. Of clients it is *documented* that there is one; path,
/// parameters and events are *inferred* by analogy. How several contexts are told is *inferred*: a setting.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetAccountFeed<F> {
    /// `startId`: where to begin, inclusive (*inferred*).
    pub start_id: FeedPosition,
    /// `contexts`: only what was changed there; empty = everywhere.
    pub contexts: Vec<Context>,
    /// How several contexts are told.
    #[serde(skip)]
    pub list_style: ListStyle,
    #[serde(skip)]
    of: PhantomData<F>,
}

impl<F: AccountFeed> GetAccountFeed<F> {
    /// Asks for what was changed in these contexts, from `start_id` on.
    pub fn new(start_id: FeedPosition, contexts: &[Context]) -> Self {
        Self { start_id, contexts: contexts.to_vec(), list_style: ListStyle::default(), of: PhantomData }
    }

    pub(super) fn by(client: &Client, start_id: FeedPosition, contexts: &[Context]) -> Self {
        Self { list_style: client.settings().list_style, ..Self::new(start_id, contexts) }
    }
}

impl<F: AccountFeed> Endpoint for GetAccountFeed<F> {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<ClientEvent>;

    fn path(&self) -> Path {
        service("account").segment(F::RESOURCE).segment("synchronization")
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

impl<F: AccountFeed> Evidenced for GetAccountFeed<F> {
    const PATH: &'static str = F::PATH;
    const EVIDENCE: EndpointEvidence = F::EVIDENCE;
}
