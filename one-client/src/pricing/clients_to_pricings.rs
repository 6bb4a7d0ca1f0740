//! Who has which price lists, ERP → ONe.

use super::price_lists;
use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ClientGroupId, ClientId, PricingId};
use crate::service::{handle, service};
use api_transport::{Effect, Endpoint, Error, Path, Result};
use serde::{Deserialize, Serialize};

/// One client or one group of clients: on the wire `clientId` or `clientGroupId`, one of which must be set
/// (*documented*). That both together are refused is *inferred*; here they cannot be said.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[non_exhaustive]
pub enum PricingHolder {
    /// `clientId`.
    #[serde(rename = "clientId")]
    Client(ClientId),
    /// `clientGroupId`.
    #[serde(rename = "clientGroupId")]
    Group(ClientGroupId),
}

impl From<ClientId> for PricingHolder {
    fn from(client: ClientId) -> Self {
        Self::Client(client)
    }
}

impl From<ClientGroupId> for PricingHolder {
    fn from(group: ClientGroupId) -> Self {
        Self::Group(group)
    }
}

/// That a client or a group of clients has a price list (*example only*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Fields")]
#[non_exhaustive]
pub struct ClientToPricing {
    /// `clientId` or `clientGroupId`.
    #[serde(flatten)]
    pub holder: PricingHolder,
    /// The price list.
    pub pricing_id: PricingId,
}

impl ClientToPricing {
    /// Gives a list to a client ([`ClientId`]) or a group ([`ClientGroupId`]).
    pub fn new(holder: impl Into<PricingHolder>, pricing_id: impl Into<PricingId>) -> Self {
        Self { holder: holder.into(), pricing_id: pricing_id.into() }
    }

    fn key(&self) -> (&PricingHolder, &PricingId) {
        (&self.holder, &self.pricing_id)
    }

    fn whose(&self) -> &str {
        match &self.holder {
            PricingHolder::Client(client) => client.as_str(),
            PricingHolder::Group(group) => group.as_str(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default)]
    client_id: Option<ClientId>,
    #[serde(default)]
    client_group_id: Option<ClientGroupId>,
    pricing_id: PricingId,
}

impl TryFrom<Fields> for ClientToPricing {
    type Error = &'static str;

    fn try_from(fields: Fields) -> std::result::Result<Self, &'static str> {
        let holder = match (fields.client_id, fields.client_group_id) {
            (Some(client), None) => PricingHolder::Client(client),
            (None, Some(group)) => PricingHolder::Group(group),
            _ => return Err("exactly one of clientId and clientGroupId must be set"),
        };
        Ok(Self { holder, pricing_id: fields.pricing_id })
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/clients-to-pricings`: gives price lists to clients.
///
/// *Example only*; the prose says `client-to-pricing`, both examples `clients-to-pricings` (quirk Q4: the examples). The body is
/// a bare array, the answer is not documented and not read. *Inferred:* a line adds a list to what the client has
/// already. No call that takes a list from a client is known. To be tried on a test tenant first: two lists given
/// to one client in two requests must both be there afterwards.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutClientsToPricings<'a> {
    /// Who has what.
    pub lines: &'a [ClientToPricing],
}

impl<'a> PutClientsToPricings<'a> {
    /// One message.
    pub fn new(lines: &'a [ClientToPricing]) -> Self {
        Self { lines }
    }
}

impl Endpoint for PutClientsToPricings<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("clients-to-pricings")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutClientsToPricings<'_> {
    const PATH: &'static str = "pricing/…/clients-to-pricings";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .quirks(&[4, 21])
        .rows(&["O9"]);
}

handle! {
    /// The calls about who has which price lists: `client.clients_to_pricings()`.
    ClientsToPricings
}

impl ClientsToPricings<'_> {
    /// Gives any number of price lists to clients and groups, in order, split to the wire's limits.
    ///
    /// How far the wire is known: [`PutClientsToPricings`].
    ///
    /// A client that ONe does not know costs its own lines, not those of others: the server answers 404, and the vendor asks
    /// integrations to go on (*documented* on his page for ERP teams).
    ///
    /// Lines at fault are looked for by halving their request. Once two lines of one client were not found, its others in
    /// the request count as not found too, unsent. Lines in the order of clients keep those of an unknown one
    /// together, which makes the search short.
    ///
    /// A line by which one client or one group would get more than [`MAX_PRICE_LISTS`](super::MAX_PRICE_LISTS) different
    /// lists within `lines` fails unsent (`Invalid`); the others go. What a client had before, and has through
    /// its groups, is not known here: see [`PriceListPlan`](super::PriceListPlan).
    ///
    /// See [`BulkReport`] for what is known of each line afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save(&self, lines: &[ClientToPricing]) -> BulkReport {
        self.save_with(lines, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later line on. Lines before that count for the limit.
    ///
    /// How far the wire is known: [`PutClientsToPricings`].
    pub async fn save_with(&self, lines: &[ClientToPricing], options: &BulkWrite) -> BulkReport {
        let beyond = price_lists::beyond_limit(lines.iter().map(ClientToPricing::key));
        let check = |line: &ClientToPricing| match beyond.contains(&line.key()) {
            true => Err(Error::invalid("the client would have more than 2,000 price lists")),
            false => Ok(()),
        };
        let call = BulkCall {
            key: ClientToPricing::key,
            check,
            endpoint: PutClientsToPricings::new,
            not_found: NotFound::OneOf(ClientToPricing::whose),
        };
        bulk::write(self.client, lines, options, call).await
    }
}
