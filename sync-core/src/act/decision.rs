//! What becomes of a change that a flow wants of the outbox.

use crate::act::{ActChange, ActOutcome, ActState, NewAct, Payload};
use crate::error::Reason;
use crate::fingerprint::Fingerprint;
use crate::link::LinkRef;
use crate::name::{ActKind, OpKey, OrderKey};

/// The business hash of every cancellation: no hash of content, which the mapper gives, is likely to be it.
const CANCELLATION: Fingerprint = Fingerprint::from_bytes(*b"sync-core:cancel");

/// The kind of link by which a reject waits for an act: no such link is ever stored, the settlement makes the reject due.
const ACT_LINK: &str = "sync-core:act";

/// What a reject waits for that waits for this act.
pub(crate) fn act_link(op_key: &OpKey) -> LinkRef {
    LinkRef::of_a(ACT_LINK, op_key.as_str())
}

/// Whether this is a cancellation's business hash.
fn is_cancellation(business_hash: Fingerprint) -> bool {
    business_hash == CANCELLATION
}

/// The op key of a version of a document: the document's own for version 0, `{document}#{version}` for the others.
pub(crate) fn version_op_key(document: &OpKey, version: u32) -> OpKey {
    match version {
        0 => document.clone(),
        _ => OpKey::from(format!("{document}#{version}")),
    }
}

/// Whether an op key ends as those of later versions do.
pub(crate) fn names_a_version(op_key: &OpKey) -> bool {
    let number = op_key.as_str().rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// One act of a document as a store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionState {
    /// Which version of the document, from 0.
    pub version: u32,
    /// Its order key.
    pub order_key: OrderKey,
    /// Where it stands.
    pub state: ActState,
    /// It has been in doubt, so it may have happened although it is not done.
    pub may_exist: bool,
    /// Hash over its business fields.
    pub business_hash: Fingerprint,
    /// The kind of the act that cancels the document.
    pub cancel_kind: Option<ActKind>,
}

impl VersionState {
    /// A version in this state.
    #[must_use]
    pub fn new(
        version: u32,
        order_key: impl Into<OrderKey>,
        state: ActState,
        may_exist: bool,
        business_hash: Fingerprint,
        cancel_kind: Option<ActKind>,
    ) -> Self {
        Self { version, order_key: order_key.into(), state, may_exist, business_hash, cancel_kind }
    }

    /// A version that was just stored.
    #[must_use]
    pub fn waiting(new: &NewVersion) -> Self {
        let (order_key, hash) = (new.order_key.clone(), new.business_hash);
        Self::new(new.version, order_key, ActState::Ready, false, hash, new.cancel_kind.clone())
    }

    fn surely_not_done(&self) -> bool {
        matches!(self.state, ActState::Ready | ActState::Held | ActState::Rejected) && !self.may_exist
    }
}

/// An act to be stored: a document's first act, an edit or its cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewVersion {
    /// Its own name.
    pub op_key: OpKey,
    /// The op key of version 0.
    pub document: OpKey,
    /// Which version of the document.
    pub version: u32,
    /// Acts of one order key keep their order.
    pub order_key: OrderKey,
    /// What sort of act.
    pub kind: ActKind,
    /// The kind of the act that cancels the document.
    pub cancel_kind: Option<ActKind>,
    /// The acts that have to be done before.
    pub after: Vec<OpKey>,
    /// The frozen request.
    pub payload: Payload,
    /// Hash over the business fields.
    pub business_hash: Fingerprint,
}

impl NewVersion {
    pub(crate) fn first(act: &NewAct) -> Self {
        Self {
            op_key: act.op_key.clone(),
            document: act.op_key.clone(),
            version: 0,
            order_key: act.order_key.clone(),
            kind: act.kind.clone(),
            cancel_kind: act.cancel_kind.clone(),
            after: act.after.clone(),
            payload: act.payload.clone(),
            business_hash: act.business_hash,
        }
    }

    /// Keeps the order key of the document, so that the order of its acts is kept.
    fn edit(act: &NewAct, kind: &ActKind, version: u32, order_key: &OrderKey) -> Self {
        Self {
            op_key: version_op_key(&act.op_key, version),
            version,
            order_key: order_key.clone(),
            kind: kind.clone(),
            ..Self::first(act)
        }
    }

    fn cancellation(document: &OpKey, kind: &ActKind, version: u32, order_key: &OrderKey) -> Self {
        Self {
            op_key: version_op_key(document, version),
            document: document.clone(),
            version,
            order_key: order_key.clone(),
            kind: kind.clone(),
            cancel_kind: Some(kind.clone()),
            after: Vec::new(),
            payload: Payload::from_json("null"),
            business_hash: CANCELLATION,
        }
    }
}

/// What a store has to do for an [`ActOutcome`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Nothing.
    Keep,
    /// Store this act at the end of the line.
    Insert(NewVersion),
    /// Store this in place of the act with its op key: ready at once, a release and a reason are void. One that was not ready any more
    /// (held, refused) waits from now on.
    #[non_exhaustive]
    Replace {
        /// The act.
        act: NewVersion,
        /// It enters the line anew at its end, so that it is never claimed beside a later act that is being sent.
        anew: bool,
    },
    /// Delete the act of this name.
    Drop(OpKey),
    /// Store a reject with this reason; the act and what was sent stay.
    Reject(Reason),
}

/// Decides about a change: one place, so that all stores decide alike. `versions` are the acts of the document
/// that the change names, in their order; all but the last are done.
#[must_use]
pub fn decide(versions: &[VersionState], change: &ActChange) -> (ActOutcome, Decision) {
    match (versions.last(), change) {
        (None, ActChange::Enqueue { act, .. }) => {
            (ActOutcome::Enqueued, Decision::Insert(NewVersion::first(act)))
        }
        (None, ActChange::Withdraw { .. } | ActChange::LeaveOut { .. }) => {
            (ActOutcome::Unknown, Decision::Keep)
        }
        (Some(last), ActChange::Enqueue { act, .. }) => enqueue(versions, last, act),
        (Some(last), ActChange::Withdraw { op_key }) => {
            withdraw(last, op_key, Reason::WITHDRAWN_AFTER_TRANSFER)
        }
        (Some(last), ActChange::LeaveOut { op_key }) => withdraw(last, op_key, too_late_to_leave_out(last)),
    }
}

fn enqueue(versions: &[VersionState], last: &VersionState, act: &NewAct) -> (ActOutcome, Decision) {
    let is_left_to_others = act.changes_elsewhere && !last.surely_not_done();
    if last.business_hash == act.business_hash || is_left_to_others {
        return (ActOutcome::Same, Decision::Keep);
    }
    let stands = versions.iter().rev().find(|version| version.state == ActState::Done);
    let edit = |version| Some(NewVersion::edit(act, act.edit_kind.as_ref()?, version, &last.order_key));
    let refused = last.state == ActState::Rejected;
    if last.surely_not_done() {
        let Some(stands) = stands else {
            let anew = refused || last.order_key != act.order_key;
            return (ActOutcome::Replaced, Decision::Replace { act: NewVersion::first(act), anew });
        };
        if stands.business_hash == act.business_hash {
            // the target has this already
            return (ActOutcome::Dropped, Decision::Drop(version_op_key(&act.op_key, last.version)));
        }
        if let Some(edit) = edit(last.version) {
            return (ActOutcome::Replaced, Decision::Replace { act: edit, anew: refused });
        }
    } else if last.state == ActState::Done
        && !is_cancellation(last.business_hash)
        && let Some(edit) = edit(last.version.saturating_add(1))
    {
        return (ActOutcome::Edited, Decision::Insert(edit));
    }
    reject(Reason::CHANGED_AFTER_TRANSFER, last, &act.op_key)
}

/// While it is under way the record may change once more: it is looked up before anything is taken back.
fn too_late_to_leave_out(last: &VersionState) -> &'static str {
    match last.state {
        ActState::Done => Reason::WITHDRAWN_AFTER_TRANSFER,
        _ => Reason::CHANGED_AFTER_TRANSFER,
    }
}

fn withdraw(last: &VersionState, document: &OpKey, too_late: &'static str) -> (ActOutcome, Decision) {
    let cancellation = |version| {
        Some(NewVersion::cancellation(document, last.cancel_kind.as_ref()?, version, &last.order_key))
    };
    if is_cancellation(last.business_hash) {
        return (ActOutcome::Unknown, Decision::Keep);
    }
    let refused = last.state == ActState::Rejected;
    if last.surely_not_done() {
        if last.version == 0 {
            // a refused one too: left there, a person could let it go though nobody wants it any more
            return (ActOutcome::Dropped, Decision::Drop(document.clone()));
        }
        if let Some(act) = cancellation(last.version) {
            return (ActOutcome::Cancelled, Decision::Replace { act, anew: refused });
        }
    } else if last.state == ActState::Done
        && let Some(act) = cancellation(last.version.saturating_add(1))
    {
        return (ActOutcome::Cancelled, Decision::Insert(act));
    }
    reject(too_late, last, document)
}

/// What is under way or may have happened is decided anew by its settlement.
fn reject(code: &'static str, last: &VersionState, document: &OpKey) -> (ActOutcome, Decision) {
    let reason = match last.state {
        ActState::Done => Reason::new(code),
        _ => Reason::new(code).waiting_for(act_link(&version_op_key(document, last.version))),
    };
    (ActOutcome::TooLate(code), Decision::Reject(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(business: &str) -> NewAct {
        NewAct::new("op", "k", "order", business, business).unwrap()
    }

    fn version(number: u32, state: ActState, may_exist: bool, business: &str) -> VersionState {
        let hash = Fingerprint::of(business).unwrap();
        VersionState::new(number, "k", state, may_exist, hash, Some("cancel".into()))
    }

    fn change(act: NewAct) -> ActChange {
        ActChange::Enqueue { act, fingerprint: Fingerprint::from_bytes([0; 16]) }
    }

    fn withdrawal() -> ActChange {
        ActChange::Withdraw { op_key: "op".into() }
    }

    fn outcome(versions: &[VersionState], change: &ActChange) -> ActOutcome {
        decide(versions, change).0
    }

    /// A change to this act and a withdrawal, with the codes of those that come too late.
    fn both(act: NewAct) -> [(ActChange, &'static str); 2] {
        [(change(act), Reason::CHANGED_AFTER_TRANSFER), (withdrawal(), Reason::WITHDRAWN_AFTER_TRANSFER)]
    }

    #[test]
    fn a_record_that_is_left_out_is_withdrawn_and_looked_up_first_while_its_act_is_under_way() {
        let left_out = ActChange::LeaveOut { op_key: "op".into() };
        assert_eq!(outcome(&[], &left_out), ActOutcome::Unknown);
        for state in [ActState::Ready, ActState::Done] {
            let versions = [version(0, state, false, "a")];
            assert_eq!(outcome(&versions, &left_out), outcome(&versions, &withdrawal()), "{state:?}");
        }
        for (state, may_exist) in UNDER_WAY {
            let told = outcome(&[version(0, state, may_exist, "a")], &left_out);
            assert_eq!(told, ActOutcome::TooLate(Reason::CHANGED_AFTER_TRANSFER), "{state:?} {may_exist}");
        }
    }

    const UNDER_WAY: [(ActState, bool); 6] = [
        (ActState::Sending, false),
        (ActState::InDoubt, true),
        (ActState::Manual, true),
        (ActState::Ready, true),
        (ActState::Held, true),
        (ActState::Rejected, true),
    ];

    #[test]
    fn what_is_not_there_is_enqueued_and_not_withdrawn() {
        assert_eq!(outcome(&[], &change(act("a"))), ActOutcome::Enqueued);
        assert_eq!(outcome(&[], &withdrawal()), ActOutcome::Unknown);
    }

    #[test]
    fn what_surely_has_not_happened_is_replaced_or_dropped() {
        let mut no_cancel = version(0, ActState::Held, false, "a");
        no_cancel.cancel_kind = None;
        for state in [ActState::Ready, ActState::Held, ActState::Rejected] {
            let versions = [version(0, state, false, "a")];
            assert_eq!(outcome(&versions, &change(act("a"))), ActOutcome::Same);
            let refused = state == ActState::Rejected;
            let (outcome, decision) = decide(&versions, &change(act("b")));
            assert_eq!(outcome, ActOutcome::Replaced);
            assert_eq!(decision, Decision::Replace { act: NewVersion::first(&act("b")), anew: refused });
            assert_eq!(decide(&versions, &withdrawal()).0, ActOutcome::Dropped);
        }
        assert_eq!(outcome(&[no_cancel], &withdrawal()), ActOutcome::Dropped);
    }

    #[test]
    fn an_act_that_moves_to_another_order_key_enters_the_line_anew() {
        let mut moved = act("b");
        moved.order_key = "other".into();
        let (_, decision) = decide(&[version(0, ActState::Ready, false, "a")], &change(moved));
        assert!(matches!(decision, Decision::Replace { anew: true, .. }));
    }

    #[test]
    fn what_is_or_may_be_under_way_is_rejected_until_it_is_settled() {
        for (state, may_exist) in UNDER_WAY {
            for number in [0, 1] {
                let versions = [version(0, ActState::Done, false, "a"), version(1, state, may_exist, "b")];
                let (versions, op_key) = match number {
                    0 => (vec![version(0, state, may_exist, "b")], "op"),
                    _ => (versions.to_vec(), "op#1"),
                };
                assert_eq!(outcome(&versions, &change(act("b"))), ActOutcome::Same);
                for (change, code) in both(act("c").with_edits("edit")) {
                    let (outcome, decision) = decide(&versions, &change);
                    let Decision::Reject(reason) = decision else { panic!("{decision:?}") };
                    let told = (outcome, reason.code());
                    assert_eq!(told, (ActOutcome::TooLate(code), code), "{state:?} {may_exist}");
                    assert_eq!(reason.waits_for(), Some(&act_link(&op_key.into())));
                }
            }
        }
    }

    #[test]
    fn what_is_done_is_edited_or_cancelled_where_that_is_offered() {
        let done = version(2, ActState::Done, true, "a");
        let versions = [done.clone()];
        let (edited, decision) = decide(&versions, &change(act("b").with_edits("edit")));
        let Decision::Insert(new) = decision else { panic!("{decision:?}") };
        assert_eq!((edited, new.op_key.as_str(), new.kind.as_str()), (ActOutcome::Edited, "op#3", "edit"));
        assert_eq!((new.document.as_str(), new.version, new.payload.as_json()), ("op", 3, "\"b\""));
        let (cancelled, decision) = decide(&versions, &withdrawal());
        let Decision::Insert(new) = decision else { panic!("{decision:?}") };
        let told = (cancelled, new.op_key.as_str(), new.kind.as_str(), new.payload.as_json());
        assert_eq!(told, (ActOutcome::Cancelled, "op#3", "cancel", "null"));

        let mut neither = done;
        neither.cancel_kind = None;
        for (change, code) in both(act("b")) {
            let (outcome, decision) = decide(std::slice::from_ref(&neither), &change);
            let Decision::Reject(reason) = decision else { panic!("{decision:?}") };
            let told = (outcome, reason.code(), reason.waits_for());
            assert_eq!(told, (ActOutcome::TooLate(code), code, None));
        }
    }

    #[test]
    fn changes_that_another_flow_brings_are_nothing_once_it_is_under_way_and_replace_it_before() {
        let changed = || change(act("b").with_changes_elsewhere());
        for (state, may_exist) in UNDER_WAY.into_iter().chain([(ActState::Done, false)]) {
            let versions = [version(0, state, may_exist, "a")];
            assert_eq!(decide(&versions, &changed()), (ActOutcome::Same, Decision::Keep), "{state:?}");
        }
        for state in [ActState::Ready, ActState::Held, ActState::Rejected] {
            assert_eq!(outcome(&[version(0, state, false, "a")], &changed()), ActOutcome::Replaced);
        }
    }

    #[test]
    fn an_edit_that_waits_is_replaced_by_the_next_one_or_by_the_cancellation_or_is_dropped() {
        for state in [ActState::Ready, ActState::Held, ActState::Rejected] {
            let versions = [version(0, ActState::Done, false, "a"), version(1, state, false, "b")];
            let anew = state == ActState::Rejected;
            let (outcome, decision) = decide(&versions, &change(act("c").with_edits("edit")));
            let Decision::Replace { act: new, anew: got } = decision else { panic!("{decision:?}") };
            assert_eq!((outcome, new.op_key.as_str(), got), (ActOutcome::Replaced, "op#1", anew));
            let (outcome, decision) = decide(&versions, &withdrawal());
            let Decision::Replace { act: new, anew: got } = decision else { panic!("{decision:?}") };
            assert_eq!((outcome, new.kind.as_str(), got), (ActOutcome::Cancelled, "cancel", anew));
            // changed back to what the target has
            let back = decide(&versions, &change(act("a").with_edits("edit")));
            assert_eq!(back, (ActOutcome::Dropped, Decision::Drop("op#1".into())));
        }
    }

    #[test]
    fn a_cancelled_document_is_not_cancelled_twice_and_takes_no_edit() {
        let cancelled = |state| {
            let mut cancelled = version(1, state, false, "");
            cancelled.business_hash = CANCELLATION;
            [version(0, ActState::Done, false, "a"), cancelled]
        };
        for state in [ActState::Ready, ActState::Sending, ActState::Done, ActState::Rejected] {
            assert_eq!(outcome(&cancelled(state), &withdrawal()), ActOutcome::Unknown);
        }
        let edit = change(act("b").with_edits("edit"));
        let too_late = ActOutcome::TooLate(Reason::CHANGED_AFTER_TRANSFER);
        assert_eq!(outcome(&cancelled(ActState::Done), &edit), too_late);
        assert_eq!(outcome(&cancelled(ActState::Ready), &edit), ActOutcome::Replaced);
        assert_eq!(outcome(&cancelled(ActState::Ready), &change(act("a"))), ActOutcome::Dropped);
    }

    #[test]
    fn op_keys_of_versions_are_told_apart_from_those_of_documents() {
        for op_key in ["op#1", "#0", "a#b#22"] {
            assert!(names_a_version(&op_key.into()), "{op_key}");
        }
        for op_key in ["op", "op#", "op#1a", "#x", "1"] {
            assert!(!names_a_version(&op_key.into()), "{op_key}");
        }
        assert!(NewAct::new("op#1", "k", "order", "", "").is_err());
    }
}
