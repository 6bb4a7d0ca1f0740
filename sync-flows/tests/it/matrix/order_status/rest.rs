//! What the row says beyond the matrix.

use api_transport::simulation::Fault;
use soneta_webapi::{DokumentId, KluczZamowienia, MapaStatusow, RegulaStatusu, StatusZamowienia};
use std::time::Duration;
use sync_core::testing::{FakeSubmitter, MemorySource, Reaction};
use sync_core::{
    DispatchSettings, Dispatcher, Identity, Item, Key, NewAct, Part, RunContext, Source as _, run_until_done,
};
use sync_flows::enova::{OrderStatusSource, id_key};
use sync_flows::flows::order_status::RefusedOrderMapper;
use sync_flows::flows::orders::{ORDER_ACT, order_op_key};

use super::*;
use crate::world::run_to_end;

async fn tell(scene: &Scene, mapa: MapaStatusow, words: StatusWords) {
    let mapper = in_words(OrderStatusMapper::new(mapa), words);
    let flow = order_status::to_one(&scene.setup(None), scene.zamowienia(), scene.world.one.clone(), mapper)
        .unwrap();
    play(flow, None).await;
}

async fn tell_standard(scene: &Scene) {
    tell(scene, MapaStatusow::default(), StatusWords::default()).await;
}

fn told(scene: &Scene, nth: usize) -> Option<String> {
    scene.world.sim.order_status(&scene.nth(nth).0)
}

fn questions(scene: &Scene) -> u64 {
    scene.world.enova.faults().calls("B2BZamowienia/Statusy")
}

#[tokio::test]
async fn an_order_is_told_step_by_step_and_asked_for_no_more_once_it_is_invoiced() {
    let scene = Scene::of_orders(1).await;
    let id = scene.nth(0).1;
    let erp = &scene.world.enova;
    let mut told_so_far = Vec::new();
    let line = scene.document(id).pozycje[0].id;
    let steps: [&dyn Fn(); 5] = [
        &|| {},
        &|| scene.confirm(0),
        &|| drop(erp.ship(id, &[(line, Decimal::ONE)]).unwrap()),
        &|| drop(erp.ship(id, &[]).unwrap()),
        &|| drop(erp.invoice(id).unwrap()),
    ];
    for step in steps {
        step();
        tell_standard(&scene).await;
        told_so_far.push(told(&scene, 0).unwrap());
    }
    assert_eq!(told_so_far, ["PROCESSING", "CONFIRMED", "PARTLY_SHIPPED", "SHIPPED", "INVOICED"]);
    assert!(scene.open_documents().await.is_empty());
    let asked = questions(&scene);
    tell_standard(&scene).await;
    assert_eq!(questions(&scene), asked);
}

#[tokio::test]
async fn a_portal_gets_number_delivery_notes_and_invoices_and_no_number_before_there_is_one() {
    let scene = Scene::of_orders(0).await;
    let id = order(&scene.world, 7, false).await;
    let link = Link::new(ORDER_LINK, "basket-1", id.to_string()).open();
    scene.world.setup.store.put_links(&[link]).await.unwrap();
    let portal = Arc::new(MemorySink::<OrderStatus>::new());
    let run = async || {
        let (mapper, sink) = (OrderStatusMapper::default(), Arc::clone(&portal));
        let flow = order_status::to(&scene.setup(None), scene.zamowienia(), mapper, sink);
        play(flow.unwrap(), None).await;
        portal.records().remove(&id_key(id)).unwrap()
    };
    let first = run().await;
    assert_eq!(
        (first.order.as_str(), first.document, first.number),
        ("basket-1", Some(DokumentId(id)), None)
    );
    let number = scene.world.enova.approve(id).unwrap();
    assert_eq!(run().await.number, Some(number));
    let note = scene.world.enova.ship(id, &[]).unwrap();
    let invoice = scene.world.enova.invoice(id).unwrap();
    let last = run().await;
    let numbers = |documents: &[soneta_webapi::DokumentPowiazany]| -> Vec<String> {
        documents.iter().map(|document| document.numer.clone()).collect()
    };
    assert_eq!(
        (numbers(&last.delivery_notes), numbers(&last.invoices)),
        (vec![note.numer], vec![invoice.numer])
    );
    assert!(last.is_final && scene.open_documents().await.is_empty());
}

#[tokio::test]
async fn a_status_that_no_rule_gives_is_reported_and_the_portal_keeps_the_one_it_had() {
    let scene = Scene::of_orders(3).await;
    let mut mapa = MapaStatusow::default();
    mapa.reguly.retain(|rule| rule.status != StatusZamowienia::Confirmed);
    tell(&scene, mapa.clone(), StatusWords::default()).await;
    scene.confirm(1);
    scene.world.enova.ship(scene.nth(2).1, &[]).unwrap();
    tell(&scene, mapa.clone(), StatusWords::default()).await;
    let rejects = scene.world.rejects().await;
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].key, id_key(scene.nth(1).1));
    assert_eq!(rejects[0].reason.code(), OrderStatusMapper::UNMAPPED);
    assert!(rejects[0].reason.detail().unwrap().contains("Potwierdzony"));
    assert_eq!(
        (told(&scene, 1).as_deref(), told(&scene, 2).as_deref()),
        (Some("PROCESSING"), Some("SHIPPED"))
    );

    let rule = RegulaStatusu::builder().status("agreed").status_zewn(vec!["UZG".to_owned()]).build();
    scene.world.enova.set_external_status(scene.nth(1).1, Some("UZG")).unwrap();
    let mut words = StatusWords::default();
    words.words.insert("agreed".into(), "AGREED".to_owned());
    tell(&scene, mapa.with_rule(rule), words).await;
    assert_eq!(told(&scene, 1).as_deref(), Some("AGREED"));
    assert!(scene.world.rejects().await.is_empty());
}

#[tokio::test]
async fn a_status_without_a_word_is_reported_and_one_that_is_not_told_closes_its_order_all_the_same() {
    let scene = Scene::of_orders(2).await;
    let mut words = StatusWords::default();
    words.words.remove(&StatusZamowienia::Processing);
    words.not_told = BTreeSet::from([StatusZamowienia::Cancelled]);
    scene.cancel(1).await;
    tell(&scene, MapaStatusow::default(), words).await;
    let codes: Vec<_> =
        scene.world.rejects().await.into_iter().map(|reject| reject.reason.code().to_owned()).collect();
    assert_eq!(codes, [StatusWords::NO_WORD]);
    assert_eq!((told(&scene, 0), told(&scene, 1)), (None, None));
    assert_eq!(scene.open_documents().await, BTreeSet::from([scene.nth(0).1.to_string()]));
}

#[tokio::test]
async fn number_and_documents_go_into_the_fields_that_the_settings_name() {
    let scene = Scene::of_orders(1).await;
    let note = scene.world.enova.ship(scene.nth(0).1, &[]).unwrap();
    let mut words = StatusWords::default();
    words.number_field = Some("externalNumber".to_owned());
    words.delivery_notes_field = Some("goodsNotes".to_owned());
    words.invoices_field = Some("invoices".to_owned());
    let order = scene.zamowienia();
    let klucz = KluczZamowienia::Id(DokumentId(scene.nth(0).1));
    let order = order.get_zamowienie(&klucz).await.unwrap().unwrap();
    let mut links = sync_core::Links::default();
    let id = order.id.to_string();
    links.insert(sync_core::LinkRef::of_b(ORDER_LINK, &id), "S/1");
    let source = OrderStatusSource::new(scene.zamowienia(), scene.setup(None).store, &scene.world.setup.erp);
    let Item::Upsert { record, key, .. } = source.fetch(&[Key::from(id)]).await.unwrap().remove(0) else {
        panic!("the order is there")
    };
    let mapper = in_words(OrderStatusMapper::default(), words);
    let sync_core::Mapped::Send(status) = sync_core::Mapper::map(&mapper, &key, record, &links).unwrap()
    else {
        panic!("it is sent")
    };
    assert_eq!(status.extra.json("externalNumber"), Some(format!("{:?}", order.numer).as_str()));
    assert_eq!(status.extra.json("goodsNotes"), Some(format!("[{:?}]", note.numer).as_str()));
    assert_eq!(status.extra.json("invoices"), None);
}

#[tokio::test]
async fn a_hint_of_one_order_is_looked_up_by_its_key_also_of_one_that_is_not_the_portals() {
    let scene = Scene::of_orders(1).await;
    let foreign = place(&scene.world, 9).await;
    let source = OrderStatusSource::new(scene.zamowienia(), scene.setup(None).store, &scene.world.setup.erp);
    let keys = [scene.nth(0).1, foreign, 999_999].map(id_key);
    let found: Vec<(String, bool)> = source
        .fetch(&keys)
        .await
        .unwrap()
        .into_iter()
        .map(|item| match item {
            Item::Upsert { key, record, .. } => (key.to_string(), record.zamowienie.is_some()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = keys.map(|key| key.to_string()).into_iter().zip([true, true, false]);
    assert_eq!(BTreeSet::from_iter(found), expected.collect());
}

#[tokio::test]
async fn a_hint_brings_an_order_that_is_asked_for_no_more_and_nothing_of_a_foreign_one() {
    let scene = Scene::of_orders(1).await;
    let id = scene.nth(0).1;
    let foreign = place(&scene.world, 9).await;
    scene.world.enova.reject(id).unwrap();
    tell_standard(&scene).await;
    scene.world.enova.confirm(id).unwrap();
    tell_standard(&scene).await;
    assert_eq!(told(&scene, 0).as_deref(), Some("REJECTED"));

    let part = Part::whole(&scene.world.setup.name(order_status::STATUS.id).unwrap());
    let hints = [id, foreign].map(|id| (part.clone(), id_key(id)));
    scene.world.setup.store.put_hints(&sync_core::Delivery::new("erp", "1"), &hints).await.unwrap();
    tell_standard(&scene).await;
    assert_eq!(told(&scene, 0).as_deref(), Some("CONFIRMED"));
    assert_eq!(scene.world.sim.faults().calls("/order/status"), 2);
    assert!(scene.world.rejects().await.is_empty());
}

#[tokio::test]
async fn an_order_that_answers_without_a_readable_id_keeps_no_other_from_being_told() {
    let scene = Scene::of_orders(3).await;
    let id = scene.nth(1).1;
    let nameless = Fault::on("B2BZamowienia/Statusy").rewrite(format!("\"ID\":{id},"), "\"ID\":\"?\",");
    scene.world.enova.faults().add(nameless.always());
    tell_standard(&scene).await;
    let told = [0, 1, 2].map(|nth| told(&scene, nth).is_some());
    assert_eq!(told, [true, false, true]);
    let keys: Vec<Key> = scene.world.rejects().await.into_iter().map(|reject| reject.key).collect();
    assert_eq!(keys, [id_key(id)]);
}

#[tokio::test]
async fn a_document_that_is_gone_is_reported_and_its_order_stays_open() {
    let scene = Scene::of_orders(1).await;
    let link = Link::new(ORDER_LINK, "S/404", "999999").open();
    scene.world.setup.store.put_links(&[link]).await.unwrap();
    tell_standard(&scene).await;
    let rejects = scene.world.rejects().await;
    assert_eq!(rejects[0].reason.code(), OrderStatusMapper::GONE);
    assert_eq!((rejects.len(), scene.open_documents().await.len()), (1, 2));
    assert_eq!(told(&scene, 0).as_deref(), Some("PROCESSING"));
}

#[tokio::test]
async fn a_shipment_that_one_has_no_more_is_rejected_until_its_last_status_settles_it() {
    let scene = Scene::of_orders(2).await;
    let (shipment, document) = scene.nth(1);
    scene.world.sim.cancel_order(&shipment).unwrap();
    tell_standard(&scene).await;
    let rejects = scene.world.rejects().await;
    let codes: Vec<_> = rejects.iter().map(|reject| (&reject.key, reject.reason.code())).collect();
    assert_eq!(codes, [(&id_key(document), "not-found")]);
    assert_eq!(scene.open_documents().await.len(), 2);

    scene.cancel(1).await;
    tell_standard(&scene).await;
    assert!(scene.world.rejects().await.is_empty());
    assert_eq!(scene.open_documents().await, BTreeSet::from([scene.nth(0).1.to_string()]));
    let told = scene.world.sim.faults().calls("/order/status");
    tell_standard(&scene).await;
    assert_eq!(scene.world.sim.faults().calls("/order/status"), told);
}

#[tokio::test]
async fn a_refused_order_is_told_and_goes_on_by_its_status_once_it_went_through() {
    let scene = Scene::of_orders(1).await;
    let setup = &scene.world.setup;
    let shipment = scene.nth(0).0.clone();
    let op_key = order_op_key("demo", shipment.as_str());
    let orders = MemorySource::token();
    orders.put("1", NewAct::new(op_key.clone(), "1", ORDER_ACT, "order", "order").unwrap());
    run_to_end(&setup.flow_to_outbox("orders", orders, Identity).unwrap()).await;
    let erp = Arc::new(FakeSubmitter::new());
    erp.script([Reaction::Refuse]);
    let submit = async || {
        let dispatcher = Dispatcher::new(
            setup.name("submit").unwrap(),
            [ORDER_ACT.into()],
            Arc::clone(&erp),
            Arc::clone(&setup.store),
        );
        let dispatcher = dispatcher.with_settings(DispatchSettings::default().visibility_lag(Duration::ZERO));
        run_until_done(&dispatcher, &RunContext::default()).await;
    };
    let refused = async || {
        let mapper = in_words(RefusedOrderMapper::new("demo"), StatusWords::default());
        let flow = order_status::refused_to_one(setup, scene.world.one.clone(), mapper).unwrap();
        play(flow, None).await;
    };
    submit().await;
    refused().await;
    assert_eq!(told(&scene, 0).as_deref(), Some("REJECTED"));

    let portal = Arc::new(MemorySink::<OrderStatus>::new().without_removal());
    let mapper = RefusedOrderMapper::new("demo").with_status("no_credit");
    let to_portal = order_status::refused_to(setup, mapper, Arc::clone(&portal)).unwrap();
    play(to_portal, None).await;
    let status = portal.records().into_values().next().unwrap();
    assert_eq!((status.order.as_str(), status.status.as_str()), (shipment.as_str(), "no_credit"));
    assert_eq!(status.reason.as_deref(), Some("refused"));

    setup.store.release(&op_key, "Anna", "limit podniesiony").await.unwrap();
    submit().await;
    refused().await;
    tell_standard(&scene).await;
    assert_eq!(told(&scene, 0).as_deref(), Some("PROCESSING"));
    assert!(scene.world.rejects().await.is_empty());
}
