//! How the engine is used: a page for each lane, each with an example that runs, and one for operation.

#[doc = include_str!("../guide/state-lane.md")]
///
/// # An example
///
/// `cargo run -p sync-core --example state_lane`
///
/// ```
#[doc = include_str!("../examples/state_lane.rs")]
/// ```
pub mod state_lane {}

#[doc = include_str!("../guide/act-lane.md")]
///
/// # An example
///
/// `cargo run -p sync-core --example act_lane`
///
/// ```
#[doc = include_str!("../examples/act_lane.rs")]
/// ```
pub mod act_lane {}

#[doc = include_str!("../guide/operation.md")]
pub mod operation {}
