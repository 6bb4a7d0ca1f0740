use std::fmt;
use std::time::{Duration, SystemTime};

use api_transport::{
    Effect, Endpoint, ErrorKind, RetryBudget, RetryPolicy, Transport, TransportBuilder, WireLog,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::altone::AltOne;
use crate::b2b::B2b;
use crate::controller::ControllerCall;
use crate::product::{CurrentVersion, LogoutApi, ProductVersion};
use crate::session::SessionSource;
use crate::{Error, Result};

/// The server closes a session after five minutes without a call; this leaves room for a slow one.
const IDLE_LIMIT: Duration = Duration::from_secs(4 * 60 + 30);

/// A client of one enova365 server and database. Clones are cheap and share the session.
///
/// It logs in before the first call, after a long idle time and once for all callers after a 401, and takes over the session
/// token of every answer. Nothing runs in the background. Call [`close`](Self::close) at the end, which frees the seat of the
/// licence.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use futures::TryStreamExt;
/// use secrecy::SecretString;
/// use soneta_webapi::{Client, StanyQuery};
///
/// let token = SecretString::from(std::env::var("ENOVA_TOKEN")?);
/// let client = Client::builder("https://erp.example:9010".parse()?, token).build()?;
///
/// let stany = client.b2b().stany();
/// let mut pages = std::pin::pin!(stany.list(StanyQuery::default()));
/// while let Some(page) = pages.try_next().await? {
///     for row in page.rows {
///         match row {
///             Ok(stan) => println!("{}: {:?}", stan.kod, stan.dostepne_razem()),
///             Err(bad) => eprintln!("{bad}: {}", bad.error),
///         }
///     }
/// }
/// client.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// Starts a client of the server at `base_url` (with its path prefix, without `/api`). The database is part of the
    /// application token, which an administrator of the ERP issues.
    pub fn builder(base_url: Url, application_token: SecretString) -> ClientBuilder {
        let transport =
            Transport::builder(base_url).user_agent(concat!("soneta-webapi/", env!("CARGO_PKG_VERSION")));
        ClientBuilder { transport, application_token, idle_limit: IDLE_LIMIT }
    }

    /// Sends any call: of this crate or an endpoint of your own.
    ///
    /// # Errors
    /// See [`ErrorKind`]: what went wrong, and whether it may have happened nevertheless.
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response> {
        self.transport.send(endpoint).await
    }

    /// Calls a method of a controller by name, with one object as its argument. For scalars see [`ControllerCall`].
    ///
    /// `effect` says what a second delivery does: [`Effect::Create`] where nobody knows.
    ///
    /// # Errors
    /// As [`send`](Self::send); kind `Config` when the body cannot be written as JSON.
    pub async fn call<T, B>(&self, controller: &str, method: &str, effect: Effect, body: &B) -> Result<T>
    where
        T: DeserializeOwned + Send,
        B: Serialize + ?Sized,
    {
        self.send(&ControllerCall::new(controller, method, effect).object(body)?).await
    }

    /// The reference contract, for servers whose add-on follows it.
    pub fn b2b(&self) -> B2b {
        B2b::new(self.clone())
    }

    /// AltOne's public add-on contract.
    pub fn altone(&self) -> AltOne {
        AltOne::new(self.clone())
    }

    /// `GET api/CurrentVersion`: which build answers.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn current_version(&self) -> Result<ProductVersion> {
        self.send(&CurrentVersion::default()).await
    }

    /// Opens the session now, so that wrong credentials show before the first call. With several callers there is one login.
    ///
    /// Does nothing while a session is held, since a second one takes a second seat of the licence. Whether that session is
    /// still good shows with the next call, which renews it.
    ///
    /// # Errors
    /// As [`send`](Self::send); kind `Unauthorized` for a token that the server does not accept.
    pub async fn log_in(&self) -> Result<()> {
        if self.transport.credential().await.is_some() {
            return Ok(());
        }
        self.transport.renew_now().await
    }

    /// `POST api/LogoutApi`: closes the session and frees its seat. Call it when no other call is under way.
    ///
    /// Does nothing when there is no session, and is content when the server has closed it already. A call after it opens a new
    /// session.
    ///
    /// # Errors
    /// As [`send`](Self::send). The session is forgotten all the same; the server closes it after its idle time.
    pub async fn close(&self) -> Result<()> {
        let Some(session) = self.transport.credential().await else { return Ok(()) };
        self.transport.forget_credential();
        match self.transport.bare().with(session).send(&LogoutApi::default()).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Unauthorized => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The server's address.
    pub fn base_url(&self) -> &Url {
        self.transport.base_url()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url().as_str()).finish_non_exhaustive()
    }
}

/// Settings of a [`Client`]. All have defaults.
#[derive(Debug)]
pub struct ClientBuilder {
    transport: TransportBuilder,
    application_token: SecretString,
    idle_limit: Duration,
}

impl ClientBuilder {
    /// The longest time of one attempt. Default 60 s, which is also the server's own limit.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.attempt_timeout(limit);
        self
    }

    /// The longest time of a whole call: waiting, login, attempts and pauses. Default 180 s.
    #[must_use]
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.total_timeout(limit);
        self
    }

    /// The longest time for name look-up, connect and TLS. Default 10 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.connect_timeout(limit);
        self
    }

    /// How often and after which pauses calls are repeated, as far as their effect permits it.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.transport = self.transport.retry(policy);
        self
    }

    /// The budget of repeats; give several clients of one server clones of the same.
    #[must_use]
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.transport = self.transport.retry_budget(budget);
        self
    }

    /// How many calls may be in flight at once. Default 1: each answer brings a new token, and nobody has documented whether the
    /// older one stays valid. For more throughput prefer several clients, each with its session.
    #[must_use]
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.transport = self.transport.in_flight(calls);
        self
    }

    /// After how long without a call a new session is opened before the next one. Default 4 min 30 s, below the server's 5 min.
    #[must_use]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = limit;
        self
    }

    /// The longest answer in bytes, after decompression. Default 64 MiB.
    #[must_use]
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.transport = self.transport.body_cap(bytes);
        self
    }

    /// Permits plain `http` to other machines. Then everybody between here and there can read token and data.
    #[must_use]
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.transport = self.transport.allow_plain_http(allow);
        self
    }

    /// Also trusts these certificates (PEM): for a server in the LAN with a certificate of its own.
    #[must_use]
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport = self.transport.root_certificate_pem(pem);
        self
    }

    /// Sends everything through this proxy. Default: none, whatever the environment says.
    #[must_use]
    pub fn proxy(mut self, proxy: Url) -> Self {
        self.transport = self.transport.proxy(proxy);
        self
    }

    /// The `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.transport = self.transport.user_agent(name);
        self
    }

    /// What of requests and answers is logged, masked by allow-lists. Default: nothing of them.
    #[must_use]
    pub fn wire_log(mut self, log: WireLog) -> Self {
        self.transport = self.transport.wire_log(log);
        self
    }

    /// The clock by which sessions grow idle. Default: the system's.
    #[must_use]
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.transport = self.transport.now(now);
        self
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// Kind `Config`: the base URL is neither `https` nor permitted plain `http`, or holds credentials, a query or a fragment; the
    /// token is empty; a certificate or the proxy cannot be used.
    pub fn build(self) -> Result<Client> {
        let token = self.application_token;
        if token.expose_secret().trim().is_empty() {
            return Err(Error::config("the application token is empty"));
        }
        let transport = self.transport.credentials(SessionSource::new(token, self.idle_limit)).build()?;
        Ok(Client { transport })
    }
}
