//! Stocks, ERP → ONe.
//!
//! The vendor offers two ways: replacing all stocks of a warehouse (PUT, [`Stocks::replace_all`]) and adding to
//! them (POST, [`Stocks::send_incremental`]). He asks to pick one and stay with it, and to clear the stock before
//! switching (*documented*); replacing by no lines clears it (*inferred*). The incremental one is the one to pick: it
//! takes any number of lines and sends what changed alone.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, MAX_LINES, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{Sku, StockId, WarehouseId};
use crate::service::{handle, service};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Error, Path, Result};
use bytes::Bytes;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// One line of a stock message.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StockChange {
    /// There is this much.
    Set(StockLine),
    /// The entry is to be deleted: it is not known to be 0, it is not to be known at all.
    Remove(StockId),
}

impl StockChange {
    /// This much of a good is available; the SKU is the entry's id.
    pub fn set(sku: impl Into<Sku>, quantity: Decimal) -> Self {
        Self::Set(StockLine::new(sku, quantity))
    }

    /// Deletes an entry.
    pub fn remove(id: impl Into<StockId>) -> Self {
        Self::Remove(id.into())
    }

    /// The entry it is about.
    pub fn id(&self) -> &StockId {
        match self {
            Self::Set(line) => &line.id,
            Self::Remove(id) => id,
        }
    }

    fn key(&self) -> &str {
        self.id().as_str()
    }
}

/// How much of a good is available in a warehouse. `Debug` shows entry and good alone.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StockLine {
    /// The entry's id, unique in the warehouse (*documented*): the SKU unless storage locations are
    /// tracked.
    pub id: StockId,
    /// The good.
    pub sku: Sku,
    /// Available quantity, in content units: the level, not a difference (*inferred*).
    #[serde(with = "wire::decimal")]
    pub quantity: Decimal,
}

shows!(StockLine { id, sku });

impl StockLine {
    /// An entry whose id is its SKU.
    pub fn new(sku: impl Into<Sku>, quantity: Decimal) -> Self {
        let sku = sku.into();
        Self { id: StockId::new(sku.as_str()), sku, quantity }
    }

    /// Another id, for installations that track storage locations.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<StockId>) -> Self {
        self.id = id.into();
        self
    }
}

/// How a stock message is spelled.
///
/// The vendor's page names the fields but its JSON was not readable, so the spelling used here,
/// [`AbsoluteStocks`], is *inferred*. Who has the vendor's Swagger and finds another one implements
/// this trait and gives it to [`ClientBuilder::stock_body`](crate::ClientBuilder::stock_body).
///
/// `encode` is called once or several times per chunk, from any thread, and must be a pure function of
/// its lines. A chunk never names one entry twice.
pub trait StockBody: std::fmt::Debug + Send + Sync {
    /// The JSON of one request.
    ///
    /// # Errors
    ///
    /// [`Error::invalid`] if a line cannot be expressed: that line fails, the others are sent. Any other
    /// error ends the write.
    fn encode(&self, changes: &[StockChange]) -> Result<Bytes>;

    /// The JSON of a request that replaces all stocks of a warehouse: `{"stocks":[{"id","sku","quantity"}]}`
    /// (*inferred*). Quantities are levels here, whatever [`effect`](Self::effect) says.
    ///
    /// # Errors
    ///
    /// As for [`encode`](Self::encode); any ends the call.
    fn encode_all(&self, lines: &[StockLine]) -> Result<Bytes> {
        #[derive(Serialize)]
        struct Body<'a> {
            stocks: &'a [StockLine],
        }
        json(&Body { stocks: lines })
    }

    /// What a second delivery of the same message does. [`Effect::Idempotent`] only if quantities are
    /// levels; a spelling that sends differences must say [`Effect::Create`], or a repeat after a
    /// time-out counts goods twice.
    fn effect(&self) -> Effect;
}

fn json(body: &impl Serialize) -> Result<Bytes> {
    serde_json::to_vec(body).map(Bytes::from).map_err(|_| Error::config("the stock lines do not encode"))
}

/// `{"stocks":[{"id","sku","quantity"}],"stocksToRemove":[id]}` with levels as quantities.
///
/// *Inferred* from the glossary; whether the server's "incremental" means levels or differences is
/// not documented. To be tried on one good of a test tenant before anything else is sent: the same
/// message twice must leave the same stock.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AbsoluteStocks;

impl StockBody for AbsoluteStocks {
    fn encode(&self, changes: &[StockChange]) -> Result<Bytes> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            stocks: Vec<&'a StockLine>,
            stocks_to_remove: Vec<&'a StockId>,
        }
        let mut body = Body { stocks: Vec::with_capacity(changes.len()), stocks_to_remove: Vec::new() };
        for change in changes {
            match change {
                StockChange::Set(line) => body.stocks.push(line),
                StockChange::Remove(id) => body.stocks_to_remove.push(id),
            }
        }
        json(&body)
    }

    fn effect(&self) -> Effect {
        Effect::Idempotent
    }
}

/// `POST /api/v1/stock/integrations/auth-required/warehouses/{warehouse}/stocks/incremental`: sets and
/// deletes stock entries of one warehouse.
///
/// Method *documented*, path *path only*, body *inferred* (see [`StockBody`]). The vendor asks for at
/// most 10,000 lines; [`Stocks::send_incremental`] splits. A repeat is harmless only because the quantities are
/// levels, which is why the effect is the body's to say. The answer is not documented and not read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PostStocksIncremental<'a> {
    /// The warehouse.
    pub warehouse: &'a WarehouseId,
    /// The lines.
    pub changes: &'a [StockChange],
    /// How they are spelled.
    pub body: &'a dyn StockBody,
}

impl<'a> PostStocksIncremental<'a> {
    /// One message in the *inferred* spelling.
    pub fn new(warehouse: &'a WarehouseId, changes: &'a [StockChange]) -> Self {
        Self { warehouse, changes, body: &AbsoluteStocks }
    }

    /// The same message in another spelling.
    #[must_use]
    pub fn with_body(mut self, body: &'a dyn StockBody) -> Self {
        self.body = body;
        self
    }
}

impl Serialize for PostStocksIncremental<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let body = self.body.encode(self.changes).map_err(S::Error::custom)?;
        let json: &RawValue = serde_json::from_slice(&body).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

impl Endpoint for PostStocksIncremental<'_> {
    /// What holds for [`AbsoluteStocks`]; [`StockBody::effect`] decides.
    const EFFECT: Effect = Effect::Idempotent;
    type Response = ();

    fn path(&self) -> Path {
        service("stock").segment("warehouses").id(self.warehouse).segment("stocks").segment("incremental")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        self.body.encode(self.changes).map(Some)
    }

    fn effect(&self) -> Effect {
        self.body.effect()
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostStocksIncremental<'_> {
    const PATH: &'static str = "stock/…/warehouses/{warehouse}/stocks/incremental";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .rows(&["O3"]);
}

/// `PUT /api/v1/stock/integrations/auth-required/warehouses/{warehouse}/stocks`: replaces all stocks of one
/// warehouse. An entry that is not named is gone; no lines at all clear the warehouse.
///
/// Method and effect *documented*, path and body *inferred* (see [`StockBody::encode_all`]). It cannot be split, since
/// each part would delete the others, so more than [`MAX_LINES`] lines are refused before sending. The answer is
/// not documented and not read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PutStocks<'a> {
    /// The warehouse.
    pub warehouse: &'a WarehouseId,
    /// All it has.
    pub lines: &'a [StockLine],
    /// How they are spelled.
    pub body: &'a dyn StockBody,
}

impl<'a> PutStocks<'a> {
    /// One message in the *inferred* spelling.
    pub fn new(warehouse: &'a WarehouseId, lines: &'a [StockLine]) -> Self {
        Self { warehouse, lines, body: &AbsoluteStocks }
    }

    /// The same message in another spelling.
    #[must_use]
    pub fn with_body(mut self, body: &'a dyn StockBody) -> Self {
        self.body = body;
        self
    }

    fn check(&self) -> Result<()> {
        if self.lines.len() > MAX_LINES {
            let message = format!(
                "{} stock lines: a warehouse's stock is replaced in one request of at most {MAX_LINES} lines",
                self.lines.len()
            );
            return Err(Error::invalid(message)
                .with_advice("Send the changes with `send_incremental`, which takes any number of lines."));
        }
        let ids: BTreeSet<_> = self.lines.iter().map(|line| &line.id).collect();
        if ids.len() < self.lines.len() {
            return Err(Error::invalid("two stock lines have one id, which is unique in a warehouse"));
        }
        Ok(())
    }
}

impl Serialize for PutStocks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let body = self.body.encode_all(self.lines).map_err(S::Error::custom)?;
        let json: &RawValue = serde_json::from_slice(&body).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

impl Endpoint for PutStocks<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("stock").segment("warehouses").id(self.warehouse).segment("stocks")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        self.check()?;
        self.body.encode_all(self.lines).map(Some)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutStocks<'_> {
    const PATH: &'static str = "stock/…/warehouses/{warehouse}/stocks";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .repeat(Evidence::Documented)
        .request(Evidence::Inferred)
        .rows(&["O3"]);
}

handle! {
    /// The calls about stocks: `client.stocks()`.
    Stocks
}

impl Stocks<'_> {
    /// What a second delivery of a message does, by the spelling that is set. Whoever repeats messages must ask.
    pub fn effect(&self) -> Effect {
        self.client.settings().stock_body.effect()
    }

    /// Sends any number of lines of one warehouse, in order, split to the wire's limits.
    ///
    /// How far the wire is known: [`PostStocksIncremental`].
    ///
    /// See [`BulkReport`] for what is known of each line afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// use one_client::stock::StockChange;
    /// use one_client::{Decimal, WarehouseId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// let wro = WarehouseId::from("WRO");
    /// let changes = [StockChange::set("ŚRUBA-M8", Decimal::new(125, 1)), StockChange::remove("NIT-3")];
    /// let report = one.stocks().send_incremental(&wro, &changes).await;
    /// for (lines, error) in report.failures() {
    ///     eprintln!("lines {lines:?}: {error}; {}", error.what_to_do());
    /// }
    /// assert_eq!(report.resume_at(), None, "every line was answered for");
    /// # assert_eq!(simulator.stock("WRO", "ŚRUBA-M8"), Some(Decimal::new(125, 1)));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_incremental(&self, warehouse: &WarehouseId, changes: &[StockChange]) -> BulkReport {
        self.send_incremental_with(warehouse, changes, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later line on.
    ///
    /// How far the wire is known: [`PostStocksIncremental`].
    pub async fn send_incremental_with(
        &self,
        warehouse: &WarehouseId,
        changes: &[StockChange],
        options: &BulkWrite,
    ) -> BulkReport {
        let body = self.client.settings().stock_body.as_ref();
        let call = BulkCall {
            key: StockChange::key,
            check: bulk::unchecked,
            endpoint: |changes| PostStocksIncremental { warehouse, changes, body },
            not_found: NotFound::ThePath,
        };
        bulk::write(self.client, changes, options, call).await
    }

    /// Replaces all stocks of one warehouse, in one request: what is not named is gone, and no lines clear the
    /// warehouse.
    ///
    /// How far the wire is known: [`PutStocks`].
    ///
    /// The vendor asks to pick this or [`send_incremental`](Self::send_incremental) and stay with it; clear the stock
    /// before switching (*documented*).
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `Invalid`, before anything is sent: more than [`MAX_LINES`]
    /// lines, which cannot be split here, or one entry named twice.
    pub async fn replace_all(&self, warehouse: &WarehouseId, lines: &[StockLine]) -> Result<()> {
        let body = self.client.settings().stock_body.as_ref();
        self.client.send(&PutStocks::new(warehouse, lines).with_body(body)).await
    }
}
