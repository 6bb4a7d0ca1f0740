//! AltOne's relations of contractors, and the merge of one into another.
//!
//! A merge makes no documents of assignment: settlements stay with the contractor that they belong to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Date,
    koperta::{Zapisano, answer},
};
use crate::simulator::{
    answer::{Blad, Outcome},
    catalogue::id_of,
    company::Company,
    journal::Event,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Zastap {
    id_nadrzedny: Option<i32>,
    id_zastepowany: Option<i32>,
    definicja_dok_cesji: Option<String>,
    test_mode: Option<bool>,
}

/// A relation as it is sent, kept and answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator) struct Powiazanie {
    id_powiazania: Option<i32>,
    nadrzedny: Option<Base>,
    podrzedny: Option<Base>,
    rodzaj_powiazania: Option<String>,
    data_od: Option<Date>,
    data_do: Option<Date>,
    rola_podmiotu: Option<String>,
    odbiorca_platnik: Option<bool>,
    #[serde(skip_serializing)]
    test_mode: Option<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Base {
    #[serde(rename = "ID")]
    id: Option<i32>,
    kod: Option<String>,
    nazwa: Option<String>,
}

fn kod(company: &Company, id: Option<i32>, pole: &'static str) -> Result<String, Blad> {
    let id = id.ok_or_else(|| Blad::missing(pole))?;
    let known = company.catalogue.kontrahent(id).map(|one| one.kod.clone());
    known.ok_or_else(|| Blad::not_found(pole, format!("Nie znaleziono kontrahenta o ID {id}.")))
}

pub(super) fn zastap(company: &mut Company, question: Zastap) -> Outcome {
    let stays = kod(company, question.id_nadrzedny, "IdNadrzedny")?;
    let merged = kod(company, question.id_zastepowany, "IdZastepowany")?;
    question.definicja_dok_cesji.ok_or_else(|| Blad::missing("DefinicjaDokCesji"))?;
    if stays == merged {
        return Err(Blad::invalid("IdZastepowany", "Kontrahent nie zastępuje sam siebie.").into());
    }
    let test_mode = question.test_mode == Some(true);
    if !test_mode {
        company.merge_contractor(&merged, &stays)?;
    }
    answer(&Zapisano { id: question.id_nadrzedny, kod: Some(&stays), test_mode })
}

pub(super) fn dodaj(company: &mut Company, mut question: Powiazanie) -> Outcome {
    for (base, pole) in [(&mut question.nadrzedny, "Nadrzedny"), (&mut question.podrzedny, "Podrzedny")] {
        let id = base.as_ref().ok_or_else(|| Blad::missing(pole))?.id;
        kod(company, id, pole)?;
    }
    let test_mode = question.test_mode.take() == Some(true);
    let id = id_of(company.powiazania.len());
    question.id_powiazania = Some(id);
    if !test_mode {
        company.record(Event::Powiazanie(Box::new(question)))?;
    }
    answer(&Zapisano { id: (!test_mode).then_some(id), kod: None, test_mode })
}

/// A contractor as others name it.
pub(super) fn base(company: &Company, id: i32) -> Option<Value> {
    let kontrahent = company.catalogue.kontrahent(id)?;
    Some(json!({"ID": id, "Kod": kontrahent.kod, "Nazwa": kontrahent.nazwa}))
}

/// What a contractor's card says of relations: what was written with it, and what was added and merged since.
pub(super) fn of(company: &Company, id: i32, written: Option<Value>) -> Option<Value> {
    let is = |base: &Option<Base>| base.as_ref().is_some_and(|base| base.id == Some(id));
    let own = company.powiazania.iter().filter(|one| is(&one.nadrzedny) || is(&one.podrzedny));
    let own: Vec<Value> = own.filter_map(|one| serde_json::to_value(one).ok()).collect();
    let contractors = company.catalogue.kontrahenci.iter().enumerate();
    let merged = contractors.filter(|(_, other)| other.zastapiony_przez_id == Some(id));
    let merged: Vec<Value> = merged.filter_map(|(place, _)| base(company, id_of(place))).collect();
    if own.is_empty() && merged.is_empty() {
        return written;
    }
    let mut card = written.unwrap_or_else(|| json!({}));
    let object = card.as_object_mut()?;
    // A card that was read and written back holds them already.
    let mut all = match object.remove("Powiazania") {
        Some(Value::Array(all)) => all,
        _ => Vec::new(),
    };
    all.retain(|one| !own.iter().any(|own| own.get("IdPowiazania") == one.get("IdPowiazania")));
    all.extend(own);
    object.insert("Powiazania".to_owned(), Value::Array(all));
    object.insert("KontrahenciZastapieni".to_owned(), Value::Array(merged));
    Some(card)
}
