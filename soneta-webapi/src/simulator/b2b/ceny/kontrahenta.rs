//! `B2BCeny/DlaKontrahenta`, and the row that all prices of contractors are.

use serde::{Deserialize, Serialize};

use crate::simulator::{
    answer::{Blad, Outcome, written},
    b2b::question::Snapshot,
    catalogue::{Catalogue, Towar, id_of},
    company::Company,
    number::Amount,
    pricing::Offer,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct DlaKontrahenta {
    kontrahent_id: Option<i32>,
    po_id: Option<i32>,
    ile: Option<i64>,
    towary_id: Option<Vec<i32>>,
}

/// A page of the prices of one contractor or one profile.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Strona<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kontrahent_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profil_id: Option<i32>,
    pozycje: Vec<Wiersz<'a>>,
    koniec: bool,
    po_id: i32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wiersz<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kontrahent_id: Option<i32>,
    towar_id: i32,
    kod: &'a str,
    zaznaczony: bool,
    definicja_ceny: &'static str,
    netto: Amount<'a>,
    brutto: Amount<'a>,
    stawka_vat: &'static str,
    jednostka: &'a str,
    za_ilosc: Amount<'a>,
    progi: Vec<Prog<'a>>,
    liczona_od: &'a str,
    wazna_do: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Prog<'a> {
    ilosc_od: Amount<'a>,
    netto: Amount<'a>,
    brutto: Amount<'a>,
}

pub(in crate::simulator::b2b) fn dla_kontrahenta(company: &mut Company, question: DlaKontrahenta) -> Outcome {
    let company = &*company;
    let id = question.kontrahent_id.ok_or_else(|| Blad::missing("KontrahentId"))?;
    let kontrahent = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    let kontrahent = kontrahent
        .filter(|place| *place < company.catalogue.kontrahenci.len())
        .ok_or_else(|| Blad::not_found("KontrahentId", format!("Nie znaleziono kontrahenta o ID {id}.")))?;
    let DlaKontrahenta { po_id, ile, towary_id, .. } = question;
    let snapshot = Snapshot { po_id, ile, towary_id, magazyny: None };
    let day = company.price_day();
    strona(company, &snapshot, (Some(id), None), |towar| company.offer(kontrahent, towar, day))
}

/// The page of a snapshot in which each good costs what `offer` says.
pub(super) fn strona(
    company: &Company,
    snapshot: &Snapshot,
    (kontrahent_id, profil_id): (Option<i32>, Option<i32>),
    offer: impl Fn(usize) -> Option<Offer>,
) -> Outcome {
    let page = snapshot.places(company, told)?;
    let liczona_od = company.now().text();
    let po_id = page.places.last().map_or(snapshot.po_id.unwrap_or(0), |place| id_of(*place));
    let rows = page.places.iter().filter_map(|place| wiersz(company, *place, &offer(*place)?, &liczona_od));
    written(&Strona {
        success: true,
        kontrahent_id,
        profil_id,
        pozycje: rows.collect(),
        koniec: page.koniec,
        po_id,
    })
}

/// Prices are of the base unit; an imported one of another unit is not told.
pub(super) fn told(catalogue: &Catalogue, place: usize) -> bool {
    let of_base_unit = |towar: &Towar| towar.cena.is_some_and(|cena| cena.jednostka == towar.jednostka);
    catalogue.towary.get(place).is_some_and(of_base_unit)
}

pub(super) fn wiersz<'a>(
    company: &'a Company,
    place: usize,
    offer: &Offer,
    liczona_od: &'a str,
) -> Option<Wiersz<'a>> {
    let words = &company.catalogue.words;
    let towar = company.catalogue.towary.get(place)?;
    let cena = towar.cena?;
    let (waluta, jednostka) = (words.word(cena.waluta), words.word(cena.jednostka));
    let ((_, netto, brutto), steps) = offer.ladder.split_first()?;
    let prog = |(from, netto, brutto): &(_, _, _)| Prog {
        ilosc_od: Amount::new(*from, jednostka),
        netto: Amount::new(*netto, waluta),
        brutto: Amount::new(*brutto, waluta),
    };
    Some(Wiersz {
        kontrahent_id: None,
        towar_id: id_of(place),
        kod: &towar.kod,
        zaznaczony: towar.zaznaczony,
        definicja_ceny: offer.definicja,
        netto: Amount::new(*netto, waluta),
        brutto: Amount::new(*brutto, waluta),
        stawka_vat: towar.vat.kod(),
        jednostka,
        za_ilosc: Amount::new(cena.za_ilosc, jednostka),
        progi: steps.iter().map(prog).collect(),
        liczona_od,
        wazna_do: offer.wazna_do.map(|instant| instant.text()),
    })
}
