//! The promises of a submitter, kept by [`OrderSubmitter`](sync_flows::enova::OrderSubmitter) on the simulated enova365.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia};
use std::sync::Arc;
use sync_core::testing::{FakeSubmitter, MemorySource, SubmitterUnderTest, Trouble, submitter_conformance};
use sync_core::{
    Act, Dispatcher, Flow, Key, Links, Mapped, Mapper, NewAct, Payload, Reason, Result, Submitter, TargetId,
    act_guid,
};
use sync_flows::flows::orders::{
    ORDER_ACT, ORDER_CANCEL_ACT, ORDER_EDIT_ACT, OrderRequest, PriceChange, PricePolicy, order_act,
};

use crate::ordering::Ordering;
use crate::world::run_to_end;
use crate::{name, run};

/// Orders of one good; version 1 of each is an edit to twice as many, or the cancellation.
struct Desk {
    ordering: Ordering,
    kod: String,
    price: Decimal,
    change: &'static str,
}

impl Desk {
    async fn new(change: &'static str) -> Arc<Self> {
        let mut ordering = Ordering::begin().await;
        ordering.price = PricePolicy::new(PriceChange::Hold, PriceChange::Hold);
        let kod = ordering.good(0).kod;
        let price = ordering.price_of(&kod, 1).await;
        let desk = Arc::new(Self { ordering, kod, price, change });
        // the outbox has the document's first version, of which the suite makes the second
        let store = desk.ordering.store();
        let orders = MemorySource::token();
        orders.put("order", 9_u32);
        run_to_end(&Flow::to_outbox(name("orders"), orders, First(desk.clone()), store.clone())).await;
        let elsewhere =
            Dispatcher::new(name("fake"), [ORDER_ACT.into()], FakeSubmitter::new(), store.clone());
        run(&elsewhere).await;
        desk
    }

    fn request(&self, n: u32, quantity: u32, kontrahent: i32) -> OrderRequest {
        let line = PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod(self.kod.as_str())
            .ilosc(Quantity::new(Decimal::from(quantity), ""))
            .cena_netto(Currency::new(self.price, "PLN"))
            .build();
        let order = NoweZamowienie::builder()
            .guid(act_guid(&self.new_act_name(n).into()))
            .kontrahent_id(KontrahentId(kontrahent))
            .magazyn("F")
            .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
            .pozycje(vec![line])
            .build();
        OrderRequest::new(n.to_string(), order)
    }

    fn new_act_name(&self, n: u32) -> String {
        format!("order:demo:{n}")
    }

    fn new_act(&self, n: u32) -> NewAct {
        order_act(&self.ordering.settings, self.request(n, 1, self.ordering.buyer().id)).unwrap()
    }
}

struct Suite(Arc<Desk>);

#[derive(Clone)]
struct First(Arc<Desk>);

impl std::fmt::Debug for First {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("First")
    }
}

impl Mapper<u32> for First {
    type Out = NewAct;

    fn map(&self, _: &Key, n: u32, _: &Links) -> std::result::Result<Mapped<NewAct>, Reason> {
        Ok(Mapped::Send(self.0.new_act(n)))
    }
}

#[async_trait]
impl SubmitterUnderTest for Suite {
    fn submitter(&self) -> Arc<dyn Submitter> {
        Arc::new(self.0.ordering.submitter())
    }

    fn act(&self, n: u32) -> Act {
        let new = self.0.new_act(n);
        Act::new(new.op_key, new.order_key, new.kind, new.payload, DateTime::UNIX_EPOCH)
    }

    async fn documents(&self, act: &Act) -> Result<usize> {
        let buyer = self.0.ordering.buyer().id;
        let documents = self.0.ordering.documents().into_iter();
        let own =
            documents.filter(|order| order.guid == act_guid(&act.document) && order.kontrahent_id == buyer);
        Ok(own
            .filter(|order| match act.kind.as_str() {
                ORDER_EDIT_ACT => order.pozycje.iter().all(|line| line.ilosc == Decimal::TWO),
                ORDER_CANCEL_ACT => order.anulowany,
                _ => true,
            })
            .count())
    }

    async fn meets(&self, trouble: Trouble) -> Result<bool> {
        let create = Fault::on("B2BZamowienia/Dodaj");
        let faults = self.0.ordering.world.enova.faults();
        let refused =
            r#"{"Success":false,"Errors":[{"Kod":"OkresZamkniety","Message":"Okres jest zamknięty."}]}"#;
        faults.add(match trouble {
            Trouble::AnswerLost => create.drop_after(),
            // as often as the client tries
            Trouble::Unreachable => create.too_many_requests(None).times(2),
            Trouble::Refused => create.refuse(200, refused),
            Trouble::NeedsApproval => {
                Fault::on("B2BCeny/Wycen").rewrite("\"Netto\":{\"Value\":", "\"Netto\":{\"Value\":9")
            }
            _ => return Ok(false),
        });
        Ok(true)
    }

    async fn put_decoy(&self, act: &Act) -> Result<bool> {
        let n: u32 = act.order_key.as_str().parse().unwrap();
        let other =
            self.0.ordering.world.enova.contractors().into_iter().find(|kontrahent| {
                !kontrahent.blokada_sprzedazy && kontrahent.id != self.0.ordering.buyer().id
            });
        let decoy = self.0.request(n, 3, other.unwrap().id);
        self.0.ordering.world.erp.b2b().zamowienia().create_once(&decoy.order).await.unwrap();
        Ok(true)
    }

    fn is_guarded_by_key(&self) -> bool {
        true
    }

    fn change(&self, n: u32, id: &TargetId) -> Option<Act> {
        let document = self.0.new_act_name(n);
        let payload = match self.0.change {
            ORDER_EDIT_ACT => Payload::of(&self.0.request(n, 2, self.0.ordering.buyer().id)).unwrap(),
            _ => Payload::from_json("null"),
        };
        let change =
            Act::new(format!("{document}#1"), n.to_string(), self.0.change, payload, DateTime::UNIX_EPOCH);
        Some(change.of_document(document, 1, Some(id.clone())))
    }
}

#[tokio::test]
async fn orders_and_their_edits_keep_every_promise_of_a_submitter() {
    submitter_conformance(&Suite(Desk::new(ORDER_EDIT_ACT).await)).await.unwrap();
}

#[tokio::test]
async fn cancellations_keep_every_promise_of_a_submitter() {
    submitter_conformance(&Suite(Desk::new(ORDER_CANCEL_ACT).await)).await.unwrap();
}
