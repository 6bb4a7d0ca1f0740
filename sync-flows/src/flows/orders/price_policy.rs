//! What to do when the ERP's price is no longer the one that was confirmed to the buyer.

use serde::{Deserialize, Serialize};

/// What to do with a price that changed since it was confirmed; ordered by how careful it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PriceChange {
    /// The order goes through at the price that was confirmed to the buyer; the difference is kept as a remark.
    ConfirmedPrice,
    /// The order waits until a person releases it; then it goes through at the confirmed price.
    Hold,
    /// The order is refused; the reason names both prices.
    Refuse,
}

/// The policy for orders that arrive placed, as ONe's do: never a quiet change.
///
/// A line whose price in the ERP is lower now and one whose price is higher are told apart. If the lines of one order
/// ask for different things, the most careful wins: refuse, then hold, then the confirmed price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PricePolicy {
    /// The ERP asks less now than the buyer confirmed.
    pub cheaper: PriceChange,
    /// The ERP asks more now than the buyer confirmed.
    pub dearer: PriceChange,
}

impl PricePolicy {
    /// This for a price that is lower in the ERP now, that for one that is higher.
    #[must_use]
    pub fn new(cheaper: PriceChange, dearer: PriceChange) -> Self {
        Self { cheaper, dearer }
    }
}

impl Default for PricePolicy {
    /// A person decides in both cases.
    fn default() -> Self {
        Self::new(PriceChange::Hold, PriceChange::Hold)
    }
}
