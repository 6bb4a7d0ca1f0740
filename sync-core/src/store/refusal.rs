//! What stores refuse, alike in all of them.

use crate::error::{Error, ErrorKind, Reason, Result};
use crate::lease::Lease;
use crate::link::Link;
use crate::name::{Key, Part};
use crate::reject::{NewReject, RejectStage};

/// The reject of a link that contradicts a stored one: one per kind and `a`.
pub(crate) fn link_conflict(link: &Link) -> NewReject {
    let key = Key::from(format!("link:{}:{}", link.kind, link.a));
    NewReject::new(key, RejectStage::Link, Reason::new(Reason::LINK_CONFLICT))
}

pub(crate) fn link_contradiction() -> Error {
    Error::new(ErrorKind::Conflict, "a link contradicts another one")
}

/// A lease is for the parts of its own flow.
pub(crate) fn check_flow(part: &Part, lease: &Lease) -> Result<()> {
    if part.flow() == &lease.flow {
        return Ok(());
    }
    Err(Error::bug("a commit under another flow's lease"))
}

pub(crate) fn no_such_part() -> Error {
    Error::new(ErrorKind::NotFound, "the part was never committed")
}

pub(crate) fn command_waits() -> Error {
    Error::new(ErrorKind::Conflict, "another command waits for the flow's next step")
        .with_task("let the flow run, then give the command again")
}

pub(crate) fn lease_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "the lease was given back or taken by somebody else")
}

pub(crate) fn claim_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "the claim lapsed or was settled by somebody else")
}

pub(crate) fn revision_conflict() -> Error {
    Error::new(ErrorKind::RevisionConflict, "somebody else moved the flow's position")
}

pub(crate) fn no_such_act() -> Error {
    Error::new(ErrorKind::NotFound, "there is no act of this op key")
        .with_task("look the name up among the acts that are open or refused")
}
