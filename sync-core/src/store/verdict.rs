//! What a person's word does to an act, alike in all stores.

use crate::act::{ActState, Payload};
use crate::error::{Error, ErrorKind, Result};

const LEAVE_IT: &str = "leave the act alone, or look at it again once its state has changed";

/// What a person lets go when he releases an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Released {
    /// It was held: he approves.
    Approved,
    /// It was manual: the target does not have it.
    NotThere,
    /// It was rejected: the target is asked again, and it enters the line anew.
    Anew,
}

/// What a release means for an act in this state with this request.
pub(crate) fn released(state: ActState, payload: &Payload) -> Result<Released> {
    match state {
        ActState::Held => Ok(Released::Approved),
        ActState::Manual => Ok(Released::NotThere),
        ActState::Rejected if payload.as_json() == PRUNED => Err(Error::new(
            ErrorKind::Conflict,
            "a prune dropped the act's request: it can be resolved, not released",
        )
        .with_task("resolve the act")),
        ActState::Rejected => Ok(Released::Anew),
        _ => Err(Error::new(
            ErrorKind::Conflict,
            format!("the act is {}: what can be released is held, manual or rejected", state.as_str()),
        )
        .with_task(LEAVE_IT)),
    }
}

/// What is left of the request of an act that was settled long ago: no JSON, so no request is like it.
pub(crate) const PRUNED: &str = "";

/// A person's word about an act in this state is heard.
pub(crate) fn check_resolvable(state: ActState) -> Result<()> {
    match state {
        ActState::Sending | ActState::Done => {
            let words = "what is being sent is known once it is settled, what is done stays done";
            Err(Error::new(ErrorKind::Conflict, format!("the act is {}: {words}", state.as_str()))
                .with_task(LEAVE_IT))
        }
        _ => Ok(()),
    }
}
