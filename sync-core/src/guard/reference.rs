//! Our reference in a field of limited width.

use crate::error::{Error, Result};

/// 128 bits in base 32.
const HASH_WIDTH: usize = 26;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A field of the other system that holds our reference, by which a document is found again.
///
/// Different ids have different references, within the field's width: an id that fits is taken as it is, any other
/// becomes `prefix` + 26 characters of its BLAKE3 hash (128 bits). Nothing is ever cut off.
///
/// An id is taken as it is only if the field surely keeps it and tells it from others: capital letters without marks,
/// digits and `-_.:/#` do, small letters may be the same as capitals there. An id that looks like a hashed reference is
/// hashed too.
///
/// ```
/// use sync_core::guard::reference::ReferenceField;
///
/// let field = ReferenceField::new("ONE-", 30)?;
/// assert_eq!(field.reference("2026/11/00017")?, "2026/11/00017");
/// let long = field.reference("6f0c3a52-2a4e-4f0b-9a53-0f8a3f6b5c11")?;
/// assert_eq!((long.len(), &long[..4]), (30, "ONE-"));
/// assert!(ReferenceField::new("ONE-", 29).is_err());
/// # Ok::<(), sync_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceField {
    prefix: String,
    width: usize,
}

impl ReferenceField {
    /// A field of `width` characters, in which hashed references begin with `prefix`.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the prefix and 26 characters do not fit, or the prefix has other
    /// characters than capital letters without marks, digits and `-_.:/#`.
    pub fn new(prefix: impl Into<String>, width: usize) -> Result<Self> {
        let prefix = prefix.into();
        if !prefix.chars().all(is_kept) {
            return Err(Error::config("a reference's prefix has capital letters, digits and `-_.:/#` only"));
        }
        if prefix.len().saturating_add(HASH_WIDTH) > width {
            return Err(Error::config("a reference field is too narrow for its prefix and 26 characters"));
        }
        Ok(Self { prefix, width })
    }

    /// The reference of an id: always the same one.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the id is empty.
    pub fn reference(&self, id: &str) -> Result<String> {
        if id.is_empty() {
            return Err(Error::invalid("an empty id has no reference"));
        }
        if id.len() <= self.width && id.chars().all(is_kept) && !self.looks_hashed(id) {
            return Ok(id.to_owned());
        }
        Ok(format!("{}{}", self.prefix, hash(id)))
    }

    fn looks_hashed(&self, id: &str) -> bool {
        id.strip_prefix(&self.prefix)
            .is_some_and(|rest| rest.len() == HASH_WIDTH && rest.bytes().all(|byte| ALPHABET.contains(&byte)))
    }
}

fn is_kept(character: char) -> bool {
    matches!(character, 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | ':' | '/' | '#')
}

fn hash(id: &str) -> String {
    let [short @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        *blake3::hash(id.as_bytes()).as_bytes();
    let bits = u128::from_be_bytes(short);
    // five bits at a time, the last character holds three
    let digit = |place: u32| {
        let five = if place < 25 { bits >> (123 - 5 * place) } else { bits << 2 };
        ALPHABET.get((five & 31) as usize).copied().map_or('A', char::from)
    };
    (0..26).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn f67_references_that_would_be_cut_to_the_same_stay_different() {
        let field = ReferenceField::new("ONE-", 30).unwrap();
        let long = "ORDER-2026-11-21-000000000000000000";
        let (one, other) =
            (field.reference(&format!("{long}1")).unwrap(), field.reference(&format!("{long}2")).unwrap());
        assert_ne!(one, other);
        assert_eq!((one.len(), other.len()), (30, 30));
        assert_eq!(field.reference(&format!("{long}1")).unwrap(), one);
    }

    #[test]
    fn f67_a_field_that_cannot_hold_a_hash_is_refused_at_construction() {
        for (prefix, width) in [("ONE-", 29), ("", 25), ("ŻÓŁW", 40), ("one-", 40), ("A B", 40)] {
            let refused = ReferenceField::new(prefix, width).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::Config), "{prefix} {width}");
        }
        assert!(ReferenceField::new("", 26).is_ok());
        assert!(ReferenceField::new("X", usize::MAX).is_ok());
    }

    #[test]
    fn l15_what_looks_like_a_hash_or_may_look_alike_there_is_hashed() {
        let field = ReferenceField::new("ONE-", 30).unwrap();
        let hashed = field.reference("zamówienie").unwrap();
        assert_ne!(field.reference(&hashed).unwrap(), hashed);
        for id in ["abc", "A B", "A\n", "ŻÓŁĆ", " A"] {
            assert_ne!(field.reference(id).unwrap(), id, "{id:?}");
        }
        assert_ne!(field.reference("abc").unwrap(), field.reference("ABC").unwrap());
        assert!(field.reference("").is_err());
    }

    #[test]
    fn f68_the_reference_of_an_id_never_changes() {
        let field = ReferenceField::new("ONE-", 30).unwrap();
        assert_eq!(field.reference("shipment-1").unwrap(), "ONE-ORGSSROIA4NBAWVWNIBJWD2ZZE");
    }

    #[test]
    fn the_26_characters_are_the_128_bits_of_the_hash_in_base_32() {
        for id in ["shipment-1", "shipment-2", "ż"] {
            // read back: 130 bits, of which the last two are empty
            let value = |character: u8| ALPHABET.iter().position(|known| *known == character).unwrap();
            let bits: Vec<u8> = hash(id)
                .bytes()
                .map(value)
                .flat_map(|value| (0..5).rev().map(move |bit| u8::from(value >> bit & 1 == 1)))
                .collect();
            let bytes: Vec<u8> =
                bits[..128].chunks(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
            assert_eq!(bytes, blake3::hash(id.as_bytes()).as_bytes()[..16]);
            assert_eq!(bits[128..], [0, 0]);
        }
    }

    proptest! {
        #[test]
        fn l15_references_differ_fit_and_are_kept_by_the_field(
            ids in prop::collection::btree_set(
                prop_oneof!["[A-Z0-9/-]{1,40}", "ONE-[A-Z2-7]{26}", "[a-zA-Z]{1,3}", ".{1,60}"], 1..40),
            width in 30usize..50,
        ) {
            let field = ReferenceField::new("ONE-", width).unwrap();
            let mut known: BTreeMap<String, String> = BTreeMap::new();
            for id in ids {
                let reference = field.reference(&id).unwrap();
                prop_assert!(reference.len() <= width && reference.chars().all(is_kept));
                prop_assert_eq!(field.reference(&id).unwrap(), reference.clone());
                // as a field that makes no difference of case would see it
                let before = known.insert(reference.to_lowercase(), id.clone());
                prop_assert_eq!(before, None, "also of {}", id);
            }
        }
    }
}
