//! Quantities in other units, exactly.

use rust_decimal::Decimal;

use super::exact;
use crate::error::{Error, Result};

/// How many basic units one unit is, as a fraction: a third of a kilogram is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitRatio {
    numerator: Decimal,
    denominator: Decimal,
}

/// A converted quantity and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Converted {
    /// The quantity in the new unit, cut off at the wanted digits.
    pub quantity: Decimal,
    /// What was cut off, times the divisor of the conversion; 0 if the quantity is exact.
    pub remainder: Decimal,
}

impl Converted {
    /// Whether nothing was cut off.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.remainder.is_zero()
    }
}

impl UnitRatio {
    /// One unit is `numerator / denominator` basic units: a box of six is `6 / 1`, a piece of which three weigh
    /// a kilogram is `1 / 3`.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless both are above zero.
    pub fn new(numerator: impl Into<Decimal>, denominator: impl Into<Decimal>) -> Result<Self> {
        let (numerator, denominator) = (numerator.into(), denominator.into());
        if numerator <= Decimal::ZERO || denominator <= Decimal::ZERO {
            return Err(Error::config("the two numbers of a unit are above zero"));
        }
        Ok(Self { numerator, denominator })
    }

    /// The quantity in basic units, cut off towards zero after `digits`:
    /// `quantity × numerator = converted × denominator + remainder`.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use sync_core::guard::unit::UnitRatio;
    ///
    /// let boxes = UnitRatio::new(6, 1)?;
    /// assert_eq!(boxes.to_basic(Decimal::from(4), 0)?.quantity, Decimal::from(24));
    /// let back = boxes.from_basic(Decimal::from(25), 0)?;
    /// assert_eq!((back.quantity, back.remainder), (Decimal::from(4), Decimal::from(1)));
    /// # Ok::<(), sync_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it cannot be reckoned exactly: too large, or too many digits.
    pub fn to_basic(&self, quantity: Decimal, digits: u32) -> Result<Converted> {
        convert(quantity, self.numerator, self.denominator, digits)
    }

    /// The quantity of basic units in this unit, cut off towards zero after `digits`:
    /// `quantity × denominator = converted × numerator + remainder`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it cannot be reckoned exactly: too large, or too many digits.
    pub fn from_basic(&self, quantity: Decimal, digits: u32) -> Result<Converted> {
        convert(quantity, self.denominator, self.numerator, digits)
    }
}

fn convert(quantity: Decimal, times: Decimal, by: Decimal, digits: u32) -> Result<Converted> {
    let too_large = || Error::invalid("a quantity has too many digits to be converted exactly");
    let dividend = exact::product(quantity, times).ok_or_else(too_large)?;
    let step = Decimal::try_new(1, digits).map_err(|_| too_large())?;
    let divisor = exact::product(by, step).ok_or_else(too_large)?;
    // the remainder is exact, and what is left divides without one
    let remainder = remainder(dividend, divisor).ok_or_else(too_large)?;
    let whole = exact::difference(dividend, remainder).ok_or_else(too_large)?;
    let quantity = whole.checked_div(by).ok_or_else(too_large)?.normalize();
    let back = exact::product(quantity, by).and_then(|back| exact::sum(back, remainder));
    if back == Some(dividend) { Ok(Converted { quantity, remainder }) } else { Err(too_large()) }
}

/// The remainder of a division, of which the caller checks that it is exact.
fn remainder(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    dividend.checked_rem(divisor).map(|remainder| remainder.normalize())
}

/// The smallest quantity that a unit can be sold in; all quantities are multiples of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step(Decimal);

impl Step {
    /// Multiples of this.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless it is above zero.
    pub fn new(step: impl Into<Decimal>) -> Result<Self> {
        let step = step.into();
        if step <= Decimal::ZERO {
            return Err(Error::config("a unit's step is above zero"));
        }
        Ok(Self(step))
    }

    /// Whole packagings of this size, in the same unit.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless the size is a multiple of the step.
    pub fn packaging(self, size: impl Into<Decimal>) -> Result<Self> {
        let packaging = Self::new(size)?;
        if !self.divides(packaging.0) {
            return Err(Error::config("a packaging holds a multiple of the unit's step"));
        }
        Ok(packaging)
    }

    /// Whether the quantity is a multiple of the step.
    #[must_use]
    pub fn divides(self, quantity: Decimal) -> bool {
        self.down(quantity).is_ok_and(|down| down == quantity)
    }

    /// The next multiple at or below the quantity.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use sync_core::guard::unit::Step;
    ///
    /// let pieces = Step::new(1)?;
    /// let boxes = pieces.packaging(6)?;
    /// assert_eq!(boxes.down(Decimal::from(25))?, Decimal::from(24));
    /// assert_eq!(boxes.up(Decimal::from(25))?, Decimal::from(30));
    /// # Ok::<(), sync_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it cannot be reckoned exactly: too large, or too many digits.
    pub fn down(self, quantity: Decimal) -> Result<Decimal> {
        let multiple = convert(quantity, Decimal::ONE, self.0, 0)?;
        let steps = if multiple.remainder.is_sign_negative() && !multiple.is_exact() {
            multiple.quantity.checked_sub(Decimal::ONE)
        } else {
            Some(multiple.quantity)
        };
        let down = steps.and_then(|steps| exact::product(steps, self.0));
        down.ok_or_else(|| Error::invalid("a quantity is too large for its step"))
    }

    /// The next multiple at or above the quantity.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it cannot be reckoned exactly: too large, or too many digits.
    pub fn up(self, quantity: Decimal) -> Result<Decimal> {
        // never a zero with a sign
        Ok(Decimal::ZERO - self.down(-quantity)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    fn quantity(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn l24_a_third_of_a_kilogram_loses_nothing() {
        let third = UnitRatio::new(1, 3).unwrap();
        let ten = third.to_basic(Decimal::TEN, 3).unwrap();
        assert_eq!((ten.quantity, ten.remainder), (quantity("3.333"), quantity("0.001")));
        assert!(!ten.is_exact());
        let nine = third.to_basic(quantity("9"), 3).unwrap();
        assert!(nine.is_exact() && nine.quantity == quantity("3"));
        assert_eq!(third.from_basic(quantity("3"), 3).unwrap().quantity, quantity("9"));
        let less = third.to_basic(quantity("-10"), 0).unwrap();
        assert_eq!((less.quantity, less.remainder), (quantity("-3"), quantity("-1")));
    }

    #[test]
    fn what_cannot_be_exact_and_what_is_no_unit_are_refused() {
        let invalid =
            |result: Result<Converted>| result.map_err(|error| error.kind()) == Err(ErrorKind::Invalid);
        let six = UnitRatio::new(6, 1).unwrap();
        assert!(invalid(six.to_basic(Decimal::MAX, 0)));
        assert!(invalid(six.to_basic(Decimal::ONE, 29)));
        assert!(UnitRatio::new(0, 1).is_err() && UnitRatio::new(1, -3).is_err());
        assert!(Step::new(0).is_err() && Step::new(-1).is_err());
        assert!(Step::new(quantity("0.5")).unwrap().packaging(quantity("0.75")).is_err());
    }

    #[test]
    fn quantities_go_down_and_up_to_the_step_and_to_whole_packagings() {
        let tenth = Step::new(quantity("0.1")).unwrap();
        assert_eq!(tenth.down(quantity("1.25")).unwrap(), quantity("1.2"));
        assert_eq!(tenth.up(quantity("1.25")).unwrap(), quantity("1.3"));
        assert_eq!(tenth.down(quantity("-1.25")).unwrap(), quantity("-1.3"));
        let crates = tenth.packaging(quantity("2.5")).unwrap();
        assert_eq!(crates.up(quantity("0.1")).unwrap(), quantity("2.5"));
        assert_eq!(crates.up(Decimal::ZERO).unwrap().to_string(), "0");
        assert!(crates.divides(quantity("7.50")) && !crates.divides(quantity("7.6")));
    }

    proptest! {
        #[test]
        fn l24_conversion_loses_nothing_and_keeps_the_order(
            units in -1_000_000_000i64..1_000_000_000, more in 0i64..1_000_000, scale in 0u32..4,
            numerator in 1i64..10_000, denominator in 1i64..10_000, ratio_scale in 0u32..3, digits in 0u32..6,
        ) {
            let (n, d) = (Decimal::new(numerator, ratio_scale), Decimal::from(denominator));
            let ratio = UnitRatio::new(n, d).unwrap();
            let quantity = Decimal::new(units, scale);
            let converted = ratio.to_basic(quantity, digits).unwrap();
            prop_assert_eq!(converted.quantity * d + converted.remainder, quantity * n);
            prop_assert!(converted.quantity.scale() <= digits);
            prop_assert!(converted.remainder.abs() < d * Decimal::new(1, digits));
            prop_assert!(converted.is_exact() || converted.remainder.is_sign_negative() == (units < 0));
            let larger = ratio.to_basic(Decimal::new(units + more, scale), digits).unwrap();
            prop_assert!(converted.quantity <= larger.quantity);
            // what is exact comes back
            if converted.is_exact() {
                let back = ratio.from_basic(converted.quantity, scale).unwrap();
                prop_assert_eq!((back.quantity, back.is_exact()), (quantity, true));
            }
        }

        #[test]
        fn l24_whatever_the_digits_a_conversion_is_exact_or_refused(
            parts in prop::array::uniform3((any::<u32>(), any::<u32>(), any::<u32>(), 0u32..=28, 0u32..=96)),
            negative: bool, digits in 0u32..=28,
        ) {
            let [quantity, n, d] = parts.map(|(lo, mid, hi, scale, bits)| {
                let mantissa = u128::from(lo) | u128::from(mid) << 32 | u128::from(hi) << 64;
                let mantissa = mantissa & ((1 << bits) - 1);
                Decimal::from_i128_with_scale(i128::try_from(mantissa).unwrap(), scale)
            });
            prop_assume!(!n.is_zero() && !d.is_zero());
            let quantity = if negative { -quantity } else { quantity };
            if let Ok(converted) = UnitRatio::new(n, d).unwrap().to_basic(quantity, digits) {
                let back = exact::product(converted.quantity, d).unwrap();
                prop_assert_eq!(exact::sum(back, converted.remainder), exact::product(quantity, n));
                let smallest = exact::product(d, Decimal::new(1, digits)).unwrap();
                prop_assert!(converted.remainder.abs() < smallest && converted.quantity.scale() <= digits);
            }
        }

        #[test]
        fn l24_rounding_to_a_step_is_the_nearest_multiple_on_its_side(
            units in -1_000_000i64..1_000_000, scale in 0u32..4, step in 1i64..500, step_scale in 0u32..4,
        ) {
            let (quantity, size) = (Decimal::new(units, scale), Decimal::new(step, step_scale));
            let step = Step::new(size).unwrap();
            let (down, up) = (step.down(quantity).unwrap(), step.up(quantity).unwrap());
            prop_assert!(down <= quantity && quantity < down + size);
            prop_assert!(up >= quantity && quantity > up - size);
            prop_assert!((down % size).is_zero() && (up % size).is_zero());
            prop_assert_eq!(down == up, step.divides(quantity));
        }
    }
}
