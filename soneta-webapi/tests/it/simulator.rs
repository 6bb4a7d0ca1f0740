//! The simulated enova365 over raw HTTP: no wire type of the client is used here.

mod altone_documents;
mod catalogue;
mod contract;
mod contractors;
mod documents;
mod order_edits;
mod orders;
mod prices;
mod sessions;
mod state;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use soneta_webapi::simulator::{Simulator, SimulatorBuilder};

/// A clock that a test sets.
#[derive(Clone)]
struct Clock(Arc<Mutex<DateTime<Utc>>>);

impl Clock {
    fn new() -> Self {
        let start = DateTime::parse_from_rfc3339("2026-11-21T08:30:00.125Z").unwrap().to_utc();
        Self(Arc::new(Mutex::new(start)))
    }

    fn pass(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    fn source(&self) -> Arc<dyn Fn() -> DateTime<Utc> + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || *clock.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A simulator with somebody who talks to it in plain HTTP.
struct Bench {
    simulator: Simulator,
    clock: Clock,
    http: reqwest::Client,
    token: Mutex<String>,
}

struct Answer {
    status: StatusCode,
    token: Option<String>,
    text: String,
}

impl Bench {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(shape: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        let clock = Clock::new();
        let builder = Simulator::builder().goods(60).seed(7).now(clock.source());
        let simulator = shape(builder).start().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let bench = Self { simulator, clock, http, token: Mutex::default() };
        bench.log_in().await;
        bench
    }

    async fn log_in(&self) -> String {
        let application = self.simulator.application_token();
        let answer = self.send("LoginApi", application.expose_secret(), "").await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        let token = body["Token"].as_str().unwrap().to_owned();
        assert_eq!(answer.token.as_ref(), Some(&token));
        self.keep(&token);
        token
    }

    fn keep(&self, token: &str) {
        *self.token.lock().unwrap() = token.to_owned();
    }

    fn token(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    async fn send(&self, path: &str, token: &str, body: &str) -> reqwest::Result<Answer> {
        let url = self.simulator.url().join("api/").unwrap().join(path).unwrap();
        let request = self.http.post(url).bearer_auth(token).header("content-type", "application/json");
        let answer = request.body(body.to_owned()).send().await?;
        let token = answer.headers().get("authorization").map(|token| token.to_str().unwrap().to_owned());
        Ok(Answer { status: answer.status(), token, text: answer.text().await? })
    }

    /// A call with the latest token, which its answer renews.
    async fn text(&self, path: &str, body: &Value) -> String {
        let answer = self.send(path, &self.token(), &body.to_string()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        self.keep(answer.token.as_deref().unwrap());
        answer.text
    }

    async fn call(&self, path: &str, body: Value) -> Value {
        serde_json::from_str(&self.text(path, &body).await).unwrap()
    }

    async fn control(&self, path: &str, body: Value) -> (StatusCode, String) {
        let url = self.simulator.url().join(path).unwrap();
        let answer = self.http.post(url).body(body.to_string()).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// Every row of a snapshot, page by page.
    async fn snapshot(&self, path: &str, page: usize) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), json!(0));
        loop {
            let mut answer = self.call(path, json!({"PoId": after, "Ile": page})).await;
            rows.append(answer["Pozycje"].as_array_mut().unwrap());
            after = answer["PoId"].take();
            if answer["Koniec"] == json!(true) {
                return rows;
            }
        }
    }

    /// A good with stock that is worth ordering.
    fn stocked(&self) -> soneta_webapi::simulator::SimulatedTowar {
        let goods = self.simulator.goods();
        goods.into_iter().find(|towar| towar.stany.first().is_some_and(|stan| stan.stan >= 5.into())).unwrap()
    }
}

/// `Errors[n].Kod` of a refusal.
fn refusals(answer: &Value) -> Vec<&str> {
    assert_eq!(answer["Success"], json!(false), "{answer}");
    answer["Errors"].as_array().unwrap().iter().map(|error| error["Kod"].as_str().unwrap()).collect()
}
