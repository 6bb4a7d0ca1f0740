//! Settlements: what of a document is still to be paid.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    catalogue::{Instant, id_of},
    company::Company,
    documents::TradeDocument,
    error::SimulatorError,
    journal::Event,
    number,
};

/// A settlement (rozrachunek) in the simulated ERP: one payment of a document, in PLN.
#[doc(alias = "settlement")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SimulatedRozrachunek {
    /// ID of the settlement.
    #[serde(rename = "ID")]
    pub id: i32,
    /// ID of the document.
    pub dokument_id: i32,
    /// Number of the document.
    pub numer: String,
    /// ID of the contractor who pays.
    pub kontrahent_id: i32,
    /// How much it was.
    #[serde(with = "number")]
    pub kwota: Decimal,
    /// How much of it is not paid.
    #[serde(with = "number")]
    pub pozostalo: Decimal,
    /// When it is due.
    pub termin: NaiveDate,
    /// When it was changed last, in milliseconds since 1970.
    pub zmieniono: i64,
}

/// All settlements and their change list. The settlement with ID n is at n − 1.
#[derive(Debug, Default)]
pub(super) struct Settlements {
    all: Vec<SimulatedRozrachunek>,
    changes: BTreeSet<(Instant, i32)>,
    /// ID of the document, ID of the settlement.
    by_document: BTreeSet<(i32, i32)>,
}

impl Settlements {
    pub(super) fn all(&self) -> &[SimulatedRozrachunek] {
        &self.all
    }

    pub(super) fn by_id(&self, id: i32) -> Option<&SimulatedRozrachunek> {
        self.all.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    /// Those of a document.
    pub(super) fn of_document(&self, id: i32) -> impl Iterator<Item = &SimulatedRozrachunek> {
        self.by_document.range((id, i32::MIN)..=(id, i32::MAX)).filter_map(|(_, one)| self.by_id(*one))
    }

    /// How much of a document is paid.
    pub(super) fn paid(&self, dokument_id: i32) -> Decimal {
        self.of_document(dokument_id).map(|one| one.kwota - one.pozostalo).sum()
    }

    /// Whether a document has one.
    pub(super) fn has(&self, dokument_id: i32) -> bool {
        self.of_document(dokument_id).next().is_some()
    }

    fn of(&self, dokument_id: i32, numer: &str) -> Option<&SimulatedRozrachunek> {
        self.of_document(dokument_id).find(|one| one.numer == numer)
    }

    /// Settlements changed after a position, oldest first.
    pub(super) fn changed(&self, from: (Instant, i32)) -> impl Iterator<Item = (Instant, i32)> + '_ {
        self.changes.range(from..).copied()
    }

    /// The instant of a change now: after all others, so that a reader who is at the end of the list sees it
    /// whatever its ID.
    fn next_change(&self, now: Instant) -> i64 {
        self.changes.last().map_or(now, |(last, _)| now.max(Instant(last.0 + 1))).0
    }

    pub(super) fn take(&mut self, settlement: SimulatedRozrachunek) {
        let (zmieniono, id) = (Instant(settlement.zmieniono), settlement.id);
        match self.all.iter_mut().find(|one| one.id == id) {
            Some(known) => {
                self.changes.remove(&(Instant(known.zmieniono), id));
                *known = settlement;
            }
            None => {
                self.by_document.insert((settlement.dokument_id, id));
                self.all.push(settlement);
            }
        }
        self.changes.insert((zmieniono, id));
    }
}

impl Company {
    /// Opens the settlement of an invoice or its correction, which has one payment; a sum of zero has none.
    pub(super) fn open_settlement(&mut self, document: &TradeDocument) -> Result<(), SimulatorError> {
        match document.termin {
            Some(termin) if !document.suma_brutto.is_zero() => {
                let TradeDocument { id, numer, kontrahent_id, suma_brutto, .. } = document;
                self.set_settlement(*id, numer, *kontrahent_id, *suma_brutto, termin).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Opens the settlements that invoices of a state file lack: it is from before they had any, or the
    /// simulator stopped in between.
    pub(super) fn open_missing_settlements(&mut self) -> Result<(), SimulatorError> {
        let missing: Vec<_> =
            self.invoices().filter(|invoice| !self.settlements.has(invoice.id)).cloned().collect();
        missing.iter().try_for_each(|invoice| self.open_settlement(invoice))
    }

    /// Opens the settlement of a document, or opens it again with another amount: nothing of it is paid then.
    pub(super) fn set_settlement(
        &mut self,
        dokument_id: i32,
        numer: &str,
        kontrahent_id: i32,
        kwota: Decimal,
        termin: NaiveDate,
    ) -> Result<i32, SimulatorError> {
        if self.catalogue.kontrahent(kontrahent_id).is_none() {
            return Err(SimulatorError::unknown("there is no such contractor"));
        }
        let known = self.settlements.of(dokument_id, numer).map(|known| known.id);
        let id = known.unwrap_or_else(|| id_of(self.settlements.all.len()));
        let numer = numer.to_owned();
        let zmieniono = self.settlements.next_change(self.now());
        let settlement = SimulatedRozrachunek {
            id,
            dokument_id,
            numer,
            kontrahent_id,
            kwota,
            pozostalo: kwota,
            termin,
            zmieniono,
        };
        self.record(Event::Rozrachunek(Box::new(settlement)))?;
        Ok(id)
    }

    /// Pays a part of a settlement and tells what is left.
    pub(super) fn pay(
        &mut self,
        dokument_id: i32,
        numer: &str,
        kwota: Decimal,
    ) -> Result<Decimal, SimulatorError> {
        let known = self.settlements.of(dokument_id, numer).cloned();
        let mut settlement =
            known.ok_or_else(|| SimulatorError::unknown("there is no settlement of that document"))?;
        let same_sign = kwota.is_sign_negative() == settlement.pozostalo.is_sign_negative();
        if !same_sign || kwota.abs() > settlement.pozostalo.abs() {
            return Err(SimulatorError::unknown("less than that is left to be paid"));
        }
        settlement.pozostalo -= kwota;
        settlement.zmieniono = self.settlements.next_change(self.now());
        let left = settlement.pozostalo;
        self.record(Event::Rozrachunek(Box::new(settlement)))?;
        Ok(left)
    }
}
