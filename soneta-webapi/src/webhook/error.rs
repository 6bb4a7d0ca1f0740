use std::fmt;

/// Why a request is not taken as a hint, or a verifier cannot be made. It shows neither secret nor signature nor body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookError {
    kind: WebhookErrorKind,
    detail: &'static str,
}

/// What kind of failure a [`WebhookError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookErrorKind {
    /// The verifier's settings are of no use: no secret, a short one, or one that is not Base64.
    Settings,
    /// One of the three headers is missing.
    MissingHeader,
    /// A header cannot be read.
    BadHeader,
    /// The time of sending is further from now than the tolerance, to either side: a repeated old request, or a clock that is
    /// wrong. Compare the clocks of both machines.
    Stale,
    /// No signature fits, or the path holds another secret: another sender, another secret, or a body that was changed on its
    /// way (also by a proxy that writes JSON anew).
    BadSignature,
    /// The body is no hint.
    BadBody,
}

impl WebhookError {
    /// What kind of failure it is.
    pub fn kind(&self) -> WebhookErrorKind {
        self.kind
    }

    pub(super) fn new(kind: WebhookErrorKind, detail: &'static str) -> Self {
        Self { kind, detail }
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail)
    }
}

impl std::error::Error for WebhookError {}
