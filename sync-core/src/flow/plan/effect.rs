//! What would happen to records.

use serde::Serialize;

use crate::name::{Key, OpKey};

/// Something that would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// The part's own name.
    pub part: String,
    /// The record's key.
    pub key: Key,
    /// What.
    #[serde(flatten)]
    pub what: EffectKind,
}

/// What would happen to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EffectKind {
    /// It is written for the first time.
    Create,
    /// It is written again.
    Update,
    /// It is removed.
    Remove,
    /// An act is put into the outbox.
    Enqueue {
        /// The act's name.
        op_key: OpKey,
    },
    /// An act that surely has not happened is replaced.
    Replace {
        /// The act's name.
        op_key: OpKey,
    },
    /// An act that surely has not happened is taken out.
    Withdraw {
        /// The act's name.
        op_key: OpKey,
    },
    /// An act that changes the document of one that has happened is put into the outbox.
    Edit {
        /// The name of the act that made the document.
        op_key: OpKey,
    },
    /// An act that cancels the document of one that has happened is put into the outbox.
    Cancel {
        /// The name of the act that made the document.
        op_key: OpKey,
    },
    /// It is turned away, for the first time or once more.
    Reject {
        /// [`RejectStage::as_str`](crate::RejectStage::as_str).
        stage: &'static str,
        /// The reason's code.
        code: String,
    },
    /// The brake holds it back.
    Hold {
        /// The reason's code.
        code: String,
    },
}

impl EffectKind {
    /// The stable id.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Enqueue { .. } => "enqueue",
            Self::Replace { .. } => "replace",
            Self::Withdraw { .. } => "withdraw",
            Self::Edit { .. } => "edit",
            Self::Cancel { .. } => "cancel",
            Self::Reject { .. } => "reject",
            Self::Hold { .. } => "hold",
        }
    }

    pub(super) fn detail(&self) -> &str {
        match self {
            Self::Create | Self::Update | Self::Remove => "",
            Self::Enqueue { op_key }
            | Self::Replace { op_key }
            | Self::Withdraw { op_key }
            | Self::Edit { op_key }
            | Self::Cancel { op_key } => op_key.as_str(),
            Self::Reject { code, .. } | Self::Hold { code } => code,
        }
    }
}

/// How often each [`EffectKind`] would happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "named as the kinds they count")]
pub struct EffectCounts {
    pub create: u64,
    pub update: u64,
    pub remove: u64,
    pub enqueue: u64,
    pub replace: u64,
    pub withdraw: u64,
    pub edit: u64,
    pub cancel: u64,
    pub reject: u64,
    pub hold: u64,
}

impl EffectCounts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        let Self { create, update, remove, enqueue, replace, withdraw, edit, cancel, reject, hold } = *self;
        create + update + remove + enqueue + replace + withdraw + edit + cancel + reject + hold
    }

    pub(super) fn count(&mut self, what: &EffectKind) {
        *match what {
            EffectKind::Create => &mut self.create,
            EffectKind::Update => &mut self.update,
            EffectKind::Remove => &mut self.remove,
            EffectKind::Enqueue { .. } => &mut self.enqueue,
            EffectKind::Replace { .. } => &mut self.replace,
            EffectKind::Withdraw { .. } => &mut self.withdraw,
            EffectKind::Edit { .. } => &mut self.edit,
            EffectKind::Cancel { .. } => &mut self.cancel,
            EffectKind::Reject { .. } => &mut self.reject,
            EffectKind::Hold { .. } => &mut self.hold,
        } += 1;
    }
}
