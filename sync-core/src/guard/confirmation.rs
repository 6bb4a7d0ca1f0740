//! Whether a line of an order may go to the ERP at the price that the client confirmed.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::exact;
use super::price::{PriceCheck, Rounding, check};
use crate::error::{Error, Result};

/// What a price depends on. Two prices of different terms say nothing about each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct PriceTerms {
    /// The ERP's id of the contractor.
    pub contractor: String,
    /// The ERP's id of the good.
    pub good: String,
    /// How much of it, in `unit`.
    pub quantity: Decimal,
    /// The unit's code; the unit price is for one of it.
    pub unit: String,
    /// The currency's code, such as `PLN`.
    pub currency: String,
    /// The day whose price list holds.
    pub date: NaiveDate,
    /// Whether the price contains VAT.
    pub vat: VatMode,
}

/// Whether a price contains VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VatMode {
    /// Without VAT.
    Net,
    /// With VAT.
    Gross,
}

impl PriceTerms {
    /// The terms of a line: one piece (`szt`), in PLN, net, until told otherwise.
    #[must_use]
    pub fn new(contractor: impl Into<String>, good: impl Into<String>, date: NaiveDate) -> Self {
        Self {
            contractor: contractor.into(),
            good: good.into(),
            quantity: Decimal::ONE,
            unit: "szt".into(),
            currency: "PLN".into(),
            date,
            vat: VatMode::Net,
        }
    }

    /// So much, in this unit.
    #[must_use]
    pub fn quantity(mut self, quantity: impl Into<Decimal>, unit: impl Into<String>) -> Self {
        (self.quantity, self.unit) = (quantity.into(), unit.into());
        self
    }

    /// In this currency.
    #[must_use]
    pub fn currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = currency.into();
        self
    }

    /// With or without VAT.
    #[must_use]
    pub fn vat(mut self, vat: VatMode) -> Self {
        self.vat = vat;
        self
    }

    fn first_difference(&self, other: &Self) -> Option<Term> {
        [
            (self.contractor != other.contractor, Term::Contractor),
            (self.good != other.good, Term::Good),
            (self.unit != other.unit, Term::Unit),
            (self.quantity != other.quantity, Term::Quantity),
            (self.currency != other.currency, Term::Currency),
            (self.vat != other.vat, Term::Vat),
            (self.date != other.date, Term::Date),
        ]
        .into_iter()
        .find_map(|(differs, term)| differs.then_some(term))
    }
}

/// A line as the client confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfirmedLine {
    /// What was confirmed.
    pub terms: PriceTerms,
    /// The confirmed price of one unit.
    pub unit_price: Decimal,
    /// The value of the line that the client saw, if the portal states one. The portal may round in another way.
    pub value: Option<Decimal>,
}

impl ConfirmedLine {
    /// A line of which only the unit price is known.
    #[must_use]
    pub fn new(terms: PriceTerms, unit_price: Decimal) -> Self {
        Self { terms, unit_price, value: None }
    }

    /// With the value that the client saw.
    #[must_use]
    pub fn with_value(mut self, value: Decimal) -> Self {
        self.value = Some(value);
        self
    }
}

/// What the ERP said a line costs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErpPrice {
    /// What it was asked for.
    pub terms: PriceTerms,
    /// The final price of one unit; `None` if the ERP does not sell that.
    pub unit_price: Option<Decimal>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

impl ErpPrice {
    /// The ERP's answer.
    #[must_use]
    pub fn new(terms: PriceTerms, unit_price: Option<Decimal>, asked_at: DateTime<Utc>) -> Self {
        Self { terms, unit_price, asked_at }
    }
}

/// What a line's price depends on, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Term {
    /// Whose price it is.
    Contractor,
    /// The good.
    Good,
    /// How much of it.
    Quantity,
    /// The unit.
    Unit,
    /// The currency.
    Currency,
    /// The day.
    Date,
    /// With or without VAT.
    Vat,
}

/// What became of a confirmed line. Only [`Same`](Self::Same) may be submitted; of a changed price the client decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confirmation {
    /// The price holds.
    #[non_exhaustive]
    Same {
        /// The ERP's value of the line, rounded.
        value: Decimal,
    },
    /// The line costs less by now.
    #[non_exhaustive]
    Cheaper {
        /// The confirmed value of the line, rounded.
        confirmed: Decimal,
        /// The ERP's value of the line, rounded.
        current: Decimal,
    },
    /// The line costs more by now.
    #[non_exhaustive]
    Dearer {
        /// The confirmed value of the line, rounded.
        confirmed: Decimal,
        /// The ERP's value of the line, rounded.
        current: Decimal,
    },
    /// The ERP's price is one for something else, and this is the first thing that differs. What to do: ask it again.
    Other(Term),
    /// The ERP has no price for it.
    Unavailable,
    /// The ERP's price is older than allowed, or as far in the future. What to do: ask it again.
    TooOld,
}

/// How a confirmed line is compared with the ERP's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfirmationRule {
    /// How a line's value is rounded; two digits, a half away from zero by default.
    pub rounding: Rounding,
    /// A difference of the two values up to this is none; 0 by default. Below 0 counts as 0.
    pub tolerance: Decimal,
    /// The ERP's price may be so old; 15 minutes by default.
    pub max_age: TimeDelta,
}

impl Default for ConfirmationRule {
    fn default() -> Self {
        Self { rounding: Rounding::default(), tolerance: Decimal::ZERO, max_age: TimeDelta::minutes(15) }
    }
}

impl ConfirmationRule {
    /// With this rounding.
    #[must_use]
    pub fn rounding(mut self, rounding: Rounding) -> Self {
        self.rounding = rounding;
        self
    }

    /// A difference up to this is none.
    #[must_use]
    pub fn tolerance(mut self, tolerance: impl Into<Decimal>) -> Self {
        self.tolerance = tolerance.into();
        self
    }

    /// The ERP's price may be so old.
    #[must_use]
    pub fn max_age(mut self, age: TimeDelta) -> Self {
        self.max_age = age;
        self
    }

    /// The value of a line: quantity times unit price, rounded once.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the product has more digits than a decimal holds.
    pub fn line_value(&self, quantity: Decimal, unit_price: Decimal) -> Result<Decimal> {
        let value = exact::product(quantity, unit_price);
        let value = value.ok_or_else(|| Error::invalid("a line's value has too many digits"))?;
        Ok(self.rounding.round(value))
    }

    /// Compares a confirmed line with the ERP's price, by the value of the line.
    ///
    /// ```
    /// use chrono::{NaiveDate, TimeDelta, Utc, DateTime};
    /// use rust_decimal::Decimal;
    /// use sync_core::guard::confirmation::{Confirmation, ConfirmationRule, ConfirmedLine, ErpPrice, PriceTerms};
    ///
    /// let now = DateTime::<Utc>::UNIX_EPOCH;
    /// let terms = PriceTerms::new("K1", "T7", NaiveDate::default()).quantity(3, "szt");
    /// let line = ConfirmedLine::new(terms.clone(), Decimal::new(293, 2));
    /// let erp = ErpPrice::new(terms, Some(Decimal::new(293, 2)), now);
    /// let rule = ConfirmationRule::default();
    /// assert!(matches!(rule.confirm(&line, &erp, now)?, Confirmation::Same { .. }));
    /// assert_eq!(rule.confirm(&line, &erp, now + TimeDelta::minutes(16))?, Confirmation::TooOld);
    /// # Ok::<(), sync_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if a value has more digits than a decimal holds.
    pub fn confirm(&self, line: &ConfirmedLine, erp: &ErpPrice, now: DateTime<Utc>) -> Result<Confirmation> {
        if let Some(term) = line.terms.first_difference(&erp.terms) {
            return Ok(Confirmation::Other(term));
        }
        if now.signed_duration_since(erp.asked_at).abs() > self.max_age {
            return Ok(Confirmation::TooOld);
        }
        let Some(current) = erp.unit_price else {
            return Ok(Confirmation::Unavailable);
        };
        let current = self.line_value(line.terms.quantity, current)?;
        let confirmed = match line.value {
            Some(value) => value,
            None => self.line_value(line.terms.quantity, line.unit_price)?,
        };
        let tolerance = self.tolerance.max(Decimal::ZERO);
        let within = |a: Decimal, b| a.checked_sub(b).is_some_and(|difference| difference.abs() <= tolerance);
        Ok(match check(confirmed, current, self.rounding) {
            PriceCheck::Same => Confirmation::Same { value: current },
            PriceCheck::Cheaper { confirmed, current } | PriceCheck::Dearer { confirmed, current }
                if within(confirmed, current) =>
            {
                Confirmation::Same { value: current }
            }
            PriceCheck::Cheaper { confirmed, current } => Confirmation::Cheaper { confirmed, current },
            PriceCheck::Dearer { confirmed, current } => Confirmation::Dearer { confirmed, current },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;
    use crate::guard::price::Half;

    fn amount(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn terms(quantity: &str) -> PriceTerms {
        PriceTerms::new("K1", "T7", now().date_naive()).quantity(amount(quantity), "szt")
    }

    fn asked(quantity: &str, price: &str) -> ErpPrice {
        ErpPrice::new(terms(quantity), Some(amount(price)), now())
    }

    fn confirm(line: &ConfirmedLine, erp: &ErpPrice) -> Confirmation {
        ConfirmationRule::default().confirm(line, erp, now()).unwrap()
    }

    #[test]
    fn f70_a_line_rounded_by_unit_and_one_rounded_as_a_whole_are_told_apart() {
        // three at 2.9267: the line is 8.78, three rounded units are 8.79
        let erp = asked("3", "2.9267");
        let by_unit = ConfirmedLine::new(terms("3"), amount("2.93"));
        let (confirmed, current) = (amount("8.79"), amount("8.78"));
        assert_eq!(confirm(&by_unit, &erp), Confirmation::Cheaper { confirmed, current });
        let by_line = by_unit.clone().with_value(amount("8.78"));
        assert_eq!(confirm(&by_line, &erp), Confirmation::Same { value: current });
        // the portal's own sum counts, not the one we would reckon
        let erp = asked("3", "2.93");
        assert_eq!(confirm(&by_line, &erp), Confirmation::Dearer { confirmed: current, current: confirmed });
        let a_cent = ConfirmationRule::default().tolerance(amount("0.01"));
        assert_eq!(a_cent.confirm(&by_line, &erp, now()).unwrap(), Confirmation::Same { value: confirmed });
    }

    #[test]
    fn f70_a_line_is_rounded_once_with_a_half_away_from_zero() {
        let rule = ConfirmationRule::default();
        for (quantity, price, value) in [
            ("3", "2.93", "8.79"),
            ("0.5", "0.01", "0.01"),
            ("1", "2.345", "2.35"),
            ("-1", "2.345", "-2.35"),
            ("1", "2.3449999", "2.34"),
            ("12.5", "0.0004", "0.01"),
        ] {
            assert_eq!(rule.line_value(amount(quantity), amount(price)).unwrap(), amount(value), "{price}");
        }
        let even = rule.rounding(Rounding::default().half(Half::Even));
        assert_eq!(even.line_value(Decimal::ONE, amount("2.345")).unwrap(), amount("2.34"));
        let refused = rule.line_value(Decimal::MAX, Decimal::TEN).map_err(|error| error.kind());
        assert_eq!(refused, Err(ErrorKind::Invalid));
    }

    #[test]
    fn a_price_for_other_terms_confirms_nothing() {
        let line = ConfirmedLine::new(terms("2"), amount("10"));
        let tomorrow = terms("2").date.succ_opt().unwrap();
        let others = [
            (PriceTerms { contractor: "K2".into(), ..terms("2") }, Term::Contractor),
            (PriceTerms { good: "T8".into(), ..terms("2") }, Term::Good),
            (terms("3"), Term::Quantity),
            (terms("2").quantity(2, "opak"), Term::Unit),
            (terms("2").currency("EUR"), Term::Currency),
            (PriceTerms { date: tomorrow, ..terms("2") }, Term::Date),
            (terms("2").vat(VatMode::Gross), Term::Vat),
        ];
        for (terms, term) in others {
            let erp = ErpPrice::new(terms, Some(amount("10")), now());
            assert_eq!(confirm(&line, &erp), Confirmation::Other(term));
        }
        assert_eq!(confirm(&line, &asked("2.00", "10")), Confirmation::Same { value: amount("20") });
    }

    #[test]
    fn a_price_holds_for_fifteen_minutes_and_none_is_no_price_of_zero() {
        let line = ConfirmedLine::new(terms("1"), Decimal::ZERO);
        let none = ErpPrice::new(terms("1"), None, now());
        assert_eq!(confirm(&line, &none), Confirmation::Unavailable);
        assert_eq!(confirm(&line, &asked("1", "0")), Confirmation::Same { value: Decimal::ZERO });
        let at = |seconds| {
            let now = now() + TimeDelta::seconds(seconds);
            ConfirmationRule::default().confirm(&line, &asked("1", "0"), now).unwrap()
        };
        assert!(matches!(at(900), Confirmation::Same { .. }));
        assert_eq!([at(901), at(-901)], [Confirmation::TooOld; 2]);
    }

    proptest! {
        #[test]
        fn l24_a_confirmation_is_exact_and_follows_the_price(
            quantity in 1i64..100_000, digits in 0u32..4, old in 0i64..10_000_000, new in 0i64..10_000_000,
        ) {
            let quantity = Decimal::new(quantity, digits);
            let terms = terms("1").quantity(quantity, "szt");
            let line = ConfirmedLine::new(terms.clone(), Decimal::new(old, 4));
            let erp = ErpPrice::new(terms, Some(Decimal::new(new, 4)), now());
            // whole hundredths, reckoned without decimals
            let value = |price: i64| {
                let units = quantity.mantissa() * i128::from(price);
                let unit = 10i128.pow(quantity.scale() + 4 - 2);
                Decimal::from_i128_with_scale((units + unit / 2) / unit, 2)
            };
            let (confirmed, current) = (value(old), value(new));
            let expected = match current.cmp(&confirmed) {
                std::cmp::Ordering::Equal => Confirmation::Same { value: current },
                std::cmp::Ordering::Less => Confirmation::Cheaper { confirmed, current },
                std::cmp::Ordering::Greater => Confirmation::Dearer { confirmed, current },
            };
            prop_assert_eq!(confirm(&line, &erp), expected);
        }
    }
}
