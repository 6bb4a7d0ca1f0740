//! A server that sends exactly the bytes it is told, on a listener of its own.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// A request as it came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// The verb.
    pub method: String,
    /// Path and query, as on the wire.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Seen {
    /// The path, as on the wire.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub struct Reply(Act);

#[derive(Clone, Debug)]
enum Act {
    Answer { status: u16, headers: Vec<(String, String)>, body: Bytes },
    Raw(Bytes),
    Drip(Bytes, Duration),
    Silence,
}

impl Reply {
    /// A whole answer with a JSON body and its length; the connection stays open.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self(Act::Answer { status, headers, body: body.into() })
    }

    /// Adds a header to an answer made by [`json`](Self::json).
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Act::Answer { headers, .. } = &mut self.0 {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// Exactly these bytes, then the connection is closed.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self(Act::Raw(bytes.into()))
    }

    /// The connection is closed without a byte.
    pub fn close() -> Self {
        Self::raw(Bytes::new())
    }

    /// These bytes one by one with a pause after each, over and over, until the client gives up.
    pub fn drip(head: impl Into<Bytes>, pause: Duration) -> Self {
        Self(Act::Drip(head.into(), pause))
    }

    /// Nothing, until the client gives up.
    pub fn silence() -> Self {
        Self(Act::Silence)
    }

    /// The bytes of the answer.
    pub fn to_bytes(&self) -> Bytes {
        match &self.0 {
            Act::Answer { status, headers, body } => {
                let mut bytes = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    bytes.push_str(&format!("{name}: {value}\r\n"));
                }
                bytes.push_str("\r\n");
                let mut bytes = bytes.into_bytes();
                bytes.extend_from_slice(body);
                bytes.into()
            }
            Act::Raw(bytes) | Act::Drip(bytes, _) => bytes.clone(),
            Act::Silence => Bytes::new(),
        }
    }
}

type Script = dyn Fn(usize, &Seen) -> (bool, Reply) + Send + Sync;

/// A scripted HTTP/1.1 server on a port of its own; it goes away when dropped.
pub struct RawServer {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    script: Box<Script>,
    counted: Mutex<Vec<Seen>>,
    others: Mutex<Vec<Seen>>,
}

impl RawServer {
    /// Starts a server whose every reply is `script`'s. `script` gets the number of the request, from 1 among those that count,
    /// and says whether this one counts.
    ///
    /// # Panics
    ///
    /// No port can be had.
    pub async fn start(script: impl Fn(usize, &Seen) -> (bool, Reply) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let state =
            Arc::new(State { script: Box::new(script), counted: Mutex::default(), others: Mutex::default() });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                connections.spawn(serve(socket, Arc::clone(&shared)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, state, task }
    }

    /// Starts a server whose requests all count.
    ///
    /// # Panics
    ///
    /// No port can be had.
    pub async fn answering(script: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |nth, seen| (true, script(nth, seen))).await
    }

    /// The base URL.
    ///
    /// # Panics
    ///
    /// Never: an address makes a URL.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("an address makes a URL")
    }

    /// The requests that count, in order.
    pub fn requests(&self) -> Vec<Seen> {
        self.state.counted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The other requests, in order.
    pub fn others(&self) -> Vec<Seen> {
        self.state.others.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Closes the port and every connection.
    pub async fn stop(mut self) {
        self.task.abort();
        // Cancelled is what it should be; afterwards the port is closed.
        let _ = (&mut self.task).await;
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for RawServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawServer").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn serve(mut socket: TcpStream, state: Arc<State>) {
    let mut unread = BytesMut::new();
    while let Some(seen) = request(&mut socket, &mut unread).await {
        let reply = {
            let mut counted = state.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let (counts, reply) = (state.script)(counted.len() + 1, &seen);
            if counts {
                counted.push(seen);
            } else {
                state.others.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
            }
            reply
        };
        match &reply.0 {
            Act::Answer { .. } => {
                if socket.write_all(&reply.to_bytes()).await.is_err() {
                    return;
                }
            }
            Act::Raw(bytes) => {
                let _ = socket.write_all(bytes).await;
                let _ = socket.shutdown().await;
                return;
            }
            Act::Drip(bytes, pause) => {
                for byte in bytes.iter().cycle() {
                    if socket.write_all(std::slice::from_ref(byte)).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(*pause).await;
                }
                return;
            }
            Act::Silence => {
                let _ = socket.read(&mut [0]).await;
                return;
            }
        }
    }
}

async fn request(socket: &mut TcpStream, unread: &mut BytesMut) -> Option<Seen> {
    let end = loop {
        if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        more(socket, unread).await?;
    };
    let head = unread.split_to(end);
    let head = std::str::from_utf8(&head).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers
            .append(http::HeaderName::try_from(name).ok()?, http::HeaderValue::try_from(value.trim()).ok()?);
    }
    let length = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    let length: usize = length.unwrap_or(0);
    while unread.len() < length {
        more(socket, unread).await?;
    }
    Some(Seen { method, target, headers, body: unread.split_to(length).freeze() })
}

async fn more(socket: &mut TcpStream, unread: &mut BytesMut) -> Option<()> {
    let read = socket.read_buf(unread).await.ok()?;
    (read > 0).then_some(())
}
