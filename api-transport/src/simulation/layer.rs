//! The middleware that asks the script about every call.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use tokio::sync::watch;

use super::{
    fault::FaultKind,
    line::Line,
    script::{Faults, Met},
};

#[derive(Debug, Clone)]
pub(super) struct Spoiler {
    pub(super) faults: Faults,
    pub(super) stopped: watch::Receiver<bool>,
}

/// Passes a call on, spoilt as the script says.
pub(super) async fn spoil(
    State(spoiler): State<Spoiler>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_sim/") {
        return next.run(request).await;
    }
    let (in_flight, met) = spoiler.faults.meet(request.method().as_str(), request.uri().path());
    let faults = spoiler.faults.clone();
    let on_line = line.clone();
    // The body has to be here before the caller may go away.
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, super::server::BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request::from_parts(parts, Body::from(body));
    let mut stopped = spoiler.stopped;
    // A task of its own: the caller's going away does not stop the work. The server's stop does.
    let work = tokio::spawn(async move {
        let _in_flight = in_flight;
        let work = async {
            match met {
                Some(met) => act(met, &faults, on_line, request, next).await,
                None => next.run(request).await,
            }
        };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => None,
            answer = work => Some(answer),
        }
    });
    match work.await {
        Ok(Some(answer)) => answer,
        Ok(None) => {
            line.cut();
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        // The handler panicked.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn act(met: Met, faults: &Faults, line: Line, request: Request, next: Next) -> Response {
    match &met.kind {
        FaultKind::Refuse { status, body, retry_after } => refusal(*status, body, *retry_after),
        FaultKind::ApplyThenFail { status } => {
            next.run(request).await;
            refusal(*status, "", None)
        }
        FaultKind::DropBefore => {
            line.cut();
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        FaultKind::DropAfter => {
            let answer = next.run(request).await;
            line.cut();
            answer
        }
        FaultKind::Slow { millis } => {
            tokio::time::sleep(Duration::from_millis(*millis)).await;
            next.run(request).await
        }
        FaultKind::CutBody { at_byte } => cut(next.run(request).await, *at_byte, line).await,
        FaultKind::HoldBefore => {
            met.hold().await;
            next.run(request).await
        }
        FaultKind::HoldAfter => {
            let answer = next.run(request).await;
            met.hold().await;
            answer
        }
        FaultKind::Rewrite { find, replace } => rewrite(next.run(request).await, find, replace).await,
        FaultKind::ExpireSession => {
            faults.expire_session();
            next.run(request).await
        }
    }
}

fn refusal(status: u16, body: &str, retry_after: Option<u64>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = (status, body.to_owned()).into_response();
    if body.trim_start().starts_with(['{', '[']) {
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// The same head with the whole length declared, and a body that breaks off after `at_byte` bytes.
async fn cut(answer: Response, at_byte: u64, line: Line) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let at_byte = usize::try_from(at_byte).unwrap_or(usize::MAX);
    if at_byte >= whole.len() {
        return Response::from_parts(parts, Body::from(whole));
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let piece = whole.slice(..at_byte);
    let broken = stream::unfold(Some(piece), move |piece| {
        let line = line.clone();
        async move {
            match piece {
                Some(piece) if !piece.is_empty() => Some((Ok(piece), Some(Bytes::new()))),
                Some(_) => {
                    // Otherwise the server would throw away what it has not written yet.
                    line.flushed().await;
                    Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), None))
                }
                None => None,
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(broken))
}

async fn rewrite(answer: Response, find: &str, replace: &str) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let text = String::from_utf8_lossy(&whole).replace(find, replace);
    Response::from_parts(parts, Body::from(text))
}
