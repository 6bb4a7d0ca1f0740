//! A target of acts in memory.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::act::{Act, Created};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::name::OpKey;
use crate::submitter::{Submission, Submitter};

/// How the fake target reacts to a submit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reaction {
    /// It makes the document and says so.
    Create,
    /// It makes the document, and the answer is lost.
    CreateThenFail,
    /// It makes nothing, and the answer is lost.
    FailUnclear,
    /// It was never reached.
    NotSent,
    /// It says no.
    Refuse,
    /// It wants a person's approval; an act released by a person goes through.
    Hold,
    /// It makes the document and never answers.
    CreateThenHang,
    /// It makes nothing and never answers.
    Hang,
}

/// A target that makes a document at *each* submit, so that a second one is seen.
#[derive(Default)]
pub struct FakeSubmitter {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Reaction>,
    documents: Vec<OpKey>,
    submits: Vec<Act>,
    look_ups: Vec<OpKey>,
    look_up_error: Option<ErrorKind>,
    hidden: bool,
}

impl FakeSubmitter {
    /// A target that creates whatever it gets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next submits are reacted to so, one each; after that it creates.
    pub fn script(&self, reactions: impl IntoIterator<Item = Reaction>) {
        lock(&self.state).script.extend(reactions);
    }

    /// Look-ups fail so from now on, or work again.
    pub fn fail_look_ups(&self, kind: Option<ErrorKind>) {
        lock(&self.state).look_up_error = kind;
    }

    /// Documents are there but look-ups do not see them yet.
    pub fn hide_documents(&self, hidden: bool) {
        lock(&self.state).hidden = hidden;
    }

    /// The acts of which there is a document, in the order of their making, with doubles.
    #[must_use]
    pub fn documents(&self) -> Vec<OpKey> {
        lock(&self.state).documents.clone()
    }

    /// The acts that were submitted, in order.
    #[must_use]
    pub fn submits(&self) -> Vec<Act> {
        lock(&self.state).submits.clone()
    }

    /// The acts that were looked up, in order.
    #[must_use]
    pub fn look_ups(&self) -> Vec<OpKey> {
        lock(&self.state).look_ups.clone()
    }

    fn create(&self, act: &Act) -> Created {
        let mut state = lock(&self.state);
        state.documents.push(act.op_key.clone());
        created(act)
    }
}

fn created(act: &Act) -> Created {
    Created::new(format!("doc-{}", act.op_key)).with_number("BUFOR")
}

#[async_trait]
impl Submitter for FakeSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let reaction = {
            let mut state = lock(&self.state);
            state.submits.push(act.clone());
            state.script.pop_front().unwrap_or(Reaction::Create)
        };
        match reaction {
            Reaction::Create => Submission::Done(self.create(act)),
            Reaction::Hold if act.released.is_some() => Submission::Done(self.create(act)),
            Reaction::Hold => Submission::Held(Reason::new("needs-approval")),
            Reaction::CreateThenFail => {
                self.create(act);
                Submission::InDoubt(Error::new(ErrorKind::Ambiguous, "the answer was lost"))
            }
            Reaction::FailUnclear => {
                Submission::InDoubt(Error::new(ErrorKind::Ambiguous, "the answer was lost"))
            }
            Reaction::NotSent => Submission::NotSent(Error::transient("not connected")),
            Reaction::Refuse => Submission::Refused(Reason::new("refused")),
            Reaction::CreateThenHang => {
                self.create(act);
                pending().await
            }
            Reaction::Hang => pending().await,
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let mut state = lock(&self.state);
        state.look_ups.push(act.op_key.clone());
        if let Some(kind) = state.look_up_error {
            return Err(Error::new(kind, "scripted look-up error"));
        }
        let there = !state.hidden && state.documents.contains(&act.op_key);
        Ok(there.then(|| created(act)))
    }
}

impl fmt::Debug for FakeSubmitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeSubmitter")
    }
}
