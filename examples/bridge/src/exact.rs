//! A decimal in settings.

use rust_decimal::Decimal;
use serde::Deserialize;

/// A decimal written as text, since TOML's numbers with a point are binary fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Exact(Decimal);

impl Exact {
    pub(crate) fn get(self) -> Decimal {
        self.0
    }

    pub(crate) fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }
}

impl TryFrom<String> for Exact {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self).map_err(|_| "is no number, expected one in quotes such as \"0.1\"")
    }
}
