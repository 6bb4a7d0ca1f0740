//! The ERP and the shop, as they live through a week, and what can go wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sync_core::testing::{Faults, MemorySink, MemorySource};
use sync_core::{
    Act, Created, Error, ErrorKind, Item, Key, OpKey, Outcome, Page, ReadFrom, Reason, Result, Sink, Source,
    SourceInfo, Submission, Submitter, Write,
};
use tokio::sync::Notify;

/// A call that never returns, once, when it was asked to.
#[derive(Debug, Default)]
pub(super) struct Gate {
    is_shut: AtomicBool,
    pub(super) reached: Notify,
}

impl Gate {
    pub(super) fn shut(&self) {
        self.is_shut.store(true, Ordering::SeqCst);
    }

    async fn pass(&self) {
        if self.is_shut.swap(false, Ordering::SeqCst) {
            self.reached.notify_one();
            pending::<()>().await;
        }
    }
}

/// A source or a sink behind a gate.
#[derive(Debug)]
pub(super) struct Gated<T>(pub(super) Arc<T>, pub(super) Arc<Gate>);

#[async_trait]
impl Source for Gated<MemorySource<i64>> {
    type Record = i64;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        self.0.describe()
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<i64, usize>> {
        self.1.pass().await;
        self.0.read(from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<i64>>> {
        self.0.fetch(keys).await
    }
}

#[async_trait]
impl Sink for Gated<MemorySink<i64>> {
    type Record = i64;

    /// What it writes stays, also if it never answers.
    async fn write(&self, batch: &[Write<i64>]) -> Result<Vec<Outcome>> {
        let written = self.0.write(batch).await;
        self.1.pass().await;
        written
    }
}

/// Numbers that follow from a seed.
#[derive(Debug, Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let hash = blake3::hash(&self.0.to_le_bytes());
        u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap()) % sides
    }
}

/// Makes a document at each submit; its first answer to an order is often lost, or the order never arrives.
#[derive(Debug, Default)]
pub(super) struct Orders {
    seed: u64,
    pub(super) documents: Mutex<Vec<OpKey>>,
    pub(super) lost_answers: Mutex<BTreeSet<OpKey>>,
    /// The period is closed.
    pub(super) refuses: AtomicBool,
    pub(super) gate: Arc<Gate>,
}

impl Orders {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    fn create(&self, act: &Act) -> Created {
        self.documents.lock().unwrap().push(act.op_key.clone());
        created(act)
    }
}

pub(super) fn number(op_key: &str) -> String {
    format!("ZO/{op_key}")
}

fn created(act: &Act) -> Created {
    Created::new(act.guid.to_string()).with_number(number(act.op_key.as_str()))
}

#[async_trait]
impl Submitter for Orders {
    async fn submit(&self, act: &Act) -> Submission {
        let lost = || Submission::InDoubt(Error::new(ErrorKind::Ambiguous, "the answer was lost"));
        if self.refuses.load(Ordering::SeqCst) {
            return Submission::Refused(Reason::new("period-closed"));
        }
        // by the order, not by the order of calls
        let luck = blake3::hash(format!("{} {}", self.seed, act.op_key).as_bytes()).as_bytes()[0] % 8;
        let made = match luck {
            0 if act.attempt == 1 => return Submission::NotSent(Error::transient("not connected")),
            1 if act.attempt == 1 => return lost(),
            _ => self.create(act),
        };
        self.gate.pass().await;
        if luck == 2 {
            self.lost_answers.lock().unwrap().insert(act.op_key.clone());
            return lost();
        }
        Submission::Done(made)
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        Ok(self.documents.lock().unwrap().contains(&act.op_key).then(|| created(act)))
    }
}

/// What outlives every process: both systems, and what is true in them.
#[derive(Debug)]
pub(super) struct Systems {
    pub(super) stock: Arc<MemorySource<i64>>,
    pub(super) stock_reads: Faults,
    pub(super) stock_gate: Arc<Gate>,
    pub(super) prices: Arc<MemorySource<i64>>,
    pub(super) shop_orders: Arc<MemorySource<(String, String)>>,
    pub(super) order_reads: Faults,
    pub(super) erp: Arc<Orders>,
    /// All writes to the shop.
    pub(super) shop: Faults,
    pub(super) shop_gate: Arc<Gate>,
    pub(super) shop_stock: Arc<MemorySink<i64>>,
    pub(super) shop_prices: Arc<MemorySink<i64>>,
    pub(super) shop_numbers: Arc<MemorySink<String>>,
    pub(super) true_stock: BTreeMap<String, i64>,
    pub(super) true_prices: BTreeMap<String, i64>,
    pub(super) ordered: BTreeSet<String>,
    pub(super) dice: Dice,
}

impl Systems {
    pub(super) fn new(seed: u64) -> Self {
        let (stock_reads, order_reads, shop) = (Faults::none(), Faults::none(), Faults::none());
        let mut systems = Self {
            stock: Arc::new(MemorySource::token().wire_page(7).faults(stock_reads.clone())),
            stock_reads,
            stock_gate: Arc::default(),
            prices: Arc::new(MemorySource::snapshot().wire_page(7)),
            shop_orders: Arc::new(MemorySource::token().faults(order_reads.clone())),
            order_reads,
            erp: Arc::new(Orders::new(seed)),
            shop_stock: Arc::new(MemorySink::new().faults(shop.clone())),
            shop_prices: Arc::new(MemorySink::new().faults(shop.clone())),
            shop_numbers: Arc::new(MemorySink::new().without_removal().faults(shop.clone())),
            shop,
            shop_gate: Arc::default(),
            true_stock: BTreeMap::new(),
            true_prices: BTreeMap::new(),
            ordered: BTreeSet::new(),
            dice: Dice(seed),
        };
        for good in 0..30 {
            systems.set_stock(good, 100);
            systems.set_price(good, 1_000);
        }
        systems
    }

    pub(super) fn set_stock(&mut self, good: u64, amount: i64) {
        self.stock.put(good.to_string(), amount);
        self.true_stock.insert(good.to_string(), amount);
    }

    fn set_price(&mut self, good: u64, price: i64) {
        self.prices.remove(good.to_string());
        self.prices.put(good.to_string(), price);
        self.true_prices.insert(good.to_string(), price);
    }

    pub(super) fn order(&mut self) {
        let op_key = format!("o{}", self.ordered.len());
        // three customers, whose orders keep their order
        let customer = format!("c{}", self.ordered.len() % 3);
        self.shop_orders.put(op_key.as_str(), (customer, "three hammers".to_owned()));
        self.ordered.insert(op_key);
    }

    /// What happens in ten minutes.
    pub(super) fn edit(&mut self) {
        let good = self.dice.roll(30);
        match self.dice.roll(12) {
            0..6 => {
                let amount = i64::try_from(self.dice.roll(100)).unwrap() + 1;
                self.set_stock(good, amount);
            }
            6 => {
                self.stock.put_deleted(good.to_string());
                self.true_stock.remove(&good.to_string());
            }
            7 => {
                let price = i64::try_from(self.dice.roll(10_000)).unwrap() + 1;
                self.set_price(good, price);
            }
            8 if self.true_prices.len() > 20 => {
                self.prices.remove(good.to_string());
                self.true_prices.remove(&good.to_string());
            }
            // the shop tells an order twice
            9 if !self.ordered.is_empty() => {
                let again = self.dice.roll(self.ordered.len() as u64);
                self.shop_orders
                    .put(format!("o{again}"), (format!("c{}", again % 3), "three hammers".to_owned()));
            }
            _ => {}
        }
        if self.dice.roll(4) == 0 {
            self.order();
        }
    }
}
