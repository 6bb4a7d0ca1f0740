//! The person who looks after the bridge twice an hour.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sync_core::{ActFilter, ActState, Reason, Reject, RejectFilter, Store, Verdict};

use super::incidents::KOD_OF_NOBODY;

/// What only a person can end: drops it after having seen to it, and writes it down.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// Reason → keys.
    pub(super) seen_to: BTreeMap<String, Vec<String>>,
    pub(super) released: usize,
    pub(super) refused: Vec<Refusal>,
    looked: Option<DateTime<Utc>>,
}

/// An act that was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) op_key: String,
    /// The look before: an act that was there in its place may have been refused since.
    pub(super) since: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
    pub(super) seen: DateTime<Utc>,
}

/// A row that cannot be read has no key by which it could go through.
const UNREADABLE: &str = "unreadable";

/// What was refused because the document has gone on.
pub(super) const REFUSED: &str = "refused";

const LISTS: &str = "demo/price-lists";
const STATUSES: &str = "demo/order-status";

const ENDED_BY_A_PERSON: [&str; 4] = [
    Reason::CHANGED_AFTER_TRANSFER,
    Reason::WITHDRAWN_AFTER_TRANSFER,
    Reason::REMOVAL_NOT_SUPPORTED,
    UNREADABLE,
];

/// Says that ONe has a price list that nobody needs, as long as that is so.
pub(super) fn is_about_an_unused_list(reject: &Reject) -> bool {
    reject.part.flow().as_str() == LISTS && reject.reason.code() == Reason::REMOVAL_NOT_SUPPORTED
}

fn is_ended_by_a_person(reject: &Reject) -> bool {
    let (code, detail) = (reject.reason.code(), reject.reason.detail().unwrap_or_default());
    ENDED_BY_A_PERSON.contains(&code) && reject.reason.waits_for().is_none()
        || code == Reason::MISSING_LINK && detail.contains(KOD_OF_NOBODY)
        // the buyer cancelled on ONe, which forgets that, what the ERP goes on with
        || code == "not-found" && reject.part.flow().as_str() == STATUSES
}

impl Person {
    /// Reads the rejects, lets orders go that are dearer now than the buyer confirmed, and gives up changes that came too late.
    pub(super) async fn looks(&mut self, store: &dyn Store, now: DateTime<Utc>) {
        for reject in store.rejects(&RejectFilter::all().limit(1_000)).await.unwrap() {
            if is_ended_by_a_person(&reject) && !is_about_an_unused_list(&reject) {
                let code = reject.reason.code();
                let filter = RejectFilter::of_part(&reject.part).key(reject.key.clone()).code(code);
                assert_eq!(store.drop_rejects(&filter).await.unwrap(), 1);
                let key = format!("{} {}", reject.part.flow(), reject.key);
                self.seen_to.entry(code.to_owned()).or_default().push(key);
            }
        }
        let open = ActFilter::all().states([ActState::Held, ActState::Rejected]);
        for status in store.acts(&open).await.unwrap() {
            let (op_key, code) = (&status.act.op_key, status.reason.as_ref().map(Reason::code));
            match status.state {
                ActState::Rejected if code == Some(Reason::GIVEN_UP) => {}
                ActState::Rejected => {
                    store
                        .resolve(op_key, &Verdict::GivenUp, "Anna", "the document has gone on")
                        .await
                        .unwrap();
                    let (op_key, at) = (op_key.to_string(), status.changed_at);
                    self.refused.push(Refusal { op_key, since: self.looked.unwrap_or(at), at, seen: now });
                    let order = status.act.order_key.to_string();
                    self.seen_to.entry(REFUSED.to_owned()).or_default().push(order);
                }
                _ => {
                    store.release(op_key, "Anna", "the buyer's price stands").await.unwrap();
                    self.released += 1;
                }
            }
        }
        self.looked = Some(now);
    }

    /// Whether a key with this end was seen to.
    pub(super) fn has_seen(&self, code: &str, key: &str) -> bool {
        self.seen_to.get(code).is_some_and(|keys| keys.iter().any(|seen| seen.ends_with(key)))
    }
}
