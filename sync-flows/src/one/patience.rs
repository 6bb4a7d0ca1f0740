//! Records that a feed names, fetched one by one, and the one that the server cannot give.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use sync_core::{ErrorKind, Item, Key, Result};

/// So many readings in which a record fails end by it, which is five runs with the engine's repeats. Afterwards it is left behind, if
/// one after it can be read.
const READINGS: u32 = 15;

/// In how many readings records failed, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Patience(Arc<Mutex<BTreeMap<Key, u32>>>);

impl Patience {
    /// Fetches each of them. One that fails ends the reading, which is tried again: mostly the server as a whole is away. If it alone
    /// fails again and again, it becomes a reject and holds up nobody.
    pub(super) async fn fetch_each<'a, T, R>(
        &self,
        named: &'a [T],
        key: impl Fn(&T) -> Key,
        fetch: impl Fn(Key, &'a T) -> BoxFuture<'a, Result<Item<R>>>,
    ) -> Result<Vec<Item<R>>> {
        let mut items = Vec::with_capacity(named.len());
        let mut poison = Vec::new();
        for one in named {
            let key = key(one);
            match fetch(key.clone(), one).await {
                Ok(item) => {
                    self.forget(&key);
                    if matches!(item, Item::Upsert { .. }) {
                        let left_behind = poison.drain(..).map(|(key, error)| {
                            self.forget(&key);
                            Item::bad(Some(key), error)
                        });
                        items.extend(left_behind);
                    }
                    items.push(item);
                }
                Err(error) if error.kind() == ErrorKind::Transient && self.is_at_its_end(&key) => {
                    poison.push((key, error));
                }
                Err(error) => return Err(error),
            }
        }
        match poison.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(items),
        }
    }

    fn forget(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn is_at_its_end(&self, key: &Key) -> bool {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let readings = failed.entry(key.clone()).or_default();
        *readings = readings.saturating_add(1);
        *readings > READINGS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, future};
    use rstest::rstest;
    use sync_core::Error;

    /// Reads `named` so many times, with `failing` of them failing; tells what came of the last one.
    async fn read(patience: &Patience, times: u32, named: &str, failing: &str) -> Option<String> {
        let named: Vec<char> = named.chars().collect();
        let mut last = None;
        for _ in 0..times {
            let fetch = |key: Key, one: &char| {
                let fetched = match failing.contains(*one) {
                    true => Err(Error::transient("the server says 503")),
                    false => Ok(Item::upsert(key, ())),
                };
                future::ready(fetched).boxed()
            };
            let items = patience.fetch_each(&named, |one| Key::from(one.to_string()), fetch).await;
            let told = |item: Item<()>| match item {
                Item::Bad { key, .. } => format!("-{}", key.unwrap()),
                item => item.key().unwrap().to_string(),
            };
            last = items.ok().map(|items| items.into_iter().map(told).collect::<Vec<_>>().join(" "));
        }
        last
    }

    #[rstest]
    #[case::all_is_well(1, "abc", "", Some("a b c"))]
    #[case::few_readings(15, "abc", "b", None)]
    #[case::many_readings(16, "abc", "b", Some("a -b c"))]
    #[case::nothing_behind_it_can_be_read(60, "abc", "c", None)]
    #[case::nothing_can_be_read(60, "abc", "abc", None)]
    #[case::it_is_alone(60, "a", "a", None)]
    #[case::one_after_the_other(31, "abc", "ab", Some("-a -b c"))]
    #[tokio::test]
    async fn one_record_that_fails_is_left_behind_only_if_it_alone_fails_again_and_again(
        #[case] readings: u32,
        #[case] named: &str,
        #[case] failing: &str,
        #[case] told: Option<&str>,
    ) {
        let patience = Patience::default();
        assert_eq!(read(&patience, readings, named, failing).await.as_deref(), told);
    }

    #[tokio::test]
    async fn a_record_that_was_read_once_begins_anew() {
        let patience = Patience::default();
        assert_eq!(read(&patience, 15, "ab", "a").await, None);
        assert_eq!(read(&patience, 1, "ab", "").await.as_deref(), Some("a b"));
        assert_eq!(read(&patience, 15, "ab", "a").await, None);
        assert_eq!(read(&patience, 1, "ab", "a").await.as_deref(), Some("-a b"));
    }

    #[tokio::test]
    async fn what_is_about_all_records_ends_each_reading() {
        let patience = Patience::default();
        for _ in 0..20 {
            let refused = || Err::<Item<()>, _>(Error::new(ErrorKind::Auth, "refused"));
            let fetch = |_: Key, _: &char| future::ready(refused()).boxed();
            let read = patience.fetch_each(&['a', 'b'], |one| Key::from(one.to_string()), fetch).await;
            assert_eq!(read.unwrap_err().kind(), ErrorKind::Auth);
        }
    }
}
