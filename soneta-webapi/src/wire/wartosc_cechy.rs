use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::{Currency, FromTo, OdwolanieDoWiersza, Percent, Quantity, Time, YearMonth, date, decimal};

/// The value of a [`Cecha`](super::Cecha) as its JSON text, so that a number keeps its digits.
///
/// What is made here is written as invariant text, which every contract takes (`"123.45"`, `"true"`, `"2026-11-21"`, `"8:05"`,
/// `"50.00%"`, `"12.50 PLN"`, `"2025/02"`, `"2022-05-09...2022-05-15"`, `"Pracownicy:5"`; times, percents, money, months and
/// periods *inferred* from what the database and other calls take). Readers are tolerant in the way the server is: each takes
/// the scalar of its kind, its text, also as the database pads it, and the object that [`Currency`] and its like have elsewhere.
/// `None` from a reader: no value is set, or it is none of that kind.
#[derive(Clone)]
pub struct WartoscCechy(Box<RawValue>);

impl WartoscCechy {
    /// A node of a tree from its names, root first: `\Narciarstwo\Buty\`.
    pub fn from_tree_path<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut path = String::from("\\");
        for name in names {
            path.push_str(name.as_ref());
            path.push('\\');
        }
        Self::from(path)
    }

    /// Whether no value is set: `null` or `""`, which the server treats alike.
    pub fn is_empty(&self) -> bool {
        matches!(self.0.get(), "null" | "\"\"")
    }

    /// The value as text: a string's content, or the digits or word of another scalar. `None` where none is set.
    pub fn text(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        Some(serde_json::from_str::<String>(self.0.get()).unwrap_or_else(|_| self.0.get().to_owned()))
    }

    /// The truth value, also `1` and `0`.
    pub fn bool(&self) -> Option<bool> {
        match self.text()?.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "tak" => Some(true),
            "false" | "0" | "nie" => Some(false),
            _ => None,
        }
    }

    /// The whole number.
    pub fn integer(&self) -> Option<i64> {
        self.decimal().filter(|number| number.fract().is_zero())?.to_i64()
    }

    /// The number.
    pub fn decimal(&self) -> Option<Decimal> {
        decimal::from_json(self.0.get()).ok()
    }

    /// The day; the ends of the platform's calendar are `None`, as in [`date::option`].
    pub fn date(&self) -> Option<NaiveDate> {
        date::maybe(self.0.get()).ok().flatten()
    }

    /// The time.
    pub fn time(&self) -> Option<Time> {
        self.read()
    }

    /// The percentage, from text with its sign. A bare number is `None`, since the sources disagree: AltOne's sample writes
    /// `15.5` for 15.5 %, the database 0.2011 for 20.11 %. Who has seen which of them a server sends takes
    /// [`decimal`](Self::decimal) with [`Percent::new`] or [`Percent::from_share`].
    pub fn percent(&self) -> Option<Percent> {
        self.text()?.parse().ok()
    }

    /// The amount of money.
    pub fn currency(&self) -> Option<Currency> {
        self.read()
    }

    /// The quantity or other amount with a unit.
    pub fn quantity(&self) -> Option<Quantity> {
        self.read()
    }

    /// The period.
    pub fn from_to(&self) -> Option<FromTo> {
        self.read()
    }

    /// The month.
    pub fn year_month(&self) -> Option<YearMonth> {
        self.read()
    }

    /// The names of a node of a tree, root first, from `\Narciarstwo\Buty\`.
    pub fn tree_path(&self) -> Option<Vec<String>> {
        let text = self.text()?;
        let names = text.trim().strip_prefix('\\')?.trim_end_matches('\\');
        Some(names.split('\\').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// The row that it points to.
    pub fn odwolanie(&self) -> Option<OdwolanieDoWiersza> {
        self.text()?.parse().ok()
    }

    fn read<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_str(self.0.get()).ok()
    }
}

impl Default for WartoscCechy {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl fmt::Debug for WartoscCechy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WartoscCechy(..)")
    }
}

impl PartialEq for WartoscCechy {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for WartoscCechy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WartoscCechy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

impl From<&str> for WartoscCechy {
    fn from(value: &str) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::default(), Self)
    }
}

impl From<String> for WartoscCechy {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<Currency> for WartoscCechy {
    fn from(Currency { value, symbol }: Currency) -> Self {
        Self::from(format!("{value} {symbol}").trim_end())
    }
}

impl From<Quantity> for WartoscCechy {
    fn from(Quantity { value, symbol }: Quantity) -> Self {
        Self::from(format!("{value} {symbol}").trim_end())
    }
}

/// Kinds whose text on the wire is what they are displayed as.
macro_rules! from_displayed {
    ($($kind:ty),+) => {
        $(impl From<$kind> for WartoscCechy {
            fn from(value: $kind) -> Self {
                Self::from(value.to_string())
            }
        })+
    };
}

from_displayed!(bool, i32, i64, Decimal, NaiveDate, Time, Percent, YearMonth, FromTo, OdwolanieDoWiersza);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> WartoscCechy {
        serde_json::from_str(json).unwrap()
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn truth_values_and_numbers_are_read_as_scalars_and_as_text() {
        for json in ["true", "\"true\"", "\"True\"", "\"1\"", "1", "\"Tak\""] {
            assert_eq!(read(json).bool(), Some(true), "{json}");
        }
        for json in ["false", "\"False\"", "\"0\"", "0", "\"nie\""] {
            assert_eq!(read(json).bool(), Some(false), "{json}");
        }
        for json in ["42", "\"42\"", "\"        42\"", "42.0"] {
            assert_eq!(read(json).integer(), Some(42), "{json}");
        }
        assert_eq!((read("42.5").integer(), read("\"x\"").integer(), read("2").bool()), (None, None, None));
        assert_eq!(read("123.450").decimal().unwrap().to_string(), "123.450");
        assert_eq!(read("\"123,45\"").decimal(), Some(Decimal::new(12_345, 2)));
        assert_eq!(read("\"12.50000000\"").decimal(), Some(Decimal::new(125, 1)));
    }

    #[test]
    fn days_times_months_and_periods_are_read_from_text_and_from_objects() {
        for json in [
            "\"2026-01-15\"",
            "\"2026-01-15T00:00:00\"",
            "\"15.01.2026\"",
            r#"{"Year":2026,"Month":1,"Day":15}"#,
        ] {
            assert_eq!(read(json).date(), Some(day(2026, 1, 15)), "{json}");
        }
        assert_eq!((read("\"0001-01-01\"").date(), read("null").date()), (None, None));
        for json in ["\"8:05\"", "\"08:05:00\"", "\"      8:05\""] {
            assert_eq!(read(json).time(), Some(Time::from_minutes(485)), "{json}");
        }
        for json in ["\"2025/02\"", r#"{"Year":2025,"Month":2}"#] {
            assert_eq!(read(json).year_month(), YearMonth::new(2025, 2), "{json}");
        }
        let week = FromTo::new(day(2022, 5, 9), day(2022, 5, 15));
        for json in ["\"2022-05-09...2022-05-15\"", r#"{"From":"2022-05-09","To":"2022-05-15"}"#] {
            assert_eq!(read(json).from_to(), Some(week), "{json}");
        }
    }

    #[test]
    fn money_quantities_and_signed_percents_are_read() {
        let money = Some(Currency::new(Decimal::new(112, 2), "PLN"));
        for json in ["\"PLN   1.12\"", "\"1,12 PLN\"", r#"{"Value":"1.12","Symbol":"PLN"}"#] {
            assert_eq!(read(json).currency(), money, "{json}");
        }
        assert_eq!(read("\"1 para\"").quantity(), Some(Quantity::new(Decimal::ONE, "para")));
        assert_eq!(read("\"10,00%\"").percent(), Some(Percent::new(Decimal::TEN)));
        for json in ["\"15.5\"", "15.5", "\"0.2011\""] {
            assert_eq!(read(json).percent(), None, "{json} may be either");
            assert!(read(json).decimal().is_some());
        }
    }

    #[test]
    fn texts_tree_paths_and_rows_are_read() {
        assert_eq!(read("\"Zażółć\"").text().as_deref(), Some("Zażółć"));
        assert_eq!(read(r#""\\Narciarstwo\\Buty\\""#).tree_path().unwrap(), ["Narciarstwo", "Buty"]);
        assert_eq!(read("\"Buty\"").tree_path(), None);
        assert_eq!(read("\"Pracownicy:5\"").odwolanie(), Some(OdwolanieDoWiersza::new("Pracownicy", 5)));
        for json in ["\"null\"", "\"5\"", "\"8:05\"", "\":5\"", "\"http://5\"", "null"] {
            assert_eq!(read(json).odwolanie(), None, "{json}");
        }
    }

    #[test]
    fn null_and_the_empty_text_are_no_value_of_any_kind() {
        for json in ["null", "\"\""] {
            let value = read(json);
            assert!(value.is_empty());
            assert!(value.text().is_none() && value.bool().is_none() && value.integer().is_none());
            assert!(value.decimal().is_none() && value.date().is_none() && value.time().is_none());
            assert!(value.percent().is_none() && value.currency().is_none() && value.quantity().is_none());
            assert!(value.from_to().is_none() && value.year_month().is_none());
            assert!(value.tree_path().is_none() && value.odwolanie().is_none());
        }
    }

    #[test]
    fn every_kind_is_written_as_invariant_text() {
        let written = |value: WartoscCechy| serde_json::to_string(&value).unwrap();
        let january = day(2026, 1, 15);
        assert_eq!(written(true.into()), "\"true\"");
        assert_eq!(written(42.into()), "\"42\"");
        assert_eq!(written(Decimal::new(12_345, 2).into()), "\"123.45\"");
        assert_eq!(written(january.into()), "\"2026-01-15\"");
        assert_eq!(written(Time::from_minutes(485).into()), "\"8:05\"");
        assert_eq!(written(Percent::new(Decimal::from(50)).into()), "\"50.00%\"");
        assert_eq!(written(Currency::new(Decimal::new(112, 2), "PLN").into()), "\"1.12 PLN\"");
        assert_eq!(written(Quantity::new(Decimal::from(3), "").into()), "\"3\"");
        assert_eq!(written(FromTo::new(january, january).into()), "\"2026-01-15...2026-01-15\"");
        assert_eq!(written(YearMonth::new(2025, 2).unwrap().into()), "\"2025/02\"");
        assert_eq!(written("Zażółć".into()), "\"Zażółć\"");
        assert_eq!(
            written(WartoscCechy::from_tree_path(["Narciarstwo", "Buty"])),
            r#""\\Narciarstwo\\Buty\\""#
        );
        assert_eq!(written(OdwolanieDoWiersza::new("Pracownicy", 5).into()), "\"Pracownicy:5\"");
        assert_eq!(written(WartoscCechy::default()), "null");
    }

    proptest! {
        #[test]
        fn what_is_set_is_read_back(number in any::<i64>(), places in 0u32..=18, id in any::<i32>(), minutes in any::<u32>()) {
            let decimal = Decimal::new(number, places);
            prop_assert_eq!(WartoscCechy::from(number).integer(), Some(number));
            prop_assert_eq!(WartoscCechy::from(decimal).decimal(), Some(decimal));
            let percent = Percent::new(decimal);
            prop_assert_eq!(WartoscCechy::from(percent).percent(), Some(percent));
            let money = Currency::new(decimal, "EUR");
            prop_assert_eq!(WartoscCechy::from(money.clone()).currency(), Some(money));
            let quantity = Quantity::new(decimal, "m2");
            prop_assert_eq!(WartoscCechy::from(quantity.clone()).quantity(), Some(quantity));
            let time = Time::from_minutes(minutes.into());
            prop_assert_eq!(WartoscCechy::from(time).time(), Some(time));
            let row = OdwolanieDoWiersza::new("Kontrahenci", id);
            prop_assert_eq!(WartoscCechy::from(row.clone()).odwolanie(), Some(row));
        }

        #[test]
        fn a_path_of_a_tree_is_read_back(names in proptest::collection::vec("[A-ZŁa-zż0-9 ]{1,8}", 1..4)) {
            prop_assert_eq!(WartoscCechy::from_tree_path(&names).tree_path(), Some(names));
        }

        #[test]
        fn no_text_makes_a_reader_panic(text in ".{0,24}") {
            let value = WartoscCechy::from(text.as_str());
            prop_assert_eq!(value.text(), (!text.is_empty()).then_some(text));
            let _ = (value.bool(), value.integer(), value.decimal(), value.date(), value.time());
            let _ = (value.percent(), value.currency(), value.quantity(), value.from_to());
            let _ = (value.year_month(), value.tree_path(), value.odwolanie());
        }
    }
}
