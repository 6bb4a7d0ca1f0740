//! Whether a confirmed price still holds.

use rust_decimal::{Decimal, RoundingStrategy};

/// How a system rounds money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rounding {
    /// Digits after the point; 2 by default.
    pub digits: u32,
    /// What happens to a half.
    pub half: Half,
}

/// What happens to a half when it is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Half {
    /// Away from zero, as in trade.
    Up,
    /// To the even digit.
    Even,
}

impl Default for Rounding {
    /// Two digits, a half away from zero.
    fn default() -> Self {
        Self { digits: 2, half: Half::Up }
    }
}

impl Rounding {
    /// Rounds to so many digits, a half away from zero.
    #[must_use]
    pub fn to(digits: u32) -> Self {
        Self { digits, ..Self::default() }
    }

    /// With this treatment of a half.
    #[must_use]
    pub fn half(mut self, half: Half) -> Self {
        self.half = half;
        self
    }

    /// The rounded amount.
    #[must_use]
    pub fn round(self, amount: Decimal) -> Decimal {
        let strategy = match self.half {
            Half::Up => RoundingStrategy::MidpointAwayFromZero,
            Half::Even => RoundingStrategy::MidpointNearestEven,
        };
        amount.round_dp_with_strategy(self.digits, strategy)
    }
}

/// What became of a confirmed price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceCheck {
    /// It holds.
    Same,
    /// The ERP asks less by now.
    #[non_exhaustive]
    Cheaper {
        /// The confirmed price, rounded.
        confirmed: Decimal,
        /// The ERP's price, rounded.
        current: Decimal,
    },
    /// The ERP asks more by now.
    #[non_exhaustive]
    Dearer {
        /// The confirmed price, rounded.
        confirmed: Decimal,
        /// The ERP's price, rounded.
        current: Decimal,
    },
}

/// Compares a confirmed price with the ERP's, both rounded as declared. There is no tolerance besides the rounding.
///
/// ```
/// use sync_core::guard::price::{PriceCheck, Rounding, check};
/// let price = |text: &str| text.parse().unwrap();
/// assert_eq!(check(price("12.30"), price("12.3"), Rounding::default()), PriceCheck::Same);
/// assert!(matches!(check(price("12.30"), price("12.31"), Rounding::default()), PriceCheck::Dearer { .. }));
/// ```
#[must_use]
pub fn check(confirmed: Decimal, current: Decimal, rounding: Rounding) -> PriceCheck {
    let (confirmed, current) = (rounding.round(confirmed), rounding.round(current));
    match current.cmp(&confirmed) {
        std::cmp::Ordering::Equal => PriceCheck::Same,
        std::cmp::Ordering::Less => PriceCheck::Cheaper { confirmed, current },
        std::cmp::Ordering::Greater => PriceCheck::Dearer { confirmed, current },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_as_declared_before_prices_are_compared() {
        let half: Decimal = "2.345".parse().unwrap();
        let up: Decimal = "2.35".parse().unwrap();
        assert_eq!(check(up, half, Rounding::default()), PriceCheck::Same);
        let even = check(up, half, Rounding::default().half(Half::Even));
        assert_eq!(even, PriceCheck::Cheaper { confirmed: up, current: "2.34".parse().unwrap() });
        assert_eq!(check(up, "2.4".parse().unwrap(), Rounding::to(1)), PriceCheck::Same);
    }
}
