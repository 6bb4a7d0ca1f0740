//! Settlements: what of a document is still to be paid.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    catalogue::{Instant, id_of},
    company::Company,
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
}

impl Settlements {
    pub(super) fn all(&self) -> &[SimulatedRozrachunek] {
        &self.all
    }

    pub(super) fn by_id(&self, id: i32) -> Option<&SimulatedRozrachunek> {
        self.all.iter().find(|one| one.id == id)
    }

    fn of(&self, dokument_id: i32, numer: &str) -> Option<&SimulatedRozrachunek> {
        self.all.iter().find(|one| one.dokument_id == dokument_id && one.numer == numer)
    }

    /// Settlements changed after a position, oldest first.
    pub(super) fn changed(&self, from: (Instant, i32)) -> impl Iterator<Item = (Instant, i32)> + '_ {
        self.changes.range(from..).copied()
    }

    pub(super) fn take(&mut self, settlement: SimulatedRozrachunek) {
        let (zmieniono, id) = (Instant(settlement.zmieniono), settlement.id);
        match self.all.iter_mut().find(|one| one.id == id) {
            Some(known) => {
                self.changes.remove(&(Instant(known.zmieniono), id));
                *known = settlement;
            }
            None => self.all.push(settlement),
        }
        self.changes.insert((zmieniono, id));
    }
}

impl Company {
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
        let zmieniono = self.now().0;
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
        if kwota > settlement.pozostalo {
            return Err(SimulatorError::unknown("less than that is left to be paid"));
        }
        settlement.pozostalo -= kwota;
        settlement.zmieniono = self.now().0;
        let left = settlement.pozostalo;
        self.record(Event::Rozrachunek(Box::new(settlement)))?;
        Ok(left)
    }
}
