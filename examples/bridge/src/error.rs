//! What can end the bridge.

use std::borrow::Cow;
use std::fmt;

/// Result of the bridge.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that ends the bridge, or keeps it from starting. Its causes are reachable by
/// [`source`](std::error::Error::source); neither shows a secret or a record.
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    what_to_do: Option<Cow<'static, str>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of error it is: the exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call or the settings are wrong: exit code 2.
    Config,
    /// It could not run: a system or the store is away, or something unforeseen happened: exit code 3.
    Failed,
}

impl Error {
    /// It could not run, with this message.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: ErrorKind::Failed, message: message.into(), what_to_do: None, source: None }
    }

    /// The call or the settings are wrong, with this message.
    pub fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: ErrorKind::Config, ..Self::new(message) }
    }

    /// With this cause. It may not show a secret or a record.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// With this advice for a person.
    #[must_use]
    pub fn what_to_do(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.what_to_do = Some(advice.into());
        self
    }

    /// It could not run: the engine says why, and what to do.
    pub fn engine(message: impl Into<Cow<'static, str>>, error: sync_core::Error) -> Self {
        let kind = match error.kind() {
            sync_core::ErrorKind::Config | sync_core::ErrorKind::NotFound => ErrorKind::Config,
            _ => ErrorKind::Failed,
        };
        let advice = remedy(&error);
        let error = Self { kind, ..Self::new(message) }.because(error);
        match advice {
            Some(advice) => error.what_to_do(advice),
            None => error,
        }
    }

    /// What sort of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What a person can do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.what_to_do.as_deref()
    }
}

/// What a person can do about an error of the engine.
pub(crate) fn remedy(error: &sync_core::Error) -> Option<&'static str> {
    match error.remedy() {
        sync_core::Remedy::Operator(advice) => Some(advice),
        _ => None,
    }
}

impl From<sync_core::Error> for Error {
    fn from(error: sync_core::Error) -> Self {
        Self::engine("the engine cannot go on", error)
    }
}

impl From<soneta_webapi::Error> for Error {
    fn from(error: soneta_webapi::Error) -> Self {
        let advice = error.what_to_do();
        let kind = match error.kind() {
            soneta_webapi::ErrorKind::Config => ErrorKind::Config,
            _ => ErrorKind::Failed,
        };
        Self { kind, ..Self::new("the other system cannot be used") }.because(error).what_to_do(advice)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    /// The message, its causes and the advice, line by line: what the program prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, "\n  because: {error}")?;
            cause = error.source();
        }
        match &self.what_to_do {
            Some(advice) => write!(f, "\n  → {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
