//! The state file, and the control paths that change the state.

use std::io::Write;

use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::json;
use soneta_webapi::simulator::{SimulatedTowar, Simulator, SimulatorErrorKind};

use super::{Bench, orders::order};

#[tokio::test]
async fn a_state_file_is_taken_up_again_even_with_a_torn_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stan/enova.jsonl");
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    let good = bench.stocked();
    let (status, _) =
        bench.control("_sim/stock", json!({"Kod": good.kod, "Magazyn": "KRK", "Stan": "12.50"})).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = bench.control("_sim/price", json!({"Kod": good.kod, "Netto": 7.77})).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = bench.control("_sim/ticked", json!({"Kod": good.kod, "Zaznaczony": false})).await;
    assert_eq!(status, StatusCode::OK);
    let (status, message) =
        bench.control("_sim/stock", json!({"Kod": "nic", "Magazyn": "F", "Stan": 1})).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{message}");
    bench.call("B2BZamowienia/Dodaj", order(&bench, 1)).await;
    bench.call("B2BZamowienia/Dodaj", order(&bench, 2)).await;
    bench.simulator.approve(102).unwrap();
    let before = (bench.simulator.goods(), bench.simulator.orders(), bench.simulator.database_id());
    bench.simulator.stop().await;

    let mut torn = std::fs::OpenOptions::new().append(true).open(&file).unwrap();
    torn.write_all(br#"{"Stan":{"kod":"PK","maga"#).unwrap();
    drop(torn);
    let again = Bench::with(|builder| builder.state_file(&file)).await;
    assert_eq!((again.simulator.goods(), again.simulator.orders(), again.simulator.database_id()), before);
    // The next event stands on a line of its own, and numbers go on.
    let mut third = order(&again, 3);
    third["Zatwierdz"] = json!(true);
    let made = again.call("B2BZamowienia/Dodaj", third).await;
    assert_eq!((&made["ID"], &made["Numer"]), (&json!(103), &json!("ZO/000002/26")));
    assert_eq!(made["Pozycje"][0]["ID"], json!(1_005));
    again.simulator.stop().await;
    let third = Bench::with(|builder| builder.state_file(&file)).await;
    assert_eq!(third.simulator.orders().len(), 3);
    let stan = third.simulator.goods().into_iter().find(|towar| towar.kod == good.kod).unwrap();
    assert_eq!(stan.stany[1].stan, "12.50".parse::<Decimal>().unwrap());
    assert_eq!(stan.cena_detaliczna.unwrap().0, "7.77".parse::<Decimal>().unwrap());
}

#[tokio::test]
async fn a_state_file_of_another_catalogue_or_a_broken_one_is_refused_by_name_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let start = async |goods| Simulator::builder().goods(goods).state_file(&file).start().await;
    let simulator = start(10).await.unwrap();
    simulator.set_stock(&simulator.goods()[1].kod, "F", Decimal::ONE).unwrap();
    simulator.stop().await;
    let error = start(11).await.unwrap_err();
    assert_eq!(error.kind(), SimulatorErrorKind::StateFile);
    assert!(
        error.to_string().contains("enova.jsonl") && error.to_string().contains("another catalogue"),
        "{error}"
    );
    let text = std::fs::read_to_string(&file).unwrap().replace("Stan", "Sen");
    std::fs::write(&file, text).unwrap();
    let error = start(10).await.unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[tokio::test]
async fn control_paths_show_orders_and_status() {
    let bench = Bench::new().await;
    bench.call("B2BZamowienia/Dodaj", order(&bench, 1)).await;
    let get = async |path: &str| {
        let url = bench.simulator.url().join(path).unwrap();
        bench.http.get(url).send().await.unwrap().text().await.unwrap()
    };
    let orders: Vec<soneta_webapi::simulator::OrderDocument> =
        serde_json::from_str(&get("_sim/orders").await).unwrap();
    assert_eq!(orders, bench.simulator.orders());
    let status: serde_json::Value = serde_json::from_str(&get("_sim/status").await).unwrap();
    assert_eq!(
        (&status["Towary"], &status["Zamowienia"], &status["Sesje"]),
        (&json!(60), &json!(1), &json!(1))
    );
    bench.control("_sim/expire", json!({})).await;
    assert_eq!(bench.simulator.sessions(), 0);
    assert_eq!(bench.simulator.faults().calls("/_sim/orders"), 0);
}

#[tokio::test]
async fn so_many_goods_that_a_seed_draws_get_another_stock_or_price() {
    let bench = Bench::new().await;
    let before = bench.simulator.goods();
    let drawn = |seed| json!({"Ile": 7, "Ziarno": seed});
    let told = (StatusCode::OK, r#"{"Zmieniono":7}"#.to_owned());
    assert_eq!(bench.control("_sim/stock_of_many", drawn(1)).await, told);
    let stocked = bench.simulator.goods();
    let raised = |from: &[SimulatedTowar], to: &[SimulatedTowar]| -> Vec<String> {
        let pairs = from.iter().zip(to).filter(|(from, to)| from != to);
        pairs.map(|(from, _)| from.kod.clone()).collect()
    };
    let first = raised(&before, &stocked);
    assert_eq!(first.len(), 7);
    for (from, to) in before.iter().zip(&stocked).filter(|(from, to)| from != to) {
        assert_eq!(to.stany[0].stan, from.stany[0].stan + Decimal::ONE);
        assert_eq!((&to.stany[1..], &to.cena_detaliczna), (&from.stany[1..], &from.cena_detaliczna));
    }
    bench.control("_sim/stock_of_many", drawn(2)).await;
    assert_ne!(raised(&stocked, &bench.simulator.goods()), first, "another seed draws others");

    let before = bench.simulator.goods();
    assert_eq!(bench.control("_sim/price_of_many", drawn(1)).await, told);
    let priced = bench.simulator.goods();
    assert_eq!(raised(&before, &priced).len(), 7);
    let netto = |towar: &SimulatedTowar| towar.cena_detaliczna.unwrap().0;
    for (from, to) in before.iter().zip(&priced).filter(|(from, to)| from != to) {
        assert_eq!((netto(to), &to.stany), (netto(from) + Decimal::ONE, &from.stany));
    }
    // of a company that has no more, all
    let (_, text) = bench.control("_sim/price_of_many", json!({"Ile": 1_000, "Ziarno": 1})).await;
    assert_eq!(text, r#"{"Zmieniono":60}"#);
}
