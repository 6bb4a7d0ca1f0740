//! Retail prices: O8.

use async_trait::async_trait;
use rust_decimal::Decimal;
use std::sync::Arc;
use std::time::Duration;
use sync_core::testing::ManualClock;
use sync_core::watchdog::{Facts, FlowPolicy, Freshness, Policy, check};
use sync_core::{Clock as _, MemoryStore, Reason};
use sync_flows::flows::retail_prices::{self, RetailPriceMapper};

use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { o8: RetailPrices }

#[tokio::test]
async fn a_good_without_its_tick_is_no_alert_hours_later_and_its_reject_goes_when_it_is_ticked_again() {
    let mut row = RetailPrices::begin().await;
    let clock = Arc::new(ManualClock::default());
    row.world.setup.store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
    row.world.setup.clock = clock.clone();
    let flow = row.world.setup.name(retail_prices::RETAIL_PRICES.id).unwrap();
    let fresh = Freshness::within(Duration::from_secs(86_400));
    let policy = Policy::default().flow(FlowPolicy::new(flow, fresh, clock.now()));
    row.run(None).await;
    let kod = row.kod(1);
    row.world.enova.set_ticked(&kod, false).unwrap();
    row.run(None).await;
    row.removed().await;
    clock.advance(Duration::from_secs(2 * 3_600));
    let store = row.world.setup.store.as_ref();
    let facts = Facts::gather(store, &policy).await.unwrap();
    assert_eq!(check(clock.now(), &facts, &policy), []);

    row.world.enova.set_ticked(&kod, true).unwrap();
    row.run(None).await;
    assert!(row.world.rejects().await.is_empty());
    assert_eq!(row.shown().await, row.expected().await);
}

struct RetailPrices {
    world: World,
    spoilt: Spoilt<String>,
}

impl RetailPrices {
    fn kod(&self, nth: usize) -> String {
        let goods = self.world.enova.goods().into_iter();
        let mut priced = goods.filter(|good| good.zaznaczony && good.cena_detaliczna.is_some());
        priced.nth(nth).unwrap().kod
    }
}

#[async_trait]
impl Row for RetailPrices {
    async fn begin() -> Self {
        Self { world: World::of_goods(30).await, spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(10, pages);
        let ceny = Arc::new(self.world.erp.b2b().ceny());
        let mapper = RetailPriceMapper::new("PLN");
        let flow = retail_prices::to_one(&setup, ceny, "Detaliczna", self.world.one.clone(), mapper).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let goods = self.world.enova.goods().into_iter();
        // ONe knows no removal: what was there once stays
        let meant = goods.filter(|good| self.world.was_ticked(&good.kod) && !self.spoilt.is(&good.kod));
        meant.filter_map(|good| Some((good.kod, good.cena_detaliczna?.0.normalize().to_string()))).collect()
    }

    async fn shown(&self) -> Shown {
        let prices = self.world.sim.retail_prices().into_iter();
        prices.map(|(sku, price)| (sku, price.normalize().to_string())).collect()
    }

    fn sent(&self) -> u64 {
        self.world.sim.lines_received().retail_prices
    }

    async fn change_one(&self) {
        self.world.enova.set_price(&self.kod(0), Decimal::from(4_711)).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_ticked(&self.kod(1), false).unwrap();
    }

    async fn removed(&self) {
        let rejects = self.world.rejects().await;
        let codes: Vec<&str> = rejects.iter().map(|reject| reject.reason.code()).collect();
        assert_eq!(codes, [Reason::REMOVAL_NOT_SUPPORTED], "it is told once");
        assert!(self.shown().await.values().all(|price| price != "0"));
    }

    async fn spoil_one(&self) {
        let kod = self.kod(2);
        let [find, with] = ["true", "7"].map(|tick| format!("\"Kod\":\"{kod}\",\"Zaznaczony\":{tick}"));
        self.spoilt.spoil(&self.world, &["B2BCeny/Detaliczne"], &find, &with, kod);
    }

    async fn heal(&self) {
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world.sim.faults(), "/retail-prices")]
    }
}
