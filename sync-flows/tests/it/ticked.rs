//! The tick of rows that do not carry it.

use async_trait::async_trait;
use soneta_webapi::wire::Cecha;
use soneta_webapi::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_core::testing::{ManualClock, MemorySink};
use sync_core::{Clock, Flow, Job, MemoryStore, RejectFilter, RunContext, Store};
use sync_flows::enova::{StockSource, TickBook, ticked};
use sync_flows::flows::stock::{StockLevel, StockMapper, StockMode, StockSettings};
use sync_flows::{Erp, Tick};

use crate::erp::FakeErp;
use crate::{name, run};

/// Goods with ids from 1 on, and what was asked of them.
#[derive(Debug, Clone, Default)]
struct Goods {
    /// The cecha of each; `None` of one that cannot be decoded.
    ticks: Arc<Mutex<Vec<Option<bool>>>>,
    /// The ids that changed since the last time.
    changed: Arc<Mutex<Vec<usize>>>,
    /// `false` for a call that asks for everything.
    asked: Arc<Mutex<Vec<bool>>>,
    /// Each page says that the list goes on where it began.
    circles: Arc<AtomicBool>,
}

impl Goods {
    fn set(&self, nth: usize, tick: Option<bool>) {
        *self.ticks.lock().unwrap().get_mut(nth).unwrap() = tick;
        *self.changed.lock().unwrap() = vec![nth];
    }
}

#[async_trait]
impl Towary for Goods {
    async fn list_towary(&self, query: &ChangesQuery) -> Result<WirePage<Change<Towar>>> {
        let since = query.changed_since;
        self.asked.lock().unwrap().push(since.is_some());
        if self.circles.load(Ordering::Relaxed) {
            assert!(self.asked.lock().unwrap().len() < 10, "the same page is asked for again and again");
            return Ok(WirePage::new(Vec::new(), Some(Continuation::new("goods", 1))));
        }
        let changed = self.changed.lock().unwrap().clone();
        let rows = self.ticks.lock().unwrap();
        let rows = rows.iter().enumerate().filter(|(nth, _)| since.is_none() || changed.contains(nth));
        let row = |(nth, tick): (usize, &Option<bool>)| {
            let id = i32::try_from(nth).unwrap() + 1;
            let Some(tick) = tick else {
                return Err(BadRow::new(nth, Error::invalid("spoilt")).with_key(Some(id), None));
            };
            // the contract's own tick says the contrary
            let towar = Towar::builder().id(TowarId(id)).kod("?").nazwa("?").zaznaczony(!tick);
            Ok(Change::Upsert(towar.cechy(vec![Cecha::new("Sklep", *tick)]).build()))
        };
        let as_of = "2026-11-21T08:00:00Z".parse().ok();
        Ok(WirePage::new(rows.map(row).collect(), None).at_end(true).with_as_of(as_of))
    }

    async fn get_towary(&self, _ids: &[TowarId]) -> Result<Rows<Towar>> {
        panic!("goods are not looked up one by one")
    }

    async fn get_towary_by_kod(&self, _kody: &[String]) -> Result<Rows<Towar>> {
        panic!("goods are not looked up one by one")
    }
}

struct Shop {
    goods: Goods,
    clock: Arc<ManualClock>,
    portal: Arc<MemorySink<StockLevel>>,
    store: Arc<dyn Store>,
    flow: Flow,
}

/// Three goods with stock; the first two carry the cecha.
fn shop() -> Shop {
    shop_by(Tick::Cecha("Sklep".into()))
}

fn shop_by(tick: Tick) -> Shop {
    let erp = FakeErp::default();
    for kod in ["A", "B", "C"] {
        erp.set_stock(kod, "F", 10);
    }
    let goods = Goods::default();
    *goods.ticks.lock().unwrap() = vec![Some(true), Some(true), Some(false)];
    let clock = Arc::new(ManualClock::default());
    let of_shop: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let book = TickBook::of_goods(Arc::new(goods.clone()), tick, of_shop);
    let mode = StockMode::per_warehouse([("F", "WRO")]);
    let source = StockSource::new(Arc::new(erp), Erp::new("enova", "demo"), mode.clone());
    let mapper = StockMapper::new(StockSettings::builder().mode(mode).build()).unwrap();
    let (portal, store) = (Arc::new(MemorySink::new()), Arc::new(MemoryStore::new()) as Arc<dyn Store>);
    let source = ticked(source, Arc::new(book));
    let flow = Flow::new(name("stock"), source, mapper, Arc::clone(&portal), Arc::clone(&store));
    Shop { goods, clock, portal, store, flow }
}

impl Shop {
    fn shown(&self) -> Vec<String> {
        self.portal.records().into_values().map(|level| level.sku.as_str().to_owned()).collect()
    }
}

#[tokio::test]
async fn goods_go_by_their_cecha_and_what_loses_it_is_withdrawn() {
    let shop = shop();
    run(&shop.flow).await;
    assert_eq!(shop.shown(), ["A", "B"]);
    shop.goods.set(0, Some(false));
    shop.clock.advance(Duration::from_secs(60));
    run(&shop.flow).await;
    assert_eq!(shop.shown(), ["B"]);
}

#[tokio::test]
async fn the_goods_are_read_whole_once_and_then_their_changes() {
    let shop = shop();
    let asked = || shop.goods.asked.lock().unwrap().clone();
    run(&shop.flow).await;
    run(&shop.flow).await;
    // two pages and two cycles within the minute
    assert_eq!(asked(), [false]);
    shop.clock.advance(Duration::from_secs(60));
    run(&shop.flow).await;
    assert_eq!(asked(), [false, true]);
    shop.clock.advance(Duration::from_secs(6 * 60 * 60));
    run(&shop.flow).await;
    assert_eq!(asked(), [false, true, false]);
    assert_eq!(shop.shown(), ["A", "B"]);
}

#[tokio::test]
async fn a_good_whose_tick_cannot_be_read_stays_as_it_is_and_is_reported() {
    let shop = shop();
    run(&shop.flow).await;
    shop.goods.set(1, None);
    shop.clock.advance(Duration::from_secs(60));
    run(&shop.flow).await;
    assert_eq!(shop.shown(), ["A", "B"]);
    let rejects = shop.store.rejects(&RejectFilter::all().limit(10)).await.unwrap();
    assert_eq!(rejects.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["B/WRO"]);
    shop.goods.set(1, Some(true));
    shop.clock.advance(Duration::from_secs(60));
    run(&shop.flow).await;
    assert_eq!(shop.store.count_rejects(&RejectFilter::all()).await.unwrap().count, 0);
}

#[tokio::test]
async fn where_everything_is_sent_nobody_is_asked() {
    let shop = shop_by(Tick::Everything);
    run(&shop.flow).await;
    assert_eq!(shop.shown(), ["A", "B", "C"]);
    assert!(shop.goods.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_list_of_goods_that_goes_in_circles_is_an_error() {
    let shop = shop();
    shop.goods.circles.store(true, Ordering::Relaxed);
    let error = shop.flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), sync_core::ErrorKind::Unreadable);
    assert!(shop.shown().is_empty());
}
