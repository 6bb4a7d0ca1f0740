//! Parts that requests of several controllers share.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::simulator::{
    answer::{Blad, Changes, Failure, Outcome, written},
    catalogue::{Catalogue, Instant},
    company::Company,
};

/// A request for a page of a snapshot.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Snapshot {
    pub(super) po_id: Option<i32>,
    pub(super) ile: Option<i64>,
    pub(super) towary_id: Option<Vec<i32>>,
    pub(super) magazyny: Option<Vec<String>>,
}

/// What a page of a snapshot holds: places of goods.
pub(super) struct PageOfPlaces {
    pub(super) places: Vec<usize>,
    pub(super) koniec: bool,
}

impl Snapshot {
    /// The places of the goods of this page.
    pub(super) fn places(
        &self,
        company: &Company,
        listed: impl Fn(&Catalogue, usize) -> bool,
    ) -> Result<PageOfPlaces, Failure> {
        let ile = how_many(self.ile, company.maks_ile)?;
        let after = self.po_id.unwrap_or(0).max(0);
        let first = usize::try_from(after).unwrap_or(0);
        let catalogue = &company.catalogue;
        let listed = |place: &usize| listed(catalogue, *place);
        let mut places: Vec<usize> = match &self.towary_id {
            None => (first..catalogue.towary.len()).filter(listed).take(ile + 1).collect(),
            Some(ids) => {
                few_enough(ids.len(), "TowaryId", company.maks_ile)?;
                let mut ids = ids.clone();
                ids.sort_unstable();
                ids.dedup();
                let after = ids.into_iter().filter(|id| *id > after);
                after.filter_map(|id| catalogue.place_of_id(id)).filter(listed).take(ile + 1).collect()
            }
        };
        let koniec = places.len() <= ile;
        places.truncate(ile);
        Ok(PageOfPlaces { places, koniec })
    }
}

/// A request for a page of a change list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ChangeList {
    zmienione_po: Option<String>,
    po_id: Option<i32>,
    ile: Option<i64>,
    od_dnia: Option<String>,
    pub(super) cechy: Option<Vec<String>>,
}

impl ChangeList {
    /// Writes the page: `changed` gives what was changed from a position on, oldest first, `row` the row of an ID.
    pub(super) fn page<'a, I, R: Serialize>(
        self,
        company: &'a Company,
        changed: impl FnOnce((Instant, i32)) -> I,
        row: impl Fn(i32) -> Option<R>,
    ) -> Outcome
    where
        I: Iterator<Item = (Instant, i32)> + 'a,
    {
        let czas_serwera = company.now().text();
        let ile = how_many(self.ile, company.maks_ile)?;
        let asked = self.zmienione_po.as_deref().map(|text| instant(text, "ZmienionePo")).transpose()?;
        let day = self.od_dnia.as_deref().map(|text| date(text, "OdDnia")).transpose()?.map(day_begins);
        let mut from = match (asked, self.po_id) {
            (None, Some(_)) => return Err(Blad::invalid("PoId", "PoId wymaga ZmienionePo.").into()),
            (None, None) => (Instant(i64::MIN), 0),
            (Some(instant), id) => (instant, id.map_or(0, |id| id.saturating_add(1))),
        };
        if let Some(day) = day.filter(|day| *day > from.0) {
            from = (day, 0);
        }
        let mut page: Vec<(Instant, i32)> = changed(from).take(ile + 1).collect();
        let koniec = page.len() <= ile;
        page.truncate(ile);
        let last = page.last().copied();
        written(&Changes {
            success: true,
            czas_serwera,
            pozycje: page.iter().filter_map(|(_, id)| row(*id)).collect(),
            koniec,
            zmienione_po: last.map(|(instant, _)| instant.text()).or(self.zmienione_po),
            po_id: last.map(|(_, id)| id).or(self.po_id),
        })
    }
}

/// `Ile` from 1 on; no answer has more rows than `MaksIle`.
pub(super) fn how_many(ile: Option<i64>, most: usize) -> Result<usize, Failure> {
    let ile = ile.ok_or_else(|| Blad::missing("Ile"))?;
    match usize::try_from(ile) {
        Ok(ile) if ile >= 1 => Ok(ile.min(most)),
        _ => Err(Blad::invalid("Ile", "Liczba wierszy musi być dodatnia.").into()),
    }
}

/// A list of keys that is neither empty nor longer than `MaksIle`.
pub(super) fn few_enough(keys: usize, pole: &'static str, most: usize) -> Result<(), Failure> {
    if (1..=most).contains(&keys) {
        return Ok(());
    }
    Err(Blad::invalid(pole, format!("Lista musi mieć od 1 do {most} elementów.")).into())
}

/// `2026-11-21`.
pub(super) fn date(text: &str, pole: &'static str) -> Result<NaiveDate, Blad> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| Blad::invalid(pole, "Oczekiwano daty RRRR-MM-DD."))
}

/// An instant with offset.
pub(super) fn instant(text: &str, pole: &'static str) -> Result<Instant, Blad> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| Instant(time.timestamp_millis()))
        .map_err(|_| Blad::invalid(pole, "Oczekiwano chwili ISO 8601 z przesunięciem."))
}

/// The first instant of a day in Poland's winter time.
pub(in crate::simulator) fn day_begins(day: NaiveDate) -> Instant {
    let offset = FixedOffset::east_opt(3_600);
    let begins = offset.and_then(|offset| day.and_time(NaiveTime::MIN).and_local_timezone(offset).single());
    Instant(begins.map_or(0, |begins| begins.timestamp_millis()))
}
