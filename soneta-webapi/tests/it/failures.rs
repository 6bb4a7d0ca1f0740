//! Every way in which a server says no, or says something else: each its own kind, and never a success.

use rstest::rstest;
use serde_json::Value;
use soneta_webapi::{Effect, Error, ErrorKind};
use wiremock::ResponseTemplate;

use crate::erp::{Erp, json, status};

const CALL: &str = "SklepApi/Zrob";
const REFUSAL: &str = r#"{"Success":false,"Description":"opis","Errors":[{"Type":"Soneta.Business.RowException",
    "Message":"Wyjątek\r\n   at Soneta.Tajne.Zapisz()","Source":"Soneta.Tajne","StackTrace":"   w Soneta.Tajne.Zapisz()"}]}"#;

fn page(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_raw("\r\n<html><body>Tajne: błąd</body></html>", "text/html; charset=utf-8")
}

async fn failure(answer: ResponseTemplate, effect: Effect) -> Error {
    let erp = Erp::start().await;
    erp.answers(CALL, [answer]);
    let client = erp.builder().body_cap(4_096).build().unwrap();
    client.call::<Value, _>("SklepApi", "Zrob", effect, &Value::Null).await.unwrap_err()
}

fn shown(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    format!("{error} {error:?} {:?}", causes.map(|cause| format!("{cause} {cause:?}")).collect::<Vec<_>>())
}

/// Kind, and whether a write may have happened.
#[rstest]
#[case::a_refusal(json(REFUSAL), ErrorKind::Refused, false, "code Soneta.Business.RowException")]
#[case::a_page_as_success(page(200), ErrorKind::Decode, true, "a page (HTML or XML) instead of JSON")]
#[case::a_page_as_failure(page(500), ErrorKind::Unavailable, true, "status 500")]
#[case::nothing(json(""), ErrorKind::Decode, true, "the answer is empty")]
#[case::no_content(status(204), ErrorKind::Decode, true, "the answer is empty")]
#[case::cut_json(json(r#"{"Success":true,"Kod":"Taj"#), ErrorKind::Decode, true, "EOF")]
#[case::more_than_the_cap(json(format!("\"{}\"", "Tajne".repeat(1_000))), ErrorKind::TooLarge, true, "more than 4096 bytes")]
#[case::bad_request(ResponseTemplate::new(400).set_body_string("Tajne"), ErrorKind::Rejected, false, "status 400")]
#[case::no_right(status(403), ErrorKind::Forbidden, false, "status 403")]
#[case::no_controller(status(404), ErrorKind::NotFound, false, "status 404")]
#[case::too_often(status(429), ErrorKind::Throttled, false, "status 429")]
#[case::a_redirect(ResponseTemplate::new(302).insert_header("location", "/login"), ErrorKind::Unexpected, true, "status 302")]
#[tokio::test]
async fn each_failure_has_its_kind_and_shows_no_content(
    #[case] answer: ResponseTemplate,
    #[case] kind: ErrorKind,
    #[case] in_doubt: bool,
    #[case] words: &str,
) {
    let error = failure(answer, Effect::Create).await;
    assert_eq!((error.kind(), error.may_have_been_applied()), (kind, in_doubt), "{error}");
    let shown = shown(&error);
    assert!(shown.contains(words), "{shown}");
    for hidden in ["Tajne", "Wyjątek", "opis"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[rstest]
#[case::a_refusal(json(REFUSAL), "Wyjątek")]
#[case::a_description(json(r#"{"Success":false,"Description":"Nie\n   at X.Y()"}"#), "Nie")]
#[case::a_page_as_success(page(200), "<html><body>Tajne: błąd</body></html>")]
#[case::a_page_as_failure(page(500), "<html><body>Tajne: błąd</body></html>")]
#[case::a_text_of_a_status(ResponseTemplate::new(400).set_body_string("Brak pola Kod"), "Brak pola Kod")]
#[tokio::test]
async fn the_servers_own_words_are_in_the_detail_without_a_trace(
    #[case] answer: ResponseTemplate,
    #[case] detail: &str,
) {
    assert_eq!(failure(answer, Effect::Create).await.detail(), Some(detail));
}

#[tokio::test]
async fn a_bare_text_is_no_record_and_is_told_in_the_detail() {
    let erp = Erp::start().await;
    erp.answers("B2BInfo/Pobierz", [json(r#""Nie można wykonać""#)]);
    let error = erp.client().b2b().info().await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Decode, Some("Nie można wykonać")));
    assert!(!shown(&error).contains("wykonać"));
}

#[tokio::test]
async fn a_detail_is_at_most_500_characters() {
    let long = "ż".repeat(900);
    for answer in [
        json(format!(r#"{{"Success":false,"Errors":[{{"Message":"{long}"}}]}}"#)),
        ResponseTemplate::new(400).set_body_string(long.as_str()),
        ResponseTemplate::new(200).set_body_string(format!("<{long}>")),
    ] {
        assert_eq!(
            failure(answer, Effect::Create).await.detail().map(|text| text.chars().count()),
            Some(500)
        );
    }
}

#[rstest]
#[case::a_call(CALL, true)]
#[case::the_login("LoginApi", false)]
#[tokio::test]
async fn a_path_that_is_not_there_says_what_is_missing(#[case] path: &str, #[case] add_on: bool) {
    let erp = Erp::start().await;
    if path == "LoginApi" {
        erp.script().login = Some(status(404));
    } else {
        erp.answers(path, [status(404)]);
    }
    let client = erp.client();
    let calling = client.call::<Value, _>("SklepApi", "Zrob", Effect::Read, &Value::Null).await.unwrap_err();
    assert_eq!((calling.kind(), calling.is_login()), (ErrorKind::NotFound, !add_on));
    let advice = calling.what_to_do();
    assert_eq!(
        advice.contains("add-on that offers it is not installed for this database"),
        add_on,
        "{advice}"
    );
    assert_eq!(advice.contains("webapi of the server is switched on"), !add_on, "{advice}");
}

#[rstest]
#[tokio::test]
async fn json_is_read_whatever_its_content_type_says(
    #[values("text/plain", "text/html", "application/octet-stream", "")] kind: &str,
) {
    let erp = Erp::start().await;
    erp.answers(CALL, [ResponseTemplate::new(200).set_body_raw("{\"Kod\":\"ż\"}", kind)]);
    let answer: Value = erp.client().call("SklepApi", "Zrob", Effect::Read, &Value::Null).await.unwrap();
    assert_eq!(answer["Kod"], "ż");
}
