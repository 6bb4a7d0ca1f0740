//! Orders: E5, O15, and E15's policy for what arrives placed.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use one_client::ShipmentId;
use std::collections::BTreeMap;
use std::sync::Mutex;
use sync_core::{ActState, Job as _, RejectFilter, RunContext, act_guid};
use sync_flows::flows::orders::order_op_key;

use super::{Lost, Row, Shown, rows};
use crate::ordering::Ordering;
use crate::world::{World, killed_when};

rows! { e5_o15: Orders }

struct Orders {
    ordering: Ordering,
    /// What was ordered: shipment → number of the good, quantity.
    placed: Mutex<BTreeMap<String, (usize, u32)>>,
    spoilt: Mutex<Option<String>>,
}

impl Orders {
    fn shipment(&self, nth: usize) -> ShipmentId {
        ShipmentId::new(self.placed.lock().unwrap().keys().nth(nth).unwrap().as_str())
    }
}

#[async_trait]
impl Row for Orders {
    async fn begin() -> Self {
        let ordering = Ordering::begin().await;
        let mut placed = BTreeMap::new();
        for (good, quantity) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
            let shipment = ordering.place(ordering.draft(good, quantity).await);
            placed.insert(shipment.into_string(), (good, quantity));
        }
        Self { ordering, placed: Mutex::new(placed), spoilt: Mutex::default() }
    }

    fn world(&self) -> &World {
        &self.ordering.world
    }

    async fn run(&self, pages: Option<usize>) {
        if pages.is_none() {
            return self.ordering.round().await;
        }
        // dies as soon as the orders are in the outbox, and again before it hears of the first document
        self.ordering.flow().step(&RunContext::default()).await.unwrap();
        let hold = self.world().enova.faults().add(Fault::on("B2BZamowienia/Dodaj").hold_after());
        killed_when(hold.held(), &self.ordering.dispatcher()).await;
        hold.open();
        self.ordering.clock.advance(sync_core::DispatchSettings::default().claim_ttl);
    }

    async fn expected(&self) -> Shown {
        let placed = self.placed.lock().unwrap().clone();
        let spoilt = self.spoilt.lock().unwrap().clone();
        let mut expected = Shown::new();
        for (shipment, (good, quantity)) in placed {
            if Some(&shipment) != spoilt.as_ref() {
                let kod = self.ordering.good(good).kod;
                let price = self.ordering.price_of(&kod, quantity).await.normalize();
                let buyer = self.ordering.buyer().id;
                expected.insert(shipment, format!("{buyer}: {quantity} × {kod} @ {price}"));
            }
        }
        expected
    }

    async fn shown(&self) -> Shown {
        let mut shown = Shown::new();
        let standing = self.ordering.documents().into_iter().filter(|order| !order.anulowany);
        let placed: Vec<_> = self.placed.lock().unwrap().keys().cloned().collect();
        for order in standing {
            let name = |shipment: &&String| act_guid(&order_op_key("demo", shipment)) == order.guid;
            let shipment = placed.iter().find(name).cloned().unwrap_or_else(|| order.guid.to_string());
            let lines: Vec<_> = order
                .pozycje
                .iter()
                .map(|line| {
                    format!("{} × {} @ {}", line.ilosc.normalize(), line.kod, line.cena_netto.normalize())
                })
                .collect();
            let one = format!("{}: {}", order.kontrahent_id, lines.join(", "));
            assert_eq!(shown.insert(shipment, one), None, "two documents of one order");
        }
        shown
    }

    fn sent(&self) -> u64 {
        let calls = |call: &str| self.world().enova.faults().calls(call);
        ["B2BZamowienia/Dodaj", "B2BZamowienia/Zmien", "B2BZamowienia/Anuluj"].map(calls).iter().sum()
    }

    async fn change_one(&self) {
        let shipment = self.shipment(0);
        self.placed.lock().unwrap().insert(shipment.as_str().to_owned(), (4, 5));
        self.world().sim.edit_order(&shipment, self.ordering.draft(4, 5).await).unwrap();
    }

    async fn remove_one(&self) {
        let shipment = self.shipment(1);
        self.world().sim.cancel_order(&shipment).unwrap();
        self.placed.lock().unwrap().remove(shipment.as_str());
    }

    async fn removed(&self) {
        let cancelled = self.ordering.documents().into_iter().filter(|order| order.anulowany).count();
        assert_eq!(cancelled, 1);
        assert_eq!(self.world().rejects().await.len(), 0);
    }

    async fn spoil_one(&self) {
        let shipment = self.shipment(2);
        let fault = Fault::on("order/shipment").rewrite(format!("\"id\":\"{shipment}\""), "\"id\":null");
        self.world().sim.faults().add(fault.always());
        *self.spoilt.lock().unwrap() = Some(shipment.into_string());
    }

    async fn heal(&self) {
        self.world().sim.faults().clear();
        *self.spoilt.lock().unwrap() = None;
        let replayed = self.ordering.store().replay_rejects(&RejectFilter::all()).await.unwrap();
        assert_eq!(replayed, 1);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::call(self.world().enova.faults(), Fault::on("B2BZamowienia/Dodaj"))]
    }
}

/// The answers of an edit and of a cancellation are lost too.
#[tokio::test]
async fn e5_o15_lost_answers_of_changes_lose_and_double_nothing() {
    let row = Orders::begin().await;
    row.run(None).await;
    row.change_one().await;
    row.remove_one().await;
    let (edited, cancelled) = (row.shipment(0), row.ordering.documents().len());
    row.world().enova.faults().add(Fault::on("B2BZamowienia/Zmien").drop_after());
    // it may be repeated, so the client does; both attempts are lost
    row.world().enova.faults().add(Fault::on("B2BZamowienia/Anuluj").drop_after().times(2));
    row.run(None).await;
    assert_eq!(row.shown().await, row.expected().await);
    row.removed().await;
    assert_eq!(row.ordering.documents().len(), cancelled, "no second document");
    assert_eq!(row.ordering.document(&edited).wersja, 2, "edited once");
    assert_eq!(row.ordering.last_act(&edited).await.state, ActState::Done);
}
