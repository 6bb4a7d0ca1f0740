//! What counts as sent where nobody knows whether it was.

use crate::fingerprint::Fingerprint;
use crate::store::{Population, Sent};

/// The content of what was sent before, and since then may or may not have been written again.
const UNKNOWN: Fingerprint = Fingerprint::from_bytes([0; 16]);

/// The content of what may or may not have been written for the first time.
pub(super) const FIRST: Fingerprint = Fingerprint::from_bytes([1; 16]);

/// What counts as sent of a key of which nobody knows whether it was written.
pub(super) fn in_doubt(sent: Option<Sent>, population: &mut Population) -> Sent {
    match sent {
        Some(Sent { fingerprint: FIRST, slot, .. }) => Sent::new(FIRST, None).in_slot(slot),
        Some(sent) => Sent::new(UNKNOWN, sent.target_id).in_slot(sent.slot),
        None => Sent::new(FIRST, None).in_slot(population.add()),
    }
}
