use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;
use sync_core::{ActState, RejectFilter};

use crate::company::{Company, policy, section};

#[tokio::test]
async fn every_retail_price_and_every_stock_of_the_demo_company_arrives_with_its_polish_letters() {
    let company = Company::demo().await;
    let summary = company.once().await;
    assert!(summary.is_clean(), "{summary}");

    let goods = company.simulation.enova.goods();
    assert!(goods.iter().any(|good| !good.nazwa.is_ascii()), "the catalogue has Polish letters");
    for good in goods.iter().filter(|good| good.zaznaczony) {
        let (netto, _) = good.cena_detaliczna.unwrap();
        assert_eq!(company.simulation.one.retail_price(&good.kod), Some(netto), "{}", good.kod);
    }
    assert!(company.assert_stock_is_shown() > 0);
}

#[tokio::test]
async fn every_contractor_of_the_demo_company_arrives_with_its_limit_or_is_named_with_what_it_lacks() {
    let company = Company::demo().await;
    company.simulation.introduce_clients().unwrap();
    company.once_with_every_flow(|_| {}).await;
    let one = &company.simulation.one;
    let clients: BTreeMap<String, Value> = one
        .records("clients")
        .into_values()
        .map(|json| serde_json::from_str::<Value>(&json).unwrap())
        .filter_map(|client| Some((client["externalId"].as_str()?.to_owned(), client)))
        .collect();
    // contractors of the export have no address, and ONe requires one
    let rejects = company.store().rejects(&RejectFilter::all().code("no-address")).await.unwrap();
    let refused: BTreeSet<&str> = rejects.iter().map(|reject| reject.key.as_str()).collect();
    assert!(!clients.is_empty());
    for contractor in company.simulation.enova.contractors() {
        let key = contractor.id.to_string();
        assert_ne!(clients.contains_key(&key), refused.contains(&*key), "{key}");
        if let Some(client) = clients.get(&key) {
            assert_eq!(client["name"], contractor.nazwa.as_str());
            let limit = one.record("trade-credits", client["clientId"].as_str().unwrap());
            assert_eq!(limit.is_some(), contractor.limit.is_some(), "{key}");
        }
    }
}

#[tokio::test]
async fn the_same_again_sends_nothing_and_one_change_of_stock_sends_exactly_one_line() {
    let company = Company::demo().await;
    company.once().await;
    let first = company.lines();
    let again = company.once().await;
    assert!(again.reports.iter().all(|report| report.counts.applied == 0), "{again}");
    assert_eq!(company.lines(), first);

    let good = company.good(3);
    let magazyn = &good.stany[0].magazyn;
    company.simulation.enova.set_stock(&good.kod, magazyn, Decimal::from(1234)).unwrap();
    company.once().await;
    assert_eq!(company.lines(), (first.0 + 1, first.1));
    assert_eq!(company.simulation.one.stock(magazyn, &good.kod), Some(Decimal::from(1172)));
}

#[tokio::test]
async fn an_order_becomes_exactly_one_document_whose_number_reads_bufor_until_approval() {
    let company = Company::of_goods(10).await;
    company.place(company.order(2).notes("Proszę o fakturę, ślę pozdrowienia"));
    assert!(company.once().await.is_clean());
    assert!(company.once().await.is_clean());
    assert_eq!(company.documents(), 1);
    let acts = company.store().acts(&sync_core::ActFilter::all()).await.unwrap();
    assert_eq!(acts[0].state, ActState::Done);
    assert_eq!(acts[0].created.as_ref().unwrap().number, None, "BUFOR is no number");
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_after_it_was_applied_makes_one_document() {
    use api_transport::simulation::Fault;
    type Kind = fn(Fault) -> Fault;
    let faults: [Kind; 4] =
        [Fault::drop_after, |f| f.apply_then_fail(503), |f| f.apply_then_fail(408), |f| f.cut_body(20)];
    for fault in faults {
        let company = Company::of_goods(5).await;
        company.place(company.order(1));
        let handle = company.simulation.enova.faults().add(fault(Fault::on("B2BZamowienia/Dodaj").nth(1)));
        let settings = company.settings(|_| {});
        company.rounds_until_clean(settings).await;
        assert_eq!(handle.met(), 1);
        assert_eq!(company.documents(), 1);
        assert_eq!(
            company.simulation.enova.faults().calls("B2BZamowienia/Dodaj"),
            1,
            "looked up, not sent again"
        );
    }
}

#[tokio::test]
async fn a_create_that_was_not_applied_is_sent_again_after_two_look_ups_found_nothing() {
    use api_transport::simulation::Fault;
    let company = Company::of_goods(5).await;
    company.place(company.order(1));
    company.simulation.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").nth(1).drop_before());
    company.rounds_until_clean(company.settings(|_| {})).await;
    assert_eq!(company.documents(), 1);
    assert_eq!(company.simulation.enova.faults().calls("B2BZamowienia/Pobierz"), 2);
}

#[tokio::test]
async fn under_refuse_a_changed_price_makes_no_document_and_the_reason_names_old_and_new() {
    let company = Company::of_goods(5).await;
    let good = company.good(0);
    let (old, _) = good.cena_detaliczna.unwrap();
    company.place(company.order(1));
    company.simulation.enova.set_price(&good.kod, old + Decimal::ONE).unwrap();
    let settings = company.settings(|table| {
        section(table, "orders").insert("price_policy".to_owned(), policy("refuse").into());
    });
    let summary = company.rounds_until_clean(settings).await;
    assert_eq!(company.documents(), 0);
    assert!(!summary.is_clean());
    let detail = summary.refused[0].reason.as_ref().unwrap().detail().unwrap();
    let (old, new) = (old.normalize(), (old + Decimal::ONE).normalize());
    assert!(detail.contains(&old.to_string()) && detail.contains(&new.to_string()), "{detail}");
    // the table is for a person: it shows the reason and both prices
    assert!(summary.to_string().contains("price-changed"), "{summary}");
}

#[tokio::test]
async fn without_changes_an_edit_or_cancellation_after_the_transfer_never_makes_a_second_document() {
    let company = Company::of_goods(5).await;
    let shipment = company.place(company.order(1));
    let settings = company.settings(|table| {
        section(table, "orders").insert("changes".to_owned(), false.into());
    });
    let bridge = company.bridge(settings).await;
    bridge.once(Default::default()).await.unwrap();
    company.simulation.one.edit_order(&shipment, company.order(2)).unwrap();
    let edited = bridge.once(Default::default()).await.unwrap();
    assert_eq!(edited.rejected_orders[0].reason.code(), sync_core::Reason::CHANGED_AFTER_TRANSFER);
    company.simulation.one.cancel_order(&shipment).unwrap();
    let cancelled = bridge.once(Default::default()).await.unwrap();
    assert_eq!(cancelled.rejected_orders[0].reason.code(), sync_core::Reason::WITHDRAWN_AFTER_TRANSFER);
    assert_eq!(company.documents(), 1);
}

#[tokio::test]
async fn an_order_of_an_unknown_client_is_listed_first_and_the_round_is_not_clean() {
    let company = Company::of_goods(5).await;
    let good = company.good(0);
    let line = one_client::simulator::DraftLine::new(good.kod, Decimal::ONE).priced(Decimal::ONE);
    company.place(one_client::simulator::OrderDraft::new("somebody").with_line(line));
    let summary = company.once().await;
    assert!(!summary.is_clean());
    assert_eq!(summary.rejected_orders[0].reason.code(), sync_core::Reason::MISSING_LINK);
}

#[tokio::test]
async fn a_contractor_of_the_settings_that_is_gone_does_not_keep_stock_and_prices_from_running() {
    let company = Company::of_goods(5).await;
    let settings = company.settings(|table| {
        let contractors = section(table, "orders")["contractors"].as_table_mut().unwrap();
        contractors.iter_mut().for_each(|(_, kod)| *kod = "NIE MA".into());
    });
    company.place(company.order(1));
    let summary = company.bridge(settings).await.once(Default::default()).await.unwrap();
    assert_eq!(company.documents(), 0);
    assert_eq!(summary.rejected_orders.len(), 1);
    assert_eq!(company.lines().1, 5);
}

#[tokio::test]
async fn many_rejected_orders_hide_no_other_reject() {
    let company = Company::of_goods(5).await;
    let good = company.good(0);
    for _ in 0..21 {
        let line = one_client::simulator::DraftLine::new(&good.kod, Decimal::ONE).priced(Decimal::ONE);
        company.place(one_client::simulator::OrderDraft::new("somebody").with_line(line));
    }
    company.once().await;
    company.simulation.one.refuse_products([good.kod.clone()]);
    let (price, _) = good.cena_detaliczna.unwrap();
    company.simulation.enova.set_price(&good.kod, price + Decimal::ONE).unwrap();
    let summary = company.once().await;
    assert_eq!(summary.rejected_orders.len(), 21);
    let others: Vec<_> = summary.rejects.iter().map(|reject| reject.part.flow().as_str()).collect();
    assert_eq!(others, ["demo/retail-prices"], "{summary}");
}
