//! Credit limits of businesses, ERP → ONe.

use super::{ClientEvent, Context, GetAccountFeed, OfTradeCredits};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{self, Feed, FeedCursor, FeedPosition, FollowedEvent};
use crate::ids::{ClientId, OrganizationId};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Error, Path, Result, decode_json};
use futures::Stream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A business's trade credit. Names *documented*, that they are numbers *inferred*; the JSON was never seen.
/// `Debug` shows no amount.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeCredit {
    /// How much the business may owe, in the tenant's currency.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub credit_value: Option<Decimal>,
    /// How much of it is used.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub credit_value_used: Option<Decimal>,
    /// How much is left; whether ONe calculates it is unknown.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub available_credit_value: Option<Decimal>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(TradeCredit { extra });
keeps_extra!(TradeCredit);

/// What is written of a trade credit. Names *documented* for reading it; that they are written so is
/// *inferred*. The vendor's table for ERP teams mentions an optional date of payment, whose name is unknown:
/// `extra` takes it. `Debug` shows no amount.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TradeCreditData {
    /// How much the business may owe, in the tenant's currency.
    #[serde(with = "wire::decimal")]
    pub credit_value: Decimal,
    /// How much of it is used.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub credit_value_used: Option<Decimal>,
    /// How much is left, for a server that does not calculate it.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub available_credit_value: Option<Decimal>,
    /// Further fields.
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(TradeCreditData { extra });

impl TradeCreditData {
    /// A credit of this much.
    pub fn new(credit_value: Decimal) -> Self {
        Self { credit_value, credit_value_used: None, available_credit_value: None, extra: Extra::default() }
    }

    /// How much of it is used.
    #[must_use]
    pub fn with_used(mut self, credit_value_used: Decimal) -> Self {
        self.credit_value_used = Some(credit_value_used);
        self
    }

    /// How much is left, for a server that does not calculate it.
    #[must_use]
    pub fn with_available(mut self, available_credit_value: Decimal) -> Self {
        self.available_credit_value = Some(available_credit_value);
        self
    }

    /// Further fields.
    #[must_use]
    pub fn with_extra(mut self, extra: Extra) -> Self {
        self.extra = extra;
        self
    }
}

/// Whether the parameter `organizationId` wants the prefix `org:` is unknown.
fn path(organization_id: &OrganizationId, is_prefixed: bool) -> Path {
    let path = service("account").segment("trade-credits");
    if is_prefixed { path.id(ClientId::of_organization(organization_id)) } else { path.id(organization_id) }
}

/// `GET /api/v1/account/integrations/auth-required/trade-credits/{organizationId}`: one business's trade credit.
///
/// Method *documented*, path *path only*, answer *inferred* (see [`TradeCredit`]).
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[non_exhaustive]
pub struct GetTradeCredit {
    /// The business.
    #[builder(into)]
    pub organization_id: OrganizationId,
    /// Whether its id is sent with the prefix `org:`.
    #[serde(skip)]
    #[builder(default)]
    pub prefixed: bool,
}

impl Endpoint for GetTradeCredit {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = TradeCredit;

    fn path(&self) -> Path {
        path(&self.organization_id, self.prefixed)
    }

    fn decode(&self, body: &[u8]) -> Result<TradeCredit> {
        decode_json(body)
    }
}

impl Evidenced for GetTradeCredit {
    const PATH: &'static str = "account/…/trade-credits/{organizationId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .answer(Evidence::Inferred)
        .rows(&["O6"]);
}

/// `PUT /api/v1/account/integrations/auth-required/trade-credits/{organizationId}`: sets a business's trade credit.
///
/// Method *documented* as adding one (that it also changes one is *inferred*), path *path only*, body *inferred* (see [`TradeCreditData`]). The
/// answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize, bon::Builder)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutTradeCredit<'a> {
    /// The business.
    #[serde(skip)]
    pub organization_id: &'a OrganizationId,
    /// Whether its id is sent with the prefix `org:`.
    #[serde(skip)]
    #[builder(default)]
    pub prefixed: bool,
    /// The credit.
    pub credit: &'a TradeCreditData,
}

impl Endpoint for PutTradeCredit<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        path(self.organization_id, self.prefixed)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutTradeCredit<'_> {
    const PATH: &'static str = "account/…/trade-credits/{organizationId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .rows(&["O6"]);
}

/// `DELETE /api/v1/account/integrations/auth-required/trade-credits/{organizationId}`: takes a business's trade
/// credit away.
///
/// Method *documented*, path *path only*. The answer is not documented and not read.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[non_exhaustive]
pub struct DeleteTradeCredit {
    /// The business.
    #[builder(into)]
    pub organization_id: OrganizationId,
    /// Whether its id is sent with the prefix `org:`.
    #[serde(skip)]
    #[builder(default)]
    pub prefixed: bool,
}

impl Endpoint for DeleteTradeCredit {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::DELETE;
    type Response = ();

    fn path(&self) -> Path {
        path(&self.organization_id, self.prefixed)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for DeleteTradeCredit {
    const PATH: &'static str = "account/…/trade-credits/{organizationId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly).rows(&["O6"]);
}

handle! {
    /// The calls about trade credits: `client.trade_credits()`.
    ///
    /// Only businesses have one (*documented*): a client `ind:…` is refused before anything is sent. A client's
    /// id without a prefix is taken for a business's.
    TradeCredits
}

impl<'a> TradeCredits<'a> {
    /// A business's trade credit.
    ///
    /// How far the wire is known: [`GetTradeCredit`].
    ///
    /// # Errors
    ///
    /// `Invalid`: the client is a person. Those of [`Client::send`](crate::Client::send); `NotFound` is about
    /// this client alone: there is none, or it has no trade credit (*inferred*).
    pub async fn get(&self, client_id: &ClientId) -> Result<TradeCredit> {
        let call = GetTradeCredit { organization_id: business(client_id)?, prefixed: self.prefixed() };
        self.client.send(&call).await
    }

    /// Sets a business's trade credit.
    ///
    /// How far the wire is known: [`PutTradeCredit`].
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// use one_client::account::TradeCreditData;
    /// use one_client::{ClientId, Decimal};
    ///
    /// # simulator.put_record("clients", "org:1", r#"{"clientId":"org:1"}"#)?;
    /// let client_id = ClientId::from("org:1");
    /// let credit = TradeCreditData::new(Decimal::from(15_000)).with_used(Decimal::new(12_050, 2));
    /// one.trade_credits().save(&client_id, &credit).await?;
    ///
    /// let told = one.trade_credits().get(&client_id).await?;
    /// assert_eq!(told.available_credit_value, Some(Decimal::new(1_487_950, 2)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Invalid`: the client is a person. Those of [`Client::send`](crate::Client::send); `NotFound` is about
    /// this client alone (*documented*).
    pub async fn save(&self, client_id: &ClientId, credit: &TradeCreditData) -> Result<()> {
        let organization_id = &business(client_id)?;
        self.client.send(&PutTradeCredit { organization_id, prefixed: self.prefixed(), credit }).await
    }

    /// Takes a business's trade credit away.
    ///
    /// How far the wire is known: [`DeleteTradeCredit`].
    ///
    /// # Errors
    ///
    /// `Invalid`: the client is a person. Those of [`Client::send`](crate::Client::send). `NotFound` may also
    /// mean that a first delivery, whose answer was lost, took it away.
    pub async fn delete(&self, client_id: &ClientId) -> Result<()> {
        let call = DeleteTradeCredit { organization_id: business(client_id)?, prefixed: self.prefixed() };
        self.client.send(&call).await
    }

    /// Events from `start_id` on of what was changed in these contexts; [`Context::FOREIGN`] leaves out what came through
    /// this API, none at all means everywhere.
    ///
    /// How far the wire is known: [`GetAccountFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); also an answer whose `nextId` does not lead beyond
    /// `start_id` although it has events (see [`Feed`]).
    pub async fn feed(&self, start_id: FeedPosition, contexts: &[Context]) -> Result<Feed<ClientEvent>> {
        self.client.send(&GetAccountFeed::<OfTradeCredits>::by(self.client, start_id, contexts)).await
    }

    /// Everything the feed has from `start` on of what was changed in these contexts, event by event, until it has no
    /// more. Each event says where to go on once it is handled. A cursor belongs to the contexts it was kept with.
    ///
    /// How far the wire is known: [`GetAccountFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`feed`](Self::feed); the stream ends with one.
    pub fn follow(
        &self,
        start: FeedCursor,
        contexts: &[Context],
    ) -> impl Stream<Item = Result<FollowedEvent<ClientEvent>>> + use<'a> {
        let (client, contexts) = (self.client, contexts.to_vec());
        feed::follow(client, start, move |start_id| {
            GetAccountFeed::<OfTradeCredits>::by(client, start_id, &contexts)
        })
    }

    fn prefixed(&self) -> bool {
        self.client.settings().prefixed_trade_credits
    }
}

fn business(client_id: &ClientId) -> Result<OrganizationId> {
    if client_id.is_individual() {
        let message = "a person has no trade credit; only businesses (org:…) do";
        return Err(Error::invalid(message));
    }
    Ok(client_id.organization().unwrap_or_else(|| OrganizationId::new(client_id.as_str())))
}
