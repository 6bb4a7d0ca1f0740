//! What every submitter has to do.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{DROPS, broken, dropped_at, needs, promise};
use crate::act::{Act, Created, Release};
use crate::error::{ErrorKind, Result};
use crate::name::TargetId;
use crate::submitter::{Submission, Submitter};

/// What meets the next submit, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// The target carries it out, and the answer is lost: the connection breaks, the time is over, the answer is cut.
    AnswerLost,
    /// The target is not reached: the connection is refused.
    Unreachable,
    /// The target says no, by a rule of its own.
    Refused,
    /// It needs a person's approval: a price has changed. An act that was released goes through.
    NeedsApproval,
}

/// A submitter and its target, of which [`submitter_conformance`] can ask what an integration knows alone.
#[async_trait]
pub trait SubmitterUnderTest: Send + Sync {
    /// The submitter, always the same.
    fn submitter(&self) -> Arc<dyn Submitter>;

    /// Act number `n`, always the same for the same number, that the target takes and has not carried out before the
    /// suite. Numbers differ in their op keys.
    fn act(&self, n: u32) -> Act;

    /// How many documents the target has of the act, counted without the submitter; decoys do not count.
    ///
    /// # Errors
    /// Whatever kept it from being counted.
    async fn documents(&self, act: &Act) -> Result<usize>;

    /// Lets the next submit meet this; `false` if the target cannot be brought to it, and that promise is not checked.
    /// [`AnswerLost`](Trouble::AnswerLost) and [`Unreachable`](Trouble::Unreachable) are needed.
    ///
    /// # Errors
    /// Whatever kept it from being arranged.
    async fn meets(&self, trouble: Trouble) -> Result<bool>;

    /// Puts a document into the target that carries the act's reference and is another one: of another contractor, with
    /// other lines. `false` if the target cannot have such a thing.
    ///
    /// # Errors
    /// Whatever kept it from being put.
    async fn put_decoy(&self, act: &Act) -> Result<bool>;

    /// Waits until what is under way in the target has happened and can be seen.
    ///
    /// # Errors
    /// Whatever kept it from being waited for.
    async fn settles(&self) -> Result<()> {
        Ok(())
    }

    /// Act number `n` as the edit or the cancellation of a document that the target has under `id`: another version of it, by
    /// [`Act::of_document`], with a name of its own. `None` if the submitter carries out no such acts.
    /// [`documents`](Self::documents) of it tells how often the target has done that.
    fn change(&self, n: u32, id: &TargetId) -> Option<Act> {
        let _ = (n, id);
        None
    }

    /// The target itself makes no second document for an act's guid or reference.
    fn is_guarded_by_key(&self) -> bool {
        false
    }
}

/// Carries acts out and looks them up, with everything that may go wrong in between, and checks what a
/// [`Dispatcher`](crate::Dispatcher) relies on: what happened is found, what did not is not, nobody's document is taken for
/// the act's, and nothing is called not sent that may have happened. **It changes the target**: for a test system or a
/// simulator.
///
/// ```
/// use std::sync::Arc;
///
/// use async_trait::async_trait;
/// use chrono::DateTime;
/// use sync_core::testing::{FakeSubmitter, Reaction, SubmitterUnderTest, Trouble, submitter_conformance};
/// use sync_core::{Act, Payload, Result, Submitter};
///
/// struct Orders(Arc<FakeSubmitter>);
///
/// #[async_trait]
/// impl SubmitterUnderTest for Orders {
///     fn submitter(&self) -> Arc<dyn Submitter> {
///         self.0.clone()
///     }
///
///     fn act(&self, n: u32) -> Act {
///         let name = format!("order:demo:{n}");
///         Act::new(name.as_str(), name.as_str(), "order", Payload::from_json("{}"), DateTime::UNIX_EPOCH)
///     }
///
///     async fn documents(&self, act: &Act) -> Result<usize> {
///         Ok(self.0.documents().iter().filter(|op_key| **op_key == act.op_key).count())
///     }
///
///     async fn meets(&self, trouble: Trouble) -> Result<bool> {
///         self.0.script([match trouble {
///             Trouble::AnswerLost => Reaction::CreateThenFail,
///             Trouble::Unreachable => Reaction::NotSent,
///             Trouble::Refused => Reaction::Refuse,
///             Trouble::NeedsApproval => Reaction::Hold,
///             _ => return Ok(false),
///         }]);
///         Ok(true)
///     }
///
///     async fn put_decoy(&self, _: &Act) -> Result<bool> {
///         Ok(false)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// submitter_conformance(&Orders(Arc::new(FakeSubmitter::new()))).await
/// # }
/// ```
///
/// # Errors
/// The first promise that the submitter does not keep, as a [`Bug`](crate::ErrorKind::Bug); or the test's own error; or
/// [`Config`](crate::ErrorKind::Config) if the suite is not given what it needs.
pub async fn submitter_conformance(test: &dyn SubmitterUnderTest) -> Result<()> {
    let case = Case { test, submitter: test.submitter() };
    case.needed()?;
    case.done().await?;
    case.lost_answer().await?;
    case.unreachable().await?;
    case.refused().await?;
    case.released().await?;
    case.decoy().await?;
    case.submitted_again().await?;
    case.changed().await?;
    case.dropped().await
}

/// So many acts have a test of their own; the rest is dropped under way.
const FIRST_DROPPED: u32 = 20;

struct Case<'a> {
    test: &'a dyn SubmitterUnderTest,
    submitter: Arc<dyn Submitter>,
}

impl Case<'_> {
    fn needed(&self) -> Result<()> {
        let drops = u32::try_from(DROPS).unwrap_or(u32::MAX);
        let acts: Vec<Act> = (0..FIRST_DROPPED.saturating_add(drops)).map(|n| self.test.act(n)).collect();
        let names: BTreeSet<_> = acts.iter().map(|act| act.op_key.clone()).collect();
        needs(names.len() == acts.len(), "the suite needs acts whose op keys differ")?;
        let again = acts.iter().zip(0..).all(|(act, n)| self.test.act(n) == *act);
        needs(again, "the suite needs acts that are always the same for the same number")
    }

    /// The documents of an act, once what is under way has happened.
    async fn has(&self, act: &Act) -> Result<usize> {
        self.test.settles().await?;
        self.test.documents(act).await
    }

    /// Looks the act up twice: it changes nothing and says the same.
    async fn found(&self, act: &Act) -> Result<Option<Created>> {
        let before = self.has(act).await?;
        let found = self.submitter.look_up(act).await?;
        let again = self.submitter.look_up(act).await?;
        promise(found == again, "a look-up says the same again")?;
        promise(self.has(act).await? == before, "a look-up makes nothing")?;
        Ok(found)
    }

    async fn is_not_there(&self, act: &Act, words: &'static str) -> Result<()> {
        promise(self.found(act).await?.is_none() && self.has(act).await? == 0, words)
    }

    /// The act can be carried out now, and is there once.
    async fn goes_through(&self, act: &Act, words: &'static str) -> Result<Created> {
        let Submission::Done(created) = self.submitter.submit(act).await else { return Err(broken(words)) };
        promise(self.has(act).await? == 1, words)?;
        Ok(created)
    }

    async fn arranged(&self, trouble: Trouble) -> Result<()> {
        let words = "the suite needs answers that are lost and a target that is not reached";
        needs(self.test.meets(trouble).await?, words)
    }

    async fn done(&self) -> Result<()> {
        let (act, other) = (self.test.act(0), self.test.act(1));
        self.is_not_there(&act, "an act that was never submitted is looked up and not there").await?;
        let created =
            self.goes_through(&act, "an act that the target takes is done, with one document").await?;
        let found = self.found(&act).await?;
        let is_same = found.is_some_and(|found| found.target_id == created.target_id);
        promise(is_same, "what is done is looked up and found under the id that it was done with")?;
        self.is_not_there(&other, "the document of another act is not found").await?;
        let second = self.goes_through(&other, "an act after another one is done").await?;
        promise(second.target_id != created.target_id, "two acts have two documents")
    }

    async fn lost_answer(&self) -> Result<()> {
        let act = self.test.act(2);
        self.arranged(Trouble::AnswerLost).await?;
        let submission = self.submitter.submit(&act).await;
        needs(
            self.has(&act).await? == 1,
            "the suite needs an act that was carried out when its answer is lost",
        )?;
        promise(matches!(submission, Submission::InDoubt(_)), "an act whose answer is lost is in doubt")?;
        promise(self.found(&act).await?.is_some(), "an act whose answer is lost is found by its look-up")
    }

    async fn unreachable(&self) -> Result<()> {
        let act = self.test.act(3);
        self.arranged(Trouble::Unreachable).await?;
        let submission = self.submitter.submit(&act).await;
        promise(
            matches!(submission, Submission::NotSent(_)),
            "an act that did not reach the target was not sent",
        )?;
        self.is_not_there(&act, "an act that was not sent is not there").await?;
        self.goes_through(&act, "an act that was not sent is done once the target is reached").await.map(drop)
    }

    async fn refused(&self) -> Result<()> {
        let act = self.test.act(4);
        if !self.test.meets(Trouble::Refused).await? {
            return Ok(());
        }
        let submission = self.submitter.submit(&act).await;
        promise(matches!(submission, Submission::Refused(_)), "what the target refuses is refused")?;
        self.is_not_there(&act, "what was refused is not there").await
    }

    async fn released(&self) -> Result<()> {
        for stays_held in [false, true] {
            let act = self.test.act(5 + u32::from(stays_held));
            if !self.test.meets(Trouble::NeedsApproval).await? {
                return Ok(());
            }
            let submission = self.submitter.submit(&act).await;
            promise(matches!(submission, Submission::Held(_)), "what needs a person's approval is held")?;
            self.is_not_there(&act, "what is held is not there").await?;
            if stays_held {
                // the approval is of this act, not of the next
                let held = self.test.meets(Trouble::NeedsApproval).await?
                    && matches!(self.submitter.submit(&act.at(2, None)).await, Submission::Held(_));
                promise(held, "what nobody released is held again")?;
                continue;
            }
            let release = Release::new("conformance", "a person approves", DateTime::<Utc>::UNIX_EPOCH);
            let released = act.at(2, Some(release));
            self.test.meets(Trouble::NeedsApproval).await?;
            self.goes_through(&released, "what a person released goes through").await?;
        }
        Ok(())
    }

    async fn decoy(&self) -> Result<()> {
        let act = self.test.act(7);
        if !self.test.put_decoy(&act).await? {
            return Ok(());
        }
        self.test.settles().await?;
        // not to know, and to leave it to a person, is honest
        let adopted = match self.submitter.look_up(&act).await {
            Ok(found) => found.is_some(),
            Err(error) => {
                !matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Config | ErrorKind::Conflict)
            }
        };
        promise(!adopted, "a document with the act's reference and other content is not taken for the act's")
    }

    async fn submitted_again(&self) -> Result<()> {
        if !self.test.is_guarded_by_key() {
            return Ok(());
        }
        let act = self.test.act(8);
        let created = self.goes_through(&act, "an act that the target takes is done").await?;
        // as after look-ups that did not see it yet
        let again = self.submitter.submit(&act.clone().at(2, None)).await;
        promise(
            self.has(&act).await? == 1,
            "where the target guards by key, an act that comes again makes no second document",
        )?;
        match again {
            Submission::Done(again) => promise(
                again.target_id == created.target_id,
                "an act that comes again is done with the document that is there",
            ),
            // the look-up finds it
            Submission::InDoubt(_) => Ok(()),
            _ => Err(broken("an act that is there and comes again is done or in doubt")),
        }
    }

    async fn changed(&self) -> Result<()> {
        let act = self.test.act(9);
        let created = self.goes_through(&act, "an act that the target takes is done").await?;
        let Some(change) = self.test.change(9, &created.target_id) else { return Ok(()) };
        let is_named = change.version > 0 && change.document == act.op_key && change.op_key != act.op_key;
        needs(is_named, "the suite needs changes that are versions of the act's document")?;
        self.is_not_there(&change, "a change that was never submitted is looked up and not there").await?;
        let words = "a change of a document is done, on the document that is there";
        self.goes_through(&change, words).await?;
        promise(self.has(&act).await? == 1, words)?;
        promise(self.found(&change).await?.is_some(), "a change that is done is looked up and found")
    }

    async fn dropped(&self) -> Result<()> {
        for (n, polls) in (FIRST_DROPPED..).zip(1..=DROPS) {
            let act = self.test.act(n);
            let submission = dropped_at(polls, self.submitter.submit(&act)).await;
            let has = self.has(&act).await?;
            let found = self.found(&act).await?;
            promise(has <= 1, "a submit that is dropped makes one document at most")?;
            promise(
                found.is_some() == (has == 1),
                format!(
                    "a submit that is dropped at its {polls}. await is found if it happened, and only then"
                ),
            )?;
            if found.is_none() {
                self.goes_through(
                    &act,
                    "an act that was dropped before anything happened is done when it comes again",
                )
                .await?;
            }
            if submission.is_some() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::act::{Payload, act_guid};
    use crate::error::{Error, Reason};
    use crate::testing::{FakeSubmitter, Faults, Reaction, lock};

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Breach {
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
    struct Desk {
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
        fn new(breach: Breach) -> Arc<Self> {
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
            let document =
                Document { guid: act.guid, id: id.to_string(), content, is_half, changes: Vec::new() };
            let created = Created::new(document.id.as_str());
            documents.push(document);
            created
        }

        fn is_there(&self, act: &Act) -> bool {
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

    fn act(n: u32) -> Act {
        let name = format!("order-{n}");
        let payload = Payload::from_json(format!("{{\"order\":{n}}}"));
        Act::new(name.as_str(), name.as_str(), "order", payload, DateTime::UNIX_EPOCH)
    }

    #[tokio::test]
    async fn a_submitter_that_keeps_every_promise_passes_and_is_dropped_at_each_of_its_awaits() {
        let desk = Desk::new(Breach::None);
        submitter_conformance(&desk).await.unwrap();
        // before the writing, after it, and to the end
        assert!((0..3).all(|n| desk.is_there(&act(FIRST_DROPPED + n))));
        assert!(!desk.is_there(&act(FIRST_DROPPED + 3)));
    }

    #[tokio::test]
    async fn each_broken_promise_is_named() {
        for (breach, words) in [
            (Breach::FindsAnything, "never submitted is looked up and not there"),
            (Breach::MakesWhenLookingUp, "a look-up makes nothing"),
            (Breach::ForgetsTheId, "under the id that it was done with"),
            (Breach::OneIdForAll, "two acts have two documents"),
            (Breach::LostIsNotSent, "whose answer is lost is in doubt"),
            (Breach::LostIsRefused, "whose answer is lost is in doubt"),
            (Breach::CannotBeFound, "whose answer is lost is found"),
            (Breach::UnreachableIsInDoubt, "did not reach the target was not sent"),
            (Breach::UnreachableIsSent, "an act that was not sent is not there"),
            (Breach::RefusedIsInDoubt, "what the target refuses is refused"),
            (Breach::RefusedIsThere, "what was refused is not there"),
            (Breach::NeverLetsGo, "what a person released goes through"),
            (Breach::ApprovesItself, "what nobody released is held again"),
            (Breach::TakesDecoys, "is not taken for the act's"),
            (Breach::SecondDocument, "makes no second document"),
            (Breach::RefusesTheSecond, "comes again is done or in doubt"),
            (Breach::ChangeMakesAnother, "on the document that is there"),
            (Breach::ChangeIsNotFound, "a change that is done is looked up and found"),
            (Breach::HalfDone, "is found if it happened, and only then"),
        ] {
            let error = submitter_conformance(&Desk::new(breach)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Bug, "{breach:?}: {error}");
            assert!(error.to_string().contains(words), "{breach:?}: {error}");
        }
    }

    /// The fake of this crate, which guards by nothing and has no decoys.
    struct Fake(Arc<FakeSubmitter>, [Option<Reaction>; 4]);

    #[async_trait]
    impl SubmitterUnderTest for Fake {
        fn submitter(&self) -> Arc<dyn Submitter> {
            self.0.clone()
        }

        fn act(&self, n: u32) -> Act {
            act(n)
        }

        async fn documents(&self, act: &Act) -> Result<usize> {
            Ok(self.0.documents().iter().filter(|op_key| **op_key == act.op_key).count())
        }

        async fn meets(&self, trouble: Trouble) -> Result<bool> {
            let [lost, unreachable, refused, held] = self.1.clone();
            let reaction = match trouble {
                Trouble::AnswerLost => lost,
                Trouble::Unreachable => unreachable,
                Trouble::Refused => refused,
                Trouble::NeedsApproval => held,
            };
            self.0.script(reaction.clone());
            Ok(reaction.is_some())
        }

        async fn put_decoy(&self, _: &Act) -> Result<bool> {
            Ok(false)
        }
    }

    #[tokio::test]
    async fn the_fake_keeps_every_promise() {
        let all = [Reaction::CreateThenFail, Reaction::NotSent, Reaction::Refuse, Reaction::Hold].map(Some);
        submitter_conformance(&Fake(Arc::default(), all)).await.unwrap();
        let least = [Some(Reaction::CreateThenFail), Some(Reaction::NotSent), None, None];
        submitter_conformance(&Fake(Arc::default(), least)).await.unwrap();
    }

    #[tokio::test]
    async fn what_the_suite_is_not_given_shows() {
        let silent = [None, Some(Reaction::NotSent), None, None];
        let deaf = [Some(Reaction::CreateThenFail), None, None, None];
        // the act never arrived, so nothing was lost
        let wrong = [Some(Reaction::FailUnclear), Some(Reaction::NotSent), None, None];
        for given in [silent, deaf, wrong] {
            let error = submitter_conformance(&Fake(Arc::default(), given)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        }
    }
}
