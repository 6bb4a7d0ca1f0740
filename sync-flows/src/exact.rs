//! Decimals as text, for what is hashed or stored: the same number always gives the same bytes, whatever features of
//! `serde_json` or `rust_decimal` another crate switches on.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(crate) fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&number.normalize())
}

pub(crate) fn option<S: Serializer>(number: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => serializer.collect_str(&number.normalize()),
        None => serializer.serialize_none(),
    }
}

/// A decimal in a file of settings: a text, since a number there is a binary float.
pub(crate) fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = Decimal::from_str_exact(text.trim());
    number.map(Some).map_err(|_| de::Error::invalid_value(de::Unexpected::Str(&text), &"a decimal number"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use rust_decimal::Decimal;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Exact(#[serde(serialize_with = "super::serialize")] Decimal);

    fn text(number: Decimal) -> String {
        serde_json::to_string(&Exact(number)).unwrap()
    }

    #[test]
    fn trailing_zeros_do_not_change_the_text() {
        assert_eq!(text("10.00".parse().unwrap()), text("10".parse().unwrap()));
        assert_eq!(text("0.10".parse().unwrap()), "\"0.1\"");
    }

    proptest! {
        #[test]
        fn different_numbers_have_different_texts(a in any::<i32>(), b in any::<i32>(), scale in 0_u32..=9) {
            let (a, b) = (Decimal::new(a.into(), scale), Decimal::new(b.into(), scale));
            prop_assert_eq!(text(a) == text(b), a == b);
        }
    }
}
