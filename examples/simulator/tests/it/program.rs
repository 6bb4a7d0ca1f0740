//! The program as somebody calls it.

use std::net::TcpListener;
use std::process::Command;

#[test]
fn an_address_that_is_taken_is_named_with_what_to_do() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    for system in ["enova", "one"] {
        let port = address.port().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
        let ended = command.args([system, "--port", &port]).output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{told}");
        assert!(told.starts_with(&format!("error: the address {address} cannot be had\n")), "{told}");
        assert!(told.contains("another program listens there"), "{told}");
    }
}
