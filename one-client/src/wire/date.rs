//! Calendar days: `yyyy-MM-dd` (*documented* for confirmed delivery dates, *example* elsewhere).
//! ONe has four date formats; a time after the day is accepted and dropped, because a time cannot
//! change which day a delivery is asked for.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else { return Ok(None) };
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map(Some).map_err(|_| super::unfit("a day as yyyy-MM-dd"))
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
}
