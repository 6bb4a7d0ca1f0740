//! An integrator's own shop: its orders enter the outbox in its own transaction, in its own SQLite file.

use api_transport::simulation::Fault;
use chrono::NaiveDate;
use rusqlite::{Connection, params_from_iter};
use rust_decimal::Decimal;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia};
use std::sync::Arc;
use sync_core::{ActFilter, ActState, NewAct, OutboxSql, Part, SqliteStore, Store as _};
use sync_flows::flows::orders::{OrderRequest, order_act, order_op_key};

use crate::ordering::Ordering;
use crate::world::run_to_end;

/// Takes an order: the shop's row and the act, both or neither.
fn take(shop: &mut Connection, outbox: &OutboxSql, number: &str, act: &NewAct) -> rusqlite::Result<usize> {
    let transaction = shop.transaction()?;
    transaction.execute("INSERT INTO shop_order (number) VALUES (?1) ON CONFLICT DO NOTHING", [number])?;
    let statement = outbox.enqueue(act).unwrap();
    let put = transaction.execute(&statement.sql, params_from_iter(&statement.parameters))?;
    transaction.commit()?;
    Ok(put)
}

#[tokio::test]
async fn an_order_of_a_shops_own_transaction_becomes_one_document() {
    let mut ordering = Ordering::begin().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = SqliteStore::open(&path).unwrap().with_clock(ordering.clock.clone());
    let part = Part::whole(&ordering.world.setup.name("shop").unwrap());
    let outbox = store.outbox_sql(&part).await.unwrap();
    let store = Arc::new(store);
    ordering.world.setup.store = store.clone();
    let mut shop = Connection::open(&path).unwrap();
    shop.execute_batch("CREATE TABLE shop_order (number TEXT PRIMARY KEY)").unwrap();

    let kod = ordering.good(0).kod;
    let line = PozycjaZamowienia::builder()
        .id_obcy("1")
        .kod(kod.as_str())
        .ilosc(Quantity::new(Decimal::TWO, ""))
        .cena_netto(Currency::new(ordering.price_of(&kod, 2).await, "PLN"))
        .build();
    let order = |day: u32| {
        NoweZamowienie::builder()
            .guid(uuid::Uuid::nil())
            .kontrahent_id(KontrahentId(ordering.buyer().id))
            .magazyn("F")
            .data(NaiveDate::from_ymd_opt(2026, 11, day).unwrap())
            .pozycje(vec![line.clone()])
            .build()
    };
    let act = |order| order_act(&ordering.settings, OrderRequest::new("4711", order)).unwrap();
    assert_eq!(take(&mut shop, &outbox, "4711", &act(order(21))).unwrap(), 1);
    // the buyer's browser asks again after midnight: the same order
    let again = act(order(22));
    assert_eq!(take(&mut shop, &outbox, "4711", &again).unwrap(), 0);
    let same = outbox.same(&again);
    let same: i64 = shop.query_row(&same.sql, params_from_iter(&same.parameters), |row| row.get(0)).unwrap();
    assert_eq!(same, 1);

    ordering.world.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").drop_after());
    run_to_end(&ordering.dispatcher()).await;
    let acts = store.acts(&ActFilter::one(order_op_key("demo", "4711"))).await.unwrap();
    assert_eq!(acts[0].state, ActState::Done);
    let documents = ordering.documents();
    assert_eq!((documents.len(), documents[0].guid), (1, acts[0].act.guid));
    assert_eq!(documents[0].data, NaiveDate::from_ymd_opt(2026, 11, 21).unwrap());
}
