use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::decimal::Text;
use super::{Unreadable, date};

/// A period of days, both ends within: `{"From": "2022-05-09", "To": "2022-05-15"}`.
///
/// Reads the object with days in any spelling, and the text of the database, `"2022-05-09...2022-05-15"`. A side that is null
/// or an end of the platform's calendar is open, and is written as that end (`0001-01-01`, `9999-12-31`; *inferred*).
/// `null` is the empty period: a field that may be empty is an `Option<FromTo>`. Writes the object.
#[doc(alias = "okres")]
#[doc(alias = "period")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FromTo {
    /// The first day; `None` is an open beginning.
    #[serde(serialize_with = "from")]
    pub from: Option<NaiveDate>,
    /// The last day; `None` is an open end.
    #[serde(serialize_with = "to")]
    pub to: Option<NaiveDate>,
}

impl FromTo {
    /// From a day to a day; `None` leaves that side open.
    pub fn new(from: impl Into<Option<NaiveDate>>, to: impl Into<Option<NaiveDate>>) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}

fn from<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => date::serialize(day, serializer),
        None => serializer.serialize_str("0001-01-01"),
    }
}

fn to<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => date::serialize(day, serializer),
        None => serializer.serialize_str("9999-12-31"),
    }
}

/// The spelling in text, `2022-05-09...2022-05-15`; an open side is left out (*inferred*).
impl fmt::Display for FromTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.from.map_or(Ok(()), |day| day.fmt(f))?;
        f.write_str("...")?;
        self.to.map_or(Ok(()), |day| day.fmt(f))
    }
}

const EXPECTED: Unreadable = Unreadable("no period: an object with From and To or 2022-05-09...2022-05-15");

/// Reads `2022-05-09...2022-05-15`.
impl FromStr for FromTo {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (from, to) = text.split_once("...").ok_or(EXPECTED)?;
        let side = |text: &str| match text.trim() {
            "" => Ok(None),
            day => date::parse(day).map(date::unless_end).map_err(|_| EXPECTED),
        };
        Ok(Self { from: side(from)?, to: side(to)? })
    }
}

impl<'de> Deserialize<'de> for FromTo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Sides {
            #[serde(rename = "From", alias = "from", with = "date::option")]
            from: Option<NaiveDate>,
            #[serde(rename = "To", alias = "to", with = "date::option")]
            to: Option<NaiveDate>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if let Ok(Text(text)) = serde_json::from_str(raw.get()) {
            return text.parse().map_err(D::Error::custom);
        }
        // A struct would be read from an array too.
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom(EXPECTED));
        }
        let Sides { from, to } = serde_json::from_str(raw.get()).map_err(|_| D::Error::custom(EXPECTED))?;
        Ok(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<FromTo> {
        serde_json::from_str(json).ok()
    }

    fn may(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2022, 5, day).unwrap()
    }

    #[test]
    fn every_spelling_of_a_period_reads_the_same() {
        for json in [
            r#"{"From":"2022-05-09","To":"2022-05-15"}"#,
            r#"{"to":"2022-05-15T00:00:00","from":{"Year":2022,"Month":5,"Day":9}}"#,
            r#""2022-05-09...2022-05-15""#,
            r#"" 09.05.2022 ... 15.05.2022 ""#,
        ] {
            assert_eq!(read(json), Some(FromTo::new(may(9), may(15))), "{json}");
        }
    }

    #[test]
    fn an_open_side_is_none_and_is_written_as_the_end_of_the_calendar() {
        let open = FromTo::new(may(9), None);
        for json in [
            r#"{"From":"2022-05-09","To":null}"#,
            r#"{"From":"2022-05-09","To":"9999-12-31"}"#,
            r#""2022-05-09...""#,
            r#""2022-05-09...9999-12-31""#,
        ] {
            assert_eq!(read(json), Some(open), "{json}");
        }
        assert_eq!(serde_json::to_string(&open).unwrap(), r#"{"From":"2022-05-09","To":"9999-12-31"}"#);
        assert_eq!(
            serde_json::to_string(&FromTo::new(None, may(9))).unwrap(),
            r#"{"From":"0001-01-01","To":"2022-05-09"}"#
        );
    }

    #[test]
    fn null_is_empty_and_other_shapes_are_refused() {
        assert_eq!(serde_json::from_str::<Option<FromTo>>("null").unwrap(), None);
        for json in
            ["null", "[]", "5", "\"\"", "\"2022-05-09\"", "\"a...b\"", r#"{"From":5}"#, "{}", "[null,null]"]
        {
            assert_eq!(read(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(from in proptest::option::of(400i32..3_000_000), to in proptest::option::of(400i32..3_000_000)) {
            let day = |days: Option<i32>| days.and_then(NaiveDate::from_num_days_from_ce_opt);
            let period = FromTo::new(day(from), day(to));
            let json = serde_json::to_string(&period).unwrap();
            prop_assert_eq!(read(&json), Some(period));
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9.T-]{0,24}|.{0,24}") {
            let _ = text.parse::<FromTo>();
            let _ = read(&text);
        }
    }
}
