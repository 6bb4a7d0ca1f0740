//! Stock: E4 and O3.

use async_trait::async_trait;
use rust_decimal::Decimal;
use std::sync::Arc;
use sync_core::guard::stock::Buffer;
use sync_flows::flows::stock::{self, StockMapper, StockMode, StockSettings};

use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { e4_o3: Stock }

struct Stock {
    world: World,
    spoilt: Spoilt<String>,
}

impl Stock {
    fn mode() -> StockMode {
        StockMode::per_warehouse([("F", "WRO")])
    }

    /// The first goods with stock in the warehouse: one to change, one to take away, one to spoil.
    fn kod(&self, nth: usize) -> String {
        let goods = self.world.enova.goods();
        let mut stocked =
            goods.iter().filter(|good| good.zaznaczony && good.stany.iter().any(|stan| stan.magazyn == "F"));
        stocked.nth(nth).unwrap().kod.clone()
    }
}

#[async_trait]
impl Row for Stock {
    async fn begin() -> Self {
        Self { world: World::of_goods(30).await, spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(10, pages);
        let stany = Arc::new(self.world.erp.b2b().stany());
        let mapper =
            StockMapper::new(StockSettings::builder().mode(Self::mode()).buffer(Buffer::none()).build())
                .unwrap();
        let flow = stock::to_one(&setup, stany, Self::mode(), self.world.one.clone(), mapper).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let goods = self.world.enova.goods().into_iter().filter(|good| !self.spoilt.is(&good.kod));
        let levels = goods.flat_map(|good| {
            let (kod, ticked) = (good.kod, good.zaznaczony);
            good.stany.into_iter().filter(|stan| stan.magazyn == "F").map(move |stan| {
                let level = if ticked { (stan.stan - stan.zarezerwowane).floor() } else { Decimal::ZERO };
                (kod.clone(), level.max(Decimal::ZERO))
            })
        });
        // what never had a tick was never sent
        levels
            .filter(|(kod, _)| self.world.was_ticked(kod))
            .map(|(kod, level)| (kod, level.normalize().to_string()))
            .collect()
    }

    async fn shown(&self) -> Shown {
        let stocks = self.world.sim.stocks().remove("WRO").unwrap_or_default();
        stocks.into_iter().map(|(sku, level)| (sku, level.normalize().to_string())).collect()
    }

    fn sent(&self) -> u64 {
        self.world.sim.lines_received().stocks
    }

    async fn change_one(&self) {
        self.world.enova.set_stock(&self.kod(0), "F", Decimal::from(4_711)).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_ticked(&self.kod(1), false).unwrap();
    }

    async fn removed(&self) {
        let unticked: Vec<_> = self.world.enova.goods().into_iter().filter(|good| !good.zaznaczony).collect();
        assert!(unticked.iter().any(|good| self.world.sim.stock("WRO", &good.kod) == Some(Decimal::ZERO)));
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
        vec![Lost::twice(self.world.sim.faults(), "/stocks/incremental")]
    }
}
