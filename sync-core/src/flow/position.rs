//! What the watchdog reads of a part's position.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::state::PartState;
use crate::cursor::Keyset;
use crate::error::Result;
use crate::full_pass::Held;

/// What a stored position says of how the part stands, whatever source it is of.
#[derive(Debug, Default)]
pub(crate) struct FlowPosition {
    /// Nobody needs the part any more.
    pub(crate) retired: bool,
    /// What is held back.
    pub(crate) held: Option<Held>,
    /// The source's clock as it was told last.
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// Up to this instant a cycle under way has read, of a list ordered by instants.
    pub(crate) read_up_to: Option<DateTime<Utc>>,
}

/// The cursor of a [`Reconciled`](crate::Reconciled) source in its changes.
#[derive(Deserialize)]
struct Changes {
    changes: Keyset,
}

impl FlowPosition {
    pub(crate) fn read(stored: &str) -> Result<Self> {
        let PartState { cursor, as_of, held, retired, .. } = PartState::of_any_source(stored)?;
        // another sort of cursor holds no instant that is known here
        let keyset = cursor.and_then(|raw| {
            let changes = serde_json::from_str::<Changes>(raw.get()).map(|cursor| cursor.changes);
            changes.or_else(|_| serde_json::from_str(raw.get())).ok()
        });
        Ok(Self { retired, held, as_of, read_up_to: keyset.as_ref().and_then(Keyset::read_up_to) })
    }
}
