//! The promises of the transport, against a server that sends exactly the bytes it is told.

mod calls;
mod elsewhere;
mod limits;
mod refusals;
mod secrets;
mod session;
mod sessions;
mod suites;
mod tls;
mod turns;

use api_transport::testing::{RawServer, Reply};
use api_transport::{
    Effect, Endpoint, Path, Priority, Result, RetryPolicy, Transport, TransportBuilder, decode_json,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a good answer says.
const GOOD: &str = r#"{"value":7}"#;

/// A call of any effect.
#[derive(Clone, Debug, Serialize)]
struct Call {
    #[serde(skip)]
    effect: Effect,
    #[serde(skip)]
    priority: Priority,
    #[serde(skip)]
    id: String,
    name: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Value {
    value: u32,
}

/// The refusal of this server.
#[derive(Deserialize)]
struct Refusal {
    refused: String,
}

fn call(effect: Effect) -> Call {
    Call { effect, priority: Priority::Normal, id: "7".to_owned(), name: "any".to_owned() }
}

impl Endpoint for Call {
    const EFFECT: Effect = Effect::Create;
    type Response = Value;

    fn path(&self) -> Path {
        Path::new(["items"]).id(&self.id)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("name", self.name.clone())]
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    fn priority(&self) -> Priority {
        self.priority
    }

    fn decode(&self, body: &[u8]) -> Result<Value> {
        if let Ok(refusal) = decode_json::<Refusal>(body) {
            return Err(api_transport::Error::refused(Some("NO".to_owned()), refusal.refused));
        }
        decode_json(body)
    }
}

/// Pauses of about a millisecond.
fn quick(attempts: usize) -> RetryPolicy {
    RetryPolicy::new().attempts(attempts).base(Duration::from_millis(1)).cap(Duration::from_millis(2))
}

fn builder(server: &RawServer) -> TransportBuilder {
    Transport::builder(server.url()).retry(quick(3))
}

async fn good_server() -> RawServer {
    RawServer::answering(|_, _| Reply::json(200, GOOD)).await
}
