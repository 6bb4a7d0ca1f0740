//! Offers, ONe → ERP: what an operator offered, and the client took.

mod offer;

pub use offer::{
    AvailabilityState, Offer, OfferAttachment, OfferDelivery, OfferDeliveryMethod, OfferLine, OfferNote,
    OfferPerson, OfferSlot, OfferSplit, OfferStatus, OfferWarehouse, PersonType,
};

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{self, Feed, FeedCursor, FeedPosition, FollowedEvent};
use crate::ids::{AttachmentId, OfferId};
use crate::paging::Keyed;
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use futures::Stream;
use serde::{Deserialize, Serialize};

/// One event of the feed of offers (*documented*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferEvent {
    /// The offer.
    #[serde(deserialize_with = "wire::text::required")]
    pub offer_id: OfferId,
    /// What it became.
    pub event_type: OfferStatus,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(OfferEvent);

impl Keyed for OfferEvent {
    const KEY: &'static str = "offerId";
}

/// `GET /api/v1/orderpath/integrations/auth-required/synchronization/offer`: events of offers.
///
/// *Documented*, with a whole example.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetOfferFeed {
    /// `startId`: where to begin, inclusive (*inferred*).
    #[builder(default)]
    pub start_id: FeedPosition,
    /// `numberOfEvents`: how many at most. The maximum is unknown.
    #[builder(default = 100)]
    pub number_of_events: u32,
    /// `filter`: `WON_TRANSFERRED`, or nothing, which is sent blank (*documented*).
    pub filter: Option<OfferStatus>,
}

impl Endpoint for GetOfferFeed {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<OfferEvent>;

    fn path(&self) -> Path {
        service("orderpath").segment("synchronization").segment("offer")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let filter = self.filter.as_ref().map_or("", OfferStatus::as_str);
        vec![
            ("filter", filter.to_owned()),
            ("numberOfEvents", self.number_of_events.to_string()),
            ("startId", self.start_id.to_string()),
        ]
    }

    fn decode(&self, body: &[u8]) -> Result<Feed<OfferEvent>> {
        Feed::decode(self.start_id, body)
    }
}

impl Evidenced for GetOfferFeed {
    const PATH: &'static str = "orderpath/…/synchronization/offer";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented);
}

/// `GET /api/v1/orderpath/integrations/auth-required/offer`: one offer.
///
/// *Example only*; the answer is cut at the first line of its first slot: see [`Offer`].
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetOffer {
    /// `offerId`.
    #[builder(into)]
    pub offer_id: OfferId,
}

impl Endpoint for GetOffer {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Offer;

    fn path(&self) -> Path {
        service("orderpath").segment("offer")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("offerId", self.offer_id.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<Offer> {
        decode_json(body)
    }
}

impl Evidenced for GetOffer {
    const PATH: &'static str = "orderpath/…/offer";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly);
}

/// Where a file can be fetched (*example only*). Whoever has the address may have the file, so `Debug` does not show it;
/// how long it holds is not documented.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttachmentUrl {
    /// The address.
    pub download_url: String,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(AttachmentUrl {});
keeps_extra!(AttachmentUrl);

/// `GET /api/v1/orderpath/integrations/auth-required/offers/{offerId}/attachments/{attachmentId}/download-url`: where an
/// attachment of an offer can be fetched.
///
/// *Example only*. Fetching the file itself is another request to another host, without this client's key:
/// [`Transport::elsewhere`](crate::Transport::elsewhere) makes it.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[non_exhaustive]
pub struct GetAttachmentUrl {
    /// The offer.
    #[serde(skip)]
    #[builder(into)]
    pub offer_id: OfferId,
    /// The attachment, from the offer's notes.
    #[serde(skip)]
    #[builder(into)]
    pub attachment_id: AttachmentId,
}

impl Endpoint for GetAttachmentUrl {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = AttachmentUrl;

    fn path(&self) -> Path {
        let offer = service("orderpath").segment("offers").id(&self.offer_id);
        offer.segment("attachments").id(&self.attachment_id).segment("download-url")
    }

    fn decode(&self, body: &[u8]) -> Result<AttachmentUrl> {
        decode_json(body)
    }
}

impl Evidenced for GetAttachmentUrl {
    const PATH: &'static str = "orderpath/…/offers/{offerId}/attachments/{attachmentId}/download-url";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly).answer(Evidence::ExampleOnly);
}

/// `PUT /api/v1/orderpath/integrations/auth-required/offers/{offerId}/transfer-failed`: the ERP could not take an offer
/// over.
///
/// Method and path *documented* in prose; the request shown calls a cart (quirk Q7) with this body. A repeat says the
/// same of the same offer (*inferred*). The answer is not documented and not read.
#[derive(Clone, Serialize, bon::Builder)]
#[non_exhaustive]
pub struct PutTransferFailed {
    /// The offer.
    #[serde(skip)]
    #[builder(into)]
    pub offer_id: OfferId,
    /// Why, in words for an operator.
    #[builder(into)]
    pub reason: String,
}

shows!(PutTransferFailed { offer_id });

impl Endpoint for PutTransferFailed {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("orderpath").segment("offers").id(&self.offer_id).segment("transfer-failed")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutTransferFailed {
    const PATH: &'static str = "orderpath/…/offers/{offerId}/transfer-failed";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::ExampleOnly)
        .quirks(&[7]);
}

handle! {
    /// The calls about offers: `client.offers()`.
    Offers
}

impl<'a> Offers<'a> {
    /// Up to `number_of_events` events from `start_id` on: all, or those of one status.
    ///
    /// How far the wire is known: [`GetOfferFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send) and of [`Feed`].
    pub async fn feed(
        &self,
        start_id: FeedPosition,
        number_of_events: u32,
        filter: Option<OfferStatus>,
    ) -> Result<Feed<OfferEvent>> {
        self.client.send(&feed_call(start_id, number_of_events, filter)).await
    }

    /// Everything the feed has from `start` on, event by event, until it has no more.
    ///
    /// How far the wire is known: [`GetOfferFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`feed`](Self::feed); the stream ends with one.
    pub fn follow(
        &self,
        start: FeedCursor,
        number_of_events: u32,
        filter: Option<OfferStatus>,
    ) -> impl Stream<Item = Result<FollowedEvent<OfferEvent>>> + 'a {
        feed::follow(self.client, start, move |start_id| {
            feed_call(start_id, number_of_events, filter.clone())
        })
    }

    /// One offer.
    ///
    /// How far the wire is known: [`GetOffer`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` is about this offer alone (*inferred*).
    pub async fn get(&self, offer_id: &OfferId) -> Result<Offer> {
        self.client.send(&GetOffer::builder().offer_id(offer_id.clone()).build()).await
    }

    /// Where an attachment can be fetched.
    ///
    /// How far the wire is known: [`GetAttachmentUrl`].
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    pub async fn attachment_url(
        &self,
        offer_id: &OfferId,
        attachment_id: &AttachmentId,
    ) -> Result<AttachmentUrl> {
        let call = GetAttachmentUrl::builder()
            .offer_id(offer_id.clone())
            .attachment_id(attachment_id.clone())
            .build();
        self.client.send(&call).await
    }

    /// Says that the ERP could not take an offer over, and why.
    ///
    /// How far the wire is known: [`PutTransferFailed`].
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    pub async fn update_transfer_failed(&self, offer_id: &OfferId, reason: impl Into<String>) -> Result<()> {
        let call = PutTransferFailed::builder().offer_id(offer_id.clone()).reason(reason).build();
        self.client.send(&call).await
    }
}

fn feed_call(start_id: FeedPosition, number_of_events: u32, filter: Option<OfferStatus>) -> GetOfferFeed {
    GetOfferFeed::builder().start_id(start_id).number_of_events(number_of_events).maybe_filter(filter).build()
}
