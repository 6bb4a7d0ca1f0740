//! The person who looks after the bridge twice an hour.

use std::collections::BTreeMap;

use sync_core::{ActFilter, ActState, Reason, RejectFilter, Store};

/// What only a person can end: drops it after having seen to it, and writes it down.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// Reason → keys.
    pub(super) seen_to: BTreeMap<String, Vec<String>>,
    pub(super) released: usize,
}

/// A row that cannot be read has no key by which it could go through.
const UNREADABLE: &str = "unreadable";

const ENDED_BY_A_PERSON: [&str; 4] =
    [Reason::CHANGED_AFTER_TRANSFER, Reason::MISSING_LINK, Reason::REMOVAL_NOT_SUPPORTED, UNREADABLE];

impl Person {
    /// Reads the rejects, and lets orders go that are dearer now than the buyer confirmed.
    pub(super) async fn looks(&mut self, store: &dyn Store) {
        for reject in store.rejects(&RejectFilter::all().limit(1_000)).await.unwrap() {
            let code = reject.reason.code();
            if ENDED_BY_A_PERSON.contains(&code) {
                let filter = RejectFilter::of_flow(reject.part.flow()).key(reject.key.clone()).code(code);
                assert_eq!(store.drop_rejects(&filter).await.unwrap(), 1);
                self.seen_to.entry(code.to_owned()).or_default().push(reject.key.to_string());
            }
        }
        let held = ActFilter::all().states([ActState::Held]);
        for status in store.acts(&held).await.unwrap() {
            store.release(&status.act.op_key, "Anna", "the buyer's price stands").await.unwrap();
            self.released += 1;
        }
    }

    /// Whether a key with this end was seen to.
    pub(super) fn has_seen(&self, code: &str, key: &str) -> bool {
        self.seen_to.get(code).is_some_and(|keys| keys.iter().any(|seen| seen.ends_with(key)))
    }
}
