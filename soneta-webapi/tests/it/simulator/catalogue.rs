//! Generated and imported catalogues.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use rust_decimal::Decimal;
use serde_json::json;
use soneta_webapi::simulator::{SimulatedKontrahent, SimulatedTowar, Simulator, SimulatorErrorKind};

use super::Bench;

fn ean_is_valid(ean: &str) -> bool {
    let digits: Vec<u32> = ean.chars().map(|digit| digit.to_digit(10).unwrap()).collect();
    let sum: u32 = digits.iter().enumerate().map(|(at, digit)| digit * [1, 3][at % 2]).sum();
    digits.len() == 13 && sum.is_multiple_of(10)
}

#[tokio::test]
async fn a_generated_catalogue_has_valid_codes_prices_and_polish_names() {
    let simulator = Simulator::builder().goods(2_000).seed(3).start().await.unwrap();
    let goods = simulator.goods();
    assert_eq!(goods.iter().map(|towar| &towar.kod).collect::<BTreeSet<_>>().len(), 2_000);
    assert!(goods.iter().filter_map(|towar| towar.ean.as_deref()).all(ean_is_valid));
    assert!(
        goods.iter().any(|towar| towar.nazwa.contains('ż'))
            && goods.iter().any(|towar| towar.nazwa.contains('ł'))
    );
    let rates: BTreeSet<&str> = goods.iter().map(|towar| towar.stawka_vat.as_str()).collect();
    assert_eq!(rates, BTreeSet::from(["23%", "5%", "8%"]));
    for towar in &goods {
        let (netto, brutto) = towar.cena_detaliczna.unwrap();
        let percent: Decimal = towar.stawka_vat.trim_end_matches('%').parse().unwrap();
        let gross = netto * (Decimal::ONE_HUNDRED + percent) / Decimal::ONE_HUNDRED;
        assert!((gross - brutto).abs() <= Decimal::new(5, 3), "{netto} {brutto}");
        assert_eq!(towar.stany.is_empty(), towar.typ == "Usługa");
    }
    let services = goods.iter().filter(|towar| towar.typ == "Usługa").count();
    assert_eq!(services, 41);
    assert!(goods.iter().flat_map(|towar| &towar.stany).any(|stan| !stan.stan.is_zero()));
}

#[tokio::test]
async fn a_hundred_thousand_goods_come_out_the_same_twice_and_are_served_to_the_last() {
    let simulator = Simulator::builder().goods(100_000).seed(5).start().await.unwrap();
    let first = simulator.goods();
    simulator.stop().await;
    let bench = Bench::with(|builder| builder.goods(100_000).seed(5)).await;
    assert!(first == bench.simulator.goods(), "the same seed makes the same goods");
    let other = Simulator::builder().goods(100).seed(6).start().await.unwrap().goods();
    assert!(first[1] != other[1], "another seed makes others");
    let answer = bench.call("B2BStany/Lista", json!({"PoId": 98_000, "Ile": 5_000})).await;
    assert_eq!(
        (&answer["Koniec"], &answer["PoId"]),
        (&json!(true), &json!(99_999)),
        "the last one is a service"
    );
    let rows = answer["Pozycje"].as_array().unwrap();
    let stocked: Vec<&SimulatedTowar> =
        first[98_000..].iter().filter(|towar| towar.typ != "Usługa").collect();
    assert_eq!(rows.len(), stocked.len());
    for (row, towar) in rows.iter().zip(stocked) {
        assert_eq!(row["Kod"], json!(towar.kod));
        let stan: Decimal = row["Magazyny"][2]["Stan"]["Value"].to_string().parse().unwrap();
        assert_eq!(stan, towar.stany[2].stan);
    }
}

const TOWARY: &str = "Guid;Kod;Nazwa;EAN;Typ;Jednostka;Asortyment;Producent;MasaNetto;Blokada\r\n\
    00000000-0000-0000-0000-000000000001;ŁYŻ;Łyżwy „żółte”;2000000001067;Towar;para;\\Wrotki i łyżwy\\;Świt;2.5 kg;False\r\n\
    00000000-0000-0000-0000-000000000002;KSI;\"Książka\n\"\"Gęś\"\"\";;Towar;szt;\\Książki\\;;0;False\r\n\
    00000000-0000-0000-0000-000000000003;MON;Montaż;;Usługa;szt;\\Usługi\\;;0;False\r\n";
const CENNIK: &str = "KodTowaru;DefinicjaCeny;Netto;Brutto;Waluta;Ilosc;Jednostka\r\n\
    ŁYŻ;Podstawowa;1.20;1.48;PLN;1;para\r\nŁYŻ;Detaliczna;\"1,000.00\";1,230.00;PLN;1;para\r\nKSI;Detaliczna;10.00;10.50;PLN;1;szt\r\n";
const KONTRAHENCI: &str = "Guid;Kod;Nazwa;NIP;EuVAT;Ulica;NrDomu;NrLokalu;KodPocztowy;Miejscowosc;TerminDni;LimitKredytu;Waluta;Rabat;BlokadaSprzedazy;StatusPodmiotu;Rodzaj\r\n\
    00000000-0000-0000-0000-000000000011;Żuk;\"Sklep ŻUK\nJan Żukowski\";111-11-11-128;1111111128;Długa;1;;90-001;Łódź;7;1,000.00;PLN;5.00%;False;PodmiotGospodarczy;\\Odbiorcy\\\r\n";

/// The demonstration export if it is there, else a small one.
fn export() -> [String; 3] {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/enova-demo");
    let read = |name: &str| std::fs::read_to_string(demo.join(name)).ok();
    match (read("towary.csv"), read("cennik.csv"), read("kontrahenci.csv")) {
        (Some(towary), Some(cennik), Some(kontrahenci)) => [towary, cennik, kontrahenci],
        _ => [TOWARY, CENNIK, KONTRAHENCI].map(str::to_owned),
    }
}

fn write(folder: &Path, name: &str, export: &[String; 3], encode: impl Fn(&str) -> Vec<u8>) -> PathBuf {
    let folder = folder.join(name);
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in ["towary.csv", "cennik.csv", "kontrahenci.csv"].iter().zip(export) {
        std::fs::write(folder.join(name), encode(text)).unwrap();
    }
    folder
}

async fn imported(folder: &Path) -> (Vec<SimulatedTowar>, Vec<SimulatedKontrahent>) {
    let simulator = Simulator::builder().catalogue(folder).start().await.unwrap();
    (simulator.goods(), simulator.contractors())
}

fn windows_1250(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1250.encode(text);
    assert!(!unmappable);
    bytes.into_owned()
}

#[tokio::test]
async fn an_export_reads_the_same_in_every_encoding() {
    let folder = tempfile::tempdir().unwrap();
    for (name, export) in [("demo", export()), ("small", [TOWARY, CENNIK, KONTRAHENCI].map(str::to_owned))] {
        let plain = write(folder.path(), &format!("{name}-utf8"), &export, |text| text.as_bytes().to_vec());
        let marked = write(folder.path(), &format!("{name}-bom"), &export, |text| {
            [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()
        });
        let older = write(folder.path(), &format!("{name}-1250"), &export, windows_1250);
        let expected = imported(&plain).await;
        assert!(expected.0.len() >= 3 && !expected.1.is_empty());
        assert_eq!(imported(&marked).await, expected);
        assert_eq!(imported(&older).await, expected);
        let services: Vec<_> = expected.0.iter().filter(|towar| towar.typ == "Usługa").collect();
        assert!(!services.is_empty() && services.iter().all(|towar| towar.stany.is_empty()));
    }
}

#[tokio::test]
async fn the_exporters_own_windows_1250_file_reads_like_its_utf_8_one() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/enova-demo");
    let Ok(older) = std::fs::read(demo.join("towary-windows1250.csv")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let copy = write(folder.path(), "1250", &export(), windows_1250);
    std::fs::write(copy.join("towary.csv"), older).unwrap();
    assert_eq!(imported(&copy).await, imported(&demo).await);
}

#[tokio::test]
async fn an_import_keeps_every_digit_and_line_break_and_derives_the_rate() {
    let folder = tempfile::tempdir().unwrap();
    let export = [TOWARY, CENNIK, KONTRAHENCI].map(str::to_owned);
    let (goods, contractors) = imported(&write(folder.path(), "mały", &export, |text| text.into())).await;
    let (netto, brutto) = goods[0].cena_detaliczna.unwrap();
    assert_eq!((netto.to_string(), brutto.to_string()), ("1000.00".to_owned(), "1230.00".to_owned()));
    let rates: Vec<&str> = goods.iter().map(|towar| towar.stawka_vat.as_str()).collect();
    assert_eq!(rates, ["23%", "5%", "23%"]);
    assert_eq!(goods[1].nazwa, "Książka\n\"Gęś\"");
    assert_eq!(goods[2].cena_detaliczna, None);
    assert_eq!((contractors[0].nazwa.as_str(), contractors[0].rabat), ("Sklep ŻUK\nJan Żukowski", 5.into()));
}

#[tokio::test]
async fn a_faulty_export_is_refused_by_file_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("cena", 1, "10.00;10.50", "dycha;10.50", "cennik.csv, line 4, column Netto: not a number"),
        ("kod", 1, "KSI;", "KSY;", "cennik.csv, line 4, column KodTowaru: no such code in towary.csv"),
        ("dwa", 0, ";KSI;", ";ŁYŻ;", "towary.csv, line 3, column Kod: the code occurs twice"),
        ("typ", 0, ";Usługa;", ";Rzecz;", "towary.csv, line 5, column Typ: none of"),
        ("kolumna", 2, "Rabat;", "Upust;", "kontrahenci.csv, line 1, column Rabat: the column is missing"),
    ];
    for (name, file, find, replace, expected) in cases {
        let mut export = [TOWARY, CENNIK, KONTRAHENCI].map(str::to_owned);
        export[file] = export[file].replace(find, replace);
        let folder = write(folder.path(), name, &export, |text| text.into());
        let error = Simulator::builder().catalogue(&folder).start().await.unwrap_err();
        assert_eq!(error.kind(), SimulatorErrorKind::Catalogue);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let error = Simulator::builder().catalogue(folder.path()).start().await.unwrap_err();
    assert!(error.to_string().contains("towary.csv"), "{error}");
}
