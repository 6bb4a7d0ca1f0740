//! Calls to an address that an answer named.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, like tests")]

use crate::{builder, good_server, quick};
use api_transport::testing::{Capture, RawServer, Reply};
use api_transport::{
    Credential, Effect, Error, ErrorKind, StaticHeaders, Transport, TransportBuilder, WireLog,
};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use rstest::rstest;
use std::time::Duration;
use url::Url;

const SECRET: &str = "CANARY0path/a%2Fb+c?sig=CANARY0q%2F%2B+%20=&&CANARY0name=x%3D";

fn with_key(builder: TransportBuilder) -> Transport {
    let key = Credential::header("x-key", "CANARY0KEY").with_header("authorization", "CANARY0KEY");
    builder.credentials(StaticHeaders::new(key)).build().unwrap()
}

/// An address on this server, with everything secret in it.
fn secret(server: &RawServer) -> Url {
    Url::parse(&format!("{}{SECRET}", server.url())).unwrap()
}

async fn put(transport: &Transport, url: Url, effect: Effect) -> Result<Bytes, Error> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/pdf"))]);
    let body = Bytes::from_static(b"%PDF-CANARY0");
    transport.elsewhere(url)?.send(Method::PUT, effect, headers, Some(body)).await
}

#[tokio::test]
async fn the_url_is_sent_byte_for_byte_and_no_credential_with_it() {
    let base = good_server().await;
    let storage = RawServer::answering(|_, _| Reply::json(200, "stored")).await;
    let transport = with_key(builder(&base));
    assert_eq!(put(&transport, secret(&storage), Effect::Idempotent).await.unwrap(), "stored");
    let seen = storage.requests().remove(0);
    assert_eq!((seen.method.as_str(), &seen.body[..]), ("PUT", &b"%PDF-CANARY0"[..]));
    assert_eq!(seen.target, format!("/{SECRET}"));
    assert_eq!(seen.headers["content-type"], "application/pdf");
    let shown = format!("{:?}", seen.headers);
    assert!(!shown.contains("CANARY0KEY") && !shown.contains("x-key"), "{shown}");
    assert!(base.requests().is_empty());
    assert!(transport.credential().await.is_none(), "nobody logged in for it");
}

#[rstest]
#[case::an_idempotent_call_is_repeated(Effect::Idempotent, 3)]
#[case::a_create_is_not(Effect::Create, 1)]
#[tokio::test]
async fn repeats_follow_the_table_and_the_policy(#[case] effect: Effect, #[case] attempts: usize) {
    for reply in [Reply::close(), Reply::json(503, "")] {
        let storage = RawServer::answering(move |_, _| reply.clone()).await;
        let transport = with_key(builder(&storage));
        let error = put(&transport, secret(&storage), effect).await.unwrap_err();
        assert!(error.may_have_been_applied());
        assert_eq!(storage.requests().len(), attempts);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_long_answer_is_not_read() {
    let storage = RawServer::answering(|nth, _| match nth {
        1 => Reply::json(307, "").header("location", "/elsewhere"),
        _ => Reply::json(200, "far too long"),
    })
    .await;
    let transport = with_key(builder(&storage).body_cap(5));
    for kind in [ErrorKind::Unexpected, ErrorKind::TooLarge] {
        assert_eq!(put(&transport, secret(&storage), Effect::Idempotent).await.unwrap_err().kind(), kind);
    }
    assert_eq!(storage.requests().len(), 2);
}

#[rstest]
#[case("http://localhost/", "http://storage.example/CANARY0")]
#[case("http://localhost/", "ftp://127.0.0.1/CANARY0")]
#[case("http://localhost/", "data:text/plain,CANARY0")]
#[case("http://localhost/", "https://storage.example/CANARY0")]
#[case("https://erp.example/", "http://127.0.0.1/CANARY0")]
#[case("https://erp.example/", "https://CANARY0@storage.example/")]
#[case("https://erp.example/", "https://:CANARY0@storage.example/")]
#[case("https://erp.example/", "https://storage.example/#CANARY0")]
fn such_an_address_is_refused_and_not_shown(#[case] base: &str, #[case] url: &str) {
    let transport = Transport::builder(base.parse().unwrap()).build().unwrap();
    let error = transport.elsewhere(url.parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{error}{error:?}").contains("CANARY0"), "{error:?}");
}

#[rstest]
#[case("https://erp.example/", false, "https://storage.example/x?y")]
#[case("http://localhost/", false, "http://127.0.0.1:81/x?y")]
#[case("http://erp.example/", true, "http://storage.example/x?y")]
fn such_an_address_is_taken(#[case] base: &str, #[case] plain: bool, #[case] url: &str) {
    let transport = Transport::builder(base.parse().unwrap()).allow_plain_http(plain).build().unwrap();
    transport.elsewhere(url.parse().unwrap()).unwrap();
}

#[tokio::test]
async fn of_the_address_only_the_host_shows_also_with_the_wire_log_on() {
    let capture = Capture::start();
    let spoken = "CANARY0said";
    let mut replies = vec![
        Reply::json(200, format!(r#"{{"CANARY0 said":"{spoken}"}}"#)),
        Reply::raw(format!("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{spoken}")),
        Reply::raw(format!("{spoken}\r\n\r\n")),
        Reply::close(),
    ];
    for status in [302, 400, 401, 403, 404, 429, 503] {
        let reply = Reply::json(status, spoken).header("location", format!("/{SECRET}"));
        replies.push(reply.header("retry-after", "0").header("x-note", spoken));
    }
    for reply in replies {
        let storage = RawServer::answering(move |_, _| reply.clone()).await;
        let log = WireLog::masked().show_fields(["sig", "CANARY0name"]);
        let builder = builder(&storage).wire_log(log).retry(quick(2)).attempt_timeout(Duration::from_secs(5));
        let transport = with_key(builder);
        let url = secret(&storage);
        capture.debug(&transport.elsewhere(url.clone()).unwrap());
        if let Err(error) = put(&transport, url.clone(), Effect::Idempotent).await {
            assert_eq!(error.endpoint(), Some("PUT http://127.0.0.1/{}"));
            capture.error(&error);
        }
        storage.stop().await;
        capture.error(&put(&transport, url, Effect::Idempotent).await.unwrap_err());
    }
    capture.assert_shows_none_of(&["CANARY0", "sig="]);
    assert!(capture.text().contains("api_transport::wire"));
}
