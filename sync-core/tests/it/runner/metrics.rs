//! Numbers say how much, never whose.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, with_local_recorder,
};
use sync_core::metrics::{MetricsObserver, tell_flow, tell_jobs, tell_outbox};
use sync_core::testing::{FakeSubmitter, MemorySink, MemorySource, Reaction};
use sync_core::{
    CancellationToken, Class, Clock, Flow, FlowName, Job, Observer, PartList, Parts, RunContext, Runner,
};

use super::probe::{MINUTE, every};
use crate::dispatch::Outbox;
use crate::world::{Good, Ticked, good, poison, unticked};

/// All series: counters with their sums, histograms with how often they were told, gauges as they were set last.
#[derive(Debug, Default, Clone)]
struct Series(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    sums: BTreeMap<String, u64>,
    gauges: BTreeMap<String, String>,
}

struct One {
    series: Series,
    name: String,
}

impl One {
    fn add(&self, count: u64) {
        *self.series.0.lock().unwrap().sums.entry(self.name.clone()).or_default() += count;
    }
}

impl CounterFn for One {
    fn increment(&self, by: u64) {
        self.add(by);
    }

    fn absolute(&self, _: u64) {
        panic!("the engine only adds")
    }
}

impl GaugeFn for One {
    fn increment(&self, _: f64) {
        panic!("the engine only sets")
    }

    fn decrement(&self, _: f64) {
        panic!("the engine only sets")
    }

    fn set(&self, to: f64) {
        self.series.0.lock().unwrap().gauges.insert(self.name.clone(), to.to_string());
    }
}

impl HistogramFn for One {
    fn record(&self, _: f64) {
        self.add(1);
    }
}

impl Series {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels: Vec<String> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(One { series: self.clone(), name: format!("{}{{{}}}", key.name(), labels.join(",")) })
    }

    fn lines(&self) -> Vec<String> {
        let seen = self.0.lock().unwrap();
        let sums = seen.sums.iter().map(|(name, sum)| format!("{name} {sum}"));
        sums.chain(seen.gauges.iter().map(|(name, value)| format!("{name} {value}"))).collect()
    }
}

impl Recorder for Series {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.one(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

const NIP: &str = "5252248498";
const HOSTILE: [&str; 4] = ["PL5252248498", "x\",flow=\"evil\"} 1\n", "jan@example.com", "ZAŻÓŁĆ"];

/// Lists of one contractor, who is called by his NIP.
#[derive(Debug)]
struct Lists(Arc<MemorySource<Good>>);

#[async_trait::async_trait]
impl Parts for Lists {
    type Source = Arc<MemorySource<Good>>;

    async fn list(&self) -> sync_core::Result<PartList> {
        Ok([NIP.to_owned()].into_iter().collect())
    }

    fn source(&self, _: &str) -> Self::Source {
        self.0.clone()
    }
}

/// Runs a flow over parts and a dispatcher over hostile data once, and tells what there is to tell.
async fn round(observers: Vec<Arc<dyn Observer>>) {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[(HOSTILE[0], NIP), (HOSTILE[1], "k2"), (HOSTILE[2], "k3"), (HOSTILE[3], "k4")]).await;
    outbox.submitter.script([Reaction::Create, Reaction::FailUnclear, Reaction::Refuse, Reaction::NotSent]);
    let source = Arc::new(MemorySource::token());
    source.put(HOSTILE[0], poison(1));
    source.put(HOSTILE[1], good(2));
    source.put(HOSTILE[2], unticked(3));
    source.put_bad(Some(HOSTILE[3].into()));
    let name = FlowName::new("demo/prices").unwrap();
    let sink = Arc::new(MemorySink::new());
    let flow = Flow::over_parts(name.clone(), Lists(source), Ticked, sink, outbox.store.clone());
    let flow = Arc::new(flow.with_clock(outbox.clock.clone()));
    let jobs: [(Arc<dyn Job>, _); 2] =
        [(flow.clone(), every(10, Class::Bulk)), (Arc::new(outbox.dispatcher()), every(10, Class::Orders))];
    let mut runner = Runner::new(jobs).unwrap();
    let run = RunContext::new(CancellationToken::new(), Arc::new(observers)).with_clock(outbox.clock.clone());
    runner.run_due(&run).await;
    outbox.clock.advance(MINUTE);
    let now = outbox.clock.now();
    tell_flow(&flow.status().await.unwrap(), now);
    tell_outbox(&outbox.store.act_counts().await.unwrap(), now);
    tell_jobs(&runner.handle().facts(), now);
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work);
}

#[test]
fn metrics_count_what_happened_and_no_label_holds_a_key_or_a_nip() {
    let series = Series::default();
    with_local_recorder(&series, || block_on(round(vec![Arc::new(MetricsObserver)])));
    let lines = series.lines();
    let text = lines.join("\n");
    for secret in HOSTILE.iter().chain(&[NIP, "canary", "evil", "k2"]) {
        assert!(!text.contains(secret), "{text}");
    }
    let expected = "\
        sync_acts_total{flow=demo/orders-out,kind=order,state=done} 1\n\
        sync_acts_total{flow=demo/orders-out,kind=order,state=in_doubt} 1\n\
        sync_acts_total{flow=demo/orders-out,kind=order,state=ready} 1\n\
        sync_acts_total{flow=demo/orders-out,kind=order,state=rejected} 1\n\
        sync_cycle_total{flow=demo/orders-out,result=done} 1\n\
        sync_cycle_total{flow=demo/prices,result=done} 1\n\
        sync_dlq_oldest_seconds{flow=demo/prices} 60\n\
        sync_dlq{flow=demo/prices,class=brake} 0\n\
        sync_dlq{flow=demo/prices,class=decode} 1\n\
        sync_dlq{flow=demo/prices,class=link} 0\n\
        sync_dlq{flow=demo/prices,class=map} 1\n\
        sync_dlq{flow=demo/prices,class=outbox} 0\n\
        sync_dlq{flow=demo/prices,class=sink} 0\n\
        sync_held{flow=demo/prices} 0\n\
        sync_indoubt_oldest_seconds{} 60\n\
        sync_job_failures{flow=demo/orders-out,class=orders} 0\n\
        sync_job_failures{flow=demo/prices,class=bulk} 0\n\
        sync_job_paused{flow=demo/orders-out,class=orders} 0\n\
        sync_job_paused{flow=demo/prices,class=bulk} 0\n\
        sync_job_progress_age_seconds{flow=demo/orders-out,class=orders} 0\n\
        sync_job_progress_age_seconds{flow=demo/prices,class=bulk} 0\n\
        sync_job_running{flow=demo/orders-out,class=orders} 0\n\
        sync_job_running{flow=demo/prices,class=bulk} 0\n\
        sync_job_stuck{flow=demo/orders-out,class=orders} 0\n\
        sync_job_stuck{flow=demo/prices,class=bulk} 0\n\
        sync_job_waiting{flow=demo/orders-out,class=orders} 0\n\
        sync_job_waiting{flow=demo/prices,class=bulk} 0\n\
        sync_last_ok_age_seconds{flow=demo/prices} 60\n\
        sync_outbox{state=held} 0\n\
        sync_outbox{state=in_doubt} 1\n\
        sync_outbox{state=manual} 0\n\
        sync_outbox{state=ready} 1\n\
        sync_outbox{state=rejected} 1\n\
        sync_outbox{state=sending} 0\n\
        sync_pages_total{flow=demo/orders-out} 1\n\
        sync_pages_total{flow=demo/prices} 1\n\
        sync_records_total{flow=demo/orders-out,outcome=applied} 1\n\
        sync_records_total{flow=demo/orders-out,outcome=in_doubt} 1\n\
        sync_records_total{flow=demo/orders-out,outcome=postponed} 1\n\
        sync_records_total{flow=demo/orders-out,outcome=rejected} 1\n\
        sync_records_total{flow=demo/prices,outcome=applied} 1\n\
        sync_records_total{flow=demo/prices,outcome=left_out} 1\n\
        sync_records_total{flow=demo/prices,outcome=rejected} 2\n\
        sync_step_seconds{flow=demo/orders-out} 2\n\
        sync_step_seconds{flow=demo/prices} 1";
    let mut expected: Vec<&str> = expected.lines().collect();
    let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    expected.sort_unstable();
    lines.sort_unstable();
    assert_eq!(lines, expected);
}

/// A recorder with a defect.
struct Broken;

impl Recorder for Broken {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        panic!("scripted")
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("scripted")
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("scripted")
    }
}

/// Notes how runs end.
#[derive(Debug, Default)]
struct Ends(Mutex<Vec<String>>);

impl Observer for Ends {
    fn ended(&self, report: &sync_core::Report) {
        self.0.lock().unwrap().push(format!("{} {}", report.name, report.end.as_str()));
    }
}

#[test]
fn a_recorder_that_panics_fails_no_run_and_the_other_observers_are_told() {
    let ends = Arc::new(Ends::default());
    with_local_recorder(&Broken, || block_on(round(vec![Arc::new(MetricsObserver), ends.clone()])));
    let mut told = ends.0.lock().unwrap().clone();
    told.sort();
    assert_eq!(told, ["demo/orders-out done", "demo/prices done"]);
}
