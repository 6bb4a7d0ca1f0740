//! soneta-webapi
#![forbid(unsafe_code)]
