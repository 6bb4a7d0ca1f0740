//! AltOne's upsert of goods: a good is found by `ID`, then `Guid`, then `Kod`.
//!
//! The simulated company keeps code, name, kind, bar code, unit, VAT rate and the block of it, and the feature `Portal`; other
//! fields are accepted and dropped. A new good has no price and no stock.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::koperta::{Zapisano, answer};
use crate::simulator::{
    answer::{Blad, Outcome},
    b2b::TICK,
    catalogue::{Typ, Vat, id_of},
    company::Company,
    journal::Kartoteka,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are accepted and dropped")]
pub(super) struct Upsert {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<Feature>>,
    attachments: Option<Vec<Value>>,
    guid: Option<Uuid>,
    kod: Option<String>,
    nazwa: Option<String>,
    typ_towaru: Option<String>,
    kod_kreskowy: Option<String>,
    numer_katalogowy: Option<String>,
    #[serde(rename = "PKWiU")]
    pkwiu: Option<String>,
    #[serde(rename = "GTU")]
    gtu: Option<String>,
    jednostka: Option<String>,
    podstawa_zwolnienia: Option<String>,
    blokada: Option<bool>,
    #[serde(rename = "StawkaVATSprzedazy")]
    stawka_vat_sprzedazy: Option<String>,
    #[serde(rename = "StawkaVATZakupu")]
    stawka_vat_zakupu: Option<String>,
    opis: Option<String>,
    dozwolona_edycja_opisu: Option<bool>,
    test_mode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are accepted and dropped")]
struct Feature {
    name: String,
    value: Option<Value>,
    r#type: Option<String>,
    update_date: Option<super::Date>,
}

pub(super) fn upsert(company: &mut Company, card: Upsert) -> Outcome {
    let (Some(kod), Some(nazwa), Some(typ)) = (&card.kod, &card.nazwa, &card.typ_towaru) else {
        return Err(Blad::invalid("Kod", "Pola Kod, Nazwa i TypTowaru są wymagane.").into());
    };
    let vat = card.stawka_vat_sprzedazy.as_deref().unwrap_or("23%");
    if Typ::from_word(typ).is_none() || !Vat::ALL.into_iter().any(|known| known.kod() == vat) {
        return Err(Blad::invalid("TypTowaru", "Nieznany typ towaru lub stawka VAT.").into());
    }
    let towary = &company.catalogue.towary;
    let by_guid = |guid: Uuid| towary.iter().position(|towar| towar.guid == guid);
    let found = match (card.id, card.guid) {
        (Some(id), _) => match company.catalogue.place_of_id(id) {
            None => return Err(Blad::not_found("ID", "Brak towaru.").into()),
            place => place,
        },
        (None, guid) => guid.and_then(by_guid).or_else(|| company.catalogue.place_of(kod)),
    };
    if company.catalogue.place_of(kod).is_some_and(|own| Some(own) != found) {
        return Err(Blad::new("Konflikt", "Kod", "Kod jest już zajęty.").into());
    }
    let old = found.and_then(|place| towary.get(place));
    let tick = card.features.iter().flatten().find(|feature| feature.name == TICK);
    let tick = tick.and_then(|feature| feature.value.as_ref());
    let guid = card.guid.or_else(|| old.map(|old| old.guid));
    let kartoteka = Kartoteka {
        miejsce: found.unwrap_or(towary.len()),
        guid: guid.unwrap_or_else(|| Uuid::new_v5(&company.baza, kod.as_bytes())),
        kod: kod.clone(),
        nazwa: nazwa.clone(),
        ean: card.kod_kreskowy.filter(|ean| !ean.is_empty()),
        typ: typ.clone(),
        vat: vat.to_owned(),
        jednostka: card.jednostka.unwrap_or_else(|| "szt".to_owned()),
        blokada: card.blokada.unwrap_or_default(),
        zaznaczony: tick.map_or_else(
            || old.is_some_and(|old| old.zaznaczony),
            |tick| *tick == Value::Bool(true) || tick.as_str() == Some("true"),
        ),
        chwila: company.now().0,
    };
    let (id, test_mode) = (id_of(kartoteka.miejsce), card.test_mode == Some(true));
    if !test_mode {
        company.write_goods_card(kartoteka)?;
    }
    answer(&Zapisano { id: Some(id), kod: Some(kod), test_mode })
}
