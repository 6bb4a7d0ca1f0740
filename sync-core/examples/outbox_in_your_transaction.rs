//! An order and its act, committed together by the program that takes orders: `cargo run -p sync-core --features sqlite
//! --example outbox_in_your_transaction`.
//!
//! The program writes with its own connection and its own driver; the engine gives the statement. Nothing can come in
//! between: without the order there is no act, without the act no order.
//!
//! For facts that stay as they are. What may be edited or withdrawn afterwards is read from the program's table by a flow, as
//! the guide of the act lane says.

use rusqlite::{Connection, OptionalExtension, Transaction, params_from_iter};
use sync_core::{ActFilter, FlowName, NewAct, OutboxSql, Part, SqliteStore, Store};

/// What a client ordered.
struct Order {
    number: u32,
    client: String,
    lines: Vec<(String, u32)>,
}

/// Writes the order and its act in one transaction of the caller's.
fn take(
    connection: &mut Connection,
    outbox: &OutboxSql,
    order: &Order,
) -> Result<(), Box<dyn std::error::Error>> {
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO shop_order (number, client) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (order.number, &order.client),
    )?;
    let op_key = format!("order:shop:{}", order.number);
    let act = NewAct::new(op_key, order.client.as_str(), "order", &order.lines, &order.lines)?;
    if execute(&transaction, &outbox.enqueue(&act)?)? == 0 && !is_same(&transaction, outbox, &act)? {
        // the transaction is rolled back when it is dropped
        return Err(format!("order {} is another one already", order.number).into());
    }
    transaction.commit()?;
    Ok(())
}

fn execute(transaction: &Transaction<'_>, text: &sync_core::SqlText) -> rusqlite::Result<usize> {
    transaction.execute(&text.sql, params_from_iter(&text.parameters))
}

fn is_same(transaction: &Transaction<'_>, outbox: &OutboxSql, act: &NewAct) -> rusqlite::Result<bool> {
    let text = outbox.same(act);
    let same =
        transaction.query_row(&text.sql, params_from_iter(&text.parameters), |row| row.get::<_, i64>(0));
    Ok(same.optional()? == Some(1))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("shop.db");
    let store = SqliteStore::open(&path)?;
    let part = Part::whole(&FlowName::new("shop/orders")?);
    let outbox = store.outbox_sql(&part).await?;

    let mut connection = Connection::open(&path)?;
    connection.execute_batch("CREATE TABLE shop_order (number INTEGER PRIMARY KEY, client TEXT NOT NULL)")?;
    let mut order = Order { number: 17, client: "C1".to_owned(), lines: vec![("good-1".to_owned(), 2)] };
    take(&mut connection, &outbox, &order)?;
    // the request came twice: nothing happens
    take(&mut connection, &outbox, &order)?;
    // the number was given to something else: nothing is written
    order.lines.push(("good-2".to_owned(), 1));
    if let Err(error) = take(&mut connection, &outbox, &order) {
        println!("refused: {error}");
    }
    for status in store.acts(&ActFilter::all()).await? {
        println!("{} is {}", status.act.op_key, status.state.as_str());
    }
    Ok(())
}
