use std::error::Error as _;
use std::fmt;

use serde::Serialize;

use crate::{Error, ErrorKind};

/// How a check came out. Ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Nobody can tell without more, such as writing.
    NotTried,
    /// Works, but somebody should know.
    Warning,
    /// Does not work.
    Failed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::NotTried => "-",
            Self::Warning => "warning",
            Self::Failed => "failed",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// What was looked at, a stable word: `login`, `contract.b2b`, `area.goods` …
    pub id: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found: counts, versions, kinds of failure.
    pub finding: String,
    /// What is of this installation alone: addresses, names, words of dictionaries, the server's own messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<String>,
}

impl Check {
    pub(super) fn new(id: impl Into<String>, outcome: Outcome, finding: impl Into<String>) -> Self {
        Self { id: id.into(), outcome, finding: finding.into(), detail: None, what_to_do: None }
    }

    pub(super) fn ok(id: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Outcome::Ok, finding)
    }

    pub(super) fn not_tried(id: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Outcome::NotTried, finding)
    }

    pub(super) fn warning(id: impl Into<String>, finding: impl Into<String>, what_to_do: &str) -> Self {
        Self::new(id, Outcome::Warning, finding).what_to_do(what_to_do)
    }

    pub(super) fn failed(id: impl Into<String>, finding: impl Into<String>, what_to_do: &str) -> Self {
        Self::new(id, Outcome::Failed, finding).what_to_do(what_to_do)
    }

    /// A call that failed.
    pub(super) fn of_error(id: impl Into<String>, error: &Error) -> Self {
        let what_to_do = match error.kind() {
            ErrorKind::Forbidden => "Give the application token's operator the right to this data.",
            _ => error.what_to_do(),
        };
        // Why nothing was sent stands at the end of the chain: refused, unknown host, TLS.
        let mut cause = error.source().filter(|_| error.kind() == ErrorKind::NotSent);
        while let Some(deeper) = cause.and_then(|cause| cause.source()) {
            cause = Some(deeper);
        }
        let cause = cause.map(|cause| cause.to_string());
        let detail = error.detail().map(str::to_owned).or(cause);
        Self::failed(id, error.to_string(), what_to_do).detail(detail.unwrap_or_default())
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into()).filter(|detail| !detail.is_empty());
        self
    }

    fn what_to_do(mut self, what_to_do: &str) -> Self {
        self.what_to_do = Some(what_to_do.to_owned());
        self
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8} {:<31} {}", self.outcome, self.id, self.finding)?;
        if let Some(detail) = &self.detail {
            write!(f, "\n{:41}({detail})", "")?;
        }
        self.what_to_do.as_ref().map_or(Ok(()), |what| write!(f, "\n{:41}→ {what}", ""))
    }
}

/// Everything that was looked at, in order. Printable and serialisable; holds no secret and no record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
}

impl Report {
    pub(super) fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// The worst outcome; `Ok` for a report without checks.
    pub fn outcome(&self) -> Outcome {
        self.checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Ok)
    }

    /// The check of this id.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The same without what is of this installation alone, to be handed on.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        for check in &mut self.checks {
            check.detail = None;
        }
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
        }
        let count = |outcome| self.checks.iter().filter(|check| check.outcome == outcome).count();
        let (ok, warning, failed) = (count(Outcome::Ok), count(Outcome::Warning), count(Outcome::Failed));
        write!(f, "{ok} ok, {warning} warnings, {failed} failed")
    }
}
