//! What is said of real flows and dispatchers that go wrong.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sync_core::testing::{FakeSubmitter, ManualClock, MemorySink, MemorySource, Reaction};
use sync_core::watchdog::{
    Alert, AlertKind, Facts, FlowFacts, FlowPolicy, Freshness, JobLimits, OutboxPolicy, PartFacts, Policy,
    check,
};
use sync_core::{
    Acquired, ActKind, Class, Clock, ErrorKind, Flow, FlowSettings, Holder, Job, JobFacts, RunContext,
    Schedule, SqliteStore, StepEnd, Store, Verdict, Window,
};

use crate::dispatch::{HOUR, Outbox};
use crate::world::{Ticked, World, finish, good, name, poison, unticked};

const MINUTE: Duration = Duration::from_secs(60);

async fn alerts(store: &dyn Store, policy: &Policy, jobs: &[JobFacts]) -> Vec<Alert> {
    let facts = Facts::gather(store, policy).await.unwrap().with_jobs(jobs.to_vec());
    check(store.now().await.unwrap(), &facts, policy)
}

async fn codes(store: &dyn Store, policy: &Policy, jobs: &[JobFacts]) -> Vec<&'static str> {
    alerts(store, policy, jobs).await.iter().map(|alert| alert.kind.as_str()).collect()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn f57_a_run_that_hangs_is_told_although_its_lease_is_renewed_and_soon_by_the_store_alone() {
    let world = World::snapshot();
    let fresh = Freshness::within(2 * HOUR);
    let policy = FlowPolicy::new(name(), fresh, world.clock.now()).job(JobLimits::new(29 * MINUTE, 3));
    let policy = Policy::default().flow(policy);
    world.source.put("a", good(1));
    world.cycle().await;
    let Acquired::Granted(mut lease) =
        world.store.acquire(&name(), &Holder::from("hung"), MINUTE).await.unwrap()
    else {
        panic!("the lease is free");
    };
    let mut job = JobFacts::new(name().as_str(), Class::Regular);
    job.running_since = Some(world.clock.now());
    for minute in 1..=120 {
        world.clock.advance(MINUTE / 2);
        lease = world.store.renew(&lease, MINUTE).await.unwrap();
        world.clock.advance(MINUTE / 2);
        let expected: &[_] = match minute {
            ..29 => &[],
            29..120 => &["stuck"],
            _ => &["late", "stuck"],
        };
        assert_eq!(codes(&*world.store, &policy, std::slice::from_ref(&job)).await, expected, "{minute}");
    }
    assert_eq!(codes(&*world.store, &policy, &[]).await, ["late"]);
    job.last_progress_at = Some(world.clock.now());
    assert_eq!(codes(&*world.store, &policy, &[job]).await, ["late"]);
}

#[tokio::test]
async fn f58_a_flow_whose_process_died_is_told_by_another_process_after_its_second_missed_tick() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let clock = Arc::new(ManualClock::at(instant("2026-11-20T05:00:00Z")));
    let world = World {
        store: Arc::new(SqliteStore::open(&path).unwrap().with_clock(clock.clone())),
        clock: clock.clone(),
        ..World::snapshot()
    };
    let hourly = Schedule::every(HOUR).unwrap().within(Window::hours(6, 20).unwrap()).unwrap();
    let fresh = Freshness::scheduled(hourly, 10 * MINUTE);
    let policy = Policy::default().flow(FlowPolicy::new(name(), fresh, clock.now()));
    world.source.put("a", good(1));
    clock.advance(MINUTE);
    world.cycle().await;
    drop(world);

    let store = SqliteStore::open(&path).unwrap().with_clock(clock.clone());
    // it ran last at 6:01 by Warsaw's clock; the ticks of 7:00 and 8:00 are missed
    clock.set(instant("2026-11-20T07:09:59Z"));
    assert_eq!(alerts(&store, &policy, &[]).await, []);
    clock.set(instant("2026-11-20T07:10:00Z"));
    let said = alerts(&store, &policy, &[]).await;
    let last_ok_at = instant("2026-11-20T05:01:00Z");
    assert_eq!(said[0].kind, AlertKind::Late { missed: 2, last_ok_at, pause: None });
    clock.set(instant("2026-11-26T07:10:00Z"));
    let said = alerts(&store, &policy, &[]).await;
    assert_eq!(said[0].since, instant("2026-11-20T07:10:00Z"));
    // fifteen ticks a day, of which the first day had one more
    assert_eq!(said[0].kind, AlertKind::Late { missed: 14 + 5 * 15 + 3, last_ok_at, pause: None });
}

#[tokio::test]
async fn f58_a_flow_that_never_ran_is_told_and_a_long_first_load_that_gets_on_is_not() {
    let world = World::new(MemorySource::snapshot().wire_page(1), MemorySink::new());
    let policy = FlowPolicy::new(name(), Freshness::within(HOUR), world.clock.now()).first_load(5 * HOUR);
    let policy = Policy::default().flow(policy);
    world.clock.advance(HOUR - MINUTE);
    assert_eq!(codes(&*world.store, &policy, &[]).await, [""; 0]);
    world.clock.advance(MINUTE);
    assert_eq!(codes(&*world.store, &policy, &[]).await, ["never-ran"]);
    for key in 0..12 {
        world.source.put(key.to_string(), good(1));
    }
    let settings = FlowSettings::default().batch(1).page_budget(1);
    let flow = Flow::new(name(), world.source.clone(), Ticked, world.sink.clone(), world.store.clone())
        .with_settings(settings)
        .with_clock(world.clock.clone());
    // a page of the first load every half hour
    for half_hours in 3..=10 {
        let tally = flow.step(&RunContext::default()).await.unwrap();
        assert_eq!((tally.counts.pages, tally.end), (1, StepEnd::More));
        world.clock.advance(HOUR / 2);
        let expected: &[&str] = if half_hours < 10 { &[] } else { &["never-ran"] };
        assert_eq!(codes(&*world.store, &policy, &[]).await, expected, "{half_hours}");
    }
}

#[tokio::test]
async fn f59_records_of_another_shape_are_told_at_once_when_they_are_many_and_after_a_while_when_few() {
    for (bad, at_once) in [(21, true), (3, false)] {
        let world = World::snapshot();
        let policy = FlowPolicy::new(name(), Freshness::within(100 * HOUR), world.clock.now());
        let policy = Policy::default().flow(policy.rejects(20, HOUR));
        for key in 0..200 {
            world.source.put(format!("{key:03}"), if key < bad { poison(1) } else { good(1) });
        }
        world.cycle().await;
        let expected: &[_] = if at_once { &["degraded"] } else { &[] };
        assert_eq!(codes(&*world.store, &policy, &[]).await, expected);
        world.clock.advance(HOUR - Duration::from_secs(1));
        assert_eq!(codes(&*world.store, &policy, &[]).await, expected);
        world.clock.advance(Duration::from_secs(1));
        let said = alerts(&*world.store, &policy, &[]).await;
        assert_eq!(said[0].kind, AlertKind::Degraded { rejects: bad });
        for key in 0..bad {
            world.source.put(format!("{key:03}"), good(1));
        }
        world.cycle().await;
        assert_eq!(codes(&*world.store, &policy, &[]).await, [""; 0]);
    }
}

#[tokio::test]
async fn removals_that_the_target_does_not_know_are_no_alert_however_many_and_old_and_stop_no_flow() {
    let world = World::new(MemorySource::snapshot(), MemorySink::new().without_removal());
    let policy = FlowPolicy::new(name(), Freshness::within(100 * HOUR), world.clock.now());
    let policy = Policy::default().flow(policy.rejects(20, HOUR));
    let all: u64 = 30;
    let put = |record: fn(i64) -> _| {
        (0..all).for_each(|key| world.source.put(format!("{key:03}"), record(1)));
    };
    put(good);
    world.cycle().await;
    put(unticked);
    let settings = FlowSettings::default().most_rejects(all);
    let flow = Flow::new(name(), world.source.clone(), Ticked, world.sink.clone(), world.store.clone())
        .with_settings(settings)
        .with_clock(world.clock.clone());
    finish(&flow).await;
    world.clock.advance(2 * HOUR);
    assert_eq!(world.rejects().await.len() as u64, all);
    assert_eq!(flow.status().await.unwrap().rejects.count, all);
    assert_eq!(codes(&*world.store, &policy, &[]).await, [""; 0]);

    world.source.put("000", poison(1));
    world.source.put("001", good(1));
    finish(&flow).await;
    world.clock.advance(HOUR);
    assert_eq!(world.rejects().await.len() as u64, all - 1);
    let said = alerts(&*world.store, &policy, &[]).await;
    assert_eq!(said[0].kind, AlertKind::Degraded { rejects: 1 });
}

#[tokio::test]
async fn f59_a_page_that_is_rejected_as_a_whole_is_told_as_held() {
    let world = World::snapshot();
    let policy = FlowPolicy::new(name(), Freshness::within(100 * HOUR), world.clock.now());
    let policy = Policy::default().flow(policy);
    for key in 0..200 {
        world.source.put(key.to_string(), poison(1));
    }
    let error = world.flow().step(&RunContext::default()).await.unwrap_err();
    let said = alerts(&*world.store, &policy, &[]).await;
    let AlertKind::BrakeHeld { held: 200, token } = &said[0].kind else { panic!("{error}: {said:?}") };
    world.flow().approve(token, "somebody", "looked").await.unwrap();
    world.cycle().await;
    assert_eq!(codes(&*world.store, &policy, &[]).await, ["degraded"]);
}

#[tokio::test]
async fn f76_orders_refused_for_days_because_a_period_is_closed_are_told_with_the_reason_until_they_go_through()
 {
    let outbox = Outbox::new(FakeSubmitter::new());
    let orders = OutboxPolicy::new("demo/orders-out").kinds([ActKind::from("order")]);
    let policy = Policy::default().outbox(orders);
    for day in 1..=3u64 {
        outbox.submitter.script([Reaction::Refuse]);
        outbox.enqueue_payload(&format!("o{day}"), "v1").await;
        finish(&outbox.dispatcher()).await;
        let said = alerts(&*outbox.store, &policy, &[]).await;
        let AlertKind::ActsRejected { codes } = &said[0].kind else { panic!("{said:?}") };
        assert_eq!(codes.values().sum::<u64>(), day);
        assert_eq!((said[0].flow.as_str(), said[0].part.as_str()), ("demo/orders-out", "order"));
        assert_eq!(said[0].since, ManualClock::default().now());
        assert!(said[0].to_string().contains(&format!("{day} × ")), "{}", said[0]);
        outbox.clock.advance(24 * HOUR);
    }
    // the period is open again, and the orders come once more
    for day in 1..=3 {
        outbox.enqueue_payload(&format!("o{day}"), "v2").await;
    }
    // they wait from now on
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, [""; 0]);
    finish(&outbox.dispatcher()).await;
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, [""; 0]);
    assert_eq!(outbox.documents(), ["o1", "o2", "o3"]);
}

#[tokio::test]
async fn f76_a_refused_order_is_told_until_a_person_lets_it_go_or_gives_it_up_and_its_age_counts_anew() {
    let outbox = Outbox::new(FakeSubmitter::new());
    let policy = Policy::default().outbox(OutboxPolicy::new("demo/orders-out").waiting(30 * MINUTE));
    outbox.submitter.script([Reaction::Refuse, Reaction::Refuse]);
    outbox.enqueue(&[("o1", "k1"), ("o2", "k2")]).await;
    finish(&outbox.dispatcher()).await;
    outbox.clock.advance(2 * HOUR);
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, ["acts-rejected"]);
    outbox.store.resolve(&"o1".into(), &Verdict::GivenUp, "Anna", "ordered by mistake").await.unwrap();
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, ["acts-rejected"]);
    outbox.store.release(&"o2".into(), "Anna", "the period is open again").await.unwrap();
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, [""; 0]);
    outbox.clock.advance(30 * MINUTE);
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, ["acts-waiting"]);
    finish(&outbox.dispatcher()).await;
    assert_eq!(
        (codes(&*outbox.store, &policy, &[]).await, outbox.documents()),
        (vec![], vec!["o2".to_owned()])
    );
}

#[tokio::test]
async fn orders_that_nobody_sends_are_told_by_their_age_and_those_in_doubt_however_often_they_are_looked_up()
{
    let outbox = Outbox::new(FakeSubmitter::new());
    let orders = OutboxPolicy::new("demo/orders-out").waiting(30 * MINUTE).in_doubt(2 * HOUR);
    let policy = Policy::default().outbox(orders);
    outbox.enqueue(&[("o1", "k")]).await;
    outbox.clock.advance(30 * MINUTE - Duration::from_secs(1));
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, [""; 0]);
    outbox.clock.advance(Duration::from_secs(1));
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, ["acts-waiting"]);
    outbox.submitter.script([Reaction::CreateThenFail]);
    outbox.submitter.fail_look_ups(Some(ErrorKind::Transient));
    finish(&outbox.dispatcher()).await;
    for minutes in (40..=240).step_by(10) {
        outbox.clock.advance(10 * MINUTE);
        finish(&outbox.dispatcher()).await;
        let expected: &[_] = if minutes < 120 { &[] } else { &["in-doubt-aged"] };
        assert_eq!(codes(&*outbox.store, &policy, &[]).await, expected, "{minutes}");
    }
    outbox.submitter.fail_look_ups(None);
    outbox.settle_all().await;
    assert_eq!(codes(&*outbox.store, &policy, &[]).await, [""; 0]);
}

#[tokio::test]
async fn on_the_days_of_a_changed_clock_the_night_makes_nothing_late_and_the_morning_does() {
    // the last run on the evening before, the first tick of the day of the change, and the second
    for (last, first, second) in [
        ("2027-03-27T19:00:30Z", "2027-03-28T04:00:00Z", "2027-03-28T05:00:00Z"),
        ("2026-10-24T18:00:30Z", "2026-10-25T05:00:00Z", "2026-10-25T06:00:00Z"),
    ] {
        let hourly = Schedule::every(HOUR).unwrap().within(Window::hours(6, 20).unwrap()).unwrap();
        let fresh = Freshness::scheduled(hourly, MINUTE);
        let policy = Policy::default().flow(FlowPolicy::new(name(), fresh, DateTime::UNIX_EPOCH));
        let mut part = PartFacts::new("", instant(last));
        part.last_ok_at = Some(instant(last));
        let mut facts = Facts::default();
        facts.flows.push(FlowFacts::new(name(), vec![part]));
        let late_from = instant(second) + MINUTE;
        let mut now = instant(last);
        while now < late_from {
            assert_eq!(check(now, &facts, &policy), [], "{now}");
            now += Duration::from_secs(30);
        }
        assert_eq!(now, late_from);
        let said = check(now, &facts, &policy);
        assert!(matches!(said[..], [Alert { kind: AlertKind::Late { missed: 2, .. }, .. }]), "{said:?}");
        assert!(instant(first) > instant(last) + 8 * HOUR, "a night lies between");
    }
}

#[tokio::test]
async fn a_part_that_is_expected_and_missing_never_ran_and_one_that_is_read_no_more_is_not_late() {
    let world = World::snapshot();
    world.cycle().await;
    let flow = |parts: &[&str]| {
        let policy = FlowPolicy::new(name(), Freshness::within(HOUR), DateTime::UNIX_EPOCH);
        Policy::default().flow(policy.parts(parts.to_vec()))
    };
    let said = alerts(&*world.store, &flow(&["shop-2"]), &[]).await;
    assert_eq!(said.iter().map(|said| said.part.as_str()).collect::<Vec<_>>(), ["shop-2"]);
    world.clock.advance(HOUR);
    assert_eq!(codes(&*world.store, &flow(&[]), &[]).await, [""; 0]);
    assert_eq!(codes(&*world.store, &flow(&[""]), &[]).await, ["late"]);
}

#[tokio::test]
async fn a_flow_whose_last_cycle_lies_in_the_future_is_told_as_a_clock_that_is_wrong() {
    let world = World::snapshot();
    world.cycle().await;
    let policy =
        Policy::default().flow(FlowPolicy::new(name(), Freshness::within(HOUR), DateTime::UNIX_EPOCH));
    world.clock.set(world.clock.now() - 10 * MINUTE);
    let said = alerts(&*world.store, &policy, &[]).await;
    assert_eq!(said[0].kind, AlertKind::ClockSkew { by: chrono::TimeDelta::minutes(10) });
}

#[tokio::test]
async fn kinds_of_acts_fall_under_the_policy_that_names_them_and_else_under_the_one_that_names_none() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k")]).await;
    outbox.clock.advance(HOUR);
    let of = |policies: Vec<OutboxPolicy>| policies.into_iter().fold(Policy::default(), Policy::outbox);
    let clients = || OutboxPolicy::new("clients-out").kinds([ActKind::from("client")]);
    let said = alerts(&*outbox.store, &of(vec![OutboxPolicy::new("rest"), clients()]), &[]).await;
    assert_eq!(said.iter().map(|said| said.flow.as_str()).collect::<Vec<_>>(), ["rest"]);
    let orders = OutboxPolicy::new("orders-out").kinds([ActKind::from("order")]);
    let said = alerts(&*outbox.store, &of(vec![OutboxPolicy::new("rest"), orders]), &[]).await;
    assert_eq!(said.iter().map(|said| said.flow.as_str()).collect::<Vec<_>>(), ["orders-out"]);
    assert_eq!(alerts(&*outbox.store, &of(vec![clients()]), &[]).await, []);
}
