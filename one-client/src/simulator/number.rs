//! The simulator's own way with numbers, so that a mistake in the client's does not hide itself.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// A JSON number, exactly. When lenient, also a string with one.
pub(super) fn read(raw: &RawValue, strict: bool) -> Option<Decimal> {
    let text = raw.get();
    let digits = match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(_) if strict => return None,
        Some(digits) => digits,
        None => text,
    };
    Decimal::from_str_exact(digits).ok()
}

/// A decimal as a JSON number.
pub(super) mod exact {
    use super::{Decimal, RawValue};
    use serde::ser::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(in crate::simulator) fn serialize<S: Serializer>(value: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(value.normalize().to_string()).map_err(S::Error::custom)?.serialize(to)
    }

    pub(in crate::simulator) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        use serde::de::Error as _;
        let raw = Box::<RawValue>::deserialize(from)?;
        super::read(&raw, false).ok_or_else(|| D::Error::custom("expected a number"))
    }
}

/// The same for a number that may be absent.
pub(super) mod exact_option {
    use super::{Decimal, RawValue};
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(in crate::simulator) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::exact::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub(in crate::simulator) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Decimal>, D::Error> {
        use serde::de::Error as _;
        let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else { return Ok(None) };
        super::read(&raw, false).map(Some).ok_or_else(|| D::Error::custom("expected a number"))
    }
}
