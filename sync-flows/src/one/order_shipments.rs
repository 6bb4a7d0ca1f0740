//! Shipments of ONe's order feed.

use async_trait::async_trait;
use futures::{FutureExt, future};
use one_client::orders::{OrderEvent, OrderEventType, Shipment};
use one_client::{Client, ErrorKind, FeedPosition, OrderId, ShipmentId};
use sync_core::{Error, Item, Key, Page, ReadFrom, Result, Source, SourceIdentity, SourceInfo, SourceKind};

use super::patience::Patience;
use crate::client_error::engine_error;
use crate::key::{pair, pair_of};

/// How many events one answer of the feed is asked for. The wire's maximum is unknown; 100 is the documentation's own
/// example.
const EVENTS_PER_ANSWER: usize = 100;

/// ONe's order feed as a source: each shipment that an answer names is fetched as it is now.
///
/// Several events of one shipment in one answer are one record. A shipment that the feed calls removed is
/// [`Item::Deleted`]; one that cannot be decoded is a reject, and the others go on; so is one that ONe alone fails to give for
/// several runs. The position is the feed's `nextId`, the key of a record is the order's and the shipment's id.
#[derive(Debug, Clone)]
pub struct OrderSource {
    one: Client,
    tenant: String,
    start_at: FeedPosition,
    patience: Patience,
}

impl OrderSource {
    /// The orders of the tenant `tenant` (the name the configuration gives it: part of the position's identity).
    #[must_use]
    pub fn new(one: Client, tenant: impl Into<String>) -> Self {
        Self { one, tenant: tenant.into(), start_at: FeedPosition::FIRST, patience: Patience::default() }
    }

    /// Begins here instead of with the oldest event that ONe still has: orders that an earlier integration has booked are
    /// not to come again. It counts only as long as no position is stored.
    #[must_use]
    pub fn starting_at(mut self, position: FeedPosition) -> Self {
        self.start_at = position;
        self
    }

    /// The shipment as it is now.
    async fn item(&self, key: Key, order_id: &OrderId, shipment_id: &ShipmentId) -> Result<Item<Shipment>> {
        match self.one.orders().get_shipment(order_id, shipment_id).await {
            Ok(shipment) if shipment.id == *shipment_id => Ok(Item::upsert(key, shipment)),
            Ok(_) => Ok(Item::bad(Some(key), Error::invalid("ONe answered with another shipment"))),
            Err(error) => match error.kind() {
                // about this shipment alone; everything else is about the portal, and the answer is read again
                ErrorKind::NotFound
                | ErrorKind::Rejected
                | ErrorKind::Refused
                | ErrorKind::Decode
                | ErrorKind::TooLarge
                | ErrorKind::Unexpected => {
                    Ok(Item::bad(Some(key), engine_error("the shipment cannot be read", error)))
                }
                _ => Err(engine_error("the shipment was not read", error)),
            },
        }
    }
}

#[async_trait]
impl Source for OrderSource {
    type Record = Shipment;
    type Cursor = FeedPosition;

    fn describe(&self) -> SourceInfo {
        let identity = SourceIdentity::new("one", "order shipments").database(&self.tenant).contract("v1");
        SourceInfo::new(SourceKind::Token, identity)
    }

    async fn read(
        &self,
        from: ReadFrom<&FeedPosition>,
        limit: usize,
    ) -> Result<Page<Shipment, FeedPosition>> {
        let start = match from {
            ReadFrom::Start => self.start_at,
            ReadFrom::After(position) => *position,
        };
        let wanted = u32::try_from(limit.clamp(1, EVENTS_PER_ANSWER)).unwrap_or(1);
        let feed = self
            .one
            .orders()
            .feed(start, wanted)
            .await
            .map_err(|error| engine_error("the order feed was not read", error))?;
        if feed.events.is_empty() {
            return Ok(Page::last(Vec::new(), Some(feed.next_id)));
        }
        let mut bad = Vec::new();
        let mut latest: Vec<OrderEvent> = Vec::with_capacity(feed.events.len());
        for event in feed.events {
            match event {
                Ok(event) => {
                    latest.retain(|earlier| earlier.shipment_id != event.shipment_id);
                    latest.push(event);
                }
                Err(event) => {
                    let key = event.key.as_deref().map(Key::from);
                    bad.push(Item::bad(key, engine_error("the event cannot be read", event.error)));
                }
            }
        }
        let key = |event: &OrderEvent| pair(event.order_id.as_str(), event.shipment_id.as_str());
        let items = self.patience.fetch_each(&latest, key, |key, event| match event.event_type {
            OrderEventType::Removed => future::ready(Ok(Item::deleted(key))).boxed(),
            _ => self.item(key, &event.order_id, &event.shipment_id).boxed(),
        });
        let mut items = items.await?;
        items.extend(bad);
        Ok(Page::more(items, feed.next_id))
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Shipment>>> {
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.push(match pair_of(key) {
                Some((order, shipment)) => {
                    self.item(key.clone(), &OrderId::new(order), &ShipmentId::new(shipment)).await?
                }
                None => Item::bad(Some(key.clone()), Error::invalid("the key names no order and shipment")),
            });
        }
        Ok(items)
    }
}
