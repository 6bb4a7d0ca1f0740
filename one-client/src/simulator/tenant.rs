//! A tenant, seen from behind.

use super::books::Books;
use super::orders::draft::OrderDraft;
use super::orders::status::{self, OrderStatus};
use super::refused::Because;
use super::shelves::{APPLICATION, check_feed, check_shelf};
use super::state::TenantState;
use super::{LinesReceived, SimulatorError};
use crate::client::{Client, ClientBuilder};
use crate::ids::ShipmentId;
use bytes::Bytes;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::MutexGuard;
use url::Url;

/// What a tenant of a [`Simulator`](super::Simulator) has, to look at and to change from behind. It may
/// outlive the simulator.
#[derive(Clone)]
pub struct Tenant {
    pub(super) url: Url,
    pub(super) state: TenantState,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("name", &self.state.name).finish_non_exhaustive()
    }
}

impl Tenant {
    /// What the header `one-tenant` must say.
    pub fn name(&self) -> &str {
        &self.state.name
    }

    /// The key it accepts.
    pub fn api_key(&self) -> SecretString {
        self.state.api_key.expose_secret().into()
    }

    /// A client of this tenant, with the services that the simulator was set to.
    pub fn client_builder(&self) -> ClientBuilder {
        let settings = &self.state.settings;
        Client::builder(self.url.clone(), self.name(), self.api_key())
            .order_service(&settings.order_service)
            .warehouse_service(&settings.warehouse_service)
            .operator_service(&settings.operator_service)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.state.books()
    }

    /// Every stock entry: warehouse, then id.
    pub fn stocks(&self) -> BTreeMap<String, BTreeMap<String, Decimal>> {
        self.books().stocks(None, None)
    }

    /// How much of a good a warehouse has, over all its entries; `None` if there is no entry.
    pub fn stock(&self, warehouse: &str, sku: &str) -> Option<Decimal> {
        self.books().stock(warehouse, sku)
    }

    /// Every net retail price by SKU.
    pub fn retail_prices(&self) -> BTreeMap<String, Decimal> {
        self.books().prices(None)
    }

    /// The net retail price of a product.
    pub fn retail_price(&self, sku: &str) -> Option<Decimal> {
        self.books().price(sku)
    }

    /// Every net price of a price list by SKU.
    pub fn prices(&self, pricing: &str) -> BTreeMap<String, Decimal> {
        self.books().list_prices(pricing, None)
    }

    /// The net price of a product in a price list.
    pub fn price(&self, pricing: &str, sku: &str) -> Option<Decimal> {
        self.books().list_price(pricing, sku)
    }

    /// How many lines were accepted since the start.
    pub fn lines_received(&self) -> LinesReceived {
        self.books().received()
    }

    /// Every record of a shelf as JSON, by key. The shelves are listed in the [module](super)'s docs.
    pub fn records(&self, shelf: &str) -> BTreeMap<String, String> {
        self.books().records(shelf).map(|(key, json)| (key.to_owned(), json.get().to_owned())).collect()
    }

    /// One record of a shelf as JSON.
    pub fn record(&self, shelf: &str, key: &str) -> Option<String> {
        self.books().raw(shelf, key).map(|json| json.get().to_owned())
    }

    /// The PDF that was uploaded last, and completed, for a record of the shelf `invoices`, `goods-issued-notes` or
    /// `goods-received-notes`. Not kept in the state file.
    pub fn pdf(&self, shelf: &str, number: &str) -> Option<Bytes> {
        self.books().uploads.pdf(shelf, number)
    }

    /// Lays a record on a shelf, in the place of another of this key. No feed is told: see
    /// [`tell_event`](Self::tell_event).
    ///
    /// # Errors
    ///
    /// The text is no JSON, or the state file cannot be written.
    pub fn put_record(&self, shelf: &str, key: &str, json: &str) -> Result<(), SimulatorError> {
        check_shelf(shelf)?;
        let record = raw(json)?;
        self.books().put(shelf, key, &record)
    }

    /// Takes a record off a shelf; false if there is none.
    ///
    /// # Errors
    ///
    /// The state file cannot be written.
    pub fn remove_record(&self, shelf: &str, key: &str) -> Result<bool, SimulatorError> {
        self.books().remove(shelf, key)
    }

    /// Tells a feed an event, as if somebody had done something in the shop (context `APPLICATION`). It is
    /// told as it is, also if it makes no sense there.
    ///
    /// # Errors
    ///
    /// The text is no JSON, or the state file cannot be written.
    pub fn tell_event(&self, feed: &str, json: &str) -> Result<(), SimulatorError> {
        check_feed(feed)?;
        let event = raw(json)?;
        self.books().tell_from(APPLICATION, feed, &event)
    }

    /// From now on refuses every write that names one of these products, with 400; an empty list ends
    /// that. See [`refuse`](Self::refuse).
    pub fn refuse_products<S: Into<String>>(&self, skus: impl IntoIterator<Item = S>) {
        self.books().refuse(Because::UnknownProduct, names(skus));
    }

    /// From now on answers every write that names one of these clients with 404, "client not found"; an
    /// empty list ends that. An id with `org:` or `ind:` stands also for the bare one. See
    /// [`refuse`](Self::refuse).
    pub fn unknown_clients<S: Into<String>>(&self, ids: impl IntoIterator<Item = S>) {
        self.books().refuse(Because::UnknownClient, names(ids));
    }

    /// From now on refuses every write (all but GET) that names one of these, whatever they are, with this
    /// status. A write names what stands in its path or query, and every text of its body, field names left out.
    /// Each status has its own list; an empty one ends it. Not kept in the state file.
    ///
    /// # Errors
    ///
    /// The status is not one from 400 to 599.
    pub fn refuse<S: Into<String>>(
        &self,
        status: u16,
        these: impl IntoIterator<Item = S>,
    ) -> Result<(), SimulatorError> {
        self.books().refuse(Because::told(status)?, names(these));
        Ok(())
    }

    /// Places an order with one shipment; the feed gets `ADDED`. Ids look like `OF/22/8/2026/01`: number,
    /// month and year of the simulator's clock, shipment.
    ///
    /// # Errors
    ///
    /// No lines, a line without a price whose product has no retail price, numbers with which the
    /// amounts of the order cannot be calculated, or the state file cannot be written.
    pub fn place_order(&self, draft: OrderDraft) -> Result<ShipmentId, SimulatorError> {
        let now = (self.state.settings.now)();
        self.books().place_order(draft, now).map(|(_, shipment)| ShipmentId::from(shipment))
    }

    /// Gives a shipment another content; the feed gets `CHANGED`.
    ///
    /// # Errors
    ///
    /// As for [`place_order`](Self::place_order), or there is no such shipment.
    pub fn edit_order(&self, shipment: &ShipmentId, draft: OrderDraft) -> Result<(), SimulatorError> {
        let now = (self.state.settings.now)();
        self.books().edit_order(shipment.as_str(), draft, now)
    }

    /// Cancels a shipment; the feed gets `REMOVED` and asking for it is answered 404.
    ///
    /// # Errors
    ///
    /// There is no such shipment, or the state file cannot be written.
    pub fn cancel_order(&self, shipment: &ShipmentId) -> Result<(), SimulatorError> {
        self.books().cancel_order(shipment.as_str())
    }

    /// Changes a shipment's payment status; the feed gets `CHANGED_PAYMENT`.
    ///
    /// # Errors
    ///
    /// There is no such shipment, or the state file cannot be written.
    pub fn change_payment(
        &self,
        shipment: &ShipmentId,
        status: impl Into<String>,
    ) -> Result<(), SimulatorError> {
        self.books().change_payment(shipment.as_str(), status.into())
    }

    /// The last status that a shipment was given; `None` if it has none.
    pub fn order_status(&self, shipment: &ShipmentId) -> Option<String> {
        let told = self.books().get::<OrderStatus>(status::SHELF, shipment.as_str());
        told.ok().flatten().map(|told| told.status)
    }
}

fn names<S: Into<String>>(names: impl IntoIterator<Item = S>) -> BTreeSet<String> {
    names.into_iter().map(Into::into).collect()
}

fn raw(json: &str) -> Result<Box<RawValue>, SimulatorError> {
    serde_json::from_str(json).map_err(|error| SimulatorError::new(format!("this is no JSON: {error}")))
}
