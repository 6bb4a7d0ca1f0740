//! Tests of the client crates with `serde_json/arbitrary_precision`, `serde_json/preserve_order` and `rust_decimal/serde-float`
//! switched on, as any other crate of a build may do. Every number here is one that a binary float would change.

#![forbid(unsafe_code)]

#[cfg(test)]
mod one;
#[cfg(test)]
mod soneta;
#[cfg(test)]
mod values;
