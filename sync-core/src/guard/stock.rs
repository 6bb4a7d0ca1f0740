//! How much stock to show.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::exact;

/// What the ERP says of one good in one warehouse, in the good's basic unit. What it does not say is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErpStock {
    /// What lies there.
    pub actual: Option<Decimal>,
    /// What of it is promised to somebody.
    pub reserved: Option<Decimal>,
    /// What the ERP itself calls available; it counts more than the two above.
    pub available: Option<Decimal>,
}

impl ErpStock {
    /// So much lies there, so much of it is reserved.
    #[must_use]
    pub fn new(actual: impl Into<Decimal>, reserved: impl Into<Decimal>) -> Self {
        Self { actual: Some(actual.into()), reserved: Some(reserved.into()), available: None }
    }

    /// The ERP reckons itself what is available.
    #[must_use]
    pub fn available(available: impl Into<Decimal>) -> Self {
        Self { available: Some(available.into()), ..Self::default() }
    }

    /// What can still be sold: the ERP's own number, or actual less reserved (below 0 counts as 0), less `pending`, the
    /// orders of ours that the ERP does not know yet. May be below zero.
    ///
    /// `None` if the ERP does not say enough; that is not zero, and nothing may be shown from it.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use sync_core::guard::stock::{Buffer, ErpStock, PendingOrders};
    ///
    /// let mut pending = PendingOrders::new();
    /// pending.add("T7", "MAG1", Decimal::from(2));
    /// let sellable = ErpStock::new(10, 3).sellable(pending.of("T7", "MAG1"));
    /// assert_eq!(sellable, Some(Decimal::from(5)));
    /// let shown = sellable.map(|sellable| Buffer::default().shown(sellable, Decimal::ONE));
    /// assert_eq!(shown, Some(Decimal::from(4)));
    /// assert_eq!(ErpStock::default().sellable(Decimal::ZERO), None);
    /// ```
    #[must_use]
    pub fn sellable(&self, pending: Decimal) -> Option<Decimal> {
        let available = match self.available {
            Some(available) => available,
            None => exact::difference(self.actual?, self.reserved?.max(Decimal::ZERO))?,
        };
        exact::difference(available, pending.max(Decimal::ZERO))
    }
}

/// Quantities of our own orders that the ERP does not know yet, per good and warehouse, in the good's basic unit.
///
/// An order belongs here from its confirmation until the ERP has it; one in doubt belongs here, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PendingOrders {
    quantities: BTreeMap<(String, String), Decimal>,
}

impl PendingOrders {
    /// No orders.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the quantity of a line; nothing if it is below zero. A sum too large for a decimal stays the largest one.
    pub fn add(&mut self, good: impl Into<String>, warehouse: impl Into<String>, quantity: Decimal) {
        let sum = self.quantities.entry((good.into(), warehouse.into())).or_default();
        *sum = sum.saturating_add(quantity.max(Decimal::ZERO));
    }

    /// The quantity of a good in a warehouse; 0 if no line has it.
    #[must_use]
    pub fn of(&self, good: &str, warehouse: &str) -> Decimal {
        self.quantities.get(&(good.to_owned(), warehouse.to_owned())).copied().unwrap_or_default()
    }
}

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

    #[test]
    fn f69_what_is_reserved_or_ordered_already_is_not_shown() {
        let shown = |stock: ErpStock, pending: i64| {
            stock
                .sellable(Decimal::from(pending))
                .map(|sellable| Buffer::none().shown(sellable, Decimal::ONE))
        };
        let pieces = |pieces: i64| Some(Decimal::from(pieces));
        assert_eq!(shown(ErpStock::new(10, 4), 0), pieces(6));
        assert_eq!(shown(ErpStock::new(10, 4), 5), pieces(1));
        assert_eq!(shown(ErpStock::new(10, 4), 6), pieces(0));
        assert_eq!(shown(ErpStock::new(4, 10), 0), pieces(0));
        // a reservation below zero makes nothing out of nothing
        assert_eq!(shown(ErpStock::new(10, -4), -3), pieces(10));
        // the ERP's own number, with its own rules
        let own = ErpStock { available: pieces(3), ..ErpStock::new(10, 4) };
        assert_eq!(shown(own, 1), pieces(2));
        assert_eq!(shown(ErpStock::available(7), 0), pieces(7));
    }

    #[test]
    fn f69_what_the_erp_does_not_say_is_not_zero() {
        let (some, none) = (Some(Decimal::TEN), None);
        for (actual, reserved) in [(none, none), (some, none), (none, some)] {
            assert_eq!(ErpStock { actual, reserved, available: none }.sellable(Decimal::ZERO), None);
        }
        assert_eq!(ErpStock::new(Decimal::MIN, 1).sellable(Decimal::ZERO), None);
    }

    #[test]
    fn pending_quantities_add_up_per_good_and_warehouse() {
        let mut pending = PendingOrders::new();
        for (good, warehouse, quantity) in
            [("T1", "M1", 2), ("T1", "M1", 3), ("T1", "M2", 7), ("T2", "M1", -1)]
        {
            pending.add(good, warehouse, Decimal::from(quantity));
        }
        let of = |good, warehouse| i64::try_from(pending.of(good, warehouse)).unwrap();
        assert_eq!([of("T1", "M1"), of("T1", "M2"), of("T2", "M1"), of("T2", "M2")], [5, 7, 0, 0]);
        pending.add("T1", "M1", Decimal::MAX);
        assert_eq!(pending.of("T1", "M1"), Decimal::MAX);
    }

    proptest! {
        #[test]
        fn l24_stock_is_exact_bounded_and_never_grows_with_what_is_promised(
            actual in -1_000_000i64..1_000_000, reserved in 0i64..1_000_000, pending in 0i64..1_000_000,
            more in 0i64..1_000, scale in 0u32..4,
        ) {
            let decimal = |units| decimal(units, scale);
            let stock = ErpStock::new(decimal(actual), decimal(reserved));
            let sellable = stock.sellable(decimal(pending)).unwrap();
            prop_assert_eq!(sellable, decimal(actual - reserved - pending));
            let shown = Buffer::default().shown(sellable, Decimal::ONE);
            prop_assert!(shown >= Decimal::ZERO && shown <= decimal(actual).max(Decimal::ZERO));
            let reserved = ErpStock::new(decimal(actual), decimal(reserved + more)).sellable(decimal(pending)).unwrap();
            let ordered = stock.sellable(decimal(pending + more)).unwrap();
            prop_assert_eq!(reserved, ordered);
            prop_assert!(Buffer::default().shown(reserved, Decimal::ONE) <= shown);
        }

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
