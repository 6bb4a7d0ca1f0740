//! Tokens, roll-over, idling, and faults on the way.

use api_transport::simulation::Fault;
use chrono::Duration;
use reqwest::StatusCode;
use serde_json::json;

use super::Bench;

const INFO: &str = "B2BInfo/Pobierz";

impl Bench {
    async fn status(&self, token: &str) -> StatusCode {
        self.send(INFO, token, "{}").await.unwrap().status
    }
}

#[tokio::test]
async fn a_token_stays_good_until_the_next_one_was_used() {
    let bench = Bench::new().await;
    let first = bench.token();
    let second = bench.send(INFO, &first, "{}").await.unwrap().token.unwrap();
    assert_ne!(first, second);
    assert_eq!(bench.status(&first).await, StatusCode::OK, "the second was not used yet");
    assert_eq!(bench.status(&second).await, StatusCode::OK);
    assert_eq!(bench.status(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(first.split('.').count(), 3);
}

#[tokio::test]
async fn under_strict_roll_over_only_the_latest_token_is_good() {
    let bench = Bench::with(|builder| builder.strict_roll_over(true)).await;
    let first = bench.token();
    let second = bench.send(INFO, &first, "{}").await.unwrap().token.unwrap();
    assert_eq!(bench.status(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.status(&second).await, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_after_idling_on_logout_and_by_control() {
    let bench = Bench::new().await;
    bench.clock.pass(Duration::seconds(299));
    bench.call(INFO, json!({})).await;
    bench.clock.pass(Duration::seconds(300));
    assert_eq!(bench.status(&bench.token()).await, StatusCode::UNAUTHORIZED);
    bench.log_in().await;
    assert_eq!((bench.simulator.logins(), bench.simulator.sessions()), (2, 1));
    let answer = bench.send("LogoutApi", &bench.token(), "").await.unwrap();
    assert_eq!(answer.text, r#"{"LoggedOut":true}"#);
    assert_eq!(bench.status(&bench.token()).await, StatusCode::UNAUTHORIZED);
    bench.log_in().await;
    bench.simulator.expire_sessions();
    assert_eq!(bench.status(&bench.token()).await, StatusCode::UNAUTHORIZED);
    bench.log_in().await;
    bench.simulator.faults().add(Fault::on(INFO).nth(2).expire_session());
    bench.call(INFO, json!({})).await;
    assert_eq!(bench.status(&bench.token()).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_the_application_token_of_this_database_logs_in() {
    let (bench, other) = (Bench::new().await, Bench::new().await);
    for token in ["", "a.b.c", &other.token(), &bench.token()] {
        assert_eq!(bench.send("LoginApi", token, "").await.unwrap().status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(bench.status(&other.token()).await, StatusCode::UNAUTHORIZED);
    let url = bench.simulator.url().join("api/CurrentVersion").unwrap();
    let answer = bench.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("2510"), "{answer}");
}

#[tokio::test]
async fn a_misspelt_field_and_a_body_that_is_no_json_are_bad_requests() {
    let bench = Bench::new().await;
    for body in [r#"{"ile": 5}"#, r#"{"Ile": 5, "PoID": 3}"#, "[]", ""] {
        let answer = bench.send("B2BTowary/Lista", &bench.token(), body).await.unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.token, None);
    }
}
