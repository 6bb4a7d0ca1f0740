//! Fakes, fault scripts and conformance suites for tests of integrations (feature `testing`).
//!
//! Everything here is deterministic: time stands still until a [`ManualClock`] is advanced, and faults happen at the
//! calls a [`Faults`] script names. One such clock is given to all that take one: the store, the source, the flow and the
//! run. As it stands still, a flow waits for ever before it repeats a call, unless the test advances it meanwhile or
//! repeats nothing ([`RetrySettings::none`](crate::RetrySettings::none)).
//!
//! Of your own you test
//! - a [`Source`](crate::Source) with [`source_conformance`], [`queue_conformance`] and, above all, [`assert_no_loss`],
//! - a [`ChangeList`](crate::ChangeList) with [`change_list_conformance`],
//! - a [`Mapper`](crate::Mapper) with [`mapper_conformance`],
//! - a [`Sink`](crate::Sink) with [`sink_conformance`],
//! - a [`Submitter`](crate::Submitter) with [`submitter_conformance`],
//! - a [`Store`](crate::Store) with [`store_conformance`] and [`store_history`],
//! - whatever decodes an answer with [`nasty::decoder_conformance`],
//!
//! and the whole with the fakes, [`FaultySource`], [`FaultySink`], [`FaultyStore`] and the hostile [`nasty::streams`].

mod changes;
mod clock;
mod faults;
mod faulty;
pub mod nasty;
mod queue;
mod sink;
mod source;
mod store;
mod submitter;
mod suite;

pub use changes::MemoryChanges;
pub use clock::ManualClock;
pub use faults::{Fault, Faults};
pub use faulty::{FaultySink, FaultySource};
pub use queue::MemoryQueue;
pub use sink::MemorySink;
pub use source::MemorySource;
pub use store::FaultyStore;
pub use submitter::{FakeSubmitter, Reaction};
pub use suite::{
    ClockedStore, SinkSamples, SourceExpectations, SourceUnderTest, StoreUnderTest, SubmitterUnderTest,
    Trouble, assert_no_loss, change_list_conformance, mapper_conformance, queue_conformance,
    sink_conformance, source_conformance, store_conformance, store_history, submitter_conformance,
};

use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
