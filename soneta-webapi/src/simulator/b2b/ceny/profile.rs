//! `B2BCeny/Profile`, `/DlaProfilu`, `/Wyjatki` and `/Uniewaznione`.

use serde::{Deserialize, Serialize};

use super::kontrahenta::{Wiersz, strona, told, wiersz};
use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    b2b::question::{Snapshot, few_enough, how_many},
    catalogue::id_of,
    company::Company,
    pricing::Zakres,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct Profile {
    po_id: Option<i32>,
    ile: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Profil<'a> {
    #[serde(rename = "ID")]
    id: i32,
    nazwa: String,
    kontrahenci_id: Vec<i32>,
    liczona_od: &'a str,
}

pub(in crate::simulator::b2b) fn profile(company: &mut Company, question: Profile) -> Outcome {
    let ile = how_many(question.ile, company.maks_ile)?;
    let after = question.po_id.unwrap_or(0);
    let liczona_od = company.now().text();
    let classes = company.classes().into_iter().filter(|(id, _)| *id > after);
    let mut rows: Vec<_> = classes
        .take(ile + 1)
        .map(|(id, (class, kontrahenci_id))| Profil {
            id,
            nazwa: class.nazwa(),
            kontrahenci_id,
            liczona_od: &liczona_od,
        })
        .collect();
    let koniec = rows.len() <= ile;
    rows.truncate(ile);
    let po_id = rows.last().map_or(after, |row| row.id);
    written(&Rows::snapshot(rows, koniec, po_id))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct DlaProfilu {
    profil_id: Option<i32>,
    po_id: Option<i32>,
    ile: Option<i64>,
    towary_id: Option<Vec<i32>>,
}

pub(in crate::simulator::b2b) fn dla_profilu(company: &mut Company, question: DlaProfilu) -> Outcome {
    let company = &*company;
    let id = question.profil_id.ok_or_else(|| Blad::missing("ProfilId"))?;
    let class = company
        .class_of_id(id)
        .ok_or_else(|| Blad::not_found("ProfilId", format!("Nie znaleziono profilu o ID {id}.")))?;
    let DlaProfilu { po_id, ile, towary_id, .. } = question;
    let snapshot = Snapshot { po_id, ile, towary_id, magazyny: None };
    let day = company.price_day();
    strona(company, &snapshot, (None, Some(id)), |towar| company.class_offer(class, towar, day))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct Wyjatki {
    po_kontrahent_id: Option<i32>,
    po_id: Option<i32>,
    ile: Option<i64>,
    towary_id: Option<Vec<i32>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StronaWyjatkow<'a> {
    success: bool,
    pozycje: Vec<Wiersz<'a>>,
    koniec: bool,
    po_kontrahent_id: i32,
    po_id: i32,
}

pub(in crate::simulator::b2b) fn wyjatki(company: &mut Company, question: Wyjatki) -> Outcome {
    let company = &*company;
    let ile = how_many(question.ile, company.maks_ile)?;
    if let Some(ids) = &question.towary_id {
        few_enough(ids.len(), "TowaryId", company.maks_ile)?;
    }
    let asked = |towar| question.towary_id.as_ref().is_none_or(|ids| ids.contains(&id_of(towar)));
    let after = (question.po_kontrahent_id.unwrap_or(0), question.po_id.unwrap_or(0));
    let place = |id: i32| usize::try_from(id).unwrap_or(0);
    let liczona_od = company.now().text();
    let mut found: Vec<_> = company
        .exceptions_after(place(after.0), place(after.1))
        .filter(|(_, towar, _)| asked(*towar) && told(&company.catalogue, *towar))
        .take(ile + 1)
        .collect();
    let koniec = found.len() <= ile;
    found.truncate(ile);
    let (po_kontrahent_id, po_id) =
        found.last().map_or(after, |(kontrahent, towar, _)| (id_of(*kontrahent), id_of(*towar)));
    let rows = found.iter().filter_map(|(kontrahent, towar, offer)| {
        let mut row = wiersz(company, *towar, offer, &liczona_od)?;
        row.kontrahent_id = Some(id_of(*kontrahent));
        Some(row)
    });
    let pozycje = rows.collect();
    written(&StronaWyjatkow { success: true, pozycje, koniec, po_kontrahent_id, po_id })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct Uniewaznione {
    token: Option<String>,
    ile: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Zmiany {
    success: bool,
    pozycje: Vec<Uniewaznienie>,
    koniec: bool,
    token: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Uniewaznienie {
    zakres: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    towar_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kontrahent_id: Option<i32>,
    wazna_od: String,
}

pub(in crate::simulator::b2b) fn uniewaznione(company: &mut Company, question: Uniewaznione) -> Outcome {
    let ile = how_many(question.ile, company.maks_ile)?;
    let token = |seen: usize| format!("{}/{seen}", company.baza.simple());
    // A token of another database, or from before its state was lost, is of nothing that is known here.
    let seen = question.token.as_deref().and_then(|token| token.rsplit_once('/'));
    let seen = seen.and_then(|(_, seen)| seen.parse().ok());
    let known = seen.filter(|seen| Some(token(*seen)) == question.token);
    let Some((seen, later)) = known.and_then(|seen| Some((seen, company.invalid.get(seen..)?))) else {
        let wazna_od = company.now().text();
        let all = Uniewaznienie { zakres: "Wszystko", towar_id: None, kontrahent_id: None, wazna_od };
        let token = token(company.invalid.len());
        return written(&Zmiany { success: true, pozycje: vec![all], koniec: true, token });
    };
    let rows = later.iter().take(ile).map(|invalid| {
        let (zakres, towar_id, kontrahent_id) = match invalid.zakres {
            Zakres::Towar(id) => ("Towar", Some(id), None),
            Zakres::Kontrahent(id) => ("Kontrahent", None, Some(id)),
        };
        Uniewaznienie { zakres, towar_id, kontrahent_id, wazna_od: invalid.wazna_od.text() }
    });
    let pozycje: Vec<_> = rows.collect();
    let (koniec, token) = (pozycje.len() == later.len(), token(seen + pozycje.len()));
    written(&Zmiany { success: true, pozycje, koniec, token })
}
