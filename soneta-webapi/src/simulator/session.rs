//! Tokens and sessions: log-in by the application token, a new session token with every answer, an end after idling.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Shared;

/// How many simulators this process has started: no token of one is good for another.
static STARTED: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub(super) struct Sessions {
    nonce: String,
    database: String,
    idle_limit: Duration,
    strict: bool,
    live: BTreeMap<u64, Session>,
    logins: u64,
}

/// One session. Tokens are numbered: those below `floor` are worth nothing any more.
#[derive(Debug)]
struct Session {
    issued: u64,
    floor: u64,
    last_used: DateTime<Utc>,
}

impl Sessions {
    pub(super) fn new(database: String, idle_limit: Duration, strict: bool, now: DateTime<Utc>) -> Self {
        let nonce = fresh_uuid(now).simple().to_string();
        Self { nonce, database, idle_limit, strict, live: BTreeMap::new(), logins: 0 }
    }

    pub(super) fn login(&mut self, now: DateTime<Utc>) -> String {
        self.logins += 1;
        self.live.insert(self.logins, Session { issued: 1, floor: 1, last_used: now });
        self.token(self.logins, 1)
    }

    /// The session of a token that is good now; using the token ends the older ones.
    fn enter(&mut self, token: &str, now: DateTime<Utc>) -> Option<u64> {
        let mut numbers = token.rsplit('.').next()?.split('-').map(str::parse::<u64>);
        let (Some(Ok(id)), Some(Ok(number))) = (numbers.next(), numbers.next()) else { return None };
        if self.token(id, number) != token {
            return None;
        }
        let session = self.live.get_mut(&id)?;
        let idle = (now - session.last_used).to_std().unwrap_or_default();
        if idle >= self.idle_limit {
            self.live.remove(&id);
            return None;
        }
        if number < session.floor || number > session.issued {
            return None;
        }
        session.floor = number;
        session.last_used = now;
        Some(id)
    }

    /// The next token of a session, unless it has ended meanwhile.
    fn roll(&mut self, id: u64) -> Option<String> {
        let session = self.live.get_mut(&id)?;
        session.issued += 1;
        if self.strict {
            session.floor = session.issued;
        }
        let number = session.issued;
        Some(self.token(id, number))
    }

    pub(super) fn leave(&mut self, token: &str, now: DateTime<Utc>) -> bool {
        self.enter(token, now).is_some_and(|id| self.live.remove(&id).is_some())
    }

    pub(super) fn expire(&mut self) {
        self.live.clear();
    }

    pub(super) fn logins(&self) -> u64 {
        self.logins
    }

    pub(super) fn count(&self) -> usize {
        self.live.len()
    }

    fn token(&self, id: u64, number: u64) -> String {
        let claims =
            json!({"ath-db": self.database, "sid": id, "seq": number, "iss": ISSUER, "aud": "enova365"});
        format!("{}.{}.{id}-{number}-{}", base64url(HEADER), base64url(&claims.to_string()), self.nonce)
    }
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const ISSUER: &str = "https://www.enova.pl";

/// The application token of a database: the same one whenever the same database is simulated.
pub(super) fn application_token(database: &str, id: Uuid) -> String {
    let claims: Value = json!({
        "ath-mth": "1024", "ath-pwt": "1", "ath-db": database, "ath-guid": id, "ath-svc": "Api",
        "nbf": 1_767_225_600, "iat": 1_767_225_600, "exp": 4_102_444_800_u32, "iss": ISSUER, "aud": "enova365",
    });
    let signature = Uuid::new_v5(&id, b"application token").simple().to_string();
    format!("{}.{}.{}", base64url(HEADER), base64url(&claims.to_string()), base64url(&signature))
}

/// An identity that nothing else has: made of this process, the time, and a count.
pub(super) fn fresh_uuid(now: DateTime<Utc>) -> Uuid {
    let count = STARTED.fetch_add(1, Ordering::Relaxed);
    let text = format!("{} {count} {}", std::process::id(), now.timestamp_nanos_opt().unwrap_or_default());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
}

fn base64url(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut encoded = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let letter = LETTERS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or_default();
            encoded.push(char::from(letter));
        }
    }
    encoded
}

/// The token of an `Authorization: Bearer …` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

pub(super) fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, "Sesja wygasła lub token jest nieprawidłowy.").into_response()
}

/// Lets a call through that carries a good session token, and puts the next one on its answer.
pub(super) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let now = shared.now();
    let entered = bearer(request.headers()).and_then(|token| shared.sessions().enter(token, now));
    let Some(id) = entered else { return unauthorized() };
    let mut answer = next.run(request).await;
    if answer.status().is_success() {
        let token = shared.sessions().roll(id);
        if let Some(token) = token.and_then(|token| HeaderValue::try_from(token).ok()) {
            answer.headers_mut().insert(header::AUTHORIZATION, token);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::base64url;

    #[test]
    fn base64url_follows_its_rfc() {
        let cases = [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("ż?>", "xbw_Pg"),
        ];
        for (plain, encoded) in cases {
            assert_eq!(base64url(plain), encoded);
        }
    }
}
