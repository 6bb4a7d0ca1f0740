//! Prices of contractors: every way to ask tells the same number; what became invalid; what the state file keeps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};
use futures::TryStreamExt;
use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::Quantity;
use soneta_webapi::{
    CenaKontrahenta, Client, KontrahentId, PozycjaWyceny, Rows, SnapshotQuery, TowarId, ZapytanieWyceny,
};

use super::{Bench, Clock, refusals};

type Prices = BTreeMap<TowarId, CenaKontrahenta>;

fn by_good(pages: Vec<soneta_webapi::WirePage<CenaKontrahenta>>) -> Prices {
    let rows = pages.into_iter().flat_map(|page| page.rows);
    rows.map(|row| row.unwrap()).map(|row| (row.towar_id, row)).collect()
}

fn all<T>(rows: impl IntoIterator<Item = Rows<T>>) -> Vec<T> {
    rows.into_iter().flatten().map(|row| row.unwrap()).collect()
}

/// Quantities on both sides of every threshold that there is.
const QUANTITIES: [i64; 8] = [1, 9, 10, 19, 20, 49, 50, 500];

#[tokio::test]
async fn a_contractor_pays_the_same_number_whichever_way_one_asks() {
    // The clock stands, so that no answer differs by the time of its calculation.
    let simulator = Simulator::builder().goods(120).seed(3).now(Clock::new().source()).start().await.unwrap();
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    let ceny = client.b2b().ceny();
    simulator.set_discount("K0008", Decimal::new(1_250, 2)).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    simulator.start_promotion(&simulator.goods()[40].kod, Decimal::from(25), day, day).unwrap();
    let query = SnapshotQuery::builder().limit(17).build();
    let profile =
        all(ceny.profile(query.clone()).map_ok(|page| page.rows).try_collect::<Vec<_>>().await.unwrap());
    assert!(profile.len() >= 4);
    let mut exceptions: BTreeMap<KontrahentId, Prices> = BTreeMap::new();
    let pages: Vec<_> = ceny.wyjatki(query.clone()).try_collect().await.unwrap();
    assert!(pages.len() > 1);
    for own in all(pages.into_iter().map(|page| page.rows)) {
        exceptions.entry(own.kontrahent_id).or_default().insert(own.cena.towar_id, own.cena);
    }
    let (mut contractors, mut with_thresholds, mut with_end) = (BTreeSet::new(), 0, 0);
    for profil in profile {
        let of_profile = by_good(ceny.dla_profilu(profil.id, query.clone()).try_collect().await.unwrap());
        assert_eq!(of_profile.len(), 120);
        for kontrahent_id in profil.kontrahenci_id {
            assert!(contractors.insert(kontrahent_id), "in one profile only");
            let mut expected = of_profile.clone();
            expected.extend(exceptions.remove(&kontrahent_id).unwrap_or_default());
            let own: Vec<_> = ceny.dla_kontrahenta(kontrahent_id, query.clone()).try_collect().await.unwrap();
            let own = by_good(own);
            assert!(own == expected, "contractor {kontrahent_id}");
            with_thresholds += own.values().filter(|cena| !cena.progi.is_empty()).count();
            with_end += own.values().filter(|cena| cena.wazna_do.is_some()).count();
            let asked: Vec<(&CenaKontrahenta, Decimal)> =
                own.values().flat_map(|cena| QUANTITIES.map(|ilosc| (cena, Decimal::from(ilosc)))).collect();
            let line = |(cena, ilosc): &(&CenaKontrahenta, Decimal)| {
                PozycjaWyceny::new(cena.towar_id, Quantity::new(*ilosc, cena.jednostka.clone()))
            };
            let query = ZapytanieWyceny::builder()
                .kontrahent_id(kontrahent_id)
                .pozycje(asked.iter().map(line).collect())
                .build();
            for ((cena, ilosc), line) in asked.iter().zip(ceny.wycen(&query).await.unwrap()) {
                let (netto, brutto) = cena.cena_przy(*ilosc);
                assert_eq!((&line.netto.value, &line.brutto.value), (&netto.value, &brutto.value), "{ilosc}");
                assert_eq!(cena.za_ilosc, Decimal::ONE);
            }
        }
    }
    assert_eq!(contractors.len(), simulator.contractors().len());
    assert!(exceptions.is_empty() && with_thresholds > 0 && with_end > 0);
}

#[tokio::test]
async fn goods_are_chosen_by_id_and_unknown_contractors_and_profiles_are_refused() {
    let bench = Bench::new().await;
    for (path, key) in [("B2BCeny/DlaKontrahenta", "KontrahentId"), ("B2BCeny/DlaProfilu", "ProfilId")] {
        let answer =
            bench.call(path, json!({key: 2, "Ile": 2, "PoId": 4, "TowaryId": [9, 4, 7, 404, 8]})).await;
        let ids: Vec<_> = answer["Pozycje"].as_array().unwrap().iter().map(|row| &row["TowarId"]).collect();
        assert_eq!(
            (ids, &answer["Koniec"], &answer["PoId"]),
            (vec![&json!(7), &json!(8)], &json!(false), &json!(8))
        );
        assert_eq!(answer[key], json!(2));
        assert_eq!(refusals(&bench.call(path, json!({key: 404, "Ile": 2})).await), ["NieZnaleziono"]);
        assert_eq!(refusals(&bench.call(path, json!({"Ile": 2})).await), ["BledneDane"]);
        assert_eq!(
            refusals(&bench.call(path, json!({key: 2, "Ile": 2, "TowaryId": []})).await),
            ["BledneDane"]
        );
    }
    let rows = bench.call("B2BCeny/Wyjatki", json!({"Ile": 99})).await["Pozycje"].take();
    let chosen = &rows[0];
    let asked = json!({"Ile": 99, "TowaryId": [chosen["TowarId"]]});
    let same = bench.call("B2BCeny/Wyjatki", asked).await["Pozycje"].take();
    assert!(same.as_array().unwrap().iter().all(|row| row["TowarId"] == chosen["TowarId"]));
    assert_eq!(&same[0], chosen);
}

async fn since(bench: &Bench, token: &Value) -> (Vec<Value>, Value) {
    let mut answer = bench.call("B2BCeny/Uniewaznione", json!({"Token": token, "Ile": 99})).await;
    (answer["Pozycje"].as_array().unwrap().clone(), answer["Token"].take())
}

#[tokio::test]
async fn what_became_invalid_is_told_once_per_token_and_a_strange_token_is_everything() {
    let bench = Bench::new().await;
    let (rows, token) = since(&bench, &Value::Null).await;
    assert_eq!(rows, [json!({"Zakres": "Wszystko", "WaznaOd": "2026-11-21T09:30:00.125+01:00"})]);
    assert_eq!(since(&bench, &token).await, (Vec::new(), token.clone()));
    bench.simulator.set_price("PK", Decimal::from(20)).unwrap();
    bench.simulator.set_discount("K0002", Decimal::from(3)).unwrap();
    let (from, until) = ("2026-12-01", "2026-12-24");
    let promotion = json!({"Kod": "PK", "Procent": 10, "Od": from, "Do": until});
    assert_eq!(bench.control("_sim/promotion", promotion).await.0, StatusCode::OK);
    let (rows, next) = since(&bench, &token).await;
    let now = "2026-11-21T09:30:00.125+01:00";
    assert_eq!(
        rows,
        [
            json!({"Zakres": "Towar", "TowarId": 1, "WaznaOd": now}),
            json!({"Zakres": "Kontrahent", "KontrahentId": 2, "WaznaOd": now}),
            json!({"Zakres": "Towar", "TowarId": 1, "WaznaOd": "2026-12-01T00:00:00.000+01:00"}),
            json!({"Zakres": "Towar", "TowarId": 1, "WaznaOd": "2026-12-25T00:00:00.000+01:00"}),
        ]
    );
    assert!(since(&bench, &next).await.0.is_empty());
    assert_eq!(since(&bench, &token).await.0, rows, "the same token tells the same");
    let page = bench.call("B2BCeny/Uniewaznione", json!({"Token": token, "Ile": 3})).await;
    assert_eq!((page["Pozycje"].as_array().unwrap().len(), &page["Koniec"]), (3, &json!(false)));
    assert_eq!(since(&bench, &page["Token"]).await, (rows[3..].to_vec(), next.clone()));
    let beyond = next.as_str().unwrap().replace("/4", "/5");
    for strange in [json!(""), json!("abc"), json!("0/0"), json!(beyond)] {
        assert_eq!(since(&bench, &strange).await.0[0]["Zakres"], json!("Wszystko"), "{strange}");
    }
}

#[tokio::test]
async fn the_prices_of_a_good_become_invalid_with_its_tick() {
    let bench = Bench::new().await;
    let (_, token) = since(&bench, &Value::Null).await;
    bench.simulator.set_ticked("PK", false).unwrap();
    let now = "2026-11-21T09:30:00.125+01:00";
    assert_eq!(since(&bench, &token).await.0, [json!({"Zakres": "Towar", "TowarId": 1, "WaznaOd": now})]);
}

#[tokio::test]
async fn a_promotion_holds_from_its_first_day_to_its_last() {
    let bench = Bench::new().await;
    bench.simulator.set_price("PK", Decimal::from(20)).unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    bench.simulator.start_promotion("PK", Decimal::TEN, day(22), day(23)).unwrap();
    let price = async || {
        let asked = json!({"KontrahentId": 1, "Ile": 1, "TowaryId": [1]});
        let row = bench.call("B2BCeny/DlaKontrahenta", asked).await["Pozycje"][0].take();
        (row["Netto"]["Value"].to_string(), row["WaznaDo"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(price().await, ("20".to_owned(), "2026-11-21T23:59:59.999+01:00".to_owned()));
    let line = json!({"Kod": "PK", "Ilosc": {"Value": 1, "Symbol": "szt"}});
    let ahead = json!({"KontrahentId": 1, "Dzien": "2026-11-22", "Pozycje": [line]});
    assert_eq!(bench.call("B2BCeny/Wycen", ahead).await["Pozycje"][0]["Netto"]["Value"].to_string(), "18");
    bench.clock.pass(Duration::days(1));
    bench.log_in().await;
    assert_eq!(price().await, ("18".to_owned(), "2026-11-23T23:59:59.999+01:00".to_owned()));
    bench.clock.pass(Duration::days(2));
    bench.log_in().await;
    assert_eq!(price().await, ("20".to_owned(), String::new()));
}

#[tokio::test]
async fn a_new_discount_moves_the_contractor_to_another_profile_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    let profile_of = async |bench: &Bench, id: i32| {
        let rows = bench.snapshot("B2BCeny/Profile", 2).await;
        let of = |row: &&Value| row["KontrahenciId"].as_array().unwrap().contains(&json!(id));
        let found: Vec<_> =
            rows.iter().filter(of).map(|row| (row["ID"].clone(), row["Nazwa"].clone())).collect();
        assert_eq!(found.len(), 1);
        found[0].clone()
    };
    let ten = profile_of(&bench, 5).await;
    assert_eq!(ten.1, json!("Detaliczna, rabat 10%"));
    assert_eq!(profile_of(&bench, 1).await.1, json!("Detaliczna"));
    assert_eq!(profile_of(&bench, 2).await.1, json!("Hurtowa"));
    let (status, _) = bench.control("_sim/discount", json!({"Kod": "K0001", "Rabat": "10.0"})).await;
    assert_eq!((status, profile_of(&bench, 1).await), (StatusCode::OK, ten.clone()));
    assert!(bench.simulator.set_discount("K0001", Decimal::from(101)).is_err());
    assert!(bench.simulator.set_discount("nikt", Decimal::ONE).is_err());
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    bench.simulator.start_promotion("PK", Decimal::TEN, day, day).unwrap();
    let prices = bench.snapshot_of(1).await;
    let (_, token) = since(&bench, &Value::Null).await;
    bench.simulator.stop().await;
    let again = Bench::with(|builder| builder.state_file(&file)).await;
    assert_eq!((profile_of(&again, 1).await, again.snapshot_of(1).await), (ten, prices));
    assert_eq!(since(&again, &token).await, (Vec::new(), token));
}

impl Bench {
    /// What a contractor pays for every good.
    async fn snapshot_of(&self, kontrahent: i32) -> Value {
        self.call("B2BCeny/DlaKontrahenta", json!({"KontrahentId": kontrahent, "Ile": 99})).await["Pozycje"]
            .take()
    }
}

#[tokio::test]
async fn a_wholesaler_has_as_many_profiles_as_were_asked_for_each_with_its_share_and_without_exceptions() {
    let simulator = Simulator::builder().goods(30).contractors(100).profiles(14).start().await.unwrap();
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    let ceny = client.b2b().ceny();
    let pages: Vec<_> = ceny.profile(SnapshotQuery::default()).try_collect().await.unwrap();
    let profile = all(pages.into_iter().map(|page| page.rows));
    let mut shares: Vec<usize> = profile.iter().map(|profil| profil.kontrahenci_id.len()).collect();
    shares.sort_unstable();
    assert_eq!(shares, [vec![7; 12], vec![8; 2]].concat());
    let mut priced = BTreeSet::new();
    for profil in &profile {
        let of_profile =
            by_good(ceny.dla_profilu(profil.id, SnapshotQuery::default()).try_collect().await.unwrap());
        assert_eq!(of_profile.len(), 30);
        priced.insert(of_profile.values().map(|cena| cena.netto.value).collect::<Vec<_>>());
    }
    assert_eq!(priced.len(), 14, "each profile has prices of its own");
    let exceptions: Vec<_> = ceny.wyjatki(SnapshotQuery::default()).try_collect().await.unwrap();
    assert!(all(exceptions.into_iter().map(|page| page.rows)).is_empty());
}
