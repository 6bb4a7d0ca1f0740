//! Hashes of mapped records.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::name::FlowName;

/// BLAKE3 over a record's JSON bytes, the first 128 bits: it tells versions of one record apart, it guards nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The hash of a value's JSON.
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if it does not serialise.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        Fingerprinter::new(&[]).hash(value)
    }

    /// What a flow keeps of a record that it sent, if its mapper had this [version](crate::Mapper::version): for
    /// [`Mapper::echo_of`](crate::Mapper::echo_of).
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if it does not serialise.
    pub fn sent_by<T: Serialize + ?Sized>(flow: &FlowName, mapping_version: u32, out: &T) -> Result<Self> {
        Fingerprinter::of_flow(flow, mapping_version).hash(out)
    }

    /// A hash as it was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Fingerprint({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// Hashes records under a context (flow and mapping version), so that the same bytes of another mapping differ.
#[derive(Debug)]
pub struct Fingerprinter {
    /// The context, as the key of the hash.
    key: [u8; blake3::KEY_LEN],
    buffer: Vec<u8>,
}

impl Fingerprinter {
    /// Hashes under these context values.
    #[must_use]
    pub fn new(context: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for value in context {
            hasher.update(&(value.len() as u64).to_le_bytes());
            hasher.update(value);
        }
        Self { key: *hasher.finalize().as_bytes(), buffer: Vec::new() }
    }

    /// Hashes what this flow sends.
    pub(crate) fn of_flow(flow: &FlowName, mapping_version: u32) -> Self {
        Self::new(&[flow.as_str().as_bytes(), &mapping_version.to_le_bytes()])
    }

    /// The hash of a value's JSON.
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if it does not serialise.
    pub fn hash<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<Fingerprint> {
        // one reused buffer: hashing each of serde_json's many tiny pieces, and a hasher per record, cost more
        self.buffer.clear();
        serde_json::to_writer(Appender(&mut self.buffer), value)
            .map_err(|_| Error::bug("a mapped record does not serialise"))?;
        let hash = blake3::keyed_hash(&self.key, &self.buffer);
        let [short @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = *hash.as_bytes();
        Ok(Fingerprint(short))
    }
}

struct Appender<'a>(&'a mut Vec<u8>);

impl io::Write for Appender<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_and_content_both_count() {
        let hash = |context: &[&[u8]], value: &str| Fingerprinter::new(context).hash(value).unwrap();
        assert_eq!(hash(&[b"a"], "x"), hash(&[b"a"], "x"));
        assert_ne!(hash(&[b"a"], "x"), hash(&[b"b"], "x"));
        assert_ne!(hash(&[b"a"], "x"), hash(&[b"a"], "y"));
        assert_ne!(hash(&[b"ab", b"c"], "x"), hash(&[b"a", b"bc"], "x"));
    }
}
