//! Arithmetic that says when it is not exact.

use rust_decimal::Decimal;

/// The product, if it has all its digits.
pub(super) fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    if a.is_zero() || b.is_zero() {
        return Some(Decimal::ZERO);
    }
    // digits that do not fit are rounded away, which shows in the scale
    a.checked_mul(b).filter(|product| product.scale() == a.scale() + b.scale())
}

/// The sum, if it has all its digits.
pub(super) fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    a.checked_add(b).filter(|sum| a.is_zero() || b.is_zero() || sum.scale() >= a.scale().max(b.scale()))
}

/// The difference, if it has all its digits.
pub(super) fn difference(a: Decimal, b: Decimal) -> Option<Decimal> {
    sum(a, -b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_rounded_is_not_given() {
        let tiny = Decimal::new(1, 20);
        assert_eq!(product(tiny, tiny), None);
        assert_eq!(product(Decimal::MAX, Decimal::TWO), None);
        assert_eq!(sum(Decimal::MAX, tiny), None);
        assert_eq!(difference(Decimal::MIN, Decimal::ONE), None);
        assert_eq!(sum(Decimal::ZERO, tiny), Some(tiny));
        assert_eq!(product(Decimal::ZERO, Decimal::MAX), Some(Decimal::ZERO));
        assert_eq!(difference(Decimal::ONE, Decimal::ONE), Some(Decimal::ZERO));
    }

    proptest! {
        #[test]
        fn l24_products_and_sums_are_exact_or_not_given(
            a in any::<i64>(), b in any::<i64>(), scale_a in 0u32..20, scale_b in 0u32..20,
        ) {
            let (x, y) = (Decimal::new(a, scale_a), Decimal::new(b, scale_b));
            if let Some(product) = product(x, y) {
                let units = i128::from(a) * i128::from(b);
                // compared without the digits after the point
                let scale = scale_a + scale_b - product.scale();
                prop_assert_eq!(product.mantissa() * 10i128.pow(scale), units);
            }
            let scale = scale_a.max(scale_b);
            let unscaled = i128::from(a) * 10i128.pow(scale - scale_a);
            if let Some(sum) = sum(x, y) {
                let units = unscaled + i128::from(b) * 10i128.pow(scale - scale_b);
                prop_assert_eq!(sum.mantissa() * 10i128.pow(scale - sum.scale()), units);
            }
        }
    }
}
