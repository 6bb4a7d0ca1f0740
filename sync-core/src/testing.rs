//! Fakes, fault scripts and conformance suites for tests of integrations (feature `testing`).
//!
//! Everything here is deterministic: time stands still until a [`ManualClock`] is advanced, and faults happen at the
//! calls a [`Faults`] script names.

mod changes;
mod clock;
mod conformance;
mod faults;
mod faulty;
mod queue;
mod sink;
mod source;
mod store;
mod submitter;

pub use changes::MemoryChanges;
pub use clock::ManualClock;
pub use conformance::{ClockedStore, StoreUnderTest, store_conformance, store_history};
pub use faults::{Fault, Faults};
pub use faulty::{FaultySink, FaultySource};
pub use queue::MemoryQueue;
pub use sink::MemorySink;
pub use source::MemorySource;
pub use store::FaultyStore;
pub use submitter::{FakeSubmitter, Reaction};

use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
