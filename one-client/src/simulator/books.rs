//! What the simulated ONe knows.

use super::journal::{Entry, Journal};
use super::number::Number;
use super::orders::draft::OrderDraft;
use super::orders::shipment::Order;
use super::refused::{Because, Refused};
use super::shelves::{APPLICATION, Event, Shelves, document};
use super::stock::stocks::{StockLine, StockMessage};
use super::uploads::Uploads;
use super::{LinesReceived, SimulatorError};
use chrono::{DateTime, Datelike as _, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// An event of the order feed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderEvent<'a> {
    order_id: &'a str,
    shipment_id: &'a str,
    event_type: &'a str,
}

#[derive(Debug)]
struct Stock {
    sku: Arc<str>,
    quantity: Decimal,
}

/// The state, and the file it is kept in.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) journal: Option<Journal>,
    pub(super) known: Known,
    pub(super) received: LinesReceived,
    refused: Refused,
    pub(super) uploads: Uploads,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    /// Every id and SKU once: with many warehouses the same text stands in many places.
    pub(super) names: BTreeSet<Arc<str>>,
    stocks: BTreeMap<String, BTreeMap<Arc<str>, Stock>>,
    prices: BTreeMap<Arc<str>, Decimal>,
    /// Prices of price lists: by list, then product. No shelf: there may be millions.
    pub(super) list_prices: BTreeMap<String, BTreeMap<Arc<str>, Decimal>>,
    orders: BTreeMap<String, Order>,
    orders_placed: usize,
    /// Everything else.
    pub(super) shelves: Shelves,
}

impl Books {
    pub(super) fn open(path: &Path, tenant: &str) -> Result<Self, SimulatorError> {
        let mut known = Known::default();
        let journal = Journal::open(path, tenant, |entry| known.apply(entry))?;
        Ok(Self { journal: Some(journal), known, ..Self::default() })
    }

    /// Writes down, then does.
    pub(super) fn record(&mut self, entry: Entry) -> Result<(), SimulatorError> {
        if let Some(journal) = &mut self.journal {
            journal.append(&entry)?;
        }
        self.known.apply(entry)
    }

    pub(super) fn receive_stocks(
        &mut self,
        warehouse: String,
        message: StockMessage,
    ) -> Result<(), SimulatorError> {
        let (set, removed) = (message.set.len() as u64, message.remove.len() as u64);
        if self.journal.is_some() {
            let set = message.set.into_iter().map(written).collect();
            self.record(Entry::Stocks { warehouse, set, remove: message.remove })?;
        } else {
            self.known.set_stocks(warehouse, message);
        }
        self.received.stocks += set;
        self.received.stock_removals += removed;
        Ok(())
    }

    pub(super) fn replace_stocks(
        &mut self,
        warehouse: String,
        lines: Vec<StockLine>,
    ) -> Result<(), SimulatorError> {
        let count = lines.len() as u64;
        self.record(Entry::AllStocks { warehouse, set: lines.into_iter().map(written).collect() })?;
        self.received.stocks += count;
        Ok(())
    }

    pub(super) fn receive_prices(&mut self, lines: Vec<(String, Decimal)>) -> Result<(), SimulatorError> {
        let count = lines.len() as u64;
        if self.journal.is_some() {
            let lines = lines.into_iter().map(|(sku, price)| (sku, price.to_string()));
            self.record(Entry::Prices(lines.collect()))?;
        } else {
            self.known.set_prices(lines);
        }
        self.received.retail_prices += count;
        Ok(())
    }

    pub(super) fn place_order(
        &mut self,
        mut draft: OrderDraft,
        now: SystemTime,
    ) -> Result<(String, String), SimulatorError> {
        draft.price(|sku| self.price(sku))?;
        let now = DateTime::<Utc>::from(now);
        let order_id = format!("OF/{}/{}/{}", self.known.orders_placed + 1, now.month(), now.year());
        let shipment_id = format!("{order_id}/01");
        let ids = (order_id.clone(), shipment_id.clone());
        let order = Order { order_id, shipment_id, draft, last_change: now, payment_status: None };
        self.record(Entry::Placed(Box::new(order)))?;
        Ok(ids)
    }

    pub(super) fn edit_order(
        &mut self,
        shipment_id: &str,
        mut draft: OrderDraft,
        now: SystemTime,
    ) -> Result<(), SimulatorError> {
        draft.price(|sku| self.price(sku))?;
        let order = Order { draft, last_change: now.into(), ..self.existing(shipment_id)?.clone() };
        self.record(Entry::Edited(Box::new(order)))
    }

    pub(super) fn cancel_order(&mut self, shipment_id: &str) -> Result<(), SimulatorError> {
        self.existing(shipment_id)?;
        self.record(Entry::Cancelled(shipment_id.to_owned()))
    }

    pub(super) fn change_payment(&mut self, shipment_id: &str, status: String) -> Result<(), SimulatorError> {
        self.existing(shipment_id)?;
        self.record(Entry::Payment { shipment_id: shipment_id.to_owned(), status })
    }

    fn existing(&self, shipment_id: &str) -> Result<&Order, SimulatorError> {
        self.order(shipment_id)
            .ok_or_else(|| SimulatorError::new(format!("there is no shipment {shipment_id}")))
    }

    pub(super) fn order(&self, shipment_id: &str) -> Option<&Order> {
        self.known.orders.get(shipment_id)
    }

    pub(super) fn stocks(
        &self,
        warehouse: Option<&str>,
        sku: Option<&str>,
    ) -> BTreeMap<String, BTreeMap<String, Decimal>> {
        self.known
            .stocks
            .iter()
            .filter(|(name, _)| warehouse.is_none_or(|wanted| wanted == *name))
            .map(|(name, entries)| {
                let entries = entries
                    .iter()
                    .filter(|(_, stock)| sku.is_none_or(|wanted| wanted == &*stock.sku))
                    .map(|(id, stock)| (id.to_string(), stock.quantity));
                (name.clone(), entries.collect())
            })
            .collect()
    }

    pub(super) fn stock(&self, warehouse: &str, sku: &str) -> Option<Decimal> {
        let entries = self.known.stocks.get(warehouse)?;
        entries
            .values()
            .filter(|stock| &*stock.sku == sku)
            .map(|stock| stock.quantity)
            .reduce(Decimal::saturating_add)
    }

    pub(super) fn price(&self, sku: &str) -> Option<Decimal> {
        self.known.prices.get(sku).copied()
    }

    pub(super) fn prices(&self, sku: Option<&str>) -> BTreeMap<String, Decimal> {
        self.known
            .prices
            .iter()
            .filter(|(name, _)| sku.is_none_or(|wanted| wanted == &***name))
            .map(|(name, price)| (name.to_string(), *price))
            .collect()
    }

    pub(super) fn received(&self) -> LinesReceived {
        self.received
    }

    /// Shipments, events, stock entries, prices.
    pub(super) fn counts(&self) -> [usize; 4] {
        let known = &self.known;
        let entries = known.stocks.values().map(BTreeMap::len).sum();
        [known.orders.len(), known.shelves.events(), entries, known.prices.len()]
    }

    /// Replaces the list of names that are refused for this reason.
    pub(super) fn refuse(&mut self, because: Because, names: BTreeSet<String>) {
        self.refused.set(because, names);
    }

    pub(super) fn refused(&self) -> &Refused {
        &self.refused
    }
}

impl Known {
    fn apply(&mut self, entry: Entry) -> Result<(), SimulatorError> {
        match entry {
            Entry::Tenant(_) => {}
            Entry::Stocks { warehouse, set, remove } => {
                let set = set.into_iter().map(read_back).collect::<Result<_, _>>()?;
                self.set_stocks(warehouse, StockMessage { set, remove });
            }
            Entry::AllStocks { warehouse, set } => {
                let set = set.into_iter().map(read_back).collect::<Result<_, _>>()?;
                self.stocks.remove(&warehouse);
                self.set_stocks(warehouse, StockMessage { set, remove: Vec::new() });
            }
            Entry::Prices(lines) => {
                let lines = lines
                    .into_iter()
                    .map(|(sku, price)| Ok((sku, decimal(&price)?)))
                    .collect::<Result<_, SimulatorError>>()?;
                self.set_prices(lines);
            }
            Entry::ListPrices(lines) => {
                let lines = lines
                    .into_iter()
                    .map(|(list, sku, price)| Ok((list, sku, decimal(&price)?)))
                    .collect::<Result<_, SimulatorError>>()?;
                self.set_list_prices(lines);
            }
            Entry::Placed(order) => {
                self.orders_placed += 1;
                self.tell(&order, "ADDED")?;
                self.orders.insert(order.shipment_id.clone(), *order);
            }
            Entry::Edited(order) => {
                self.tell(&order, "CHANGED")?;
                self.orders.insert(order.shipment_id.clone(), *order);
            }
            Entry::Cancelled(shipment_id) => {
                if let Some(order) = self.orders.remove(&shipment_id) {
                    self.tell(&order, "REMOVED")?;
                }
            }
            Entry::Payment { shipment_id, status } => {
                if let Some(mut order) = self.orders.remove(&shipment_id) {
                    order.payment_status = Some(status);
                    self.tell(&order, "CHANGED_PAYMENT")?;
                    self.orders.insert(shipment_id, order);
                }
            }
            Entry::Put { shelf, records } => self.shelves.put(shelf, records),
            Entry::Removed { shelf, key } => self.shelves.remove(&shelf, &key),
            Entry::Event { feed, context, json } => self.shelves.tell(feed, Event { context, json }),
            Entry::Id(id) => self.shelves.set_last_id(id),
        }
        Ok(())
    }

    fn set_stocks(&mut self, warehouse: String, message: StockMessage) {
        let entries = self.stocks.entry(warehouse).or_default();
        for StockLine { id, sku, quantity } in message.set {
            let sku = shared(&mut self.names, &sku);
            let id = if *id == *sku { Arc::clone(&sku) } else { shared(&mut self.names, &id) };
            entries.insert(id, Stock { sku, quantity: quantity.0 });
        }
        for id in message.remove {
            entries.remove(id.as_str());
        }
    }

    fn set_prices(&mut self, lines: Vec<(String, Decimal)>) {
        for (sku, price) in lines {
            self.prices.insert(shared(&mut self.names, &sku), price);
        }
    }

    fn tell(&mut self, order: &Order, event_type: &str) -> Result<(), SimulatorError> {
        let event = OrderEvent { order_id: &order.order_id, shipment_id: &order.shipment_id, event_type };
        let event = Event { context: APPLICATION.to_owned(), json: document(&event)? };
        self.shelves.tell("orders".to_owned(), event);
        Ok(())
    }
}

/// A stock line as the state file has it: id, sku, quantity.
fn written(line: StockLine) -> (String, String, String) {
    (line.id, line.sku, line.quantity.0.to_string())
}

fn read_back((id, sku, quantity): (String, String, String)) -> Result<StockLine, SimulatorError> {
    Ok(StockLine { id, sku, quantity: Number(decimal(&quantity)?) })
}

pub(super) fn shared(names: &mut BTreeSet<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = names.get(name) {
        return Arc::clone(known);
    }
    let name = Arc::<str>::from(name);
    names.insert(Arc::clone(&name));
    name
}

fn decimal(digits: &str) -> Result<Decimal, SimulatorError> {
    Decimal::from_str_exact(digits).map_err(|_| SimulatorError::new("the state file holds a damaged number"))
}
