//! What a submitter promises, one by one.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::{DROPS, broken, dropped_at, needs, promise};
use super::{SubmitterUnderTest, Trouble};
use crate::act::{Act, Created, Release};
use crate::error::{ErrorKind, Result};
use crate::submitter::{Submission, Submitter};

/// So many acts have a test of their own; the rest is dropped under way.
pub(super) const FIRST_DROPPED: u32 = 20;

pub(super) struct Case<'a> {
    pub(super) test: &'a dyn SubmitterUnderTest,
    pub(super) submitter: Arc<dyn Submitter>,
}

impl Case<'_> {
    pub(super) fn needed(&self) -> Result<()> {
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

    pub(super) async fn done(&self) -> Result<()> {
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

    pub(super) async fn lost_answer(&self) -> Result<()> {
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

    pub(super) async fn unreachable(&self) -> Result<()> {
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

    pub(super) async fn refused(&self) -> Result<()> {
        let act = self.test.act(4);
        if !self.test.meets(Trouble::Refused).await? {
            return Ok(());
        }
        let submission = self.submitter.submit(&act).await;
        promise(matches!(submission, Submission::Refused(_)), "what the target refuses is refused")?;
        self.is_not_there(&act, "what was refused is not there").await
    }

    pub(super) async fn released(&self) -> Result<()> {
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

    pub(super) async fn decoy(&self) -> Result<()> {
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

    pub(super) async fn submitted_again(&self) -> Result<()> {
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

    pub(super) async fn changed(&self) -> Result<()> {
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

    pub(super) async fn dropped(&self) -> Result<()> {
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
