//! A stateful ONe on a local port (feature `simulator`), for tests and demonstrations.
//!
//! **What it proves.** Where a request or an answer is documented whole (retail prices, the order feed)
//! the simulator follows the documentation. Where it is not (stock messages, order shipments, error
//! answers, what happens after a removal) simulator and client follow the same *inferred* spelling:
//! a green test there shows that the two agree with each other, not that ONe agrees with them. It
//! speaks its own JSON and shares no type with the client.
//!
//! ```
//! use one_client::simulator::{OrderDraft, Simulator};
//! use one_client::{Decimal, FeedPosition, WarehouseId};
//! use one_client::stock::StockChange;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::builder().start().await?;
//! let one = simulator.client_builder().build()?;
//!
//! let stocks = [StockChange::set("ŚRUBA-M8", Decimal::new(125, 1))];
//! one.stocks().send_incremental(&WarehouseId::from("WRO"), &stocks).await.into_result()?;
//! assert_eq!(simulator.stock("WRO", "ŚRUBA-M8"), Some(Decimal::new(125, 1)));
//!
//! let draft = OrderDraft::new("organization-1").priced_line("ŚRUBA-M8", Decimal::from(4), Decimal::from(410));
//! let placed = simulator.place_order(draft)?;
//! let feed = one.orders().feed(FeedPosition::FIRST, 100).await?;
//! assert_eq!(feed.events[0].as_ref().unwrap().shipment_id, placed);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! - Checks `ApiAuth` (401) and `one-tenant` (403).
//! - Refuses more than 10,000 lines (413) and, when strict, which is the default, unknown fields and
//!   query parameters, numbers written as strings, and writes that are not `application/json`.
//! - Keeps stocks per warehouse, retail prices, orders with one shipment each, and the feed of their
//!   events: ids from 1, `startId` inclusive.
//! - Answers 404 for a shipment that was removed (*inferred*).
//! - Follows a script of faults: [`Simulator::faults`].
//!
//! # Over HTTP
//!
//! For other processes; these paths ask for no key and are met by no fault.
//!
//! | call | does |
//! |---|---|
//! | `POST /_sim/orders` | places an order: an [`OrderDraft`] as JSON, `{"organizationId", "organizationExternalId"?, "lines": [{"sku", "quantity", "unit"?, "netPrice"?, …}], …}`; a line without `unit` is told with a null `contentUnitCode`; answers `{"orderId", "shipmentId"}` |
//! | `POST /_sim/orders/edit` | `{"shipmentId", "draft": {…}}`: gives the shipment this content, `CHANGED` |
//! | `POST /_sim/orders/cancel` | `{"shipmentId"}`: `REMOVED` |
//! | `POST /_sim/orders/payment` | `{"shipmentId", "status"}`: `CHANGED_PAYMENT` |
//! | `POST /_sim/products/refuse` | `["sku", …]`: from now on a write that names one of them is refused with 400; replaces the list |
//! | `GET /_sim/stocks`, `?warehouse=`, `?sku=` | `{warehouse: {id: quantity}}` |
//! | `GET /_sim/prices`, `?sku=` | `{sku: price}` |
//! | `GET /_sim/status` | tenant, counts, and the lines received since the start |
//! | `/_sim/faults` | see [`api_transport::simulation`] |
//!
//! # State in a file
//!
//! With [`SimulatorBuilder::state_file`] every change is appended to a file, one JSON line each, before
//! it is answered, and read back at the next start. A last line that was cut short is dropped. The
//! file belongs to one tenant. It grows with every change and is never compacted: delete it to begin
//! anew.

mod bodies;
mod books;
mod control;
mod journal;
mod number;
mod order;
mod routes;

pub use order::{DraftAddress, DraftLine, OrderDraft};

use crate::client::{Client, ClientBuilder};
use crate::ids::ShipmentId;
use api_transport::simulation::{Faults, Server, serve};
use books::Books;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use url::Url;

type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Something the simulator cannot do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SimulatorError {
    message: String,
    #[source]
    source: Option<std::io::Error>,
}

impl SimulatorError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    fn io(message: impl Into<String>, source: std::io::Error) -> Self {
        Self { message: message.into(), source: Some(source) }
    }
}

/// How many lines were accepted since the simulator started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct LinesReceived {
    /// Stock entries that were set.
    pub stocks: u64,
    /// Stock entries that were deleted.
    pub stock_removals: u64,
    /// Retail prices.
    pub retail_prices: u64,
}

/// What the routes share.
#[derive(Clone)]
struct Shared {
    tenant: Arc<str>,
    api_key: SecretString,
    strict: bool,
    order_shipment_service: Arc<str>,
    now: Now,
    books: Arc<Mutex<Books>>,
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running simulator. It stops when dropped; [`stop`](Self::stop) also waits for that.
pub struct Simulator {
    server: Server,
    shared: Shared,
    faults: Faults,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("url", &self.url().as_str())
            .field("tenant", &self.shared.tenant)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Simulator`].
#[must_use]
pub struct SimulatorBuilder {
    tenant: String,
    api_key: SecretString,
    state_file: Option<PathBuf>,
    port: u16,
    strict: bool,
    order_shipment_service: String,
    faults: Faults,
    now: Now,
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock; `now` replaces it")]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

impl SimulatorBuilder {
    /// The tenant, `demo` by default.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// The key that is accepted.
    pub fn api_key(mut self, api_key: SecretString) -> Self {
        self.api_key = api_key;
        self
    }

    /// Keeps the state in this file; without one it lives as long as the simulator.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// The clock, for order ids and `lastChange`.
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }

    /// The port on 127.0.0.1; a free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether what is unknown is refused; true by default.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The service under which order shipments are answered, `orders` by default (quirk Q1).
    pub fn order_shipment_service(mut self, service: impl Into<String>) -> Self {
        self.order_shipment_service = service.into();
        self
    }

    /// A script of faults to begin with.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// The port is taken, or the state file cannot be read, is damaged before its last line, or belongs
    /// to another tenant.
    pub async fn start(self) -> Result<Simulator, SimulatorError> {
        let books = match &self.state_file {
            Some(path) => Books::open(path, &self.tenant)?,
            None => Books::default(),
        };
        let shared = Shared {
            tenant: self.tenant.into(),
            api_key: self.api_key,
            strict: self.strict,
            order_shipment_service: self.order_shipment_service.into(),
            now: self.now,
            books: Arc::new(Mutex::new(books)),
        };
        let router = routes::router(shared.clone()).merge(control::router(shared.clone()));
        let server = serve(self.port, router, self.faults.clone())
            .await
            .map_err(|error| SimulatorError::io(format!("port {} cannot be had", self.port), error))?;
        Ok(Simulator { server, shared, faults: self.faults })
    }
}

impl Simulator {
    /// Begins a simulator.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            tenant: "demo".to_owned(),
            api_key: SecretString::from("simulated-key"),
            state_file: None,
            port: 0,
            strict: true,
            order_shipment_service: "orders".to_owned(),
            faults: Faults::new(),
            now: Arc::new(wall_clock),
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// The tenant it serves.
    pub fn tenant(&self) -> &str {
        &self.shared.tenant
    }

    /// The key it accepts.
    pub fn api_key(&self) -> SecretString {
        self.shared.api_key.expose_secret().into()
    }

    /// A client of this simulator.
    pub fn client_builder(&self) -> ClientBuilder {
        Client::builder(self.url().clone(), self.tenant(), self.api_key())
            .order_service(&*self.shared.order_shipment_service)
    }

    /// The script of faults, and the counters of calls.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every stock entry: warehouse, then id.
    pub fn stocks(&self) -> BTreeMap<String, BTreeMap<String, Decimal>> {
        self.shared.books().stocks(None, None)
    }

    /// How much of a good a warehouse has, over all its entries; `None` if there is no entry.
    pub fn stock(&self, warehouse: &str, sku: &str) -> Option<Decimal> {
        self.shared.books().stock(warehouse, sku)
    }

    /// Every net retail price by SKU.
    pub fn retail_prices(&self) -> BTreeMap<String, Decimal> {
        self.shared.books().prices(None)
    }

    /// The net retail price of a product.
    pub fn retail_price(&self, sku: &str) -> Option<Decimal> {
        self.shared.books().price(sku)
    }

    /// How many lines were accepted since the start.
    pub fn lines_received(&self) -> LinesReceived {
        self.shared.books().received()
    }

    /// From now on refuses every write that names one of these products, with 400; an empty list ends
    /// that. Not kept in the state file.
    pub fn refuse_products<S: Into<String>>(&self, skus: impl IntoIterator<Item = S>) {
        self.shared.books().refuse_products(skus.into_iter().map(Into::into).collect());
    }

    /// Places an order with one shipment; the feed gets `ADDED`. Ids look like `OF/22/8/2026/01`: number,
    /// month and year of the simulator's clock, shipment.
    ///
    /// # Errors
    ///
    /// No lines, a line without a price whose product has no retail price, or the state file cannot be
    /// written.
    pub fn place_order(&self, draft: OrderDraft) -> Result<ShipmentId, SimulatorError> {
        let now = (self.shared.now)();
        self.shared.books().place_order(draft, now).map(|(_, shipment)| ShipmentId::from(shipment))
    }

    /// Gives a shipment another content; the feed gets `CHANGED`.
    ///
    /// # Errors
    ///
    /// As for [`place_order`](Self::place_order), or there is no such shipment.
    pub fn edit_order(&self, shipment: &ShipmentId, draft: OrderDraft) -> Result<(), SimulatorError> {
        let now = (self.shared.now)();
        self.shared.books().edit_order(shipment.as_str(), draft, now)
    }

    /// Cancels a shipment; the feed gets `REMOVED` and asking for it is answered 404.
    ///
    /// # Errors
    ///
    /// There is no such shipment, or the state file cannot be written.
    pub fn cancel_order(&self, shipment: &ShipmentId) -> Result<(), SimulatorError> {
        self.shared.books().cancel_order(shipment.as_str())
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
        self.shared.books().change_payment(shipment.as_str(), status.into())
    }

    /// Stops it: the port is closed, calls under way get no answer.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
