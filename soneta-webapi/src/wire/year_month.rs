use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::Unreadable;
use super::decimal::Text;

/// A month of a year: `{"Year": 2022, "Month": 6}`.
///
/// Reads the object, also with the members `Rok` and `Miesiac`, and the text of the database, `"2025/02"`. Writes the object.
#[doc(alias = "miesiac")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

impl YearMonth {
    /// A month; `None` where the month is not 1 to 12 or the year not 1 to 9999.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        let year = u16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
        let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        Some(Self { year, month })
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year.into()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.month.into()
    }
}

/// The spelling in text, `2025/02`.
impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}", self.year, self.month)
    }
}

const EXPECTED: Unreadable = Unreadable("no month: an object with Year and Month or 2025/02");

/// Reads `2025/02`.
impl FromStr for YearMonth {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (year, month) = text.trim().split_once('/').ok_or(EXPECTED)?;
        let is_number = |text: &str, digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(year, 4) || !is_number(month, 2) {
            return Err(EXPECTED);
        }
        let (year, month) = (year.parse().map_err(|_| EXPECTED)?, month.parse().map_err(|_| EXPECTED)?);
        Self::new(year, month).ok_or(EXPECTED)
    }
}

impl Serialize for YearMonth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Parts {
            year: u16,
            month: u8,
        }
        Parts { year: self.year, month: self.month }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for YearMonth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Parts {
            #[serde(rename = "Year", alias = "year", alias = "Rok", alias = "rok")]
            year: i32,
            #[serde(rename = "Month", alias = "month", alias = "Miesiac", alias = "miesiac")]
            month: u32,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if let Ok(Text(text)) = serde_json::from_str(raw.get()) {
            return text.parse().map_err(D::Error::custom);
        }
        // A struct would be read from an array too.
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom(EXPECTED));
        }
        let parts: Parts = serde_json::from_str(raw.get()).map_err(|_| D::Error::custom(EXPECTED))?;
        Self::new(parts.year, parts.month).ok_or_else(|| D::Error::custom(EXPECTED))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<YearMonth> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn every_spelling_of_a_month_reads_the_same() {
        for json in [
            r#"{"Year":2022,"Month":6}"#,
            r#"{"month":6,"year":2022}"#,
            r#"{"Rok":2022,"Miesiac":6}"#,
            r#"{"rok":2022,"miesiac":6,"inne":null}"#,
            r#""2022/06""#,
        ] {
            assert_eq!(read(json), YearMonth::new(2022, 6), "{json}");
        }
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for json in [
            r#"{"Year":2022,"Month":13}"#,
            r#"{"Year":0,"Month":1}"#,
            "{}",
            "null",
            "202206",
            "[2022,6]",
            r#""2022/6""#,
            r#""+022/06""#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(
            (YearMonth::new(10_000, 1), YearMonth::new(-1, 1), YearMonth::new(2022, 0)),
            (None, None, None)
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(year in 1i32..=9999, month in 1u32..=12) {
            let value = YearMonth::new(year, month).unwrap();
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(&json, &format!(r#"{{"Year":{year},"Month":{month}}}"#));
            prop_assert_eq!(read(&json), Some(value));
            prop_assert_eq!(value.to_string().parse(), Ok(value));
            prop_assert_eq!((value.year(), value.month()), (year, month));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9/+-]{0,8}|.{0,24}") {
            let _ = text.parse::<YearMonth>();
            let _ = read(&text);
        }
    }
}
