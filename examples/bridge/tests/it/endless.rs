//! `bridge run`: it stops when told to, tells who is to be told, and another process takes over from one that is killed.

use std::panic::AssertUnwindSafe;
use std::process::Stdio;

use api_transport::simulation::{Fault, FaultHandle};
use futures::FutureExt;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Child;
use toml::Table;

use crate::company::{Company, lapse_soon, section};
use crate::program::{bridge_at, ran, until_clean_with};

/// Flows every second, instead of minutes.
fn every_second(table: &mut Table) {
    for flow in ["orders", "stock", "retail-prices"] {
        section(table, flow).insert("every".to_owned(), "1 s".into());
    }
}

pub(crate) async fn terminate(mut child: Child) -> std::process::ExitStatus {
    let id = child.id().unwrap().to_string();
    let told = tokio::process::Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
    assert!(told.success());
    child.wait().await.unwrap()
}

/// Waits until the simulator holds the request, and fails if the program ends before.
async fn held_while_running(hold: &FaultHandle, child: &mut Child) {
    let ended = tokio::select! {
        () = hold.held() => None,
        status = child.wait() => Some(status),
    };
    assert!(ended.is_none(), "the program ended before the request was held: {ended:?}");
}

/// Waits for a request whose text holds `wanted`; answers each.
async fn requested(listener: &TcpListener, wanted: &str) -> String {
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        let mut buffer = [0; 4096];
        loop {
            let read = socket.read(&mut buffer).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            if read == 0 || is_whole(&text) {
                break;
            }
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
        if text.contains(wanted) {
            return text;
        }
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head
        .to_lowercase()
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
    body.len() >= length
}

#[tokio::test]
async fn it_pings_while_all_is_well_posts_a_refused_order_and_ends_with_0_when_it_is_told_to_stop() {
    let company = Company::of_goods(5).await;
    let (webhook, ping) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let settings = company.settings_file_with(|table| {
        every_second(table);
        section(table, "orders").insert("price_policy".to_owned(), crate::company::policy("refuse").into());
        let alerts = "check_every = \"1 s\"\nwebhook_url_env = \"WEBHOOK\"\nping_url_env = \"PING\"";
        table.insert("alerts".to_owned(), alerts.parse::<Table>().unwrap().into());
    });
    let address = |listener: &TcpListener| format!("http://{}/secret", listener.local_addr().unwrap());
    let mut child = bridge_at(&company, &settings, &["run", "--json"])
        .env("WEBHOOK", address(&webhook))
        .env("PING", address(&ping))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    requested(&ping, "GET /secret").await;
    let good = company.good(0);
    let (price, _) = good.cena_detaliczna.unwrap();
    company.place(company.order(1));
    company.simulation.enova.set_price(&good.kod, price + Decimal::ONE).unwrap();
    let told = requested(&webhook, "acts-rejected").await;
    assert!(told.contains("price-changed"), "{told}");
    let mut printed = child.stdout.take().unwrap();
    assert_eq!(terminate(child).await.code(), Some(0));
    let mut text = String::new();
    printed.read_to_string(&mut text).await.unwrap();
    let told: Value = serde_json::from_str(&text).unwrap();
    let orders = told["jobs"].as_array().unwrap().iter().find(|job| job["job"] == "demo/orders").unwrap();
    assert!(orders["runs"].as_u64().unwrap() > 0, "{orders}");
}

/// A database of the test's own, as a prefix of schemas; nothing without `DATABASE_URL`.
fn database() -> Option<(String, String)> {
    use std::io::Write;
    match std::env::var("DATABASE_URL") {
        Ok(url) => Some((url, format!("bt_{}", std::process::id()))),
        Err(_) => {
            // on the real standard error, which tests do not capture
            std::io::stderr().write_all(b"test skipped: DATABASE_URL is not set\n").unwrap();
            None
        }
    }
}

async fn drop_schema(url: &str, prefix: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("DROP SCHEMA IF EXISTS {prefix}_demo CASCADE")).await.unwrap();
}

#[tokio::test]
async fn of_two_processes_on_postgresql_one_is_killed_and_the_other_takes_over_without_loss_or_double() {
    let Some((url, prefix)) = database() else { return };
    drop_schema(&url, &prefix).await;
    let ended = AssertUnwindSafe(one_of_two_is_killed(&url, &prefix)).catch_unwind().await;
    drop_schema(&url, &prefix).await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

async fn one_of_two_is_killed(url: &str, prefix: &str) {
    let company = Company::of_goods(20).await;
    let settings = company.settings_file_with(|table| {
        every_second(table);
        lapse_soon(table);
        let store = format!("postgres_url_env = \"STATE\"\nschema = {prefix:?}\nconnections = 2");
        table.insert("store".to_owned(), store.parse::<Table>().unwrap().into());
    });
    let start = || {
        let mut command = bridge_at(&company, &settings, &["run"]);
        command.env("STATE", url).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let faults = company.simulation.enova.faults();
    let first_create = faults.add(Fault::on("B2BZamowienia/Dodaj").nth(1).hold_before());
    let second_create = faults.add(Fault::on("B2BZamowienia/Dodaj").nth(2).hold_after());
    company.place(company.order(1));
    let mut first = start();
    held_while_running(&first_create, &mut first).await;
    let mut second = start();
    first.kill().await.unwrap();
    // the server carries out what it was asked although nobody listens any more
    first_create.open();
    company.place(company.order(2));
    held_while_running(&second_create, &mut second).await;
    second_create.open();
    assert_eq!(terminate(second).await.code(), Some(0));

    until_clean_with(&company, &settings, |command| {
        command.env("STATE", url);
    })
    .await;
    assert_eq!(company.documents(), 2);
    assert_eq!(faults.calls("B2BZamowienia/Dodaj"), 2, "the first one was looked up, not sent again");
    assert!(company.assert_stock_is_shown() > 0);
    assert!(!company.folder.path().join("demo.sqlite").exists(), "nothing is kept beside the database");
    let status = ran(bridge_at(&company, &settings, &["status"]).env("STATE", url)).await;
    assert_eq!(status.code, 0, "{}", status.out);

    let elsewhere = company.settings_file_with(|table| {
        let store = format!("postgres_url_env = \"STATE\"\nschema = \"{prefix}_mistyped\"");
        table.insert("store".to_owned(), store.parse::<Table>().unwrap().into());
    });
    for _ in 0..2 {
        let status = ran(bridge_at(&company, &elsewhere, &["status"]).env("STATE", url)).await;
        assert_eq!(status.code, 2, "there is none, and none is made: {}", status.out);
    }
}
