//! The suites that clients run, on this crate itself.

use crate::{Call, GOOD, call};
use api_transport::testing::{Reply, Suite};
use api_transport::{
    Bare, Credential, CredentialSource, Effect, Endpoint, Path, Result, StaticHeaders, decode_json,
};
use rstest::rstest;
use serde::{Deserialize, Serialize};

/// A login that hands out a token.
#[derive(Debug)]
pub(crate) struct Login;

#[derive(Serialize)]
pub(crate) struct PostLogin;

#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) token: String,
}

impl Endpoint for PostLogin {
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Token;

    fn path(&self) -> Path {
        Path::new(["login"])
    }

    fn decode(&self, body: &[u8]) -> Result<Token> {
        decode_json(body)
    }
}

#[async_trait::async_trait]
impl CredentialSource for Login {
    async fn obtain(&self, http: &Bare) -> Result<Credential> {
        let key = Credential::header("x-key", "CANARY-KEY");
        let token = http.with(key).send(&PostLogin).await?.token;
        Ok(Credential::header("authorization", format!("Bearer {token}")))
    }
}

fn fixed() -> Suite {
    Suite::new(|builder| builder.credentials(StaticHeaders::new(Credential::header("x-key", "CANARY-KEY"))))
}

fn with_login() -> Suite {
    Suite::new(|builder| builder.credentials(Login))
        .others(|seen| (seen.path() == "/login").then(|| Reply::json(200, r#"{"token":"CANARY-TOKEN"}"#)))
}

#[rstest]
#[tokio::test]
async fn the_retry_table_holds_in_every_cell(
    #[values(Effect::Read, Effect::Idempotent, Effect::Create)] effect: Effect,
    #[values(fixed(), with_login())] suite: Suite,
) {
    suite.retry_table(&call(effect), GOOD).await;
    suite.refusal(&call(effect), r#"{"refused":"CANARY"}"#).await;
}

#[rstest]
#[tokio::test]
async fn an_answer_cut_at_any_byte_is_an_error(#[values(Effect::Read, Effect::Create)] effect: Effect) {
    fixed().truncation(&call(effect), GOOD).await;
}

#[rstest]
#[tokio::test]
async fn neither_secrets_nor_content_show(
    #[values(Effect::Read, Effect::Create)] effect: Effect,
    #[values(fixed(), with_login())] suite: Suite,
) {
    let call = Call { id: "CANARY-ID".to_owned(), name: "CANARY-NAME".to_owned(), ..call(effect) };
    let canaries = ["CANARY-KEY", "CANARY-TOKEN", "CANARY-ID", "CANARY-NAME", "CANARY-SAID"];
    let text = suite.redaction(&call, GOOD, &canaries).await;
    for shown in ["POST", "/items/{}", "api_transport::wire", r#""value":"***""#, "status=503"] {
        assert!(text.contains(shown), "{shown} is missing");
    }
}
