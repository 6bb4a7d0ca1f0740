//! A time span as people write it.

use std::time::Duration;

use serde::Deserialize;

/// A time span: `"90 s"`, `"2 min"`, `"1 h"`, `"7 days"`, `"500 ms"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(Duration);

impl Span {
    /// The span.
    #[must_use]
    pub const fn new(span: Duration) -> Self {
        Self(span)
    }

    /// As the engine takes it.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0
    }
}

/// What a span looks like, for messages.
const FORM: &str = "a time span such as \"90 s\", \"2 min\", \"1 h\", \"7 days\" or \"500 ms\"";

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("is none, expected {FORM}");
        let text = text.trim();
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let milliseconds: u64 = match unit.trim() {
            "ms" => 1,
            "s" | "sec" | "second" | "seconds" => 1_000,
            "m" | "min" | "minute" | "minutes" => 60_000,
            "h" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(milliseconds).map(|all| Self(Duration::from_millis(all))).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn spans_are_read_with_their_unit_and_never_without() {
        let seconds = |text: &str| Span::try_from(text.to_owned()).map(|span| span.get().as_secs());
        assert_eq!(seconds("2 min"), Ok(120));
        assert_eq!(seconds("2min"), Ok(120));
        assert_eq!(seconds("7 days"), Ok(604_800));
        assert_eq!(seconds("1500 ms"), Ok(1));
        for wrong in ["120", "", "min", "-5 s", "1.5 h", "2 weeks", "99999999999999999999 s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
