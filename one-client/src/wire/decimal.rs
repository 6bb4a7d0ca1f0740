//! Amounts and quantities: exact decimals, read from the digits and written as digits.
//!
//! ONe writes numbers in its answers and strings in some of its own request examples, so both are
//! read; a number is written. The raw JSON text is what is parsed: `serde_json` would hand a number
//! over as `f64`.

use super::unfit;
use rust_decimal::Decimal;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Writes a JSON number with exactly the decimal's digits.
pub(crate) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(value.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

/// Reads a number or a string with a number in it.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    parse(raw.get()).ok_or_else(|| unfit("an exact decimal number"))
}

/// The same for a value that may be `null`.
pub(crate) mod option {
    use super::{Decimal, Deserialize, Deserializer, RawValue, Serializer, parse, unfit};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get() == "null" {
            return Ok(None);
        }
        parse(raw.get()).map(Some).ok_or_else(|| unfit("an exact decimal number or null"))
    }
}

/// Amounts by name. `null` is an empty map, and a name whose amount is `null` has none.
pub(crate) mod map {
    use super::{Decimal, Deserialize, Deserializer, Serialize, Serializer, option};
    use std::collections::BTreeMap;

    pub(crate) fn serialize<N: Serialize, S: Serializer>(
        amounts: &BTreeMap<N, Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(transparent)]
        struct Amount<'a>(#[serde(serialize_with = "super::serialize")] &'a Decimal);
        serializer.collect_map(amounts.iter().map(|(name, amount)| (name, Amount(amount))))
    }

    pub(crate) fn deserialize<'de, N: Deserialize<'de> + Ord, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<N, Decimal>, D::Error> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Amount(#[serde(with = "option")] Option<Decimal>);
        let amounts = Option::<BTreeMap<N, Amount>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(amounts.into_iter().filter_map(|(name, amount)| Some((name, amount.0?))).collect())
    }
}

/// The decimal in a JSON text: a number, or a string that holds one. `None` also for a number with
/// more digits than a [`Decimal`] keeps, since a rounded price is a wrong price.
pub(crate) fn parse(json: &str) -> Option<Decimal> {
    let unquoted;
    let digits = if json.starts_with('"') {
        unquoted = serde_json::from_str::<String>(json).ok()?;
        unquoted.trim()
    } else {
        json
    };
    if digits.contains(['e', 'E']) {
        // `from_scientific` rounds the digits before the exponent.
        let (base, _) = digits.split_once(['e', 'E'])?;
        Decimal::from_str_exact(base).ok()?;
        Decimal::from_scientific(digits).ok()
    } else {
        Decimal::from_str_exact(digits).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[derive(Serialize, Deserialize)]
    struct Amount {
        #[serde(with = "super")]
        value: Decimal,
        #[serde(default, with = "option", skip_serializing_if = "Option::is_none")]
        maybe: Option<Decimal>,
    }

    #[derive(Serialize, Deserialize)]
    struct Amounts {
        #[serde(default, with = "map")]
        levels: std::collections::BTreeMap<String, Decimal>,
    }

    #[rstest]
    #[case(r#"{"levels":{"b":"0.10","a":2}}"#, r#"{"levels":{"a":2,"b":0.10}}"#)]
    #[case(r#"{"levels":{"a":null,"żółty":1.50}}"#, r#"{"levels":{"żółty":1.50}}"#)]
    #[case(r#"{"levels":null}"#, r#"{"levels":{}}"#)]
    #[case("{}", r#"{"levels":{}}"#)]
    fn amounts_by_name_keep_their_digits_and_null_is_none(#[case] wire: &str, #[case] written: &str) {
        let read: Amounts = serde_json::from_str(wire).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        assert!(serde_json::from_str::<Amounts>(r#"{"levels":{"a":"much"}}"#).is_err());
    }

    #[rstest]
    #[case("5.29", "5.29")]
    #[case("\"100\"", "100")]
    #[case("\" 12.50 \"", "12.50")]
    #[case("0.1000000000000000055", "0.1000000000000000055")]
    #[case("-3", "-3")]
    #[case("1.5e2", "150")]
    fn numbers_and_numeric_strings_keep_their_digits(#[case] wire: &str, #[case] digits: &str) {
        let read: Amount = serde_json::from_str(&format!("{{\"value\":{wire}}}")).unwrap();
        assert_eq!(read.value.to_string(), digits);
        assert_eq!(serde_json::to_string(&read).unwrap(), format!("{{\"value\":{digits}}}"));
    }

    #[rstest]
    #[case("null")]
    #[case("\"\"")]
    #[case("\"1,50\"")]
    #[case("true")]
    #[case("{}")]
    #[case("0.12345678901234567890123456789012345")]
    #[case("0.12345678901234567890123456789012345e1")]
    #[case("79228162514264337593543950335.4e0")]
    #[case("\"1.00000000000000000000000000001E2\"")]
    #[case("1e-29")]
    fn what_is_no_exact_number_is_refused(#[case] wire: &str) {
        assert!(serde_json::from_str::<Amount>(&format!("{{\"value\":{wire}}}")).is_err());
    }

    #[test]
    fn an_optional_amount_may_be_null_but_not_nonsense() {
        let read: Amount = serde_json::from_str(r#"{"value":1,"maybe":null}"#).unwrap();
        assert_eq!(read.maybe, None);
        assert!(serde_json::from_str::<Amount>(r#"{"value":1,"maybe":"x"}"#).is_err());
    }
}
