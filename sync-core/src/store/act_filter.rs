//! Which acts to list.

use crate::act::{ActState, ActStatus};
use crate::name::{ActKind, OpKey, OrderKey};

/// Which acts to list. All conditions hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActFilter {
    /// Only these states; empty: all.
    pub states: Vec<ActState>,
    /// Only these kinds; empty: all.
    pub kinds: Vec<ActKind>,
    /// Only this act.
    pub op_key: Option<OpKey>,
    /// Only the acts of this document: the one that makes it, its edits, its cancellation.
    pub document: Option<OpKey>,
    /// Only acts of this order key.
    pub order_key: Option<OrderKey>,
    /// Only those after this [number](ActStatus::number): to list them page by page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl ActFilter {
    /// All acts.
    #[must_use]
    pub fn all() -> Self {
        Self {
            states: Vec::new(),
            kinds: Vec::new(),
            op_key: None,
            document: None,
            order_key: None,
            after: None,
            limit: usize::MAX,
        }
    }

    /// Acts that are not settled.
    #[must_use]
    pub fn open() -> Self {
        Self::all().states([
            ActState::Ready,
            ActState::Sending,
            ActState::InDoubt,
            ActState::Held,
            ActState::Manual,
        ])
    }

    /// Acts that are done or rejected.
    #[must_use]
    pub fn settled() -> Self {
        Self::all().states([ActState::Done, ActState::Rejected])
    }

    /// The act with this name.
    #[must_use]
    pub fn one(op_key: impl Into<OpKey>) -> Self {
        Self { op_key: Some(op_key.into()), ..Self::all() }
    }

    /// The acts of this document.
    #[must_use]
    pub fn of_document(document: impl Into<OpKey>) -> Self {
        Self { document: Some(document.into()), ..Self::all() }
    }

    /// Only these states.
    #[must_use]
    pub fn states(mut self, states: impl IntoIterator<Item = ActState>) -> Self {
        self.states = states.into_iter().collect();
        self
    }

    /// Only these kinds.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = ActKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Only acts of this order key.
    #[must_use]
    pub fn order_key(mut self, order_key: impl Into<OrderKey>) -> Self {
        self.order_key = Some(order_key.into());
        self
    }

    /// Only those after this [number](ActStatus::number).
    #[must_use]
    pub fn after(mut self, number: u64) -> Self {
        self.after = Some(number);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether this act is meant, the limit aside.
    #[must_use]
    pub fn matches(&self, status: &ActStatus) -> bool {
        let act = &status.act;
        (self.states.is_empty() || self.states.contains(&status.state))
            && (self.kinds.is_empty() || self.kinds.contains(&act.kind))
            && self.op_key.as_ref().is_none_or(|wanted| *wanted == act.op_key)
            && self.document.as_ref().is_none_or(|wanted| *wanted == act.document)
            && self.order_key.as_ref().is_none_or(|wanted| *wanted == act.order_key)
            && self.after.is_none_or(|after| status.number > after)
    }
}
