//! What the simulators of both clients share: an HTTP server whose answers can be spoilt on purpose (feature `simulation`).
//!
//! A simulator builds an [`axum::Router`] with its own routes and hands it to [`serve`] together with a [`Faults`] script. Every
//! request passes the script first, except the control paths below `/_sim/`, which are neither counted nor spoilt.
//!
//! ```
//! use api_transport::simulation::{Fault, Faults};
//!
//! let faults = Faults::new();
//! // The second order is written, but the caller never hears of it.
//! faults.add(Fault::on("B2BZamowienia/Dodaj").nth(2).drop_after());
//! // Every third call of anything is told to slow down.
//! faults.add(Fault::on("").every(3).too_many_requests(None));
//! assert_eq!(faults.calls("B2BZamowienia/Dodaj"), 0);
//! ```
//!
//! # What is simulated about a server
//!
//! - A request is carried out in a task of its own: a caller that goes away does not undo what it asked for. So a request that
//!   is held, whose caller dies and which is then released is still applied, as on a real server.
//! - A dropped connection is really closed without an answer; a cut answer really declares its whole `Content-Length`, sends
//!   fewer bytes and closes.
//! - Request bodies are limited to 30 MiB.
//!
//! # From another process
//!
//! | call | body | does |
//! |---|---|---|
//! | `POST /_sim/faults` | one [`Fault`] or a list of them | adds them; answers `{"ids": [1]}` |
//! | `GET /_sim/faults` | | answers `{"faults": […], "calls": {"POST /path": 3}, "max_in_flight": 2}` |
//! | `POST /_sim/faults/release` | | lets go of every held request; holding faults stay as they are for requests to come |
//! | `DELETE /_sim/faults` | | removes every fault and lets go of every held request |
//!
//! ```
//! # use api_transport::simulation::Fault;
//! let fault: Fault = serde_json::from_str(
//!     r#"{"on": "B2BZamowienia/Dodaj", "nth": 2, "times": 1, "kind": {"apply_then_fail": {"status": 503}}}"#,
//! )?;
//! # Ok::<(), serde_json::Error>(())
//! ```

mod control;
mod fault;
mod layer;
mod line;
mod script;
mod server;
#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultKind};
pub use script::{FaultHandle, Faults};
pub use server::{Server, serve};
