//! Which facts are not in order.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::alert::{Alert, AlertKind};
use super::facts::{Facts, PartFacts};
use super::freshness::{Freshness, delta};
use super::policy::{FlowPolicy, JobLimits, OutboxPolicy, Policy};
use crate::act::{ActCount, ActState};
use crate::error::{ErrorKind, Reason, Remedy};
use crate::job::Pause;
use crate::name::ActKind;
use crate::runner::JobFacts;

/// The alerts that these facts call for at this instant, by the policy; none if all is in order. At most one of each
/// [code](AlertKind::as_str) per flow and part. When each is raised is said [above](super).
#[must_use]
pub fn check(now: DateTime<Utc>, facts: &Facts, policy: &Policy) -> Vec<Alert> {
    let mut alerts = Alerts { now, all: Vec::new() };
    for flow in &policy.flows {
        let known = facts.flows.iter().find(|known| known.flow == flow.flow);
        let known = known.map(|known| known.parts.as_slice()).unwrap_or_default();
        let in_turn = flow.turn_of(now, known.iter().filter(|part| !part.retired));
        let pause = facts.jobs.iter().find(|job| job.job == flow.flow.as_str()).and_then(|job| job.paused);
        let watched = match &flow.parts {
            Some(names) => names.clone(),
            None if known.is_empty() => vec![String::new()],
            None => known.iter().map(|part| part.name.clone()).collect(),
        };
        for name in watched {
            match known.iter().find(|part| part.name == name) {
                Some(part) if part.retired => {}
                Some(part) => alerts.part(flow, &in_turn, part, pause),
                None => alerts.age(flow, &in_turn, &name, None, None, pause),
            }
        }
    }
    for (outbox, kind) in kinds(&facts.acts, &policy.outboxes) {
        alerts.acts(outbox, kind, &facts.acts);
    }
    for job in &facts.jobs {
        alerts.job(job, policy.limits(&job.job));
    }
    alerts.all
}

/// Each kind of acts with the policy that it falls under.
fn kinds<'a>(acts: &'a [ActCount], outboxes: &'a [OutboxPolicy]) -> Vec<(&'a OutboxPolicy, &'a ActKind)> {
    let mut kinds: Vec<_> = acts.iter().map(|count| &count.kind).collect();
    kinds.sort();
    kinds.dedup();
    let policy = |kind| {
        let named = outboxes.iter().find(|outbox| outbox.kinds.contains(kind));
        named.or_else(|| outboxes.iter().find(|outbox| outbox.kinds.is_empty()))
    };
    kinds.into_iter().filter_map(|kind| Some((policy(kind)?, kind))).collect()
}

struct Alerts {
    now: DateTime<Utc>,
    all: Vec<Alert>,
}

impl Alerts {
    fn raise(&mut self, flow: &str, part: &str, since: DateTime<Utc>, kind: AlertKind) {
        self.all.push(Alert { flow: flow.to_owned(), part: part.to_owned(), since, kind });
    }

    /// Whether `limit` has passed since `instant`.
    fn is_over(&self, instant: DateTime<Utc>, limit: Duration) -> bool {
        self.now - instant >= delta(limit)
    }

    fn part(&mut self, policy: &FlowPolicy, in_turn: &Freshness, part: &PartFacts, pause: Option<Pause>) {
        let PartFacts { name, last_ok_at, committed_at, rejects, held, read_up_to, source_ahead, .. } = part;
        let flow = policy.flow.as_str();
        self.age(policy, in_turn, name, *last_ok_at, Some(*committed_at), pause);
        let oldest = rejects.oldest.unwrap_or(self.now);
        let others = rejects.count.saturating_sub(part.waiting);
        // what waits for a link goes with a later run of the flow, which may be hours away
        let waits = others == 0 && policy.freshness.ends(oldest).is_some_and(|ends| self.now < ends);
        let is_old = rejects.count > 0 && !waits && self.is_over(oldest, policy.rejects_age);
        if others > policy.rejects || is_old {
            self.raise(flow, name, oldest, AlertKind::Degraded { rejects: rejects.count });
        }
        if let (Some(_), Some(at)) = (last_ok_at, read_up_to)
            && self.is_over(*at, policy.lag)
        {
            self.raise(flow, name, *at, AlertKind::Lagging { behind: self.now - *at });
        }
        if let Some(held) = held {
            let amount = held.removals.saturating_add(held.emptyings).saturating_add(held.rejects);
            let kind = AlertKind::BrakeHeld { held: amount, token: held.token.clone() };
            self.raise(flow, name, held.since, kind);
        }
        let ahead = (*last_ok_at).max(Some(*committed_at)).map(|past| past - self.now);
        let skews = [ahead.filter(|ahead| *ahead > TimeDelta::zero()), *source_ahead];
        if let Some(by) = skews.into_iter().flatten().max_by_key(TimeDelta::abs)
            && by.abs() >= delta(policy.clock_skew)
        {
            self.raise(flow, name, *committed_at, AlertKind::ClockSkew { by });
        }
    }

    /// Whether the part is too old.
    fn age(
        &mut self,
        policy: &FlowPolicy,
        freshness: &Freshness,
        part: &str,
        last_ok_at: Option<DateTime<Utc>>,
        committed_at: Option<DateTime<Utc>>,
        pause: Option<Pause>,
    ) {
        let since = &policy.since;
        let (ended, kind) = match last_ok_at {
            Some(last_ok_at) => {
                let fresh = last_ok_at.max(*since);
                let missed = freshness.missed_by(fresh, self.now);
                (freshness.ends(fresh), AlertKind::Late { missed, last_ok_at, pause })
            }
            None => {
                let loading = committed_at.map(|at| {
                    let longest = since.checked_add_signed(delta(policy.first_load));
                    let idle = freshness.ends(at.max(*since));
                    [longest, idle].into_iter().flatten().min()
                });
                let ended = freshness.ends(*since);
                let ended = match loading {
                    None => ended,
                    // what never ends does not end the other either
                    Some(loading) => ended.zip(loading).map(|(ended, loading)| ended.max(loading)),
                };
                (ended, AlertKind::NeverRan)
            }
        };
        if let Some(ended) = ended.filter(|ended| *ended <= self.now) {
            self.raise(policy.flow.as_str(), part, ended, kind);
        }
    }

    fn acts(&mut self, policy: &OutboxPolicy, kind: &ActKind, acts: &[ActCount]) {
        // who gave an act up has seen to it
        let is_seen_to = |count: &ActCount| count.code.as_deref() == Some(Reason::GIVEN_UP);
        let acts: Vec<_> = acts.iter().filter(|count| count.kind == *kind && !is_seen_to(count)).collect();
        let in_states = |states: &[ActState], of: fn(&ActCount) -> DateTime<Utc>| {
            let counts = acts.iter().filter(|count| states.contains(&count.state));
            let (count, oldest) = counts.fold((0u64, None), |(sum, oldest), count| {
                (
                    sum.saturating_add(count.count),
                    Some(oldest.map_or(of(count), |at: DateTime<Utc>| at.min(of(count)))),
                )
            });
            (count, oldest)
        };
        let enqueued = |count: &ActCount| count.oldest_enqueued_at;
        let changed = |count: &ActCount| count.oldest_changed_at;
        let (waiting, first_waiting) = in_states(&[ActState::Ready, ActState::Sending], enqueued);
        let (in_doubt, first_in_doubt) = in_states(&[ActState::InDoubt], enqueued);
        let (manual, first_manual) = in_states(&[ActState::Manual], changed);
        let (held, first_held) = in_states(&[ActState::Held], changed);
        let (_, first_rejected) = in_states(&[ActState::Rejected], changed);
        let mut codes = BTreeMap::new();
        for count in acts.iter().filter(|count| count.state == ActState::Rejected) {
            *codes.entry(count.code.clone().unwrap_or_default()).or_default() += count.count;
        }
        let found = [
            (first_waiting, policy.waiting, AlertKind::ActsWaiting { count: waiting }),
            (first_in_doubt, policy.in_doubt, AlertKind::InDoubtAged { count: in_doubt }),
            (first_manual, policy.manual, AlertKind::ManualWaiting { count: manual }),
            (first_held, policy.held, AlertKind::HeldActs { count: held }),
            (first_rejected, policy.rejected, AlertKind::ActsRejected { codes }),
        ];
        for (oldest, limit, alert) in found {
            if let Some(oldest) = oldest
                && self.is_over(oldest, limit)
            {
                self.raise(&policy.dispatcher, kind.as_str(), oldest, alert);
            }
        }
    }

    fn job(&mut self, job: &JobFacts, limits: JobLimits) {
        let JobFacts { last_error, consecutive_failures: count, .. } = job;
        if let Some(got_on) = job.idle_since().filter(|got_on| self.is_over(*got_on, limits.stuck)) {
            self.raise(&job.job, "", got_on, AlertKind::Stuck);
        }
        let since = job.failing_since.or(job.last_attempt_at).unwrap_or(self.now);
        let failed = last_error.filter(|_| *count > 0);
        let paused = |wanted: fn(&Pause) -> bool| job.paused.as_ref().is_some_and(wanted);
        if failed == Some(ErrorKind::Auth) || paused(|pause| matches!(pause, Pause::Auth { .. })) {
            self.raise(&job.job, "", since, AlertKind::AuthDead);
        } else if *count >= limits.failures.max(1)
            || failed.is_some_and(|kind| kind.remedy() != Remedy::Later)
            || paused(|pause| matches!(pause, Pause::Failing { .. }))
        {
            self.raise(&job.job, "", since, AlertKind::Failing { count: *count, kind: failed });
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::name::FlowName;
    use crate::reject::{RejectCount, RejectStage};
    use crate::runner::Class;
    use crate::schedule::Schedule;
    use crate::watchdog::FlowFacts;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[rstest]
    #[case::many_that_wait_for_a_link(500, 500, 0, None)]
    #[case::with_more_of_another_sort_than_are_in_order(500, 479, 0, Some("degraded"))]
    #[case::as_many_of_another_sort_as_are_in_order(500, 480, 0, None)]
    #[case::all_wait_and_the_flow_is_still_to_run(1, 1, 119, None)]
    #[case::all_wait_though_the_flow_had_to_run(1, 1, 120, Some("degraded"))]
    #[case::one_of_another_sort_for_an_hour(2, 1, 60, Some("degraded"))]
    fn rejects_are_told_as(
        #[case] count: u64,
        #[case] waiting: u64,
        #[case] minutes_old: i64,
        #[case] expected: Option<&str>,
    ) {
        let mut part = PartFacts::new("", NOW);
        (part.last_ok_at, part.waiting) = (Some(NOW), waiting);
        let oldest = Some(NOW - TimeDelta::minutes(minutes_old));
        part.rejects = RejectCount::default().and(RejectStage::Map, count, oldest);
        let flow = FlowName::new("shop/prices").unwrap();
        let facts = FlowFacts::new(flow.clone(), vec![part]);
        let facts = Facts { flows: vec![facts], ..Facts::default() };
        let freshness = Freshness::within(Duration::from_secs(2 * 3600));
        let policy = Policy::default().flow(FlowPolicy::new(flow, freshness, NOW));
        let alerts = check(NOW, &facts, &policy);
        assert_eq!(
            alerts.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(),
            Vec::from_iter(expected)
        );
    }

    #[rstest]
    #[case::as_many_as_a_round_takes(10, 29, &[])]
    #[case::all_are_read_in_a_round_and_it_did_not_come(10, 30, &["late"; 10])]
    #[case::the_last_ones_come_in_the_third_round(25, 49, &[])]
    #[case::the_third_round_did_not_come_either(25, 50, &["late"; 24])]
    fn parts_that_take_turns_are_told_as(#[case] parts: usize, #[case] minutes: i64, #[case] told: &[&str]) {
        // where there are more than a round takes, one had its turn just now
        let turn = if parts > 10 { minutes } else { 0 };
        let ok = |n| NOW + TimeDelta::minutes(if n == 0 { turn } else { 0 });
        let part = |n| PartFacts { last_ok_at: Some(ok(n)), ..PartFacts::new(format!("list {n}"), NOW) };
        let flow = FlowName::new("shop/prices").unwrap();
        let facts = FlowFacts::new(flow.clone(), (0..parts).map(part).collect());
        let facts = Facts { flows: vec![facts], ..Facts::default() };
        let ten = Schedule::every(Duration::from_secs(600)).unwrap();
        let freshness = Freshness::scheduled(ten, Duration::from_secs(600));
        let policy = FlowPolicy::new(flow, freshness, NOW).per_round(10);
        let alerts = check(NOW + TimeDelta::minutes(minutes), &facts, &Policy::default().flow(policy));
        assert_eq!(alerts.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), told);
    }

    #[test]
    fn parts_that_take_turns_are_late_at_once_if_none_of_them_gets_on() {
        let part = |n| PartFacts { last_ok_at: Some(NOW), ..PartFacts::new(format!("list {n}"), NOW) };
        let flow = FlowName::new("shop/prices").unwrap();
        let facts = FlowFacts::new(flow.clone(), (0..25).map(part).collect());
        let facts = Facts { flows: vec![facts], ..Facts::default() };
        let policy = FlowPolicy::new(flow, Freshness::within(Duration::from_secs(600)), NOW).per_round(10);
        let policy = Policy::default().flow(policy);
        assert_eq!(check(NOW + TimeDelta::minutes(9), &facts, &policy).len(), 0);
        assert_eq!(check(NOW + TimeDelta::minutes(10), &facts, &policy).len(), 25);
    }

    #[rstest]
    #[case::nothing_is_known(0, None, None, None)]
    #[case::few_failures(2, Some(ErrorKind::Transient), None, None)]
    #[case::enough_failures(3, Some(ErrorKind::Transient), None, Some("failing"))]
    #[case::of_an_unknown_kind(3, None, None, Some("failing"))]
    #[case::one_that_a_person_cures(1, Some(ErrorKind::WentBack), None, Some("failing"))]
    #[case::one_that_was_cured(0, Some(ErrorKind::WentBack), None, None)]
    #[case::a_pause_after_failures(0, None, Some(Pause::Failing { until: NOW }), Some("failing"))]
    #[case::another_pause(0, None, Some(Pause::Throttled { until: NOW }), None)]
    #[case::held_elsewhere(0, None, Some(Pause::HeldElsewhere { until: NOW }), None)]
    #[case::f47_a_pause_for_credentials(0, None, Some(Pause::Auth { until: NOW }), Some("auth-dead"))]
    #[case::f47_refused_credentials(1, Some(ErrorKind::Auth), None, Some("auth-dead"))]
    #[case::f47_among_failures(9, Some(ErrorKind::Auth), None, Some("auth-dead"))]
    fn a_job_is_told_as(
        #[case] failures: u32,
        #[case] last_error: Option<ErrorKind>,
        #[case] pause: Option<Pause>,
        #[case] expected: Option<&str>,
    ) {
        let mut job = JobFacts::new("shop/stock", Class::Stock);
        (job.consecutive_failures, job.last_error, job.paused) = (failures, last_error, pause);
        let alerts = check(NOW, &Facts::default().with_jobs(vec![job]), &Policy::default());
        assert_eq!(
            alerts.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(),
            Vec::from_iter(expected)
        );
    }
}
