//! What to do when an order asks for what cannot be delivered as it is asked for.

use serde::{Deserialize, Serialize};

/// What to do with such an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shortage {
    /// It goes through, and nothing is said.
    Accept,
    /// It goes through; what is missing is kept as a remark.
    Note,
    /// It waits until a person releases it.
    Hold,
    /// It is refused; the reason names what is missing.
    Refuse,
}

/// The policy for quantities, asked at each submit, as the [`PricePolicy`](super::PricePolicy) is for prices.
///
/// What is available is what the ERP tells with its prices: in all warehouses, without what is reserved. Whether the order's
/// own warehouse has it, the ERP alone decides, under [`Reservation::All`](super::Reservation::All).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StockPolicy {
    /// More is ordered of a good than is available.
    pub missing: Shortage,
    /// Less is ordered of a good than its least quantity, or no multiple of its packaging; where the goods are known
    /// ([`with_goods`](crate::enova::OrderSubmitter::with_goods)) and tell them.
    pub quantity: Shortage,
}

impl StockPolicy {
    /// This for more than is available, that for quantities that the good is not sold in.
    #[must_use]
    pub fn new(missing: Shortage, quantity: Shortage) -> Self {
        Self { missing, quantity }
    }
}

impl Default for StockPolicy {
    /// The order goes through with a remark in both cases.
    fn default() -> Self {
        Self::new(Shortage::Note, Shortage::Note)
    }
}
