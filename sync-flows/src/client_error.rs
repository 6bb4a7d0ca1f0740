//! What an error of either client means to the engine.

use one_client::{Error as ClientError, ErrorKind as ClientErrorKind};
use sync_core::{Error, ErrorKind, Outcome, Reason, Result, Submission};

/// The engine's error for a call that failed as a whole, with the client's own advice. The client's error stays reachable as its
/// cause.
pub(crate) fn engine_error(message: &'static str, error: ClientError) -> Error {
    let engine = Error::new(kind_of(&error), message).with_task(error.what_to_do());
    let engine = match error.detail() {
        Some(detail) => engine.with_detail(detail),
        None => engine,
    };
    engine.with_source(error)
}

/// What a failed call means to the engine.
pub(crate) fn kind_of(error: &ClientError) -> ErrorKind {
    match error.kind() {
        ClientErrorKind::Throttled => ErrorKind::Throttled { after: error.retry_after() },
        ClientErrorKind::Unauthorized | ClientErrorKind::Forbidden => ErrorKind::Auth,
        ClientErrorKind::NotFound => ErrorKind::NotFound,
        ClientErrorKind::Config => ErrorKind::Config,
        ClientErrorKind::Rejected | ClientErrorKind::Refused | ClientErrorKind::Invalid => ErrorKind::Invalid,
        // not about the records that were sent: nothing is learned by sending them one by one
        ClientErrorKind::Decode | ClientErrorKind::TooLarge | ClientErrorKind::Unexpected => {
            ErrorKind::Unreadable
        }
        // NotSent, Timeout, Connection, Unavailable, and kinds that a later version adds
        _ => ErrorKind::Transient,
    }
}

/// The reason of one record that the other system refuses: its own code where it gives one.
pub(crate) fn refusal(error: &ClientError) -> Reason {
    let code = match error.code() {
        Some(code) if is_plain(code) => code.to_owned(),
        _ => match error.kind() {
            ClientErrorKind::NotFound => "not-found".to_owned(),
            ClientErrorKind::Invalid => return Reason::new("invalid").with_detail(error.to_string()),
            _ => "refused".to_owned(),
        },
    };
    let reason = Reason::new(code);
    match error.detail() {
        Some(detail) => reason.with_detail(detail),
        None => reason,
    }
}

/// What became of one record that was one call: what came of it, or refused. What is about the call, not the record, fails the write.
pub(crate) fn outcome_of(
    message: &'static str,
    sent: std::result::Result<Outcome, ClientError>,
) -> Result<Outcome> {
    sent.or_else(|error| match error.kind() {
        ClientErrorKind::NotFound
        | ClientErrorKind::Rejected
        | ClientErrorKind::Refused
        | ClientErrorKind::Invalid => Ok(Outcome::rejected(refusal(&error))),
        _ => Err(engine_error(message, error)),
    })
}

/// What a failed create means: in doubt with the first message, not sent with the second, or refused.
pub(crate) fn judge(error: ClientError, unclear: &'static str, not_sent: &'static str) -> Submission {
    if error.may_have_been_applied() {
        return Submission::InDoubt(engine_error(unclear, error));
    }
    match error.kind() {
        // the server understood the request and says no
        ClientErrorKind::Rejected | ClientErrorKind::Refused | ClientErrorKind::Invalid
            if !error.is_login() =>
        {
            Submission::Refused(refusal(&error))
        }
        _ => Submission::NotSent(engine_error(not_sent, error)),
    }
}

/// A code goes into logs, so one that could be free text does not pass.
fn is_plain(code: &str) -> bool {
    !code.is_empty()
        && code.len() <= 64
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use one_client::{Error as ClientError, ErrorKind as ClientErrorKind};
    use sync_core::Remedy;

    use super::engine_error;

    #[test]
    fn the_engines_error_hands_on_the_clients_advice() {
        let client = ClientError::new(ClientErrorKind::NotSent, "").with_advice("Look at the cable.");
        assert_eq!(engine_error("not read", client).remedy(), Remedy::Operator("Look at the cable."));
    }
}
