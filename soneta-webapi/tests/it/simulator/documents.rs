//! Delivery notes, invoices and corrections: what they move, how they add up, how they are kept and printed.

use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use soneta_webapi::simulator::{DocumentKind, SimulatorErrorKind, TradeDocument};

use super::Bench;

/// IDs of what was made in the course of an order.
pub(super) struct Life {
    pub(super) delivery: i32,
    pub(super) invoice: i32,
}

/// An order (ID 101 on a new bench) that was confirmed, delivered in two parts, invoiced, corrected, and accepted by KSeF.
pub(super) async fn life(bench: &Bench) -> Life {
    let order = placed(bench, super::orders::order(bench, 77)).await;
    let (id, line) = (order["ID"].as_i64().unwrap(), order["Pozycje"][0]["ID"].clone());
    let made = async |path: &str, body: Value| {
        let (status, answer) = bench.control(path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        serde_json::from_str::<Value>(&answer).unwrap()
    };
    made("_sim/confirm", json!({"ID": id})).await;
    made("_sim/external_status", json!({"ID": id, "Kod": "KURIER"})).await;
    let first = made("_sim/ship", json!({"ID": id, "Pozycje": [{"ID": line, "Ilosc": 1}]})).await;
    made("_sim/ship", json!({"ID": id})).await;
    let invoice = made("_sim/invoice", json!({"ID": id})).await;
    let documents = bench.simulator.documents();
    let corrected = documents.last().unwrap().pozycje[0].id;
    let correction = json!({"ID": invoice["ID"], "Pozycja": corrected, "CenaNetto": 9.99});
    made("_sim/correct", correction).await;
    let taken_back = json!({"ID": first["ID"], "Pozycja": documents[0].pozycje[0].id, "Ilosc": 0});
    made("_sim/correct", taken_back).await;
    made("_sim/ksef", json!({"ID": invoice["ID"]})).await;
    let [delivery, invoice] =
        [&first, &invoice].map(|made| i32::try_from(made["ID"].as_i64().unwrap()).unwrap());
    Life { delivery, invoice }
}

async fn placed(bench: &Bench, mut order: Value) -> Value {
    order["Zatwierdz"] = json!(true);
    let made = bench.call("B2BZamowienia/Dodaj", order).await;
    assert_eq!(made["Success"], json!(true), "{made}");
    made
}

/// On hand and reserved of the stocked good in warehouse F.
fn stock(bench: &Bench, kod: &str) -> (Decimal, Decimal) {
    let good = bench.simulator.goods().into_iter().find(|towar| towar.kod == kod).unwrap();
    (good.stany[0].stan, good.stany[0].zarezerwowane)
}

async fn status(bench: &Bench, id: i64) -> Value {
    bench.call("B2BZamowienia/Statusy", json!({"ID": [id]})).await["Pozycje"][0].take()
}

#[tokio::test]
async fn a_delivery_moves_stock_frees_the_reservation_and_fulfils_the_order() {
    let bench = Bench::new().await;
    let good = bench.stocked();
    bench.simulator.set_stock(&good.kod, "F", 5.into()).unwrap();
    placed(&bench, super::orders::order(&bench, 1)).await;
    assert_eq!(stock(&bench, &good.kod), (5.into(), 2.into()));
    let before = status(&bench, 101).await;
    bench.clock.pass(chrono::Duration::minutes(1));
    let note = bench.simulator.ship(101, &[(1_001, Decimal::ONE)]).unwrap();
    assert_eq!((note.id, note.numer.as_str(), note.kind), (102, "WZ/000001/26", DocumentKind::DeliveryNote));
    assert_eq!(stock(&bench, &good.kod), (4.into(), 1.into()));
    let after = status(&bench, 101).await;
    assert_ne!(before["DataZmiany"], after["DataZmiany"]);
    assert_eq!(after["Pozycje"][0]["Zrealizowano"]["Value"], json!(1));
    assert_eq!(after["Pozycje"][0]["Zarezerwowano"]["Value"], json!(1));
    assert_eq!(
        after["Dokumenty"],
        json!([{"Kategoria": "WydanieMagazynowe", "ID": 102, "Numer": "WZ/000001/26"}])
    );
    let rest = bench.simulator.ship(101, &[]).unwrap();
    assert_eq!(rest.pozycje.len(), 2, "the rest of the good, and the courier");
    assert_eq!(stock(&bench, &good.kod), (3.into(), 0.into()));
    let taken_back = bench.simulator.correct(rest.id, rest.pozycje[0].id, Some(Decimal::ZERO), None).unwrap();
    assert_eq!((taken_back.numer.as_str(), taken_back.koryguje_id), ("KWZ/000001/26", Some(rest.id)));
    assert_eq!(stock(&bench, &good.kod), (4.into(), 0.into()));
    let after = status(&bench, 101).await;
    assert_eq!(after["Pozycje"][0]["Zrealizowano"]["Value"], json!(1));
    assert_eq!(after["Dokumenty"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn people_set_confirmation_and_external_status() {
    let bench = Bench::new().await;
    placed(&bench, super::orders::order(&bench, 1)).await;
    let seen = async || {
        let row = status(&bench, 101).await;
        (row["Potwierdzenie"].clone(), row["StatusZewn"].clone())
    };
    assert_eq!(seen().await, (json!("Niepotwierdzony"), json!(null)));
    bench.simulator.confirm(101).unwrap();
    bench.simulator.set_external_status(101, Some("KURIER")).unwrap();
    assert_eq!(seen().await, (json!("Potwierdzony"), json!("KURIER")));
    bench.simulator.set_external_status(101, None).unwrap();
    assert_eq!(bench.control("_sim/reject", json!({"ID": 101})).await.0, StatusCode::OK);
    assert_eq!(seen().await, (json!("Odrzucony"), json!(null)));
    assert_eq!(bench.control("_sim/reject", json!({"ID": 5})).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_erp_would_not_do_is_refused_and_changes_nothing() {
    let bench = Bench::new().await;
    let good = bench.stocked();
    bench.call("B2BZamowienia/Dodaj", super::orders::order(&bench, 1)).await;
    let refused = |result: Result<TradeDocument, soneta_webapi::simulator::SimulatorError>| {
        assert_eq!(result.unwrap_err().kind(), SimulatorErrorKind::Refused);
    };
    refused(bench.simulator.ship(101, &[]));
    bench.simulator.approve(101).unwrap();
    refused(bench.simulator.invoice(101));
    refused(bench.simulator.ship(101, &[(1_001, 3.into())]));
    refused(bench.simulator.ship(101, &[(1_001, Decimal::ZERO)]));
    refused(bench.simulator.ship(101, &[(1_001, Decimal::ONE), (1_001, Decimal::ONE)]));
    assert_eq!(
        bench.simulator.ship(101, &[(7, Decimal::ONE)]).unwrap_err().kind(),
        SimulatorErrorKind::Unknown
    );
    bench.simulator.set_stock(&good.kod, "F", Decimal::ONE).unwrap();
    refused(bench.simulator.ship(101, &[]));
    let (status, message) = bench.control("_sim/ship", json!({"ID": 101})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{message}");
    assert!(bench.simulator.documents().is_empty());
    bench.simulator.set_stock(&good.kod, "F", 9.into()).unwrap();
    let note = bench.simulator.ship(101, &[]).unwrap();
    refused(bench.simulator.ship(101, &[]));
    let line = note.pozycje[0].id;
    for (ilosc, cena) in
        [(None, None), (Some(3.into()), None), (None, Some(Decimal::ONE)), (Some((-1).into()), None)]
    {
        refused(bench.simulator.correct(note.id, line, ilosc, cena));
    }
    let correction = bench.simulator.correct(note.id, line, Some(Decimal::ONE), None).unwrap();
    refused(bench.simulator.correct(correction.id, correction.pozycje[0].id, Some(Decimal::ZERO), None));
    assert!(bench.simulator.ksef_accept(note.id).is_err(), "no invoice");
    bench.simulator.invoice(note.id).unwrap();
    refused(bench.simulator.invoice(note.id));
    refused(bench.simulator.invoice(101));
}

#[tokio::test]
async fn goods_reserved_for_another_order_are_not_shipped() {
    let bench = Bench::new().await;
    let good = bench.stocked();
    let [first, mut second] = [1, 2].map(|n| super::orders::order(&bench, n));
    bench.simulator.set_stock(&good.kod, "F", 3.into()).unwrap();
    second["Rezerwuj"] = json!("Brak");
    placed(&bench, first).await;
    placed(&bench, second).await;
    let error = bench.simulator.ship(102, &[]).unwrap_err();
    assert_eq!(error.kind(), SimulatorErrorKind::Refused);
    bench.simulator.ship(101, &[]).unwrap();
    bench.simulator.ship(102, &[(1_003, Decimal::ONE)]).unwrap();
}

/// Prices with halves of a grosz on the way, quantities with and without fractions, goods of all rates.
async fn many_documents(bench: &Bench) -> Vec<TradeDocument> {
    let goods: Vec<_> = bench.simulator.goods().into_iter().filter(|good| !good.stany.is_empty()).collect();
    for good in &goods {
        bench.simulator.set_stock(&good.kod, "F", 10_000.into()).unwrap();
    }
    for n in 0..20_usize {
        let line = |m: usize| {
            let good = &goods[(n * 7 + m * 5) % goods.len()];
            let ilosc = if good.jednostka == "kg" {
                Decimal::new(1_125 + i64::try_from(n).unwrap(), 3)
            } else {
                Decimal::from(m + 2)
            };
            let cena = Decimal::new(i64::try_from(n * 37 + m * 101).unwrap() + 5, 2);
            json!({"IdObcy": m.to_string(), "TowarId": good.id, "Ilosc": {"Value": ilosc.to_string(), "Symbol": good.jednostka},
                "CenaNetto": {"Value": cena.to_string(), "Symbol": "PLN"}, "CenaStala": true})
        };
        let mut order = super::orders::order(bench, 1_000 + n as u128);
        order["Pozycje"] = (0..6).map(line).collect();
        let made = placed(bench, order).await;
        let id = i32::try_from(made["ID"].as_i64().unwrap()).unwrap();
        let first = i32::try_from(made["Pozycje"][0]["ID"].as_i64().unwrap()).unwrap();
        bench.simulator.ship(id, &[(first, Decimal::ONE)]).unwrap();
        let note = bench.simulator.ship(id, &[]).unwrap();
        let invoice = bench.simulator.invoice(note.id).unwrap();
        bench.simulator.invoice(id).unwrap();
        for (at, line) in invoice.pozycje.iter().enumerate().skip(n % 3).step_by(2) {
            let cena = (at % 2 == 0).then(|| line.stan.cena_netto + Decimal::new(3, 2));
            bench.simulator.correct(invoice.id, line.id, Some(Decimal::ONE / Decimal::TWO), cena).unwrap();
            bench.simulator.correct(invoice.id, line.id, Some(Decimal::ZERO), None).unwrap();
        }
    }
    bench.simulator.documents()
}

#[tokio::test]
async fn lines_vat_sums_and_totals_of_every_document_add_up() {
    let bench = Bench::new().await;
    let documents = many_documents(&bench).await;
    assert!(documents.len() > 150);
    let mut rates = std::collections::BTreeSet::new();
    for document in &documents {
        let lines = |of: fn(&soneta_webapi::simulator::LineValues) -> Decimal, rate: &str| -> Decimal {
            let lines = document.pozycje.iter().filter(|line| line.stawka_vat == rate);
            lines.map(|line| of(&line.stan) - line.przed.as_ref().map_or(Decimal::ZERO, of)).sum()
        };
        for sum in &document.sumy_vat {
            rates.insert(sum.stawka_vat.clone());
            let percent: Decimal = sum.stawka_vat.trim_end_matches('%').parse().unwrap();
            assert_eq!(
                lines(|values| values.wartosc_netto, &sum.stawka_vat),
                sum.netto,
                "{}",
                document.numer
            );
            assert_eq!(
                lines(|values| values.wartosc_brutto, &sum.stawka_vat),
                sum.netto + sum.vat,
                "{}",
                document.numer
            );
            // Of the sum of the rate; a correction is the difference of two roundings.
            let most = if document.koryguje_id.is_some() { Decimal::new(2, 2) } else { Decimal::new(5, 3) };
            assert!(
                (sum.netto * percent / Decimal::ONE_HUNDRED - sum.vat).abs() <= most,
                "{}",
                document.numer
            );
        }
        assert_eq!(document.sumy_vat.iter().map(|sum| sum.netto).sum::<Decimal>(), document.suma_netto);
        assert_eq!(
            document.sumy_vat.iter().map(|sum| sum.netto + sum.vat).sum::<Decimal>(),
            document.suma_brutto
        );
        for line in &document.pozycje {
            assert_eq!(
                line.stan.wartosc_netto,
                (line.stan.wartosc_netto * Decimal::ONE_HUNDRED).trunc() / Decimal::ONE_HUNDRED
            );
            let exact = line.stan.cena_netto * line.stan.ilosc;
            assert!((exact - line.stan.wartosc_netto).abs() <= Decimal::new(5, 3));
        }
    }
    assert_eq!(rates.len(), 3, "{rates:?}");
    let mut numbers: Vec<&str> = documents.iter().map(|document| document.numer.as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), documents.len(), "each number once");
    let mut ids: Vec<i32> = documents
        .iter()
        .map(|document| document.id)
        .chain(bench.simulator.orders().iter().map(|order| order.id))
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "each ID once, among orders too");
}

#[tokio::test]
async fn tax_is_rounded_half_up_on_the_sum_of_the_rate() {
    let bench = Bench::new().await;
    let rate = |kod: &str| {
        let goods = bench.simulator.goods();
        goods
            .into_iter()
            .find(|good| good.stawka_vat == kod && good.jednostka == "szt" && !good.stany.is_empty())
            .unwrap()
    };
    let (high, low) = (rate("23%"), rate("8%"));
    let line = |n: u8, good: &soneta_webapi::simulator::SimulatedTowar, cena: &str| {
        json!({"IdObcy": n.to_string(), "TowarId": good.id, "Ilosc": {"Value": 1, "Symbol": "szt"},
            "CenaNetto": {"Value": cena, "Symbol": "PLN"}, "CenaStala": true})
    };
    for good in [&high, &low] {
        bench.simulator.set_stock(&good.kod, "F", 10.into()).unwrap();
    }
    // 23 % of 0.50 is 0.115; of 0.25 twice it is the same sum, while each alone would give 0.06.
    let mut order = super::orders::order(&bench, 1);
    order["Pozycje"] = json!([line(1, &high, "0.25"), line(2, &high, "0.25"), line(3, &low, "9.99")]);
    placed(&bench, order).await;
    bench.simulator.ship(101, &[]).unwrap();
    let invoice = bench.simulator.invoice(101).unwrap();
    let sums: Vec<_> =
        invoice.sumy_vat.iter().map(|sum| format!("{} {} {}", sum.stawka_vat, sum.netto, sum.vat)).collect();
    assert_eq!(sums, ["23% 0.50 0.12", "8% 9.99 0.80"]);
    let gross: Vec<_> = invoice.pozycje.iter().map(|line| line.stan.wartosc_brutto.to_string()).collect();
    assert_eq!(gross, ["0.31", "0.31", "10.79"]);
    assert_eq!(
        (invoice.suma_netto.to_string(), invoice.suma_brutto.to_string()),
        ("10.49".into(), "11.41".into())
    );
    assert_eq!(invoice.termin, Some(invoice.data + chrono::Days::new(14)));
}

#[tokio::test]
async fn documents_are_taken_up_again_from_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    let made = life(&bench).await;
    let before = (bench.simulator.documents(), bench.simulator.orders(), bench.simulator.goods());
    let order = status(&bench, 101).await;
    let list = bench.call("B2BFaktury/Lista", json!({"Ile": 9})).await["Pozycje"].take();
    assert_eq!(before.0.len(), 5);
    bench.simulator.stop().await;
    let again = Bench::with(|builder| builder.state_file(&file)).await;
    assert_eq!((again.simulator.documents(), again.simulator.orders(), again.simulator.goods()), before);
    assert_eq!(status(&again, 101).await, order);
    assert_eq!(again.call("B2BFaktury/Lista", json!({"Ile": 9})).await["Pozycje"], list);
    // Numbers and KSeF go on where they were.
    assert_eq!(again.simulator.ksef_accept(made.invoice).unwrap(), before.0[2].ksef_numer.clone().unwrap());
    let second = placed(&again, super::orders::order(&again, 78)).await;
    assert_eq!((&second["ID"], &second["Numer"]), (&json!(107), &json!("ZO/000002/26")));
    assert_eq!(again.simulator.ship(107, &[]).unwrap().numer, "WZ/000003/26");
}

#[tokio::test]
async fn a_printed_document_is_a_whole_pdf_whose_table_leads_to_its_objects() {
    let bench = Bench::new().await;
    let made = life(&bench).await;
    let answer = bench.call("B2BFaktury/Pdf", json!({"ID": made.invoice})).await;
    assert_eq!(answer["Nazwa"], json!("FV_000001_26.pdf"));
    let file = soneta_webapi::Endpoint::decode(
        &soneta_webapi::b2b::FakturyPdf::new(soneta_webapi::DokumentId(made.invoice)),
        answer.to_string().as_bytes(),
    )
    .unwrap();
    let text = String::from_utf8(file.bytes.to_vec()).unwrap();
    let invoice =
        bench.simulator.documents().into_iter().find(|document| document.id == made.invoice).unwrap();
    for printed in
        [invoice.numer.clone(), format!("{} PLN", invoice.suma_brutto), invoice.ksef_numer.unwrap()]
    {
        assert!(text.contains(&printed), "{printed} in {text}");
    }
    let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let mut table = text[start..].lines();
    assert_eq!((table.next(), table.next()), (Some("xref"), Some("0 6")));
    for (number, entry) in table.take(6).enumerate().skip(1) {
        assert_eq!(entry.len(), 19, "{entry:?} and its line break are twenty bytes");
        let at: usize = entry[..10].parse().unwrap();
        assert!(text[at..].starts_with(&format!("{number} 0 obj\n")), "{entry}");
    }
    let stream = text.split("stream\n").nth(1).unwrap().split("\nend").next().unwrap();
    assert!(text.contains(&format!("/Length {} ", stream.len())));
}

#[tokio::test]
async fn the_change_list_of_documents_is_inclusive_pages_and_lists_a_changed_document_again() {
    let bench = Bench::new().await;
    placed(&bench, super::orders::order(&bench, 1)).await;
    for line in [1_001, 1_001, 1_002] {
        bench.simulator.ship(101, &[(line, Decimal::ONE)]).unwrap();
    }
    let ids = |answer: &Value| -> Vec<i64> {
        answer["Pozycje"].as_array().unwrap().iter().map(|row| row["ID"].as_i64().unwrap()).collect()
    };
    let first = bench.call("B2BWydania/Lista", json!({"Ile": 2})).await;
    assert_eq!((ids(&first), &first["Koniec"]), (vec![102, 103], &json!(false)));
    let next = json!({"Ile": 2, "ZmienionePo": first["ZmienionePo"], "PoId": first["PoId"]});
    let second = bench.call("B2BWydania/Lista", next).await;
    assert_eq!((ids(&second), &second["Koniec"]), (vec![104], &json!(true)));
    let inclusive = json!({"Ile": 9, "ZmienionePo": second["ZmienionePo"]});
    assert_eq!(ids(&bench.call("B2BWydania/Lista", inclusive).await), [104]);
    assert_eq!(ids(&bench.call("B2BFaktury/Lista", json!({"Ile": 9})).await), [0_i64; 0]);
    let [first, second] = [102, 103].map(|note| bench.simulator.invoice(note).unwrap());
    let read = bench.call("B2BFaktury/Lista", json!({"Ile": 9})).await;
    assert_eq!(ids(&read), [105, 106]);
    // The clock stands still, and the first invoice has the smaller ID.
    bench.simulator.ksef_accept(first.id).unwrap();
    let next = json!({"Ile": 9, "ZmienionePo": read["ZmienionePo"], "PoId": read["PoId"]});
    let changed = bench.call("B2BFaktury/Lista", next).await;
    assert_eq!((ids(&changed), &changed["Pozycje"][0]["KSeF"]["Status"]), (vec![105], &json!("Przyjety")));
    assert_eq!(
        ids(&bench.call("B2BFaktury/Lista", json!({"Ile": 9, "OdDnia": "2026-11-21"})).await),
        [106, 105]
    );
    assert_eq!(
        ids(&bench.call("B2BFaktury/Lista", json!({"Ile": 9, "OdDnia": "2026-11-22"})).await),
        [0_i64; 0]
    );
    assert_eq!(second.id, 106);
}

#[test]
fn every_kind_has_its_word_and_symbol() {
    let kinds = [
        (DocumentKind::DeliveryNote, "WydanieMagazynowe", "WZ"),
        (DocumentKind::DeliveryCorrection, "KorektaWydaniaMagazynowego", "KWZ"),
        (DocumentKind::Invoice, "Sprzedaż", "FV"),
        (DocumentKind::InvoiceCorrection, "KorektaSprzedaży", "KFV"),
    ];
    for (kind, word, symbol) in kinds {
        assert_eq!((kind.kategoria(), kind.definicja()), (word, symbol));
        assert!(!matches!(soneta_webapi::Kategoria::from(word), soneta_webapi::Kategoria::Unknown(_)));
    }
}
