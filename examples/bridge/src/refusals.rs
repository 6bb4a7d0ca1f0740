//! Refused acts: which of them still wait for a person.

use sync_core::{ActCount, ActState, ActStatus, Reason};

/// A person gave it up, or it is so old that its request is dropped and nobody can let it go any more.
pub(crate) fn is_seen_to(act: &ActStatus) -> bool {
    let given_up = act.reason.as_ref().is_some_and(|reason| reason.code() == Reason::GIVEN_UP);
    act.state == ActState::Rejected && (given_up || act.act.payload.as_json().is_empty())
}

/// Acts that a person gave up. Those whose request is dropped are not counted at all.
pub(crate) fn are_given_up(count: &ActCount) -> bool {
    count.state == ActState::Rejected && count.code.as_deref() == Some(Reason::GIVEN_UP)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use sync_core::{Act, ActState, ActStatus, Fingerprint, Payload, Reason};

    use super::is_seen_to;

    fn act(state: ActState, reason: &str, payload: &str) -> ActStatus {
        let act = Act::new("o1", "o1", "order", Payload::from_json(payload), DateTime::UNIX_EPOCH);
        let hash = Fingerprint::of(&()).unwrap();
        let mut status = ActStatus::new(1, act, hash, state, DateTime::UNIX_EPOCH);
        status.reason = Some(Reason::new(reason.to_owned()));
        status
    }

    #[test]
    fn what_a_person_gave_up_or_nobody_can_let_go_is_seen_to_and_nothing_else() {
        assert!(is_seen_to(&act(ActState::Rejected, Reason::GIVEN_UP, "{}")));
        assert!(is_seen_to(&act(ActState::Rejected, "blocked", "")));
        assert!(!is_seen_to(&act(ActState::Rejected, "blocked", "null")));
        assert!(!is_seen_to(&act(ActState::Held, "price-changed", "{}")));
    }
}
