//! Acts put into the outbox within a transaction of the caller's own.

use rusqlite::{Connection, OptionalExtension, Transaction, params_from_iter};
use sync_core::{
    ActFilter, ActKind, ActState, ClaimRequest, Holder, NewAct, OutboxSql, Part, SqlText, SqliteStore, Store,
};
use tokio_postgres::types::ToSql;

use crate::postgres::{admin, database, with_database};
use crate::world::{TTL, name};

fn order(business: &str) -> NewAct {
    let act = NewAct::new("o'1\0", "client ż", "order", business, business).unwrap();
    act.with_cancel("order-cancel").after("new client").after("b")
}

fn other() -> NewAct {
    NewAct::new("other", "k", "order", "", "").unwrap()
}

/// The first act was withdrawn; the other one is claimed.
async fn claim_the_other(store: &dyn Store) {
    let request = ClaimRequest::new(vec![ActKind::from("order")], Holder::from("one"), TTL, 9);
    let claims = store.claim(&request).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.act.op_key.as_str()).collect::<Vec<_>>(), ["other"]);
    assert_eq!(store.acts(&ActFilter::all()).await.unwrap().len(), 1);
}

/// What the store makes of the act, once what it waits for is done.
async fn check(store: &dyn Store) {
    let acts = store.acts(&ActFilter::all()).await.unwrap();
    let [status] = acts.as_slice() else { panic!("one act: {acts:?}") };
    let act = &status.act;
    assert_eq!((act.order_key.as_str(), act.kind.as_str()), ("client ż", "order"));
    assert_eq!((act.payload.as_json(), status.state), ("\"v1\"", ActState::Ready));
    assert_eq!((&act.document, act.version), (&act.op_key, 0));
    assert_eq!(status.business_hash, order("v1").business_hash);
    assert_eq!(status.waits_for_acts, ["new client", "b"].map(Into::into));
    let request = ClaimRequest::new(vec![ActKind::from("order")], Holder::from("one"), TTL, 1);
    assert_eq!(store.claim(&request).await.unwrap(), []);
    let now = store.now().await.unwrap();
    assert!((now - act.enqueued_at).num_seconds() < 60 && act.enqueued_at <= now);
    assert_eq!(status.next_at, Some(act.enqueued_at));
}

fn enqueued(tx: &Transaction<'_>, text: &SqlText) -> usize {
    tx.execute(&text.sql, params_from_iter(&text.parameters)).unwrap()
}

fn is_same(tx: &Transaction<'_>, outbox: &OutboxSql, act: &NewAct) -> Option<i64> {
    let text = outbox.same(act);
    tx.query_row(&text.sql, params_from_iter(&text.parameters), |row| row.get(0)).optional().unwrap()
}

#[tokio::test]
async fn in_sqlite_an_act_is_committed_or_rolled_back_with_the_callers_own_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = SqliteStore::open(&path).unwrap();
    let outbox = store.outbox_sql(&Part::whole(&name())).await.unwrap();
    let again = store.outbox_sql(&Part::whole(&name())).await.unwrap();
    let mut shop = Connection::open(&path).unwrap();
    shop.execute_batch("CREATE TABLE shop (number INTEGER)").unwrap();

    let tx = shop.transaction().unwrap();
    tx.execute("INSERT INTO shop VALUES (1)", []).unwrap();
    assert_eq!(enqueued(&tx, &outbox.enqueue(&order("v1")).unwrap()), 1);
    tx.rollback().unwrap();
    assert_eq!(store.acts(&ActFilter::all()).await.unwrap(), []);

    let tx = shop.transaction().unwrap();
    assert_eq!(is_same(&tx, &outbox, &order("v1")), None);
    assert_eq!(enqueued(&tx, &outbox.enqueue(&order("v1")).unwrap()), 1);
    tx.execute("INSERT INTO shop VALUES (1)", []).unwrap();
    tx.commit().unwrap();

    let tx = shop.transaction().unwrap();
    assert_eq!(enqueued(&tx, &again.enqueue(&order("v1")).unwrap()), 0);
    assert_eq!(is_same(&tx, &again, &order("v1")), Some(1));
    assert_eq!(enqueued(&tx, &outbox.enqueue(&order("v2")).unwrap()), 0);
    assert_eq!(is_same(&tx, &outbox, &order("v2")), Some(0));
    tx.rollback().unwrap();
    check(&store).await;

    let tx = shop.transaction().unwrap();
    assert_eq!(enqueued(&tx, &outbox.enqueue(&other()).unwrap()), 1);
    assert_eq!(enqueued(&tx, &outbox.withdraw(&order("").op_key)), 1);
    tx.commit().unwrap();
    claim_the_other(&store).await;
    assert_eq!(
        shop.execute(&outbox.withdraw(&other().op_key).sql, ["other"]).unwrap(),
        0,
        "it is being sent"
    );
    assert!(store.parts(&name()).await.unwrap().is_empty(), "a part that was never committed is not listed");
}

#[tokio::test]
async fn in_postgres_an_act_is_committed_or_rolled_back_with_the_callers_own_rows() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let outbox = test.store.outbox_sql(&Part::whole(&name())).await.unwrap();
        let again = test.store.outbox_sql(&Part::whole(&name())).await.unwrap();
        let mut shop = admin(&database.url).await;
        shop.batch_execute(&format!("CREATE TABLE {}.shop (number bigint)", test.schema)).await.unwrap();
        let insert = format!("INSERT INTO {}.shop VALUES (1)", test.schema);
        let values = |text: &SqlText| text.parameters.clone();
        fn borrowed(values: &[String]) -> Vec<&(dyn ToSql + Sync)> {
            values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
        }

        let v1 = outbox.enqueue(&order("v1")).unwrap();
        let tx = shop.transaction().await.unwrap();
        tx.execute(&insert, &[]).await.unwrap();
        assert_eq!(tx.execute(&v1.sql, &borrowed(&values(&v1))).await.unwrap(), 1);
        tx.rollback().await.unwrap();
        assert_eq!(test.store.acts(&ActFilter::all()).await.unwrap(), []);

        let tx = shop.transaction().await.unwrap();
        tx.execute(&insert, &[]).await.unwrap();
        assert_eq!(tx.execute(&v1.sql, &borrowed(&values(&v1))).await.unwrap(), 1);
        tx.commit().await.unwrap();

        for (act, expected) in [(order("v1"), 1), (order("v2"), 0)] {
            let tx = shop.transaction().await.unwrap();
            let text = again.enqueue(&act).unwrap();
            assert_eq!(tx.execute(&text.sql, &borrowed(&values(&text))).await.unwrap(), 0);
            let same = again.same(&act);
            let row = tx.query_one(&same.sql, &borrowed(&values(&same))).await.unwrap();
            assert_eq!(row.get::<_, i32>(0), expected);
            tx.rollback().await.unwrap();
        }
        check(&*test.store).await;

        let tx = shop.transaction().await.unwrap();
        let text = outbox.enqueue(&other()).unwrap();
        assert_eq!(tx.execute(&text.sql, &borrowed(&values(&text))).await.unwrap(), 1);
        let text = outbox.withdraw(&order("").op_key);
        assert_eq!(tx.execute(&text.sql, &borrowed(&values(&text))).await.unwrap(), 1);
        tx.commit().await.unwrap();
        claim_the_other(&*test.store).await;
        let text = outbox.withdraw(&other().op_key);
        let withdrawn = shop.execute(&text.sql, &borrowed(&values(&text))).await.unwrap();
        assert_eq!(withdrawn, 0, "it is being sent");
        assert!(test.store.parts(&name()).await.unwrap().is_empty());
    })
    .await;
}
