//! AltOne's contractors: the list, in packets or whole, and the upsert.
//!
//! A contractor is found by `ID`, then `Guid`, then `Kod`. What is not sent falls back to its default, as in some real builds,
//! except features. Filters other than `Kod`, `Guid`, `EuVAT` and `IDs` are accepted and ignored.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};
use uuid::Uuid;

use super::{
    Date, Filter, first_instant,
    koperta::{Packet, Zapisano, answer},
    powiazania,
};
use crate::simulator::{
    answer::{Blad, Outcome},
    catalogue::{Adres, Instant, Kontrahent, id_of},
    company::Company,
    number::Number,
};

/// What AltOne's contract has written: whole cards, by place of the contractor.
pub(in crate::simulator) type Karty = BTreeMap<usize, String>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some filters are accepted and ignored")]
pub(super) struct Lista {
    #[serde(rename = "LastID")]
    last_id: Option<i32>,
    packet_size: Option<i32>,
    conditions: Option<Vec<Filter>>,
    update_date: Option<Date>,
    kod: Option<String>,
    nazwa: Option<String>,
    #[serde(rename = "EuVAT")]
    eu_vat: Option<String>,
    #[serde(rename = "PESEL")]
    pesel: Option<String>,
    miejscowosc: Option<String>,
    guid: Option<Uuid>,
    #[serde(rename = "CechaExternalID")]
    cecha_external_id: Option<String>,
    powiazania: Option<bool>,
    #[serde(rename = "IDs")]
    ids: Option<Vec<i32>>,
    warunki_handlowe: Option<bool>,
    odsetki_karne: Option<bool>,
}

/// A contractor as it is written and as it is answered.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(super) struct Karta {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<Value>>,
    attachments: Option<Vec<Value>>,
    guid: Option<Uuid>,
    kod: Option<String>,
    nazwa: Option<String>,
    blokada: Option<bool>,
    zamiennik: Option<Value>,
    #[serde(rename = "EuVAT")]
    eu_vat: Option<String>,
    status_podmiotu: Option<String>,
    #[serde(rename = "REGON")]
    regon: Option<String>,
    #[serde(rename = "PESEL")]
    pesel: Option<String>,
    #[serde(rename = "KRS")]
    krs: Option<String>,
    uwagi: Option<String>,
    oddzial: Option<String>,
    blokada_sprzedazy: Option<bool>,
    adres: Option<Value>,
    adres_korespondencyjny: Option<Value>,
    rachunki: Option<Vec<Value>>,
    forma_platnosci: Option<Value>,
    kontakt: Option<Value>,
    rachunek_domyslny: Option<String>,
    #[serde(rename = "PodatnikVAT")]
    podatnik_vat: Option<bool>,
    forma_prawna_kod: Option<String>,
    rodzaj_podmiotu: Option<String>,
    rodzaj_podmiotu_zakup: Option<String>,
    vat_liczony_od: Option<String>,
    powiazania_kontrahenta: Option<Value>,
    /// As text: it holds money.
    warunki_handlowe: Option<Box<RawValue>>,
    #[serde(rename = "OdsetkiKarneDTO")]
    odsetki_karne: Option<Value>,
    #[serde(skip_serializing)]
    test_mode: Option<bool>,
}

/// The card as it was written, with what the company knows by itself as it is now.
fn karta(company: &Company, place: usize) -> Option<Karta> {
    let kontrahent = company.catalogue.kontrahenci.get(place)?;
    let mut karta = match company.karty.get(&place) {
        Some(karta) => serde_json::from_str(karta).ok()?,
        None => first_card(kontrahent),
    };
    karta.id = Some(id_of(place));
    karta.guid = Some(kontrahent.guid);
    karta.kod = Some(kontrahent.kod.clone());
    karta.nazwa = Some(kontrahent.nazwa.clone());
    karta.eu_vat = Some(match kontrahent.eu_vat.as_str() {
        "" => kontrahent.nip.clone(),
        eu_vat => eu_vat.to_owned(),
    });
    karta.rodzaj_podmiotu = Some(kontrahent.rodzaj_vat.clone());
    karta.blokada_sprzedazy = Some(kontrahent.blokada_sprzedazy);
    if let Some(other) = kontrahent.zastapiony_przez_id {
        karta.zamiennik = powiazania::base(company, other);
    }
    let adres = &kontrahent.adres;
    let known = [
        ("Ulica", &adres.ulica),
        ("NrDomu", &adres.nr_domu),
        ("NrLokalu", &adres.nr_lokalu),
        ("KodPocztowyS", &adres.kod_pocztowy),
        ("Miejscowosc", &adres.miejscowosc),
        ("Poczta", &adres.poczta),
        ("KodKraju", &adres.kod_kraju),
        ("Telefon", &adres.telefon),
    ];
    set(&mut karta.adres, known.map(|(name, value)| (name, json!(value))));
    set(
        &mut karta.forma_platnosci,
        [
            ("Nazwa", json!(kontrahent.forma_platnosci)),
            ("TerminDni", json!(kontrahent.termin_dni)),
            ("Waluta", json!(kontrahent.waluta)),
        ],
    );
    Some(karta)
}

fn set<const N: usize>(object: &mut Option<Value>, fields: [(&str, Value); N]) {
    if let Value::Object(object) = object.get_or_insert_with(|| json!({})) {
        object.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
}

/// The card of a contractor that AltOne's contract has not written.
fn first_card(kontrahent: &Kontrahent) -> Karta {
    let limit = kontrahent.limit.as_ref();
    Karta {
        attachments_count: Some(0),
        table_name: Some("Kontrahenci".to_owned()),
        features: Some(Vec::new()),
        attachments: Some(Vec::new()),
        blokada: Some(false),
        status_podmiotu: Some("PodmiotGospodarczy".to_owned()),
        regon: Some(String::new()),
        uwagi: Some(format!("Karta {}", kontrahent.kod)),
        adres: Some(json!({
            "Gmina": "", "Powiat": "", "Wojewodztwo": "nieokreślone", "Kraj": "", "Faks": "",
        })),
        rachunki: Some(Vec::new()),
        forma_platnosci: Some(json!({"Blokada": false, "KodPlatnika": null})),
        podatnik_vat: Some(true),
        vat_liczony_od: Some("OdNetto".to_owned()),
        warunki_handlowe: to_raw_value(&json!({
            "TypLimituKredytowego": if limit.is_some() { "Kwota" } else { "Nieograniczony" },
            "LimitKredytu": {"Value": limit.unwrap_or(&Number(Decimal::ZERO)), "Symbol": "PLN"},
            "TypPrzeterminowania": "Nieograniczony", "KontrolaKwota": {"Value": 0, "Symbol": "PLN"},
            "KontrolaDni": 0, "Efaktura": "Brak",
        }))
        .ok(),
        ..Karta::default()
    }
}

/// The cards of the contractors that are asked for, with the parts that were.
fn found<'a>(company: &'a Company, question: &'a Lista) -> impl Iterator<Item = (i32, Karta)> + 'a {
    let since = question.update_date.as_ref().and_then(first_instant);
    let ids = question.ids.as_deref().unwrap_or_default();
    let places = company.catalogue.kontrahenci.iter().enumerate();
    let places = places
        .filter(move |(place, _)| ids.is_empty() || ids.contains(&id_of(*place)))
        .filter(move |(_, known)| since.is_none_or(|since| known.zmieniono >= since));
    places.filter_map(|(place, _)| {
        let mut karta = karta(company, place)?;
        let wanted = question.kod.as_ref().is_none_or(|kod| karta.kod.as_ref() == Some(kod))
            && question.guid.is_none_or(|guid| karta.guid == Some(guid))
            && question.eu_vat.as_ref().is_none_or(|eu_vat| karta.eu_vat.as_ref() == Some(eu_vat));
        if question.warunki_handlowe != Some(true) {
            karta.warunki_handlowe = None;
        }
        if question.odsetki_karne != Some(true) {
            karta.odsetki_karne = None;
        }
        let written = karta.powiazania_kontrahenta.take();
        if wanted && question.powiazania == Some(true) {
            karta.powiazania_kontrahenta = powiazania::of(company, id_of(place), written);
        }
        wanted.then_some((id_of(place), karta))
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kontrahenci {
    count: usize,
    kontrahenci: Vec<Karta>,
}

pub(super) fn get_contractors(company: &mut Company, question: Lista) -> Outcome {
    let found = found(company, &question).filter(|(id, _)| *id > question.last_id.unwrap_or(0));
    let kontrahenci: Vec<Karta> = found.map(|(_, karta)| karta).collect();
    answer(&Kontrahenci { count: kontrahenci.len(), kontrahenci })
}

pub(super) fn get_packable_contractors(company: &mut Company, question: Lista) -> Outcome {
    let (last_id, packet_size) = (question.last_id, question.packet_size);
    answer(&Packet::of(found(company, &question), last_id, packet_size, company.maks_ile, |karta| karta))
}

pub(super) fn update_contractor(company: &mut Company, mut nowa: Karta) -> Outcome {
    if nowa.nazwa.as_deref().unwrap_or_default().is_empty() {
        return Err(Blad::missing("Nazwa").into());
    }
    let all = 0..company.catalogue.kontrahenci.len();
    let found = all.map(|place| (place, karta(company, place))).find(|(place, karta)| match &nowa {
        Karta { id: Some(id), .. } => id_of(*place) == *id,
        Karta { guid: Some(guid), .. } => karta.as_ref().is_some_and(|karta| karta.guid == Some(*guid)),
        nowa => nowa.kod.is_some() && karta.as_ref().is_some_and(|karta| karta.kod == nowa.kod),
    });
    let (place, old) = match found {
        Some((place, old)) => (place, old),
        None if nowa.id.is_some() => {
            return Err(Blad::not_found("ID", "Brak kontrahenta.").into());
        }
        None => (company.catalogue.kontrahenci.len(), None),
    };
    let id = id_of(place);
    let old = old.unwrap_or_default();
    let mut features = old.features.unwrap_or_default();
    for feature in nowa.features.take().unwrap_or_default() {
        features.retain(|own| own.get("Name") != feature.get("Name"));
        features.push(feature);
    }
    let kod = nowa.kod.or(old.kod).unwrap_or_else(|| format!("K{id}"));
    let guid = nowa.guid.or(old.guid).unwrap_or_else(|| Uuid::new_v5(&company.baza, kod.as_bytes()));
    (nowa.id, nowa.kod, nowa.guid) = (Some(id), Some(kod.clone()), Some(guid));
    (nowa.features, nowa.table_name) = (Some(features), Some("Kontrahenci".to_owned()));
    let test_mode = nowa.test_mode == Some(true);
    if !test_mode {
        let karta = serde_json::to_string(&nowa).unwrap_or_default();
        company.write_card(place, karta)?;
    }
    answer(&Zapisano { id: Some(id), kod: Some(&kod), test_mode })
}

/// What the rest of the company knows of a card; what no card has stays as it is.
pub(in crate::simulator) fn contractor(
    karta: &str,
    before: Option<&Kontrahent>,
    zmieniono: Instant,
) -> Option<Kontrahent> {
    let karta: Karta = serde_json::from_str(karta).ok()?;
    let text = |object: &Option<Value>, name: &str| {
        let value = object.as_ref().and_then(|object| object.get(name)).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let termin = karta.forma_platnosci.as_ref().and_then(|forma| forma.get("TerminDni"));
    let mut kontrahent = match (before, karta.guid) {
        (Some(before), _) => before.clone(),
        (None, Some(guid)) => Kontrahent::fresh(guid),
        (None, None) => return None,
    };
    kontrahent.kod = karta.kod?;
    kontrahent.nazwa = karta.nazwa?;
    kontrahent.eu_vat = karta.eu_vat.unwrap_or_default();
    // One field of the card holds both: without a country it is the Polish one.
    if !kontrahent.eu_vat.starts_with(|sign: char| sign.is_ascii_alphabetic()) {
        kontrahent.nip.clone_from(&kontrahent.eu_vat);
    }
    kontrahent.rodzaj_vat = karta.rodzaj_podmiotu.unwrap_or_else(|| "Krajowy".to_owned());
    kontrahent.adres = Adres {
        ulica: text(&karta.adres, "Ulica"),
        nr_domu: text(&karta.adres, "NrDomu"),
        nr_lokalu: text(&karta.adres, "NrLokalu"),
        kod_pocztowy: text(&karta.adres, "KodPocztowyS"),
        miejscowosc: text(&karta.adres, "Miejscowosc"),
        poczta: text(&karta.adres, "Poczta"),
        kod_kraju: text(&karta.adres, "KodKraju"),
        telefon: text(&karta.adres, "Telefon"),
        ..std::mem::take(&mut kontrahent.adres)
    };
    kontrahent.forma_platnosci = text(&karta.forma_platnosci, "Nazwa");
    kontrahent.termin_dni =
        termin.and_then(Value::as_i64).and_then(|days| i32::try_from(days).ok()).unwrap_or(0);
    let waluta = text(&karta.forma_platnosci, "Waluta");
    kontrahent.waluta = if waluta.is_empty() { "PLN".to_owned() } else { waluta };
    kontrahent.blokada_sprzedazy = karta.blokada_sprzedazy.unwrap_or_default();
    kontrahent.wersja += 1;
    kontrahent.zmieniono = zmieniono;
    Some(kontrahent)
}
