//! Which alerts an outage promises, by the engine's own policy, and what was told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sync_core::watchdog::{AlertSink, Change, FlowPolicy, Notice, Policy};
use sync_core::{Clock, Result, Schedule};
use sync_flows::catalog::Entry;

use super::person::Refusal;
use super::time::Time;
use super::world::schedule;

/// How often the watchdog checks.
pub(super) const CHECK: TimeDelta = TimeDelta::minutes(10);

/// The longest pause of a failing flow or act.
const PAUSE: TimeDelta = TimeDelta::minutes(15);

/// How often what is no flow runs at least: dispatchers, and what is set up.
const OTHERS: TimeDelta = TimeDelta::minutes(15);

/// The time an alert stays away before it is told to be over, a check, and what the runs take.
const CALM: TimeDelta = TimeDelta::minutes(10 + 10 + 2);

pub(super) const SUBMIT: &str = "demo/orders-submit";
const CONTRACTORS: &str = "demo/orders-contractors";

/// How a flow of the catalogue runs.
pub(super) struct Rhythm {
    pub(super) entry: &'static Entry,
    pub(super) flow: String,
    schedule: Schedule,
}

impl Rhythm {
    fn of(policy: &FlowPolicy) -> Self {
        let flow = policy.flow.as_str().to_owned();
        let entry = sync_flows::catalog::entry(flow.split_once('/').unwrap().1).unwrap();
        Self { entry, flow, schedule: schedule(entry) }
    }

    /// Its run of this number from an instant on.
    fn run(&self, from: DateTime<Utc>, number: u32) -> DateTime<Utc> {
        (0..number).fold(from, |at, _| self.schedule.next_after(at).unwrap())
    }
}

/// What is told, and when at the latest.
#[derive(Debug)]
struct Promise {
    flow: String,
    code: &'static str,
    by: DateTime<Utc>,
}

/// Something that goes wrong and is told, or is over before it has to be told.
#[derive(Debug)]
pub(super) struct Outage {
    name: &'static str,
    from: DateTime<Utc>,
    /// When its cause is gone.
    ends: DateTime<Utc>,
    promised: Vec<Promise>,
    /// Flow and code: told or not, as it falls.
    allowed: Vec<(String, &'static str)>,
}

impl Outage {
    pub(super) fn new(name: &'static str, from: DateTime<Utc>, ends: DateTime<Utc>) -> Self {
        Self { name, from, ends, promised: Vec::new(), allowed: Vec::new() }
    }

    /// The flows of this policy to which something happens, each by its own schedule and limits: those for which `is_met` tells that
    /// no run comes to its end are late once their freshness has run out since the last one, and tell after so many runs that they fail.
    /// An outage that ends before that may be told all the same, and so may one of a flow that has nothing to do with it.
    pub(super) fn of_flows(
        mut self,
        policy: &Policy,
        refused: bool,
        is_met: impl Fn(&Entry) -> bool,
    ) -> Self {
        for watched in &policy.flows {
            let rhythm = Rhythm::of(watched);
            let (code, runs) = if refused { ("auth-dead", 1) } else { ("failing", watched.job.failures) };
            let late = watched.freshness.ends(self.from).unwrap();
            for (code, told) in [("late", late), (code, rhythm.run(self.from, runs))] {
                let by = told + CHECK;
                if is_met(rhythm.entry) && by < self.ends {
                    self.promised.push(Promise { flow: rhythm.flow.clone(), code, by });
                } else {
                    self.allowed.push((rhythm.flow.clone(), code));
                }
            }
        }
        for watched in &policy.flows {
            self.allowed.push((watched.flow.as_str().to_owned(), "degraded"));
        }
        for outbox in &policy.outboxes {
            for code in ["acts-waiting", "in-doubt-aged", "manual-waiting", "failing"] {
                self.allowed.push((outbox.dispatcher.clone(), code));
            }
        }
        self.allowed.push((CONTRACTORS.to_owned(), "failing"));
        self
    }

    /// This is told after so long, at the next check. The outage lasts longer.
    pub(super) fn promises(mut self, flow: &str, code: &'static str, after: TimeDelta) -> Self {
        let by = self.from + after + CHECK;
        assert!(by < self.ends, "{}: too short to tell whether {flow} {code} is told", self.name);
        self.allowed.retain(|(allowed, of)| allowed != flow || *of != code);
        self.promised.push(Promise { flow: flow.to_owned(), code, by });
        self
    }

    /// This may be told.
    pub(super) fn allows(mut self, flow: &str, code: &'static str) -> Self {
        self.allowed.push((flow.to_owned(), code));
        self
    }

    /// By then the flow has come to its end again, and that was told.
    fn over(&self, flow: &str, policy: &Policy) -> DateTime<Utc> {
        let tries = self.ends + PAUSE;
        let watched = policy.flows.iter().find(|watched| watched.flow.as_str() == flow);
        let next = watched.map_or(tries + OTHERS, |watched| Rhythm::of(watched).run(tries, 1));
        next + CALM
    }

    fn explains(&self, episode: &Episode, policy: &Policy) -> bool {
        let is = |flow: &str, code: &str| episode.flow == flow && episode.code == code;
        let over = self.over(&episode.flow, policy);
        (self.from..=over).contains(&episode.raised)
            && episode.cleared.is_some_and(|cleared| cleared <= over)
            && (self.promised.iter().any(|promise| is(&promise.flow, promise.code))
                || self.allowed.iter().any(|(flow, code)| is(flow, code)))
    }
}

/// From when to when an alert was there, for those who read.
#[derive(Debug)]
struct Episode {
    flow: String,
    part: String,
    code: String,
    raised: DateTime<Utc>,
    cleared: Option<DateTime<Utc>>,
}

/// A notice, and when it came.
#[derive(Debug)]
struct Told {
    at: DateTime<Utc>,
    change: Change,
    flow: String,
    part: String,
    code: String,
}

/// Somebody who reads all alerts.
#[derive(Debug)]
pub(super) struct Reader {
    time: Arc<Time>,
    told: Mutex<Vec<Told>>,
}

#[async_trait]
impl AlertSink for Reader {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        let at = self.time.now();
        let told = notices.iter().map(|Notice { change, flow, part, code, .. }| Told {
            at,
            change: *change,
            flow: flow.clone(),
            part: part.clone(),
            code: code.clone(),
        });
        self.told.lock().unwrap().extend(told);
        Ok(())
    }
}

impl Reader {
    pub(super) fn new(time: Arc<Time>) -> Self {
        Self { time, told: Mutex::default() }
    }

    /// What was told from when to when: each alert raised, maybe reminded of, and cleared before it is raised again.
    fn episodes(&self) -> Vec<Episode> {
        let mut episodes: Vec<Episode> = Vec::new();
        for Told { at, change, flow, part, code } in self.told.lock().unwrap().iter() {
            let of = |episode: &&mut Episode| {
                episode.flow == *flow
                    && episode.part == *part
                    && episode.code == *code
                    && episode.cleared.is_none()
            };
            match (change, episodes.iter_mut().find(of)) {
                (Change::Raised, None) => episodes.push(Episode {
                    flow: flow.clone(),
                    part: part.clone(),
                    code: code.clone(),
                    raised: *at,
                    cleared: None,
                }),
                (Change::Still, Some(_)) => {}
                (Change::Cleared, Some(episode)) => episode.cleared = Some(*at),
                (change, episode) => {
                    panic!("{flow} {part} {code} {change:?} at {at}, known of it: {episode:?}")
                }
            }
        }
        episodes
    }

    /// Each promised alert was told once, in time, and is over; so was each act that was refused, until somebody saw to it; nothing else
    /// was told.
    pub(super) fn was_told_what_was_promised(
        &self,
        outages: &[Outage],
        refused: &[Refusal],
        policy: &Policy,
    ) {
        let episodes = self.episodes();
        let refusal = |refused: &Refusal| {
            Outage::new("refused", refused.since, refused.seen).allows(SUBMIT, "acts-rejected")
        };
        let refusals: Vec<Outage> = refused.iter().map(refusal).collect();
        let is_expected = |episode: &&Episode| {
            outages.iter().chain(&refusals).any(|outage| outage.explains(episode, policy))
        };
        let unexpected: Vec<&Episode> = episodes.iter().filter(|episode| !is_expected(episode)).collect();
        assert!(unexpected.is_empty(), "nobody expects {unexpected:?}");
        for Refusal { op_key, at, seen, .. } in refused.iter().filter(|one| one.seen - one.at > CHECK) {
            let tells = |episode: &Episode| {
                episode.code == "acts-rejected"
                    && episode.raised <= *at + CHECK
                    && episode.cleared > Some(*seen)
            };
            assert!(episodes.iter().any(tells), "{op_key} was refused at {at}: {episodes:?}");
        }
        for outage in outages {
            for Promise { flow, code, by } in &outage.promised {
                let over = outage.over(flow, policy);
                let told: Vec<&Episode> = episodes
                    .iter()
                    .filter(|episode| episode.flow == *flow && episode.code == *code)
                    .filter(|episode| (outage.from..=over).contains(&episode.raised))
                    .collect();
                let name = outage.name;
                assert!(!told.is_empty(), "{name}: {flow} {code} was not told, promised for {by}");
                let mut parts: Vec<&str> = told.iter().map(|episode| episode.part.as_str()).collect();
                parts.dedup();
                assert_eq!(parts.len(), told.len(), "{name}: {flow} {code} was told twice: {told:?}");
                assert!(
                    told.iter().any(|episode| episode.raised <= *by),
                    "{name}: {told:?}, promised for {by}"
                );
                for episode in told {
                    assert!(episode.cleared > Some(outage.ends), "{name}: {episode:?} was over too early");
                }
            }
        }
    }
}
