//! The published description: itself, its examples, and what the simulator says.

use serde_json::{Value, json};

use super::Bench;

fn contract() -> Value {
    serde_json::from_str(include_str!("../../../contract/b2b.openapi.json")).unwrap()
}

/// A validator for one schema of the document. Objects are closed here, so that a misspelt optional field is found; the contract
/// itself leaves them open.
fn validator(mut document: Value, schema: Value) -> jsonschema::Validator {
    close(&mut document["components"]["schemas"]);
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [schema],
    });
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let composed = fields.contains_key("oneOf") || fields.contains_key("anyOf");
            if fields.contains_key("properties") && !composed {
                fields.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn check(validator: &jsonschema::Validator, what: &str, value: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
}

fn answers(document: &Value, path: &str) -> jsonschema::Validator {
    let content = &document["paths"][path]["post"]["responses"]["200"]["content"]["application/json"];
    assert!(content.is_object(), "{path} is described");
    validator(document.clone(), content["schema"].clone())
}

#[test]
fn the_description_is_openapi_3_1_with_examples_that_fit() {
    let document = contract();
    assert_eq!(document["openapi"], json!("3.1.0"));
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let text = document.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"#") {
        let pointer = text[at + 9..].split('"').next().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
    let mut operations = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["post"];
        assert!(operations.insert(operation["operationId"].as_str().unwrap()), "{path}");
        for status in ["200", "400", "401", "403"] {
            let answer = &operation["responses"][status];
            assert!(answer["description"].is_string() || answer["$ref"].is_string(), "{path} {status}");
        }
        let question = &operation["requestBody"]["content"]["application/json"];
        let answer = &operation["responses"]["200"]["content"]["application/json"];
        for content in [question, answer] {
            let validator = validator(document.clone(), content["schema"].clone());
            let examples = content["examples"].as_object().unwrap();
            assert!(!examples.is_empty(), "{path}");
            for (name, example) in examples {
                check(&validator, &format!("{path} {name}"), &example["value"]);
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        validator(document.clone(), reference);
    }
}

#[tokio::test]
async fn every_answer_of_the_simulator_fits_the_description() {
    let bench = Bench::new().await;
    let document = contract();
    let good = bench.stocked();
    let order = super::orders::order(&bench, 1);
    // An order in its course: ID 101; the order of the call below is the next document after these.
    let life = super::documents::life(&bench).await;
    let calls = [
        ("B2BInfo/Pobierz", json!({})),
        ("B2BTowary/Lista", json!({"Ile": 60, "Cechy": ["Portal"]})),
        ("B2BTowary/Lista", json!({"Ile": 0})),
        ("B2BTowary/Pobierz", json!({"ID": [3, 2, 9_999]})),
        ("B2BTowary/Pobierz", json!({"Kod": ["PK"]})),
        ("B2BStany/Lista", json!({"PoId": 0, "Ile": 60})),
        ("B2BStany/Lista", json!({"Ile": 5, "Magazyny": ["KRK"], "TowaryId": [good.id, 1]})),
        ("B2BStany/Lista", json!({"Ile": 5, "Magazyny": ["ŁDZ"]})),
        ("B2BCeny/Detaliczne", json!({"Ile": 60})),
        (
            "B2BCeny/Wycen",
            json!({"KontrahentId": 5, "Pozycje": [
            {"TowarId": good.id, "Ilosc": {"Value": 2, "Symbol": good.jednostka}},
            {"Kod": "PK", "Ilosc": {"Value": "1", "Symbol": "szt"}, "Jednostka": "szt"}]}),
        ),
        (
            "B2BCeny/Wycen",
            json!({"KontrahentId": 5, "Pozycje": [{"Kod": "ŁYŻWY", "Ilosc": {"Value": 1, "Symbol": "szt"}}]}),
        ),
        ("B2BCeny/DlaKontrahenta", json!({"KontrahentId": 3, "Ile": 60})),
        ("B2BCeny/DlaKontrahenta", json!({"KontrahentId": 404, "Ile": 60})),
        ("B2BCeny/Profile", json!({"Ile": 60})),
        ("B2BCeny/DlaProfilu", json!({"ProfilId": 2, "Ile": 60})),
        ("B2BCeny/DlaProfilu", json!({"ProfilId": 404, "Ile": 60})),
        ("B2BCeny/Wyjatki", json!({"Ile": 60})),
        ("B2BCeny/Uniewaznione", json!({"Ile": 60})),
        ("B2BZamowienia/Dodaj", order.clone()),
        ("B2BZamowienia/Dodaj", json!({})),
        ("B2BZamowienia/Pobierz", json!({"Guid": order["Guid"]})),
        ("B2BZamowienia/Pobierz", json!({"NumerObcy": order["NumerObcy"], "KontrahentId": 1})),
        ("B2BZamowienia/Pobierz", json!({"ID": 404})),
        ("B2BZamowienia/Statusy", json!({"ID": [101, 404]})),
        ("B2BZamowienia/Lista", json!({"Ile": 60, "OdDnia": "2026-11-01", "Cechy": ["Portal"]})),
        ("B2BZamowienia/Lista", json!({"Ile": 60, "PoId": 3})),
        (
            "B2BZamowienia/Zmien",
            json!({"ID": 101, "Wersja": 1, "Pozycje": order["Pozycje"], "Rezerwuj": "Brak"}),
        ),
        ("B2BZamowienia/Zmien", json!({"ID": 101, "Wersja": 1, "Uwagi": ""})),
        ("B2BZamowienia/Anuluj", json!({"ID": 101, "Wersja": 2})),
        ("B2BKontrahenci/Pobierz", json!({"ID": 2})),
        ("B2BKontrahenci/Pobierz", json!({"Kod": "nikt"})),
        ("B2BKontrahenci/Pobierz", json!({})),
        ("B2BFaktury/Lista", json!({"Ile": 60, "OdDnia": "2026-11-01", "Cechy": ["Portal"]})),
        ("B2BFaktury/Lista", json!({"Ile": 60, "PoId": 3})),
        ("B2BFaktury/Pobierz", json!({"ID": life.invoice})),
        ("B2BFaktury/Pobierz", json!({"ID": life.delivery})),
        ("B2BFaktury/Pdf", json!({"ID": life.invoice})),
        ("B2BFaktury/Pdf", json!({"ID": life.delivery})),
        ("B2BWydania/Lista", json!({"Ile": 60})),
        ("B2BWydania/Pobierz", json!({"ID": life.delivery})),
        ("B2BWydania/Pdf", json!({"ID": life.delivery})),
        ("B2BWydania/Pdf", json!({})),
        ("B2BKontrahenci/Lista", json!({"Ile": 60, "Cechy": ["Portal", "Grupa cenowa", "Segment"]})),
        ("B2BKontrahenci/Lista", json!({})),
        ("B2BKontrahenci/Zapisz", super::contractors::new_contractor(1)),
        ("B2BKontrahenci/Zapisz", json!({})),
        ("B2BLimity/Lista", json!({"PoId": 1, "Ile": 60})),
        ("B2BLimity/Lista", json!({"Ile": 0})),
        ("B2BRozrachunki/Lista", json!({"Ile": 60})),
        ("B2BRozrachunki/Lista", json!({"PoId": 1, "Ile": 60})),
        ("B2BGrupyCenowe/Lista", json!({})),
        ("B2BSlowniki/Magazyny", json!({})),
        ("B2BSlowniki/StawkiVat", json!({})),
        ("B2BSlowniki/FormyPlatnosci", json!({})),
        ("B2BSlowniki/Cechy", json!({})),
        ("B2BSlowniki/DefinicjeDokumentow", json!({})),
    ];
    let due = chrono::NaiveDate::from_ymd_opt(2026, 12, 5).unwrap();
    bench.simulator.set_settlement(101, "FV/1/26", 1, 12.into(), due).unwrap();
    let mut called = std::collections::BTreeSet::new();
    for (path, question) in calls {
        let answer = bench.call(path, question).await;
        check(&answers(&document, &format!("/api/{path}")), path, &answer);
        called.insert(format!("/api/{path}"));
    }
    let described: std::collections::BTreeSet<String> =
        document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(called, described);
    let offered = bench.call("B2BInfo/Pobierz", json!({})).await;
    assert_eq!(offered["Mozliwosci"].as_array().unwrap().len(), described.len());
}

#[tokio::test]
async fn a_change_list_is_inclusive_at_the_instant_and_goes_on_after_the_id() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    let mut position = json!({"Ile": 4});
    loop {
        let answer = bench.call("B2BTowary/Lista", position).await;
        ids.extend(answer["Pozycje"].as_array().unwrap().iter().map(|row| row["ID"].as_i64().unwrap()));
        position = json!({"Ile": 4, "ZmienionePo": answer["ZmienionePo"], "PoId": answer["PoId"]});
        if answer["Koniec"] == json!(true) {
            break;
        }
    }
    assert_eq!(ids, (1..=60).collect::<Vec<i64>>());
    // Seven goods share an instant; without PoId all seven come again.
    let answer =
        bench.call("B2BTowary/Lista", json!({"Ile": 9, "ZmienionePo": position["ZmienionePo"]})).await;
    assert_eq!(answer["Pozycje"].as_array().unwrap().len(), 60 % 7);
    // At the end there is nothing, and the position stays.
    let answer = bench.call("B2BTowary/Lista", position.clone()).await;
    assert_eq!((&answer["Pozycje"], &answer["PoId"]), (&json!([]), &position["PoId"]));
    bench.simulator.set_ticked("PK", false).unwrap();
    let answer = bench.call("B2BTowary/Lista", position).await;
    assert_eq!(answer["Pozycje"][0]["Kod"], json!("PK"));
    assert_eq!(answer["Pozycje"][0]["Zaznaczony"], json!(false));
    assert_eq!(answer["CzasSerwera"], json!("2026-11-21T09:30:00.125+01:00"));
    let answer = bench.call("B2BTowary/Lista", json!({"Ile": 99, "OdDnia": "2026-11-21"})).await;
    assert_eq!(answer["Pozycje"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_page_has_more_rows_than_maks_ile_and_longer_lists_of_keys_are_refused() {
    let bench = Bench::with(|builder| builder.maks_ile(10)).await;
    let refused = async |path, question| super::refusals(&bench.call(path, question).await) == ["BledneDane"];
    for ile in [0, -1] {
        assert!(refused("B2BTowary/Lista", json!({"Ile": ile})).await, "{ile}");
    }
    let page = bench.call("B2BTowary/Lista", json!({"Ile": 5_000})).await;
    assert_eq!((page["Pozycje"].as_array().unwrap().len(), &page["Koniec"]), (10, &json!(false)));
    let ids: Vec<i32> = (1..=11).collect();
    assert!(refused("B2BTowary/Pobierz", json!({"ID": ids})).await);
    assert!(refused("B2BTowary/Pobierz", json!({"ID": []})).await);
    assert_eq!(bench.snapshot("B2BCeny/Detaliczne", 7).await.len(), 60);
}

#[tokio::test]
async fn altone_serves_the_same_goods_in_packets() {
    let bench = Bench::new().await;
    let goods = bench.simulator.goods();
    let (mut kody, mut last) = (Vec::new(), json!(0));
    loop {
        let question = json!({"LastID": last, "PacketSize": 25, "IdTowarow": [], "Conditions": []});
        let mut answer = bench.call("FakturyHandloweWebAPI/GetTowary", question).await;
        let rows = answer["Data"].take();
        let rows = rows.as_array().unwrap();
        assert_eq!(answer["ReadRecords"], json!(rows.len()));
        kody.extend(rows.iter().map(|row| row["Kod"].as_str().unwrap().to_owned()));
        assert_eq!(answer["ToReadRecords"], json!(goods.len() - kody.len()));
        last = answer["LastID"].take();
        if answer["AllRows"] == json!(true) {
            break;
        }
    }
    assert_eq!(kody, goods.into_iter().map(|towar| towar.kod).collect::<Vec<_>>());
}
