//! One id runs through all spans of a run.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use sync_core::testing::{MemorySink, MemorySource};
use sync_core::{CancellationToken, Class, Job, RunContext, Runner, Silent};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::probe::every;
use crate::world::{World, good};

/// Notes every span of the engine with its fields.
#[derive(Default, Clone)]
struct Spans(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("sync_core")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        let mut spans = self.0.lock().unwrap();
        spans.push(fields.0.replace('"', ""));
        Id::from_u64(u64::try_from(spans.len()).unwrap())
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn run_step_and_page_have_spans_with_stable_names_and_fields() {
    let spans = Spans::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(spans.clone(), || {
        runtime.block_on(async {
            let world = World::new(MemorySource::token().wire_page(1), MemorySink::new()).batch(1);
            world.source.put("a", good(1));
            world.source.put("b", good(2));
            let flow: Arc<dyn Job> = Arc::new(world.flow());
            let run = RunContext::new(CancellationToken::new(), Arc::new(Silent))
                .with_clock(world.clock.clone())
                .with_run_id("r");
            Runner::new([(flow, every(10, Class::Regular))]).unwrap().run_due(&run).await;
        });
    });
    assert_eq!(
        *spans.0.lock().unwrap(),
        [
            "run job=demo/goods run_id=r-1",
            "step job=demo/goods run_id=r-1",
            "page job=demo/goods part= page=0",
            // a page that writes has two commits
            "page job=demo/goods part= page=2",
        ]
    );
}

#[test]
fn run_ids_sort_by_the_time_of_the_runs_clock() {
    let clock = Arc::new(sync_core::testing::ManualClock::default());
    let id = RunContext::default().with_clock(clock).run_id;
    assert_eq!(id.split('-').next(), Some("20261121T080000.000Z"));
}
