//! Keys made of several parts.

use sync_core::Key;

/// One key of several parts, such as a Kod and a warehouse: joined by `/`, with `/` and `%` in the parts escaped, so that
/// two different lists of parts never make the same key.
pub(crate) fn key<const N: usize>(parts: [&str; N]) -> Key {
    Key::from(parts.map(|part| part.replace('%', "%25").replace('/', "%2F")).join("/"))
}

/// The parts of such a key, if it has so many.
pub(crate) fn parts<const N: usize>(key: &Key) -> Option<[String; N]> {
    let parts = key.as_str().split('/').map(|part| part.replace("%2F", "/").replace("%25", "%"));
    parts.collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{key, parts};
    use proptest::prelude::{prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn different_parts_make_different_keys(a in "[a/%2F]{0,6}", b in "[a/%2F]{0,6}", c in "[a/%2F]{0,6}", d in "[a/%2F]{0,6}") {
            let same_parts = a == c && b == d;
            prop_assert_eq!(key([&a, &b]) == key([&c, &d]), same_parts);
            prop_assert_eq!(parts(&key([&a, &b])), Some([a, b]));
        }
    }
}
