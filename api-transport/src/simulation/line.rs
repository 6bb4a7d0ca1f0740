//! Connections that can be cut from inside a request: the listener hands every request the means to close its own connection.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{extract::connect_info::Connected, serve::IncomingStream, serve::Listener};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// One connection, as a request sees it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    state: Arc<LineState>,
}

#[derive(Debug, Default)]
struct LineState {
    cut: AtomicBool,
    flushed: Notify,
}

impl Line {
    fn new() -> Self {
        Self { state: Arc::new(LineState::default()) }
    }

    /// Nothing more leaves on this connection; it closes when the server tries to write.
    pub(super) fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
    }

    fn is_cut(&self) -> bool {
        self.state.cut.load(Ordering::SeqCst)
    }

    /// Waits until all that the server has written so far is with the operating system.
    pub(super) async fn flushed(&self) {
        self.state.flushed.notified().await;
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Line {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A TCP listener whose connections can be cut.
#[derive(Debug)]
pub(super) struct CuttableListener {
    inner: TcpListener,
    stopped: watch::Receiver<bool>,
}

impl CuttableListener {
    pub(super) fn new(inner: TcpListener, stopped: watch::Receiver<bool>) -> Self {
        Self { inner, stopped }
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = Line;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (inner, _) = Listener::accept(&mut self.inner).await;
        // Best effort: without it small answers wait for the peer's acknowledgement.
        let _ = inner.set_nodelay(true);
        let line = Line::new();
        let mut stopped = self.stopped.clone();
        let stopped = Box::pin(async move {
            // An error means that the server is gone, which is a stop too.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        });
        (CuttableStream { inner, line: line.clone(), stopped }, line)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Line::new())
    }
}

/// A connection that reports a reset once it is cut or the server stops.
pub(super) struct CuttableStream {
    inner: TcpStream,
    line: Line,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        match Pin::new(&mut self.inner).poll_read(cx, buf) {
            Poll::Pending if self.stopped.as_mut().poll(cx).is_ready() => {
                // A finished future must not be polled again.
                self.line.cut();
                Poll::Ready(Err(reset()))
            }
            other => other,
        }
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        if flushed.is_ready() {
            self.line.state.flushed.notify_waiters();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
