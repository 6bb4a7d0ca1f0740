//! What every submitter has to do.

use std::sync::Arc;

use async_trait::async_trait;

use crate::act::Act;
use crate::error::Result;
use crate::name::TargetId;
use crate::submitter::Submitter;

mod promises;
#[cfg(test)]
mod tests;

use promises::Case;

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
