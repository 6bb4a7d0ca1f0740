//! Settings of a transport.

use crate::gate::Gate;
use crate::session::{Now, Session};
use crate::transport::Shared;
use crate::wire::Wire;
use crate::{CredentialSource, Error, Result, RetryBudget, RetryPolicy, Transport, WireLog};
use reqwest::{Certificate, Client, Proxy, redirect, retry, tls};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use url::{Host, Url};

/// The longest time that is counted: "no limit" must not overflow the clock.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The most sessions, and the most calls in each: places are kept one by one.
const MOST: usize = 1_000;

/// Settings of a [`Transport`]. Every setting has a default except the base URL.
pub struct TransportBuilder {
    base: Url,
    credentials: Option<Arc<dyn CredentialSource>>,
    in_flight: usize,
    sessions: usize,
    retry: RetryPolicy,
    budget: RetryBudget,
    attempt_timeout: Duration,
    total_timeout: Duration,
    connect_timeout: Duration,
    pool_idle_timeout: Duration,
    body_cap: usize,
    roots: Vec<Vec<u8>>,
    proxy: Option<Url>,
    allow_plain_http: bool,
    user_agent: String,
    wire_log: WireLog,
    now: Now,
}

impl TransportBuilder {
    pub(crate) fn new(base: Url) -> Self {
        Self {
            base,
            credentials: None,
            in_flight: 1,
            sessions: 1,
            retry: RetryPolicy::default(),
            budget: RetryBudget::default(),
            attempt_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(180),
            connect_timeout: Duration::from_secs(10),
            pool_idle_timeout: Duration::from_secs(20),
            body_cap: 64 << 20,
            roots: Vec::new(),
            proxy: None,
            allow_plain_http: false,
            user_agent: concat!("api-transport/", env!("CARGO_PKG_VERSION")).to_owned(),
            wire_log: WireLog::off(),
            now: Arc::new(system_time),
        }
    }

    /// Where credentials come from. Default: calls carry none.
    #[must_use]
    pub fn credentials(mut self, source: impl CredentialSource + 'static) -> Self {
        self.credentials = Some(Arc::new(source));
        self
    }

    /// How many calls may be in flight at once in each session; from 1 to 1,000. Default 1: with a token that changes with every answer, a second call
    /// may make the first one's worthless.
    #[must_use]
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.in_flight = calls.clamp(1, MOST);
        self
    }

    /// How many sessions are kept side by side; from 1, the default, to 1,000. Each logs in for itself when a call first needs
    /// it, and a call takes the free place that was used last, at first all places of one session before another one is opened. A token that an answer hands out goes back
    /// to its own session alone. Everything else is shared: the queue, the retry budget, connections.
    #[must_use]
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions.clamp(1, MOST);
        self
    }

    /// How often and after which pauses calls are repeated.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The budget of repeats; give several transports to one server clones of the same.
    #[must_use]
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// The longest time of one attempt, up to the last byte of the answer. Default 60 s. It should be longer than
    /// [`connect_timeout`](Self::connect_timeout), since only that one knows that nothing was sent.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit.min(FOREVER);
        self
    }

    /// The longest time of a whole call: waiting for a place, login, attempts and pauses. Default 180 s; for writes it should
    /// not be below the server's own limit.
    #[must_use]
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = limit.min(FOREVER);
        self
    }

    /// The longest time for name look-up, connect and TLS. Default 10 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit.min(FOREVER);
        self
    }

    /// How long an unused connection is kept. Default 20 s; it should be below the server's own limit.
    #[must_use]
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.pool_idle_timeout = limit.min(FOREVER);
        self
    }

    /// The longest body of an answer in bytes, after decompression. Default 64 MiB.
    #[must_use]
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Also trusts these certificates (PEM, one or more): for a server with a private authority.
    #[must_use]
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Sends everything through this proxy. Default: none, whatever the environment says.
    #[must_use]
    pub fn proxy(mut self, proxy: Url) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Permits plain `http` to hosts other than this machine. Then everybody between here and there can read the credentials.
    #[must_use]
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// The `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// What of requests and answers is logged. Default: nothing but method, masked path, status, duration and attempt.
    #[must_use]
    pub fn wire_log(mut self, log: WireLog) -> Self {
        self.wire_log = log;
        self
    }

    /// The clock by which credentials end and `Retry-After` dates are read. Default: the system's.
    #[must_use]
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }

    /// Makes the transport. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): the base URL has credentials, a query or a fragment, is neither `https`
    /// nor permitted plain `http`; a certificate or the proxy cannot be used.
    pub fn build(self) -> Result<Transport> {
        if self.base.query().is_some() {
            return Err(Error::config("the base URL must have no query"));
        }
        check_url(&self.base, self.allow_plain_http)?;
        let mut http = Client::builder()
            .http1_only()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .gzip(true)
            .no_proxy()
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.pool_idle_timeout)
            .user_agent(self.user_agent);
        let mut roots = Vec::new();
        for pem in &self.roots {
            match Certificate::from_pem_bundle(pem) {
                Ok(certificates) if !certificates.is_empty() => roots.extend(certificates),
                _ => return Err(Error::config("a root certificate is not valid PEM")),
            }
        }
        // Without TLS the system's certificates are not read: that takes time, and a container may have none.
        let uses_tls =
            self.base.scheme() == "https" || self.proxy.as_ref().is_some_and(|p| p.scheme() == "https");
        let trusts_certificates = uses_tls || !roots.is_empty();
        http = if uses_tls { http.tls_certs_merge(roots) } else { http.tls_certs_only(roots) };
        if let Some(proxy) = self.proxy {
            http =
                http.proxy(Proxy::all(proxy).map_err(|_| Error::config("the proxy's URL cannot be used"))?);
        }
        let client = http.build().map_err(|cause| {
            Error::config("the HTTP client cannot be made").with_source(cause.without_url())
        })?;
        let wire = Wire {
            client,
            body_cap: self.body_cap,
            longest_retry_after: self.retry.longest_retry_after(),
            log: self.wire_log,
            now: Arc::clone(&self.now),
        };
        let sessions = Session::side_by_side(self.sessions, self.credentials.as_ref(), &self.now);
        // All places of a session before the next one has to log in.
        let lanes =
            sessions.iter().rev().flat_map(|session| vec![Arc::clone(session); self.in_flight]).collect();
        Ok(Transport::from_shared(Shared {
            base: self.base,
            allow_plain_http: self.allow_plain_http,
            trusts_certificates,
            wire,
            places: self.in_flight.saturating_mul(self.sessions),
            gate: Gate::new(lanes),
            sessions,
            closing: tokio::sync::Mutex::default(),
            retry: self.retry,
            budget: self.budget,
            attempt_timeout: self.attempt_timeout,
            total_timeout: self.total_timeout,
        }))
    }
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportBuilder")
            .field("host", &self.base.host_str())
            .field("credentials", &self.credentials)
            .field("in_flight", &self.in_flight)
            .field("sessions", &self.sessions)
            .field("retry", &self.retry)
            .field("proxy", &self.proxy.as_ref().and_then(Url::host_str))
            .finish_non_exhaustive()
    }
}

/// What holds for every URL that something is sent to.
pub(crate) fn check_url(url: &Url, allow_plain_http: bool) -> Result<()> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config("the URL must not hold credentials"));
    }
    if url.fragment().is_some() {
        return Err(Error::config("the URL must have no fragment"));
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(Error::config("the URL has no host")),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback || allow_plain_http => Ok(()),
        "http" => Err(Error::config("plain http to another machine is not permitted; see allow_plain_http")),
        _ => Err(Error::config("the URL is neither https nor http")),
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock, which a test replaces")]
fn system_time() -> SystemTime {
    SystemTime::now()
}
