//! api-transport
#![forbid(unsafe_code)]
