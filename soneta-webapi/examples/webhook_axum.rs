//! A receiver of hints on a local port. It posts some to itself, prints what became of each, and ends.
//!
//! ```text
//! cargo run -p soneta-webapi --features webhook --example webhook_axum
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use soneta_webapi::webhook::{
    Delivery, PolaWskazowki, WebhookError, WebhookErrorKind, WebhookVerifier, Wskazowka,
};

const SECRET: &[u8] = b"an example, not a secret";
const PATH_SECRET: &str = "an-example-and-no-secret-either";

/// What the receiver needs: who may post, and what was here before. A real one keeps the keys in its database.
#[derive(Clone)]
struct Receiver {
    verifier: WebhookVerifier,
    seen: Arc<Mutex<BTreeSet<String>>>,
}

async fn signed(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let delivery = receiver.verifier.verify(&headers, &body);
    answer(delivery.and_then(|delivery| receiver.take(Some(&delivery), &body)))
}

/// For senders that cannot sign.
async fn by_path(State(receiver): State<Receiver>, Path(secret): Path<String>, body: Bytes) -> StatusCode {
    answer(receiver.verifier.verify_path(&secret).and_then(|()| receiver.take(None, &body)))
}

impl Receiver {
    fn take(&self, delivery: Option<&Delivery>, body: &[u8]) -> Result<(), WebhookError> {
        let hint = Wskazowka::parse(body, &PolaWskazowki::default())?;
        let new = hint
            .klucz(delivery)
            .is_none_or(|key| self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key));
        match new {
            // A real receiver wakes the job that reads the entity.
            true => println!("  taken: {} of row {:?}", hint.zdarzenie.as_str(), hint.id),
            false => println!("  was here before: nothing to do"),
        }
        Ok(())
    }
}

fn answer(taken: Result<(), WebhookError>) -> StatusCode {
    match taken {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            println!("  refused: {error}");
            match error.kind() {
                WebhookErrorKind::BadBody => StatusCode::BAD_REQUEST,
                _ => StatusCode::UNAUTHORIZED,
            }
        }
    }
}

/// What the add-on does on its side.
fn sign(id: &str, sent: DateTime<Utc>, body: &str) -> Result<String, Box<dyn Error>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET)?;
    mac.update(format!("{id}.{}.{body}", sent.timestamp()).as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier =
        WebhookVerifier::builder().secret_bytes(SECRET).path_secret(PATH_SECRET.to_owned().into()).build()?;
    let receiver = Receiver { verifier, seen: Arc::default() };
    let routes = Router::new()
        .route("/hints", post(signed))
        .route("/hints/{secret}", post(by_path))
        .with_state(receiver);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let hints = format!("http://{}/hints", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes).await });

    #[expect(clippy::disallowed_methods, reason = "the example signs for now")]
    let now = Utc::now();
    let http = reqwest::Client::new();
    let body = format!(r#"{{"Zdarzenie":"ZamowienieStatus","ID":101,"Chwila":"{}"}}"#, now.to_rfc3339());
    let post = |what: &str, url: &str, signature: Option<(&str, DateTime<Utc>, String)>| {
        println!("{what}");
        let mut request = http.post(url).body(body.clone());
        if let Some((id, sent, signature)) = signature {
            request = request
                .header("webhook-id", id)
                .header("webhook-timestamp", sent.timestamp())
                .header("webhook-signature", signature);
        }
        async {
            let answer = request.send().await?;
            println!("  answered {}", answer.status());
            Ok::<_, reqwest::Error>(())
        }
    };
    let old = now - TimeDelta::minutes(6);
    post("signed", &hints, Some(("zd-1", now, sign("zd-1", now, &body)?))).await?;
    post("the same once more", &hints, Some(("zd-1", now, sign("zd-1", now, &body)?))).await?;
    post("signed six minutes ago", &hints, Some(("zd-2", old, sign("zd-2", old, &body)?))).await?;
    post("signed for another body", &hints, Some(("zd-3", now, sign("zd-3", now, "{}")?))).await?;
    post("unsigned", &hints, None).await?;
    post("unsigned, with the secret path", &format!("{hints}/{PATH_SECRET}"), None).await?;
    post("unsigned, with another path", &format!("{hints}/guess"), None).await?;
    Ok(())
}
