//! Prices of contractors: O9 by profile and in rotation, E2.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_core::Reason;
use sync_flows::enova::ClientPrice;
use sync_flows::flows::client_prices::{self, ContractorPriceMapper};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, rows};
use crate::price_world::{active, asked, created, given, link_contractors, lists, plain_good, run_o9};
use crate::world::{World, play};

rows! { o9: ListPrices<true>, o9_rotation: ListPrices<false>, e2: ContractorPrices }

const PRICED: [&str; 2] = ["B2BCeny/DlaProfilu", "B2BCeny/DlaKontrahenta"];

/// Makes the price of a good unreadable in every list.
fn spoil(world: &World, kod: &str) {
    for call in PRICED {
        let (find, replace) =
            (format!("\"Kod\":\"{kod}\",\"Zaznaczony\":true"), format!("\"Kod\":\"{kod}\",\"Zaznaczony\":7"));
        world.enova.faults().add(Fault::on(call).rewrite(find, replace).always());
    }
}

fn text(price: Decimal) -> String {
    price.normalize().to_string()
}

/// What each client of ONe sees.
struct ListPrices<const BY_PROFILE: bool> {
    world: World,
    goods: [String; 3],
    lists: Mutex<u64>,
}

#[async_trait]
impl<const BY_PROFILE: bool> Row for ListPrices<BY_PROFILE> {
    async fn begin() -> Self {
        let world = World::of_goods(30).await;
        link_contractors(&world).await;
        let goods = [plain_good(&world, 0).await, plain_good(&world, 1).await, plain_good(&world, 2).await];
        Self { world, goods, lists: Mutex::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        // each run is a day's
        let settings = self.world.pages(10, pages).full_pass(Duration::ZERO);
        let lists = lists(&self.world, &self.world.setup, BY_PROFILE);
        run_o9(&self.world, &lists, settings, pages.is_some()).await;
        *self.lists.lock().unwrap() = created(&self.world).await.len() as u64;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for contractor in active(&self.world) {
            for cena in asked(&self.world, contractor).await {
                // ONe knows no removal: what was there once stays
                if self.world.was_ticked(&cena.kod) {
                    expected.insert(format!("org:c{contractor} {}", cena.kod), text(cena.netto.value));
                }
            }
        }
        expected
    }

    async fn shown(&self) -> Shown {
        let mut shown = Shown::new();
        for (client, pricing) in given(&self.world) {
            for (sku, price) in self.world.sim.prices(&pricing) {
                let before = shown.insert(format!("{client} {sku}"), text(price));
                assert_eq!(before, None, "a client has two lists");
            }
        }
        shown
    }

    fn sent(&self) -> u64 {
        self.world.sim.lines_received().prices
    }

    fn sent_by_one_change(&self) -> u64 {
        *self.lists.lock().unwrap()
    }

    async fn change_one(&self) {
        self.world.enova.set_price(&self.goods[0], Decimal::from(4_711)).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_ticked(&self.goods[1], false).unwrap();
    }

    async fn removed(&self) {
        let rejects = self.world.rejects().await;
        assert_eq!(rejects.len() as u64, *self.lists.lock().unwrap(), "each list tells it once");
        assert!(rejects.iter().all(|reject| reject.reason.code() == Reason::REMOVAL_NOT_SUPPORTED));
        assert!(self.shown().await.values().all(|price| price != "0"));
    }

    async fn spoil_one(&self) {
        spoil(&self.world, &self.goods[2]);
    }

    async fn heal(&self) {
        self.world.enova.faults().clear();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        ["/prices", "/clients-to-pricings"].map(|call| Lost::twice(self.world.sim.faults(), call)).into()
    }
}

/// What a portal of one's own is told of each contractor's prices.
struct ContractorPrices {
    world: World,
    portal: OwnPortal<ClientPrice>,
    goods: [String; 3],
}

impl ContractorPrices {
    /// Price, thresholds and until when, as one text.
    fn text(cena: &soneta_webapi::CenaKontrahenta) -> String {
        let steps: BTreeMap<Decimal, Decimal> =
            cena.progi.iter().map(|prog| (prog.ilosc_od, prog.netto.value)).collect();
        format!("{} {} {steps:?} {:?}", cena.netto.value, cena.brutto.value, cena.wazna_do)
    }
}

#[async_trait]
impl Row for ContractorPrices {
    async fn begin() -> Self {
        let world = World::of_goods(30).await;
        let goods = [plain_good(&world, 0).await, plain_good(&world, 1).await, plain_good(&world, 2).await];
        Self { world, portal: OwnPortal::new(), goods }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(10, pages);
        let lists = lists(&self.world, &setup, false);
        let (mapper, portal) = (ContractorPriceMapper::new(), Arc::clone(&self.portal.sink));
        let flow = client_prices::to(&setup, &lists, mapper, portal).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for contractor in active(&self.world) {
            let ticked = asked(&self.world, contractor).await.into_iter();
            expected.extend(
                ticked
                    .filter(|cena| cena.zaznaczony == Some(true))
                    .map(|cena| (format!("contractor:{contractor}/{}", cena.towar_id), Self::text(&cena))),
            );
        }
        expected
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(|price| Self::text(&price.cena))
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    fn sent_by_one_change(&self) -> u64 {
        active(&self.world).len() as u64
    }

    async fn change_one(&self) {
        self.world.enova.set_price(&self.goods[0], Decimal::from(4_711)).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_ticked(&self.goods[1], false).unwrap();
    }

    async fn spoil_one(&self) {
        spoil(&self.world, &self.goods[2]);
    }

    async fn heal(&self) {
        self.world.enova.faults().clear();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}
