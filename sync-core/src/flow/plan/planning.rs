//! What a flow that is being planned notes instead of doing it.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Effect, EffectCounts, EffectKind, PlanSettings};
use crate::act::ActOutcome;
use crate::fingerprint::Fingerprint;
use crate::name::{Key, OpKey, Part};
use crate::reject::{NewReject, RejectStage};
use crate::source::Item;

/// What a flow that is being planned notes instead of doing it.
#[derive(Debug)]
pub(crate) struct Planning {
    settings: PlanSettings,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) effects: Vec<Effect>,
    pub(super) totals: EffectCounts,
    pub(super) hasher: blake3::Hasher,
    /// Parts whose full pass was asked for.
    pub(super) passed: BTreeSet<Part>,
    /// Hashes of what a queue has given.
    pub(super) receipts: BTreeSet<[u8; 16]>,
    pub(super) is_cut: bool,
}

impl Planning {
    pub(super) fn new(settings: PlanSettings) -> Self {
        Self { settings, noted: Mutex::default() }
    }

    pub(super) fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a full pass of the part is to be planned: true once.
    pub(crate) fn wants_pass(&self, part: &Part) -> bool {
        self.settings.full_pass && self.noted().passed.insert(part.clone())
    }

    /// Whether the queue gives nothing that it has not given before.
    pub(crate) fn repeats<R>(&self, part: &Part, items: &[Item<R>], is_last: bool) -> bool {
        let receipts: Vec<[u8; 16]> = items
            .iter()
            .filter_map(Item::receipt)
            .map(|receipt| {
                let name = part.name();
                let text = format!("{}:{name}{}", name.len(), receipt.as_str());
                Fingerprint::of(&text).map(|print| *print.as_bytes()).unwrap_or_default()
            })
            .collect();
        let mut noted = self.noted();
        let repeats = !receipts.is_empty() && receipts.iter().all(|receipt| noted.receipts.contains(receipt));
        noted.receipts.extend(receipts);
        noted.is_cut |= repeats && !is_last;
        repeats
    }

    /// A write that the sink would get; a removal has no fingerprint.
    pub(crate) fn write(&self, part: &Part, key: &Key, print: Option<Fingerprint>, was_there: bool) {
        let what = match (print, was_there) {
            (None, _) => EffectKind::Remove,
            (Some(_), false) => EffectKind::Create,
            (Some(_), true) => EffectKind::Update,
        };
        self.note(part, key, what, print);
    }

    pub(super) fn reject(&self, part: &Part, reject: &NewReject) {
        let code = reject.reason.code().to_owned();
        let what = match reject.stage {
            RejectStage::Brake => EffectKind::Hold { code },
            stage => EffectKind::Reject { stage: stage.as_str(), code },
        };
        self.note(part, &reject.key, what, None);
    }

    pub(super) fn act(
        &self,
        part: &Part,
        key: &Key,
        op_key: OpKey,
        outcome: ActOutcome,
        content: Option<Fingerprint>,
    ) {
        let what = match outcome {
            ActOutcome::Enqueued => EffectKind::Enqueue { op_key },
            ActOutcome::Replaced => EffectKind::Replace { op_key },
            ActOutcome::Dropped => EffectKind::Withdraw { op_key },
            ActOutcome::Edited => EffectKind::Edit { op_key },
            ActOutcome::Cancelled => EffectKind::Cancel { op_key },
            ActOutcome::TooLate(code) => {
                EffectKind::Reject { stage: RejectStage::Outbox.as_str(), code: code.to_owned() }
            }
            ActOutcome::Same | ActOutcome::Unknown => return,
        };
        self.note(part, key, what, content);
    }

    fn note(&self, part: &Part, key: &Key, what: EffectKind, content: Option<Fingerprint>) {
        let mut noted = self.noted();
        noted.totals.count(&what);
        for text in [part.name(), key.as_str(), what.as_str(), what.detail()] {
            noted.hasher.update(&(text.len() as u64).to_le_bytes());
            noted.hasher.update(text.as_bytes());
        }
        noted.hasher.update(&[u8::from(content.is_some())]);
        noted.hasher.update(content.as_ref().map_or(&[], |print| print.as_bytes().as_slice()));
        if noted.effects.len() < self.settings.most_effects {
            noted.effects.push(Effect { part: part.name().to_owned(), key: key.clone(), what });
        }
    }
}
