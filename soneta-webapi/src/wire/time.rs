use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Unreadable;

/// A time of day or a span of time: `"8:05"`. Hours may exceed 24.
///
/// Reads `h:mm` and `hh:mm:ss`, also as the database pads it, never a negative one. Writes `h:mm`, and with seconds other than 0
/// `h:mm:ss` (*inferred*: the platform has a kind with seconds, but no source shows one).
///
/// ```
/// use soneta_webapi::wire::Time;
///
/// let work: Time = serde_json::from_str("\"160:30:00\"")?;
/// assert_eq!(work.as_seconds(), (160 * 60 + 30) * 60);
/// assert_eq!(serde_json::to_string(&work)?, "\"160:30\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(alias = "czas")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    seconds: u64,
}

impl Time {
    /// So many seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self { seconds }
    }

    /// So many minutes, up to the largest number of seconds that there is.
    pub const fn from_minutes(minutes: u64) -> Self {
        Self { seconds: minutes.saturating_mul(60) }
    }

    /// All of it in seconds.
    pub const fn as_seconds(self) -> u64 {
        self.seconds
    }
}

/// The spelling on the wire, `8:05`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        write!(f, "{}:{:02}", minutes / 60, minutes % 60)?;
        if seconds == 0 { Ok(()) } else { write!(f, ":{seconds:02}") }
    }
}

impl FromStr for Time {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable("no time of the form 8:05");
        let two_digits = |text: &str| {
            let fits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| text.parse::<u64>().ok()).flatten().filter(|value| *value < 60).ok_or(EXPECTED)
        };
        let (hours, rest) = text.trim().split_once(':').ok_or(EXPECTED)?;
        let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "00"));
        if !hours.bytes().all(|b| b.is_ascii_digit()) {
            return Err(EXPECTED);
        }
        let hours: u64 = hours.parse().map_err(|_| EXPECTED)?;
        let below_the_hour = two_digits(minutes)? * 60 + two_digits(seconds)?;
        let seconds = hours.checked_mul(3_600).and_then(|hours| hours.checked_add(below_the_hour));
        seconds.map(Self::from_seconds).ok_or(EXPECTED)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_a_time_reads_the_same() {
        for text in ["8:05", "08:05", "08:05:00", "0000008:05", "      8:05"] {
            assert_eq!(text.parse(), Ok(Time::from_minutes(485)), "{text}");
        }
        assert_eq!("100:00:01".parse(), Ok(Time::from_seconds(360_001)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "8",
            "8:5",
            "8:60",
            "8:05:60",
            "8:05:0",
            "-8:05",
            "8:-5",
            "8:05:00:00",
            ":05",
            "8.05",
            "+8:05",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
        assert!(format!("{}:00", u64::MAX).parse::<Time>().is_err());
        assert!(serde_json::from_str::<Time>("8").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in any::<u64>()) {
            let time = Time::from_seconds(seconds);
            let json = serde_json::to_string(&time).unwrap();
            prop_assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), time);
        }

        #[test]
        fn minutes_and_seconds_are_read_with_leading_zeros(hours in 0u64..10_000_000, minutes in 0u64..60, seconds in 0u64..60) {
            let time = Time::from_seconds((hours * 60 + minutes) * 60 + seconds);
            prop_assert_eq!(format!("{hours:07}:{minutes:02}:{seconds:02}").parse(), Ok(time));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9:. -]{0,12}|.{0,24}") {
            let _ = text.parse::<Time>();
        }
    }
}
