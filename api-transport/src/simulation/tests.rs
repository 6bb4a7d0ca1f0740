//! Raw sockets, so that no client's kindness hides what the server really sends.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{Router, routing::post};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Fault, FaultHandle, Faults, Server, serve};

const ANSWER: &str = "zażółć gęślą jaźń";

struct Bench {
    server: Server,
    faults: Faults,
    applied: Arc<AtomicU64>,
}

impl Bench {
    async fn new() -> Self {
        let applied = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&applied);
        let router = Router::new().route(
            "/api/x/Dodaj",
            post(move || {
                counter.fetch_add(1, Ordering::SeqCst);
                async { ANSWER }
            }),
        );
        let faults = Faults::new();
        let server = serve(0, router, faults.clone()).await.unwrap();
        Self { server, faults, applied }
    }

    fn applied(&self) -> u64 {
        self.applied.load(Ordering::SeqCst)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.server.address()).await.unwrap()
    }

    /// Everything that the server sends until it closes.
    async fn call(&self, line: &str, body: &str) -> String {
        let mut socket = self.connect().await;
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A reset instead of a plain close is just as broken.
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn add(&self) -> String {
        self.call("POST /api/x/Dodaj", "{}").await
    }

    fn fault(&self, shape: impl FnOnce(Fault) -> Fault) -> FaultHandle {
        self.faults.add(shape(Fault::on("x/Dodaj")))
    }
}

fn body_of(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[tokio::test]
async fn a_dropped_connection_sends_no_byte_and_only_drop_after_applies() {
    let bench = Bench::new().await;
    bench.fault(Fault::drop_before);
    assert_eq!(bench.add().await, "");
    assert_eq!(bench.applied(), 0);
    bench.fault(Fault::drop_after);
    assert_eq!(bench.add().await, "");
    assert_eq!(bench.applied(), 1);
    assert_eq!(body_of(&bench.add().await), ANSWER);
}

#[tokio::test]
async fn a_cut_answer_declares_its_whole_length_and_stops_at_every_byte() {
    let bench = Bench::new().await;
    for at_byte in 0..ANSWER.len() {
        bench.fault(|fault| fault.cut_body(u64::try_from(at_byte).unwrap()));
        let mut socket = bench.connect().await;
        let head = "POST /api/x/Dodaj HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let border = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(answer[..border].to_vec()).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains(&format!("content-length: {}\r\n", ANSWER.len())), "{head}");
        assert_eq!(&answer[border..], &ANSWER.as_bytes()[..at_byte]);
    }
    assert_eq!(bench.applied(), u64::try_from(ANSWER.len()).unwrap());
}

#[tokio::test]
async fn a_large_answer_is_cut_at_the_byte_too() {
    const LENGTH: usize = 8 * 1024 * 1024;
    const CUT: usize = LENGTH - 3;
    let router = Router::new().route("/x", post(|| async { vec![7_u8; LENGTH] }));
    let faults = Faults::new();
    let server = serve(0, router, faults.clone()).await.unwrap();
    faults.add(Fault::on("").cut_body(u64::try_from(CUT).unwrap()));
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    let border = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(answer.len() - border, CUT);
}

#[tokio::test]
async fn refusals_do_not_apply_and_apply_then_fail_does() {
    let bench = Bench::new().await;
    bench.fault(|fault| fault.refuse(400, r#"{"Message":"nie"}"#));
    let answer = bench.add().await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("application/json"), "{answer}");
    bench.fault(|fault| fault.every(2).times(1).too_many_requests(Some(std::time::Duration::from_secs(7))));
    assert!(bench.add().await.starts_with("HTTP/1.1 200"));
    let answer = bench.add().await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 7"), "{answer}");
    assert_eq!(bench.applied(), 1);
    bench.fault(|fault| fault.apply_then_fail(503));
    assert!(bench.add().await.starts_with("HTTP/1.1 503"));
    assert_eq!(bench.applied(), 2);
    bench.fault(|fault| fault.rewrite("gęślą", "?"));
    assert_eq!(body_of(&bench.add().await), "zażółć ? jaźń");
}

#[tokio::test]
async fn a_held_call_is_applied_on_release_even_when_its_caller_has_gone() {
    let bench = Bench::new().await;
    let held = bench.fault(Fault::hold_before);
    let mut socket = bench.connect().await;
    socket.write_all(b"POST /api/x/Dodaj HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    held.held().await;
    assert_eq!(bench.applied(), 0);
    drop(socket);
    let after = bench.fault(Fault::hold_after);
    held.release();
    let (answer, ()) = tokio::join!(bench.add(), async {
        after.held().await;
        assert!(bench.applied() >= 1);
        after.release();
    });
    assert_eq!(body_of(&answer), ANSWER);
    // The released call and the one after it may finish in any order.
    while bench.applied() < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_script_is_driven_over_http_and_control_paths_are_not_counted() {
    let bench = Bench::new().await;
    let answer = bench.call("POST /_sim/faults", r#"{"on":"Dodaj","kind":{"refuse":{"status":418}}}"#).await;
    assert_eq!(body_of(&answer), r#"{"ids":[1]}"#);
    let answer = bench.call("POST /_sim/faults", r#"[{"kind":"hold_before"},{"kind":"drop_after"}]"#).await;
    assert_eq!(body_of(&answer), r#"{"ids":[2,3]}"#);
    let answer = bench.call("POST /_sim/faults", r#"{"kind":"explode"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("explode"), "{answer}");
    assert!(bench.add().await.starts_with("HTTP/1.1 418"));
    let answer = bench.call("GET /_sim/faults", "").await;
    assert!(answer.contains(r#""calls":{"POST /api/x/Dodaj":1}"#), "{answer}");
    bench.call("DELETE /_sim/faults", "").await;
    assert!(bench.add().await.starts_with("HTTP/1.1 200"));
    assert_eq!(bench.faults.calls("x/Dodaj"), 2);
    assert_eq!(bench.faults.max_in_flight(), 1);
}

#[tokio::test]
async fn a_stopped_server_answers_nobody_and_a_held_call_is_not_applied() {
    let bench = Bench::new().await;
    let held = bench.fault(Fault::hold_before);
    let idle = bench.connect().await;
    let mut waiting = bench.connect().await;
    waiting.write_all(b"POST /api/x/Dodaj HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    held.held().await;
    let address = bench.server.address();
    bench.server.stop().await;
    let mut answer = Vec::new();
    let _ = waiting.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    drop(idle);
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(bench.applied.load(Ordering::SeqCst), 0);
}
