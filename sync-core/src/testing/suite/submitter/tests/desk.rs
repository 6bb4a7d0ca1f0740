//! A target that guards by guid, with a submitter that breaks one promise.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::DateTime;

use super::act;
use crate::act::{Act, Created, Payload, act_guid};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::name::TargetId;
use crate::submitter::{Submission, Submitter};
use crate::testing::suite::submitter::{SubmitterUnderTest, Trouble};
use crate::testing::{Faults, lock};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Breach {
    None,
    ForgetsTheId,
    OneIdForAll,
    FindsAnything,
    MakesWhenLookingUp,
    LostIsNotSent,
    LostIsRefused,
    CannotBeFound,
    UnreachableIsInDoubt,
    UnreachableIsSent,
    RefusedIsInDoubt,
    RefusedIsThere,
    ApprovesItself,
    NeverLetsGo,
    TakesDecoys,
    SecondDocument,
    RefusesTheSecond,
    HalfDone,
    ChangeMakesAnother,
    ChangeIsNotFound,
}

#[derive(Clone)]
struct Document {
    guid: uuid::Uuid,
    id: String,
    content: String,
    /// Only the first half of the writing was done.
    is_half: bool,
    /// The guids of the acts that changed it.
    changes: Vec<uuid::Uuid>,
}

/// The place of the document that a change is about.
fn place_of(documents: &[Document], change: &Act) -> Option<usize> {
    documents.iter().position(|document| document.guid == act_guid(&change.document))
}

/// A target that guards by guid, and its submitter.
#[derive(Debug)]
pub(super) struct Desk {
    breach: Breach,
    // gives way before and after its work
    calls: Faults,
    documents: Mutex<Vec<Document>>,
    trouble: Mutex<Option<Trouble>>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Document")
    }
}

impl Desk {
    pub(super) fn new(breach: Breach) -> Arc<Self> {
        Arc::new(Self {
            breach,
            calls: Faults::none(),
            documents: Mutex::default(),
            trouble: Mutex::default(),
        })
    }

    fn write(&self, act: &Act, is_half: bool) -> Created {
        let mut documents = lock(&self.documents);
        if act.version > 0
            && let Some(place) = place_of(&documents, act)
        {
            if self.breach == Breach::ChangeMakesAnother {
                let another = documents[place].clone();
                documents.push(another);
            }
            if !is_half {
                documents[place].changes.push(act.guid);
            }
            return Created::new(documents[place].id.as_str());
        }
        let content = act.payload.as_json().to_owned();
        let there = documents.iter_mut().find(|document| document.guid == act.guid);
        if let Some(document) = there.filter(|_| self.breach != Breach::SecondDocument) {
            document.is_half &= is_half;
            return Created::new(document.id.as_str());
        }
        let id = if self.breach == Breach::OneIdForAll { 0 } else { documents.len() };
        let document = Document { guid: act.guid, id: id.to_string(), content, is_half, changes: Vec::new() };
        let created = Created::new(document.id.as_str());
        documents.push(document);
        created
    }

    pub(super) fn is_there(&self, act: &Act) -> bool {
        lock(&self.documents).iter().any(|document| document.guid == act.guid)
    }
}

#[async_trait]
impl Submitter for Desk {
    async fn submit(&self, act: &Act) -> Submission {
        let lost = || Error::new(ErrorKind::Ambiguous, "the answer was lost");
        let trouble = lock(&self.trouble).take();
        match trouble {
            Some(Trouble::AnswerLost) => {
                self.write(act, false);
                return match self.breach {
                    Breach::LostIsNotSent => Submission::NotSent(lost()),
                    Breach::LostIsRefused => Submission::Refused(Reason::from(lost())),
                    _ => Submission::InDoubt(lost()),
                };
            }
            Some(Trouble::Unreachable) => {
                if self.breach == Breach::UnreachableIsSent {
                    self.write(act, false);
                }
                return match self.breach {
                    Breach::UnreachableIsInDoubt => Submission::InDoubt(lost()),
                    _ => Submission::NotSent(Error::transient("not connected")),
                };
            }
            Some(Trouble::Refused) => {
                if self.breach == Breach::RefusedIsThere {
                    self.write(act, false);
                }
                return match self.breach {
                    Breach::RefusedIsInDoubt => Submission::InDoubt(lost()),
                    _ => Submission::Refused(Reason::new("closed-period")),
                };
            }
            Some(Trouble::NeedsApproval) => {
                let is_approved = act.released.is_some() && self.breach != Breach::NeverLetsGo;
                let is_again = act.attempt > 1 && self.breach == Breach::ApprovesItself;
                if !is_approved && !is_again {
                    return Submission::Held(Reason::new("needs-approval"));
                }
            }
            None => {}
        }
        if self.breach == Breach::RefusesTheSecond && self.is_there(act) {
            return Submission::Refused(Reason::new("duplicate"));
        }
        if self.breach == Breach::HalfDone {
            let _ = self.calls.around(async { Ok(self.write(act, true)) }).await;
        }
        match self.calls.around(async { Ok(self.write(act, false)) }).await {
            Ok(created) => Submission::Done(created),
            Err(error) => Submission::InDoubt(error),
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        match self.breach {
            Breach::FindsAnything => return Ok(Some(Created::new("0"))),
            Breach::CannotBeFound if act.op_key.as_str() == "order-2" => return Ok(None),
            Breach::ForgetsTheId if self.is_there(act) => return Ok(Some(Created::new("unknown"))),
            Breach::MakesWhenLookingUp => return Ok(Some(self.write(act, false))),
            _ => {}
        }
        let documents = lock(&self.documents);
        if act.version > 0 {
            let is_it = |document: &&Document| document.changes.contains(&act.guid);
            let found = documents.iter().find(is_it).filter(|_| self.breach != Breach::ChangeIsNotFound);
            return Ok(found.map(|document| Created::new(document.id.as_str())));
        }
        let is_it = |document: &&Document| {
            let is_same = document.content == act.payload.as_json() || self.breach == Breach::TakesDecoys;
            document.guid == act.guid && is_same && !document.is_half
        };
        Ok(documents.iter().find(is_it).map(|document| Created::new(document.id.as_str())))
    }
}

#[async_trait]
impl SubmitterUnderTest for Arc<Desk> {
    fn submitter(&self) -> Arc<dyn Submitter> {
        self.clone()
    }

    fn act(&self, n: u32) -> Act {
        act(n)
    }

    async fn documents(&self, act: &Act) -> Result<usize> {
        let documents = lock(&self.documents);
        if act.version > 0 {
            let changes = documents.iter().flat_map(|document| &document.changes);
            return Ok(changes.filter(|guid| **guid == act.guid).count());
        }
        let is_it =
            |document: &&Document| document.guid == act.guid && document.content == act.payload.as_json();
        Ok(documents.iter().filter(is_it).count())
    }

    async fn meets(&self, trouble: Trouble) -> Result<bool> {
        *lock(&self.trouble) = Some(trouble);
        Ok(true)
    }

    async fn put_decoy(&self, act: &Act) -> Result<bool> {
        let content = "\"of somebody else\"".to_owned();
        lock(&self.documents).push(Document {
            guid: act.guid,
            id: "decoy".into(),
            content,
            is_half: false,
            changes: Vec::new(),
        });
        Ok(true)
    }

    fn is_guarded_by_key(&self) -> bool {
        true
    }

    fn change(&self, n: u32, id: &TargetId) -> Option<Act> {
        let (act, edit) = (act(n), format!("order-{n}#1"));
        let edit = Act::new(edit, act.order_key, "edit", Payload::from_json("{}"), DateTime::UNIX_EPOCH);
        Some(edit.of_document(act.op_key, 1, Some(id.clone())))
    }
}
