//! Hostile inputs by name: what sources have given, and decoders have swallowed, in other people's integrations.
//!
//! [`streams`] are pages of typed records for flows, mappers and sinks; [`bodies`], [`numbers`], [`instants`], [`texts`] and
//! [`keys`] are for whatever decodes an answer. All of them say which [failure](Nasty::failures) of the catalogue they are
//! for, and why.

mod decoder;
mod raw;
mod stream;

pub use decoder::decoder_conformance;
pub use raw::{bodies, instants, keys, numbers, texts};
pub use stream::{Row, Stream, streams};

/// One hostile input, and what is right to make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Nasty<T, E = ()> {
    /// Its name.
    pub name: &'static str,
    /// The failures of the catalogue that it is for.
    pub failures: &'static str,
    /// What is nasty about it.
    pub why: &'static str,
    /// The input.
    pub input: T,
    /// What is right to make of it.
    pub expected: E,
}
