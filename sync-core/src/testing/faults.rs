//! Faults at named calls.

use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::lock;
use crate::error::{Error, ErrorKind, Result};

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It fails and does nothing.
    FailBefore,
    /// It does its work and then fails: the caller cannot know.
    FailAfter,
    /// It does its work, and the answer arrives cut or garbled: always [`ErrorKind::Unreadable`].
    Unreadable,
    /// It never returns and does nothing.
    HangBefore,
    /// It does its work and never returns.
    HangAfter,
}

/// A script of faults: which call goes wrong, and how. Clones share the script and the count.
///
/// Each call also gives way once before and once after its work, so that a test can drop it there.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    script: Arc<Mutex<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    calls: u64,
    faults: BTreeMap<u64, Fault>,
    always: Option<Fault>,
    kind: Option<ErrorKind>,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The `n`-th call (from 1) goes wrong.
    #[must_use]
    pub fn at(n: u64, fault: Fault) -> Self {
        let faults = Self::none();
        faults.on_call(n, fault);
        faults
    }

    /// Calls that fail give this kind of error instead of [`Transient`](ErrorKind::Transient): from now on, and for all
    /// clones of the script.
    #[must_use]
    pub fn failing_with(self, kind: ErrorKind) -> Self {
        lock(&self.script).kind = Some(kind);
        self
    }

    /// Adds: the `n`-th call (from 1, counted from the beginning) goes wrong.
    pub fn on_call(&self, n: u64, fault: Fault) {
        lock(&self.script).faults.insert(n, fault);
    }

    /// Adds: the next call goes wrong.
    pub fn on_next_call(&self, fault: Fault) {
        let mut script = lock(&self.script);
        let next = script.calls + 1;
        script.faults.insert(next, fault);
    }

    /// From now on every call goes wrong so, or none if `None`.
    pub fn always(&self, fault: Option<Fault>) {
        lock(&self.script).always = fault;
    }

    /// Nothing goes wrong from now on.
    pub fn clear(&self) {
        let mut script = lock(&self.script);
        script.faults.clear();
        script.always = None;
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        lock(&self.script).calls
    }

    /// Does the work as the script says.
    ///
    /// # Errors
    /// Where the script says so, [`Unreadable`](ErrorKind::Unreadable) or the kind of
    /// [`failing_with`](Self::failing_with); else the work's own.
    pub async fn around<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let (fault, kind) = {
            let mut script = lock(&self.script);
            script.calls += 1;
            let scripted = script.faults.get(&script.calls).copied();
            (scripted.or(script.always), script.kind.unwrap_or(ErrorKind::Transient))
        };
        give_way().await;
        match fault {
            Some(Fault::FailBefore) => return Err(Error::new(kind, "scripted fault before the work")),
            Some(Fault::HangBefore) => pending().await,
            Some(Fault::FailAfter | Fault::HangAfter | Fault::Unreadable) | None => {}
        }
        let done = work.await;
        give_way().await;
        match fault {
            Some(Fault::FailAfter) => Err(Error::new(kind, "scripted fault after the work")),
            Some(Fault::Unreadable) => Err(Error::new(ErrorKind::Unreadable, "scripted answer that is cut")),
            Some(Fault::HangAfter) => pending().await,
            Some(Fault::FailBefore | Fault::HangBefore) | None => done,
        }
    }
}

/// Returns to the caller once, in any runtime.
async fn give_way() {
    let mut given = false;
    poll_fn(|context| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
