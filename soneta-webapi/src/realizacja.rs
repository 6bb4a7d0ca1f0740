//! How far an order is fulfilled, from its own lines or from the documents made from it. The ERP has no such status.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::dokumenty::{Kategoria, PozycjaDokumentu};
use crate::faktury::Faktura;
use crate::ids::DokumentId;
use crate::wire::Quantity;
use crate::wydania::Wydanie;
use crate::zamowienia::{PozycjaRealizacji, StanDokumentu, Zamowienie};

/// How far an order is fulfilled (realizacja).
#[doc(alias = "fulfilment")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Realizacja {
    /// Nothing of it.
    Brak,
    /// Some of it.
    Czesciowa,
    /// All of it.
    Pelna,
}

impl Realizacja {
    /// From what is ordered (`Ilosc`) and fulfilled (`Zrealizowano`) on the lines of an order. Leave lines out that are never
    /// fulfilled in your installation, such as services that no document carries.
    ///
    /// `None` when the lines do not tell: one has no `Zrealizowano`, or another unit there, or nothing is ordered.
    pub fn of_pozycje<'a>(pozycje: impl IntoIterator<Item = &'a PozycjaRealizacji>) -> Option<Self> {
        of_lines(pozycje.into_iter().map(|line| {
            let done = line.zrealizowano.as_ref().and_then(|done| in_unit_of(&line.ilosc, done));
            (line.ilosc.value, done)
        }))
    }

    /// From the delivery notes of an order and their corrections, for contracts whose orders do not tell `Zrealizowano`. Of
    /// several readings of a document the last counts; documents that are cancelled, or of other orders, do not.
    ///
    /// `None` when they do not tell: a line names the order but none of its lines, its unit is another one, a correction does not
    /// say what it started from, or the state of a document is an unknown word. A line that names no order may be of this one: with
    /// such a line they tell at most that the order is fulfilled whole, and with one of a correction nothing. So a contract that
    /// does not tell order lines, such as the one of AltOne, cannot use it.
    pub fn of_wydania(zamowienie: &Zamowienie, wydania: &[Wydanie]) -> Option<Self> {
        of_documents(
            zamowienie,
            wydania.iter().map(|it| (it.id, &it.stan, &it.kategoria, it.pozycje.as_slice())),
        )
    }

    /// How far an order is invoiced: as [`of_wydania`](Self::of_wydania), from its invoices and their corrections.
    pub fn of_faktury(zamowienie: &Zamowienie, faktury: &[Faktura]) -> Option<Self> {
        of_documents(
            zamowienie,
            faktury.iter().map(|it| (it.id, &it.stan, &it.kategoria, it.pozycje.as_slice())),
        )
    }
}

/// From lines, each with what is ordered and what is done of it, if that is known.
fn of_lines(lines: impl Iterator<Item = (Decimal, Option<Decimal>)>) -> Option<Realizacja> {
    let (mut ordered, mut told, mut some, mut all) = (false, true, false, true);
    for (wanted, done) in lines.filter(|(wanted, _)| *wanted > Decimal::ZERO) {
        ordered = true;
        match done {
            None => told = false,
            Some(done) => {
                some |= done > Decimal::ZERO;
                all &= done >= wanted;
            }
        }
    }
    match (ordered, told, some, all) {
        (true, true, _, true) => Some(Realizacja::Pelna),
        // A line that is short stays short whatever the others have.
        (true, _, true, false) => Some(Realizacja::Czesciowa),
        (true, true, false, _) => Some(Realizacja::Brak),
        _ => None,
    }
}

fn of_documents<'a>(
    zamowienie: &Zamowienie,
    documents: impl Iterator<Item = (DokumentId, &'a StanDokumentu, &'a Kategoria, &'a [PozycjaDokumentu])>,
) -> Option<Realizacja> {
    let latest: BTreeMap<_, _> = documents.map(|(id, stan, kind, lines)| (id, (stan, kind, lines))).collect();
    let mut unlinked = false;
    let mut done: BTreeMap<i32, Option<Decimal>> =
        zamowienie.pozycje.iter().map(|line| (line.id, Some(Decimal::ZERO))).collect();
    for (stan, kategoria, lines) in latest.into_values() {
        let mut ours = lines.iter().filter(|line| line.zamowienie_id == Some(zamowienie.id)).peekable();
        match stan {
            StanDokumentu::Zatwierdzony | StanDokumentu::Zablokowany => {}
            StanDokumentu::Unknown(_) if ours.peek().is_some() => return None,
            _ => continue,
        }
        if lines.iter().any(|line| line.zamowienie_id.is_none()) {
            if kategoria.is_correction() {
                return None;
            }
            unlinked = true;
        }
        for line in ours {
            let ordered = zamowienie.pozycje.iter().find(|of| Some(of.id) == line.zamowienie_pozycja_id)?;
            let sum = done.entry(ordered.id).or_default();
            *sum = sum.and_then(|sum| sum.checked_add(difference(line, kategoria, &ordered.ilosc)?));
        }
    }
    let lines =
        zamowienie.pozycje.iter().map(|line| (line.ilosc.value, done.get(&line.id).copied().flatten()));
    // A line of which nobody knows whose it is can only add to what the others say.
    of_lines(lines).filter(|told| !unlinked || *told == Realizacja::Pelna)
}

/// What a line adds; on a correction the difference that it makes, which needs to be told what it started from.
fn difference(line: &PozycjaDokumentu, kategoria: &Kategoria, ordered: &Quantity) -> Option<Decimal> {
    let after = in_unit_of(ordered, &line.ilosc)?;
    match &line.przed {
        None if kategoria.is_correction() => None,
        None => Some(after),
        Some(before) => after.checked_sub(in_unit_of(ordered, &before.ilosc)?),
    }
}

/// The value, if it is of that unit; nothing is nothing in every unit.
fn in_unit_of(unit: &Quantity, quantity: &Quantity) -> Option<Decimal> {
    (quantity.symbol == unit.symbol || quantity.value.is_zero()).then_some(quantity.value)
}
