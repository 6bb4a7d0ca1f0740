//! AltOne's trade documents: orders, delivery notes, invoices and corrections, in both shapes. Making them is in `insert.rs`,
//! the older shape in `handel.rs`.
//!
//! `Conditions` may name a `Guid`; other columns are refused, and so is a list request without `IdDokHandlowych`.

mod handel;
mod insert;
mod zrodlo;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use handel::handel;
pub(super) use insert::insert;

use self::zrodlo::{Dokument, KSeF, Korekta, Platnosc, Pozycja, PozycjaVat, date, documents};
use super::{
    Date, Filter, first_instant,
    koperta::{Packet, answer},
};
use crate::simulator::{
    answer::{Blad, Outcome},
    attachments::Attachment,
    catalogue::Kontrahent,
    company::Company,
    number::Amount,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Lista {
    #[serde(rename = "LastID")]
    last_id: Option<i32>,
    packet_size: Option<i32>,
    conditions: Option<Vec<Filter>>,
    update_date: Option<Date>,
    id_dok_handlowych: Option<Vec<i32>>,
    #[serde(rename = "XMLContentKSeF")]
    _xml_content_ksef: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DokHandlowy<'a> {
    #[serde(rename = "ID")]
    id: i32,
    attachments_count: usize,
    table_name: &'static str,
    features: [u8; 0],
    attachments: Vec<&'a Attachment>,
    guid: Uuid,
    data_operacji: Date,
    data: Date,
    data_dostawy: Option<Date>,
    definicja: &'static str,
    magazyn: &'a str,
    #[serde(rename = "SposobLiczeniaVAT")]
    sposob_liczenia_vat: &'static str,
    dane_kontrahenta: Option<DaneKontrahenta<'a>>,
    dane_odbiorcy: Option<Value>,
    pozycje: Vec<Pozycja<'a>>,
    platnosci: Vec<Platnosc<'a>>,
    numer_pelny: &'a str,
    wartosc_cy: Amount<'a>,
    seria: &'static str,
    opis: Option<&'a str>,
    numer_obcy: NumerObcy<'a>,
    korekta: Option<Korekta<'a>>,
    #[serde(rename = "KorektaVAT")]
    korekta_vat: bool,
    #[serde(rename = "PozycjeVAT")]
    pozycje_vat: Vec<PozycjaVat<'a>>,
    podsumowanie: Podsumowanie<'a>,
    tabela_kursowa: Option<u8>,
    zatwierdzony: bool,
    anulowany: bool,
    stan_dokumentu_handlowego: &'static str,
    #[serde(rename = "KSeF")]
    ksef: Option<KSeF<'a>>,
    dane_podmiotu_trzeciego: Option<u8>,
    #[serde(rename = "PodmiotyDodatkoweKSeF")]
    podmioty_dodatkowe_ksef: Option<[u8; 0]>,
    test_mode: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DaneKontrahenta<'a> {
    kod: &'a str,
    nazwa: &'a str,
    #[serde(rename = "EuVAT")]
    eu_vat: &'a str,
    status_podmiotu: &'static str,
    rodzaj_podmiotu: Option<&'static str>,
    adres: Adres<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Adres<'a> {
    ulica: &'a str,
    nr_domu: &'a str,
    nr_lokalu: &'a str,
    kod_pocztowy_s: &'a str,
    miejscowosc: &'a str,
    poczta: &'a str,
    wojewodztwo: &'static str,
    kod_kraju: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NumerObcy<'a> {
    numer: Option<&'a str>,
    data_otrzymania: Option<Date>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Podsumowanie<'a> {
    netto_cy: Amount<'a>,
    brutto_cy: Amount<'a>,
}

pub(super) fn lista(company: &mut Company, question: Lista) -> Outcome {
    let company = &*company;
    let ids = question.id_dok_handlowych.ok_or_else(|| Blad::missing("IdDokHandlowych"))?;
    let mut guids = Vec::new();
    for filter in question.conditions.unwrap_or_default() {
        guids.push(guid_of(&filter)?);
    }
    let since = question.update_date.as_ref().and_then(first_instant);
    let rows = documents(company)
        .filter(|dokument| ids.is_empty() || ids.contains(&dokument.id))
        .filter(|dokument| guids.iter().all(|guid| dokument.guid == *guid))
        .filter(|dokument| since.is_none_or(|since| dokument.zmieniono >= since))
        .map(|dokument| (dokument.id, dokument));
    let row = |dokument| dok_handlowy(company, &dokument);
    answer(&Packet::of(rows, question.last_id, question.packet_size, company.maks_ile, row))
}

/// The Guid that a condition asks for.
fn guid_of(filter: &Filter) -> Result<Uuid, Blad> {
    let equal = filter.operator.as_deref().is_none_or(|word| word == "Equal");
    let and = filter.logical_operator.as_deref().is_none_or(|word| word == "And");
    if filter.column_name.as_deref() != Some("Guid") || !equal || !and {
        return Err(Blad::invalid("Conditions", "Obsługiwany jest tylko warunek Guid Equal."));
    }
    let guid = filter.filter_value.as_deref().and_then(|text| Uuid::try_parse(text).ok());
    guid.ok_or_else(|| Blad::invalid("Conditions", "FilterValue nie jest identyfikatorem Guid."))
}

fn dok_handlowy<'a>(company: &'a Company, dokument: &Dokument<'a>) -> DokHandlowy<'a> {
    let attachments: Vec<_> = company.attachments("DokHandlowe", dokument.id).collect();
    DokHandlowy {
        id: dokument.id,
        attachments_count: attachments.len(),
        table_name: "DokHandlowe",
        features: [],
        attachments,
        guid: dokument.guid,
        data_operacji: date(dokument.data),
        data: date(dokument.data),
        data_dostawy: None,
        definicja: dokument.definicja,
        magazyn: dokument.magazyn,
        sposob_liczenia_vat: "OdNetto",
        dane_kontrahenta: dokument.kontrahent.map(|one| DaneKontrahenta {
            kod: &one.kod,
            nazwa: &one.nazwa,
            eu_vat: &one.eu_vat,
            status_podmiotu: "PodmiotGospodarczy",
            rodzaj_podmiotu: None,
            adres: adres(one),
        }),
        dane_odbiorcy: odbiorca(company, dokument),
        pozycje: dokument.pozycje(company),
        platnosci: dokument.platnosci(),
        numer_pelny: dokument.numer,
        wartosc_cy: Amount::new(dokument.netto, dokument.waluta),
        seria: "",
        opis: dokument.opis,
        numer_obcy: NumerObcy { numer: dokument.numer_obcy, data_otrzymania: None },
        korekta: dokument.korekta(company),
        korekta_vat: false,
        pozycje_vat: dokument.pozycje_vat(company),
        podsumowanie: Podsumowanie {
            netto_cy: Amount::new(dokument.netto, dokument.waluta),
            brutto_cy: Amount::new(dokument.brutto, dokument.waluta),
        },
        tabela_kursowa: None,
        zatwierdzony: dokument.stan == "Zatwierdzony",
        anulowany: dokument.stan == "Anulowany",
        stan_dokumentu_handlowego: dokument.stan,
        ksef: dokument.ksef(),
        dane_podmiotu_trzeciego: None,
        podmioty_dodatkowe_ksef: None,
        test_mode: false,
    }
}

/// The receiver and the delivery address as the order said them, if it did.
fn odbiorca(company: &Company, dokument: &Dokument<'_>) -> Option<Value> {
    let parties = dokument.parties(company);
    let adres = parties.adres_dostawy();
    if let Some(dane) = parties.dane_odbiorcy {
        return Some(dane);
    }
    let odbiorca = parties.odbiorca_id.and_then(|id| company.catalogue.kontrahent(id));
    if odbiorca.is_none() && adres.is_none() {
        return None;
    }
    let kontrahent = odbiorca.or(dokument.kontrahent)?;
    let adres = adres.map(|mut adres| {
        // The same parts under the names of this contract; it has no telephone and no e-mail address.
        let kod_pocztowy = adres.remove("KodPocztowy");
        adres.extend(kod_pocztowy.map(|kod| ("KodPocztowyS".to_owned(), kod)));
        for other in ["Nazwa", "Telefon", "Email"] {
            adres.remove(other);
        }
        adres
    });
    Some(json!({"Kod": kontrahent.kod, "Nazwa": kontrahent.nazwa, "EuVAT": kontrahent.nip, "Adres": adres}))
}

fn adres(kontrahent: &Kontrahent) -> Adres<'_> {
    Adres {
        ulica: &kontrahent.adres.ulica,
        nr_domu: &kontrahent.adres.nr_domu,
        nr_lokalu: &kontrahent.adres.nr_lokalu,
        kod_pocztowy_s: &kontrahent.adres.kod_pocztowy,
        miejscowosc: &kontrahent.adres.miejscowosc,
        poczta: "",
        wojewodztwo: "nieokreślone",
        kod_kraju: "PL",
    }
}
