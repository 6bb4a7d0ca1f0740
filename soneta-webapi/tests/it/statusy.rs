//! The status of an order: what the rules make of what is known, and how far lines and documents say that it is fulfilled.

use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use soneta_webapi::{
    Definicje, Kategoria, MapaStatusow, Potwierdzenie, PrzebiegZamowienia, Realizacja, RegulaStatusu,
    StanDokumentu, StatusZamowienia, Wydanie, Zamowienie,
};

use crate::erp::fixture;

/// The order of the fixture with these lines: ordered, fulfilled.
fn order(lines: &[(&str, Option<&str>)]) -> Zamowienie {
    let mut row: Value = serde_json::from_str(&fixture("b2b_zamowienia_statusy")).unwrap();
    let mut row = row["Pozycje"][0].take();
    row["Pozycje"] = lines
        .iter()
        .enumerate()
        .map(|(id, (ilosc, done))| {
            json!({"ID": id, "Ilosc": format!("{ilosc} szt"), "Zrealizowano": done.map(|done| format!("{done} szt"))})
        })
        .collect();
    serde_json::from_str(&row.to_string()).unwrap()
}

/// A delivery note of these lines: the order's line, quantity, quantity before a correction.
fn note(id: i32, stan: &str, lines: &[(i32, Decimal, Option<Decimal>)]) -> Wydanie {
    let quantity = |ilosc: &Decimal| format!("{ilosc} szt");
    let lines: Vec<Value> = lines
        .iter()
        .map(|(line, ilosc, before)| {
            json!({"ID": 1, "Ilosc": quantity(ilosc), "ZamowienieId": 101, "ZamowieniePozycjaId": line,
                "Przed": before.as_ref().map(|before| json!({"Ilosc": quantity(before)}))})
        })
        .collect();
    let row = json!({"ID": id, "Numer": "WZ", "Kategoria": "WydanieMagazynowe", "Stan": stan, "Data": "2026-11-21",
        "Kontrahent": {}, "Pozycje": lines});
    serde_json::from_str(&row.to_string()).unwrap()
}

#[rstest]
#[case::nothing(&[("3", Some("0")), ("1", Some("0"))], Some(Realizacja::Brak))]
#[case::one_line(&[("3", Some("3")), ("1", Some("0"))], Some(Realizacja::Czesciowa))]
#[case::part_of_a_line(&[("3", Some("0.5"))], Some(Realizacja::Czesciowa))]
#[case::all(&[("3", Some("3.0")), ("1", Some("1"))], Some(Realizacja::Pelna))]
#[case::more_than_ordered(&[("3", Some("4"))], Some(Realizacja::Pelna))]
#[case::a_line_of_nothing_does_not_count(&[("3", Some("3")), ("0", None)], Some(Realizacja::Pelna))]
#[case::not_told(&[("3", None)], None)]
#[case::not_told_but_another_is_short(&[("3", None), ("2", Some("1"))], Some(Realizacja::Czesciowa))]
#[case::not_told_and_the_others_are_whole(&[("3", None), ("2", Some("2"))], None)]
#[case::not_told_and_the_others_have_nothing(&[("3", None), ("2", Some("0"))], None)]
#[case::no_lines(&[], None)]
fn fulfilment_follows_from_the_lines(
    #[case] lines: &[(&str, Option<&str>)],
    #[case] expected: Option<Realizacja>,
) {
    assert_eq!(Realizacja::of_pozycje(&order(lines).pozycje), expected);
}

#[test]
fn a_line_fulfilled_in_another_unit_does_not_tell_and_may_be_left_out() {
    let mut order = order(&[("3", Some("3")), ("1", Some("1"))]);
    order.pozycje[1].zrealizowano.as_mut().unwrap().symbol = "karton".to_owned();
    assert_eq!(Realizacja::of_pozycje(&order.pozycje), None);
    assert_eq!(Realizacja::of_pozycje(&order.pozycje[..1]), Some(Realizacja::Pelna));
}

#[test]
fn fulfilment_follows_from_delivery_notes_and_their_corrections() {
    let order = order(&[("3", None), ("1", None)]);
    let [one, two, three] = [Decimal::ONE, Decimal::TWO, 3.into()];
    let all = note(2, "Zatwierdzony", &[(0, two, None), (1, one, None)]);
    let part = note(1, "Zatwierdzony", &[(0, one, None)]);
    let taken_back = note(3, "Zatwierdzony", &[(0, one, Some(two))]);
    let of = |notes: &[&Wydanie]| {
        let notes: Vec<Wydanie> = notes.iter().map(|&note| note.clone()).collect();
        Realizacja::of_wydania(&order, &notes)
    };
    assert_eq!(of(&[]), Some(Realizacja::Brak));
    assert_eq!(of(&[&part]), Some(Realizacja::Czesciowa));
    assert_eq!(of(&[&part, &all]), Some(Realizacja::Pelna));
    assert_eq!(of(&[&part, &part]), of(&[&part]), "a document that came twice counts once");
    assert_eq!(of(&[&part, &all, &taken_back]), Some(Realizacja::Czesciowa));
    assert_eq!(of(&[&note(1, "Anulowany", &[(0, three, None), (1, one, None)])]), Some(Realizacja::Brak));
    assert_eq!(of(&[&note(1, "Wstrzymany", &[(0, three, None)])]), None, "a state that nobody knows");
    assert_eq!(of(&[&note(1, "Zatwierdzony", &[(7, three, None)])]), None, "a line that the order has not");
    let mut other = note(1, "Wstrzymany", &[(0, three, None)]);
    other.pozycje[0].zamowienie_id = Some(soneta_webapi::DokumentId(7));
    assert_eq!(of(&[&other, &part]), Some(Realizacja::Czesciowa), "another order's");
    let mut cartons = part.clone();
    cartons.pozycje[0].ilosc.symbol = "karton".to_owned();
    assert_eq!(of(&[&cartons]), None);
    assert_eq!(of(&[&note(1, "Zatwierdzony", &[(0, Decimal::MAX, None), (0, Decimal::MAX, None)])]), None);
}

#[test]
fn a_line_that_names_no_order_does_not_tell_unless_the_others_are_all() {
    let order = order(&[("3", None)]);
    let unlinked = |id, kategoria| {
        let mut note = note(id, "Zatwierdzony", &[(0, Decimal::ONE, None)]);
        note.kategoria = kategoria;
        note.pozycje[0].zamowienie_id = None;
        note
    };
    let line = unlinked(1, Kategoria::WydanieMagazynowe);
    let (part, all) = (
        note(2, "Zatwierdzony", &[(0, Decimal::TWO, None)]),
        note(3, "Zatwierdzony", &[(0, 3.into(), None)]),
    );
    let mut cancelled = line.clone();
    cancelled.stan = StanDokumentu::Anulowany;
    let correction = unlinked(1, Kategoria::KorektaWydania);
    let of = |notes: &[&Wydanie]| {
        let notes: Vec<Wydanie> = notes.iter().map(|&note| note.clone()).collect();
        Realizacja::of_wydania(&order, &notes)
    };
    assert_eq!(of(&[&line]), None);
    assert_eq!(of(&[&line, &part]), None);
    assert_eq!(of(&[&line, &all]), Some(Realizacja::Pelna));
    assert_eq!(of(&[&cancelled, &part]), Some(Realizacja::Czesciowa));
    assert_eq!(of(&[&correction, &all]), None, "it may have taken something back");
}

#[test]
fn a_correction_that_does_not_say_what_it_started_from_does_not_tell() {
    let order = order(&[("3", None)]);
    let all = note(1, "Zatwierdzony", &[(0, 3.into(), None)]);
    let mut correction = note(2, "Zatwierdzony", &[(0, Decimal::TWO, None)]);
    correction.kategoria = Kategoria::KorektaWydania;
    assert_eq!(Realizacja::of_wydania(&order, &[all, correction]), None);
}

fn przebieg(
    stan: &str,
    potwierdzenie: &str,
    realizacja: Option<Realizacja>,
    dokumenty: &[Kategoria],
) -> PrzebiegZamowienia {
    PrzebiegZamowienia::builder()
        .stan(StanDokumentu::from(stan))
        .potwierdzenie(Potwierdzenie::from(potwierdzenie))
        .maybe_realizacja(realizacja)
        .dokumenty(dokumenty.iter().cloned().collect())
        .build()
}

#[rstest]
#[case::in_the_buffer("Bufor", "Niepotwierdzony", None, &[], "processing")]
#[case::approved("Zatwierdzony", "Niepotwierdzony", Some(Realizacja::Brak), &[], "processing")]
#[case::confirmed("Zatwierdzony", "Potwierdzony", Some(Realizacja::Brak), &[], "confirmed")]
#[case::accepted("Zablokowany", "Zaakceptowany", Some(Realizacja::Brak), &[], "confirmed")]
#[case::partly("Zatwierdzony", "Niepotwierdzony", Some(Realizacja::Czesciowa), &[Kategoria::WydanieMagazynowe], "partly_shipped")]
#[case::partly_with_invoice("Zatwierdzony", "Potwierdzony", Some(Realizacja::Czesciowa), &[Kategoria::Sprzedaz], "partly_shipped")]
#[case::shipped("Zatwierdzony", "Potwierdzony", Some(Realizacja::Pelna), &[Kategoria::WydanieMagazynowe], "shipped")]
#[case::invoiced("Zatwierdzony", "Niepotwierdzony", Some(Realizacja::Pelna), &[Kategoria::Sprzedaz], "invoiced")]
#[case::rejected("Zatwierdzony", "Odrzucony", Some(Realizacja::Brak), &[], "rejected")]
#[case::cancelled("Anulowany", "Potwierdzony", Some(Realizacja::Pelna), &[Kategoria::Sprzedaz], "cancelled")]
#[case::cancelled_of_which_nothing_else_is_known("Anulowany", "Dziwny", None, &[], "cancelled")]
fn the_standard_rules_derive_every_status(
    #[case] stan: &str,
    #[case] potwierdzenie: &str,
    #[case] realizacja: Option<Realizacja>,
    #[case] dokumenty: &[Kategoria],
    #[case] expected: &str,
) {
    let mapa = MapaStatusow::default();
    let status = mapa.status(&przebieg(stan, potwierdzenie, realizacja, dokumenty)).unwrap();
    assert_eq!(status.as_str(), expected);
    assert!(!matches!(status, StatusZamowienia::Own(_)));
    assert_eq!(mapa.is_terminal(&status), ["invoiced", "cancelled", "rejected"].contains(&expected));
}

#[rstest]
#[case::unknown_state("Wstrzymany", "Niepotwierdzony", Some(Realizacja::Pelna))]
#[case::unknown_confirmation("Zatwierdzony", "Dziwny", Some(Realizacja::Brak))]
#[case::unknown_fulfilment("Zatwierdzony", "Potwierdzony", None)]
fn what_no_rule_names_is_reported_with_what_was_seen(
    #[case] stan: &str,
    #[case] potwierdzenie: &str,
    #[case] realizacja: Option<Realizacja>,
) {
    let seen = przebieg(stan, potwierdzenie, realizacja, &[]);
    let unmapped = MapaStatusow::default().status(&seen).unwrap_err();
    assert_eq!(unmapped.przebieg, seen);
    assert!(unmapped.to_string().contains(stan) && unmapped.to_string().contains(potwierdzenie));
}

#[test]
fn own_statuses_come_from_codes_and_rules_and_never_hide_a_cancellation() {
    let paid_first = RegulaStatusu::builder()
        .status("awaiting_payment")
        .stan(vec![StanDokumentu::Bufor])
        .status_zewn(vec!["PRZEDPLATA".to_owned()])
        .build();
    let mapa = MapaStatusow::default().with_status_zewn("KURIER", "handed_over").with_rule(paid_first);
    let status = |stan: &str, kod: &str| {
        let mut seen = przebieg(stan, "Niepotwierdzony", Some(Realizacja::Brak), &[]);
        seen.status_zewn = Some(kod.to_owned());
        mapa.status(&seen).unwrap().as_str().to_owned()
    };
    assert_eq!(status("Zatwierdzony", "KURIER"), "handed_over");
    assert_eq!(status("Anulowany", "KURIER"), "cancelled");
    assert_eq!(status("Bufor", "PRZEDPLATA"), "awaiting_payment");
    assert_eq!(status("Zatwierdzony", "PRZEDPLATA"), "processing");
    assert!(!mapa.is_terminal(&"handed_over".into()));
}

#[test]
fn the_map_is_data_and_comes_back_as_it_was() {
    let mapa = MapaStatusow::default().with_status_zewn("KURIER", "handed_over");
    let text = serde_json::to_string(&mapa).unwrap();
    assert_eq!(serde_json::from_str::<MapaStatusow>(&text).unwrap(), mapa);
    let few = r#"{"wlasne":[{"status":"shipped","realizacja":["czesciowa"]}],"koncowe":["cancelled"],"definicje":{"faktura":["FV","FVE"]}}"#;
    let few: MapaStatusow = serde_json::from_str(few).unwrap();
    let status = few.status(&przebieg("Zatwierdzony", "Niepotwierdzony", Some(Realizacja::Czesciowa), &[]));
    assert_eq!(status, Ok(StatusZamowienia::Shipped));
    assert_eq!(few.reguly, MapaStatusow::default().reguly);
    assert!(!few.is_terminal(&StatusZamowienia::Invoiced));
    assert_eq!(few.definicje.wydanie, ["WZ"]);
    assert!(serde_json::from_str::<MapaStatusow>(r#"{"regulki":[]}"#).is_err(), "a misspelt setting");
    insta::assert_json_snapshot!("standard_rules", MapaStatusow::default());
}

#[test]
fn kinds_go_before_symbols_and_symbols_are_settings() {
    let definicje = Definicje::builder().faktura(vec!["FS".to_owned()]).build();
    let of = |kategoria: &str, symbol| definicje.kategoria(&Kategoria::from(kategoria), symbol);
    assert_eq!(of("WydanieMagazynowe", Some("FS")), Kategoria::WydanieMagazynowe);
    assert_eq!(of("Inna", Some("FS")), Kategoria::Sprzedaz);
    assert_eq!(of("WZ", None), Kategoria::WydanieMagazynowe);
    assert_eq!(of("WZ", Some("FS")), Kategoria::Sprzedaz);
    assert_eq!(of("FV", Some("?")), Kategoria::from("FV"), "not a symbol here");
    let mut order = order(&[("3", Some("3"))]);
    order.dokumenty[0].kategoria = Kategoria::from("FS");
    let mut mapa = MapaStatusow::default();
    mapa.definicje = definicje;
    assert_eq!(mapa.status_of(&order), Ok(StatusZamowienia::Invoiced));
    assert_eq!(MapaStatusow::default().status_of(&order), Ok(StatusZamowienia::Shipped));
}

fn word(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => ".{0,8}"]
}

fn any_course() -> impl Strategy<Value = PrzebiegZamowienia> {
    let realizacja = prop::option::of(prop::sample::select(vec![
        Realizacja::Brak,
        Realizacja::Czesciowa,
        Realizacja::Pelna,
    ]));
    let kinds =
        prop::collection::btree_set(word(&["Sprzedaż", "WydanieMagazynowe", "KorektaSprzedaży"]), 0..4);
    let stan = word(&["Bufor", "Zatwierdzony", "Zablokowany", "Anulowany"]);
    let potwierdzenie = word(&["Niepotwierdzony", "Potwierdzony", "Zaakceptowany", "Odrzucony"]);
    (stan, potwierdzenie, realizacja, prop::option::of(word(&["KURIER", "BRAK"])), kinds).prop_map(
        |(stan, potwierdzenie, realizacja, status_zewn, kinds)| {
            let kinds: Vec<Kategoria> = kinds.iter().map(|kind| Kategoria::from(kind.as_str())).collect();
            let mut course = przebieg(&stan, &potwierdzenie, realizacja, &kinds);
            course.status_zewn = status_zewn;
            course
        },
    )
}

/// How far a status is; cancelled and rejected orders are out of it.
fn rank(status: &StatusZamowienia) -> Option<usize> {
    ["processing", "confirmed", "partly_shipped", "shipped", "invoiced"]
        .iter()
        .position(|word| *word == status.as_str())
}

fn any_quantity() -> impl Strategy<Value = Decimal> {
    (0_i64..5_000, 0_u32..4).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

proptest! {
    #[test]
    fn every_order_has_one_status_or_is_reported(course in any_course()) {
        let mapa = MapaStatusow::default();
        match mapa.status(&course) {
            Ok(status) => prop_assert!(mapa.reguly.iter().any(|rule| rule.status == status && rule.holds(&course))),
            Err(unmapped) => {
                prop_assert!(mapa.reguly.iter().all(|rule| !rule.holds(&course)));
                prop_assert_eq!(unmapped.przebieg, course);
            }
        }
    }

    #[test]
    fn the_first_rule_that_holds_decides(course in any_course(), own in any_course()) {
        let own = RegulaStatusu::builder().status("own").stan(vec![own.stan]).potwierdzenie(vec![own.potwierdzenie]).build();
        let (before, after) = (MapaStatusow::default(), MapaStatusow::default().with_rule(own.clone()));
        if own.holds(&course) {
            prop_assert_eq!(after.status(&course), Ok(StatusZamowienia::from("own")));
        } else {
            prop_assert_eq!(after.status(&course), before.status(&course));
        }
        let mut last = MapaStatusow::default();
        last.reguly.push(own);
        if let Ok(status) = before.status(&course) {
            prop_assert_eq!(last.status(&course), Ok(status));
        }
    }

    #[test]
    fn more_fulfilment_or_an_invoice_never_moves_an_order_back(course in any_course()) {
        let mapa = MapaStatusow::default();
        let at = |realizacja, invoiced: bool| {
            let mut course = course.clone();
            course.realizacja = Some(realizacja);
            course.dokumenty.remove(&Kategoria::Sprzedaz);
            course.dokumenty.extend(invoiced.then_some(Kategoria::Sprzedaz));
            mapa.status(&course)
        };
        let steps = [
            (Realizacja::Brak, false), (Realizacja::Czesciowa, false), (Realizacja::Pelna, false), (Realizacja::Pelna, true),
        ];
        let statuses: Vec<_> = steps.iter().map(|(realizacja, invoiced)| at(*realizacja, *invoiced)).collect();
        for pair in statuses.windows(2) {
            match (&pair[0], &pair[1]) {
                (Ok(before), Ok(after)) => prop_assert!(rank(after) >= rank(before), "{before:?} {after:?}"),
                (Ok(_), Err(unmapped)) => prop_assert!(false, "{unmapped}"),
                (Err(_), _) => {}
            }
        }
        for realizacja in [Realizacja::Brak, Realizacja::Czesciowa] {
            prop_assert_eq!(at(realizacja, true).ok(), at(realizacja, false).ok(), "an invoice ships nothing");
        }
    }

    #[test]
    fn fulfilling_a_line_further_never_lowers_fulfilment(
        lines in prop::collection::vec((any_quantity(), any_quantity(), any_quantity()), 1..6),
    ) {
        let read = |further: bool| {
            let texts: Vec<_> = lines.iter().map(|(ilosc, done, more)| {
                (ilosc.to_string(), (if further { done + more } else { *done }).to_string())
            }).collect();
            let lines: Vec<_> = texts.iter().map(|(ilosc, done)| (ilosc.as_str(), Some(done.as_str()))).collect();
            Realizacja::of_pozycje(&order(&lines).pozycje)
        };
        prop_assert!(read(true) >= read(false));
    }

    #[test]
    fn delivery_notes_say_what_the_lines_say_however_they_are_split_and_corrected(
        lines in prop::collection::vec((any_quantity(), prop::collection::vec((any_quantity(), any_quantity()), 0..4)), 1..4),
    ) {
        let mut notes = Vec::new();
        let mut texts = Vec::new();
        for (line, (ilosc, parts)) in (0..).zip(&lines) {
            let mut done = Decimal::ZERO;
            for (part, after) in parts {
                let id = i32::try_from(notes.len()).unwrap();
                notes.push(note(id, "Zatwierdzony", &[(line, *part, None)]));
                notes.push(note(id + 1, "Zatwierdzony", &[(line, *after, Some(*part))]));
                done += after;
            }
            texts.push((ilosc.to_string(), done.to_string()));
        }
        let told: Vec<_> = texts.iter().map(|(ilosc, done)| (ilosc.as_str(), Some(done.as_str()))).collect();
        let untold: Vec<_> = texts.iter().map(|(ilosc, _)| (ilosc.as_str(), None)).collect();
        prop_assert_eq!(Realizacja::of_wydania(&order(&untold), &notes), Realizacja::of_pozycje(&order(&told).pozycje));
    }

    #[test]
    fn every_word_is_a_status_and_comes_back(word in ".{0,12}") {
        let status = StatusZamowienia::from(word.as_str());
        prop_assert_eq!(status.as_str(), word.as_str());
        let text = serde_json::to_string(&status).unwrap();
        prop_assert_eq!(serde_json::from_str::<StatusZamowienia>(&text).unwrap(), status);
    }
}
