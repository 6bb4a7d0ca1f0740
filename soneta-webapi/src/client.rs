use std::fmt;
use std::sync::Arc;
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
use crate::session::{SessionSource, bare_token};
use crate::settings::transport_settings;
use crate::{ApplicationTokenClaims, Error, Result};

/// The server closes a session after five minutes without a call; this leaves room for a slow one.
const IDLE_LIMIT: Duration = Duration::from_secs(4 * 60 + 30);

const WARN_BEFORE_EXPIRY: Duration = Duration::from_secs(14 * 86_400);

const NO_CONTROLLER: &str = "The server has no such call: the add-on that offers it is not installed for this database, or it no longer \
     loads after an upgrade of the server. Check the base URL as well.";

const NO_WEBAPI: &str = "Check the base URL, and whether the component webapi of the server is switched on; by default it is not.";

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
/// let token = SecretString::from(std::env::var("ENOVA_APPLICATION_TOKEN")?);
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
    claims: Option<Arc<ApplicationTokenClaims>>,
}

impl Client {
    /// Starts a client of the server at `base_url` (with its path prefix, without `/api`). The database is part of the
    /// application token, which an administrator of the ERP issues.
    pub fn builder(base_url: Url, application_token: SecretString) -> ClientBuilder {
        let transport =
            Transport::builder(base_url).user_agent(concat!("soneta-webapi/", env!("CARGO_PKG_VERSION")));
        ClientBuilder {
            transport,
            application_token,
            idle_limit: IDLE_LIMIT,
            warn_before_expiry: WARN_BEFORE_EXPIRY,
        }
    }

    /// Sends any call: of this crate or an endpoint of your own.
    ///
    /// # Errors
    /// See [`ErrorKind`]: what went wrong, and whether it may have happened nevertheless. Kind `NotFound` means that the server has
    /// no such controller or method: a record that does not exist is a refusal.
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response> {
        self.transport.send(endpoint).await.map_err(advised)
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
        self.transport.renew_now().await.map_err(advised)
    }

    /// Keeps the session open: sends [`CurrentVersion`] when half of the idle limit has passed without a call. Sends nothing when the
    /// session is younger or in use, when there is none, and when it is past its idle limit.
    ///
    /// For programs with a loop of their own that is shorter than half of the idle limit (2 min 15 s by default) and pauses between
    /// calls that are longer than all of it. Without it such a program logs in before nearly every call, and each login takes a seat
    /// of the licence, while the seat before may stay taken until the server's own limit (20 minutes by its settings) has passed.
    /// Whoever calls once an hour better [closes](Self::close) after each round.
    ///
    /// # Errors
    /// As [`send`](Self::send). The next call opens a new session if it must; nothing has to be done.
    pub async fn keep_alive(&self) -> Result<()> {
        self.transport.keep_alive(&CurrentVersion::default()).await
    }

    /// What the application token says of itself: its database, and until when it is good. `None` when it is no JWT.
    pub fn application_token_claims(&self) -> Option<&ApplicationTokenClaims> {
        self.claims.as_deref()
    }

    /// `POST api/LogoutApi`: closes the session and frees its seat; all of them, if there are several.
    ///
    /// Waits for the calls in flight, at most for the time of one attempt. Does nothing when there is no session, and is content
    /// when the server has closed it already. A call after it opens a new session.
    ///
    /// A call that is still logging in when the wait ends may leave its session open until the server's idle limit.
    ///
    /// A login whose answer is lost or cannot be read may have taken a seat whose token nobody knows. Nothing can close it; the
    /// server does so after its idle time.
    ///
    /// # Errors
    /// As [`send`](Self::send). The session is forgotten all the same; the server closes it after its idle time.
    pub async fn close(&self) -> Result<()> {
        self.transport.log_out(&LogoutApi::default()).await
    }

    /// The server's address.
    pub fn base_url(&self) -> &Url {
        self.transport.base_url()
    }
}

/// A 404 is no missing record here, as the general advice has it.
fn advised(error: Error) -> Error {
    match (error.kind(), error.is_login()) {
        (ErrorKind::NotFound, true) => error.with_advice(NO_WEBAPI),
        (ErrorKind::NotFound, false) => error.with_advice(NO_CONTROLLER),
        _ => error,
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
    warn_before_expiry: Duration,
}

transport_settings!(ClientBuilder);

impl ClientBuilder {
    /// How many calls may be in flight at once in a session. Default 1: each answer brings a new token, and nobody has documented
    /// whether the older one stays valid. For more throughput prefer more [`sessions`](Self::sessions).
    #[must_use]
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.transport = self.transport.in_flight(calls);
        self
    }

    /// How many sessions are kept side by side, each with its own login, its own tokens and its own seat of the licence. Default 1.
    ///
    /// A session is opened when a call finds no open one free, so one call after the other needs one only. Orders go first in all.
    #[must_use]
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.transport = self.transport.sessions(sessions);
        self
    }

    /// How long before the application token expires a login warns of it in the log, once. Default 14 days.
    #[must_use]
    pub fn warn_before_expiry(mut self, time: Duration) -> Self {
        self.warn_before_expiry = time;
        self
    }

    /// After how long without a call a new session is opened before the next one. Default 4 min 30 s, below the server's 5 min.
    #[must_use]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = limit;
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
        let claims = ApplicationTokenClaims::of(bare_token(token.expose_secret())).map(Arc::new);
        let source =
            SessionSource::new(token, self.idle_limit).warning(claims.clone(), self.warn_before_expiry);
        let transport = self.transport.credentials(source).build()?;
        Ok(Client { transport, claims })
    }
}
