//! The outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{State, after};
use crate::act::{
    Act, ActChange, ActCount, ActOutcome, ActState, ActStatus, Created, Decision, NewVersion, Payload,
    Prerequisite, Release, Verdict, VersionState, act_link, decide, let_go,
};
use crate::error::{Reason, Result};
use crate::link::LinkRef;
use crate::name::{ActKind, Key, OpKey, Part, TargetId};
use crate::reject::{NewReject, RejectStage};
use crate::store::{
    ActFilter, Claim, ClaimRequest, ClaimTask, PRUNED, Released, Sent, SentBy, Settlement, check_resolvable,
    claim_lost, no_such_act, released,
};

/// The acts in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Acts {
    rows: Vec<ActRow>,
    /// The highest number that was ever given to an act.
    number: u64,
    /// The highest number that was ever given to a settled act.
    settled: u64,
}

#[derive(Debug)]
struct ActRow {
    part: Part,
    status: ActStatus,
    claim: u64,
    task: ClaimTask,
    misses: u32,
    settled: Option<u64>,
}

impl ActRow {
    fn new(number: u64, part: Part, new: NewVersion, now: DateTime<Utc>) -> Self {
        let hash = new.business_hash;
        let act =
            Act::new(new.op_key.clone(), new.order_key.clone(), new.kind.clone(), new.payload.clone(), now);
        let mut row = Self {
            part,
            status: ActStatus::new(number, act.at(0, None), hash, ActState::Ready, now),
            claim: 0,
            task: ClaimTask::Submit,
            misses: 0,
            settled: None,
        };
        row.replace(new, now);
        row
    }

    /// Takes the newer version in, which is ready.
    fn replace(&mut self, new: NewVersion, now: DateTime<Utc>) {
        let status = &mut self.status;
        if status.state != ActState::Ready {
            status.act.enqueued_at = now;
        }
        status.act.document = new.document;
        status.act.version = new.version;
        status.act.payload = new.payload;
        status.act.order_key = new.order_key;
        status.act.kind = new.kind;
        status.act.after = new.after.into_iter().map(|op_key| Prerequisite::new(op_key, None)).collect();
        status.act.released = None;
        status.business_hash = new.business_hash;
        status.cancel_kind = new.cancel_kind;
        self.make_ready(None, now);
    }

    /// An act of another store, as it is listed.
    fn adopted(part: Part, status: ActStatus) -> Self {
        Self { part, status, claim: 0, task: ClaimTask::Submit, misses: 0, settled: None }
    }

    fn make_ready(&mut self, reason: Option<Reason>, now: DateTime<Utc>) {
        self.status.state = ActState::Ready;
        self.status.next_at = Some(now);
        self.status.reason = reason;
        self.status.changed_at = now;
        self.settled = None;
    }

    fn version(&self) -> VersionState {
        let (act, status) = (&self.status.act, &self.status);
        let (hash, cancel_kind) = (status.business_hash, status.cancel_kind.clone());
        VersionState::new(
            act.version,
            act.order_key.clone(),
            status.state,
            status.may_exist,
            hash,
            cancel_kind,
        )
    }

    fn lapse(&mut self, lag: Duration, now: DateTime<Utc>) {
        let until = self.status.next_at.unwrap_or(now);
        if self.status.state != ActState::Sending || until > now {
            return;
        }
        self.status.next_at = Some(match self.task {
            ClaimTask::Submit => {
                self.misses = 0;
                after(until, lag)
            }
            ClaimTask::LookUp { .. } => until,
        });
        self.status.state = ActState::InDoubt;
        self.status.may_exist = true;
        self.status.reason = Some(Reason::new("claim-lapsed"));
        self.status.changed_at = now;
    }
}

impl Acts {
    fn find(&mut self, op_key: &OpKey) -> Option<&mut ActRow> {
        self.rows.iter_mut().find(|row| row.status.act.op_key == *op_key)
    }

    fn versions(&self, document: &OpKey) -> Vec<VersionState> {
        let rows = self.rows.iter().filter(|row| row.status.act.document == *document);
        let mut versions: Vec<_> = rows.map(ActRow::version).collect();
        versions.sort_by_key(|version| version.version);
        versions
    }

    fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Puts an act at the end of the line.
    fn move_to_end(&mut self, op_key: &OpKey) {
        let number = self.next_number();
        if let Some(row) = self.find(op_key) {
            row.status.number = number;
        }
        self.rows.sort_by_key(|row| row.status.number);
    }

    pub(super) fn adopt(&mut self, part: Part, status: ActStatus) {
        self.number = self.number.max(status.number);
        self.rows.push(ActRow::adopted(part, status));
        self.rows.sort_by_key(|row| row.status.number);
    }

    pub(super) fn counts(&self) -> Vec<ActCount> {
        let mut counts: Vec<ActCount> = Vec::new();
        for row in &self.rows {
            let ActStatus { act, state, reason, changed_at, .. } = &row.status;
            let state = match (state, row.task) {
                (ActState::Done, _) => continue,
                (ActState::Rejected, _) if act.payload.as_json() == PRUNED => continue,
                (ActState::Sending, ClaimTask::LookUp { .. }) => ActState::InDoubt,
                (state, _) => *state,
            };
            let code = reason.as_ref().map(|reason| reason.code().to_owned());
            let one = ActCount::one(act.kind.clone(), state, code, act.enqueued_at, *changed_at);
            match counts.binary_search_by(|count| count.group().cmp(&one.group())) {
                Ok(at) => counts.iter_mut().skip(at).take(1).for_each(|count| count.add(&one)),
                Err(at) => counts.insert(at, one),
            }
        }
        counts
    }

    /// With what is known of other acts.
    fn complete(&self, mut status: ActStatus) -> ActStatus {
        let wanted: BTreeSet<OpKey> = status.others().cloned().collect();
        let rows = self.rows.iter().filter(|row| wanted.contains(&row.status.act.op_key));
        let target_id = |created: &Created| created.target_id.clone();
        let others: BTreeMap<OpKey, (ActState, Option<TargetId>)> = rows
            .map(|row| {
                let made = row.status.created.as_ref().map(target_id);
                (row.status.act.op_key.clone(), (row.status.state, made))
            })
            .collect();
        status.complete(&others);
        status
    }
}

impl State {
    pub(super) fn change_act(
        &mut self,
        part: &Part,
        key: Key,
        change: ActChange,
        by: Option<&Arc<SentBy>>,
        now: DateTime<Utc>,
    ) -> ActOutcome {
        let (outcome, decision) = decide(&self.acts.versions(change.op_key()), &change);
        match decision {
            Decision::Keep => {}
            Decision::Insert(new) => {
                let number = self.acts.next_number();
                self.acts.rows.push(ActRow::new(number, part.clone(), new, now));
            }
            Decision::Replace { act, anew } => {
                let op_key = act.op_key.clone();
                if let Some(row) = self.acts.find(&op_key) {
                    row.replace(act, now);
                }
                if anew {
                    self.acts.move_to_end(&op_key);
                }
            }
            Decision::Drop(op_key) => self.acts.rows.retain(|row| row.status.act.op_key != op_key),
            Decision::Reject(reason) => {
                self.reject(part, NewReject::new(key, RejectStage::Outbox, reason), now);
                return outcome;
            }
        }
        if let Some(row) = self.parts.get_mut(part) {
            match change {
                ActChange::Enqueue { act, fingerprint } => {
                    let sent = Sent::new(fingerprint, Some(TargetId::from(act.op_key.as_str())));
                    row.keep_sent(key.clone(), sent, by, now);
                }
                ActChange::Withdraw { .. } | ActChange::LeaveOut { .. } => {
                    row.sent.remove(&key);
                }
            }
        }
        self.rejects.remove(&(part.clone(), key));
        outcome
    }

    pub(super) fn claim(&mut self, request: &ClaimRequest, now: DateTime<Utc>) -> Vec<Claim> {
        let rows = &mut self.acts.rows;
        let done: BTreeSet<OpKey> = rows
            .iter()
            .filter(|row| row.status.state == ActState::Done)
            .map(|row| row.status.act.op_key.clone())
            .collect();
        let mut blocked = BTreeSet::new();
        let mut claims = Vec::new();
        for row in rows {
            if request.kinds.contains(&row.status.act.kind) {
                row.lapse(request.visibility_lag, now);
            }
            let act = &row.status.act;
            let waits = row.status.state.is_settled()
                || !blocked.insert(act.order_key.clone())
                || act.after.iter().any(|needed| !done.contains(&needed.op_key));
            let due = row.status.next_at.is_none_or(|at| at <= now);
            let task = match row.status.state {
                ActState::Ready => ClaimTask::Submit,
                ActState::InDoubt => ClaimTask::LookUp { misses: row.misses },
                _ => continue,
            };
            if waits || !due || claims.len() >= request.limit || !request.kinds.contains(&act.kind) {
                continue;
            }
            let until = after(now, request.ttl);
            row.claim += 1;
            row.task = task;
            row.status.act.attempt += u32::from(task == ClaimTask::Submit);
            row.status.state = ActState::Sending;
            row.status.next_at = Some(until);
            row.status.changed_at = now;
            claims.push((row.status.clone(), row.claim, task, until));
        }
        let claims = claims.into_iter();
        claims
            .map(|(status, claim, task, until)| {
                Claim::new(self.acts.complete(status).act, claim, task, until)
            })
            .collect()
    }

    fn claimed(&mut self, claim: &Claim, states: &[ActState]) -> Result<&mut ActRow> {
        let row = self.acts.find(&claim.act.op_key);
        row.filter(|row| row.claim == claim.number && states.contains(&row.status.state))
            .ok_or_else(claim_lost)
    }

    pub(super) fn extend(&mut self, claim: &Claim, until: DateTime<Utc>) -> Result<()> {
        self.claimed(claim, &[ActState::Sending])?.status.next_at = Some(until);
        Ok(())
    }

    pub(super) fn settle(&mut self, claim: &Claim, settlement: Settlement, now: DateTime<Utc>) -> Result<()> {
        let row = self.claimed(claim, &[ActState::Sending, ActState::InDoubt])?;
        // a second settlement of the same claim finds another number
        row.claim += 1;
        row.status.state = settlement.state();
        row.status.changed_at = now;
        row.status.reason = settlement.reason().cloned();
        row.status.next_at = match &settlement {
            Settlement::Again { after: wait, .. } | Settlement::InDoubt { after: wait, .. } => {
                Some(after(now, *wait))
            }
            _ => None,
        };
        let lets_changes_in = settlement.lets_changes_in(row.status.may_exist);
        match settlement {
            Settlement::InDoubt { misses, .. } => {
                row.misses = misses;
                row.status.may_exist = true;
            }
            Settlement::Manual(_) => row.status.may_exist = true,
            Settlement::Done(created) => self.settled_as(&claim.act.op_key, Some(created), now),
            Settlement::Rejected(_) => self.settled_as(&claim.act.op_key, None, now),
            Settlement::Again { .. } | Settlement::Held(_) => {}
        }
        if lets_changes_in {
            self.make_due(&act_link(&claim.act.op_key));
        }
        Ok(())
    }

    fn make_due(&mut self, wanted: &LinkRef) {
        for reject in self.rejects.values_mut() {
            reject.due |= reject.reason.waits_for() == Some(wanted);
        }
    }

    /// Numbers a settled act, and learns its links.
    fn settled_as(&mut self, op_key: &OpKey, created: Option<Created>, now: DateTime<Utc>) {
        self.acts.settled += 1;
        let number = self.acts.settled;
        let Some(row) = self.acts.find(op_key) else { return };
        row.settled = Some(number);
        let (part, links) = (row.part.clone(), created.as_ref().map(|created| created.links.clone()));
        row.status.created = created;
        self.learn_links(&part, &links.unwrap_or_default(), now);
    }

    pub(super) fn release(&mut self, op_key: &OpKey, by: &str, why: &str, now: DateTime<Utc>) -> Result<()> {
        let row = self.acts.find(op_key).ok_or_else(no_such_act)?;
        let meant = released(row.status.state, &row.status.act.payload)?;
        row.status.act.enqueued_at = now;
        match meant {
            Released::Approved => {
                row.status.act.released = Some(Release::new(by, why, now));
                row.make_ready(None, now);
            }
            Released::NotThere => row.make_ready(Some(let_go(by, why)), now),
            Released::Anew => {
                row.make_ready(Some(let_go(by, why)), now);
                self.acts.move_to_end(op_key);
            }
        }
        Ok(())
    }

    pub(super) fn resolve(
        &mut self,
        op_key: &OpKey,
        verdict: &Verdict,
        by: &str,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let row = self.acts.find(op_key).ok_or_else(no_such_act)?;
        check_resolvable(row.status.state)?;
        // a claim that lapsed is settled no more
        row.claim += 1;
        row.status.state = verdict.state();
        row.status.reason = Some(verdict.reason(by, why));
        row.status.next_at = None;
        row.status.changed_at = now;
        let created = match verdict {
            Verdict::Happened(created) => Some(created.clone()),
            Verdict::GivenUp => {
                row.status.may_exist = false;
                None
            }
        };
        self.settled_as(op_key, created, now);
        self.make_due(&act_link(op_key));
        Ok(())
    }

    pub(super) fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Vec<(u64, ActStatus)> {
        let rows = self.acts.rows.iter().filter(|row| kinds.contains(&row.status.act.kind));
        let numbered = rows.filter_map(|row| Some((row.settled.filter(|number| *number > after)?, row)));
        let in_order: BTreeMap<u64, &ActRow> = numbered.collect();
        let first = in_order.into_iter().take(limit);
        first.map(|(number, row)| (number, self.acts.complete(row.status.clone()))).collect()
    }

    pub(super) fn list(&self, filter: &ActFilter) -> Vec<ActStatus> {
        let all = self.acts.rows.iter().map(|row| &row.status);
        let wanted = all.filter(|status| filter.matches(status)).take(filter.limit);
        wanted.map(|status| self.acts.complete(status.clone())).collect()
    }

    pub(super) fn prune(&mut self, age: Duration, now: DateTime<Utc>) -> u64 {
        let empty = Payload::from_json(PRUNED);
        let old = self.acts.rows.iter_mut().filter(|row| {
            let settled = row.status.state.is_settled() && after(row.status.changed_at, age) <= now;
            settled && row.status.act.payload != empty
        });
        old.map(|row| row.status.act.payload = empty.clone()).count() as u64
    }
}
