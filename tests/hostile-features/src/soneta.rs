//! Answers and requests of enova365.

use soneta_webapi::altone::GetTowary;
use soneta_webapi::b2b::{StanyLista, TowaryLista, ZamowieniaDodaj, ZamowieniaPobierz};
use soneta_webapi::wire::{Cecha, Currency, Quantity};
use soneta_webapi::{
    Change, ControllerCall, Decimal, DokumentId, Effect, Endpoint, KluczZamowienia, KontrahentId, NaiveDate,
    NoweZamowienie, PozycjaZamowienia, Refusal, StanDokumentu, TowarId, TypTowaru, Uuid,
};

use crate::values::{LONG, decimal};

fn sent(call: &impl Endpoint) -> String {
    String::from_utf8(call.body().unwrap().unwrap().to_vec()).unwrap()
}

#[test]
fn rows_with_quantities_keep_every_digit() {
    let call = StanyLista::builder().ile(1).build();
    let answer = format!(
        r#"{{"Success":true,"Koniec":true,"PoId":7,"Pozycje":[{{"TowarId":7,"Kod":"A","Zaznaczony":true,"Jednostka":"szt","Magazyny":[{{
           "MagazynId":1,"Magazyn":"F","Stan":{{"Value":{LONG},"Symbol":"szt"}},"Zarezerwowane":"0,1000000000000000055 szt","Dostepne":1e-2}}]}},
           {{"TowarId":8,"Kod":"B","Zaznaczony":true,"Magazyny":[{{"MagazynId":1,"Magazyn":"F","Stan":"?","Zarezerwowane":0,"Dostepne":0}}]}}]}}"#
    );
    let page = call.decode(answer.as_bytes()).unwrap();
    let row = page.pozycje[0].as_ref().unwrap();
    let stan = &row.magazyny[0];
    assert_eq!((row.towar_id, stan.stan.to_string().as_str()), (TowarId(7), LONG));
    assert_eq!(stan.zarezerwowane.to_string(), "0.1000000000000000055");
    assert_eq!(stan.dostepne.to_string(), "0.01");
    let bad = page.pozycje[1].as_ref().unwrap_err();
    assert_eq!((bad.position, bad.id, bad.kod.as_deref()), (1, Some(8), Some("B")));
}

#[test]
fn changes_with_cechy_and_enums_by_number_are_read() {
    let call = TowaryLista::builder().ile(10).build();
    let answer = format!(
        r#"{{"Success":true,"CzasSerwera":"2026-11-21T09:31:07.002+01:00","Koniec":true,"ZmienionePo":"2026-11-21T09:30:00.125+01:00","PoId":3,
           "Pozycje":[{{"ID":2,"Guid":"97e7f69a-a1dc-45e1-8d3b-31082c3da1d4","Kod":"BUTY","Nazwa":"Buty","Jednostka":"para","Typ":1,"Blokada":false,"Zaznaczony":true,
           "Jednostki":[{{"Kod":"karton","Licznik":10,"Mianownik":1}}],"MasaNetto":{{"Value":{LONG},"Symbol":"kg"}},
           "Cechy":[{{"Nazwa":"Cena","Wartosc":{LONG}}}],"DataZmiany":"2026-11-21T09:30:00.125+01:00"}},
           {{"ID":3,"Kod":"WYCOFANY","Usunieto":true,"DataZmiany":"2026-11-21T09:30:00.125+01:00"}}]}}"#
    );
    let page = call.decode(answer.as_bytes()).unwrap();
    let Ok(Change::Upsert(towar)) = &page.pozycje[0] else { panic!("{:?}", page.pozycje[0]) };
    assert_eq!((towar.id, towar.typ.clone()), (TowarId(2), Some(TypTowaru::Towar)));
    assert_eq!(towar.masa_netto, Some(Quantity::new(decimal(LONG), "kg")));
    assert_eq!(towar.cecha("Cena").and_then(|cecha| cecha.wartosc.decimal()), Some(decimal(LONG)));
    assert!(matches!(&page.pozycje[1], Ok(Change::Deleted(gone)) if gone.id == 3));
}

#[test]
fn orders_with_money_are_read() {
    let answer = format!(
        r#"{{"Success":true,"Koniec":true,"Pozycje":[{{"ID":101,"Guid":"6f1e8ac6-87dc-4720-b50d-f769e475ed40","Numer":"ZO/1","KontrahentId":1,"Stan":1,
           "Potwierdzenie":"Potwierdzony","SumaNetto":{{"Value":{LONG},"Symbol":"PLN"}},"SumaBrutto":"{LONG} PLN","Pozycje":[],"Dokumenty":null}}]}}"#
    );
    let call = ZamowieniaPobierz::from(&KluczZamowienia::Id(DokumentId(101)));
    let orders = call.decode(answer.as_bytes()).unwrap().pozycje;
    let order = orders[0].as_ref().unwrap();
    assert_eq!((order.id, &order.stan), (DokumentId(101), &StanDokumentu::Zatwierdzony));
    let sum = Some(Currency::new(decimal(LONG), "PLN"));
    assert_eq!((&order.suma_netto, &order.suma_brutto), (&sum, &sum));
}

#[test]
fn an_order_is_sent_with_its_digits_and_in_its_order() {
    let order = NoweZamowienie::builder()
        .guid(Uuid::parse_str("6f1e8ac6-87dc-4720-b50d-f769e475ed40").unwrap())
        .kontrahent_id(KontrahentId(1))
        .magazyn("F")
        .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
        .pozycje(vec![
            PozycjaZamowienia::builder()
                .id_obcy("1")
                .kod("BUTY")
                .ilosc(Quantity::new(decimal("0.1000000000000000055"), "para"))
                .cena_netto(Currency::new(decimal(LONG), "PLN"))
                .cechy(vec![Cecha::new("Grawer", decimal("1.50"))])
                .build(),
        ])
        .build();
    let body = sent(&ZamowieniaDodaj::from(&order));
    assert!(
        body.starts_with(r#"{"Guid":"6f1e8ac6-87dc-4720-b50d-f769e475ed40","KontrahentId":1,"#),
        "{body}"
    );
    assert!(body.contains(r#""Magazyn":"F","Data":"2026-11-21","#), "{body}");
    let line = format!(
        r#"{{"IdObcy":"1","Kod":"BUTY","Ilosc":{{"Value":0.1000000000000000055,"Symbol":"para"}},"CenaNetto":{{"Value":{LONG},"Symbol":"PLN"}},"CenaStala":true,"Cechy":[{{"Nazwa":"Grawer","Wartosc":"1.50"}}]}}"#
    );
    assert!(body.contains(&line), "{body}");
}

#[test]
fn packets_of_altone_are_asked_for_and_read() {
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let call = GetTowary::builder().last_id(7).update_date(day).build();
    assert_eq!(
        sent(&call),
        r#"{"LastID":7,"PacketSize":200,"Conditions":[],"UpdateDate":{"Year":2026,"Month":11,"Day":21},"IdTowarow":[]}"#
    );
    let answer = br#"{"Success":true,"Data":[{"ID":8,"Kod":"A","Nazwa":"A","TypTowaru":2,"Features":[{"Name":"VIP","Value":true,"Type":"Bool","UpdateDate":null}]}],
        "AllRows":true,"LastID":8,"ToReadRecords":0,"ReadRecords":1}"#;
    let packet = call.decode(answer).unwrap();
    let card = packet.data.into_iter().next().unwrap().unwrap().into_towar().unwrap();
    assert_eq!((packet.last_id, card.typ.clone()), (8, Some(TypTowaru::Usluga)));
    assert_eq!(card.cecha("VIP").and_then(|cecha| cecha.wartosc.bool()), Some(true));
}

#[test]
fn a_refusal_is_read_with_its_places() {
    let call = StanyLista::builder().ile(1).build();
    let error = call
        .decode(br#"{"Success":false,"Errors":[{"Kod":"BrakStanu","Message":"Brak","Lp":2,"Pole":"Ilosc"}]}"#)
        .unwrap_err();
    assert_eq!((error.code(), Refusal::of(&error).unwrap().entries()[0].lp), (Some("BrakStanu"), Some(2)));
}

#[test]
fn a_call_by_name_sends_and_reads_values_alone() {
    let call = ControllerCall::<Currency>::new("SimpleDataApi", "PostCurrencyData", Effect::Read)
        .object(&Currency::new(decimal(LONG), "PLN"))
        .unwrap();
    let text = format!(r#"{{"Value":{LONG},"Symbol":"PLN"}}"#);
    assert_eq!(sent(&call), text);
    assert_eq!(call.decode(text.as_bytes()).unwrap().value, decimal(LONG));
    let scalar = ControllerCall::<Decimal>::new("SimpleDataApi", "PostDecimalData", Effect::Read)
        .scalar("decimalValue", decimal(LONG));
    assert_eq!(scalar.query(), [("decimalValue", LONG.to_owned())]);
}
