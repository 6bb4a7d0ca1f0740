//! A person's word on what became of an act.

use super::{ActState, Created};
use crate::error::Reason;

/// What a person found out about an act that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It happened: the person found it in the target, or made it there.
    Happened(Created),
    /// It did not happen and shall not: the person has seen that the target does not have it.
    GivenUp,
}

impl Verdict {
    /// The state it leads to.
    #[must_use]
    pub fn state(&self) -> ActState {
        match self {
            Self::Happened(_) => ActState::Done,
            Self::GivenUp => ActState::Rejected,
        }
    }

    /// The reason that is kept with the act: who decided so, and why.
    pub(crate) fn reason(&self, by: &str, why: &str) -> Reason {
        let code = match self {
            Self::Happened(_) => Reason::RESOLVED,
            Self::GivenUp => Reason::GIVEN_UP,
        };
        Reason::new(code).with_detail(format!("{by}: {why}"))
    }
}
