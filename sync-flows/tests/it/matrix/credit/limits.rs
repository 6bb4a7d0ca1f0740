//! Limits and payment terms to a portal of one's own.

use async_trait::async_trait;
use soneta_webapi::{LimitKredytowy, NaiveDate, ZapisKontrahenta, ZapisKontrahentow};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_flows::Tick;
use sync_flows::enova::{KontrahenciList, LimitySource, changes};
use sync_flows::flows::credit::{self, LimitMapper, PaymentTerms, PaymentTermsMapper};

use super::{kod, owed, text, ticked};
use crate::matrix::own_portal::OwnPortal;
use crate::matrix::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { e10: Limits, e11_terms: Terms }

struct Limits {
    world: World,
    portal: OwnPortal<LimitKredytowy>,
    spoilt: Spoilt<i32>,
}

#[async_trait]
impl Row for Limits {
    async fn begin() -> Self {
        Self { world: World::of_goods(3).await, portal: OwnPortal::new(), spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(7, pages);
        let source = LimitySource::new(Arc::new(self.world.erp.b2b().limity()), setup.erp.clone());
        let flow =
            credit::limits_to(&setup, source, LimitMapper::default(), Arc::clone(&self.portal.sink)).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let owed = owed(&self.world);
        let sent = ticked(&self.world).into_iter().filter(|one| !self.spoilt.is(&one.id));
        let owes = |id| owed.get(&id).copied().unwrap_or_default();
        sent.map(|one| {
            let limit = one.limit.map(text).unwrap_or_default();
            (one.id.to_string(), format!("{limit} less {}", text(owes(one.id))))
        })
        .collect()
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(|limit| {
            assert_eq!(limit.liczona_od, None);
            let whole = limit.limit.as_ref().map(|limit| text(limit.value)).unwrap_or_default();
            format!("{whole} less {}", text(limit.wykorzystano.as_ref().unwrap().value))
        })
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    /// The use of the limit changes, and not the contractor's row.
    async fn change_one(&self) {
        let due = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
        self.world.enova.set_settlement(9_001, "FV/1", 2, 1_234.into(), due).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_contractor_ticked(&kod(5), false).unwrap();
    }

    async fn removed(&self) {
        assert_eq!(self.shown().await.get("5"), None);
    }

    async fn spoil_one(&self) {
        let kod = kod(3);
        let (find, with) = (format!("\"Kod\":\"{kod}\",\"Zaznaczony\":true"), "\"Zaznaczony\":7");
        self.spoilt.spoil(&self.world, &["B2BLimity/Lista"], &find, with, 3);
    }

    async fn heal(&self) {
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}

struct Terms {
    world: World,
    portal: OwnPortal<PaymentTerms>,
    spoilt: Spoilt<i32>,
    /// Contractors whose days until payment were changed; 14 are the simulator's.
    days: Mutex<BTreeMap<i32, i32>>,
}

#[async_trait]
impl Row for Terms {
    async fn begin() -> Self {
        let (world, portal) = (World::of_goods(3).await, OwnPortal::new());
        Self { world, portal, spoilt: Spoilt::default(), days: Mutex::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let settings = self.world.pages(7, pages).full_pass(Duration::ZERO);
        let setup = self.world.setup.with_settings(settings);
        let list = KontrahenciList::new(Arc::new(self.world.erp.b2b().kontrahenci()));
        let source = changes(list, &setup.erp, Arc::clone(&setup.clock));
        let mapper = PaymentTermsMapper::new(Tick::Told);
        let flow = credit::payment_terms_to(&setup, source, mapper, Arc::clone(&self.portal.sink)).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let days = self.days.lock().unwrap();
        let sent = ticked(&self.world).into_iter().filter(|one| !self.spoilt.is(&one.id));
        sent.map(|one| (one.id.to_string(), format!("Przelew {}", days.get(&one.id).unwrap_or(&14))))
            .collect()
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(|terms| {
            format!("{} {}", terms.forma_platnosci.as_deref().unwrap(), terms.termin_dni.unwrap())
        })
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        let guid = self.world.enova.contractors().iter().find(|one| one.id == 2).unwrap().guid;
        let zapis = ZapisKontrahenta::builder().guid(guid).termin_dni(30).build();
        self.world.erp.b2b().kontrahenci().save_kontrahent(&zapis).await.unwrap();
        self.days.lock().unwrap().insert(2, 30);
    }

    async fn remove_one(&self) {
        self.world.enova.set_contractor_ticked(&kod(5), false).unwrap();
    }

    async fn removed(&self) {
        assert_eq!(self.shown().await.get("5"), None);
    }

    async fn spoil_one(&self) {
        let find = format!("\"Kod\":\"{}\"", kod(3));
        self.spoilt.spoil(&self.world, &["B2BKontrahenci/Lista"], &find, "\"Kod\":[]", 3);
    }

    async fn heal(&self) {
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}
