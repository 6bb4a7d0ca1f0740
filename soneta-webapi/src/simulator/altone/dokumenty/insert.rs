//! `FakturyHandloweWebAPI/InsertDokumentHandlowy`, of which customers' orders (`ZO`) with net prices are made.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::zrodlo::date;
use crate::simulator::{
    altone::{Date, FeatureIn, koperta::answer},
    answer::{Blad, Outcome},
    b2b::line::named,
    catalogue::{Vat, id_of},
    company::Company,
    error::SimulatorError,
    number::{Amount, AmountIn, to_grosz},
    orders::{BUFOR, OrderDocument, OrderLine},
};

/// The request. Parts that make no difference to an order are accepted as they are.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::altone) struct Insert {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<FeatureIn>>,
    attachments: Option<Vec<Value>>,
    guid: Option<Uuid>,
    data_operacji: Option<Date>,
    data: Option<Date>,
    data_dostawy: Option<Date>,
    definicja: Option<String>,
    magazyn: Option<String>,
    #[serde(rename = "SposobLiczeniaVAT")]
    sposob_liczenia_vat: Option<String>,
    dane_kontrahenta: Option<Dane>,
    dane_odbiorcy: Option<Dane>,
    pozycje: Option<Vec<PozycjaIn>>,
    platnosci: Option<Vec<PlatnoscIn>>,
    numer_pelny: Option<String>,
    wartosc_cy: Option<AmountIn>,
    seria: Option<String>,
    opis: Option<String>,
    numer_obcy: Option<NumerObcyIn>,
    korekta: Option<Value>,
    #[serde(rename = "KorektaVAT")]
    korekta_vat: Option<bool>,
    #[serde(rename = "PozycjeVAT")]
    pozycje_vat: Option<Vec<Value>>,
    podsumowanie: Option<Value>,
    tabela_kursowa: Option<Value>,
    zatwierdzony: Option<bool>,
    anulowany: Option<bool>,
    stan_dokumentu_handlowego: Option<String>,
    #[serde(rename = "KSeF")]
    ksef: Option<Value>,
    dane_podmiotu_trzeciego: Option<Value>,
    #[serde(rename = "PodmiotyDodatkoweKSeF")]
    podmioty_dodatkowe_ksef: Option<Vec<Value>>,
    test_mode: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Dane {
    kod: Option<String>,
    nazwa: Option<String>,
    #[serde(rename = "EuVAT")]
    eu_vat: Option<String>,
    status_podmiotu: Option<String>,
    rodzaj_podmiotu: Option<String>,
    adres: Option<Adres>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Adres {
    ulica: Option<String>,
    nr_domu: Option<String>,
    nr_lokalu: Option<String>,
    kod_pocztowy_s: Option<String>,
    miejscowosc: Option<String>,
    poczta: Option<String>,
    wojewodztwo: Option<String>,
    kod_kraju: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PozycjaIn {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<FeatureIn>>,
    attachments: Option<Vec<Value>>,
    lp: Option<i32>,
    kod_towaru: Option<String>,
    ilosc: Option<AmountIn>,
    cena: Option<AmountIn>,
    wartosc: Option<AmountIn>,
    pelna_nazwa: Option<String>,
    cena_po_rabacie: Option<AmountIn>,
    #[serde(rename = "StawkaVAT")]
    stawka_vat: Option<String>,
    #[serde(rename = "GTU")]
    gtu: Option<String>,
    #[serde(rename = "PKWiU")]
    pkwiu: Option<String>,
    podstawa_zwolnienia: Option<String>,
    opis_analityczny: Option<Vec<Value>>,
    test_mode: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PlatnoscIn {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<FeatureIn>>,
    attachments: Option<Vec<Value>>,
    guid: Option<Uuid>,
    #[serde(rename = "EwidencjaSP")]
    ewidencja_sp: Option<String>,
    sposob_zaplaty: Option<String>,
    termin: Option<Date>,
    kwota: Option<AmountIn>,
    rachunek26: Option<String>,
    #[serde(rename = "KwotaMPP")]
    kwota_mpp: Option<AmountIn>,
    kurs: Option<Value>,
    opis: Option<String>,
    test_mode: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NumerObcyIn {
    numer: Option<String>,
    data_otrzymania: Option<Date>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wynik<'a> {
    test_mode: bool,
    #[serde(rename = "ID")]
    id: Option<i32>,
    kod: Option<&'a str>,
    guid: Uuid,
    numer_dokumentu: Option<&'a str>,
    kurs: u8,
    data_wystawienia: Date,
    wartosc_brutto_cy: Amount<'a>,
    wartosc_netto_cy: Amount<'a>,
}

pub(in crate::simulator::altone) fn insert(company: &mut Company, question: Insert) -> Outcome {
    let document = document(company, &question)?;
    let test_mode = question.test_mode.unwrap_or(false);
    let place = if test_mode { None } else { Some(company.add_order(document.clone())?) };
    // After it is kept, what is kept is told.
    let made = place.and_then(|place| company.orders().get(place));
    answer(&Wynik {
        test_mode,
        id: made.map(|made| made.id),
        kod: made.map(|made| made.numer.as_str()),
        guid: document.guid,
        numer_dokumentu: made.map(|made| made.numer.as_str()),
        kurs: 1,
        data_wystawienia: date(document.data),
        wartosc_brutto_cy: Amount::new(document.suma_brutto, &document.waluta),
        wartosc_netto_cy: Amount::new(document.suma_netto, &document.waluta),
    })
}

fn document(
    company: &Company,
    question: &Insert,
) -> Result<OrderDocument, crate::simulator::answer::Failure> {
    let tresc = serde_json::to_string(question)
        .map_err(|error| SimulatorError::state_file("the request cannot be kept").because(error))?;
    let data = question.data.as_ref().and_then(Date::day).ok_or_else(|| Blad::missing("Data"))?;
    question.data_operacji.as_ref().and_then(Date::day).ok_or_else(|| Blad::missing("DataOperacji"))?;
    match question.definicja.as_deref() {
        None => return Err(Blad::missing("Definicja").into()),
        Some("ZO") => {}
        Some(_) => return Err(Blad::not_found("Definicja", "Nie znaleziono definicji dokumentu.").into()),
    }
    if question.sposob_liczenia_vat.as_deref().is_some_and(|word| word != "OdNetto") {
        return Err(Blad::invalid("SposobLiczeniaVAT", "Obsługiwane jest liczenie OdNetto.").into());
    }
    let magazyn = question.magazyn.as_ref().ok_or_else(|| Blad::missing("Magazyn"))?;
    if company.catalogue.place_of_magazyn(magazyn).is_none() {
        return Err(Blad::not_found("Magazyn", format!("Nie znaleziono magazynu „{magazyn}”.")).into());
    }
    let kupujacy = question.dane_kontrahenta.as_ref().ok_or_else(|| Blad::missing("DaneKontrahenta"))?;
    let kontrahent_id = kontrahent(company, kupujacy)?;
    if let Some(odbiorca) = &question.dane_odbiorcy {
        kontrahent(company, odbiorca)?;
    }
    let platnosci = question.platnosci.as_ref().ok_or_else(|| Blad::missing("Platnosci"))?;
    for platnosc in platnosci {
        platnosc.sposob_zaplaty.as_ref().ok_or_else(|| Blad::missing("SposobZaplaty"))?;
        platnosc.kwota.as_ref().ok_or_else(|| Blad::missing("Kwota"))?;
    }
    let wartosc = question.wartosc_cy.as_ref().ok_or_else(|| Blad::missing("WartoscCy"))?;
    let lines = question.pozycje.as_ref().ok_or_else(|| Blad::missing("Pozycje"))?;
    if lines.is_empty() {
        return Err(Blad::missing("Pozycje").into());
    }
    let (pozycje, sums) = pozycje(company, lines, &wartosc.symbol)?;
    let guid = question.guid.unwrap_or_else(|| {
        Uuid::new_v5(&company.baza, format!("DokHandlowe {}", company.next_ids().0).as_bytes())
    });
    if company.order_of(guid).is_some() {
        return Err(Blad::new("Konflikt", "Guid", "Istnieje już dokument o tym identyfikatorze.").into());
    }
    let zatwierdzony = question.zatwierdzony.unwrap_or(false);
    let suma_brutto = sums.iter().map(|(vat, netto)| vat.gross(*netto)).sum();
    if zatwierdzony {
        company.within_limit(kontrahent_id, suma_brutto)?;
    }
    let termin = platnosci.first().and_then(|platnosc| platnosc.termin.as_ref()).and_then(Date::day);
    Ok(OrderDocument {
        id: company.next_ids().0,
        guid,
        numer: if zatwierdzony { company.next_number() } else { BUFOR.to_owned() },
        numer_obcy: question.numer_obcy.as_ref().and_then(|numer| numer.numer.clone()),
        kontrahent_id,
        magazyn: magazyn.clone(),
        data,
        zatwierdzony,
        anulowany: false,
        wersja: 1,
        uwagi: question.opis.clone(),
        forma_platnosci: platnosci.first().and_then(|platnosc| platnosc.sposob_zaplaty.clone()),
        termin_dni: termin.and_then(|termin| i32::try_from((termin - data).num_days()).ok()),
        suma_netto: sums.values().sum(),
        suma_brutto,
        waluta: "PLN".to_owned(),
        pozycje,
        zmieniono: company.now().0,
        tresc,
    })
}

fn kontrahent(company: &Company, dane: &Dane) -> Result<i32, Blad> {
    let kod = dane.kod.as_ref().ok_or_else(|| Blad::missing("Kod"))?;
    dane.nazwa.as_ref().ok_or_else(|| Blad::missing("Nazwa"))?;
    if let Some(adres) = &dane.adres {
        let required = [
            (&adres.ulica, "Ulica"),
            (&adres.nr_domu, "NrDomu"),
            (&adres.nr_lokalu, "NrLokalu"),
            (&adres.kod_pocztowy_s, "KodPocztowyS"),
            (&adres.miejscowosc, "Miejscowosc"),
            (&adres.kod_kraju, "KodKraju"),
        ];
        if let Some((_, pole)) = required.into_iter().find(|(part, _)| part.is_none()) {
            return Err(Blad::missing(pole));
        }
    }
    let place = company.catalogue.kontrahenci.iter().position(|one| one.kod == *kod);
    let place =
        place.ok_or_else(|| Blad::not_found("Kod", format!("Nie znaleziono kontrahenta „{kod}”.")))?;
    let blocked = company.catalogue.kontrahenci.get(place).is_some_and(|one| one.blokada_sprzedazy);
    if blocked {
        let message = format!("Sprzedaż kontrahentowi „{kod}” jest zablokowana.");
        return Err(Blad::new("BlokadaSprzedazy", "Kod", message));
    }
    Ok(id_of(place))
}

/// The lines, and the net sums per VAT rate.
fn pozycje(
    company: &Company,
    lines: &[PozycjaIn],
    waluta: &str,
) -> Result<(Vec<OrderLine>, BTreeMap<Vat, Decimal>), Blad> {
    let mut made = Vec::with_capacity(lines.len());
    let mut sums = BTreeMap::new();
    for (line, id) in lines.iter().zip(company.next_ids().1..) {
        let lp = line.lp.ok_or_else(|| Blad::missing("Lp"))?;
        let kod = line.kod_towaru.as_deref().ok_or_else(|| Blad::missing("KodTowaru"))?;
        let good = named(company, None, Some(kod), line.ilosc.as_ref(), None)?;
        let cena = line.cena.as_ref().ok_or_else(|| Blad::missing("Cena"))?;
        if waluta != "PLN" || cena.symbol != waluta || cena.value.0 < Decimal::ZERO {
            return Err(Blad::invalid("Cena", "Cena musi być nieujemna i w PLN, jak wartość dokumentu."));
        }
        *sums.entry(good.towar.vat).or_insert(Decimal::ZERO) += to_grosz(cena.value.0 * good.ilosc);
        made.push(OrderLine {
            id,
            id_obcy: lp.to_string(),
            towar_id: id_of(good.place),
            kod: good.towar.kod.to_string(),
            ilosc: good.ilosc,
            jednostka: good.jednostka,
            cena_netto: cena.value.0,
            zarezerwowano: Decimal::ZERO,
            brakuje: Decimal::ZERO,
        });
    }
    Ok((made, sums))
}
