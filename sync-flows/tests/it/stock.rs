use one_client::Effect;
use one_client::stock::{StockBody, StockChange};
use soneta_webapi::wire::{Currency, Quantity};
use std::sync::Arc;
use sync_core::{
    Flow, Item, JobEnd, MemoryStore, NewAct, Outcome, Page, ReadFrom, RejectFilter, Result, RunContext, Sink,
    Source, SourceIdentity, SourceInfo, SourceKind, Store, Write, run_until_done,
};
use sync_flows::Erp;
use sync_flows::enova::StockSource;
use sync_flows::flows::stock::{StockLevel, StockMapper, StockMode, StockSettings};
use sync_flows::one::StockSink;

use crate::erp::FakeErp;
use crate::{name, one, run};

fn flow(erp: &FakeErp, one: &one_client::Client, store: &Arc<dyn Store>, mode: StockMode) -> Flow {
    let source = StockSource::new(Arc::new(erp.clone()), Erp::new("enova", "demo"), mode.clone());
    let mapper = StockMapper::new(StockSettings::builder().mode(mode).build()).unwrap();
    Flow::new(name("stock"), source, mapper, StockSink::new(one.clone()), Arc::clone(store))
}

fn store() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

fn quantity(sim: &one_client::simulator::Simulator, warehouse: &str, sku: &str) -> Option<String> {
    sim.stock(warehouse, sku).map(|quantity| quantity.normalize().to_string())
}

#[tokio::test]
async fn levels_arrive_buffered_per_mapped_warehouse_and_only_changes_go_again() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_stock("ŁYŻWY/40", "F", 100);
    erp.set_stock("ŁYŻWY/40", "S", 1);
    erp.set_stock("NARTY", "F", 0);
    erp.set_stock("KIJE", "X", 5);
    let flow = flow(&erp, &client, &store(), StockMode::per_warehouse([("F", "WRO"), ("S", "WRO:2")]));

    let first = run(&flow).await;
    assert_eq!((first.counts.fetched, first.counts.applied, first.counts.left_out), (3, 3, 0));
    assert_eq!(quantity(&sim, "WRO", "ŁYŻWY/40").as_deref(), Some("95"));
    assert_eq!(quantity(&sim, "WRO:2", "ŁYŻWY/40").as_deref(), Some("1"));
    assert_eq!(quantity(&sim, "WRO", "NARTY").as_deref(), Some("0"));
    assert_eq!(quantity(&sim, "X", "KIJE"), None);

    assert_eq!(run(&flow).await.counts.applied, 0);
    erp.set_stock("NARTY", "F", 7);
    assert_eq!(run(&flow).await.counts.applied, 1);
    assert_eq!(sim.lines_received().stocks, 4);
    assert_eq!(quantity(&sim, "WRO", "NARTY").as_deref(), Some("6"));
}

#[tokio::test]
async fn a_good_that_loses_its_tick_gets_one_final_zero_and_revives_with_it() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_stock("NARTY", "F", 10);
    let flow = flow(&erp, &client, &store(), StockMode::per_warehouse([("F", "WRO")]));
    run(&flow).await;

    erp.with(|s| s.unticked.push("NARTY".into()));
    assert_eq!(run(&flow).await.counts.applied, 1);
    assert_eq!(quantity(&sim, "WRO", "NARTY").as_deref(), Some("0"));
    let again = run(&flow).await.counts;
    assert_eq!((again.applied, again.left_out), (0, 1));

    erp.with(|s| s.unticked.clear());
    run(&flow).await;
    assert_eq!(quantity(&sim, "WRO", "NARTY").as_deref(), Some("9"));
}

#[tokio::test]
async fn summed_levels_are_added_before_they_are_buffered() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    for (magazyn, available) in [("F", 1), ("S", 1), ("X", 100)] {
        erp.set_stock("NARTY", magazyn, available);
    }
    let flow = flow(&erp, &client, &store(), StockMode::summed(["F", "S"], "WRO"));
    run(&flow).await;
    // 95 % of 2, whole pieces
    assert_eq!(quantity(&sim, "WRO", "NARTY").as_deref(), Some("1"));
}

#[tokio::test]
async fn a_good_that_the_portal_refuses_does_not_hold_up_the_others() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    for kod in ["A", "B", "C"] {
        erp.set_stock(kod, "F", 10);
    }
    sim.refuse_products(["B"]);
    let store = store();
    let counts = run(&flow(&erp, &client, &store, StockMode::per_warehouse([("F", "WRO")]))).await.counts;
    assert_eq!((counts.applied, counts.rejected), (2, 1));
    assert_eq!(quantity(&sim, "WRO", "C").as_deref(), Some("9"));
    assert_eq!(store.rejects(&RejectFilter::all().limit(10)).await.unwrap()[0].key.as_str(), "B/WRO");
}

#[tokio::test]
async fn another_warehouse_of_the_erp_behind_one_of_one_changes_levels_and_takes_none_away() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    for n in 0..30 {
        erp.set_stock(&format!("G{n}"), "F", 10);
        erp.set_stock(&format!("G{n}"), "S", 20);
    }
    let store = store();
    run(&flow(&erp, &client, &store, StockMode::per_warehouse([("F", "WRO")]))).await;
    for mode in [StockMode::per_warehouse([("S", "WRO")]), StockMode::summed(["S"], "WRO")] {
        let flow = flow(&erp, &client, &store, mode);
        for _ in 0..3 {
            run(&flow).await;
            assert_eq!(flow.status().await.unwrap().parts[0].held, None);
            assert!((0..30).all(|n| quantity(&sim, "WRO", &format!("G{n}")).as_deref() == Some("19")));
        }
    }
    assert_eq!(sim.lines_received().stocks, 60);
}

#[tokio::test]
async fn a_warehouse_of_one_that_nothing_is_shown_in_any_more_is_emptied_after_two_complete_passes() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_stock("NARTY", "F", 10);
    erp.set_stock("NARTY", "S", 20);
    let store = store();
    run(&flow(&erp, &client, &store, StockMode::per_warehouse([("F", "W1"), ("S", "W2")]))).await;
    let moved = flow(&erp, &client, &store, StockMode::per_warehouse([("F", "W3"), ("S", "W1")]));
    let shown = || ["W1", "W2", "W3"].map(|warehouse| quantity(&sim, warehouse, "NARTY").unwrap());
    run(&moved).await;
    assert_eq!(shown(), ["19", "19", "9"]);
    run(&moved).await;
    assert_eq!(shown(), ["19", "0", "9"]);
}

#[tokio::test]
async fn a_level_with_a_key_of_another_place_is_turned_away() {
    let (sim, client) = one().await;
    let level = || StockLevel::new("WRO".into(), "NARTY".into(), 5.into());
    let upsert = |key| Write::Upsert { key, record: level(), previous: None };
    let batch = [
        upsert(StockLevel::key("NARTY", "WRO")),
        upsert(StockLevel::key("NARTY", "F")),
        upsert("NARTY".into()),
        Write::Remove { key: "NARTY".into(), previous: None },
    ];
    let outcomes = StockSink::new(client).write(&batch).await.unwrap();
    let turned_away = outcomes.iter().map(|outcome| matches!(outcome, Outcome::Rejected(_)));
    assert_eq!(turned_away.collect::<Vec<_>>(), [false, true, true, true]);
    assert_eq!(sim.lines_received().stocks, 1);
    assert_eq!(quantity(&sim, "WRO", "NARTY").as_deref(), Some("5"));
}

/// So many orders of each of two tenants, of this many pieces from warehouse F, never carried out.
#[derive(Debug)]
struct Orders {
    orders: usize,
    pieces: i64,
}

#[async_trait::async_trait]
impl Source for Orders {
    type Record = NewAct;
    type Cursor = u64;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("one", "orders"))
    }

    async fn read(&self, _from: ReadFrom<&u64>, _limit: usize) -> Result<Page<NewAct, u64>> {
        let line = soneta_webapi::PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod("NARTY")
            .ilosc(Quantity::new(self.pieces.into(), ""))
            .cena_netto(Currency::new(1.into(), "PLN"))
            .build();
        let order = soneta_webapi::NoweZamowienie::builder()
            .guid(soneta_webapi::Uuid::nil())
            .kontrahent_id(soneta_webapi::KontrahentId(1))
            .magazyn("F")
            .data(soneta_webapi::NaiveDate::default())
            .pozycje(vec![line])
            .build();
        let payload = serde_json::json!({"shipment": "S", "order": order});
        let acts = (0..self.orders).flat_map(|nth| ["demo", "other"].map(|tenant| (nth, tenant)));
        let acts = acts.map(|(nth, tenant)| {
            let shipment = format!("S/{nth}");
            let name = sync_flows::flows::orders::order_op_key(tenant, &shipment);
            let key = format!("{tenant}/{shipment}");
            Item::upsert(key.clone(), NewAct::new(name, key, "order", &payload, &1).unwrap())
        });
        Ok(Page::last(acts.collect(), Some(1)))
    }
}

/// What is shown of so much stock in F, and in S, when these orders wait.
async fn shown_less(orders: Orders, stock: i64) -> [Option<String>; 2] {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_stock("NARTY", "F", stock);
    erp.set_stock("NARTY", "S", stock);
    let store = store();
    run(&Flow::to_outbox(name("orders"), orders, sync_core::Identity, Arc::clone(&store))).await;
    let mode = StockMode::per_warehouse([("F", "F"), ("S", "S")]);
    let source = StockSource::new(Arc::new(erp.clone()), Erp::new("enova", "demo"), mode.clone());
    let source = source.less_open_orders(Arc::clone(&store), "demo");
    let mapper = StockMapper::new(StockSettings::builder().mode(mode).build()).unwrap();
    run(&Flow::new(name("stock"), source, mapper, StockSink::new(client), store)).await;
    ["F", "S"].map(|warehouse| quantity(&sim, warehouse, "NARTY"))
}

#[tokio::test]
async fn orders_that_the_erp_does_not_have_yet_are_taken_off() {
    let shown = shown_less(Orders { orders: 1, pieces: 3 }, 10).await;
    // 95 % of what is left: 7 in the one, 10 in the other
    assert_eq!(shown, [Some("6".to_owned()), Some("9".to_owned())]);
}

#[tokio::test]
async fn however_many_orders_wait_all_are_taken_off() {
    let shown = shown_less(Orders { orders: 1_100, pieces: 1 }, 1_200).await;
    // 95 % of 100 and of 1200
    assert_eq!(shown, [Some("95".to_owned()), Some("1140".to_owned())]);
}

#[test]
fn two_warehouses_cannot_share_one_of_one() {
    let mode = StockMode::per_warehouse([("F", "WRO"), ("S", "WRO")]);
    let error = StockMapper::new(StockSettings::builder().mode(mode).build()).unwrap_err();
    assert_eq!(error.kind(), sync_core::ErrorKind::Config);
}

/// A spelling of stock messages that sends differences.
#[derive(Debug)]
struct Differences;

impl StockBody for Differences {
    fn encode(&self, _: &[StockChange]) -> one_client::Result<one_client::Bytes> {
        Ok(one_client::Bytes::from_static(b"{\"stocks\":[]}"))
    }

    fn effect(&self) -> Effect {
        Effect::Create
    }
}

#[tokio::test]
async fn a_client_that_sends_differences_is_refused_before_anything_is_sent() {
    let (sim, _) = one().await;
    let client = sim.client_builder().stock_body(Differences).build().unwrap();
    let erp = FakeErp::default();
    erp.set_stock("NARTY", "F", 10);
    let flow = flow(&erp, &client, &store(), StockMode::per_warehouse([("F", "WRO")]));
    let report = run_until_done(&flow, &RunContext::default()).await;
    assert!(!matches!(report.end, JobEnd::Done), "{report:?}");
    assert_eq!(sim.faults().calls("/incremental"), 0);
}

#[tokio::test]
async fn a_good_that_is_gone_from_the_erp_gets_its_final_zero_after_two_complete_passes() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    for kod in ["A", "B"] {
        erp.set_stock(kod, "F", 10);
    }
    let store = store();
    let flow = flow(&erp, &client, &store, StockMode::per_warehouse([("F", "WRO")]));
    run(&flow).await;
    erp.with(|s| s.stock.remove("B"));
    run(&flow).await;
    assert_eq!(quantity(&sim, "WRO", "B").as_deref(), Some("9"));
    run(&flow).await;
    assert_eq!(quantity(&sim, "WRO", "B").as_deref(), Some("0"));
    assert_eq!(quantity(&sim, "WRO", "A").as_deref(), Some("9"));
}

#[tokio::test]
async fn many_stocks_that_fall_to_zero_at_once_wait_for_a_person_and_the_others_go_on() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    for n in 0..30 {
        erp.set_stock(&format!("G{n}"), "F", 10);
    }
    let store = store();
    let flow = flow(&erp, &client, &store, StockMode::per_warehouse([("F", "WRO")]));
    run(&flow).await;
    for n in 0..25 {
        erp.set_stock(&format!("G{n}"), "F", 0);
    }
    erp.set_stock("G29", "F", 5);
    run(&flow).await;
    assert_eq!(quantity(&sim, "WRO", "G0").as_deref(), Some("9"));
    assert_eq!(quantity(&sim, "WRO", "G29").as_deref(), Some("4"));
    let held = flow.status().await.unwrap().parts[0].held.clone().unwrap();
    assert_eq!((held.emptyings, held.of), (25, 30));
    flow.approve(&held.token, "Anna", "the warehouse is being moved").await.unwrap();
    run(&flow).await;
    assert_eq!(quantity(&sim, "WRO", "G0").as_deref(), Some("0"));
    assert_eq!(flow.status().await.unwrap().parts[0].held, None);
}
