//! HTTP plumbing for typed API clients: declared effects, safe repeats, session credentials, bounded bodies, redaction.
//!
//! One value of an [`Endpoint`] is one call. It states its [`Effect`], and the effect decides what may be repeated:
//!
//! | failure | `Read`, `Idempotent` | `Create` |
//! |---|---|---|
//! | nothing was sent (name look-up, connect, TLS) | repeat | repeat |
//! | 429 (`Retry-After` is a floor, capped) | repeat | repeat |
//! | time-out, broken connection, cut body, 408, 5xx | repeat | **never**; [`Error::may_have_been_applied`] |
//! | 401 | once per session, after one new login | once per session, after one new login |
//! | a whole 2xx that cannot be read | no | no; [`Error::may_have_been_applied`] |
//! | other 4xx, a refusal inside a 200, a redirect | no | no |
//!
//! After a failure that leaves open whether it happened, `may_have_been_applied` holds for `Idempotent` calls too, once their
//! repeats are used up; then sending it again is what [`Error::what_to_do`] advises.
//!
//! # A call
//!
//! ```
//! use api_transport::{Effect, Endpoint, Path, Result, Transport, decode_json};
//! use serde::{Deserialize, Serialize};
//!
//! /// `GET items/{id}/stock?warehouse=…`: how much there is.
//! #[derive(Debug, Serialize)]
//! struct GetStock {
//!     id: String,
//!     warehouse: String,
//! }
//!
//! #[derive(Debug, Deserialize)]
//! struct Stock {
//!     quantity: u32,
//! }
//!
//! impl Endpoint for GetStock {
//!     const EFFECT: Effect = Effect::Read;
//!     const METHOD: http::Method = http::Method::GET;
//!     type Response = Stock;
//!     fn path(&self) -> Path {
//!         Path::new(["items"]).id(&self.id).segment("stock")
//!     }
//!     fn query(&self) -> Vec<(&'static str, String)> {
//!         vec![("warehouse", self.warehouse.clone())]
//!     }
//!     fn decode(&self, body: &[u8]) -> Result<Stock> {
//!         decode_json(body)
//!     }
//! }
//!
//! async fn ask(erp: &Transport) -> Result<u32> {
//!     let call = GetStock { id: "A/7".to_owned(), warehouse: "F".to_owned() };
//!     Ok(erp.send(&call).await?.quantity)
//! }
//!
//! let erp = Transport::builder("https://erp.example/api".parse()?).build()?;
//! # let _never_polled = ask(&erp);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What shows where
//!
//! `Debug`, `Display` and logs show method, path with ids masked, status, duration and kind of failure. What the server said is
//! in [`Error::detail`] alone. Each attempt is one `DEBUG` record of the target `api_transport`; bodies and headers are logged
//! only on request ([`WireLog`]), masked by allow-lists. The HTTP library underneath logs connections through the `log` crate,
//! never headers or bodies. Of an address that an answer named ([`Elsewhere`]) only scheme and host show.
//!
//! # Limits
//!
//! HTTP/1.1, bodies in memory, answers up to the body cap. An answer without a length that ends with its connection cannot be
//! told from a cut one; there only the reader notices. Redirects are errors.

#![forbid(unsafe_code)]

mod bare;
mod builder;
mod credential;
mod elsewhere;
mod endpoint;
mod error;
mod gate;
mod json;
mod paging;
mod path;
mod request;
mod retry;
mod session;
mod transport;
mod wire;
mod wire_log;

#[cfg(feature = "simulation")]
pub mod simulation;
#[cfg(feature = "testing")]
pub mod testing;

pub use bare::Bare;
pub use builder::TransportBuilder;
pub use credential::{Credential, CredentialSource, StaticHeaders};
pub use elsewhere::Elsewhere;
pub use endpoint::{Effect, Endpoint, Priority};
pub use error::{Error, ErrorKind, Result};
pub use json::decode_json;
pub use paging::{Page, pages};
pub use path::Path;
pub use retry::{RetryBudget, RetryPolicy};
pub use transport::Transport;
pub use wire_log::WireLog;
