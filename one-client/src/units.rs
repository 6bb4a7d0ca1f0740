//! Content units and order units.
//!
//! A product is counted in content units (a screw) and ordered in order units (a box of 100). The platform converts
//! changed quantities from content units to order units by dropping the decimal part (*documented*), so three boxes and
//! a half become three and nobody is told. Here a quantity that is not whole in order units is refused before it is sent.

use api_transport::{Error, Result};
use rust_decimal::Decimal;
use std::fmt;
use std::num::NonZeroU32;

/// How many content units make one order unit: `packingQuantity`, a natural number, 1 where both are the same
/// (*documented*).
///
/// ```
/// use one_client::{Decimal, Packing};
/// # fn main() -> one_client::Result<()> {
/// let box_of_100 = Packing::new(Decimal::from(100))?;
/// assert_eq!(box_of_100.to_content(Decimal::from(3))?, Decimal::from(300));
/// assert_eq!(box_of_100.to_order(Decimal::from(300))?, Decimal::from(3));
/// assert!(box_of_100.to_order(Decimal::from(350)).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Packing(NonZeroU32);

impl Packing {
    /// Order unit and content unit are the same.
    pub const SAME: Self = Self(NonZeroU32::MIN);

    /// So many content units per order unit.
    ///
    /// # Errors
    ///
    /// `Invalid`: not a natural number, or above 4,294,967,295.
    pub fn new(content_units: Decimal) -> Result<Self> {
        let whole = content_units.is_integer().then_some(content_units);
        whole
            .and_then(|whole| u32::try_from(whole).ok())
            .and_then(NonZeroU32::new)
            .map(Self)
            .ok_or_else(|| Error::invalid("a packing quantity is a natural number"))
    }

    /// How many content units.
    pub fn content_units(self) -> Decimal {
        Decimal::from(self.0.get())
    }

    /// So many order units in content units, exactly.
    ///
    /// # Errors
    ///
    /// `Invalid`: the quantity has more digits than can be kept.
    pub fn to_content(self, order_units: Decimal) -> Result<Decimal> {
        let order_units = order_units.normalize();
        order_units
            .mantissa()
            .checked_mul(i128::from(self.0.get()))
            .and_then(|digits| Decimal::try_from_i128_with_scale(digits, order_units.scale()).ok())
            .map(|content_units| content_units.normalize())
            .ok_or_else(|| Error::invalid("the quantity in content units has too many digits"))
    }

    /// So many content units in order units, exactly.
    ///
    /// # Errors
    ///
    /// `Invalid`: that is no whole number of order units. ONe would drop the rest.
    pub fn to_order(self, content_units: Decimal) -> Result<Decimal> {
        let content_units = content_units.normalize();
        let packing = i128::from(self.0.get());
        let is_whole = content_units.scale() == 0 && content_units.mantissa() % packing == 0;
        is_whole
            .then(|| content_units.mantissa() / packing)
            .and_then(|order_units| Decimal::try_from_i128_with_scale(order_units, 0).ok())
            .ok_or_else(|| Error::invalid("the quantity is no whole number of order units"))
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(digits: &str) -> Decimal {
        Decimal::from_str_exact(digits).unwrap()
    }

    #[test]
    fn a_packing_is_a_natural_number() {
        assert_eq!(Packing::new(Decimal::ONE).unwrap(), Packing::SAME);
        assert_eq!(Packing::new(decimal("12.00")).unwrap().to_string(), "12");
        for wrong in ["0", "-1", "0.5", "2.5", "4294967296"] {
            assert!(Packing::new(decimal(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_whole_in_order_units_is_refused_before_the_platform_drops_it() {
        let two = Packing::new(Decimal::TWO).unwrap();
        assert_eq!(two.to_order(decimal("4.000")).unwrap(), Decimal::TWO);
        assert_eq!(two.to_order(Decimal::ZERO).unwrap(), Decimal::ZERO);
        for rest in ["5", "0.5", "3.999999999999999999999999999"] {
            let error = two.to_order(decimal(rest)).unwrap_err();
            assert!(error.to_string().contains("no whole number of order units"), "{error}");
        }
        assert!(Packing::SAME.to_order(decimal("12.5")).is_err());
        assert!(two.to_content(Decimal::MAX).is_err());
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_quantity(order_units in any::<i64>(), packing in 1..=u32::MAX) {
            let packing = Packing::new(Decimal::from(packing)).unwrap();
            let content = packing.to_content(Decimal::from(order_units)).unwrap();
            prop_assert_eq!(packing.to_order(content).unwrap(), Decimal::from(order_units));
        }

        #[test]
        fn order_units_times_packing_are_content_units_or_it_is_refused(
            mantissa in any::<i64>(), scale in 0..=6_u32, packing in 1..=1_000_000_u32,
        ) {
            let content = Decimal::new(mantissa, scale);
            let counted = Packing::new(Decimal::from(packing)).unwrap().to_order(content);
            let is_whole = i128::from(mantissa) % (i128::from(packing) * 10_i128.pow(scale)) == 0;
            prop_assert_eq!(counted.is_ok(), is_whole);
            if let Ok(order_units) = counted {
                prop_assert_eq!(order_units * Decimal::from(packing), content);
            }
        }

        #[test]
        fn content_units_keep_every_digit(mantissa in any::<i64>(), scale in 0..=28_u32, packing in 1..=u32::MAX) {
            let order_units = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
            let content = Packing::new(Decimal::from(packing)).unwrap().to_content(order_units).unwrap();
            // The same number of ten-to-the-minus-`scale`ths.
            let digits = content.mantissa() * 10_i128.pow(scale - content.scale());
            prop_assert_eq!(digits, i128::from(mantissa) * i128::from(packing));
        }
    }
}
