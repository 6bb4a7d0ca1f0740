//! Secrets in settings.

use crate::{builder, good_server};
use api_transport::testing::Capture;
use api_transport::{Credential, StaticHeaders, Transport};
use secrecy::SecretString;
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn debug_of_settings_shows_no_secret() {
    let server = good_server().await;
    let capture = Capture::start();
    let credential = Credential::header("x-id", "CANARY-ID")
        .with_header("x-key", SecretString::from("CANARY-KEY"))
        .idle_limit(Duration::from_secs(1))
        .valid_until(SystemTime::UNIX_EPOCH);
    let source = StaticHeaders::new(credential.clone());
    capture.debug(&credential);
    capture.debug(&source);
    let builder =
        builder(&server).credentials(source).proxy("http://me:CANARY-PROXY@127.0.0.1:9".parse().unwrap());
    capture.debug(&builder);
    let transport: Transport = builder.build().unwrap();
    capture.debug(&transport);
    capture.debug(&transport.bare().with(credential));
    capture.error(&transport.send(&crate::call(api_transport::Effect::Read)).await.unwrap_err());
    capture.assert_shows_none_of(&["CANARY"]);
}

#[tokio::test]
async fn without_a_wish_no_name_and_no_value_of_a_body_is_logged() {
    let server = good_server().await;
    let capture = Capture::start();
    builder(&server).build().unwrap().send(&crate::call(api_transport::Effect::Read)).await.unwrap();
    let text = capture.text();
    for shown in ["DEBUG api_transport: answered", "method=POST", "path=/items/{}", "status=200", "attempt=1"]
    {
        assert!(text.contains(shown), "{shown} is missing: {text}");
    }
    capture.assert_shows_none_of(&["api_transport::wire", "value", "any"]);
}
