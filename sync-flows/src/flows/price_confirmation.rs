//! The prices of a basket, asked anew of the ERP when the buyer confirms it (E15), for a portal of your own.
//!
//! ONe's orders arrive placed: there [`PricePolicy`](super::orders::PricePolicy) decides.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use soneta_webapi::wire::Quantity;
use soneta_webapi::{
    Ceny, Error as ClientError, KluczTowaru, KodOdmowy, KontrahentId, PozycjaWyceny, Refusal, Wycena,
    ZapytanieWyceny,
};
use std::collections::BTreeSet;
use std::fmt;
use sync_core::guard::confirmation::{Confirmation, ConfirmationRule, ConfirmedLine, ErpPrice, PriceTerms};
use sync_core::{Clock, Error, Result};

use crate::client_error::engine_error;

/// A line as the buyer sees it. `Debug` does not show it.
#[derive(Clone, PartialEq, bon::Builder)]
#[non_exhaustive]
pub struct BasketLine {
    /// The good.
    #[builder(into)]
    pub towar: KluczTowaru,
    /// How many, in the base unit or another unit of the good.
    pub ilosc: Quantity,
    /// The net price of one of this unit that the buyer was shown.
    pub netto: Decimal,
    /// Its currency.
    #[builder(into, default = "PLN".to_owned())]
    pub waluta: String,
    /// The net value of the line that the buyer was shown, if the portal shows one: it may round in another way.
    pub wartosc_netto: Option<Decimal>,
}

impl fmt::Debug for BasketLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasketLine").finish_non_exhaustive()
    }
}

/// What became of a line. `Debug` does not show the prices.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct LineConfirmation {
    /// Whether the price holds; cheaper and dearer are told apart, both by the value of the line.
    pub confirmation: Confirmation,
    /// What the ERP says now: prices, and what may be sold. None of a good that it does not sell to this contractor.
    pub wycena: Option<Wycena>,
}

impl fmt::Debug for LineConfirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineConfirmation").field("wycena", &self.wycena).finish_non_exhaustive()
    }
}

impl LineConfirmation {
    /// Whether the line may be ordered as the buyer saw it.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.confirmation, Confirmation::Same { .. })
    }
}

/// Asks the ERP for the price of every line now and compares: one answer per line, in their order. Nothing is changed anywhere; an
/// order goes out only if every line [holds](LineConfirmation::holds), or the buyer has confirmed the new prices.
///
/// A good that the ERP does not know or does not sell is [`Confirmation::Unavailable`], and the other lines are priced.
///
/// # Errors
/// The port's, as the engine's: the contractor is unknown or blocked, the ERP does not answer. Kind `Invalid` if a value has more digits
/// than a decimal holds.
pub async fn confirm_prices(
    ceny: &dyn Ceny,
    clock: &dyn Clock,
    rule: &ConfirmationRule,
    kontrahent_id: KontrahentId,
    lines: &[BasketLine],
) -> Result<Vec<LineConfirmation>> {
    let asked_at = clock.now();
    let answers = ask(ceny, kontrahent_id, lines).await?;
    let now = clock.now();
    // both prices are of today, whichever day the server calls so
    let day = asked_at.date_naive();
    let confirm = |(line, wycena): (&BasketLine, Option<Wycena>)| {
        let terms = terms(line, kontrahent_id, day);
        let asked = match &wycena {
            Some(wycena) => told(line, wycena, terms.clone()),
            None => terms.clone(),
        };
        let erp = ErpPrice::new(asked, wycena.as_ref().map(|wycena| wycena.netto.value), asked_at);
        let seen = ConfirmedLine::new(terms, line.netto);
        let seen = match line.wartosc_netto {
            Some(value) => seen.with_value(value),
            None => seen,
        };
        Ok(LineConfirmation { confirmation: rule.confirm(&seen, &erp, now)?, wycena })
    };
    lines.iter().zip(answers).map(confirm).collect()
}

fn terms(line: &BasketLine, kontrahent_id: KontrahentId, day: NaiveDate) -> PriceTerms {
    let good = match &line.towar {
        KluczTowaru::Kod(kod) => kod.clone(),
        KluczTowaru::Id(id) => id.to_string(),
        // a way of naming goods that this version does not know names none
        _ => String::new(),
    };
    PriceTerms::new(kontrahent_id.to_string(), good, day)
        .quantity(line.ilosc.value, line.ilosc.symbol.clone())
        .currency(line.waluta.clone())
}

/// What the ERP's answer is for.
fn told(line: &BasketLine, wycena: &Wycena, mut terms: PriceTerms) -> PriceTerms {
    terms.good = match &line.towar {
        KluczTowaru::Id(_) => wycena.towar_id.to_string(),
        _ => wycena.kod.clone(),
    };
    if !wycena.netto.symbol.is_empty() {
        terms.currency.clone_from(&wycena.netto.symbol);
    }
    terms
}

/// One answer per line; `None` of what the ERP does not sell.
async fn ask(
    ceny: &dyn Ceny,
    kontrahent_id: KontrahentId,
    lines: &[BasketLine],
) -> Result<Vec<Option<Wycena>>> {
    let mut unavailable: BTreeSet<usize> = BTreeSet::new();
    loop {
        let asked: Vec<usize> = (0..lines.len()).filter(|place| !unavailable.contains(place)).collect();
        if asked.is_empty() {
            return Ok(vec![None; lines.len()]);
        }
        let of_lines = asked.iter().filter_map(|place| lines.get(*place));
        let pozycje =
            of_lines.map(|line| PozycjaWyceny::new(line.towar.clone(), line.ilosc.clone())).collect();
        let query = ZapytanieWyceny::builder().kontrahent_id(kontrahent_id).pozycje(pozycje).build();
        match ceny.wycen(&query).await {
            Ok(priced) if priced.len() == asked.len() => {
                let mut priced = priced.into_iter();
                let answer = |place| (!unavailable.contains(&place)).then(|| priced.next()).flatten();
                return Ok((0..lines.len()).map(answer).collect());
            }
            Ok(_) => return Err(Error::invalid("the price check did not answer every line")),
            Err(error) => {
                let refused = refused_lines(&error);
                let places = refused.iter().filter_map(|lp| asked.get(lp.checked_sub(1)?).copied());
                let known = unavailable.len();
                unavailable.extend(places);
                if unavailable.len() == known {
                    return Err(engine_error("the prices were not checked", error));
                }
            }
        }
    }
}

/// The lines, counted from 1, whose good is refused; none if the refusal is about anything else as well.
fn refused_lines(error: &ClientError) -> Vec<usize> {
    let entries = Refusal::of(error).map(Refusal::entries).unwrap_or_default();
    let line = |entry: &soneta_webapi::RefusalEntry| {
        let code = KodOdmowy::from(entry.kod.as_deref()?);
        matches!(code, KodOdmowy::NieZnaleziono | KodOdmowy::BlokadaSprzedazy)
            .then(|| usize::try_from(entry.lp?).ok())
            .flatten()
    };
    entries.iter().map(line).collect::<Option<_>>().unwrap_or_default()
}
