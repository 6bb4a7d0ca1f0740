//! Edits and cancellations of orders: versions, lines, reservations, and what the state file keeps of them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bench, orders::order, refusals};

const DODAJ: &str = "B2BZamowienia/Dodaj";
const ZMIEN: &str = "B2BZamowienia/Zmien";
const ANULUJ: &str = "B2BZamowienia/Anuluj";

/// What is reserved of the ordered good in the order's warehouse.
fn reserved(bench: &Bench) -> Decimal {
    let kod = bench.stocked().kod;
    bench.simulator.goods().into_iter().find(|good| good.kod == kod).unwrap().stany[0].zarezerwowane
}

fn line(bench: &Bench, id_obcy: &str, ilosc: u32) -> Value {
    let good = bench.stocked();
    json!({"IdObcy": id_obcy, "TowarId": good.id, "Ilosc": {"Value": ilosc, "Symbol": good.jednostka},
           "CenaNetto": {"Value": 10.25, "Symbol": "PLN"}, "CenaStala": true})
}

#[tokio::test]
async fn an_edit_replaces_the_lines_and_counts_the_version_and_reservations_follow() {
    let bench = Bench::new().await;
    bench.simulator.set_stock(&bench.stocked().kod, "F", Decimal::from(5)).unwrap();
    let first = bench.call(DODAJ, order(&bench, 1)).await;
    assert_eq!((&first["Wersja"], reserved(&bench)), (&json!(1), Decimal::TWO));
    let edit = json!({"ID": 101, "Wersja": 1, "Pozycje": [line(&bench, "nowa", 1), line(&bench, "1", 5)]});
    let changed = bench.call(ZMIEN, edit).await["Pozycje"][0].take();
    assert_eq!(
        (&changed["Wersja"], &changed["ID"], &changed["Guid"]),
        (&json!(2), &json!(101), &first["Guid"])
    );
    assert_eq!((&changed["NumerObcy"], &changed["SumaNetto"]["Value"]), (&json!("ZAM/1"), &json!(61.5)));
    let lines = changed["Pozycje"].as_array().unwrap();
    assert_eq!(
        (lines.len(), &lines[1]["ID"], &lines[0]["ID"]),
        (2, &first["Pozycje"][0]["ID"], &json!(1_003))
    );
    // The order's own two are there for its new lines: one and four of five, as before nothing is said of reserving.
    assert_eq!((&lines[1]["Zarezerwowano"]["Value"], &lines[1]["Brakuje"]["Value"]), (&json!(4), &json!(1)));
    assert_eq!(reserved(&bench), Decimal::from(5));
    assert_eq!(bench.simulator.orders().len(), 1);
    // A later order's lines get ids that no line has.
    let next = bench.call(DODAJ, order(&bench, 2)).await;
    assert_eq!(next["Pozycje"][0]["ID"], json!(1_004));
}

#[tokio::test]
async fn a_line_that_was_removed_comes_back_with_an_id_that_no_line_ever_had() {
    let bench = Bench::new().await;
    bench.call(DODAJ, order(&bench, 1)).await;
    let ids = async |wersja: u32, keys: [&str; 1]| {
        let lines = keys.map(|key| line(&bench, key, 1));
        let changed = bench.call(ZMIEN, json!({"ID": 101, "Wersja": wersja, "Pozycje": lines})).await;
        changed["Pozycje"][0]["Pozycje"][0]["ID"].as_i64().unwrap()
    };
    assert_eq!((ids(1, ["1"]).await, ids(2, ["nowa"]).await, ids(3, ["1"]).await), (1_001, 1_003, 1_004));
}

#[tokio::test]
async fn an_edit_names_a_delivery_place_of_the_receiver_like_a_new_order() {
    let bench = Bench::new().await;
    let places = bench.call("B2BKontrahenci/Pobierz", json!({"ID": 2})).await["Pozycje"][0].take();
    let place = &places["MiejscaDostaw"][0]["ID"];
    bench.call(DODAJ, order(&bench, 1)).await;
    let edit = json!({"ID": 101, "Wersja": 1, "MiejsceDostawyId": place});
    assert_eq!(refusals(&bench.call(ZMIEN, edit.clone()).await), ["NieZnaleziono"]);
    let mut edit = edit;
    edit["OdbiorcaId"] = json!(2);
    assert_eq!(bench.call(ZMIEN, edit).await["Pozycje"][0]["Wersja"], json!(2));
}

#[tokio::test]
async fn an_edit_of_the_header_leaves_what_it_does_not_name() {
    let bench = Bench::new().await;
    let first = bench.call(DODAJ, order(&bench, 1)).await;
    let edit =
        json!({"ID": 101, "Wersja": 1, "NumerObcy": "ZAM/1a", "TerminDostawy": "2026-11-28", "Uwagi": ""});
    let changed = bench.call(ZMIEN, edit).await["Pozycje"][0].take();
    assert_eq!((&changed["NumerObcy"], &changed["SumaNetto"]), (&json!("ZAM/1a"), &first["SumaNetto"]));
    assert_eq!(changed["Pozycje"].as_array().unwrap().len(), 2);
    let document = &bench.simulator.orders()[0];
    assert_eq!((document.uwagi.as_deref(), reserved(&bench)), (None, Decimal::TWO));
}

#[tokio::test]
async fn an_edit_of_another_version_or_of_an_approved_or_unknown_order_changes_nothing() {
    let bench = Bench::new().await;
    bench.call(DODAJ, order(&bench, 1)).await;
    let edit = |wersja: Value| json!({"ID": 101, "Wersja": wersja, "NumerObcy": "inny"});
    assert_eq!(refusals(&bench.call(ZMIEN, edit(json!(2))).await), ["Konflikt"]);
    assert_eq!(refusals(&bench.call(ZMIEN, edit(Value::Null)).await), ["BledneDane"]);
    assert_eq!(refusals(&bench.call(ZMIEN, json!({"ID": 7, "Wersja": 1})).await), ["NieZnaleziono"]);
    let faulty =
        json!({"ID": 101, "Wersja": 1, "PlatnikId": 404, "TerminDostawy": "jutro", "Rezerwuj": "Ile"});
    assert_eq!(refusals(&bench.call(ZMIEN, faulty).await), ["NieZnaleziono", "BledneDane", "BledneDane"]);
    let lines = json!({"ID": 101, "Wersja": 1, "Pozycje": [], "Rezerwuj": "Trochę"});
    assert_eq!(refusals(&bench.call(ZMIEN, lines).await), ["BledneDane", "BledneDane"]);
    bench.simulator.approve(101).unwrap();
    assert_eq!(bench.simulator.orders()[0].wersja, 2, "an approval is a change");
    let answer = bench.call(ZMIEN, edit(json!(2))).await;
    assert_eq!((refusals(&answer), &answer["Errors"][0]["Pole"]), (vec!["BledneDane"], &json!("ID")));
    assert_eq!(bench.simulator.orders()[0].numer_obcy.as_deref(), Some("ZAM/1"));
}

#[tokio::test]
async fn a_cancelled_order_frees_its_stock_for_good_and_a_repeat_answers_the_same() {
    let bench = Bench::new().await;
    bench.call(DODAJ, order(&bench, 1)).await;
    assert_eq!(refusals(&bench.call(ANULUJ, json!({"ID": 101, "Wersja": 5})).await), ["Konflikt"]);
    assert_eq!(reserved(&bench), Decimal::TWO);
    let cancelled = bench.call(ANULUJ, json!({"ID": 101, "Wersja": 1})).await;
    let row = &cancelled["Pozycje"][0];
    assert_eq!(
        (&row["Stan"], &row["Wersja"], reserved(&bench)),
        (&json!("Anulowany"), &json!(2), Decimal::ZERO)
    );
    assert_eq!(bench.call(ANULUJ, json!({"ID": 101, "Wersja": 1})).await, cancelled);
    assert_eq!(refusals(&bench.call(ZMIEN, json!({"ID": 101, "Wersja": 2})).await), ["BledneDane"]);
    assert!(bench.simulator.approve(101).is_err());
}

#[tokio::test]
async fn edits_and_cancellations_are_kept_and_orders_of_an_older_file_have_version_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    bench.call(DODAJ, order(&bench, 1)).await;
    bench.call(DODAJ, order(&bench, 2)).await;
    bench.call(ZMIEN, json!({"ID": 101, "Wersja": 1, "Pozycje": [line(&bench, "nowa", 1)]})).await;
    bench.call(ANULUJ, json!({"ID": 102, "Wersja": 1})).await;
    let before = (bench.simulator.goods(), bench.simulator.orders());
    bench.simulator.stop().await;
    let again = Bench::with(|builder| builder.state_file(&file)).await;
    assert_eq!((again.simulator.goods(), again.simulator.orders()), before);
    let third = again.call(DODAJ, order(&again, 3)).await;
    assert_eq!(third["Pozycje"][0]["ID"], json!(1_006), "1005 was the edit's line");
    again.simulator.stop().await;
    let old = std::fs::read_to_string(&file).unwrap();
    let old: Vec<&str> = old.lines().take(2).collect();
    let old = old.join("\n").replace(r#""Anulowany":false,"Wersja":1,"#, "") + "\n";
    assert!(!old.contains("Wersja"));
    std::fs::write(&file, old).unwrap();
    let older = Bench::with(|builder| builder.state_file(&file)).await;
    let order = &older.simulator.orders()[0];
    assert_eq!((order.wersja, order.anulowany), (1, false));
}
