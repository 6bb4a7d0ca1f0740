use std::path::Path;

use secrecy::ExposeSecret;

use crate::company::Company;
use crate::program::bridge;

/// Every file below a folder, read whole.
fn files(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.extend(std::fs::read(path).unwrap());
        }
    }
    all
}

#[tokio::test]
async fn i8_no_secret_and_no_record_content_in_logs_at_trace_and_no_secret_in_the_store() {
    const NOTE: &str = "kanarek w uwagach";
    let company = Company::of_goods(20).await;
    company.place(company.order(1).notes(NOTE));
    let output = bridge(&company).env("RUST_LOG", "trace").output().await.unwrap();
    assert!(output.status.success());
    let mut log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.lines().any(|line| line.contains("TRACE")), "the log is at TRACE");
    log.push_str(&String::from_utf8_lossy(&output.stdout));
    let token = company.simulation.enova.application_token();
    let key = company.simulation.one.api_key();
    // session tokens have the shape of a JWT, as the application token has
    for canary in [token.expose_secret(), key.expose_secret(), NOTE, "Bearer ", "eyJ"] {
        let line = log.lines().find(|line| line.contains(canary));
        assert!(line.is_none(), "{canary} is in the log: {line:?}");
    }
    let state = files(company.folder.path());
    let found = |secret: &str| state.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(found(NOTE), "the frozen order is kept");
    assert!(!found(token.expose_secret()) && !found(key.expose_secret()));
}
