//! The same life through the ports of AltOne's contract: its documents say what those of `b2b` say.

use rust_decimal::Decimal;
use soneta_webapi::altone::{AltOneFaktury, AltOneWydania, GetCommercialDocument};
use soneta_webapi::{
    DokumentId, DokumentyQuery, ErrorKind, Faktura, Faktury, Kategoria, PozycjaDokumentu, StatusKSeF,
    Wydania, Wydanie,
};

use super::{Company, pln, upserts};

/// A company whose order was delivered in two parts, invoiced, accepted by KSeF, and corrected on both sides.
async fn lived() -> (Company, AltOneFaktury, AltOneWydania) {
    let company = Company::new().await;
    let Company { simulator, client, order, lines } = &company;
    let part = simulator.ship(order.0, &[(lines[0], Decimal::ONE)]).unwrap();
    simulator.ship(order.0, &[]).unwrap();
    let invoice = simulator.invoice(order.0).unwrap();
    simulator.ksef_accept(invoice.id).unwrap();
    simulator.correct(invoice.id, invoice.pozycje[0].id, None, Some(Decimal::new(900, 2))).unwrap();
    simulator.correct(part.id, part.pozycje[0].id, Some(Decimal::ZERO), None).unwrap();
    let korekty = |symbol: &str| vec![symbol.to_owned()];
    let faktury = AltOneFaktury::builder().client(client.clone()).korekty(korekty("KFV")).build();
    let wydania = AltOneWydania::builder().client(client.clone()).korekty(korekty("KWZ")).build();
    (company, faktury, wydania)
}

/// What both contracts say of a line.
fn line(line: &PozycjaDokumentu) -> impl PartialEq + std::fmt::Debug {
    let PozycjaDokumentu { id, lp, kod, nazwa, ilosc, cena_netto, wartosc_netto, stawka_vat, .. } =
        line.clone();
    ((id, lp, kod, nazwa), (ilosc, cena_netto, wartosc_netto, stawka_vat))
}

fn assert_same_invoice(altone: &Faktura, b2b: &Faktura) {
    let header = |one: &Faktura| {
        let Faktura { id, guid, numer, kategoria, definicja, stan, koryguje_numer, .. } = one.clone();
        ((id, guid, numer, kategoria, definicja, stan, koryguje_numer), (one.data, one.data_operacji))
    };
    assert_eq!(header(altone), header(b2b));
    assert_eq!((&altone.suma_netto, &altone.suma_brutto), (&b2b.suma_netto, &b2b.suma_brutto));
    assert_eq!(
        (&altone.sumy_vat, &altone.platnosci, &altone.ksef),
        (&b2b.sumy_vat, &b2b.platnosci, &b2b.ksef)
    );
    assert_eq!((&altone.numer_obcy, &altone.kontrahent.kod), (&b2b.numer_obcy, &b2b.kontrahent.kod));
    assert!(altone.pozycje.iter().map(line).eq(b2b.pozycje.iter().map(line)), "{altone:?}");
}

fn assert_same_note(altone: &Wydanie, b2b: &Wydanie) {
    let header = |one: &Wydanie| {
        let Wydanie { id, guid, numer, kategoria, definicja, stan, koryguje_numer, .. } = one.clone();
        ((id, guid, numer, kategoria, definicja, stan, koryguje_numer), (one.data, one.data_operacji))
    };
    assert_eq!(header(altone), header(b2b));
    assert_eq!((&altone.suma_netto, &altone.suma_brutto), (&b2b.suma_netto, &b2b.suma_brutto));
    assert_eq!((&altone.numer_obcy, &altone.magazyn), (&b2b.numer_obcy, &b2b.magazyn));
    let town = |one: &Wydanie| one.adres_dostawy.as_ref().unwrap().miejscowosc.clone();
    let receiver = |one: &Wydanie| one.odbiorca.as_ref().unwrap().kod.clone();
    assert_eq!((town(altone), receiver(altone)), (town(b2b), receiver(b2b)));
    assert!(altone.pozycje.iter().map(line).eq(b2b.pozycje.iter().map(line)), "{altone:?}");
}

#[tokio::test]
async fn invoices_and_delivery_notes_are_those_of_b2b() {
    let (company, faktury, wydania) = lived().await;
    let query = DokumentyQuery::default();
    let mut expected = company.invoices(&mut None).await;
    expected.sort_by_key(|invoice| invoice.id);
    let invoices = upserts(faktury.list_faktury(&query).await.unwrap());
    assert_eq!((invoices.len(), expected.len()), (2, 2));
    for (altone, b2b) in invoices.iter().zip(&expected) {
        assert_same_invoice(altone, b2b);
        assert_same_invoice(&faktury.get_faktura(altone.id).await.unwrap().unwrap(), b2b);
    }
    let [invoice, correction] = <[_; 2]>::try_from(invoices).unwrap();
    assert_eq!((invoice.suma_netto, invoice.suma_brutto), (Some(pln(4_020)), Some(pln(4_793))));
    assert_eq!(invoice.ksef.unwrap().status, StatusKSeF::Przyjety);
    assert_eq!(correction.koryguje_numer.as_deref(), Some(invoice.numer.as_str()));
    assert_eq!((correction.suma_netto, correction.kategoria), (Some(pln(-315)), Kategoria::KorektaSprzedazy));

    let mut expected = company.notes().await;
    expected.sort_by_key(|note| note.id);
    let notes = upserts(wydania.list_wydania(&query).await.unwrap());
    assert_eq!((notes.len(), expected.len()), (3, 3));
    for (altone, b2b) in notes.iter().zip(&expected) {
        assert_same_note(altone, b2b);
    }
    assert_eq!(notes[2].kategoria, Kategoria::KorektaWydania);
    assert_eq!(faktury.get_faktura(notes[0].id).await.unwrap(), None, "a delivery note is no invoice");
}

#[tokio::test]
async fn printed_documents_are_the_same_files() {
    let (company, faktury, wydania) = lived().await;
    let b2b = company.client.b2b();
    for invoice in company.invoices(&mut None).await {
        let own = faktury.get_faktura_pdf(invoice.id).await.unwrap();
        assert_eq!(own.bytes, b2b.faktury().pdf(invoice.id).await.unwrap().bytes);
    }
    for note in company.notes().await {
        let own = wydania.get_wydanie_pdf(note.id).await.unwrap();
        assert_eq!(own.bytes, b2b.wydania().get_wydanie_pdf(note.id).await.unwrap().bytes);
    }
    let unknown = faktury.get_faktura_pdf(DokumentId(999)).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn the_older_shape_tells_the_same_totals_and_its_kategoria() {
    let (company, ..) = lived().await;
    for invoice in company.invoices(&mut None).await {
        let older = company.client.send(&GetCommercialDocument::by_id(invoice.id)).await.unwrap().unwrap();
        assert_eq!((older.numer_pelny, older.kategoria), (Some(invoice.numer), Some(invoice.kategoria)));
        assert_eq!((older.netto_cy, older.brutto_cy), (invoice.suma_netto, invoice.suma_brutto));
        let vat: Decimal = invoice.sumy_vat.iter().map(|sum| sum.vat).sum();
        assert_eq!(older.vat_cy.unwrap().value, vat);
        assert_eq!((older.data, older.pozycje.len()), (Some(invoice.data), invoice.pozycje.len()));
    }
    let by_number =
        GetCommercialDocument::by_numer_obcy("PO/5", company.simulator.contractors()[0].kod.clone());
    let first = company.client.send(&by_number).await.unwrap().unwrap();
    assert_eq!(first.id, Some(company.order), "the oldest of those with the buyer's number");
}
