//! The state lane.

use std::sync::Arc;

use rstest::rstest;
use sync_core::testing::{Fault, Faults, MemorySink, MemorySource};
use sync_core::{
    ErrorKind, Flow, FlowSettings, Identity, Job, JobEnd, Key, LinkRef, Links, Mapped, Mapper, Pause, Reason,
    RunContext, SourceIdentity, StepEnd, SystemicLimit, run_until_done,
};

use crate::world::{TTL, World, five, good, holding, name, poison, unticked};

#[tokio::test]
async fn unchanged_records_are_not_sent_again_and_a_change_is_sent_alone() {
    let world = World::snapshot().batch(2);
    for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
        world.source.put(key, good(value));
    }
    assert_eq!(five(world.cycle().await), [3, 3, 0, 0, 0]);
    assert_eq!(five(world.cycle().await), [3, 0, 3, 0, 0]);
    world.source.clear();
    for (key, value) in [("a", 1), ("b", 20), ("c", 3)] {
        world.source.put(key, good(value));
    }
    assert_eq!(five(world.cycle().await), [3, 1, 2, 0, 0]);
    assert_eq!(world.holds(), holding(&[("a", 1), ("b", 20), ("c", 3)]));
    assert_eq!(world.sink.previous().last().unwrap().as_ref().unwrap().as_str(), "t-b");
}

#[tokio::test]
async fn a_raised_mapping_version_sends_everything_again() {
    #[derive(Debug)]
    struct Version(u32);
    impl Mapper<i64> for Version {
        type Out = i64;
        fn version(&self) -> u32 {
            self.0
        }
        fn map(&self, _: &Key, record: i64, _: &Links) -> Result<Mapped<i64>, Reason> {
            Ok(Mapped::Send(record))
        }
    }
    let world = World::snapshot();
    let source = Arc::new(MemorySource::snapshot());
    source.put("a", 1);
    for (version, applied) in [(1, 1), (1, 0), (2, 1)] {
        let flow =
            Flow::new(name(), source.clone(), Version(version), world.sink.clone(), world.store.clone());
        let tally = flow.step(&RunContext::default()).await.unwrap();
        assert_eq!(tally.counts.applied, applied);
    }
}

#[tokio::test]
async fn left_out_but_sent_before_is_a_removal_and_counts_as_applied() {
    let world = World::snapshot();
    world.source.put("a", good(1));
    world.source.put("b", unticked(2));
    assert_eq!(five(world.cycle().await), [2, 1, 0, 1, 0]);
    world.source.clear();
    world.source.put("a", unticked(1));
    world.source.put("b", unticked(2));
    assert_eq!(five(world.cycle().await), [2, 1, 0, 1, 0]);
    assert_eq!(world.holds(), holding(&[]));
    assert_eq!(five(world.cycle().await), [2, 0, 0, 2, 0]);
    world.source.clear();
    world.source.put("a", good(1));
    assert_eq!(five(world.cycle().await), [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_deleted_record_is_removed_if_it_was_sent() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    world.source.put("a", good(1));
    world.cycle().await;
    world.source.put_deleted("a");
    world.source.put_deleted("never-sent");
    assert_eq!(five(world.cycle().await), [2, 1, 0, 1, 0]);
    assert_eq!(world.holds(), holding(&[]));
}

#[tokio::test]
async fn a_removal_that_the_sink_does_not_know_is_reported_once_and_never_sent() {
    let world = World::new(MemorySource::snapshot(), MemorySink::new().without_removal());
    for n in 0..20 {
        world.source.put(format!("k{n:02}"), good(1));
    }
    world.cycle().await;
    world.source.clear();
    for n in 0..20 {
        world.source.put(format!("k{n:02}"), unticked(1));
    }
    // the whole page, and still no systemic failure: the target is as it is
    assert_eq!(five(world.cycle().await), [20, 0, 0, 0, 20]);
    assert_eq!(five(world.cycle().await), [20, 0, 0, 20, 0]);
    assert_eq!(world.sink.log().len(), 20);
    let rejects = world.rejects().await;
    assert_eq!(rejects.len(), 20);
    assert_eq!((rejects[0].reason.code(), rejects[0].attempts), (Reason::REMOVAL_NOT_SUPPORTED, 1));
    world.source.put("k00", good(1));
    assert_eq!(five(world.cycle().await), [20, 1, 0, 19, 0]);
    assert_eq!(world.rejects().await.len(), 19);
}

#[tokio::test]
async fn doubles_within_a_page_are_dropped_before_counting_and_the_last_wins() {
    let world = World::snapshot();
    for (key, value) in [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)] {
        world.source.put(key, good(value));
    }
    assert_eq!(five(world.cycle().await), [3, 3, 0, 0, 0]);
    assert_eq!(world.holds(), holding(&[("a", 4), ("b", 3), ("c", 5)]));
    let log: Vec<_> = world.sink.log().iter().map(Key::to_string).collect();
    assert_eq!(log, ["b", "a", "c"]);
}

#[tokio::test]
async fn a_reject_is_superseded_when_its_key_goes_through_or_is_left_out() {
    let world = World::snapshot();
    world.source.put("a", poison(1));
    world.source.put("b", poison(2));
    world.source.put("c", good(3));
    world.cycle().await;
    world.cycle().await;
    let rejects = world.rejects().await;
    assert_eq!((rejects.len(), rejects[0].attempts, rejects[0].reason.detail()), (2, 2, Some("canary")));
    assert!(!format!("{rejects:?}").contains("canary"));
    world.source.put("a", good(1));
    world.source.put("b", unticked(2));
    world.cycle().await;
    assert_eq!(world.reject_codes().await, []);
}

#[tokio::test]
async fn a_record_without_a_key_is_kept_under_its_place_and_found_again() {
    let world = World::snapshot();
    world.source.put_bad(None);
    world.source.put("a", good(1));
    assert_eq!(five(world.cycle().await), [2, 1, 0, 0, 1]);
    assert_eq!(five(world.cycle().await), [2, 0, 1, 0, 1]);
    assert_eq!(world.rejects().await.len(), 1);
    assert_eq!(world.rejects().await[0].attempts, 2);
}

#[rstest]
#[case::few_of_many(100, 50, None)]
#[case::too_many_but_a_small_share(300, 51, None)]
#[case::a_fifth_and_more_than_fifty(250, 51, Some(ErrorKind::SystemicFailure))]
#[case::the_whole_page(11, 11, Some(ErrorKind::SystemicFailure))]
#[case::the_whole_of_a_small_page(10, 10, None)]
#[tokio::test]
async fn so_many_rejects_stop_the_flow_without_a_commit(
    #[case] records: usize,
    #[case] bad: usize,
    #[case] expected: Option<ErrorKind>,
) {
    let world = World::snapshot();
    for n in 0..records {
        world.source.put(format!("k{n:04}"), if n < bad { poison(1) } else { good(1) });
    }
    let result = world.flow().step(&RunContext::default()).await;
    assert_eq!(result.err().map(|e| e.kind()), expected);
    assert_eq!(world.rejects().await.len(), if expected.is_none() { bad } else { 0 });
    if expected.is_some() {
        assert!(world.sink.log().is_empty(), "a page that is not committed was sent");
        let settings = FlowSettings::default().systemic(SystemicLimit::Off);
        world.flow().with_settings(settings).step(&RunContext::default()).await.unwrap();
        assert_eq!(world.rejects().await.len(), bad);
        // what an operator has seen does not stop the next cycle
        assert_eq!(world.cycle().await.rejected, bad as u64);
    }
}

#[tokio::test]
async fn a_position_of_another_source_is_refused_before_anything_is_read() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    world.source.put("a", good(1));
    world.cycle().await;
    let other = MemorySource::token().identity(SourceIdentity::new("memory", "records").database("copy"));
    let other = World { source: Arc::new(other), ..world };
    other.source.put("b", good(1));
    let error = other.flow().step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FingerprintMismatch);
    assert_eq!(other.holds(), holding(&[("a", 1)]));
}

#[tokio::test]
async fn a_snapshot_goes_on_within_its_cycle_and_starts_anew_after_it() {
    let world = World::new(MemorySource::snapshot().wire_page(1), MemorySink::new()).batch(1);
    for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
        world.source.put(key, good(value));
    }
    let flow = world.flow().with_settings(FlowSettings::default().batch(1).page_budget(1));
    for (fetched, end) in [(1, StepEnd::More), (1, StepEnd::More), (1, StepEnd::End)] {
        let tally = flow.step(&RunContext::default()).await.unwrap();
        assert_eq!((tally.counts.fetched, tally.end), (fetched, end));
    }
    assert_eq!(world.position().await, 0);
    assert_eq!(five(world.cycle().await), [3, 0, 3, 0, 0]);
}

#[tokio::test]
async fn wire_pages_are_gathered_whole_into_one_commit() {
    let world = World::new(MemorySource::snapshot().wire_page(3), MemorySink::new()).batch(4);
    for n in 0..7 {
        world.source.put(format!("k{n}"), good(n));
    }
    let counts = world.cycle().await;
    assert_eq!((counts.fetched, counts.pages), (7, 2));
}

#[tokio::test]
async fn an_idle_token_source_commits_that_it_is_in_step_and_nothing_else() {
    let faults = Faults::none();
    let world = World::new(MemorySource::token(), MemorySink::new()).with_store_faults(faults.clone());
    world.source.put("a", good(1));
    world.cycle().await;
    let before = faults.calls();
    assert_eq!(five(world.cycle().await), [0, 0, 0, 0, 0]);
    // take the lease, count rejects, read the position, commit, give the lease back
    assert_eq!(faults.calls() - before, 5);
}

#[tokio::test]
async fn a_page_costs_one_store_read_and_one_store_commit_and_one_more_before_something_is_written() {
    let faults = Faults::none();
    let world = World::snapshot().batch(2).with_store_faults(faults.clone());
    for n in 0..8 {
        world.source.put(format!("k{n}"), good(n));
    }
    let counts = world.cycle().await;
    assert_eq!(counts.pages, 4);
    assert_eq!(faults.calls(), 4 + 4 * 3);
    let before = faults.calls();
    world.cycle().await;
    assert_eq!(faults.calls() - before, 4 + 4 * 2);
}

#[tokio::test]
async fn a_source_that_does_not_get_on_is_an_error() {
    #[derive(Debug)]
    struct Stuck;
    #[async_trait::async_trait]
    impl sync_core::Source for Stuck {
        type Record = i64;
        type Cursor = u8;
        fn describe(&self) -> sync_core::SourceInfo {
            sync_core::SourceInfo::new(sync_core::SourceKind::Token, SourceIdentity::new("s", "e"))
        }
        async fn read(
            &self,
            _: sync_core::ReadFrom<&u8>,
            _: usize,
        ) -> sync_core::Result<sync_core::Page<i64, u8>> {
            Ok(sync_core::Page::more(vec![], 7))
        }
    }
    let world = World::snapshot();
    let flow = Flow::new(name(), Stuck, Identity, world.sink.clone(), world.store.clone());
    let error = flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OrderViolation);
}

#[tokio::test]
async fn links_are_looked_up_once_per_page_and_a_missing_one_rejects_its_record_alone() {
    #[derive(Debug)]
    struct Linked;
    impl Mapper<String> for Linked {
        type Out = String;
        fn links_needed(&self, record: &String) -> Vec<LinkRef> {
            vec![LinkRef::of_b("contractor", record.as_str())]
        }
        fn map(&self, _: &Key, record: String, links: &Links) -> Result<Mapped<String>, Reason> {
            let id = links
                .get(&LinkRef::of_b("contractor", record.as_str()))
                .ok_or_else(|| Reason::missing_link(LinkRef::of_b("contractor", record)))?;
            Ok(Mapped::Send(id.to_owned()))
        }
    }
    let world = World::snapshot();
    let source = Arc::new(MemorySource::snapshot());
    source.put("o1", "one:1".to_owned());
    source.put("o2", "one:2".to_owned());
    let sink = Arc::new(MemorySink::new());
    world.store.put_links(&[sync_core::Link::new("contractor", "7", "one:1")]).await.unwrap();
    let flow = || Flow::new(name(), source.clone(), Linked, sink.clone(), world.store.clone());
    flow().step(&RunContext::default()).await.unwrap();
    assert_eq!(sink.records().into_values().collect::<Vec<_>>(), ["7"]);
    assert_eq!(world.reject_codes().await, [("o2".to_owned(), Reason::MISSING_LINK.to_owned())]);
    world.store.put_links(&[sync_core::Link::new("contractor", "8", "one:2")]).await.unwrap();
    flow().step(&RunContext::default()).await.unwrap();
    assert_eq!(sink.records().into_values().collect::<Vec<_>>(), ["7", "8"]);
    assert_eq!(world.reject_codes().await, []);
}

/// Hands records below zero over to others.
#[derive(Debug)]
struct Handing;

impl Mapper<i64> for Handing {
    type Out = i64;

    fn map(&self, _: &Key, record: i64, _: &Links) -> Result<Mapped<i64>, Reason> {
        match record {
            0 => Err(Reason::new("waits")),
            _ if record < 0 => Ok(Mapped::HandOver(Reason::new("another-s"))),
            _ => Ok(Mapped::Send(record)),
        }
    }
}

#[tokio::test]
async fn what_is_handed_over_is_forgotten_with_its_reject_and_not_taken_away() {
    for sink in [MemorySink::new(), MemorySink::new().without_removal()] {
        let (world, source, sink) =
            (World::snapshot(), Arc::new(MemorySource::snapshot()), Arc::new(sink.batch(1)));
        let flow = Flow::new(name(), source.clone(), Handing, sink.clone(), world.store.clone());
        let step = async || five(flow.step(&RunContext::default()).await.unwrap().counts);
        let set = |records: &[(&str, i64)]| {
            source.clear();
            records.iter().for_each(|(key, record)| source.put(*key, *record));
        };
        set(&[("a", 1), ("b", 2)]);
        assert_eq!(step().await, [2, 2, 0, 0, 0]);
        set(&[("a", 0), ("b", 2)]);
        assert_eq!(step().await, [2, 0, 1, 0, 1]);
        // it is seen in this pass, and missing in those after it
        set(&[("a", -1), ("b", 2)]);
        assert_eq!(step().await, [2, 0, 1, 1, 0]);
        set(&[("b", 2)]);
        for _ in 0..3 {
            assert_eq!(step().await, [1, 0, 1, 0, 0]);
        }
        assert_eq!(sink.records(), [("a".into(), 1), ("b".into(), 2)].into());
        assert_eq!(world.reject_codes().await, []);
        set(&[("a", 1), ("b", 2)]);
        assert_eq!(step().await, [2, 1, 1, 0, 0], "it is sent as what is new");
    }
}

#[tokio::test]
async fn of_two_instances_one_works_and_the_other_is_paused_until_the_lease_lapses() {
    let faults = Faults::none();
    let world = World::new(MemorySource::snapshot(), MemorySink::new().faults(faults.clone()));
    world.source.put("a", good(1));
    faults.on_next_call(Fault::HangBefore);
    let (first, second) = (world.flow(), world.flow());
    let run = RunContext::default();
    let mut stuck = Box::pin(first.step(&run));
    for _ in 0..20 {
        assert!(futures::poll!(&mut stuck).is_pending());
    }
    let report = run_until_done(&second, &run).await;
    let JobEnd::Paused(Pause::HeldElsewhere { until }) = report.end else { panic!("{report:?}") };
    drop(stuck);
    world.clock.set(until);
    assert_eq!(five(crate::world::finish(&second).await), [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn the_lease_is_renewed_while_a_write_takes_long() {
    let faults = Faults::none();
    let world = World::new(MemorySource::snapshot(), MemorySink::new().faults(faults.clone()));
    world.source.put("a", good(1));
    faults.on_next_call(Fault::HangBefore);
    let (first, second) = (world.flow(), world.flow());
    let run = RunContext::default();
    let mut long = Box::pin(first.step(&run));
    for _ in 0..12 {
        assert!(futures::poll!(&mut long).is_pending());
        assert!(futures::poll!(&mut long).is_pending());
        world.clock.advance(TTL / 3);
    }
    let tally = second.step(&run).await.unwrap();
    assert!(matches!(tally.end, StepEnd::Paused(_)));
}

#[tokio::test]
async fn a_flow_whose_lease_was_taken_stops_by_itself() {
    let faults = Faults::none();
    let world = World::new(MemorySource::snapshot(), MemorySink::new().faults(faults.clone()));
    world.source.put("a", good(1));
    faults.on_next_call(Fault::HangBefore);
    let (first, second) = (world.flow(), world.flow());
    let run = RunContext::default();
    let mut paused = Box::pin(first.step(&run));
    for _ in 0..20 {
        assert!(futures::poll!(&mut paused).is_pending());
    }
    world.clock.advance(TTL * 2);
    // the other one gets on while the first is not even polled
    assert_eq!(five(crate::world::finish(&second).await), [1, 1, 0, 0, 0]);
    let error = paused.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
}

#[tokio::test]
async fn a_page_is_committed_even_if_the_next_one_cannot_be_read() {
    let faults = Faults::at(2, Fault::FailBefore);
    faults.on_call(3, Fault::FailBefore);
    let source = MemorySource::token().wire_page(1).faults(faults);
    let world = World::new(source, MemorySink::new()).batch(1);
    world.source.put("a", good(1));
    world.source.put("b", good(2));
    let flow = world.flow();
    let tally = flow.step(&RunContext::default()).await.unwrap();
    assert_eq!((five(tally.counts), tally.end), ([1, 1, 0, 0, 0], StepEnd::More));
    assert_eq!(world.position().await, 1);
    let error = flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient);
    assert_eq!(five(world.cycle().await), [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_page_that_always_fails_ends_the_run_with_its_error_and_the_counts_before_it() {
    let faults = Faults::none();
    let source = MemorySource::token().wire_page(1);
    let world = World::new(source, MemorySink::new().faults(faults.clone())).batch(1);
    for key in ["a", "b", "c"] {
        world.source.put(key, good(1));
    }
    for call in 3..20 {
        faults.on_call(call, Fault::FailBefore);
    }
    let report = run_until_done(&world.flow(), &RunContext::default()).await;
    assert!(
        matches!(&report.end, JobEnd::Failed(error) if error.kind() == ErrorKind::Transient),
        "{report:?}"
    );
    assert_eq!(five(report.counts), [2, 2, 0, 0, 0]);
    assert_eq!(faults.calls(), 4);
}

#[tokio::test]
async fn the_next_page_is_read_while_this_one_is_written() {
    let (reads, writes) = (Faults::none(), Faults::at(1, Fault::HangBefore));
    let source = MemorySource::token().wire_page(1).faults(reads.clone());
    let world = World::new(source, MemorySink::new().faults(writes)).batch(1);
    world.source.put("a", good(1));
    world.source.put("b", good(2));
    world.source.put("c", good(3));
    let (flow, run) = (world.flow(), RunContext::default());
    let mut step = Box::pin(flow.step(&run));
    for _ in 0..20 {
        assert!(futures::poll!(&mut step).is_pending());
    }
    // one page ahead and no more
    assert_eq!(reads.calls(), 2);
}

#[tokio::test]
async fn a_key_that_no_store_could_keep_rejects_its_record_alone() {
    let world = World::snapshot();
    world.source.put("a", good(1));
    world.source.put("ż".repeat(Key::LONGEST), good(2));
    for _ in 0..2 {
        world.cycle().await;
        assert_eq!(world.holds(), holding(&[("a", 1)]));
        let rejects = world.rejects().await;
        assert_eq!((rejects.len(), rejects[0].key.as_str().len()), (1, "unkeyed:long:".len() + 12));
    }
}
