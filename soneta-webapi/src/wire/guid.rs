//! Guids that may be absent: `null`, `""` and (with `#[serde(default)]`) a missing field are `None`. Any case is read,
//! lower case with dashes is written. A Guid that must be there is a plain [`Uuid`] field.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Writes the lower-case form or `null`.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(value: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

/// Reads a Guid or nothing.
///
/// # Errors
/// The value is something else; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    match Option::<Cow<'_, str>>::deserialize(deserializer)?.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => Uuid::try_parse(text).map(Some).map_err(|_| D::Error::custom("not a Guid")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Option<Uuid>> {
        deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    }

    #[test]
    fn nothing_is_none_and_other_texts_are_refused() {
        assert_eq!((read("null"), read("\"\"")), (Some(None), Some(None)));
        let error = deserialize(&mut serde_json::Deserializer::from_str("\"tajne\"")).unwrap_err();
        assert_eq!((error.to_string().contains("tajne"), read("5")), (false, None));
    }

    proptest! {
        #[test]
        fn a_guid_is_read_in_any_case_and_written_in_lower_case(bits in any::<u128>()) {
            let guid = Uuid::from_u128(bits);
            let text = serde_json::to_string(&guid).unwrap();
            prop_assert_eq!(&text, &text.to_lowercase());
            for json in [text.clone(), text.to_uppercase(), text.replace('-', ""), format!("\"{{{guid}}}\"")] {
                prop_assert_eq!(read(&json), Some(Some(guid)));
            }
        }
    }
}
