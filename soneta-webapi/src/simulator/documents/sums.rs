//! VAT of a document: calculated from the net sum of each rate, and told line by line so that the lines add up to it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{LineValues, VatSum};
use crate::simulator::{catalogue::Vat, number::to_grosz};

/// Net sums per rate so far.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Sums(BTreeMap<Vat, Decimal>);

impl Sums {
    /// The values of a line. Its tax is what the sum of its rate grows by.
    pub(in crate::simulator) fn line(&mut self, vat: Vat, ilosc: Decimal, cena_netto: Decimal) -> LineValues {
        let wartosc_netto = to_grosz(cena_netto * ilosc);
        let sum = self.0.entry(vat).or_default();
        let before = vat.gross(*sum);
        *sum += wartosc_netto;
        LineValues { ilosc, cena_netto, wartosc_netto, wartosc_brutto: vat.gross(*sum) - before }
    }

    pub(super) fn vat(&self) -> Vec<VatSum> {
        let sum = |(vat, netto): (&Vat, &Decimal)| VatSum {
            stawka_vat: vat.kod().to_owned(),
            netto: *netto,
            vat: vat.gross(*netto) - netto,
        };
        self.0.iter().map(sum).collect()
    }
}
