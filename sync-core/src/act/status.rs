//! An act as it is listed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Act, ActState, Created};
use crate::error::Reason;
use crate::fingerprint::Fingerprint;
use crate::name::{ActKind, OpKey, TargetId};

/// An act as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActStatus {
    /// Its place in the line: a refused act that is let go again gets a new one at the end.
    pub number: u64,
    /// The act; [`Act::attempt`] is the number of attempts so far.
    pub act: Act,
    /// Hash over its business fields.
    pub business_hash: Fingerprint,
    /// Where it stands.
    pub state: ActState,
    /// It has been in doubt, so it may have happened although it is not done.
    pub may_exist: bool,
    /// Of what kind the act is that cancels its document, if it can be [cancelled](crate::NewAct::with_cancel).
    pub cancel_kind: Option<ActKind>,
    /// The acts it waits for: those of [`Act::after`] that are not done.
    pub waits_for_acts: Vec<OpKey>,
    /// When it is looked at next, or until when it is claimed.
    pub next_at: Option<DateTime<Utc>>,
    /// Why it stands there.
    pub reason: Option<Reason>,
    /// What it made.
    pub created: Option<Created>,
    /// When its state changed last.
    pub changed_at: DateTime<Utc>,
}

impl ActStatus {
    /// An act in a state: for stores.
    #[must_use]
    pub fn new(
        number: u64,
        act: Act,
        business_hash: Fingerprint,
        state: ActState,
        changed_at: DateTime<Utc>,
    ) -> Self {
        Self {
            number,
            act,
            business_hash,
            state,
            may_exist: false,
            cancel_kind: None,
            waits_for_acts: Vec::new(),
            next_at: None,
            reason: None,
            created: None,
            changed_at,
        }
    }

    /// Fills in what is known of other acts: those named by [`Act::after`], and version 0 of its document.
    pub(crate) fn complete(&mut self, others: &BTreeMap<OpKey, (ActState, Option<TargetId>)>) {
        let act = &mut self.act;
        let done = |op_key: &OpKey| match others.get(op_key) {
            Some((ActState::Done, target_id)) => Some(target_id.clone()),
            _ => None,
        };
        for needed in &mut act.after {
            needed.target_id = done(&needed.op_key).flatten();
        }
        if !self.state.is_settled() {
            let waits = act.after.iter().filter(|needed| done(&needed.op_key).is_none());
            self.waits_for_acts = waits.map(|needed| needed.op_key.clone()).collect();
        }
        act.document_id = match act.version {
            0 => self.created.as_ref().map(|created| created.target_id.clone()),
            _ => done(&act.document).flatten(),
        };
    }

    /// The acts of which [`complete`](Self::complete) has to know.
    pub(crate) fn others(&self) -> impl Iterator<Item = &OpKey> {
        let document = (self.act.version > 0).then_some(&self.act.document);
        document.into_iter().chain(self.act.after.iter().map(|needed| &needed.op_key))
    }
}
