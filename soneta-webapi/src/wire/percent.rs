use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::Unreadable;
use super::decimal::{self, Text};

/// A percentage: `"50.00%"`.
///
/// Reads text with the sign, the number with a dot or a comma (`"50,00%"`, `"50.00%"`, `"50%"`), and a JSON number, which is
/// the share that the database stores: `0.2011` is 20.11 % (*inferred*: no source shows a number on the wire). Text without the
/// sign is refused, since the sources disagree by the factor 100 on what it means. `null` is an error: a field that may be null
/// is an `Option<Percent>`. Writes invariant text with at least two places.
///
/// ```
/// use rust_decimal::Decimal;
/// use soneta_webapi::wire::Percent;
///
/// let discount: Percent = serde_json::from_str("\"12,5%\"")?;
/// assert_eq!(discount.value(), Decimal::new(125, 1));
/// assert_eq!(serde_json::to_string(&discount)?, "\"12.50%\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(alias = "procent")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Decimal);

impl Percent {
    /// So many percent: 50 for one half.
    pub fn new(value: Decimal) -> Self {
        Self(value)
    }

    /// The percentage that a share is: 50 % for 0.5. `None` where the result does not fit a `Decimal`.
    pub fn from_share(mut share: Decimal) -> Option<Self> {
        // Moving the point is exact for every share.
        match share.scale().checked_sub(2) {
            Some(scale) => share.set_scale(scale).ok().map(|()| Self(share)),
            None => share.checked_mul(Decimal::ONE_HUNDRED).map(Self),
        }
    }

    /// How many percent: 50 for one half.
    pub fn value(self) -> Decimal {
        self.0
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Percent(..)")
    }
}

/// The spelling on the wire, `50.00%`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.0;
        if value.scale() < 2 {
            value.rescale(2);
        }
        write!(f, "{value}%")
    }
}

/// Reads text with the sign.
impl FromStr for Percent {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable("no percentage of the form 50.00%");
        let number = text.trim().strip_suffix('%').ok_or(EXPECTED)?;
        decimal::parse(number).map(Self).map_err(|_| EXPECTED)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "neither a percentage of the form 50.00% nor a number";
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if let Ok(Text(text)) = serde_json::from_str(raw.get()) {
            return text.parse().map_err(D::Error::custom);
        }
        let share = decimal::from_json(raw.get()).map_err(|_| D::Error::custom(EXPECTED))?;
        Self::from_share(share).ok_or_else(|| D::Error::custom(EXPECTED))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Percent> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn every_spelling_of_a_percentage_reads_the_same() {
        for json in ["\"50,00%\"", "\"50.00%\"", "\"50%\"", "\"50 %\"", "\" 50.0%\"", "0.5", "0.5000", "5e-1"]
        {
            assert_eq!(read(json), Some(Percent::new(Decimal::from(50))), "{json}");
        }
        assert_eq!(read("0.2011"), Some(Percent::new(Decimal::new(2_011, 2))));
        assert_eq!(read("1"), Some(Percent::new(Decimal::ONE_HUNDRED)));
        assert_eq!(read("\"-3,5%\""), Some(Percent::new(Decimal::new(-35, 1))));
    }

    #[test]
    fn text_without_the_sign_and_other_kinds_are_refused() {
        for json in ["\"15.5\"", "\"0.2011\"", "\"%\"", "\"\"", "null", "true", "{}", "\"5%%\"", "\"% 5\""] {
            assert_eq!(read(json), None, "{json}");
        }
        let too_large = Decimal::MAX.to_string();
        assert_eq!(read(&too_large), None);
        let error = serde_json::from_str::<Percent>("\"tajne 77\"").unwrap_err();
        assert!(!error.to_string().contains("tajne"), "{error}");
    }

    #[test]
    fn two_places_are_written_at_least_and_no_place_is_lost() {
        let written = |value| serde_json::to_string(&Percent::new(value)).unwrap();
        assert_eq!(written(Decimal::from(50)), "\"50.00%\"");
        assert_eq!(written(Decimal::new(20_115, 3)), "\"20.115%\"");
        assert_eq!(written(Decimal::MAX), format!("\"{}%\"", Decimal::MAX));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(mantissa in -(1i128 << 95)..(1i128 << 95), places in 0u32..=28) {
            let percent = Percent::new(Decimal::from_i128_with_scale(mantissa, places));
            let json = serde_json::to_string(&percent).unwrap();
            prop_assert_eq!(read(&json), Some(percent));
            prop_assert_eq!(read(&json.replace('.', ",")), Some(percent));
        }

        #[test]
        fn a_share_is_a_hundredth(mantissa in any::<i64>(), places in 0u32..=18) {
            let percent = Percent::new(Decimal::new(mantissa, places));
            let share = Decimal::new(mantissa, places + 2);
            prop_assert_eq!(read(&share.to_string()), Some(percent));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,24}") {
            let _ = text.parse::<Percent>();
            let _ = read(&text);
        }
    }
}
