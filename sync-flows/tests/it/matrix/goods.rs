//! Goods to a portal of one's own: E1, by the list of changes and by the change queue.

use async_trait::async_trait;
use soneta_webapi::Towar;
use soneta_webapi::simulator::SimulatedTowar;
use std::sync::Arc;
use sync_core::{Flow, SystemClock};
use sync_flows::enova::{TowaryList, changes, queue};
use sync_flows::flows::goods::{self, GoodsMapper, LogRenames};
use sync_flows::{Setup, Tick};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, Spoilt, rows};
use crate::goods::change_card;
use crate::world::{World, play};

rows! { e1: Goods<false>, e1_altone_queue: Goods<true> }

/// Goods, read by the change queue or by the list of changes.
struct Goods<const QUEUE: bool> {
    world: World,
    portal: OwnPortal<Towar>,
    spoilt: Spoilt<i32>,
}

impl<const QUEUE: bool> Goods<QUEUE> {
    fn flow(&self, setup: &Setup) -> Flow {
        let (portal, renames) = (Arc::clone(&self.portal.sink), Arc::new(LogRenames));
        if QUEUE {
            let list = TowaryList::new(Arc::new(self.world.erp.altone()));
            let source = queue(list, Arc::new(self.world.queue()), &setup.erp).unwrap();
            let mapper = GoodsMapper::new(Tick::Cecha("Portal".to_owned()));
            goods::to(setup, source, mapper, portal, renames).unwrap()
        } else {
            let list = TowaryList::new(Arc::new(self.world.erp.b2b().towary()));
            let source = changes(list, &setup.erp, Arc::new(SystemClock));
            goods::to(setup, source, GoodsMapper::default(), portal, renames).unwrap()
        }
    }

    fn ticked(&self, nth: usize) -> SimulatedTowar {
        self.world.enova.goods().into_iter().filter(|good| good.zaznaczony).nth(nth).unwrap()
    }
}

#[async_trait]
impl<const QUEUE: bool> Row for Goods<QUEUE> {
    async fn begin() -> Self {
        Self { world: World::of_goods(30).await, portal: OwnPortal::new(), spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        play(self.flow(&self.world.paged(10, pages)), pages).await;
    }

    async fn expected(&self) -> Shown {
        let goods = self.world.enova.goods().into_iter();
        goods
            .filter(|good| good.zaznaczony && !self.spoilt.is(&good.id))
            .map(|good| (good.id.to_string(), format!("{} {}", good.kod, good.nazwa)))
            .collect()
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(|good| format!("{} {}", good.kod, good.nazwa))
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        change_card(&self.world, self.ticked(0).id, |card| card.nazwa.push_str(" (nowy model)")).await;
    }

    async fn remove_one(&self) {
        self.world.enova.set_ticked(&self.ticked(1).kod, false).unwrap();
    }

    async fn spoil_one(&self) {
        let SimulatedTowar { id, kod, .. } = self.ticked(2);
        let [find, with] = ["Nazwa", "Nazwisko"].map(|field| format!("\"Kod\":\"{kod}\",\"{field}\":"));
        let calls = ["B2BTowary/Lista", "B2BTowary/Pobierz", "FakturyHandloweWebAPI/GetTowary"];
        self.spoilt.spoil(&self.world, &calls, &find, &with, id);
    }

    async fn heal(&self) {
        let id = self.spoilt.heal(&self.world).unwrap();
        // who corrects a record changes it
        change_card(&self.world, id, |card| card.nazwa.push_str(" (poprawiony)")).await;
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}
