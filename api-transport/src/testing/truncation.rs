//! An answer that is cut is never a success.

use super::{Reply, Suite, quick};
use crate::Endpoint;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How an answer's end is marked.
const FRAMES: [(&str, bool, bool); 4] = [
    ("content-length", false, false),
    ("chunked", true, false),
    ("gzip with content-length", false, true),
    ("gzip, chunked", true, true),
];

impl Suite {
    /// Sends `good` with a content length, chunked and compressed, cut at every byte: whole it is read, cut it never is. For a
    /// write every cut leaves open whether it happened. Each byte is a call, so take a short answer.
    ///
    /// # Panics
    ///
    /// The client behaves otherwise.
    pub async fn truncation<E: Endpoint>(&self, endpoint: &E, good: impl Into<Bytes>) {
        let good = good.into();
        for (name, chunked, gzip) in FRAMES {
            let body = if gzip { compressed(&good) } else { good.clone() };
            self.cut_everywhere(endpoint, name, framed(&body, chunked, gzip)).await;
        }
        // Whole for HTTP, cut for gzip: the proxy that compresses has lost its server.
        let body = compressed(&good);
        for cut in 0..body.len() {
            let answer = framed(&body.slice(..cut), true, true);
            let name = format!("gzip ends after {cut} of {} bytes", body.len());
            let server = self.server(move |_, _| Reply::raw(answer.clone())).await;
            let outcome = self.transport(&server, |builder| builder.retry(quick(1))).send(endpoint).await;
            self.is_failure(endpoint, &name, outcome.map(drop));
        }
    }

    async fn cut_everywhere<E: Endpoint>(&self, endpoint: &E, name: &str, whole: Bytes) {
        let cut = Arc::new(AtomicUsize::new(whole.len()));
        let (now, bytes) = (Arc::clone(&cut), whole.clone());
        let server = self.server(move |_, _| Reply::raw(bytes.slice(..now.load(Ordering::SeqCst)))).await;
        let transport = self.transport(&server, |builder| builder.retry(quick(1)));
        let outcome = transport.send(endpoint).await.map(drop);
        assert!(outcome.is_ok(), "{name}, whole: {outcome:?}");
        for length in 0..whole.len() {
            cut.store(length, Ordering::SeqCst);
            let name = format!("{name}, cut after {length} of {} bytes", whole.len());
            self.is_failure(endpoint, &name, transport.send(endpoint).await.map(drop));
        }
    }

    fn is_failure<E: Endpoint>(&self, endpoint: &E, name: &str, outcome: crate::Result<()>) {
        let Err(error) = outcome else { unreachable!("{name}: taken for a success") };
        assert_eq!(error.may_have_been_applied(), endpoint.effect().is_write(), "{name}: {error:?}");
    }
}

fn framed(body: &[u8], chunked: bool, gzip: bool) -> Bytes {
    let mut out = String::from("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n").into_bytes();
    if gzip {
        out.extend_from_slice(b"content-encoding: gzip\r\n");
    }
    if chunked {
        out.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
        for chunk in body.chunks(7) {
            out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\n\r\n");
    } else {
        out.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        out.extend_from_slice(body);
    }
    out.into()
}

fn compressed(body: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(body).expect("writing to memory");
    gzip.finish().expect("writing to memory").into()
}
