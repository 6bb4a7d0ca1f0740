//! How much stock to show.

use rust_decimal::{Decimal, RoundingStrategy};

/// What is held back of the available stock, so that what is shown can be sold.
///
/// `shown = floor_to_step(available × percent / 100)`, at most `available − min_hold`, never below zero and never above
/// what is available. `available` is stock less reservations.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Buffer {
    /// How much of the available stock is shown, in percent; 95 by default. Below 0 counts as 0, above 100 as 100.
    pub percent: Decimal,
    /// At least so much is held back; 0 by default. Below 0 counts as 0.
    pub min_hold: Decimal,
    /// Shows the last piece: where the rule above gives nothing although at least one whole step is available and
    /// `min_hold` leaves it, one step is shown. `true` by default.
    ///
    /// With whole pieces and 95 percent, one available piece would show as none otherwise.
    pub keep_last: bool,
}

impl Default for Buffer {
    fn default() -> Self {
        Self { percent: Decimal::from(95), min_hold: Decimal::ZERO, keep_last: true }
    }
}

impl Buffer {
    /// Shows everything.
    #[must_use]
    pub fn none() -> Self {
        Self { percent: Decimal::ONE_HUNDRED, ..Self::default() }
    }

    /// Shows so many percent.
    #[must_use]
    pub fn percent(mut self, percent: impl Into<Decimal>) -> Self {
        self.percent = percent.into();
        self
    }

    /// Holds back at least so much.
    #[must_use]
    pub fn min_hold(mut self, quantity: impl Into<Decimal>) -> Self {
        self.min_hold = quantity.into();
        self
    }

    /// Shows or hides the last piece.
    #[must_use]
    pub fn keep_last(mut self, keep: bool) -> Self {
        self.keep_last = keep;
        self
    }

    /// How much to show of `available`, in multiples of `step` (the smallest quantity the unit can be sold in; a step
    /// of zero or less does not round).
    ///
    /// `0 ≤ shown ≤ max(available, 0)`; more available never shows less.
    #[must_use]
    pub fn shown(&self, available: Decimal, step: Decimal) -> Decimal {
        let available = floor_to(available.max(Decimal::ZERO), step);
        let hold = self.min_hold.max(Decimal::ZERO);
        let free = available.checked_sub(hold).unwrap_or(Decimal::ZERO).max(Decimal::ZERO);
        let percent = self.percent.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
        // divided first: a product would overflow before a quotient does
        let share = available
            .checked_div(Decimal::ONE_HUNDRED)
            .and_then(|hundredth| hundredth.checked_mul(percent))
            .unwrap_or(Decimal::ZERO);
        let shown = floor_to(share.min(free), step).min(available);
        if shown.is_zero() && self.keep_last && step > Decimal::ZERO && free >= step && !percent.is_zero() {
            return step;
        }
        shown
    }
}

fn floor_to(quantity: Decimal, step: Decimal) -> Decimal {
    if step <= Decimal::ZERO {
        return quantity;
    }
    let steps =
        quantity.checked_div(step).map(|steps| steps.round_dp_with_strategy(0, RoundingStrategy::ToZero));
    let floored = steps.and_then(|steps| steps.checked_mul(step)).unwrap_or(Decimal::ZERO);
    // a quotient rounded up in its last digit must not show more than there is
    if floored > quantity { floored - step } else { floored }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(units: i64, scale: u32) -> Decimal {
        Decimal::new(units, scale)
    }

    #[test]
    fn shown_stock_by_the_documented_rule() {
        let pieces = |n: i64| Buffer::default().shown(Decimal::from(n), Decimal::ONE);
        let shown: Vec<i64> = [-3, 0, 1, 2, 10, 19, 20, 21, 100]
            .into_iter()
            .map(|n| i64::try_from(pieces(n)).unwrap())
            .collect();
        assert_eq!(shown, [0, 0, 1, 1, 9, 18, 19, 19, 95]);
        let strict = Buffer::default().keep_last(false);
        assert_eq!(strict.shown(Decimal::ONE, Decimal::ONE), Decimal::ZERO);
        let hold = Buffer::none().min_hold(3);
        assert_eq!(hold.shown(Decimal::from(3), Decimal::ONE), Decimal::ZERO);
        assert_eq!(hold.shown(Decimal::from(10), Decimal::ONE), Decimal::from(7));
        // half a piece is no last piece; metres by the tenth
        assert_eq!(Buffer::default().shown(decimal(5, 1), Decimal::ONE), Decimal::ZERO);
        assert_eq!(Buffer::default().shown(decimal(125, 1), decimal(1, 1)), decimal(118, 1));
    }

    proptest! {
        #[test]
        fn shown_is_bounded_monotone_and_a_multiple_of_the_step(
            a in -1_000_000i64..1_000_000, more in 0i64..1_000_000, scale in 0u32..4,
            step in prop::sample::select(vec![1i64, 5, 25, 100, 1000, 3, 7]), percent in -10i64..120,
            hold in -10i64..1_000, keep_last: bool,
        ) {
            let buffer = Buffer::default().percent(percent).min_hold(decimal(hold, 1)).keep_last(keep_last);
            let step = decimal(step, 2);
            let (low, high) = (decimal(a, scale), decimal(a + more, scale));
            let (less, greater) = (buffer.shown(low, step), buffer.shown(high, step));
            prop_assert!(less >= Decimal::ZERO && less <= low.max(Decimal::ZERO));
            prop_assert!(less <= greater, "{less} > {greater}");
            prop_assert!((less % step).is_zero());
        }
    }
}
