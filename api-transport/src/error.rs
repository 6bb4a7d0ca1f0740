//! The one error type of every client built here.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How long [`Error::detail`] is at most, in characters.
const DETAIL_CHARS: usize = 500;

/// What went wrong, as far as a caller can act on it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// Nothing reached the server: name look-up, connect, TLS, or the total deadline passed while the call waited for its turn.
    /// *May it have happened:* no. *What to do:* try later; look at the address and the network.
    NotSent,
    /// No whole answer in time. *May it have happened:* yes, for a write. *What to do:* reads later; a write is looked up first.
    Timeout,
    /// The connection broke or the answer was cut. *May it have happened:* yes, for a write. *What to do:* as for a time-out.
    Connection,
    /// 429. *May it have happened:* no. *What to do:* wait, at least [`Error::retry_after`].
    Throttled,
    /// 408 or any 5xx. *May it have happened:* yes, for a write. *What to do:* as for a time-out.
    Unavailable,
    /// 401, also with a new login where one is possible. *May it have happened:* no. *What to do:* correct the credentials.
    Unauthorized,
    /// 403. *May it have happened:* no. *What to do:* give the account the right it lacks.
    Forbidden,
    /// 404. *May it have happened:* no. *What to do:* check the id, and whether the server has this call at all.
    NotFound,
    /// Any other 4xx. *May it have happened:* no. *What to do:* correct the request.
    Rejected,
    /// The server refused inside an answer 200. *May it have happened:* no. *What to do:* correct the record or the request.
    Refused,
    /// Refused here, before anything was sent: what the call says breaks a limit of the wire or contradicts itself. *May it have
    /// happened:* no. *What to do:* correct the record; the error's text says what is wrong with it.
    Invalid,
    /// A whole 2xx answer that cannot be read. *May it have happened:* yes, for a write. *What to do:* compare the server's version.
    Decode,
    /// The answer is longer than the body cap. *May it have happened:* yes, for a write. *What to do:* ask for less, or raise the cap.
    TooLarge,
    /// An answer that does not belong here: a redirect, a status below 200, a continuation that comes twice. *May it have
    /// happened:* yes, for a write. *What to do:* check the base URL and what stands between here and the server.
    Unexpected,
    /// The client is set up wrongly. *May it have happened:* no. *What to do:* correct the settings.
    Config,
}

impl ErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::NotSent => "the request was not sent",
            Self::Timeout => "no whole answer in time",
            Self::Connection => "the connection broke or the answer was cut",
            Self::Throttled => "the server asks to slow down",
            Self::Unavailable => "the server failed",
            Self::Unauthorized => "the server does not accept the credentials",
            Self::Forbidden => "the account may not do this",
            Self::NotFound => "not found",
            Self::Rejected => "the server rejected the request",
            Self::Refused => "the server refused inside its answer",
            Self::Invalid => "refused before sending",
            Self::Decode => "the answer cannot be read",
            Self::TooLarge => "the answer is longer than allowed",
            Self::Unexpected => "an unexpected answer",
            Self::Config => "the client is set up wrongly",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::NotSent => {
                "Try again later; check the address, name resolution, certificates and the network."
            }
            Self::Timeout | Self::Connection | Self::Unavailable => {
                "Try a read again later; look a write up before it is sent again."
            }
            Self::Throttled => "Wait at least as long as the server asks, then try again with fewer calls.",
            Self::Unauthorized => "Check the credentials: expired, locked or for another server.",
            Self::Forbidden => "Give the account the right that this call needs.",
            Self::NotFound => "Check the id and whether this server offers the call.",
            Self::Rejected | Self::Refused => {
                "Correct the request; sending the same again gives the same answer."
            }
            Self::Invalid => "Correct the record; nothing was sent.",
            Self::Decode => "Compare the server's version with what this client expects.",
            Self::TooLarge => "Ask for smaller pages or raise the body cap.",
            Self::Unexpected => "Check the base URL and what answers between here and the server.",
            Self::Config => "Correct the client's settings.",
        }
    }
}

/// Why a call failed.
///
/// `Debug` and `Display` show neither secrets nor anything the server or a record said; the server's own message is only in
/// [`detail`](Self::detail). The chain of [`source`](StdError::source) keeps the cause.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    advice: Option<&'static str>,
    applied: bool,
    persistent: bool,
    login: bool,
    status: Option<u16>,
    code: Option<String>,
    detail: Option<String>,
    endpoint: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind. `message` is shown in `Display` and logs: no content, no secret.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            advice: None,
            applied: false,
            persistent: false,
            login: false,
            status: None,
            code: None,
            detail: None,
            endpoint: None,
            retry_after: None,
            source: None,
        }))
    }

    /// A refusal inside an answer 200, with the server's machine code and its message.
    pub fn refused(code: Option<String>, detail: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Refused, "").with_detail(detail);
        error.0.code = code;
        error
    }

    /// A refusal of one's own, before anything is sent; `message` says what is wrong, in words that hold no content.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// An answer that cannot be read; `place` says where and what is missing, in words that hold no content.
    pub fn decode_at(place: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Decode, place)
    }

    /// Wrong settings; `message` names the setting, never its value if that may be secret.
    pub fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Adds the server's own message, cut to 500 characters. It never shows in `Debug` or `Display`.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(DETAIL_CHARS) {
            detail.truncate(end);
        }
        self.0.detail = (!detail.is_empty()).then_some(detail);
        self
    }

    /// Says in other words what went wrong. They are shown in `Display` and logs: no content, no secret.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Says what the failed call was a part of, before what went wrong. It is shown in `Display` and logs.
    #[must_use]
    pub fn with_context(mut self, part_of: &'static str) -> Self {
        self.0.message = match self.0.message.as_ref() {
            "" => part_of.into(),
            message => format!("{part_of}: {message}").into(),
        };
        self
    }

    /// Gives better advice than the kind alone can.
    #[must_use]
    pub fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Adds the server's machine code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Says whether the request may have been carried out although it failed. A "yes" is never taken back by the transport,
    /// except of a read, which changes nothing.
    #[must_use]
    pub fn with_may_have_been_applied(mut self, applied: bool) -> Self {
        self.0.applied = applied;
        self
    }

    /// Keeps the cause. Its `Display` and `Debug` must show no content and no secret.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_endpoint(mut self, endpoint: String) -> Self {
        self.0.endpoint = Some(endpoint);
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// The repeats are used up: nobody needs to repeat this at once.
    pub(crate) fn persistent(mut self) -> Self {
        self.0.persistent = true;
        self
    }

    /// The failure of a login tells nothing about the call that needed it: that one was not carried out.
    pub(crate) fn while_logging_in(mut self) -> Self {
        self.0.login = true;
        self.0.applied = false;
        self
    }

    pub(crate) fn may_also_have_been_applied(&mut self, applied: bool) {
        self.0.applied |= applied;
    }

    /// A copy for another waiter for the same thing.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the server may have carried the request out nevertheless. Then a write is looked up before it is sent again.
    pub fn may_have_been_applied(&self) -> bool {
        self.0.applied
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The server's machine code of a refusal.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The server's own message or the reader's full text: at most 500 characters, possibly with content. Not for logs.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// Method and path of the call, ids masked.
    pub fn endpoint(&self) -> Option<&str> {
        self.0.endpoint.as_deref()
    }

    /// How long the server asks to wait, capped by [`RetryPolicy::retry_after_cap`](crate::RetryPolicy::retry_after_cap).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the transport has already repeated the call as often as it may.
    pub fn is_persistent(&self) -> bool {
        self.0.persistent
    }

    /// Whether the login that the call needed failed, not the call itself.
    pub fn is_login(&self) -> bool {
        self.0.login
    }

    /// One sentence of advice for a person.
    pub fn what_to_do(&self) -> &'static str {
        self.0.advice.unwrap_or_else(|| self.0.kind.advice())
    }

    /// The code, if it looks like a code and not like a message.
    fn printable_code(&self) -> Option<&str> {
        self.code().filter(|code| {
            (1..=64).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if inner.login {
            f.write_str("login: ")?;
        }
        f.write_str(inner.kind.words())?;
        if let Some(endpoint) = &inner.endpoint {
            write!(f, ": {endpoint}")?;
        }
        if let Some(status) = inner.status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = self.printable_code() {
            write!(f, ", code {code}")?;
        }
        if !inner.message.is_empty() {
            write!(f, ": {}", inner.message)?;
        }
        if inner.applied {
            f.write_str(" (may have been carried out)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind).field("message", &inner.message);
        out.field("may_have_been_applied", &inner.applied).field("persistent", &inner.persistent);
        out.field("login", &inner.login).field("status", &inner.status).field("code", &self.printable_code());
        out.field("endpoint", &inner.endpoint).field("retry_after", &inner.retry_after);
        out.field("source", &inner.source).finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_shows_nowhere_and_is_cut_by_characters() {
        let error = Error::refused(Some("LIMIT_7".into()), "ż".repeat(600));
        assert_eq!(error.detail().map(|text| text.chars().count()), Some(500));
        assert!(!format!("{error}{error:?}{error:#?}").contains('ż'));
        assert!(error.to_string().contains("LIMIT_7"));
    }

    #[test]
    fn what_a_call_was_a_part_of_stands_before_what_went_wrong() {
        let plain = Error::new(ErrorKind::Timeout, "").with_context("step 2 of 3");
        assert_eq!(plain.to_string(), "no whole answer in time: step 2 of 3");
        let error = Error::decode_at("at `id`").with_context("step 1 of 3");
        assert_eq!(error.to_string(), "the answer cannot be read: step 1 of 3: at `id`");
    }

    #[test]
    fn a_code_that_is_a_sentence_is_not_shown() {
        let error = Error::refused(Some("Jan Kowalski owes".into()), "");
        assert!(!format!("{error}{error:?}").contains("Kowalski"));
        assert_eq!(error.code(), Some("Jan Kowalski owes"));
    }
}
