//! The program as somebody calls it.

use std::process::{Command, Output};

use secrecy::ExposeSecret;
use soneta_webapi::simulator::Simulator;
use tempfile::TempDir;

/// The program against this address, with a file of its own.
async fn portal(url: &str, token: &str, words: &'static [&'static str]) -> (i32, String, String) {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
    command.args(words).arg("--file").arg(folder.path().join("shop.sqlite"));
    command.env("ENOVA_URL", url).env("ENOVA_APPLICATION_TOKEN", token);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let Output { status, stdout, stderr } = ended;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_and_a_server_that_is_away_are_told_apart() {
    let enova = Simulator::builder().goods(3).start().await.unwrap();
    let url = enova.url().to_string();
    let (code, _, told) = portal(&url, "wrong", &[]).await;
    assert_eq!(code, 3, "{told}");
    assert!(
        told.starts_with("error: enova365 does not accept the token of ENOVA_APPLICATION_TOKEN"),
        "{told}"
    );
    assert!(told.contains("→ Check the credentials"), "{told}");
    enova.stop().await;
    let (code, _, told) = portal(&url, "any", &[]).await;
    assert_eq!(code, 3, "{told}");
    assert!(told.starts_with("error: enova365 is not reached at its address"), "{told}");
    assert!(told.contains("→ Try again later; check the address"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warehouse_that_the_erp_does_not_have_is_named_beside_those_that_it_has() {
    let enova = Simulator::builder().goods(3).start().await.unwrap();
    let token = enova.application_token();
    let wrong = portal(enova.url().as_str(), token.expose_secret(), &["--warehouse", "NONE"]).await;
    assert_eq!(wrong.0, 2, "{wrong:?}");
    assert!(wrong.2.starts_with("error: enova365 has no warehouse \"NONE\"; it has F"), "{wrong:?}");
    let right = portal(enova.url().as_str(), token.expose_secret(), &["--warehouse", "F"]).await;
    assert_eq!(right.0, 0, "{right:?}");
}
