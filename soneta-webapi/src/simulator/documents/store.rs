//! Where documents are kept, and what follows from them: how far an order is fulfilled, what was changed since.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{DocumentKind, DocumentLine, TradeDocument};
use crate::simulator::{catalogue::Instant, error::SimulatorError};

#[derive(Debug, Default)]
pub(in crate::simulator) struct Documents {
    all: Vec<TradeDocument>,
    by_id: BTreeMap<i32, usize>,
    /// Documents with lines of an order, by the order's ID.
    by_order: BTreeMap<i32, Vec<usize>>,
    /// The change list of all kinds.
    changes: BTreeSet<(Instant, i32)>,
    courses: BTreeMap<i32, Course>,
}

/// What people have said of an order.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct Course {
    pub(in crate::simulator) potwierdzenie: Option<String>,
    pub(in crate::simulator) status_zewn: Option<String>,
}

impl Documents {
    pub(in crate::simulator) fn all(&self) -> &[TradeDocument] {
        &self.all
    }

    pub(in crate::simulator) fn get(&self, id: i32) -> Option<&TradeDocument> {
        self.all.get(*self.by_id.get(&id)?)
    }

    /// Documents with lines of an order, oldest first.
    pub(in crate::simulator) fn of_order(&self, id: i32) -> impl Iterator<Item = &TradeDocument> {
        self.by_order.get(&id).into_iter().flatten().filter_map(|place| self.all.get(*place))
    }

    /// How much of an order's line is delivered or, with `invoices`, invoiced, corrections included; in the line's unit.
    pub(in crate::simulator) fn done(&self, order: i32, line: i32, invoices: bool) -> Decimal {
        self.of_order(order)
            .filter(|document| document.kind.is_invoice() == invoices)
            .flat_map(|document| &document.pozycje)
            .filter(|of| of.zamowienie_id == order && of.zamowienie_pozycja_id == line)
            .map(DocumentLine::difference)
            .sum()
    }

    /// A document's line as its last correction left it.
    pub(super) fn corrected(&self, id: i32, lp: i32) -> Option<&DocumentLine> {
        let corrections = self.all.iter().rev().filter(|document| document.koryguje_id == Some(id));
        corrections.flat_map(|correction| &correction.pozycje).find(|line| line.lp == lp)
    }

    /// How many of a kind were numbered in a year of two digits.
    pub(super) fn numbered(&self, kind: DocumentKind, year: &str) -> usize {
        let of_year = |numer: &str| numer.rsplit('/').next() == Some(year);
        self.all.iter().filter(|document| document.kind == kind && of_year(&document.numer)).count()
    }

    /// Documents changed after a position, oldest change first.
    pub(in crate::simulator) fn changed(&self, from: (Instant, i32)) -> impl Iterator<Item = &TradeDocument> {
        self.changes.range(from..).filter_map(|(_, id)| self.get(*id))
    }

    /// The instant of a change now: after all others, so that a reader who is at the end of a list sees it whatever its ID.
    pub(super) fn next_change(&self, now: Instant) -> Instant {
        self.changes.last().map_or(now, |(last, _)| now.max(Instant(last.0 + 1)))
    }

    pub(in crate::simulator) fn course(&self, order: i32) -> Course {
        self.courses.get(&order).cloned().unwrap_or_default()
    }

    pub(super) fn course_mut(&mut self, order: i32) -> &mut Course {
        self.courses.entry(order).or_default()
    }

    pub(super) fn add(&mut self, document: TradeDocument) {
        let place = self.all.len();
        self.by_id.insert(document.id, place);
        let orders: BTreeSet<i32> = document.pozycje.iter().map(|line| line.zamowienie_id).collect();
        for order in orders {
            self.by_order.entry(order).or_default().push(place);
        }
        self.changes.insert((Instant(document.zmieniono), document.id));
        self.all.push(document);
    }

    pub(super) fn accept(
        &mut self,
        id: i32,
        numer: String,
        data: NaiveDate,
        chwila: i64,
    ) -> Result<(), SimulatorError> {
        let document = self.by_id.get(&id).and_then(|place| self.all.get_mut(*place));
        let document = document.ok_or_else(|| SimulatorError::unknown("there is no such document"))?;
        self.changes.remove(&(Instant(document.zmieniono), id));
        self.changes.insert((Instant(chwila), id));
        (document.ksef_numer, document.ksef_data, document.zmieniono) = (Some(numer), Some(data), chwila);
        Ok(())
    }
}
