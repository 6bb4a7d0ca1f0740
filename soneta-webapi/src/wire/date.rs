//! Calendar days.
//!
//! Reads `"2026-11-21"`, `"21.11.2026"`, a date-time with or without an offset (its day as it is written there) and the object
//! `{"Year":2026,"Month":11,"Day":21}`, also with the members `Rok`, `Miesiac`, `Dzien` of older descriptions. A time in UTC from
//! 22:00 on is refused: in Poland that may be the next day, and midnight there is written so. Writes `"2026-11-21"`.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
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
    if json.starts_with('{') {
        let Parts { year, month, day } = serde_json::from_str(json).map_err(|_| EXPECTED)?;
        return NaiveDate::from_ymd_opt(year, month, day).filter(has_four_digits).ok_or(EXPECTED);
    }
    let Text(text) = serde_json::from_str(json).map_err(|_| EXPECTED)?;
    parse(&text)
}

const EXPECTED: &str = "no day: 2026-11-21, a date-time or an object with Year, Month and Day";

/// Reads a day from text.
pub(super) fn parse(text: &str) -> Result<NaiveDate, &'static str> {
    let text = text.trim();
    // Exactly so long, since chrono takes shorter years for years of the first century.
    if text.len() == "2026-11-21".len() {
        let format = if text.contains('.') { "%d.%m.%Y" } else { "%Y-%m-%d" };
        return NaiveDate::parse_from_str(text, format).ok().filter(has_four_digits).ok_or(EXPECTED);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        let day = instant.date_naive();
        let late_in_utc = instant.offset().utc_minus_local() == 0 && instant.hour() >= 22;
        if late_in_utc && unless_end(day).is_some() {
            return Err("a day comes as an instant in UTC that may be the next day in Poland");
        }
        return Ok(day);
    }
    text.parse::<NaiveDateTime>().ok().map(|moment| moment.date()).filter(has_four_digits).ok_or(EXPECTED)
}

/// Whether the year is one that the platform's calendar can have and ISO 8601 writes without a sign.
fn has_four_digits(day: &NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

/// The day, unless it is in a year that only an end of the platform's calendar is in.
pub(super) fn unless_end(day: NaiveDate) -> Option<NaiveDate> {
    Some(day).filter(|day| day.year() > 1 && day.year() < 9999)
}

/// Reads a day or nothing from its JSON text.
pub(super) fn maybe(json: &str) -> Result<Option<NaiveDate>, &'static str> {
    match json {
        "null" | "\"\"" => Ok(None),
        json => read(json).map(unless_end),
    }
}

/// For `Option<NaiveDate>`: `null`, `""`, and the ends of the platform's calendar (`0001-01-01`, `9999-12-31`; *inferred*) are
/// `None`.
pub mod option {
    use chrono::NaiveDate;
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
        super::maybe(Box::<RawValue>::deserialize(deserializer)?.get()).map_err(D::Error::custom)
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
    use proptest::prelude::*;
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
            r#""2026-11-21T12:35:07.415""#,
            r#""2026-11-21T21:59:59.4405806Z""#,
            r#""2026-11-21T00:00:00+01:00""#,
            r#""2026-11-21T23:59:59+01:00""#,
            r#""21.11.2026""#,
            r#""2026-11-21T00:00:00.0000000Z""#,
            r#"{"Year":2026,"Month":11,"Day":21}"#,
            r#"{"Rok":2026,"Miesiac":11,"Dzien":21}"#,
            r#"{"day":21,"month":11,"year":2026,"inne":0}"#,
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
    fn an_instant_that_may_be_the_next_day_in_poland_and_what_is_no_day_are_refused() {
        for json in [
            r#""2026-11-20T23:00:00Z""#,
            r#""2026-07-20T22:00:00.000+00:00""#,
            r#""21.11.26""#,
            r#""26-11-21""#,
            r#""2026-02-30""#,
            r#""0.0.2026""#,
            r#"{"Year":10000,"Month":1,"Day":1}"#,
            r#""0000-01-01""#,
            r#""tajne""#,
            "\"\"",
            "20261121",
            "[2026,11,21]",
            "null",
            "{}",
        ] {
            let error = serde_json::from_str::<Holder>(&format!(r#"{{"day":{json}}}"#)).unwrap_err();
            assert!(!error.to_string().contains("tajne"), "{json}: {error}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_day() {
        for json in [
            "null",
            "\"\"",
            "\"0001-01-01\"",
            "\"0001-01-01T00:00:00Z\"",
            "\"9999-12-31T00:00:00\"",
            "\"9999-12-31T23:59:59.9999999Z\"",
            r#"{"Year":1,"Month":1,"Day":1}"#,
        ] {
            let holder: Holder =
                serde_json::from_str(&format!(r#"{{"day":"2026-11-21","maybe":{json}}}"#)).unwrap();
            assert_eq!(holder.maybe, None, "{json}");
        }
    }
    proptest! {
        #[test]
        fn a_day_is_read_back_from_every_spelling(days in 400i32..3_000_000) {
            let day = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
            let text = serde_json::to_string(&Holder { day, maybe: Some(day), parts: Some(day) }).unwrap();
            let holder: Holder = serde_json::from_str(&text).unwrap();
            prop_assert_eq!((holder.day, holder.maybe, holder.parts), (day, Some(day), Some(day)));
            for format in ["%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT00:00:00", "%Y-%m-%dT12:35:07.4150000Z", "%Y-%m-%dT23:00:00+02:00"] {
                prop_assert_eq!(parse(&day.format(format).to_string()), Ok(day));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9.T:Z+-]{0,24}|.{0,24}") {
            let _ = parse(&text);
            let _ = maybe(&text);
        }
    }
}
