//! The exchange on a simulated ONe.
#![expect(clippy::unwrap_used, reason = "a failed test may panic, also in its helpers")]

use std::path::Path;
use std::sync::Arc;

use file_exchange::Exchange;
use one_client::FeedPosition;
use one_client::simulator::{DraftLine, OrderDraft, Simulator};
use rust_decimal::Decimal;
use sync_core::files::TextEncoding;
use sync_core::{Job, JobEnd, MemoryStore, Report, RunContext, Store, run_until_done};

const HEAD: &str = "Symbol;Nazwa;Jm;Stan;Rezerwacja;Cena netto;Sklep\r\n";

/// The program on a simulated ONe that is empty.
async fn program(world: &World, words: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_file-exchange"));
    command
        .arg("--simulate")
        .arg("--exports")
        .arg(world.exports.path())
        .arg("--orders")
        .arg(world.orders.path());
    command.arg("--state").arg(world.orders.path().join("state.sqlite")).args(words);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = [ended.stdout, ended.stderr].concat();
    (ended.status.code().unwrap(), String::from_utf8(told).unwrap())
}

fn export(folder: &Path, name: &str, rows: &str) {
    let bytes = TextEncoding::Windows1250.encode(&format!("{HEAD}{rows}")).unwrap();
    std::fs::write(folder.join("towary.tmp"), bytes).unwrap();
    std::fs::rename(folder.join("towary.tmp"), folder.join(name)).unwrap();
}

async fn run(job: &dyn Job) -> Report {
    let report = run_until_done(job, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Done), "{report:?}");
    report
}

struct World {
    exports: tempfile::TempDir,
    orders: tempfile::TempDir,
    one: Simulator,
    store: Arc<dyn Store>,
}

impl World {
    async fn new() -> Self {
        let (exports, orders) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(orders.path().join("done")).unwrap();
        let one = Simulator::builder().start().await.unwrap();
        Self { exports, orders, one, store: Arc::new(MemoryStore::new()) }
    }

    fn exchange(&self) -> Exchange {
        self.exchange_from(FeedPosition::FIRST)
    }

    fn exchange_from(&self, start_at: FeedPosition) -> Exchange {
        let one = self.one.client_builder().build().unwrap();
        let store = Arc::clone(&self.store);
        Exchange::new(self.exports.path(), self.orders.path(), one, start_at, store).unwrap()
    }

    fn files(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.orders.path()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap()).collect()
    }
}

#[tokio::test]
async fn an_export_in_windows_1250_arrives_and_only_changes_go_again() {
    let world = World::new().await;
    let rows = "ŁYŻWY;Łyżwy figurowe;szt.;1 234,00;34,00;99,90;tak\r\nNARTY;Narty;para;5,00;0;1 999,99;tak\r\nSMAR;Smar;szt.;9;0;5;nie\r\n";
    export(world.exports.path(), "towary-1.csv", rows);
    let exchange = world.exchange();
    run(&exchange.stock).await;
    run(&exchange.retail_prices).await;
    assert_eq!(world.one.stock("MAG", "ŁYŻWY"), Some(Decimal::from(1_200)));
    assert_eq!(world.one.retail_price("NARTY"), Some("1999.99".parse().unwrap()));
    assert_eq!(world.one.stock("MAG", "SMAR"), None);

    export(world.exports.path(), "towary-2.csv", &rows.replace("5,00;0;1 999,99", "4,00;0;1 999,99"));
    assert_eq!(run(&exchange.stock).await.counts.applied, 1);
    assert_eq!(run(&exchange.retail_prices).await.counts.applied, 0);
    assert_eq!(world.one.stock("MAG", "NARTY"), Some(Decimal::from(4)));
}

#[tokio::test]
async fn an_export_cut_in_the_middle_empties_nothing() {
    let world = World::new().await;
    export(world.exports.path(), "towary-1.csv", "A;a;szt.;1;0;1;tak\r\nB;b;szt.;2;0;1;tak\r\n");
    let exchange = world.exchange();
    run(&exchange.stock).await;
    export(world.exports.path(), "towary-2.csv", "A;a;szt.;1;0;1;tak\r\nB;b;sz");
    let report = run_until_done(&exchange.stock, &RunContext::default()).await;
    assert_eq!(report.counts.applied, 0, "{report}");
    assert_eq!(world.one.stock("MAG", "B"), Some(Decimal::TWO));
}

#[tokio::test]
async fn an_order_is_one_file_however_often_it_is_told() {
    let world = World::new().await;
    let line = DraftLine::new("ŁYŻWY", Decimal::TWO).priced("99.90".parse().unwrap());
    let draft = OrderDraft::new("00000000-0000-4000-8000-000000000001").with_line(line);
    let shipment = world.one.place_order(draft).unwrap();
    for _ in 0..2 {
        let exchange = world.exchange();
        run(&exchange.orders).await;
        run(&exchange.order_files).await;
        exchange.order_files.leave().await;
        exchange.orders.leave().await;
    }
    let files = world.files();
    assert_eq!(files.len(), 1);
    let expected = format!("Zamowienie;Klient;Symbol;Ilosc;Cena netto\r\n{};", shipment.as_str());
    let text = TextEncoding::Windows1250.encode(&expected).unwrap();
    assert!(files.iter().all(|file| file.starts_with(&text)));
    assert!(
        files.iter().all(|file| file.ends_with(b";2;99,9\r\n")),
        "the price is written as it was confirmed"
    );
}

#[tokio::test]
async fn an_order_before_the_start_becomes_no_file() {
    let world = World::new().await;
    let line = || DraftLine::new("SMAR", Decimal::ONE).priced(Decimal::ONE);
    let draft = || OrderDraft::new("00000000-0000-4000-8000-000000000001").with_line(line());
    world.one.place_order(draft()).unwrap();
    let one = world.one.client_builder().build().unwrap();
    let now = one.orders().feed(FeedPosition::FIRST, 100).await.unwrap().next_id;
    world.one.place_order(draft()).unwrap();
    let exchange = world.exchange_from(now);
    run(&exchange.orders).await;
    run(&exchange.order_files).await;
    assert_eq!(world.files().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_turned_away_is_listed_with_its_reason_and_the_exit_code_tells_it() {
    let world = World::new().await;
    export(world.exports.path(), "towary-1.csv", "A;a;szt.;1;0;1;tak\r\nB;b;szt.;2;0;1;moze\r\n");
    let (code, told) = program(&world, &[]).await;
    assert_eq!(code, 1, "{told}");
    for line in [
        "files/stock B/MAG: invalid (towary-1.csv, line 3, column Sklep: neither tak nor nie)",
        "files/retail-prices B: invalid",
        "  → correct it in the ERP",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    export(world.exports.path(), "towary-2.csv", "A;a;szt.;1;0;1;tak\r\nB;b;szt.;2;0;1;tak\r\n");
    let (code, told) = program(&world, &[]).await;
    assert_eq!(code, 0, "{told}");
    let (code, told) = program(&world, &["--forget", "B"]).await;
    assert_eq!((code, told.contains("nothing is left under this key")), (2, true), "{told}");
}

#[tokio::test]
async fn an_order_that_no_file_can_hold_is_left_until_a_person_has_seen_to_it() {
    let world = World::new().await;
    let line = DraftLine::new("A;B", Decimal::ONE).priced(Decimal::ONE);
    let draft = OrderDraft::new("00000000-0000-4000-8000-000000000001").with_line(line);
    let shipment = world.one.place_order(draft).unwrap();
    let exchange = world.exchange();
    run(&exchange.orders).await;
    run(&exchange.order_files).await;
    let name = format!("order-file:{shipment}");
    let left = exchange.left().await.unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].what, format!("{name} rejected"));
    assert!(left[0].why.starts_with("not-for-csv (") && left[0].what_to_do.ends_with(&name), "{left:?}");
    exchange.forget(&name).await.unwrap();
    assert_eq!(exchange.left().await.unwrap(), []);
}

#[tokio::test]
async fn what_an_export_would_empty_at_once_is_held_until_it_is_approved() {
    let world = World::new().await;
    let rows = |stock: u8| (0..60).map(|n| format!("S{n};x;szt.;{stock};0;1;tak\r\n")).collect::<String>();
    let exchange = world.exchange();
    export(world.exports.path(), "towary-1.csv", &rows(5));
    run(&exchange.stock).await;
    export(world.exports.path(), "towary-2.csv", &rows(0));
    run(&exchange.stock).await;
    let left = exchange.left().await.unwrap();
    assert!(left[0].what == "files/stock holds back" && left.len() == 1, "{left:?}");
    let token = left[0].what_to_do.rsplit(' ').next().unwrap();
    exchange.approve("another").await.unwrap_err();
    exchange.approve(token).await.unwrap();
    run(&exchange.stock).await;
    assert_eq!(exchange.left().await.unwrap(), []);
    assert_eq!(world.one.stock("MAG", "S7"), Some(Decimal::ZERO));
}
