//! Where an act stands.

/// Where an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ActState {
    /// Waits for its (next) attempt.
    Ready,
    /// Claimed by a dispatcher.
    Sending,
    /// Nobody knows whether it happened: it is looked up, not repeated.
    InDoubt,
    /// Waits for a person's approval.
    Held,
    /// In doubt, and cannot be looked up: a person decides.
    Manual,
    /// It happened.
    Done,
    /// The target refused it.
    Rejected,
}

impl ActState {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::InDoubt => "in_doubt",
            Self::Held => "held",
            Self::Manual => "manual",
            Self::Done => "done",
            Self::Rejected => "rejected",
        }
    }

    /// The state with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        [Self::Ready, Self::Sending, Self::InDoubt, Self::Held, Self::Manual, Self::Done, Self::Rejected]
            .into_iter()
            .find(|state| state.as_str() == id)
    }

    /// Nothing more happens to it by itself.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Rejected)
    }
}
