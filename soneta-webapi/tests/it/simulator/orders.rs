//! Orders: once per Guid, in the buffer until approval, reservations, refusals; answers that are lost on the way.

use api_transport::simulation::Fault;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bench, refusals};

const DODAJ: &str = "B2BZamowienia/Dodaj";

/// An order of two pieces of a stocked good and the courier.
pub(super) fn order(bench: &Bench, n: u128) -> Value {
    let good = bench.stocked();
    json!({
        "Guid": Uuid::from_u128(n),
        "NumerObcy": format!("ZAM/{n}"),
        "KontrahentId": 1,
        "AdresDostawy": {"Nazwa": "Sklep „Żółw”", "Miejscowosc": "Łódź", "KodKraju": "PL"},
        "Magazyn": "F",
        "Data": "2026-11-21",
        "Uwagi": "Zażółć gęślą jaźń",
        "Zatwierdz": false,
        "Rezerwuj": "Ile",
        "Pozycje": [
            {"IdObcy": "1", "TowarId": good.id, "Kod": good.kod, "Ilosc": {"Value": 2, "Symbol": good.jednostka},
             "CenaNetto": {"Value": 10.50, "Symbol": "PLN"}, "CenaStala": true},
            {"IdObcy": "dostawa", "Kod": "PK", "Ilosc": {"Value": 1, "Symbol": "szt"},
             "CenaNetto": {"Value": "15.00", "Symbol": "PLN"}, "CenaStala": true, "Cechy": []},
        ],
    })
}

#[tokio::test]
async fn the_same_guid_makes_one_document_and_another_body_is_a_conflict() {
    let bench = Bench::new().await;
    let question = order(&bench, 1);
    let first = bench.call(DODAJ, question.clone()).await;
    assert_eq!(first["Numer"], json!("BUFOR"));
    let mut spelt_otherwise = question.clone();
    spelt_otherwise["Pozycje"][0]["Ilosc"]["Value"] = json!("2.000");
    spelt_otherwise["Pozycje"][1]["Jednostka"] = json!("szt");
    spelt_otherwise["Definicja"] = json!("ZO");
    spelt_otherwise["PlatnikId"] = json!(null);
    assert_eq!(bench.call(DODAJ, spelt_otherwise).await, first);
    let mut other = question.clone();
    other["Pozycje"][0]["Ilosc"]["Value"] = json!(3);
    assert_eq!(refusals(&bench.call(DODAJ, other).await), ["Konflikt"]);
    assert_eq!(bench.simulator.orders().len(), 1);
    let document = &bench.simulator.orders()[0];
    assert_eq!(document.uwagi.as_deref(), Some("Zażółć gęślą jaźń"));
    assert_eq!(document.suma_netto, "36.00".parse::<Decimal>().unwrap());
}

#[tokio::test]
async fn the_number_is_bufor_until_approval_and_then_stays() {
    let bench = Bench::new().await;
    let first = bench.call(DODAJ, order(&bench, 1)).await;
    let mut approved = order(&bench, 2);
    approved["Zatwierdz"] = json!(true);
    assert_eq!(bench.call(DODAJ, approved).await["Numer"], json!("ZO/000001/26"));
    assert_eq!(bench.simulator.approve(101).unwrap(), "ZO/000002/26");
    let (_, answer) = bench.control("_sim/approve", json!({"ID": 101})).await;
    assert_eq!(answer, r#"{"Numer":"ZO/000002/26"}"#);
    let found = bench.call("B2BZamowienia/Pobierz", json!({"Guid": first["Guid"]})).await;
    assert_eq!(found["Pozycje"][0]["Numer"], json!("ZO/000002/26"));
    assert_eq!(found["Pozycje"][0]["Stan"], json!("Zatwierdzony"));
    let by_number =
        bench.call("B2BZamowienia/Pobierz", json!({"NumerObcy": "ZAM/2", "KontrahentId": 1})).await;
    assert_eq!(by_number["Pozycje"][0]["ID"], json!(102));
    assert!(bench.simulator.approve(7).is_err());
}

#[tokio::test]
async fn a_reservation_lowers_what_is_available_and_wszystko_refuses_what_is_not_there() {
    let bench = Bench::new().await;
    let good = bench.stocked();
    let [first, mut all, third] = [1, 2, 3].map(|n| order(&bench, n));
    bench.simulator.set_stock(&good.kod, "F", Decimal::from(3)).unwrap();
    bench.call(DODAJ, first).await;
    let stock = json!({"Ile": 1, "TowaryId": [good.id], "Magazyny": ["F"]});
    let row = bench.call("B2BStany/Lista", stock.clone()).await["Pozycje"][0]["Magazyny"][0].take();
    assert_eq!(
        (&row["Stan"]["Value"], &row["Zarezerwowane"]["Value"], &row["Dostepne"]["Value"]),
        (&json!(3), &json!(2), &json!(1))
    );
    all["Rezerwuj"] = json!("Wszystko");
    let answer = bench.call(DODAJ, all).await;
    assert_eq!(refusals(&answer), ["BrakStanu"]);
    assert_eq!(answer["Errors"][0]["Lp"], json!(1));
    let part = bench.call(DODAJ, third).await;
    assert_eq!(
        (&part["Pozycje"][0]["Zarezerwowano"]["Value"], &part["Pozycje"][0]["Brakuje"]["Value"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(part["Pozycje"][1]["Brakuje"]["Value"], json!(0), "a service needs no stock");
}

#[tokio::test]
async fn a_refused_order_names_every_fault_and_makes_nothing() {
    let bench = Bench::new().await;
    let blocked = bench.simulator.contractors().into_iter().find(|one| one.blokada_sprzedazy).unwrap();
    let mut question = order(&bench, 1);
    question["KontrahentId"] = json!(blocked.id);
    question["Magazyn"] = json!("ŁDZ");
    question["Zatwierdz"] = json!(null);
    question["Pozycje"][0]["Kod"] = json!("PK");
    question["Pozycje"][1]["Kod"] = json!("BRAK");
    let answer = bench.call(DODAJ, question).await;
    let expected = ["BlokadaSprzedazy", "NieZnaleziono", "BledneDane", "BledneDane", "NieZnaleziono"];
    assert_eq!(refusals(&answer), expected, "{answer:#}");
    assert_eq!((&answer["Errors"][4]["Lp"], &answer["Errors"][4]["Pole"]), (&json!(2), &json!("Kod")));
    let mut floating = order(&bench, 1);
    floating["Pozycje"][0]["CenaStala"] = json!(false);
    assert_eq!(refusals(&bench.call(DODAJ, floating).await), ["CenaZmieniona"]);
    assert!(bench.simulator.orders().is_empty());
}

#[tokio::test]
async fn a_contractors_discount_is_applied_and_a_carton_costs_what_its_pieces_cost() {
    let bench = Bench::new().await;
    let contractors = bench.simulator.contractors();
    let full = contractors.iter().find(|one| one.rabat.is_zero()).unwrap();
    let cheaper = contractors.iter().find(|one| !one.rabat.is_zero()).unwrap();
    assert_eq!(cheaper.rabat, Decimal::from(10));
    let rows = bench.call("B2BTowary/Lista", json!({"Ile": 60})).await;
    let row = rows["Pozycje"].as_array().unwrap().iter().find(|row| row["Jednostki"] != json!([])).unwrap();
    let kod = row["Kod"].as_str().unwrap();
    bench.simulator.set_price(kod, "19.99".parse().unwrap()).unwrap();
    let price = async |kontrahent: i32, unit: &Value| {
        let line = json!({"Kod": kod, "Ilosc": {"Value": 1, "Symbol": unit}});
        let question = json!({"KontrahentId": kontrahent, "Pozycje": [line]});
        bench.call("B2BCeny/Wycen", question).await["Pozycje"][0]["Netto"]["Value"].to_string()
    };
    assert_eq!(price(full.id, &row["Jednostka"]).await, "19.99");
    assert_eq!(price(cheaper.id, &row["Jednostka"]).await, "17.99");
    assert_eq!(price(full.id, &json!("karton")).await, "239.88");
}

#[tokio::test]
async fn a_quantity_without_a_unit_is_one_of_base_units() {
    let bench = Bench::new().await;
    let good = bench.stocked();
    let mut question = order(&bench, 1);
    question["Pozycje"][0]["Ilosc"]["Symbol"] = json!("");
    bench.call(DODAJ, question.clone()).await;
    let stored = bench.call("B2BZamowienia/Pobierz", json!({"Guid": question["Guid"]})).await;
    let line = &stored["Pozycje"][0]["Pozycje"][0];
    assert_eq!(line["Ilosc"], json!({"Value": 2, "Symbol": good.jednostka}));
    let price = async |symbol: &str| {
        let line = json!({"TowarId": good.id, "Ilosc": {"Value": 2, "Symbol": symbol}});
        let answer = bench.call("B2BCeny/Wycen", json!({"KontrahentId": 1, "Pozycje": [line]})).await;
        answer["Pozycje"][0]["WartoscNetto"].clone()
    };
    let unnamed = price("").await;
    assert!(unnamed.is_object());
    assert_eq!(unnamed, price(&good.jednostka).await);
}

#[tokio::test]
async fn an_order_whose_answer_is_dropped_cut_or_held_exists_once() {
    let bench = Bench::new().await;
    let question = order(&bench, 1);
    let faults = bench.simulator.faults();
    let send = async || bench.send(DODAJ, &bench.token(), &question.to_string()).await;
    faults.add(Fault::on(DODAJ).drop_before());
    assert!(send().await.is_err());
    assert!(bench.simulator.orders().is_empty());
    faults.add(Fault::on(DODAJ).drop_after());
    assert!(send().await.is_err());
    assert_eq!(bench.simulator.orders().len(), 1);
    faults.add(Fault::on(DODAJ).cut_body(20));
    assert!(send().await.is_err());
    faults.add(Fault::on(DODAJ).apply_then_fail(503));
    assert_eq!(send().await.unwrap().status.as_u16(), 503);
    let held = faults.add(Fault::on(DODAJ).hold_after());
    let (answer, ()) = tokio::join!(send(), async {
        held.held().await;
        held.release();
    });
    let answer: Value = serde_json::from_str(&answer.unwrap().text).unwrap();
    assert_eq!(answer["ID"], json!(101));
    assert_eq!(bench.simulator.orders().len(), 1);
    assert_eq!(faults.calls(DODAJ), 5);
}
