//! From a call about one record to the engine's outcome.

use one_client::{Error as ClientError, ErrorKind};
use sync_core::{Outcome, Reason, Result};

use crate::client_error::{engine_error, refusal};

/// The outcome of a record whose only call failed: the record is refused, or the call as a whole has failed and the page comes again.
pub(crate) fn failed(message: &'static str, error: ClientError) -> Result<Outcome> {
    refused(error).map(Outcome::rejected).map_err(|error| engine_error(message, error))
}

/// Why ONe refuses this record; the error if it is not about the record.
fn refused(error: ClientError) -> std::result::Result<Reason, ClientError> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::Refused | ErrorKind::Invalid => {
            Ok(refusal(&error))
        }
        _ => Err(error),
    }
}
