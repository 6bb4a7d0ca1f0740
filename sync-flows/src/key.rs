//! Keys made of several parts.

use sync_core::Key;

/// One key of several parts, such as a Kod and a warehouse: joined by `/`, with `/` and `%` in the parts escaped, so that
/// two different lists of parts never make the same key.
pub(crate) fn key<const N: usize>(parts: [&str; N]) -> Key {
    Key::from(parts.map(|part| part.replace('%', "%25").replace('/', "%2F")).join("/"))
}

/// The two parts of such a key.
pub(crate) fn two_parts(key: &Key) -> Option<[String; 2]> {
    let (first, second) = key.as_str().split_once('/').filter(|(_, second)| !second.contains('/'))?;
    Some([first, second].map(|part| part.replace("%2F", "/").replace("%25", "%")))
}

/// One key of two ids that are themselves full of slashes, as ONe's are: joined by `|`.
pub(crate) fn pair(first: &str, second: &str) -> Key {
    Key::from([first, second].map(|part| part.replace('%', "%25").replace('|', "%7C")).join("|"))
}

/// The ids of such a key.
pub(crate) fn pair_of(key: &Key) -> Option<(String, String)> {
    split_pair(key.as_str())
}

/// The ids of the text of such a key.
pub(crate) fn split_pair(key: &str) -> Option<(String, String)> {
    let (first, second) = key.split_once('|')?;
    let plain = |part: &str| part.replace("%7C", "|").replace("%25", "%");
    Some((plain(first), plain(second)))
}

#[cfg(test)]
mod tests {
    use super::{key, pair, pair_of, two_parts};
    use proptest::prelude::{prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn different_parts_make_different_keys(a in "[a/%2F]{0,6}", b in "[a/%2F]{0,6}", c in "[a/%2F]{0,6}", d in "[a/%2F]{0,6}") {
            let same_parts = a == c && b == d;
            prop_assert_eq!(key([&a, &b]) == key([&c, &d]), same_parts);
        }

        #[test]
        fn two_parts_come_back(a in "[a/%2F5]{0,6}", b in "[a/%2F5]{0,6}") {
            prop_assert_eq!(two_parts(&key([&a, &b])), Some([a, b]));
        }

        #[test]
        fn a_pair_comes_back(a in "[a|%257C]{0,6}", b in "[a|%257C]{0,6}") {
            prop_assert_eq!(pair_of(&pair(&a, &b)), Some((a, b)));
        }
    }
}
