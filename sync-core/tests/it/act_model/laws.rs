//! What holds after each operation, and what in the end.

use std::collections::BTreeMap;

use sync_core::{ActState, ActStatus, OpKey, Reason, Reject};

use super::play::WITHDRAWN;
use super::target::{State, created};

/// What a state says of an act has to be so.
pub(crate) fn always(acts: &[ActStatus], target: &State) {
    for status in acts {
        let op_key = &status.act.op_key;
        let has = target.has(op_key);
        match status.state {
            ActState::Done => {
                assert_eq!(has, 1, "I3: {op_key} is done");
                assert_eq!(status.created, Some(created(op_key)), "{op_key}");
                let made = target.documents.iter().find(|document| document.op_key == *op_key).unwrap();
                assert_eq!(
                    made.payload,
                    status.act.payload.as_json(),
                    "{op_key} was made of another request"
                );
            }
            // what is ready is submitted without a look-up
            ActState::Ready => assert_eq!(has, 0, "I7: {op_key} is ready and the target has it"),
            ActState::Rejected | ActState::Held => assert_eq!(has, 0, "{op_key} is {:?}", status.state),
            _ => {}
        }
    }
    assert_eq!(target.violations, [""; 0]);
}

/// Once everything goes well and time has passed, only what waits for a person is open.
pub(crate) fn in_the_end(
    orders: &BTreeMap<OpKey, (String, String)>,
    acts: &[ActStatus],
    rejects: &[Reject],
    target: &State,
) {
    let mut waits: BTreeMap<&str, bool> = BTreeMap::new();
    for status in acts {
        let waits = waits.entry(status.act.order_key.as_str()).or_default();
        *waits |= !status.waits_for_acts.is_empty();
        match status.state {
            ActState::Held | ActState::Manual => *waits = true,
            ActState::Ready => assert!(*waits, "I2: {} was left behind", status.act.op_key),
            ActState::Done | ActState::Rejected => {}
            state => panic!("{} is still {state:?}", status.act.op_key),
        }
    }
    for document in &target.documents {
        let of = |status: &&ActStatus| status.act.op_key == document.op_key;
        let status =
            acts.iter().find(of).unwrap_or_else(|| panic!("a document of nothing: {}", document.op_key));
        assert!(matches!(status.state, ActState::Done | ActState::Manual), "{status:?}");
    }
    for (op_key, (_, business)) in orders {
        let mut versions: Vec<_> = acts.iter().filter(|status| status.act.document == *op_key).collect();
        versions.sort_by_key(|status| status.act.version);
        let is_under_way = versions.last().is_some_and(|last| last.state != ActState::Done);
        let code = match business.as_str() {
            // the source still has it: it is looked up once more before anything is taken back
            WITHDRAWN if !is_under_way => Reason::WITHDRAWN_AFTER_TRANSFER,
            _ => Reason::CHANGED_AFTER_TRANSFER,
        };
        let of_order = rejects.iter().filter(|reject| reject.key.as_str() == op_key.as_str());
        let reported: Vec<&str> = of_order.map(|reject| reject.reason.code()).collect();
        let says = |status: &ActStatus| status.act.payload.as_json() == format!("\"{business}\"");
        let is_withdrawn = business == WITHDRAWN;
        let is_as_ordered = match versions.split_last() {
            None => is_withdrawn,
            Some((last, _)) if is_withdrawn => last.act.kind.as_str() == "cancel",
            Some((last, _)) => says(last),
        };
        assert!(is_as_ordered || reported == [code], "I2: {op_key} is {business} and there is {versions:?}");
        let is_quiet = is_withdrawn || !is_as_ordered || reported.is_empty();
        assert!(is_quiet, "{op_key} is as ordered and reported");
        let one_open = versions.iter().filter(|status| !status.state.is_settled()).count() <= 1;
        assert!(one_open, "two acts of {op_key} are open: {versions:?}");
    }
}
