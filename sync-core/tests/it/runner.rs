//! Running jobs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::testing::{Fault, Faults, MemorySink, MemorySource};
use sync_core::{
    CancellationToken, Counts, Error, JobEnd, Observer, Report, RunContext, every, run_until_done,
};

use crate::world::{World, good};

mod adaptive;
mod classes;
mod metrics;
mod probe;
mod processes;
mod random;
mod simulated;
mod spans;
mod stop;
mod stuck;
mod ticks;

/// Notes what happens, and stops the run at an event.
#[derive(Debug, Default)]
struct Notes {
    events: Mutex<Vec<String>>,
    stop: CancellationToken,
    stop_at: Option<usize>,
}

impl Notes {
    fn note(&self, event: String) {
        let mut events = self.events.lock().unwrap();
        events.push(event);
        if self.stop_at == Some(events.len()) {
            self.stop.cancel();
        }
    }

    fn run(stop_at: Option<usize>) -> (Arc<Self>, RunContext) {
        let notes = Arc::new(Self { stop_at, ..Self::default() });
        (notes.clone(), RunContext::new(notes.stop.clone(), notes))
    }

    fn events(&self) -> Vec<String> {
        self.events.lock().unwrap().clone()
    }
}

impl Observer for Notes {
    fn page(&self, _: &str, counts: &Counts) {
        self.note(format!("page {}", counts.fetched));
    }

    fn failed(&self, _: &str, error: &Error) {
        self.note(format!("failed {}", error.kind().code()));
    }

    fn ended(&self, report: &Report) {
        let end = match report.end {
            JobEnd::Done => "done",
            JobEnd::Stopped => "stopped",
            JobEnd::Failed(_) => "failed",
            _ => "paused",
        };
        self.note(format!("ended {end}"));
    }
}

fn ten_pages(faults: Faults) -> World {
    let source = MemorySource::token().wire_page(1).faults(faults);
    let world = World::new(source, MemorySink::new()).batch(1);
    for n in 0..10 {
        world.source.put(format!("k{n}"), good(n));
    }
    world
}

#[tokio::test]
async fn a_stop_ends_at_the_edge_of_the_page_in_hand_and_gives_the_lease_back() {
    let world = ten_pages(Faults::none());
    let (notes, run) = Notes::run(Some(3));
    let report = run_until_done(&world.flow(), &run).await;
    assert!(matches!(report.end, JobEnd::Stopped), "{report:?}");
    assert_eq!(notes.events(), ["page 1", "page 1", "page 1", "ended stopped"]);
    assert_eq!(world.position().await, 3);
    // another instance need not wait
    assert_eq!(world.cycle().await.applied, 7);
}

#[tokio::test]
async fn every_period_the_job_runs_and_a_failure_waits_for_the_next_tick() {
    let faults = Faults::at(2, Fault::FailBefore);
    faults.on_call(3, Fault::FailBefore);
    let world = ten_pages(faults);
    let (notes, run) = Notes::run(Some(15));
    let run = run.with_clock(world.clock.clone());
    let flow = world.flow();
    let mut endless = Box::pin(every(&flow, Duration::from_secs(120), &run));
    let mut ticks = 0;
    while futures::poll!(&mut endless).is_pending() {
        if ticks % 10 == 9 {
            world.clock.advance(Duration::from_secs(120));
        }
        ticks += 1;
        assert!(ticks < 1_000, "{:?}", notes.events());
    }
    let mut expected = vec!["page 1".to_owned(), "failed transient".to_owned(), "ended failed".to_owned()];
    expected.extend(vec!["page 1".to_owned(); 9]);
    expected.extend(["ended done", "page 0", "ended done"].map(str::to_owned));
    assert_eq!(notes.events(), expected);
}
