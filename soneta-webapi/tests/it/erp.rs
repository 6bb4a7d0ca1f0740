//! A server with a session and scripted answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use secrecy::SecretString;
use soneta_webapi::{Client, ClientBuilder, RetryPolicy};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const APPLICATION_TOKEN: &str = "tajny-token-aplikacji";

/// One server per test, on a listener of its own.
pub(crate) struct Erp {
    server: MockServer,
    script: Arc<Mutex<Script>>,
}

/// What the server knows and does. Tokens are `sesja-1`, `sesja-2` …; those of the application token `{APPLICATION_TOKEN}-druga`
/// are `druga-1` …
#[derive(Default)]
pub(crate) struct Script {
    last_token: u32,
    valid: BTreeSet<String>,
    /// Each answer carries a new token and makes the old one worthless.
    pub(crate) roll_over: bool,
    /// `Bearer ` before the token in the answer's header.
    pub(crate) prefixed: bool,
    /// The session ends after so many calls.
    pub(crate) calls_left: Option<u32>,
    /// How the login answers instead of the usual way.
    pub(crate) login: Option<ResponseTemplate>,
    logins: u32,
    pub(crate) logouts: Vec<String>,
    /// Per path: answers one after the other; the last one stays.
    answers: BTreeMap<String, VecDeque<ResponseTemplate>>,
    /// Every call but login and logout that was let in.
    pub(crate) calls: Vec<Call>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) token: String,
    /// Method, path with query, and body as sent.
    pub(crate) text: String,
    /// Its `Content-Type`, if there is one.
    pub(crate) content_type: Option<String>,
}

impl Script {
    fn issue(&mut self, name: &str) -> String {
        self.last_token += 1;
        let token = format!("{name}-{}", self.last_token);
        self.valid.insert(token.clone());
        token
    }

    fn with_token(&self, answer: ResponseTemplate, token: &str) -> ResponseTemplate {
        let prefix = if self.prefixed { "Bearer " } else { "" };
        answer.insert_header("Authorization", format!("{prefix}{token}").as_str())
    }

    pub(crate) fn end_all_sessions(&mut self) {
        self.valid.clear();
    }
}

struct Answers(Arc<Mutex<Script>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut script = self.0.lock().unwrap();
        let bearer = request.headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let token = bearer.strip_prefix("Bearer ").unwrap_or_default().to_owned();
        match request.url.path() {
            "/api/LoginApi" => {
                script.logins += 1;
                assert!(request.body.is_empty(), "a login has no body");
                if let Some(answer) = &script.login {
                    return answer.clone();
                }
                let Some(name) = token.strip_prefix(APPLICATION_TOKEN) else {
                    return ResponseTemplate::new(401);
                };
                let token = script.issue(name.strip_prefix('-').unwrap_or("sesja"));
                let answer = ResponseTemplate::new(200)
                    .set_body_json(serde_json::json!({"Token": token, "IsSingleDb": true}));
                script.with_token(answer, &token)
            }
            _ if !script.valid.contains(&token) => ResponseTemplate::new(401),
            "/api/LogoutApi" => {
                script.valid.remove(&token);
                script.logouts.push(token);
                script
                    .answers
                    .get("/api/LogoutApi")
                    .and_then(|answers| answers.front().cloned())
                    .unwrap_or_else(|| {
                        ResponseTemplate::new(200).set_body_json(serde_json::json!({"LoggedOut": true}))
                    })
            }
            path => {
                if script.calls_left == Some(0) {
                    script.calls_left = None;
                    script.valid.remove(&token);
                    return ResponseTemplate::new(401);
                }
                script.calls_left = script.calls_left.map(|left| left - 1);
                let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
                let body = String::from_utf8_lossy(&request.body);
                let text = format!("{} {path}{query}\n{body}", request.method);
                let path = path.to_owned();
                let kind = request.headers.get("content-type").and_then(|kind| kind.to_str().ok());
                let content_type = kind.map(str::to_owned);
                script.calls.push(Call { path: path.clone(), token: token.clone(), text, content_type });
                let answers = script.answers.get_mut(&path).unwrap_or_else(|| panic!("no answer for {path}"));
                let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
                let answer = answer.unwrap();
                if !script.roll_over {
                    return answer;
                }
                script.valid.remove(&token);
                let next = script.issue(token.rsplit_once('-').unwrap().0);
                script.with_token(answer, &next)
            }
        }
    }
}

impl Erp {
    pub(crate) async fn start() -> Self {
        let server = MockServer::builder().start().await;
        let script = Arc::new(Mutex::new(Script::default()));
        Mock::given(any()).respond_with(Answers(Arc::clone(&script))).mount(&server).await;
        Self { server, script }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// The answer of a path; several are given one after the other, the last one from then on.
    pub(crate) fn answers(&self, path: &str, answers: impl IntoIterator<Item = ResponseTemplate>) {
        self.script().answers.insert(format!("/api/{path}"), answers.into_iter().collect());
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder(self.server.uri().parse().unwrap(), SecretString::from(APPLICATION_TOKEN)).retry(
            RetryPolicy::new().attempts(3).base(Duration::from_millis(1)).cap(Duration::from_millis(2)),
        )
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// Every request, as its path and its `Authorization`.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        let authorization = |request: &Request| request.headers["authorization"].to_str().unwrap().to_owned();
        requests.iter().map(|request| format!("{} {}", request.url.path(), authorization(request))).collect()
    }

    /// How often somebody logged in.
    pub(crate) fn logins(&self) -> u32 {
        self.script().logins
    }

    /// How often a path was called.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.script().calls.iter().filter(|call| call.path == format!("/api/{path}")).count()
    }

    /// The only call so far.
    pub(crate) fn only_call(&self) -> Call {
        let script = self.script();
        assert_eq!(script.calls.len(), 1, "{:?}", script.calls);
        script.calls[0].clone()
    }
}

pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn json(body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.into(), "application/json")
}

pub(crate) fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}
