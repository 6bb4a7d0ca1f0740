//! The suite itself: it passes who keeps the promises, and names each that is broken.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;

use super::promises::FIRST_DROPPED;
use super::{SubmitterUnderTest, Trouble, submitter_conformance};
use crate::act::{Act, Payload};
use crate::error::{ErrorKind, Result};
use crate::submitter::Submitter;
use crate::testing::{FakeSubmitter, Reaction};

mod desk;

use desk::{Breach, Desk};

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
