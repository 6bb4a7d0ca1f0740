//! Contractors that change, their limits and settlements, the dictionaries, and what a tier leaves out.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};
use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bench, orders::order, refusals};

/// A request that makes a contractor of this number.
pub(crate) fn new_contractor(number: u32) -> Value {
    json!({
        "Guid": format!("0c7d2f4e-1f0b-5d6c-9b6a-{number:012}"),
        "Kod": format!("ŻUK-{number}"), "Nazwa": "Sklep Żuk\nJan Żukowski", "NIP": "526-025-02-74",
        "Adres": {"Ulica": "Świętojańska", "NrDomu": "12", "Miejscowosc": "Gdynia", "KodKraju": "PL"},
        "Email": "zuk@example.com", "Cechy": [{"Nazwa": "Grupa cenowa", "Wartosc": "Hurt"}],
    })
}

/// Every page of the change list from a position on, two rows each; `between` is called after each page.
async fn changes(bench: &Bench, mut position: Value, mut between: impl FnMut(usize)) -> (Vec<Value>, Value) {
    let (mut rows, mut pages) = (Vec::new(), 0);
    loop {
        position["Ile"] = json!(2);
        let mut answer = bench.call("B2BKontrahenci/Lista", position).await;
        assert!(answer["Pozycje"].as_array().unwrap().len() <= 2);
        rows.append(answer["Pozycje"].as_array_mut().unwrap());
        position = json!({"ZmienionePo": answer["ZmienionePo"], "PoId": answer["PoId"]});
        pages += 1;
        between(pages);
        if answer["Koniec"] == json!(true) {
            return (rows, position);
        }
    }
}

async fn by_id(bench: &Bench, id: i32) -> Value {
    bench.call("B2BKontrahenci/Pobierz", json!({"ID": id})).await["Pozycje"][0].take()
}

#[tokio::test]
async fn pages_of_two_show_every_contractor_and_a_change_in_between_once_more() {
    let bench = Bench::new().await;
    let (rows, end) = changes(&bench, json!({}), |_| ()).await;
    let ids: BTreeSet<i64> = rows.iter().map(|row| row["ID"].as_i64().unwrap()).collect();
    assert_eq!((rows.len(), ids), (20, (1..=20).collect()));
    assert!(rows.iter().all(|row| row["Nazwa"].as_str().unwrap().contains('\n')));
    assert!(rows.iter().any(|row| row["MiejscaDostaw"].as_array().unwrap().len() == 2));
    assert!(rows.iter().any(|row| row["Kontakty"].as_array().unwrap().len() == 1));

    // The third contractor was read when it is changed, and comes again as it is then.
    let (rows, _) = changes(&bench, json!({}), |page| {
        if page == 4 {
            bench.simulator.set_contractor_blocked("K0003", true).unwrap();
        }
    })
    .await;
    let third: Vec<&Value> =
        rows.iter().filter(|row| row["ID"] == json!(3)).map(|row| &row["BlokadaSprzedazy"]).collect();
    assert_eq!((rows.len(), third), (21, vec![&json!(false), &json!(true)]));

    bench.clock.pass(Duration::seconds(1));
    bench.simulator.set_contractor_ticked("K0005", false).unwrap();
    bench.simulator.merge_contractor("K0004", "K0001").unwrap();
    let (rows, _) = changes(&bench, end, |_| ()).await;
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row["ID"].clone(), row["Zaznaczony"].clone(), row["ZastapionyPrzezId"].clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (json!(3), json!(true), json!(null)),
            (json!(4), json!(true), json!(1)),
            (json!(5), json!(false), json!(null))
        ]
    );
}

#[tokio::test]
async fn a_contractor_is_made_once_per_guid_and_keeps_what_is_not_named() {
    let bench = Bench::new().await;
    let made = bench.call("B2BKontrahenci/Zapisz", new_contractor(1)).await;
    assert_eq!((&made["ID"], &made["Kod"], &made["Wersja"]), (&json!(21), &json!("ŻUK-1"), &json!(1)));
    assert_eq!(bench.call("B2BKontrahenci/Zapisz", new_contractor(1)).await, made);
    assert_eq!(bench.simulator.contractors().len(), 21);
    let before = by_id(&bench, 21).await;
    assert_eq!((&before["NIP"], &before["GrupaCenowa"]), (&json!("526-025-02-74"), &json!("Hurt")));
    assert_eq!(before["Nazwa"], json!("Sklep Żuk\nJan Żukowski"));
    assert_eq!(before["Adres"]["Email"], json!("zuk@example.com"));

    bench.clock.pass(Duration::seconds(1));
    let change = json!({"Guid": made["Guid"], "Wersja": 1, "Telefon": "+48 58 1234567"});
    let changed = bench.call("B2BKontrahenci/Zapisz", change.clone()).await;
    assert_eq!(changed["Wersja"], json!(2));
    let mut expected = before.clone();
    expected["Adres"]["Telefon"] = json!("+48 58 1234567");
    (expected["Wersja"], expected["DataZmiany"]) = (json!(2), json!("2026-11-21T09:30:01.125+01:00"));
    assert_eq!(by_id(&bench, 21).await, expected);
    // The answer was lost: the same request, with the version from before it, is answered as if it had been.
    assert_eq!(bench.call("B2BKontrahenci/Zapisz", change).await, changed);

    let late = json!({"Guid": made["Guid"], "Wersja": 1, "Telefon": ""});
    assert_eq!(refusals(&bench.call("B2BKontrahenci/Zapisz", late).await), ["Konflikt"]);
    assert_eq!(by_id(&bench, 21).await, expected);
    let (rows, _) = changes(&bench, json!({"ZmienionePo": "2026-11-21T00:00:00+01:00"}), |_| ()).await;
    assert_eq!(rows, [expected]);
}

#[tokio::test]
async fn what_cannot_be_saved_is_refused_and_changes_nothing() {
    let bench = Bench::new().await;
    let known = bench.simulator.contractors()[0].guid;
    for (question, expected) in [
        (json!({"Kod": "X", "Nazwa": "Y"}), vec!["BledneDane"]),
        (json!({"Guid": "0c7d2f4e-1f0b-5d6c-9b6a-000000000009"}), vec!["BledneDane", "BledneDane"]),
        (json!({"Guid": "0c7d2f4e-1f0b-5d6c-9b6a-000000000009", "Wersja": 1}), vec!["NieZnaleziono"]),
        (json!({"Guid": known, "Kod": "K0002"}), vec!["BledneDane"]),
        (json!({"Guid": known, "Nazwa": ""}), vec!["BledneDane"]),
        (json!({"Guid": known, "FormaPlatnosci": "Czek"}), vec!["NieZnaleziono"]),
        (json!({"Guid": known, "TerminDni": -1}), vec!["BledneDane"]),
        (
            json!({"Guid": known, "Cechy": [{"Nazwa": "Grupa cenowa", "Wartosc": "Żadna"}]}),
            vec!["BledneDane"],
        ),
        (json!({"Guid": known, "Cechy": [{"Nazwa": "Kolor", "Wartosc": "żółty"}]}), vec!["NieZnaleziono"]),
    ] {
        let answer = bench.call("B2BKontrahenci/Zapisz", question.clone()).await;
        assert_eq!(refusals(&answer), expected, "{question}");
    }
    let contractors = bench.simulator.contractors();
    assert!(contractors.len() == 20 && contractors.iter().all(|one| one.wersja == 1));
}

#[tokio::test]
async fn a_limit_is_used_by_approved_orders_and_by_what_is_left_of_settlements() {
    let bench = Bench::new().await;
    bench.simulator.set_credit_limit("K0001", Some(Decimal::from(1_000))).unwrap();
    bench.simulator.set_credit_limit("K0002", None).unwrap();
    let limit = async || bench.snapshot("B2BLimity/Lista", 3).await.swap_remove(0);
    assert_eq!(limit().await["Dostepny"], json!({"Value": 1_000, "Symbol": "PLN"}));
    let made = bench.call("B2BZamowienia/Dodaj", order(&bench, 1)).await;
    assert_eq!(limit().await["Wykorzystano"]["Value"], json!(0));
    bench.simulator.approve(101).unwrap();
    assert_eq!(limit().await["Wykorzystano"], made["SumaBrutto"]);
    // Its settlement stands for the order.
    let due = NaiveDate::from_ymd_opt(2026, 12, 5).unwrap();
    bench.simulator.set_settlement(101, "ZO/000001/26", 1, Decimal::from(1_200), due).unwrap();
    let exceeded = limit().await;
    assert_eq!(
        (&exceeded["Wykorzystano"]["Value"], &exceeded["Dostepny"]["Value"]),
        (&json!(1_200), &json!(-200))
    );
    bench.simulator.pay(101, "ZO/000001/26", Decimal::from(700)).unwrap();
    assert_eq!(limit().await["Dostepny"]["Value"], json!(500));
    let rows = bench.snapshot("B2BLimity/Lista", 3).await;
    assert_eq!(
        (rows.len(), &rows[1]["Rodzaj"], &rows[1]["Limit"]),
        (20, &json!("Nieograniczony"), &json!(null))
    );
}

#[tokio::test]
async fn a_payment_is_a_change_of_its_settlement() {
    let bench = Bench::new().await;
    let open = json!({"DokumentId": 103, "Numer": "FV/1/26", "KontrahentId": 1, "Kwota": "10.50", "Termin": "2026-12-05"});
    assert_eq!(bench.control("_sim/settlement", open).await, (StatusCode::OK, r#"{"ID":1}"#.to_owned()));
    let first = bench.call("B2BRozrachunki/Lista", json!({"Ile": 9})).await;
    assert_eq!((&first["Pozycje"][0]["Pozostalo"]["Value"], &first["Koniec"]), (&json!(10.5), &json!(true)));
    bench.clock.pass(Duration::seconds(1));
    let pay = |kwota: &str| json!({"DokumentId": 103, "Numer": "FV/1/26", "Kwota": kwota});
    let left = bench.control("_sim/pay", pay("10")).await;
    assert_eq!(left, (StatusCode::OK, r#"{"Pozostalo":"0.50"}"#.to_owned()));
    assert_eq!(bench.control("_sim/pay", pay("0.51")).await.0, StatusCode::NOT_FOUND);
    bench.control("_sim/pay", pay("0.50")).await;
    let position = json!({"Ile": 9, "ZmienionePo": first["ZmienionePo"], "PoId": first["PoId"]});
    let paid = bench.call("B2BRozrachunki/Lista", position).await;
    assert_eq!(paid["Pozycje"].as_array().unwrap().len(), 1);
    assert_eq!(paid["Pozycje"][0]["Zaplacono"], json!(true));
}

#[tokio::test]
async fn contractors_and_settlements_are_taken_up_again_from_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    bench.call("B2BKontrahenci/Zapisz", new_contractor(1)).await;
    for (path, body) in [
        ("_sim/contractor_ticked", json!({"Kod": "K0001", "Zaznaczony": false})),
        ("_sim/contractor_blocked", json!({"Kod": "K0002", "Blokada": true})),
        ("_sim/merge_contractor", json!({"Kod": "K0003", "Na": "ŻUK-1"})),
        ("_sim/credit_limit", json!({"Kod": "K0004", "Limit": 12.5})),
    ] {
        assert_eq!(bench.control(path, body).await.0, StatusCode::OK, "{path}");
    }
    assert_eq!(
        bench.control("_sim/merge_contractor", json!({"Kod": "K0001", "Na": "K0001"})).await.0,
        StatusCode::NOT_FOUND
    );
    let due = NaiveDate::from_ymd_opt(2026, 12, 5).unwrap();
    bench.simulator.set_settlement(103, "FV/1/26", 21, Decimal::new(1_050, 2), due).unwrap();
    bench.simulator.pay(103, "FV/1/26", Decimal::ONE).unwrap();
    let rows = changes(&bench, json!({}), |_| ()).await;
    let before = (bench.simulator.contractors(), bench.simulator.settlements());
    bench.simulator.stop().await;
    let again = Bench::with(|builder| builder.state_file(&file)).await;
    assert_eq!((again.simulator.contractors(), again.simulator.settlements()), before);
    assert_eq!(changes(&again, json!({}), |_| ()).await, rows);
    let merged = &before.0[2];
    assert_eq!((merged.zastapiony_przez_id, before.0[3].limit), (Some(21), Some(Decimal::new(125, 1))));
}

#[tokio::test]
async fn a_delivery_place_has_to_be_one_of_the_receiver() {
    let bench = Bench::new().await;
    let places = by_id(&bench, 2).await["MiejscaDostaw"].take();
    let mut to_place = order(&bench, 1);
    (to_place["KontrahentId"], to_place["MiejsceDostawyId"]) = (json!(1), places[0]["ID"].clone());
    assert_eq!(refusals(&bench.call("B2BZamowienia/Dodaj", to_place.clone()).await), ["NieZnaleziono"]);
    to_place["OdbiorcaId"] = json!(2);
    assert_eq!(bench.call("B2BZamowienia/Dodaj", to_place).await["Success"], json!(true));
}

#[tokio::test]
async fn methods_above_the_level_are_not_there() {
    let all = Bench::new().await.call("B2BInfo/Pobierz", json!({})).await["Mozliwosci"].take();
    let mut before = 0;
    for level in 1..=3 {
        let bench = Bench::with(|builder| builder.level(level)).await;
        let info = bench.call("B2BInfo/Pobierz", json!({})).await;
        let offered = info["Mozliwosci"].as_array().unwrap();
        assert!(info["Poziom"] == json!(level) && offered.len() > before);
        before = offered.len();
        for name in all.as_array().unwrap() {
            let answer = bench.send(name.as_str().unwrap(), &bench.token(), "{}").await.unwrap();
            if let Some(token) = &answer.token {
                bench.keep(token);
            }
            let expected = if offered.contains(name) { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(answer.status, expected, "{name}");
        }
    }
    assert_eq!(before, all.as_array().unwrap().len());
}
