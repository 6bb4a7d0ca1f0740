//! Calendar days: `yyyy-MM-dd` (*documented* for confirmed delivery dates, *example* elsewhere).
//! ONe has four date formats; a time after the day is accepted and dropped, because a time cannot
//! change which day a delivery is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serializer};
use std::borrow::Cow;

pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else { return Ok(None) };
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map(Some).map_err(|_| super::unfit("a day as yyyy-MM-dd"))
}

/// A time in UTC as `yyyy-MM-ddTHH:mm:ssZ` (*documented* for changes of order lines), without what is below a second.
#[expect(clippy::ref_option, reason = "serde's signature")]
pub(crate) fn utc<S: Serializer>(value: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(time) => serializer.collect_str(&time.format("%Y-%m-%dT%H:%M:%SZ")),
        None => serializer.serialize_none(),
    }
}

/// Times without a zone: `yyyy-MM-dd HH:mm:ss` (*example*, complaints) and `yyyy-MM-ddTHH:mm:ss.SSSSSS` (*example*, notes
/// of offers, which only read so: chrono's own spelling is theirs). Which zone is meant is not known, so none
/// is assumed and one that is told is an error.
pub(crate) mod time {
    use super::{Cow, Deserialize, Deserializer};
    use chrono::NaiveDateTime;
    use serde::Serializer;

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(
        time: &Option<NaiveDateTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&time.format("%Y-%m-%d %H:%M:%S%.f")),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveDateTime>, D::Error> {
        let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else { return Ok(None) };
        NaiveDateTime::parse_from_str(&text.replacen('T', " ", 1), "%Y-%m-%d %H:%M:%S%.f")
            .map(Some)
            .map_err(|_| super::super::unfit("a time as yyyy-MM-dd HH:mm:ss"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "option")]
        day: Option<NaiveDate>,
    }

    #[test]
    fn a_day_is_read_with_or_without_a_time() {
        for wire in ["2022-11-09", "2022-11-09T00:00:00Z", "2022-11-09 08:15:20"] {
            let row: Row = serde_json::from_str(&format!("{{\"day\":\"{wire}\"}}")).unwrap();
            assert_eq!(row.day, NaiveDate::from_ymd_opt(2022, 11, 9), "{wire}");
        }
        assert!(serde_json::from_str::<Row>("{\"day\":\"09.11.2022\"}").is_err());
        assert!(serde_json::from_str::<Row>("{\"day\":null}").unwrap().day.is_none());
    }

    #[derive(serde::Serialize, Deserialize)]
    struct Event {
        #[serde(default, with = "time")]
        at: Option<chrono::NaiveDateTime>,
    }

    #[test]
    fn a_time_without_a_zone_is_read_and_written_back() {
        let event = |text: &str| serde_json::from_str::<Event>(&format!("{{\"at\":{text}}}"));
        for wire in ["\"2022-04-04 08:15:20\"", "\"2022-04-04 08:15:20.125\"", "null"] {
            let written = serde_json::to_string(&event(wire).unwrap()).unwrap();
            assert_eq!(written, format!("{{\"at\":{wire}}}"));
        }
        let read = event("\"2022-04-04T08:15:20\"").unwrap().at;
        assert_eq!(read, NaiveDate::from_ymd_opt(2022, 4, 4).unwrap().and_hms_opt(8, 15, 20));
        for wire in ["\"2022-04-04 08:15:20Z\"", "\"2022-04-04\"", "\"\"", "1649060120"] {
            assert!(event(wire).is_err(), "{wire}");
        }
    }

    #[derive(serde::Serialize, Deserialize)]
    struct Note {
        #[serde(deserialize_with = "time::deserialize")]
        created: Option<chrono::NaiveDateTime>,
        #[serde(serialize_with = "utc")]
        changed: Option<DateTime<Utc>>,
    }

    #[test]
    fn the_times_of_a_note_keep_their_t_and_their_microseconds() {
        for wire in ["2022-11-08T12:45:01.398696", "2022-11-08T12:45:01"] {
            let json = format!(r#"{{"created":"{wire}","changed":null}}"#);
            let note: Note = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&note).unwrap(), json);
        }
    }

    #[test]
    fn a_time_in_utc_is_written_to_the_second() {
        let json = r#"{"created":null,"changed":"2022-11-08T13:30:00.25+01:00"}"#;
        let note: Note = serde_json::from_str(json).unwrap();
        let written = serde_json::to_string(&note).unwrap();
        assert_eq!(written, r#"{"created":null,"changed":"2022-11-08T12:30:00Z"}"#);
    }
}
