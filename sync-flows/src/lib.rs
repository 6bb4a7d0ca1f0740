//! sync-flows
#![forbid(unsafe_code)]
