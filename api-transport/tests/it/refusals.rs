//! Settings that are refused, servers that are not talked to.

use crate::{call, quick};
use api_transport::{Effect, ErrorKind, Transport};
use rstest::rstest;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

#[rstest]
#[case("http://erp.example/")]
#[case("http://10.0.0.7/")]
#[case("http://localhost.example/")]
#[case("https://user@erp.example/")]
#[case("https://:CANARY@erp.example/")]
#[case("https://erp.example/?key=CANARY")]
#[case("https://erp.example/#part")]
#[case("ftp://erp.example/")]
#[case("data:text/plain,CANARY")]
fn such_a_base_url_is_refused(#[case] base: &str) {
    let builder = Transport::builder(base.parse().unwrap());
    let shown = format!("{builder:?}");
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{shown}{error}{error:?}").contains("CANARY"));
}

#[rstest]
#[case("https://erp.example/api")]
#[case("http://localhost:81/")]
#[case("http://127.8.9.1/")]
#[case("http://[::1]:81/")]
fn such_a_base_url_is_taken(#[case] base: &str) {
    Transport::builder(base.parse().unwrap()).build().unwrap();
}

#[test]
fn plain_http_to_another_machine_is_taken_on_request() {
    let builder = Transport::builder("http://erp.example/".parse().unwrap());
    builder.allow_plain_http(true).build().unwrap();
}

#[rstest]
#[case("")]
#[case("no certificate")]
#[case("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")]
fn a_root_that_is_no_certificate_is_refused(#[case] pem: &str) {
    let builder = Transport::builder("https://erp.example/".parse().unwrap());
    let error = builder.root_certificate_pem(pem).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[rstest]
#[tokio::test]
async fn a_failed_tls_handshake_sent_nothing_and_is_repeated_also_for_a_create(
    #[values(Effect::Read, Effect::Idempotent, Effect::Create)] effect: Effect,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let server = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            drop(socket);
        }
    });
    let transport = Transport::builder(base).retry(quick(3)).build().unwrap();
    let error = transport.send(&call(effect)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.is_persistent() && !error.may_have_been_applied(), "{error:?}");
    assert_eq!(connections.load(Ordering::SeqCst), 3);
    server.abort();
}
