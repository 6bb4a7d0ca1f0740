//! F29 to F45: what is committed, in which order, and by whom; rejects.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::testing::{Fault, Faults, FaultyStore, MemorySink};
use sync_core::{
    Error, ErrorKind, Flow, Item, Job, Key, Link, LinkRef, Links, Mapped, Mapper, Outcome, Page, ReadFrom,
    Reason, RejectFilter, RunContext, Sink, Source, SourceIdentity, SourceInfo, SourceKind, StepEnd,
    SystemicLimit, Write,
};

use super::{BAD, Bench, Shop};
use crate::world::{finish, five, holding, name};

fn feed(page: usize) -> Bench {
    Bench::new(Shop::new(SourceKind::Token).page(page)).settings(|settings| settings.batch(page))
}

/// Refuses a whole batch because of some of its keys, or because it is away.
#[derive(Debug)]
struct Strict {
    inner: MemorySink<i64>,
    bad: Vec<&'static str>,
    kind: ErrorKind,
    calls: AtomicUsize,
}

impl Strict {
    fn new(bad: &[&'static str], kind: ErrorKind) -> Arc<Self> {
        Arc::new(Self { inner: MemorySink::new(), bad: bad.to_vec(), kind, calls: AtomicUsize::new(0) })
    }
}

#[async_trait::async_trait]
impl Sink for Strict {
    type Record = i64;

    async fn write(&self, batch: &[Write<i64>]) -> sync_core::Result<Vec<Outcome>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if batch.iter().any(|write| self.bad.contains(&write.key().as_str())) {
            return Err(Error::new(self.kind, "refused as a whole"));
        }
        self.inner.write(batch).await
    }
}

fn flow_to(bench: &Bench, sink: Arc<Strict>) -> Flow {
    Flow::new(name(), bench.shop.clone(), super::Values, sink, bench.store.clone())
        .with_settings(bench.settings.clone())
        .with_clock(bench.clock.clone())
}

#[tokio::test]
async fn f29_the_position_passes_a_record_that_failed_only_with_its_reject() {
    for k in 0..10 {
        let bench = feed(100);
        bench.shop.stock(10, 5);
        bench.sink.refuse(format!("k{k:03}"), true);
        assert_eq!(bench.cycle().await, [10, 9, 0, 0, 1]);
        assert_eq!(bench.rejects().await, [(format!("k{k:03}"), "refused".to_owned())]);
    }
}

#[tokio::test]
async fn f30_nothing_is_acknowledged_before_it_is_committed() {
    // whatever call of the store fails, what is gone from the queue is in the target and known to be
    for (fault, call) in
        [Fault::FailBefore, Fault::FailAfter].into_iter().flat_map(|f| (1..9).map(move |n| (f, n)))
    {
        let mut bench = Bench::new(Shop::new(SourceKind::Queue));
        let store = FaultyStore::new(bench.store.clone(), Faults::at(call, fault));
        bench.shop.put("a", 1);
        let whole = std::mem::replace(&mut bench.store, Arc::new(store));
        let done = bench.step().await.is_ok();
        let is_known = whole.parts(&name()).await.unwrap().iter().any(|part| part.population.active == 1);
        let is_acknowledged = bench.shop.calls_of("acknowledge") > 0;
        assert!(is_known || !is_acknowledged, "{fault:?} at call {call}");
        assert_eq!(done, is_acknowledged, "{fault:?} at call {call}");
        bench.store = whole;
        bench.cycle().await;
        assert_eq!((bench.shop.state().told.len(), bench.holds().len()), (1, 1));
    }
}

#[tokio::test]
async fn f31_a_position_is_stored_only_after_the_target_has_everything_before_it() {
    let bench = feed(2);
    bench.shop.stock(6, 5);
    let sink = Strict::new(&["k003"], ErrorKind::Transient);
    let flow = flow_to(&bench, sink.clone());
    let tally = flow.step(&RunContext::default()).await.unwrap();
    assert_eq!((five(tally.counts), tally.end), ([2, 2, 0, 0, 0], StepEnd::More));
    assert_eq!(flow.step(&RunContext::default()).await.unwrap_err().kind(), ErrorKind::Transient);
    assert_eq!(sink.inner.records().len(), 2);
    assert_eq!(bench.cycle().await, [4, 4, 0, 0, 0]);
}

#[tokio::test]
async fn f33_of_two_instances_one_works_and_the_other_says_so() {
    let bench = feed(1);
    bench.shop.stock(3, 5);
    let bench = bench.settings(|settings| settings.page_budget(1));
    let (first, second) = (bench.flow(), bench.flow());
    assert_eq!(first.step(&RunContext::default()).await.unwrap().end, StepEnd::More);
    assert!(matches!(second.step(&RunContext::default()).await.unwrap().end, StepEnd::Paused(_)));
    assert_eq!(five(finish(&first).await), [2, 2, 0, 0, 0]);
    assert_eq!(five(finish(&second).await), [0; 5]);
}

#[tokio::test]
async fn f34_a_holder_that_slept_through_a_take_over_commits_nothing() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot));
    bench.shop.put("a", 1);
    let hanging = Faults::at(1, Fault::HangBefore);
    let sleeper = Arc::new(MemorySink::new().faults(hanging));
    let first = Flow::new(name(), bench.shop.clone(), super::Values, sleeper, bench.store.clone())
        .with_clock(bench.clock.clone());
    let run = RunContext::default();
    let mut stuck = Box::pin(first.step(&run));
    for _ in 0..20 {
        assert!(futures::poll!(&mut stuck).is_pending());
    }
    bench.clock.advance(Duration::from_secs(120));
    bench.shop.put("a", 2);
    bench.cycle().await;
    let revision = bench.store.parts(&name()).await.unwrap()[0].revision;
    assert_eq!(stuck.await.unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(bench.store.parts(&name()).await.unwrap()[0].revision, revision);
}

#[tokio::test]
async fn f37_only_a_complete_cycle_counts_as_done() {
    let bench = feed(1);
    bench.shop.stock(2, 5);
    bench.cycle().await;
    let began = bench.part().await.last_ok_at.unwrap();
    bench.clock.advance(Duration::from_secs(60));
    bench.shop.stock(3, 6);
    // a part of a cycle
    bench
        .flow()
        .with_settings(bench.settings.clone().page_budget(1))
        .step(&RunContext::default())
        .await
        .unwrap();
    bench.clock.advance(Duration::from_secs(1));
    let part = bench.part().await;
    assert!(part.committed_at > began);
    assert_eq!(part.last_ok_at, Some(began));
    // a failed one
    bench.shop.fail("read", ErrorKind::Transient);
    bench.failure().await;
    assert_eq!(bench.part().await.last_ok_at, Some(began));
    bench.shop.mend();
    bench.cycle().await;
    assert!(bench.part().await.last_ok_at.unwrap() > began);
}

#[tokio::test]
async fn f38_a_change_while_a_page_is_written_is_found_in_the_next_cycle() {
    let bench = feed(10);
    bench.shop.put("a", 1);
    let hanging = Faults::at(1, Fault::HangAfter);
    let slow = Arc::new(MemorySink::new().faults(hanging));
    let flow = Flow::new(name(), bench.shop.clone(), super::Values, slow, bench.store.clone())
        .with_clock(bench.clock.clone());
    {
        let run = RunContext::default();
        let mut step = Box::pin(flow.step(&run));
        for _ in 0..20 {
            assert!(futures::poll!(&mut step).is_pending());
        }
        bench.shop.put("a", 2);
    }
    bench.clock.advance(Duration::from_secs(120));
    bench.cycle().await;
    assert_eq!(bench.holds(), holding(&[("a", 2)]));
}

#[tokio::test]
async fn f41_records_that_spoil_a_whole_batch_are_found_by_halving_and_the_others_go() {
    for kind in [ErrorKind::Invalid, ErrorKind::NotFound, ErrorKind::Conflict] {
        let bench = feed(100);
        bench.shop.stock(32, 5);
        let sink = Strict::new(&["k003", "k017"], kind);
        assert_eq!(five(finish(&flow_to(&bench, sink.clone())).await), [32, 30, 0, 0, 2]);
        assert_eq!(
            bench.rejects().await,
            [("k003".to_owned(), kind.code().to_owned()), ("k017".to_owned(), kind.code().to_owned())]
        );
        assert_eq!(sink.inner.records().len(), 30);
    }
}

#[tokio::test]
async fn f41_an_outage_is_never_halved() {
    let throttled = ErrorKind::Throttled { after: None };
    for kind in [ErrorKind::Transient, throttled, ErrorKind::Auth, ErrorKind::Config, ErrorKind::Unreadable] {
        let bench = feed(100);
        bench.shop.stock(32, 5);
        let sink = Strict::new(&["k003"], kind);
        let error = flow_to(&bench, sink.clone()).step(&RunContext::default()).await.unwrap_err();
        assert_eq!((error.kind(), sink.calls.load(Ordering::Relaxed)), (kind, 1));
        assert_eq!(bench.rejects().await, []);
    }
}

#[tokio::test]
async fn f41_a_target_that_refuses_nearly_everything_is_not_asked_about_each_record() {
    let bench = feed(1_000);
    bench.shop.stock(999, 5);
    let keys: Vec<&'static str> = (0..999).map(|n| &*format!("k{n:03}").leak()).collect();
    let sink = Strict::new(&keys, ErrorKind::Invalid);
    let flow = flow_to(&bench, sink.clone());
    let error = flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SystemicFailure);
    assert!(sink.calls.load(Ordering::Relaxed) < 700);
    assert_eq!(bench.rejects().await, []);
    // a person may let the page through all the same
    bench.approve().await;
    assert_eq!(five(finish(&flow).await), [999, 0, 0, 0, 999]);
    assert_eq!((bench.rejects().await.len(), bench.held().await), (999, None));
}

#[tokio::test]
async fn f41_records_that_were_refused_before_do_not_stop_the_page_that_brings_them_again() {
    let bench = Bench::snapshot();
    bench.shop.stock(100, 5);
    let keys: Vec<&'static str> = (0..60).map(|n| &*format!("k{n:03}").leak()).collect();
    let sink = Strict::new(&keys, ErrorKind::Invalid);
    let flow = flow_to(&bench, sink.clone());
    flow.step(&RunContext::default()).await.unwrap_err();
    bench.approve().await;
    assert_eq!(five(finish(&flow).await), [100, 40, 0, 0, 60]);
    assert_eq!(five(finish(&flow).await), [100, 0, 40, 0, 60]);
}

/// Counts how many records are alive at most.
#[derive(Debug, Default)]
struct Live {
    now: AtomicUsize,
    most: AtomicUsize,
}

struct Counted(Arc<Live>, i64);

impl Counted {
    fn new(live: &Arc<Live>, value: i64) -> Self {
        let now = live.now.fetch_add(1, Ordering::Relaxed) + 1;
        live.most.fetch_max(now, Ordering::Relaxed);
        Self(live.clone(), value)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Endless(Arc<Live>, usize);

#[async_trait::async_trait]
impl Source for Endless {
    type Record = Counted;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, SourceIdentity::new("s", "e"))
    }

    async fn read(&self, from: ReadFrom<&usize>, _: usize) -> sync_core::Result<Page<Counted, usize>> {
        let start = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(row) => *row,
        };
        let rows = start..start + 30;
        let items = rows.map(|row| Item::upsert(format!("k{row:05}"), Counted::new(&self.0, 1))).collect();
        Ok(if start + 30 >= self.1 { Page::last(items, None) } else { Page::more(items, start + 30) })
    }
}

#[derive(Debug)]
struct Uncounted;

impl Mapper<Counted> for Uncounted {
    type Out = i64;

    fn map(&self, _: &Key, record: Counted, _: &Links) -> Result<Mapped<i64>, Reason> {
        Ok(Mapped::Send(record.1))
    }
}

#[tokio::test]
async fn f44_no_more_records_than_those_of_a_page_are_in_memory_however_long_the_list() {
    let bench = Bench::snapshot();
    let live = Arc::new(Live::default());
    let source = Endless(live.clone(), 30_000);
    let flow = Flow::new(name(), source, Uncounted, bench.sink.clone(), bench.store.clone())
        .with_settings(bench.settings.clone().batch(100).page_budget(10_000));
    assert_eq!(finish(&flow).await.applied, 30_000);
    // a page is gathered from wire pages of 30 until it has 100, and mapped before the next one is read
    assert_eq!((live.most.load(Ordering::Relaxed), live.now.load(Ordering::Relaxed)), (120, 0));
}

#[tokio::test]
async fn f45_changes_go_on_between_the_pages_of_a_full_pass_and_neither_position_moves_the_other() {
    let bench = Bench::new(Shop::new(SourceKind::Token).page(2))
        .settings(|settings| settings.batch(2).page_budget(2).full_pass(Duration::from_secs(86_400)));
    bench.shop.stock(10, 5);
    bench.cycle().await;
    bench.clock.advance(Duration::from_secs(86_400));
    // each step reads the feed first and then one page of the pass
    for value in 6..9 {
        bench.shop.put("k000", value);
        assert_eq!(bench.step().await.unwrap().end, StepEnd::More);
        assert_eq!(bench.holds()["k000"], value);
    }
    bench.cycle().await;
    assert_eq!((bench.shop.calls_of("read_all"), bench.holds()["k000"]), (10, 8));
    assert!(bench.part().await.passed_at.is_some());
}

#[tokio::test]
async fn a_key_has_one_live_reject_which_its_next_success_clears() {
    let bench = feed(10);
    for (value, code) in [(-1, "negative"), (BAD, "invalid"), (-2, "negative")] {
        bench.shop.put("a", value);
        bench.cycle().await;
        assert_eq!(bench.rejects().await, [("a".to_owned(), code.to_owned())]);
    }
    assert_eq!(bench.store.rejects(&RejectFilter::all()).await.unwrap()[0].attempts, 3);
    bench.shop.put("a", 1);
    bench.cycle().await;
    assert_eq!(bench.rejects().await, []);
}

#[tokio::test]
async fn rejects_are_replayed_by_key_reason_and_time_from_the_record_as_it_is_now() {
    type Pick = fn(RejectFilter, chrono::DateTime<chrono::Utc>) -> RejectFilter;
    let picks: [(Pick, &[&str]); 4] = [
        (|filter, _| filter.key("a"), &["a"]),
        (|filter, _| filter.code("invalid"), &["b"]),
        (|filter, later| filter.since(later), &["c"]),
        (|filter, later| filter.before(later), &["a", "b"]),
    ];
    for (pick, expected) in picks {
        let bench = Bench::new(Shop::new(SourceKind::Token).fetches());
        bench.shop.put("a", -1);
        bench.shop.put("b", BAD);
        bench.cycle().await;
        bench.clock.advance(Duration::from_secs(60));
        let later = bench.store.now().await.unwrap();
        bench.shop.put("c", -1);
        bench.cycle().await;
        // mended at the source; the feed tells nothing
        for key in ["a", "b", "c"] {
            bench.shop.quietly_put(key, 7);
        }
        bench.cycle().await;
        assert_eq!(bench.rejects().await.len(), 3);
        let filter = pick(RejectFilter::of_flow(&name()), later);
        assert_eq!(bench.store.replay_rejects(&filter).await.unwrap(), expected.len() as u64);
        bench.cycle().await;
        let held: Vec<_> = bench.holds().into_keys().collect();
        assert_eq!(held, expected);
        assert_eq!(bench.rejects().await.len(), 3 - expected.len());
    }
}

#[tokio::test]
async fn a_replayed_record_that_is_still_bad_waits_for_the_next_replay() {
    let bench = Bench::new(Shop::new(SourceKind::Token).fetches());
    bench.shop.put("a", -1);
    bench.cycle().await;
    bench.store.replay_rejects(&RejectFilter::all()).await.unwrap();
    bench.cycle().await;
    bench.cycle().await;
    let reject = bench.store.rejects(&RejectFilter::all()).await.unwrap().remove(0);
    assert_eq!((reject.attempts, reject.due, bench.shop.calls_of("fetch")), (2, false, 1));
}

#[tokio::test]
async fn a_look_up_for_a_replay_that_fails_holds_nothing_up_unless_the_source_is_throttled() {
    for (kind, goes_on) in [(ErrorKind::Transient, true), (ErrorKind::Throttled { after: None }, false)] {
        let bench = Bench::new(Shop::new(SourceKind::Token).fetches());
        bench.shop.put("a", -1);
        bench.cycle().await;
        bench.store.replay_rejects(&RejectFilter::all()).await.unwrap();
        bench.shop.fail("fetch", kind);
        bench.shop.put("b", 1);
        assert_eq!(bench.step().await.is_ok(), goes_on);
        assert_eq!(
            (bench.sink.records().len(), bench.shop.calls_of("read")),
            if goes_on { (1, 2) } else { (0, 1) }
        );
    }
}

/// Sends goods whose group is linked; one below zero is refused.
#[derive(Debug)]
struct Grouped;

impl Grouped {
    fn group() -> LinkRef {
        LinkRef::of_a("group", "g1")
    }
}

impl Mapper<i64> for Grouped {
    type Out = String;

    fn links_needed(&self, _: &i64) -> Vec<LinkRef> {
        vec![Self::group()]
    }

    fn map(&self, _: &Key, value: i64, links: &Links) -> Result<Mapped<String>, Reason> {
        if value < 0 {
            return Err(Reason::new("negative"));
        }
        let linked = links.get(&Self::group()).ok_or_else(|| Reason::missing_link(Self::group()))?;
        Ok(Mapped::Send(linked.to_owned()))
    }
}

#[tokio::test]
async fn a_record_that_waits_for_a_link_is_released_when_the_link_appears() {
    let bench = Bench::new(Shop::new(SourceKind::Token).fetches());
    bench.shop.put("a", 1);
    bench.shop.put("b", 1);
    let sink = Arc::new(MemorySink::new());
    let flow = Flow::new(name(), bench.shop.clone(), Grouped, sink.clone(), bench.store.clone());
    assert_eq!(five(finish(&flow).await), [2, 0, 0, 0, 2]);
    bench.store.put_links(&[Link::new("group", "another", "x")]).await.unwrap();
    assert_eq!(five(finish(&flow).await), [0; 5]);
    bench.store.put_links(&[Link::new("group", "g1", "there")]).await.unwrap();
    assert_eq!(five(finish(&flow).await), [2, 2, 0, 0, 0]);
    assert!(sink.records().values().all(|group| group == "there"));
    assert_eq!(bench.rejects().await, []);
}

#[tokio::test]
async fn a_page_of_which_all_wait_for_a_link_is_committed_and_goes_when_the_link_appears() {
    let bench = Bench::new(Shop::new(SourceKind::Token).fetches().page(60));
    bench.shop.stock(60, 1);
    let sink = Arc::new(MemorySink::new());
    let flow = Flow::new(name(), bench.shop.clone(), Grouped, sink.clone(), bench.store.clone())
        .with_settings(bench.settings.clone().batch(60));
    assert_eq!(five(finish(&flow).await), [60, 0, 0, 0, 60]);
    assert!(flow.status().await.unwrap().parts.remove(0).held.is_none());
    bench.store.put_links(&[Link::new("group", "g1", "there")]).await.unwrap();
    assert_eq!(five(finish(&flow).await), [60, 60, 0, 0, 0]);
    assert_eq!((sink.records().len(), bench.rejects().await), (60, Vec::new()));
}

#[tokio::test]
async fn records_that_wait_for_a_link_hide_no_page_of_which_all_others_are_refused() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).page(100));
    bench.shop.stock(11, -1);
    for n in 0..80 {
        bench.shop.put(format!("waits{n:02}"), 1);
    }
    let flow = Flow::new(name(), bench.shop.clone(), Grouped, MemorySink::new(), bench.store.clone())
        .with_settings(bench.settings.clone().batch(100));
    let error = flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SystemicFailure);
    assert_eq!(
        error.to_string(),
        "11 of 11 records of a page were rejected, most for `negative` (systemic-failure)"
    );
    let held = flow.status().await.unwrap().parts.remove(0).held.unwrap();
    assert_eq!((held.rejects, bench.rejects().await), (11, Vec::new()));
}

#[tokio::test]
async fn a_flow_with_as_many_rejects_as_it_may_have_stops_before_it_reads() {
    let bench = feed(10).settings(|settings| settings.most_rejects(3));
    bench.shop.stock(3, -1);
    bench.cycle().await;
    bench.shop.put("good", 1);
    let reads = bench.shop.calls_of("read");
    assert_eq!(bench.failure().await, ErrorKind::SystemicFailure);
    assert_eq!(bench.shop.calls_of("read"), reads);
    bench.store.drop_rejects(&RejectFilter::all().key("k000")).await.unwrap();
    assert_eq!(bench.cycle().await, [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn the_bytes_of_a_bad_record_are_kept_only_on_request_and_up_to_64_kib() {
    for (keep, bytes, kept) in
        [(false, 10, false), (true, 10, true), (true, 65_536, true), (true, 65_537, false)]
    {
        let bench = feed(10);
        let bench = if keep { bench.settings(|settings| settings.keep_raw()) } else { bench };
        bench.shop.state().raw = vec![b'x'; bytes];
        bench.shop.put("a", BAD);
        bench.cycle().await;
        let reject = bench.store.rejects(&RejectFilter::all()).await.unwrap().remove(0);
        assert_eq!(reject.raw.map(|raw| raw.len()), kept.then_some(bytes), "{keep} {bytes}");
    }
}

#[tokio::test]
async fn a_page_of_rejects_stops_the_flow_until_it_is_approved_and_loses_no_record() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).page(20)).settings(|settings| settings.batch(20));
    bench.shop.stock(20, -1);
    for n in 0..30 {
        bench.shop.put(format!("n{n:03}"), 1);
    }
    for _ in 0..2 {
        assert_eq!(bench.failure().await, ErrorKind::SystemicFailure);
        assert!(bench.sink.records().is_empty());
    }
    assert_eq!(bench.held().await.unwrap().rejects, 20);
    bench.approve().await;
    assert_eq!(bench.cycle().await, [50, 30, 0, 0, 20]);
    assert_eq!((bench.held().await, bench.rejects().await.len()), (None, 20));
}

#[tokio::test]
async fn a_page_with_more_rejects_than_were_approved_stops_the_flow_again() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).page(30)).settings(|settings| settings.batch(30));
    bench.shop.stock(60, -1);
    for n in 0..5 {
        bench.shop.put(format!("k{n:03}"), 1);
    }
    let bench = bench.settings(|settings| settings.systemic(SystemicLimit::above(20, 50)));
    assert_eq!(bench.failure().await, ErrorKind::SystemicFailure);
    bench.approve().await;
    assert_eq!(bench.failure().await, ErrorKind::SystemicFailure);
    assert_eq!((bench.rejects().await.len(), bench.held().await.unwrap().rejects), (25, 30));
    bench.approve().await;
    bench.cycle().await;
    assert_eq!((bench.rejects().await.len(), bench.held().await), (55, None));
}

#[tokio::test]
async fn a_reject_that_stays_due_does_not_hide_a_source_that_is_away() {
    let mut bench = Bench::new(Shop::new(SourceKind::Token).fetches());
    bench.sink = Arc::new(MemorySink::new().without_removal());
    bench.shop.put("a", 1);
    bench.cycle().await;
    bench.shop.delete("a");
    bench.cycle().await;
    assert_eq!(bench.rejects().await, [("a".to_owned(), Reason::REMOVAL_NOT_SUPPORTED.to_owned())]);
    bench.store.replay_rejects(&RejectFilter::all()).await.unwrap();
    bench.shop.fail("read", ErrorKind::Transient);
    assert_eq!(bench.step().await.unwrap_err().kind(), ErrorKind::Transient);
}

/// Counts warnings.
#[derive(Default, Clone)]
struct Warnings(Arc<AtomicUsize>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_snapshot_that_cannot_look_up_replays_by_its_next_read_and_only_other_sources_warn() {
    for (kind, warned) in [(SourceKind::Snapshot, 0), (SourceKind::Token, 1)] {
        let warnings = Warnings::default();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        tracing::subscriber::with_default(warnings.clone(), || {
            runtime.block_on(async {
                let bench = Bench::new(Shop::new(kind));
                bench.shop.put("a", -1);
                bench.cycle().await;
                bench.shop.quietly_put("a", 1);
                assert_eq!(bench.store.replay_rejects(&RejectFilter::all()).await.unwrap(), 1);
                bench.cycle().await;
                assert_eq!(bench.rejects().await.len(), warned, "{kind:?}");
            });
        });
        assert_eq!(warnings.0.load(Ordering::SeqCst), warned, "{kind:?}");
    }
}

#[tokio::test]
async fn what_was_mended_needs_no_approval() {
    let bench = feed(100);
    bench.shop.stock(20, -1);
    assert_eq!(bench.failure().await, ErrorKind::SystemicFailure);
    bench.shop.stock(20, 1);
    bench.cycle().await;
    assert_eq!((bench.held().await, bench.sink.records().len()), (None, 20));
}

/// Tells with each record that one client stands for it, maybe in place of another record.
#[derive(Debug, Default)]
struct Linking(Mutex<Option<&'static str>>);

#[async_trait::async_trait]
impl Sink for Linking {
    type Record = i64;

    async fn write(&self, batch: &[Write<i64>]) -> sync_core::Result<Vec<Outcome>> {
        let replaced = *self.0.lock().unwrap();
        let link = |w: &Write<i64>| Link::new("client", "one-1", w.key().as_str());
        let link = |w| replaced.into_iter().fold(link(w), Link::replacing);
        Ok(batch.iter().map(|w| Outcome::applied().with_link(link(w))).collect())
    }
}

#[tokio::test]
async fn f74_a_link_that_contradicts_another_is_reported_and_makes_no_second_client() {
    let bench = feed(10);
    let sink = Arc::new(Linking::default());
    let flow = Flow::new(name(), bench.shop.clone(), super::Values, sink.clone(), bench.store.clone());
    bench.shop.put("c1", 1);
    finish(&flow).await;
    // c1 was merged into c2, and the target knows both as one
    bench.shop.put("c2", 1);
    finish(&flow).await;
    assert_eq!(bench.rejects().await, [("link:client:one-1".to_owned(), Reason::LINK_CONFLICT.to_owned())]);
    assert_eq!(contractor_of(&bench, "one-1").await.as_deref(), Some("c1"));
}

#[tokio::test]
async fn f74_a_link_that_names_the_one_whose_place_it_takes_follows_the_merger() {
    let bench = feed(10);
    let sink = Arc::new(Linking::default());
    let flow = Flow::new(name(), bench.shop.clone(), super::Values, sink.clone(), bench.store.clone());
    bench.shop.put("c1", 1);
    finish(&flow).await;
    *sink.0.lock().unwrap() = Some("c1");
    for value in [1, 2] {
        bench.shop.put("c2", value);
        finish(&flow).await;
        assert_eq!(contractor_of(&bench, "one-1").await.as_deref(), Some("c2"));
    }
    assert_eq!(bench.rejects().await, []);
}

async fn contractor_of(bench: &Bench, client: &str) -> Option<String> {
    let wanted = LinkRef::of_a("client", client);
    let query = sync_core::PageQuery::new(Vec::new(), vec![wanted.clone()]);
    let state = bench.store.read_page(&sync_core::Part::whole(&name()), query).await.unwrap();
    state.links.get(&wanted).map(str::to_owned)
}
