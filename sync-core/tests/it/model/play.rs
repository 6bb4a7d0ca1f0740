//! Random operations on the model's world, what has to hold after each, and what in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sync_core::testing::{Fault, Faults, FaultyStore, ManualClock};
use sync_core::{
    Brake, BrakeLimit, CancellationToken, Clock, Counts, Error, ErrorKind, Fingerprint, Flow, FlowSettings,
    Job, Key, KeysetSource, Link, MemoryStore, Observer, PageQuery, Rebind, Reconciled, RejectFilter, Result,
    RetrySettings, RunContext, Sent, StepEnd, Store, SystemicLimit, Tally,
};

use super::land::{COMMIT_LAG, Fate, Land, Mapping, Reader, Row, Shelf, Table, Target, Way, lock, ready};
use crate::world::{TTL, name};

/// A small generator of random numbers (SplitMix64): the same from each seed, everywhere and for ever.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

#[derive(Debug, Default)]
struct Adding {
    wrong: Mutex<Vec<String>>,
    pages: Mutex<Vec<Counts>>,
}

impl Observer for Adding {
    fn page(&self, _: &str, counts: &Counts) {
        if let Err(error) = counts.check() {
            lock(&self.wrong).push(error.to_string());
        }
        lock(&self.pages).push(*counts);
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How a future ended that was polled by hand.
pub(crate) enum Ran<T> {
    Ready(T),
    /// So many polls were not enough.
    UnderWay,
    /// Nothing will ever wake it.
    Hangs,
}

pub(crate) fn polled<T>(mut future: Pin<&mut impl Future<Output = T>>, polls: u64) -> Ran<T> {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    for _ in 0..polls {
        if !woken.0.swap(false, Ordering::Relaxed) {
            return Ran::Hangs;
        }
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ran::Ready(done);
        }
    }
    Ran::UnderWay
}

/// What was being written when a step died counts as sent with one of these.
const IN_DOUBT: [Fingerprint; 2] = [Fingerprint::from_bytes([0; 16]), Fingerprint::from_bytes([1; 16])];

/// More polls than any step takes.
const ALL: u64 = 100_000;

pub(crate) struct Play {
    pub(crate) dice: Dice,
    pub(crate) land: Arc<Land>,
    pub(crate) shelf: Arc<Mutex<Shelf>>,
    pub(crate) store_faults: Faults,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) raw: Arc<dyn Store>,
    store: Arc<dyn Store>,
    settings: FlowSettings,
    mapping_version: u32,
    keys: u64,
    version: u64,
    links: BTreeSet<u8>,
    /// Written by an instance that slept through its lease and woke after another one had taken over. A sink knows no
    /// fences, so the target may have something older or something that was removed: the one thing the model forgives.
    sleepwalked: BTreeSet<String>,
    instances: [Arc<Flow>; 2],
    positions: BTreeMap<usize, serde_json::Value>,
    observer: Arc<Adding>,
    /// What each fingerprint stands for.
    contents: Mutex<BTreeMap<Fingerprint, (u64, bool)>>,
    /// The last error of a step.
    pub(crate) error: Option<Error>,
    pub(crate) trace: Arc<Mutex<Vec<String>>>,
}

impl Play {
    pub(crate) fn new(seed: u64, way: Way) -> Self {
        let mut dice = Dice::new(seed);
        let clock = Arc::new(ManualClock::default());
        let raw: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let land = Arc::new(Land {
            way,
            wire_page: usize::try_from(1 + dice.below(4)).unwrap(),
            clock: clock.clone(),
            truths: Mutex::new(way.parts().iter().map(|_| Default::default()).collect()),
            source_faults: Faults::none(),
            sink_faults: Faults::none(),
            cut_at: Mutex::default(),
            breaks_at: Mutex::default(),
            listed: Mutex::new(way.parts().iter().copied().collect()),
            tells_total: dice.below(3) == 0,
            tells_clock: dice.below(2) == 0,
            violations: Mutex::default(),
            raw: raw.clone(),
        });
        let mut settings = FlowSettings::default()
            .batch(usize::try_from(1 + dice.below(5)).unwrap())
            .page_budget(usize::try_from(1 + dice.below(4)).unwrap())
            .lease_ttl(TTL)
            .retry(RetrySettings::none())
            .full_pass(Duration::from_secs(3_600))
            .absences(dice.pick(&[1, 2]))
            .allow_empty();
        if dice.below(2) == 0 {
            let limit = BrakeLimit::new(1 + dice.below(3), 10);
            settings = settings.brake(Brake::default().removals(limit).emptyings(limit));
        }
        if dice.below(3) == 0 {
            settings = settings.systemic(SystemicLimit::above(1, 40));
        }
        let store_faults = Faults::none();
        let store: Arc<dyn Store> = Arc::new(FaultyStore::new(raw.clone(), store_faults.clone()));
        let keys = 3 + dice.below(6);
        let shelf = Arc::<Mutex<Shelf>>::default();
        let flow = Arc::new(build(&land, &shelf, &store, &settings, 1));
        Self {
            dice,
            shelf,
            store_faults,
            clock,
            raw,
            mapping_version: 1,
            keys,
            version: 0,
            links: BTreeSet::new(),
            sleepwalked: BTreeSet::new(),
            instances: [flow.clone(), flow],
            positions: BTreeMap::new(),
            observer: Arc::default(),
            contents: Mutex::default(),
            error: None,
            trace: Arc::default(),
            land,
            store,
            settings,
        }
        .started()
    }

    fn started(mut self) -> Self {
        self.restart(0);
        self.restart(1);
        self
    }

    pub(crate) fn with_settings(mut self, change: impl FnOnce(FlowSettings) -> FlowSettings) -> Self {
        self.settings = change(self.settings.clone());
        self.started()
    }

    /// With keys from 0 up to this number.
    pub(crate) fn with_keys(self, keys: u64) -> Self {
        Self { keys, ..self }
    }

    /// What the pages counted so far.
    pub(crate) fn counts(&self) -> Vec<Counts> {
        lock(&self.observer.pages).clone()
    }

    /// A flow over the same store, without its faults.
    pub(crate) fn clean(&self) -> Flow {
        build(&self.land, &self.shelf, &self.raw, &self.settings, self.mapping_version)
    }

    fn restart(&mut self, instance: usize) {
        let flow = build(&self.land, &self.shelf, &self.store, &self.settings, self.mapping_version);
        self.instances[instance] = Arc::new(flow);
    }

    fn note(&self, what: impl Into<String>) {
        lock(&self.trace).push(what.into());
    }

    fn part_of(&self, key: &str) -> usize {
        self.land.way.parts().iter().position(|part| key.starts_with(part)).unwrap()
    }

    fn key(&mut self) -> String {
        let part = self.dice.pick(self.land.way.parts());
        format!("{part}k{}", self.dice.below(self.keys))
    }

    /// Writes at the source: at once, or committed there a while later.
    pub(crate) fn edit(&mut self, key: &str, change: impl FnOnce(Option<Row>) -> Option<Row>) {
        let (part, way) = (self.part_of(key), self.land.way);
        self.version += 1;
        let version = self.version;
        let now = self.clock.now();
        let mut truths = lock(&self.land.truths);
        let truth = &mut truths[part];
        // several rows share one stamp
        let mut stamp = now.duration_trunc(TimeDelta::seconds(10)).unwrap();
        if self.dice.below(20) == 0 {
            stamp += TimeDelta::hours(1);
        }
        let number = key.rsplit('k').next().unwrap().parse::<i64>().unwrap();
        let row = change(truth.latest(key)).map(|row| Row { version, stamp, id: number, ..row });
        let waits = truth.pending.iter().rev().find(|(_, pending, _)| pending == key).map(|(at, ..)| *at);
        if way.is_keyset() && (waits.is_some() || self.dice.below(3) == 0) {
            let lag = self.dice.below(COMMIT_LAG.as_secs());
            let at = (now + Duration::from_secs(lag)).max(waits.unwrap_or(now));
            truth.pending.push((at, key.to_owned(), row));
        } else {
            truth.apply(way, key.to_owned(), version, row);
        }
    }

    /// Gives the record a content it never had.
    pub(crate) fn put(&mut self, key: &str) {
        let value = 1_000 + self.version;
        self.edit(key, |row| Some(Row { value, ..row.unwrap_or_else(fresh) }));
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
        let (now, way) = (self.clock.now(), self.land.way);
        for truth in lock(&self.land.truths).iter_mut() {
            while let Some(at) = truth.pending.iter().position(|(at, ..)| *at <= now) {
                let (_, key, row) = truth.pending.remove(at);
                // what was committed late keeps the number of its writing
                let version = row.as_ref().map_or(self.version, |row| row.version);
                truth.apply(way, key, version, row);
            }
        }
    }

    fn random_edit(&mut self) -> String {
        let key = self.key();
        let what = self.dice.below(12);
        let n = u8::try_from(self.dice.below(3)).unwrap();
        let ticks = self.dice.below(4) > 0;
        self.edit(&key, |row| {
            let row = row.unwrap_or_else(fresh);
            match what {
                0 | 1 => None,
                2 | 3 => Some(Row { ticked: ticks, ..row }),
                4 => Some(Row { poison: !row.poison, ..row }),
                5 => Some(Row { bad: !row.bad, ..row }),
                6 => Some(Row { link: if row.link.is_some() { None } else { Some(n) }, ..row }),
                7 => Some(Row { empty: !row.empty, ..row }),
                // often one that it had before
                _ => Some(Row { value: n.into(), ..row }),
            }
        });
        format!("edit {key} ({what})")
    }

    fn run(&self) -> RunContext {
        RunContext::new(CancellationToken::new(), self.observer.clone()).with_clock(self.clock.clone())
    }

    fn took(&mut self, ran: Ran<Result<Tally>>) -> Option<StepEnd> {
        match ran {
            Ran::Ready(Ok(tally)) => {
                tally.counts.check().unwrap();
                self.note(format!("  -> {:?} {:?}", tally.end, tally.counts));
                self.error = None;
                Some(tally.end)
            }
            Ran::Ready(Err(error)) => {
                self.note(format!("  -> {error}"));
                let never = [
                    ErrorKind::Bug,
                    ErrorKind::OrderViolation,
                    ErrorKind::UnknownFormat,
                    ErrorKind::WentBack,
                    ErrorKind::FingerprintMismatch,
                ];
                assert!(!never.contains(&error.kind()), "{error}");
                self.error = Some(error);
                None
            }
            Ran::UnderWay | Ran::Hangs => {
                self.note("  -> dropped");
                None
            }
        }
    }

    /// One step, dropped after so many polls or when it hangs.
    pub(crate) fn step(&mut self, instance: usize, polls: u64) -> Option<StepEnd> {
        let (flow, run) = (self.instances[instance].clone(), self.run());
        let ran = polled(pin!(flow.step(&run)), polls);
        self.took(ran)
    }

    /// A step during which something else happens.
    pub(crate) fn step_around(&mut self, polls: u64, meanwhile: impl FnOnce(&mut Self, &RunContext)) {
        let (flow, run) = (self.instances[0].clone(), self.run());
        let mut step = pin!(flow.step(&run));
        match polled(step.as_mut(), polls) {
            Ran::UnderWay => {
                meanwhile(self, &run);
                let ran = polled(step, ALL);
                self.took(ran);
            }
            ran => {
                self.took(ran);
            }
        }
    }

    pub(crate) fn operate(&mut self) {
        self.advance(Duration::from_millis(1));
        let polls = 1 + self.dice.below(60);
        match self.dice.below(100) {
            0..=34 => {
                let what = self.random_edit();
                self.note(what);
            }
            35..=54 => {
                self.note("step");
                self.step(0, ALL);
            }
            55..=60 => {
                self.note(format!("crash after {polls} polls"));
                self.step(0, polls);
                if self.dice.below(2) == 0 {
                    self.restart(0);
                }
            }
            61..=69 => self.fault(),
            70..=76 => {
                let seconds = self.dice.pick(&[1, 7, 15, 30, 61, 700, 4_000]);
                self.note(format!("{seconds} s pass"));
                self.advance(Duration::from_secs(seconds));
            }
            77..=79 => {
                self.note("a second instance steps");
                self.step(1, ALL);
            }
            80..=81 => self.sleepwalk(polls),
            82..=85 => {
                self.note(format!("an edit after {polls} polls of a step"));
                self.step_around(polls, |play, _| {
                    let what = play.random_edit();
                    play.note(format!("  {what}"));
                });
            }
            86 => {
                self.note(format!("stopped after {polls} polls"));
                self.step_around(polls, |_, run| run.stop.cancel());
            }
            87..=89 => {
                let n = u8::try_from(self.dice.below(3)).unwrap();
                self.note(format!("link {n}"));
                self.learn(n);
            }
            90..=92 => {
                self.note("approve");
                self.approve();
            }
            93 => match self.dice.below(3) {
                0 => self.rebind(),
                _ => {
                    self.note("replay");
                    ready(self.raw.replay_rejects(&RejectFilter::all())).unwrap();
                }
            },
            94 => {
                self.mapping_version += 1;
                self.note(format!("mapping version {}", self.mapping_version));
                self.restart(0);
                self.restart(1);
            }
            95..=97 => {
                let (key, how) = (self.key(), self.dice.below(4));
                self.note(format!("refuse {key} ({how})"));
                let mut shelf = lock(&self.shelf);
                match how {
                    0 => _ = shelf.refused.insert(key),
                    1 => _ = shelf.cursed.insert(key),
                    _ => {
                        shelf.refused.clear();
                        shelf.cursed.clear();
                    }
                }
            }
            _ => {
                let part = self.dice.pick(self.land.way.parts());
                self.note(format!("part {part} comes or goes"));
                let mut listed = lock(&self.land.listed);
                if !listed.remove(part) {
                    listed.insert(part);
                }
            }
        }
        self.check();
    }

    fn rebind(&mut self) {
        let keep = self.dice.pick(&[Rebind::KeepPosition, Rebind::FromStart]);
        self.note(format!("rebind {keep:?}"));
        let flow = self.clean();
        match ready(flow.rebind(keep)) {
            Ok(()) if keep == Rebind::FromStart => self.positions.clear(),
            Ok(()) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::LeaseLost),
        }
    }

    fn fault(&mut self) {
        let faults = [&self.land.source_faults, &self.land.sink_faults, &self.store_faults];
        let (place, in_calls) = (self.dice.below(3), 1 + self.dice.below(12));
        let faults = faults[usize::try_from(place).unwrap()].clone();
        let kinds = [Fault::FailBefore, Fault::FailAfter, Fault::HangBefore, Fault::HangAfter];
        match self.dice.below(6) {
            5 => {
                self.note("the sink breaks off within its next batch");
                *lock(&self.land.breaks_at) = Some(self.land.sink_faults.calls() + 1);
            }
            4 => {
                let side = usize::from(self.dice.below(2) == 0);
                self.note(format!("side {side} cuts its next answer off"));
                let calls = [&self.land.source_faults, &self.land.sink_faults][side].calls();
                lock(&self.land.cut_at)[side] = Some(calls + 1);
            }
            kind => {
                let kind = kinds[usize::try_from(kind).unwrap()];
                self.note(format!("{kind:?} at place {place} in {in_calls} calls"));
                faults.on_call(faults.calls() + in_calls, kind);
            }
        }
    }

    /// An instance stands still, another one takes over, and the first goes on.
    fn sleepwalk(&mut self, polls: u64) {
        self.sleepwalk_to(polls, |_| {});
    }

    /// The same; tells when the other one is done.
    pub(crate) fn sleepwalk_to(&mut self, polls: u64, mut taken_over: impl FnMut(&mut Self)) {
        self.note(format!("stands still after {polls} polls"));
        self.step_around(polls, |play, _| {
            play.advance(TTL * 2);
            play.note("  another one");
            play.step(1, ALL);
            taken_over(play);
            lock(&play.shelf).sleepwalk = Some(BTreeSet::new());
            play.note("  goes on");
        });
        let keys = lock(&self.shelf).sleepwalk.take().unwrap_or_default();
        self.sleepwalked.extend(keys);
    }

    pub(crate) fn learn(&mut self, n: u8) {
        self.links.insert(n);
        ready(self.raw.put_links(&[Link::new("k", n.to_string(), format!("there-{n}"))])).unwrap();
    }

    /// Approves whatever is held; tells how much that was.
    pub(crate) fn approve(&mut self) -> usize {
        let flow = self.clean();
        let status = ready(flow.status()).unwrap();
        let held: Vec<_> = status.parts.into_iter().filter_map(|part| part.held).collect();
        for held in &held {
            self.note(format!("  approves {held}"));
            ready(flow.approve(&held.token, "somebody", "looked at it")).unwrap();
        }
        held.len()
    }

    fn all_keys(&self, part: usize) -> Vec<Key> {
        let prefix = self.land.way.parts()[part];
        (0..self.keys).map(|n| Key::from(format!("{prefix}k{n}"))).collect()
    }

    /// What holds at any time.
    pub(crate) fn check(&mut self) {
        let violations = lock(&self.land.violations).join("; ");
        assert!(violations.is_empty(), "{violations}");
        assert_eq!(*lock(&self.observer.wrong), Vec::<String>::new());
        for part in 0..self.land.way.parts().len() {
            let id = self.land.part(part);
            let keys = self.all_keys(part);
            let state = ready(self.raw.read_page(&id, PageQuery::new(keys.clone(), Vec::new()))).unwrap();
            let position = state.position.as_deref().unwrap_or("null");
            let position: serde_json::Value = serde_json::from_str(position).unwrap();
            self.check_known(&keys, &state.sent, &position["writing"]);
            let sent: Vec<_> = state.sent.iter().flatten().collect();
            let slots: BTreeSet<u64> = sent.iter().map(|sent| sent.slot).collect();
            assert_eq!(state.population.active, sent.len() as u64, "population and rows differ");
            assert_eq!(slots.len(), sent.len(), "two rows share a slot");
            assert!(slots.iter().all(|slot| *slot < state.population.slots), "a slot beyond the last");
            for chunk in ready(self.raw.seen(&id)).unwrap() {
                // no part of the model has as many slots as one chunk
                let bytes = chunk.bits.iter().take(512).enumerate();
                for (at, byte) in bytes.filter(|(_, byte)| **byte != 0) {
                    assert!(!position["pass"].is_null(), "something is seen and no pass under way");
                    for bit in (0..8).filter(|bit| byte & (1 << bit) != 0) {
                        let slot = chunk.number * sync_core::SeenChunk::SLOTS + at as u64 * 8 + bit;
                        assert!(slots.contains(&slot), "slot {slot} was seen and is nobody's");
                    }
                }
            }
            self.check_position(part, &position);
            self.positions.insert(part, position);
        }
    }

    /// What is in the target is known as sent or named as being written, and what is known for certain is there.
    fn check_known(&self, keys: &[Key], sent: &[Option<Sent>], writing: &serde_json::Value) {
        let writing: Vec<&str> =
            writing.as_array().into_iter().flatten().filter_map(|key| key.as_str()).collect();
        assert_eq!(writing.iter().collect::<BTreeSet<_>>().len(), writing.len(), "a key is written twice");
        let shelf = lock(&self.shelf);
        for (key, sent) in keys.iter().zip(sent) {
            let key = key.as_str();
            if writing.contains(&key) || self.sleepwalked.contains(key) {
                continue;
            }
            let there = shelf.rows.get(key);
            assert!(there.is_none() || sent.is_some(), "L2: {key} is in the target and nobody knows");
            if let Some(sent) = sent.as_ref().filter(|sent| !IN_DOUBT.contains(&sent.fingerprint)) {
                let Some(there) = there else { panic!("L2: {key} is known as sent and not in the target") };
                let mut contents = lock(&self.contents);
                let (value, empty) = *contents.entry(sent.fingerprint).or_insert((there.value, there.empty));
                assert_eq!(
                    (value, empty),
                    (there.value, there.empty),
                    "L2: {key} is there as something else"
                );
            }
        }
    }

    /// L2, L3, L7: the position never goes back, and what it passed is dealt with.
    fn check_position(&self, part: usize, position: &serde_json::Value) {
        let before = self.positions.get(&part).unwrap_or(&serde_json::Value::Null);
        if self.land.way.is_keyset() {
            let mark = |position: &serde_json::Value| -> Option<DateTime<Utc>> {
                position["cursor"]["mark"].as_str().map(|mark| mark.parse().unwrap())
            };
            assert!(mark(before) <= mark(position), "L3: {before} {position}");
        }
        if !self.land.way.is_feed() {
            return;
        }
        let cursor = |position: &serde_json::Value| -> usize {
            position["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap())
        };
        assert!(cursor(before) <= cursor(position), "L3: {before} {position}");
        let truths = lock(&self.land.truths);
        let shelf = lock(&self.shelf);
        let id = self.land.part(part);
        let rejects = ready(self.raw.rejects(&RejectFilter::of_part(&id))).unwrap();
        for (key, passed) in truths[part].events.iter().take(cursor(position)) {
            let there = shelf.rows.get(key).map(|out| (out.value, out.empty));
            let applied = shelf.top.get(key).is_some_and(|top| top >= passed)
                || (there.is_some()
                    && truths[part].had(key, |past| past.version >= *passed && past.content == there));
            let left_out = truths[part].had(key, |past| past.version >= *passed && past.fate == Fate::Out);
            let rejected = rejects.iter().any(|reject| reject.key.as_str() == key);
            assert!(applied || left_out || rejected, "L7: {key} {passed} was passed");
        }
    }

    /// Everything works again, and the target takes what it is sent.
    pub(crate) fn heal(&mut self) {
        self.land.source_faults.clear();
        self.land.sink_faults.clear();
        self.store_faults.clear();
        *lock(&self.land.cut_at) = [None; 2];
        *lock(&self.land.breaks_at) = None;
        let mut shelf = lock(&self.shelf);
        shelf.refused.clear();
        shelf.cursed.clear();
    }

    /// Everything works again and persons do what they are asked for; then the target is as it should be.
    pub(crate) fn quiesce(&mut self) {
        self.note("quiesce");
        self.heal();
        *lock(&self.land.listed) = self.land.way.parts().iter().copied().collect();
        self.advance(COMMIT_LAG);
        self.undo_sleepwalks();
        ready(self.raw.replay_rejects(&RejectFilter::all())).unwrap();
        let mut quiet = 0;
        let mut wrong = Vec::new();
        for round in 0..30 {
            self.advance(Duration::from_secs(2 * 3_600));
            self.note(format!("round {round}"));
            let written = lock(&self.shelf).written;
            self.until_end();
            let held = self.approve();
            wrong = self.differences();
            let wrote = lock(&self.shelf).written > written;
            quiet = if held == 0 && wrong.is_empty() && !wrote { quiet + 1 } else { 0 };
            if quiet == 2 {
                return;
            }
        }
        panic!("L1: not as it should be: {wrong:?}");
    }

    /// A record that an instance wrote in its sleep is written anew once it changes; one that it put back after its
    /// removal nobody knows of.
    fn undo_sleepwalks(&mut self) {
        for key in std::mem::take(&mut self.sleepwalked) {
            let (id, key) = (self.land.part(self.part_of(&key)), Key::from(key));
            let state =
                ready(self.raw.read_page(&id, PageQuery::new(vec![key.clone()], Vec::new()))).unwrap();
            let is_named = state.position.is_some_and(|position| position.contains(&format!("\"{key}\"")));
            if state.sent == [None] && !is_named {
                lock(&self.shelf).rows.remove(key.as_str());
            }
            let value = 1_000 + self.version;
            self.edit(key.as_str(), |row| row.map(|row| Row { value, ..row }));
        }
        self.advance(COMMIT_LAG);
    }

    /// Steps until the flow says that nothing is left, or fails.
    pub(crate) fn until_end(&mut self) {
        for _ in 0..200 {
            if self.step(0, ALL) != Some(StepEnd::More) {
                self.check();
                return;
            }
        }
        panic!("the flow says for ever that there is more to do");
    }

    pub(crate) fn differences(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        for part in 0..self.land.way.parts().len() {
            let keys = self.all_keys(part);
            let id = self.land.part(part);
            let rejects = ready(self.raw.rejects(&RejectFilter::of_part(&id))).unwrap();
            let truths = lock(&self.land.truths);
            for key in &keys {
                let shelf = lock(&self.shelf);
                let row = truths[part].rows.get(key.as_str());
                let there = shelf.rows.get(key.as_str()).map(|out| (out.value, out.empty));
                let reject = rejects.iter().find(|reject| reject.key == *key);
                let waits = row.and_then(|row| row.link).is_some_and(|link| !self.links.contains(&link));
                let fate = match row {
                    Some(row) if row.bad || row.poison => Fate::Rejected,
                    Some(row) if row.ticked && waits => Fate::Rejected,
                    Some(row) if row.ticked => Fate::Sends,
                    _ => Fate::Out,
                };
                // without look-ups nobody can say that a record which was never sent is gone
                let may_stay = row.is_none() && !self.land.way.looks_up();
                let fits = match fate {
                    Fate::Sends => there == row.map(Row::content) && reject.is_none(),
                    Fate::Out => {
                        (there.is_none() || (may_stay && self.land.way == Way::Shifting))
                            && (reject.is_none() || may_stay)
                    }
                    Fate::Rejected => reject.is_some(),
                };
                if !fits {
                    wrong.push(format!("{key}: {row:?}, there {there:?}, {reject:?}"));
                }
            }
        }
        wrong
    }
}

fn fresh() -> Row {
    Row {
        version: 0,
        value: 0,
        ticked: true,
        poison: false,
        bad: false,
        empty: false,
        link: None,
        stamp: Default::default(),
        id: 0,
    }
}

fn build(
    land: &Arc<Land>,
    shelf: &Arc<Mutex<Shelf>>,
    store: &Arc<dyn Store>,
    settings: &FlowSettings,
    version: u32,
) -> Flow {
    let (mapping, store) = (Mapping(version), store.clone());
    let target = Target { land: land.clone(), shelf: shelf.clone() };
    let reader = Reader { land: land.clone(), part: 0, lists: false };
    let flow = match land.way {
        Way::PartsOfSnapshots | Way::PartsOfFeeds => Flow::over_parts(name(), reader, mapping, target, store),
        Way::Keyset | Way::KeysetWithoutTies => {
            // stamps are floored to ten seconds
            let overlap = COMMIT_LAG + Duration::from_secs(10);
            let source = KeysetSource::new(Table(land.clone())).overlap(overlap).clock(land.clock.clone());
            Flow::new(name(), source, mapping, target, store)
        }
        Way::Reconciled => {
            let list = Reader { lists: true, ..reader.clone() };
            Flow::new(name(), Reconciled::new(reader, list), mapping, target, store)
        }
        _ => Flow::new(name(), reader, mapping, target, store),
    };
    flow.with_settings(settings.clone()).with_clock(land.clock.clone())
}
