//! Instants: date-times with an offset, ISO 8601 (`2026-07-14T21:23:53.4405806Z`, `…+02:00`).
//!
//! A date-time without an offset is refused with a reason: real servers may send local Polish time that way (*inferred*), and
//! reading it as UTC would move every change by an hour or two. Writes UTC with `Z`.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Reads an instant from text.
///
/// # Errors
/// The text is no date-time or has no offset; the message holds nothing of it.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, &'static str> {
    DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc()).map_err(|_| {
        if text.parse::<NaiveDateTime>().is_ok() {
            "a date-time has no offset, so that its instant is unknown"
        } else {
            "not a date-time of the form 2026-11-21T10:00:00+01:00"
        }
    })
}

/// The spelling that is sent: UTC, as many decimals of the second as the value has.
pub(crate) fn text(value: &DateTime<Utc>) -> String {
    value.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Writes UTC with `Z`.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(value: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(value))
}

/// Reads a date-time with an offset.
///
/// # Errors
/// The value is something else; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    parse(&Cow::<'_, str>::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// For `Option<DateTime<Utc>>`: `null`, `""` and (with `#[serde(default)]`) a missing field are `None`.
pub mod option {
    use std::borrow::Cow;

    use chrono::{DateTime, Utc};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes UTC with `Z`, or `null`.
    ///
    /// # Errors
    /// The serialiser's.
    pub fn serialize<S: Serializer>(value: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a date-time with an offset, or nothing.
    ///
    /// # Errors
    /// The value is something else; the message holds nothing of it.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        match Option::<Cow<'_, str>>::deserialize(deserializer)?.as_deref() {
            None | Some("") => Ok(None),
            Some(text) => super::parse(text).map(Some).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_offset_and_seven_digits_are_read() {
        let utc = parse("2026-07-14T21:23:53.4405806Z").unwrap();
        assert_eq!(utc, parse("2026-07-14T23:23:53.4405806+02:00").unwrap());
        assert_eq!(text(&utc), "2026-07-14T21:23:53.440580600Z");
    }

    #[test]
    fn a_date_time_without_an_offset_is_refused_with_a_reason() {
        assert!(parse("2026-07-14T21:23:53").unwrap_err().contains("no offset"));
        assert!(parse("wczoraj").is_err());
    }
    proptest! {
        #[test]
        fn what_is_written_is_read_back_from_every_offset(seconds in 0i64..4_000_000_000, nanos in 0u32..1_000_000_000, hours in -12i32..=14) {
            let utc = DateTime::from_timestamp(seconds, nanos).unwrap();
            prop_assert_eq!(parse(&text(&utc)), Ok(utc));
            let local = utc.with_timezone(&chrono::FixedOffset::east_opt(hours * 3_600).unwrap());
            prop_assert_eq!(parse(&local.to_rfc3339()), Ok(utc));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9T:.Z+-]{0,30}|.{0,24}") {
            let _ = parse(&text);
        }
    }
}
