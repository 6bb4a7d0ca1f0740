//! The one error of the engine and of everything integrators plug into it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::link::LinkRef;

/// Result of the engine and of its extension points.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Longest kept detail, in characters.
const DETAIL_LIMIT: usize = 500;

/// What went wrong, and what follows from it.
///
/// Neither `Debug` nor `Display` shows the [`detail`](Self::detail) (the other system's own words) or the cause.
/// The cause stays reachable through [`std::error::Error::source`], so it must itself be safe to show.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    detail: Option<String>,
    task: Option<&'static str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Kinds of [`Error`]. A flow or dispatcher step that fails with any of them has changed nothing in the store
/// besides what it committed, so the step can always be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The other system is away or slow. What to do: try again later.
    Transient,
    /// The other system asks for fewer calls; `after` is the least wait it named. What to do: try again then.
    Throttled {
        /// Least wait that the other system named.
        after: Option<Duration>,
    },
    /// The credentials are refused. What to do: an operator renews them.
    Auth,
    /// The thing asked for does not exist there.
    NotFound,
    /// The request or the record is refused as wrong.
    Invalid,
    /// The other side holds something else under the same key.
    Conflict,
    /// Nobody knows whether a write happened. What to do: look it up, never repeat blindly.
    Ambiguous,
    /// This implementation cannot do it at all (for example a look-up). What to do: an operator decides.
    Unsupported,
    /// The configuration is wrong. What to do: an operator corrects it.
    Config,
    /// The program is wrong: a contract of a trait is broken.
    Bug,
    /// The store cannot be read or written. What to do: try again; if it stays, an operator looks at it.
    Store,
    /// The lease or the claim belongs to somebody else by now; nothing was written.
    LeaseLost,
    /// Somebody else changed the flow's position since it was read; nothing was written.
    RevisionConflict,
    /// The stored position belongs to another source (database, contract or filter). Nothing was read.
    /// What to do: an operator puts the settings back, or [rebinds](crate::Flow::rebind) the flow.
    FingerprintMismatch,
    /// The source's clock or its highest id went back: it was probably restored from a backup. Nothing was committed.
    /// What to do: an operator looks, then [rebinds](crate::Flow::rebind) the flow.
    WentBack,
    /// The source did not give everything (a cap was hit, or it is empty where much was sent before). What it gave was
    /// committed, nothing was removed. What to do: an operator looks at the source; if it is rightly
    /// empty, [`allow_empty`](crate::FlowSettings::allow_empty) believes it.
    Incomplete,
    /// The other system's answer cannot be read. Whether a write happened is not known.
    /// What to do: compare the versions of both sides.
    Unreadable,
    /// A source that declares its order broke it; nothing after the last commit is lost.
    OrderViolation,
    /// So many records of one page were rejected that the page was not committed (none of them shows among the rejects), or
    /// the flow has as many live rejects as it may have. What to do: an operator finds out why, cures it or
    /// [approves](crate::Flow::approve).
    SystemicFailure,
    /// Stored data has a format this version does not know. What to do: run the newer version.
    UnknownFormat,
}

/// Who can cure an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Trying again later may be enough.
    Later,
    /// A person has to do this.
    Operator(&'static str),
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Later => "trying again later may be enough",
            Self::Operator(task) => task,
        })
    }
}

impl ErrorKind {
    /// Who can cure an error of this kind.
    #[must_use]
    pub fn remedy(self) -> Remedy {
        match self {
            Self::Transient
            | Self::Throttled { .. }
            | Self::Store
            | Self::LeaseLost
            | Self::RevisionConflict => Remedy::Later,
            Self::Auth => Remedy::Operator("renew the credentials"),
            Self::NotFound => Remedy::Operator("create the missing record or correct the reference"),
            Self::Invalid => Remedy::Operator("correct the record"),
            Self::Conflict => Remedy::Operator("compare both systems"),
            Self::Ambiguous => Remedy::Operator("look up whether it happened"),
            Self::Unsupported => Remedy::Operator("decide by hand"),
            Self::Config => Remedy::Operator("correct the configuration"),
            Self::Bug => Remedy::Operator("report the defect"),
            Self::FingerprintMismatch => {
                Remedy::Operator("put the source's settings back, or rebind the flow")
            }
            Self::WentBack => Remedy::Operator("look whether the source was restored, then rebind the flow"),
            Self::Incomplete => Remedy::Operator(
                "look whether the source gives all it has; if it is rightly empty, allow that",
            ),
            Self::Unreadable => Remedy::Operator("compare the versions of both sides"),
            Self::OrderViolation => Remedy::Operator("check the order of the source's answer"),
            Self::SystemicFailure => {
                Remedy::Operator("look why so many are rejected; cure it, or approve what is held")
            }
            Self::UnknownFormat => Remedy::Operator("run the newer version"),
        }
    }

    /// Whether a sink's answer to a batch is about its records, and not about the call.
    pub(crate) fn is_about_records(self) -> bool {
        matches!(self, Self::Invalid | Self::NotFound | Self::Conflict)
    }

    /// The stable id of this kind for rejects, metrics and configuration.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Throttled { .. } => "throttled",
            Self::Auth => "auth",
            Self::NotFound => "not-found",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Ambiguous => "ambiguous",
            Self::Unsupported => "unsupported",
            Self::Config => "config",
            Self::Bug => "bug",
            Self::Store => "store",
            Self::LeaseLost => "lease-lost",
            Self::RevisionConflict => "revision-conflict",
            Self::FingerprintMismatch => "fingerprint-mismatch",
            Self::WentBack => "went-back",
            Self::Incomplete => "incomplete",
            Self::Unreadable => "unreadable",
            Self::OrderViolation => "order-violation",
            Self::SystemicFailure => "systemic-failure",
            Self::UnknownFormat => "unknown-format",
        }
    }
}

impl Error {
    /// An error of `kind`. The message is shown everywhere, so it holds no record content and no secret.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            inner: Box::new(Inner { kind, message: message.into(), detail: None, task: None, source: None }),
        }
    }

    /// Adds the other system's own words (cut to 500 characters); only [`detail`](Self::detail) gives them back.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.inner.detail = Some(cut(detail.into()));
        self
    }

    /// Says what a person has to do, better than the kind alone can.
    #[must_use]
    pub fn with_task(mut self, task: &'static str) -> Self {
        self.inner.task = Some(task);
        self
    }

    /// Adds the cause. It shows up in error chains, so it must not print secrets or record content.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// Shorthand for [`ErrorKind::Transient`].
    #[must_use]
    pub fn transient(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Transient, message)
    }

    /// Shorthand for [`ErrorKind::Invalid`].
    #[must_use]
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Shorthand for [`ErrorKind::Config`].
    #[must_use]
    pub fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Shorthand for [`ErrorKind::Bug`].
    #[must_use]
    pub fn bug(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Bug, message)
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Who can cure it.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        self.inner.task.map_or_else(|| self.inner.kind.remedy(), Remedy::Operator)
    }

    /// The other system's own words, which may hold record content: for a person's eyes, never for logs.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("has_detail", &self.inner.detail.is_some())
            .field("has_source", &self.inner.source.is_some())
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.inner.message, self.inner.kind.code())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

/// Why one record or act was not carried out: a stable code, and the words of whoever refused.
///
/// `Debug` and `Display` show the code only.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason {
    code: Cow<'static, str>,
    detail: Option<String>,
    waits_for: Option<Box<LinkRef>>,
}

impl Reason {
    /// A reason with a stable code in kebab case, such as `missing-link`. The code holds no record content.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), detail: None, waits_for: None }
    }

    /// Adds words for a person (cut to 500 characters); only [`detail`](Self::detail) gives them back.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(cut(detail.into()));
        self
    }

    /// The record needs a link that is not known yet. Once it is, the reject is replayed.
    #[must_use]
    pub fn missing_link(wanted: LinkRef) -> Self {
        Self::new(Self::MISSING_LINK).waiting_for(wanted)
    }

    /// The reject is replayed once this link is known.
    #[must_use]
    pub fn waiting_for(mut self, wanted: LinkRef) -> Self {
        self.waits_for = Some(Box::new(wanted));
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Words for a person, which may hold record content: never for logs.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The link that would help.
    #[must_use]
    pub fn waits_for(&self) -> Option<&LinkRef> {
        self.waits_for.as_deref()
    }

    /// Code of a record that needs a link that is not known yet.
    pub const MISSING_LINK: &'static str = "missing-link";
    /// Code of a removal that the target cannot carry out ([`Removal::None`](crate::Removal::None)).
    pub const REMOVAL_NOT_SUPPORTED: &'static str = "removal-not-supported";
    /// Code of a change of a record whose act was already handed over.
    pub const CHANGED_AFTER_TRANSFER: &'static str = "changed-after-transfer";
    /// Code of the withdrawal of a record whose act was already handed over.
    pub const WITHDRAWN_AFTER_TRANSFER: &'static str = "withdrawn-after-transfer";
    /// Code of an act that a person gave up ([`Verdict::GivenUp`](crate::Verdict::GivenUp)).
    pub const GIVEN_UP: &'static str = "given-up";
    /// Code of an act of which a person said that it happened ([`Verdict::Happened`](crate::Verdict::Happened)).
    pub const RESOLVED: &'static str = "resolved";
    /// Code of an act that a person let go again ([`Store::release`](crate::Store::release)) although nothing was held.
    pub const RELEASED: &'static str = "released";
    /// Code of a link that contradicts one already known.
    pub const LINK_CONFLICT: &'static str = "link-conflict";
    /// Code of a removal that waits for an [approval](crate::Approval).
    pub const HELD_REMOVAL: &'static str = "held-removal";
    /// Code of a record that would be emptied (a stock of zero) and waits for an [approval](crate::Approval).
    pub const HELD_EMPTYING: &'static str = "held-emptying";
}

impl From<Error> for Reason {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Reason {
    /// Takes the kind's code; the message and the detail become the detail.
    fn from(error: &Error) -> Self {
        let detail = match error.detail() {
            Some(detail) => format!("{}: {detail}", error.inner.message),
            None => error.inner.message.clone().into_owned(),
        };
        Self::new(error.kind().code()).with_detail(detail)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reason({})", self.code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(DETAIL_LIMIT) {
        text.truncate(at);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_and_causes_stay_out_of_debug_and_display() {
        let error = Error::transient("call failed").with_detail("canary-1").with_source("canary-2");
        let reason = Reason::new("refused").with_detail("canary-3");
        let shown = format!("{error:?} {error} {reason:?} {reason}");
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(error.detail(), Some("canary-1"));
        assert!(std::error::Error::source(&error).is_some());
        assert_eq!(reason.detail(), Some("canary-3"));
    }

    #[test]
    fn an_error_of_its_own_words_is_not_cured_as_others_of_its_kind() {
        let error = Error::new(ErrorKind::NotFound, "nothing is held");
        assert_eq!(error.remedy(), ErrorKind::NotFound.remedy());
        assert_eq!(error.with_task("look at the status").remedy(), Remedy::Operator("look at the status"));
    }

    #[test]
    fn a_long_detail_is_cut_at_a_character() {
        let reason = Reason::new("x").with_detail("ż".repeat(600));
        assert_eq!(reason.detail().map(|detail| detail.chars().count()), Some(500));
    }
}
