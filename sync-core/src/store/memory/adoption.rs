//! Takes over what another store has.

use super::{MemoryStore, PartRow};
use crate::act::ActStatus;
use crate::link::{LinkRef, LinkSide};
use crate::name::Part;
use crate::reject::Reject;
use crate::seen::SeenChunk;
use crate::store::PartStatus;
use crate::webhook::Hint;

impl MemoryStore {
    pub(crate) fn adopt_part(&self, status: &PartStatus) {
        let row = PartRow {
            revision: status.revision,
            position: Some(status.position.clone()),
            population: status.population,
            approval: status.approval.clone(),
            command: status.command.clone(),
            committed_at: Some(status.committed_at),
            last_ok_at: status.last_ok_at,
            ..PartRow::default()
        };
        self.lock().parts.insert(status.part.clone(), row);
    }

    pub(crate) fn adopt_seen(&self, part: &Part, chunks: Vec<SeenChunk>) {
        if let Some(row) = self.lock().parts.get_mut(part) {
            row.seen = chunks.into_iter().map(|chunk| (chunk.number, chunk)).collect();
        }
    }

    pub(crate) fn adopt_reject(&self, reject: Reject) {
        self.lock().rejects.insert((reject.part.clone(), reject.key.clone()), reject);
    }

    pub(crate) fn adopt_hint(&self, part: &Part, hint: Hint) {
        self.lock().adopt_hint(part, hint, self.clock.now());
    }

    pub(crate) fn adopt_link(&self, known: &LinkRef, other: &str) {
        let (kind, id, other) = (known.kind.clone(), known.id.clone(), other.to_owned());
        let mut state = self.lock();
        match known.known {
            LinkSide::A => state.links_by_a.insert((kind, id), other),
            LinkSide::B => state.links_by_b.insert((kind, id), other),
        };
    }

    pub(crate) fn adopt_act(&self, part: &Part, status: ActStatus) {
        self.lock().acts.adopt(part.clone(), status);
    }
}
