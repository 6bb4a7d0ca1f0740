//! one-client
#![forbid(unsafe_code)]
