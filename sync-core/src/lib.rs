//! sync-core
#![forbid(unsafe_code)]
