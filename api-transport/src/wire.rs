//! One attempt on the wire. The only file that knows the HTTP library's requests and answers.

use crate::request::{Answer, Request};
use crate::retry::{failure_of, retry_after};
use crate::session::Now;
use crate::{Error, ErrorKind, Result, WireLog};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Not this module's path: that is the target of the opt-in log.
const TARGET: &str = "api_transport";

/// How much of an answer that is no success is read, and for how long: only for [`Error::detail`].
const DETAIL_BYTES: usize = 16 * 1024;
const DETAIL_TIME: Duration = Duration::from_secs(5);

pub(crate) struct Wire {
    pub(crate) client: reqwest::Client,
    pub(crate) body_cap: usize,
    pub(crate) longest_retry_after: Duration,
    pub(crate) log: WireLog,
    pub(crate) now: Now,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("body_cap", &self.body_cap)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

impl Wire {
    /// Sends once. `on_success` sees the headers of a 2xx answer as soon as they are there.
    pub(crate) async fn attempt(
        &self,
        request: &Request,
        attempt: u32,
        credential: &HeaderMap,
        deadline: Instant,
        on_success: &(dyn Fn(&HeaderMap) + Sync),
    ) -> Result<Answer> {
        let begin = Instant::now();
        self.log.request(request, attempt);
        let outcome = match timeout_at(deadline, self.head(request, credential)).await {
            Ok(Ok(response)) => self.read(response, deadline, on_success).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "no answer began in time")),
        };
        let millis = begin.elapsed().as_millis();
        match &outcome {
            Ok(answer) => {
                tracing::debug!(
                    target: TARGET, method = %request.method, path = %request.path, status = answer.status, millis,
                    attempt, "answered"
                );
                self.log.answer(request, answer);
            }
            Err(error) => {
                tracing::debug!(
                    target: TARGET, method = %request.method, path = %request.path, status = error.status(), millis,
                    attempt, kind = ?error.kind(), "failed"
                );
            }
        }
        outcome.map_err(|error| error.with_endpoint(request.name()))
    }

    async fn head(&self, request: &Request, credential: &HeaderMap) -> Result<reqwest::Response> {
        let mut headers = request.headers.clone();
        headers.extend(credential.clone());
        let mut message = self.client.request(request.method.clone(), request.url.clone()).headers(headers);
        if let Some(body) = &request.body {
            message = message.body(body.clone());
        }
        message.send().await.map_err(broken)
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        deadline: Instant,
        on_success: &(dyn Fn(&HeaderMap) + Sync),
    ) -> Result<Answer> {
        let status = response.status();
        if let Some(kind) = failure_of(status) {
            return Err(self.refusal(kind, status, response, deadline).await);
        }
        on_success(response.headers());
        let headers = std::mem::take(response.headers_mut());
        let body = match timeout_at(deadline, self.body(response)).await {
            Ok(body) => body.map_err(|error| error.with_status(status.as_u16()))?,
            Err(_) => {
                return Err(Error::new(ErrorKind::Timeout, "the answer did not end in time")
                    .with_status(status.as_u16()));
            }
        };
        Ok(Answer { status: status.as_u16(), headers, body })
    }

    async fn body(&self, mut response: reqwest::Response) -> Result<Bytes> {
        let announced =
            response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = BytesMut::with_capacity(announced.min(self.body_cap).min(1 << 20));
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if chunk.len() > self.body_cap - body.len() {
                return Err(Error::new(ErrorKind::TooLarge, format!("more than {} bytes", self.body_cap)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// The error of an answer that is no success. Its body is a courtesy: cut, late or broken, the status counts.
    async fn refusal(
        &self,
        kind: ErrorKind,
        status: StatusCode,
        mut response: reqwest::Response,
        deadline: Instant,
    ) -> Error {
        let mut error = Error::new(kind, "").with_status(status.as_u16());
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let wait = retry_after(response.headers(), (self.now)(), self.longest_retry_after);
            error = error.with_retry_after(wait);
        }
        let mut text = Vec::new();
        let reading = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                text.extend(chunk.iter().take(DETAIL_BYTES - text.len()));
                if text.len() == DETAIL_BYTES {
                    break;
                }
            }
        };
        let _ = timeout_at(deadline.min(Instant::now() + DETAIL_TIME), reading).await;
        error.with_detail(String::from_utf8_lossy(&text).trim())
    }
}

/// The HTTP library's error as ours. It keeps its cause, less the URL, whose query may hold content.
fn broken(cause: reqwest::Error) -> Error {
    let kind = if cause.is_builder() {
        ErrorKind::Config
    } else if cause.is_connect() {
        ErrorKind::NotSent
    } else if cause.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Connection
    };
    Error::new(kind, "").with_source(cause.without_url())
}
