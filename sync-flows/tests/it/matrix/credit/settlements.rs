//! Settlements to a portal of one's own, of ticked contractors.

use async_trait::async_trait;
use soneta_webapi::{NaiveDate, Rozrachunek};
use std::sync::Arc;
use std::time::Duration;
use sync_flows::Tick;
use sync_flows::enova::{RozrachunkiList, TickBook, changes, ticked};
use sync_flows::flows::credit::{self, SettlementMapper};

use super::{kod, text};
use crate::matrix::own_portal::OwnPortal;
use crate::matrix::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { e11: Settlements }

struct Settlements {
    world: World,
    portal: OwnPortal<Rozrachunek>,
    spoilt: Spoilt<i32>,
}

#[async_trait]
impl Row for Settlements {
    /// Contractor n owes n times a hundred, and the one without the tick as well.
    async fn begin() -> Self {
        let world = World::of_goods(3).await;
        let due = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
        let unticked = world.enova.contractors().into_iter().find(|one| !one.zaznaczony).unwrap().id;
        for n in (1..=6).chain([unticked]) {
            let amount = (n * 100).into();
            world.enova.set_settlement(9_000 + n, &format!("FV/{n}"), n, amount, due).unwrap();
        }
        Self { world, portal: OwnPortal::new(), spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let settings = self.world.pages(2, pages).full_pass(Duration::ZERO);
        let setup = self.world.setup.with_settings(settings);
        let b2b = self.world.erp.b2b();
        let list = RozrachunkiList::new(Arc::new(b2b.rozrachunki()));
        let clock = Arc::clone(&setup.clock);
        let book = TickBook::of_contractors(Arc::new(b2b.kontrahenci()), Tick::Told, Arc::clone(&clock));
        let source = ticked(changes(list, &setup.erp, clock), Arc::new(book));
        let mapper = SettlementMapper::default();
        let flow = credit::settlements_to(&setup, source, mapper, Arc::clone(&self.portal.sink)).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let contractors = self.world.enova.contractors();
        let is_ticked = |id| contractors.iter().any(|one| one.id == id && one.zaznaczony);
        let settlements = self.world.enova.settlements().into_iter();
        settlements
            .filter(|one| !self.spoilt.is(&one.id) && is_ticked(one.kontrahent_id))
            .map(|one| (one.id.to_string(), format!("{} of {}", text(one.pozostalo), text(one.kwota))))
            .collect()
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(|one| {
            assert_eq!((one.data_zmiany, one.zaplacono), (None, one.pozostalo.value.is_zero()));
            format!("{} of {}", text(one.pozostalo.value), text(one.kwota.value))
        })
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    /// A payment does not touch the invoice's row.
    async fn change_one(&self) {
        self.world.enova.pay(9_002, "FV/2", 200.into()).unwrap();
    }

    /// The row does not change: its contractor loses the tick.
    async fn remove_one(&self) {
        self.world.enova.set_contractor_ticked(&kod(4), false).unwrap();
    }

    async fn removed(&self) {
        assert_eq!(self.shown().await.len(), 5);
    }

    async fn spoil_one(&self) {
        let id = self.world.enova.settlements()[2].id;
        let find = format!("\"ID\":{id},\"DokumentId\":9003");
        let with = format!("\"ID\":{id},\"DokumentId\":[]");
        self.spoilt.spoil(&self.world, &["B2BRozrachunki/Lista"], &find, &with, id);
    }

    async fn heal(&self) {
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}
