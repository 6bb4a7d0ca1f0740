//! Stock to a portal of one's own, of goods whose tick is a cecha: E4.

use async_trait::async_trait;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::guard::stock::Buffer;
use sync_flows::Tick;
use sync_flows::enova::{TickBook, ticked};
use sync_flows::flows::stock::{self, StockLevel, StockMapper, StockMode, StockSettings};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { e4: PortalStock }

/// The simulator's cecha of the portal's tick.
const TICK: &str = "Portal";

struct PortalStock {
    world: World,
    portal: OwnPortal<StockLevel>,
    spoilt: Spoilt<String>,
}

impl PortalStock {
    /// The n-th ticked good.
    fn kod(&self, nth: usize) -> String {
        let mut ticked =
            self.world.enova.goods().into_iter().filter(|good| good.zaznaczony && !good.stany.is_empty());
        ticked.nth(nth).unwrap().kod
    }
}

#[async_trait]
impl Row for PortalStock {
    async fn begin() -> Self {
        Self { world: World::of_goods(30).await, portal: OwnPortal::new(), spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let (setup, b2b) = (self.world.paged(10, pages), self.world.erp.b2b());
        let mode = StockMode::summed(Vec::<String>::new(), "all");
        let settings = StockSettings::builder().mode(mode.clone()).buffer(Buffer::none()).build();
        let goods = Arc::new(b2b.towary().with_cechy([TICK]));
        let book = TickBook::of_goods(goods, Tick::Cecha(TICK.to_owned()), Arc::clone(&setup.clock));
        let source = ticked(stock::source(&setup, Arc::new(b2b.stany()), mode), Arc::new(book));
        let mapper = StockMapper::new(settings).unwrap();
        let flow = stock::source_to(&setup, source, mapper, Arc::clone(&self.portal.sink)).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let goods = self.world.enova.goods().into_iter();
        let sent = goods.filter(|good| good.zaznaczony && !self.spoilt.is(&good.kod));
        let levels = sent.filter(|good| !good.stany.is_empty()).map(|good| {
            let all: Decimal = good.stany.iter().map(|stan| stan.stan - stan.zarezerwowane).sum();
            (good.kod, all.floor().max(Decimal::ZERO).normalize().to_string())
        });
        levels.collect()
    }

    async fn shown(&self) -> Shown {
        let levels: BTreeMap<_, _> = self.portal.sink.records();
        levels
            .into_values()
            .map(|level| (level.sku.as_str().to_owned(), level.quantity.normalize().to_string()))
            .collect()
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        self.world.enova.set_stock(&self.kod(0), "F", Decimal::from(4_711)).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_ticked(&self.kod(1), false).unwrap();
    }

    async fn removed(&self) {
        let first_run = self.portal.sink.log().len();
        assert!(self.portal.sink.records().len() < first_run);
    }

    async fn spoil_one(&self) {
        let kod = self.kod(2);
        let [find, with] = ["true", "7"].map(|tick| format!("\"Kod\":\"{kod}\",\"Zaznaczony\":{tick}"));
        self.spoilt.spoil(&self.world, &["B2BStany/Lista"], &find, &with, kod);
    }

    async fn heal(&self) {
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}
