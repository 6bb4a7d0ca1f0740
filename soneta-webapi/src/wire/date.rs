//! Calendar days.
//!
//! Reads `"2026-11-21"`, the date-time `"2026-11-21T00:00:00"` (of which the time of day must be midnight: a day with a time is
//! an instant in a zone that nobody names) and the object `{"Year":2026,"Month":11,"Day":21}`, also with the members `Rok`,
//! `Miesiac`, `Dzien` of older descriptions. Writes `"2026-11-21"`.

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::value::RawValue;

use super::decimal::Text;

/// Writes `"2026-11-21"`.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(value: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.format("%Y-%m-%d"))
}

/// Reads a day in any of its spellings.
///
/// # Errors
/// The value is no day; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    read(Box::<RawValue>::deserialize(deserializer)?.get()).map_err(D::Error::custom)
}

#[derive(Deserialize)]
struct Parts {
    #[serde(rename = "Year", alias = "year", alias = "Rok", alias = "rok")]
    year: i32,
    #[serde(rename = "Month", alias = "month", alias = "Miesiac", alias = "miesiac")]
    month: u32,
    #[serde(rename = "Day", alias = "day", alias = "Dzien", alias = "dzien")]
    day: u32,
}

/// Reads a day from its JSON text; no untagged enum, which breaks when `arbitrary_precision` is on.
fn read(json: &str) -> Result<NaiveDate, &'static str> {
    const EXPECTED: &str =
        "no day: 2026-11-21, a date-time at midnight or an object with Year, Month and Day";
    if json.starts_with('{') {
        let Parts { year, month, day } = serde_json::from_str(json).map_err(|_| EXPECTED)?;
        return NaiveDate::from_ymd_opt(year, month, day).ok_or(EXPECTED);
    }
    let Text(text) = serde_json::from_str(json).map_err(|_| EXPECTED)?;
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    if !time.trim_end_matches('Z').chars().all(|c| matches!(c, '0' | ':' | '.')) {
        return Err("a day comes with a time of day or an offset");
    }
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| EXPECTED)
}

/// For `Option<NaiveDate>`: `null`, `""`, and the ends of the platform's calendar (`0001-01-01`, `9999-12-31`; *inferred*) are
/// `None`.
pub mod option {
    use chrono::{Datelike, NaiveDate};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::value::RawValue;

    /// Writes `"2026-11-21"` or `null`.
    ///
    /// # Errors
    /// The serialiser's.
    pub fn serialize<S: Serializer>(value: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a day in any of its spellings, or nothing.
    ///
    /// # Errors
    /// The value is no day; the message holds nothing of it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
        match Box::<RawValue>::deserialize(deserializer)?.get() {
            "null" | "\"\"" => Ok(None),
            json => {
                let day = super::read(json).map_err(D::Error::custom)?;
                Ok(Some(day).filter(|day| day.year() > 1 && day.year() < 9999))
            }
        }
    }
}

/// For the writing of `Option<NaiveDate>` as `{"Year":2026,"Month":11,"Day":21}`; reads like [`option`].
pub mod parts {
    use chrono::{Datelike, NaiveDate};
    use serde::{Serialize, Serializer};

    pub use super::option::deserialize;

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Parts {
        year: i32,
        month: u32,
        day: u32,
    }

    /// Writes the object or `null`.
    ///
    /// # Errors
    /// The serialiser's.
    pub fn serialize<S: Serializer>(value: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|day| Parts { year: day.year(), month: day.month(), day: day.day() }).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "super")]
        day: NaiveDate,
        #[serde(with = "super::option", default)]
        maybe: Option<NaiveDate>,
        #[serde(with = "super::parts", default)]
        parts: Option<NaiveDate>,
    }

    #[test]
    fn every_spelling_of_a_day_reads_the_same() {
        let expected = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        for json in [
            r#""2026-11-21""#,
            r#""2026-11-21T00:00:00""#,
            r#""2026-11-21T00:00:00.0000000Z""#,
            r#"{"Year":2026,"Month":11,"Day":21}"#,
            r#"{"Rok":2026,"Miesiac":11,"Dzien":21}"#,
        ] {
            let text = format!(r#"{{"day":{json},"maybe":{json},"parts":{json}}}"#);
            let holder: Holder = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (holder.day, holder.maybe, holder.parts),
                (expected, Some(expected), Some(expected)),
                "{json}"
            );
        }
    }

    #[test]
    fn each_module_writes_its_own_spelling() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let text = serde_json::to_string(&Holder { day, maybe: Some(day), parts: Some(day) }).unwrap();
        assert_eq!(
            text,
            r#"{"day":"2026-11-21","maybe":"2026-11-21","parts":{"Year":2026,"Month":11,"Day":21}}"#
        );
    }

    #[test]
    fn a_day_with_a_time_of_day_is_refused() {
        for json in [
            r#""2026-11-20T23:00:00Z""#,
            r#""2026-11-21T00:00:00+01:00""#,
            r#""21.11.2026""#,
            "20261121",
            "{}",
        ] {
            assert!(serde_json::from_str::<Holder>(&format!(r#"{{"day":{json}}}"#)).is_err(), "{json}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_day() {
        for json in ["null", "\"\"", "\"0001-01-01\"", "\"9999-12-31T00:00:00\""] {
            let holder: Holder =
                serde_json::from_str(&format!(r#"{{"day":"2026-11-21","maybe":{json}}}"#)).unwrap();
            assert_eq!(holder.maybe, None, "{json}");
        }
    }
}
