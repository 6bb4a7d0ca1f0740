//! The set of records that a full pass has seen.
//!
//! Every key that was sent has a number, its slot. A full pass ticks off the slots it saw in a set of bits, of which a page
//! commits only the chunks it touched. So a pass over unchanged records writes next to nothing: an update of every row would
//! cost more than all the rest.

use std::collections::{BTreeMap, BTreeSet};

/// Bytes of one chunk.
const CHUNK_BYTES: usize = 4096;

/// Slots of one chunk.
const CHUNK_SLOTS: u64 = CHUNK_BYTES as u64 * 8;

/// A piece of the set of seen slots.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenChunk {
    /// Its number: it holds the slots from `number * 32768` on.
    pub number: u64,
    /// 4096 bytes, the lowest slot in the lowest bit of the first.
    pub bits: Vec<u8>,
}

impl SeenChunk {
    /// Slots of one chunk.
    pub const SLOTS: u64 = CHUNK_SLOTS;

    /// The chunk of this number: for stores.
    #[must_use]
    pub fn new(number: u64, bits: Vec<u8>) -> Self {
        Self { number, bits }
    }

    /// The number of the chunk that holds `slot`, the byte within it and the bit within that.
    #[must_use]
    pub fn place(slot: u64) -> (u64, usize, u8) {
        let within = slot % CHUNK_SLOTS;
        // below 4096 and below 8
        (slot / CHUNK_SLOTS, usize::try_from(within / 8).unwrap_or_default(), 1 << (within % 8))
    }
}

/// The set of seen slots, with the chunks that changed since they were stored.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    chunks: BTreeMap<u64, Vec<u8>>,
    changed: BTreeSet<u64>,
    count: u64,
}

impl Seen {
    pub(crate) fn of(chunks: Vec<SeenChunk>) -> Self {
        let count =
            chunks.iter().flat_map(|chunk| &chunk.bits).map(|byte| u64::from(byte.count_ones())).sum();
        let chunks = chunks.into_iter().map(|chunk| (chunk.number, chunk.bits)).collect();
        Self { chunks, changed: BTreeSet::new(), count }
    }

    /// How many slots were seen.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn insert(&mut self, slot: u64) {
        let (number, byte, bit) = SeenChunk::place(slot);
        let chunk = self.chunks.entry(number).or_insert_with(|| vec![0; CHUNK_BYTES]);
        if let Some(byte) = chunk.get_mut(byte)
            && *byte & bit == 0
        {
            *byte |= bit;
            self.count += 1;
            self.changed.insert(number);
        }
    }

    pub(crate) fn contains(&self, slot: u64) -> bool {
        let (number, byte, bit) = SeenChunk::place(slot);
        let byte = self.chunks.get(&number).and_then(|chunk| chunk.get(byte));
        byte.is_some_and(|byte| byte & bit != 0)
    }

    pub(crate) fn remove(&mut self, slot: u64) {
        let (number, byte, bit) = SeenChunk::place(slot);
        if let Some(byte) = self.chunks.get_mut(&number).and_then(|chunk| chunk.get_mut(byte))
            && *byte & bit != 0
        {
            *byte &= !bit;
            self.count -= 1;
            self.changed.insert(number);
        }
    }

    /// The chunks to be stored.
    pub(crate) fn take_changed(&mut self) -> Vec<SeenChunk> {
        let changed = std::mem::take(&mut self.changed);
        let chunk = |number| Some(SeenChunk::new(number, self.chunks.get(&number)?.clone()));
        changed.into_iter().filter_map(chunk).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_and_go_and_only_touched_chunks_are_stored() {
        let mut seen = Seen::default();
        for slot in [0, 7, 8, 32_767, 32_768, 7] {
            seen.insert(slot);
        }
        seen.remove(8);
        seen.remove(9);
        assert_eq!(seen.count(), 4);
        let stored = seen.take_changed();
        assert_eq!(stored.iter().map(|chunk| chunk.number).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(
            (stored[0].bits[0], stored[0].bits[1], stored[0].bits[4095]),
            (0b1000_0001, 0, 0b1000_0000)
        );
        let mut again = Seen::of(stored);
        assert_eq!((again.count(), again.take_changed().len()), (4, 0));
        again.insert(32_769);
        assert_eq!(again.take_changed()[0].bits[0], 0b11);
    }
}
