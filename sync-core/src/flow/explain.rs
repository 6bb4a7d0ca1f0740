//! Why the target has what it has.

use super::{Flow, Result};
use crate::act::ActStatus;
use crate::name::{Key, OpKey, Part};
use crate::reject::{Reject, RejectFilter, RejectStage};
use crate::store::{ActFilter, SentOrigin};

/// What a part of a flow knows of a key: the answer to "why is this value there, or why is it not?". `Debug` shows no record
/// content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The part.
    pub part: Part,
    /// What was sent last, when, and by what run.
    pub sent: Option<SentOrigin>,
    /// Why the key was turned away last, since when, and how often.
    pub reject: Option<Reject>,
    /// The acts of its document, of a flow that ends in the outbox, by their [numbers](ActStatus::number): the one that makes
    /// it, its edits, its cancellation; where each stands and what it made.
    pub acts: Vec<ActStatus>,
}

impl Explanation {
    fn of(part: Part) -> Self {
        Self { part, sent: None, reject: None, acts: Vec::new() }
    }

    /// Whether the record is held back until a person [approves](Flow::approve).
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.reject.as_ref().is_some_and(|reject| reject.stage == RejectStage::Brake)
    }
}

impl Flow {
    /// Tells what is known of a key: one entry per part that has sent it or turned it away, by name. Without an entry it was
    /// never seen, or is left out, or was removed.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn explain(&self, key: &Key) -> Result<Vec<Explanation>> {
        let sent = self.store.explain(&self.name, key).await?;
        let mut told: Vec<Explanation> = sent
            .into_iter()
            .map(|origin| Explanation { sent: Some(origin.clone()), ..Explanation::of(origin.part) })
            .collect();
        for reject in self.store.rejects(&RejectFilter::of_flow(&self.name).key(key.clone())).await? {
            match told.iter_mut().find(|one| one.part == reject.part) {
                Some(one) => one.reject = Some(reject),
                None => {
                    let part = reject.part.clone();
                    told.push(Explanation { reject: Some(reject), ..Explanation::of(part) });
                }
            }
        }
        told.sort_by(|a, b| a.part.cmp(&b.part));
        if self.pipeline.makes_acts() {
            for one in &mut told {
                if let Some(document) = one.sent.as_ref().and_then(|origin| origin.sent.target_id.as_ref()) {
                    let acts = ActFilter::of_document(OpKey::from(document.as_str()));
                    one.acts = self.store.acts(&acts).await?;
                }
            }
        }
        Ok(told)
    }
}
