//! Hints of the ERP (feature `webhook`): an action of its scheduler (harmonogram zadań) posts that something happened.
//!
//! A hint names an entity and carries nothing of it: it says *read now*. So a lost one costs only time, and polling stays in
//! place. [`WebhookVerifier`] says whether a request comes from the ERP, [`Wskazowka`] what it says, and
//! [`Wskazowka::klucz`] whether it was here before. There is no web framework in here: hand over headers and body, as they
//! came, of whatever server you run. Let that server limit the body (a hint has some hundred bytes).
//!
//! ```
//! use http::HeaderMap;
//! use soneta_webapi::SecretString;
//! use soneta_webapi::webhook::{PolaWskazowki, WebhookError, WebhookVerifier, Wskazowka, Zdarzenie};
//!
//! fn verifier(secret: SecretString) -> Result<WebhookVerifier, WebhookError> {
//!     WebhookVerifier::builder().secret(secret).build()
//! }
//!
//! fn receive(verifier: &WebhookVerifier, headers: &HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
//!     let delivery = verifier.verify(headers, body)?;
//!     let hint = Wskazowka::parse(body, &PolaWskazowki::default())?;
//!     println!("{:?}: {:?}, key {:?}", hint.zdarzenie, hint.id, hint.klucz(Some(&delivery)));
//!     if hint.zdarzenie == Zdarzenie::ZamowienieStatus {
//!         // Wake the job that reads order statuses.
//!     }
//!     Ok(())
//! }
//! # use std::time::{Duration, UNIX_EPOCH};
//! # let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
//! # assert!(verifier(secret.clone().into()).is_ok());
//! # let sent = || UNIX_EPOCH + Duration::from_secs(1_795_251_600);
//! # let verifier = WebhookVerifier::builder().secret(secret.into()).now(sent).build().unwrap();
//! # let mut headers = HeaderMap::new();
//! # headers.insert("webhook-id", "zd-1".parse().unwrap());
//! # headers.insert("webhook-timestamp", "1795251600".parse().unwrap());
//! # assert!(receive(&verifier, &headers, b"{}").is_err(), "it is not signed");
//! # headers.insert("webhook-signature", "v1,DOPECzlhC0HfPJdqxCorVgBqfOkpdLUBfd3O4xoBB1E=".parse().unwrap());
//! # let body = r#"{"Zdarzenie":"ZamowienieStatus","ID":101,"Kod":"Łódź","Chwila":"2026-11-21T10:00:00+01:00"}"#;
//! # receive(&verifier, &headers, body.as_bytes()).unwrap();
//! ```
//!
//! Answer 2xx as soon as the hint is noted, 401 to every other error of the verifier, 400 to a body that is no hint.
//!
//! How sure: Soneta publishes neither a webhook nor a payload; each sender is an add-on's or a script's own. The signature is that
//! of the published *Standard Webhooks* specification, the payload is the reference contract's, and [`PolaWskazowki`] reads others.

mod error;
mod hint;
mod verifier;

pub use self::error::{WebhookError, WebhookErrorKind};
pub use self::hint::{PolaWskazowki, Wskazowka, Zdarzenie};
pub use self::verifier::{Delivery, WebhookVerifier, WebhookVerifierBuilder};
