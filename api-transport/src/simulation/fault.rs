//! One fault: which calls it meets and what it does to them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One entry of a fault script: which calls it meets, and what happens to them.
///
/// [`Fault::on`] names the calls by the end of their path. Without [`nth`](Fault::nth), [`every`](Fault::every) or
/// [`times`](Fault::times) it meets the next such call, once. Calls are counted from the moment the fault is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// What the path has to end with; empty meets every call.
    #[serde(default)]
    pub on: String,
    /// The verb, if only one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The first matching call that is met, counted from 1; with `every` it defaults to that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Meets every n-th call from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// How many calls are met at most; defaults to 1, with `every` to no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// What happens.
    pub kind: FaultKind,
}

/// What a fault does to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// The call is answered without being carried out.
    #[non_exhaustive]
    Refuse {
        /// HTTP status of the answer.
        status: u16,
        /// Body of the answer; `application/json` if it begins like JSON, else plain text.
        #[serde(default)]
        body: String,
        /// Seconds for the `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// The call is carried out; its answer is replaced by this status without a body.
    #[non_exhaustive]
    ApplyThenFail {
        /// HTTP status of the answer.
        status: u16,
    },
    /// The connection is closed without an answer; the call is not carried out.
    DropBefore,
    /// The call is carried out; then the connection is closed without an answer.
    DropAfter,
    /// The call is carried out after a pause.
    #[non_exhaustive]
    Slow {
        /// The pause in milliseconds.
        millis: u64,
    },
    /// The answer declares its whole length, but the connection closes after so many bytes of its body. An answer that is
    /// not longer than that stays whole.
    #[non_exhaustive]
    CutBody {
        /// How many bytes of the body are sent.
        at_byte: u64,
    },
    /// The call waits before it is carried out, until it is released.
    HoldBefore,
    /// The call is carried out; its answer waits until it is released.
    HoldAfter,
    /// The answer is sent with every occurrence of a text replaced: a page with one unreadable row.
    #[non_exhaustive]
    Rewrite {
        /// The text to look for.
        find: String,
        /// What stands in its place.
        replace: String,
    },
    /// The simulator's sessions end before the call is carried out (see [`Faults::on_expire_session`](super::Faults)).
    ExpireSession,
}

impl Fault {
    /// A fault for calls whose path ends with `suffix`; an empty one means every call.
    ///
    /// Until another kind is chosen, the call is refused with 503.
    pub fn on(suffix: impl Into<String>) -> Self {
        Self {
            on: suffix.into(),
            method: None,
            nth: None,
            every: None,
            times: None,
            kind: FaultKind::Refuse { status: 503, body: String::new(), retry_after: None },
        }
    }

    /// Only calls with this verb count.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// The first call that is met, counted from 1.
    #[must_use]
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }

    /// Every n-th call is met, without end unless [`times`](Self::times) says so; 0 counts as 1.
    #[must_use]
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// At most so many calls are met, one after the other.
    #[must_use]
    pub fn times(mut self, n: u64) -> Self {
        self.times = Some(n);
        self
    }

    /// Every call is met.
    #[must_use]
    pub fn always(self) -> Self {
        self.every(1)
    }

    /// Answers with `status` and `body`; the call is not carried out.
    #[must_use]
    pub fn refuse(self, status: u16, body: impl Into<String>) -> Self {
        self.kind(FaultKind::Refuse { status, body: body.into(), retry_after: None })
    }

    /// Answers 429, with `Retry-After` in whole seconds if given; the call is not carried out.
    #[must_use]
    pub fn too_many_requests(self, retry_after: Option<Duration>) -> Self {
        let retry_after = retry_after.map(|pause| pause.as_secs());
        self.kind(FaultKind::Refuse { status: 429, body: String::new(), retry_after })
    }

    /// Answers 503; the call is not carried out.
    #[must_use]
    pub fn unavailable(self) -> Self {
        self.refuse(503, "")
    }

    /// Carries the call out and answers with `status` instead.
    #[must_use]
    pub fn apply_then_fail(self, status: u16) -> Self {
        self.kind(FaultKind::ApplyThenFail { status })
    }

    /// Closes the connection without an answer; the call is not carried out.
    #[must_use]
    pub fn drop_before(self) -> Self {
        self.kind(FaultKind::DropBefore)
    }

    /// Carries the call out, then closes the connection without an answer.
    #[must_use]
    pub fn drop_after(self) -> Self {
        self.kind(FaultKind::DropAfter)
    }

    /// Carries the call out after a pause.
    #[must_use]
    pub fn slow(self, pause: Duration) -> Self {
        self.kind(FaultKind::Slow { millis: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) })
    }

    /// Sends `at_byte` bytes of the answer's body and closes the connection.
    #[must_use]
    pub fn cut_body(self, at_byte: u64) -> Self {
        self.kind(FaultKind::CutBody { at_byte })
    }

    /// Holds the call before it is carried out.
    #[must_use]
    pub fn hold_before(self) -> Self {
        self.kind(FaultKind::HoldBefore)
    }

    /// Holds the answer after the call was carried out.
    #[must_use]
    pub fn hold_after(self) -> Self {
        self.kind(FaultKind::HoldAfter)
    }

    /// Replaces a text in the answer's body.
    #[must_use]
    pub fn rewrite(self, find: impl Into<String>, replace: impl Into<String>) -> Self {
        self.kind(FaultKind::Rewrite { find: find.into(), replace: replace.into() })
    }

    /// Ends the simulator's sessions before the call is carried out.
    #[must_use]
    pub fn expire_session(self) -> Self {
        self.kind(FaultKind::ExpireSession)
    }

    fn kind(mut self, kind: FaultKind) -> Self {
        self.kind = kind;
        self
    }

    /// Whether a call is one of those that this fault counts.
    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        path.ends_with(&self.on)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }

    /// Whether the `call`-th matching call (from 1) is met.
    pub(super) fn meets(&self, call: u64) -> bool {
        match self.every {
            Some(every) => {
                let every = every.max(1);
                let first = self.nth.unwrap_or(every);
                call >= first && (call - first).is_multiple_of(every)
            }
            None => call >= self.nth.unwrap_or(1),
        }
    }

    /// How many calls may be met.
    pub(super) fn limit(&self) -> u64 {
        self.times.unwrap_or(if self.every.is_some() { u64::MAX } else { 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(fault: &Fault) -> Vec<u64> {
        (1..=9)
            .filter(|call| fault.meets(*call))
            .take(usize::try_from(fault.limit().min(9)).unwrap())
            .collect()
    }

    #[test]
    fn the_choice_of_calls_follows_nth_every_and_times() {
        assert_eq!(met(&Fault::on("")), [1]);
        assert_eq!(met(&Fault::on("").nth(3)), [3]);
        assert_eq!(met(&Fault::on("").nth(3).times(2)), [3, 4]);
        assert_eq!(met(&Fault::on("").every(3)), [3, 6, 9]);
        assert_eq!(met(&Fault::on("").every(3).nth(1).times(2)), [1, 4]);
        assert_eq!(met(&Fault::on("").always()), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn a_misspelt_field_of_a_scripted_fault_is_refused() {
        let text = r#"{"on": "x", "evry": 3, "kind": "drop_before"}"#;
        assert!(serde_json::from_str::<Fault>(text).is_err());
    }
}
