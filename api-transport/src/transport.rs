//! Sending calls: turn, attempt, judgement, pause.

use crate::builder::check_url;
use crate::gate::{Gate, Place};
use crate::request::{Answer, Request};
use crate::retry::{Next, judge};
use crate::session::{Session, Ticket};
use crate::wire::Wire;
use crate::{
    Bare, Credential, Effect, Elsewhere, Endpoint, Error, ErrorKind, Priority, Result, RetryBudget,
    RetryPolicy, TransportBuilder,
};
use futures::future::join_all;
use http::HeaderMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

/// Sends calls to one server. Clones share everything: connections, places, credential, retry budget.
///
/// # Deadlines
///
/// The attempt time-out covers one attempt up to the last byte of its answer. The total deadline covers the whole `send`: waiting
/// for a place, logging in, every attempt and every pause. A call whose total deadline passes before its first attempt is
/// [`ErrorKind::NotSent`].
///
/// # Places
///
/// A call holds its place only while it logs in and while an attempt runs, never during a pause: an urgent call waits behind at
/// most as many calls as are in flight. A place belongs to one of the sessions; a repeat after a pause may get another one's.
///
/// Dropping the future of a call closes its connection; whether the server carried the call out is then not known.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) base: Url,
    pub(crate) allow_plain_http: bool,
    /// Whether any certificate is trusted: a transport to plain `http` reads none of the system's.
    pub(crate) trusts_certificates: bool,
    pub(crate) wire: Wire,
    pub(crate) gate: Arc<Gate<Arc<Session>>>,
    pub(crate) places: usize,
    pub(crate) sessions: Vec<Arc<Session>>,
    /// One log-out at a time: two that wait for all places would wait for each other.
    pub(crate) closing: tokio::sync::Mutex<()>,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: RetryBudget,
    pub(crate) attempt_timeout: Duration,
    pub(crate) total_timeout: Duration,
}

/// How a call comes to its turn and its credential.
#[derive(Clone, Copy)]
pub(crate) enum Way<'a> {
    Gated(Priority),
    Bare(Option<&'a Credential>),
}

/// A credential that the server did not accept.
struct Stale {
    session: Arc<Session>,
    generation: u64,
}

/// The right to make one attempt.
struct Turn {
    place: Option<Place<Arc<Session>>>,
    ticket: Option<Ticket>,
    headers: HeaderMap,
}

impl Transport {
    /// A transport to the server at `base_url`, which may have a path.
    pub fn builder(base_url: Url) -> TransportBuilder {
        TransportBuilder::new(base_url)
    }

    pub(crate) fn from_shared(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }

    /// Sends a call with the endpoint's own priority.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`]; [`Error::may_have_been_applied`] says whether a write has to be looked up before it is sent again.
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response> {
        self.send_with(endpoint, endpoint.priority()).await
    }

    /// Sends a call with this priority.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_with<E: Endpoint>(&self, endpoint: &E, priority: Priority) -> Result<E::Response> {
        self.shared.call(endpoint, Way::Gated(priority), None).await.map(|(response, _)| response)
    }

    /// Sends with explicit credentials, outside the concurrency limit and without renewal: for login and logout.
    pub fn bare(&self) -> Bare {
        Bare::new(&self.shared)
    }

    /// Sends to exactly this URL instead of one below the base URL, its query byte for byte, without credentials: for an address
    /// that an answer named.
    ///
    /// Plain `http` is taken under the rule for base URLs, and only if the base URL is plain `http` too: an answer cannot lead from a
    /// protected server to an open one. Over `https` any host is taken, also one of this network, if its certificate is good: who
    /// does not trust the server that far compares the host with a list of his own first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: the URL has credentials or a fragment, is neither `https` nor permitted plain `http`, or is `https`
    /// while the transport, whose base URL is plain `http`, was given no certificate to trust.
    pub fn elsewhere(&self, url: Url) -> Result<Elsewhere> {
        let shared = &self.shared;
        check_url(&url, shared.allow_plain_http)?;
        match (shared.base.scheme(), url.scheme()) {
            ("https", "http") => Err(Error::config("an https server named a plain http address")),
            (_, "https") if !shared.trusts_certificates => Err(Error::config(
                "a transport to plain http trusts only certificates that it was given, for an https address as well",
            )),
            _ => Ok(Elsewhere::new(shared, url)),
        }
    }

    /// The credential in use, if there is one; of several sessions, that of the first one.
    pub async fn credential(&self) -> Option<Credential> {
        self.shared.sessions.iter().find_map(|session| session.current())
    }

    /// Forgets the credentials; the next call logs in.
    pub fn forget_credential(&self) {
        for session in &self.shared.sessions {
            session.take();
        }
    }

    /// Logs in now instead of before the next call. With several at once there is one login, also with several sessions.
    ///
    /// # Errors
    ///
    /// The login failed.
    pub async fn renew_now(&self) -> Result<()> {
        let Some(session) = self.shared.sessions.first() else { return Ok(()) };
        session.ticket(Some(session.generation()), session.failures(), &self.bare()).await.map(|_| ())
    }

    /// Sends `call` in every session that has been idle for half of its idle limit or longer and still is good, so that it stays
    /// open. Sends nothing otherwise; a session that is in use is left alone.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); the first of several.
    pub async fn keep_alive<E: Endpoint>(&self, call: &E) -> Result<()> {
        let ageing = self.shared.sessions.iter().filter(|session| session.is_ageing());
        let sent = ageing.filter_map(|session| {
            let place = self.shared.gate.enter_if_free(|lane| Arc::ptr_eq(lane, session))?;
            Some(self.shared.call(call, Way::Gated(call.priority()), Some(place)))
        });
        join_all(sent).await.into_iter().try_for_each(|sent| sent.map(|_| ()))
    }

    /// Ends every session: waits until the calls in flight are over, at most for the time of one attempt, takes the newest
    /// credential of each session and sends `logout` with it, side by side. Calls that come meanwhile wait, and log in anew.
    ///
    /// A call that is still logging in when the wait ends may leave the session that it opens behind, until the server's idle limit
    /// or the next log-out.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); the first of several. A 401 is none: that session is gone already. The credentials are forgotten
    /// in any case.
    pub async fn log_out<E: Endpoint>(&self, logout: &E) -> Result<()> {
        let shared = &self.shared;
        let _one_at_a_time = shared.closing.lock().await;
        let mut places = Vec::new();
        let all = async {
            while places.len() < shared.places {
                places.push(shared.gate.enter(Priority::Normal).await);
            }
        };
        // A call that was polled once and never again keeps its place; its session is closed all the same.
        let _ = timeout_at(Instant::now() + shared.attempt_timeout, all).await;
        let credentials: Vec<_> = shared.sessions.iter().filter_map(|session| session.take()).collect();
        let sent = credentials.into_iter().map(async |credential| {
            match self.bare().with(credential).send(logout).await {
                Err(error) if error.kind() != ErrorKind::Unauthorized => Err(error),
                _ => Ok(()),
            }
        });
        join_all(sent).await.into_iter().collect()
    }

    #[cfg(feature = "testing")]
    pub(crate) fn has_renewable_credential(&self) -> bool {
        self.shared.sessions.iter().any(|session| session.is_renewable())
    }

    /// The base URL.
    pub fn base_url(&self) -> &Url {
        &self.shared.base
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base_url", &self.base.as_str())
            .field("sessions", &self.sessions)
            .field("retry", &self.retry)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("wire", &self.wire)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) async fn call<E: Endpoint>(
        self: &Arc<Self>,
        endpoint: &E,
        way: Way<'_>,
        place: Option<Place<Arc<Session>>>,
    ) -> Result<(E::Response, HeaderMap)> {
        let request = Request::of(endpoint, &self.base)?;
        let (answer, earlier) = self.deliver(&request, way, place).await?;
        match endpoint.decode(&answer.body) {
            Ok(response) => Ok((response, answer.headers)),
            Err(mut error) => {
                // The server did answer; what the reader makes of it is a refusal or leaves a write in doubt.
                let unclear = match error.kind() {
                    ErrorKind::Config | ErrorKind::Invalid | ErrorKind::NotSent => request.effect.is_write(),
                    kind => judge(kind, request.effect).may_have_been_applied,
                };
                // Nor does it undo what an earlier attempt may have done.
                error.may_also_have_been_applied(unclear || earlier);
                if !request.effect.is_write() {
                    // Who decodes need not know the effect.
                    error = error.with_may_have_been_applied(false);
                }
                Err(error.with_status(answer.status).with_endpoint(request.name()))
            }
        }
    }

    /// The attempt loop. Not generic: it is compiled once. Beside the answer: whether an earlier attempt may have been carried
    /// out.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        request: &Request,
        way: Way<'_>,
        mut place: Option<Place<Arc<Session>>>,
    ) -> Result<(Answer, bool)> {
        let deadline = Instant::now() + self.total_timeout;
        let mut pauses = self.retry.pauses();
        // One renewal per session.
        let mut stale: Vec<Stale> = Vec::new();
        let mut before: Option<Error> = None;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let turn = match timeout_at(deadline, self.turn(way, place.take(), &stale)).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(mut error)) => {
                    error.may_also_have_been_applied(before.is_some_and(|e| e.may_have_been_applied()));
                    return Err(error);
                }
                Err(_) => return Err(before.unwrap_or_else(|| out_of_time(request)).persistent()),
            };
            if Instant::now() >= deadline {
                return Err(before.unwrap_or_else(|| out_of_time(request)).persistent());
            }
            let limit = deadline.min(Instant::now() + self.attempt_timeout);
            let answered = |headers: &HeaderMap| {
                if let (Some(place), Some(ticket)) = (&turn.place, &turn.ticket) {
                    place.lane.answered(ticket, headers);
                }
            };
            let outcome = self.wire.attempt(request, attempt, &turn.headers, limit, &answered).await;
            let mut error = match outcome {
                Ok(answer) => {
                    self.budget.refund();
                    return Ok((answer, before.is_some_and(|before| before.may_have_been_applied())));
                }
                Err(error) => error,
            };
            let judgement = judge(error.kind(), request.effect);
            // What an earlier attempt may have done, a later refusal does not undo.
            let earlier = before.is_some_and(|before| before.may_have_been_applied());
            error.may_also_have_been_applied(judgement.may_have_been_applied || earlier);
            if request.effect == Effect::Idempotent && judgement.may_have_been_applied {
                error = error.with_advice("Send it again later: it is declared to be a call whose second delivery leaves the same state.");
            }
            match judgement.next {
                Next::Stop => return Err(error),
                Next::RepeatWithNewCredential => {
                    let (Some(held), Some(ticket)) = (turn.place, turn.ticket) else {
                        return Err(error);
                    };
                    let renewed = stale.iter().any(|stale| Arc::ptr_eq(&stale.session, &held.lane));
                    if renewed || !held.lane.is_renewable() {
                        return Err(error);
                    }
                    stale.push(Stale { session: Arc::clone(&held.lane), generation: ticket.generation });
                    // The new login is for this session, and there is no pause: the call keeps its place.
                    place = Some(held);
                }
                Next::Repeat => {
                    // A pause must not keep others waiting.
                    drop(turn.place);
                    let Some(pause) = pauses.next() else { return Err(error.persistent()) };
                    let pause = pause.max(error.retry_after().unwrap_or_default());
                    if Instant::now() + pause >= deadline || !self.budget.pay(error.kind()) {
                        return Err(error.persistent());
                    }
                    sleep(pause).await;
                }
            }
            before = Some(error);
        }
    }

    /// Waits for a place, then for a credential: with a token that changes with every answer, only who is in flight may take it.
    async fn turn(
        self: &Arc<Self>,
        way: Way<'_>,
        place: Option<Place<Arc<Session>>>,
        stale: &[Stale],
    ) -> Result<Turn> {
        let mut headers = HeaderMap::new();
        let (place, ticket) = match way {
            Way::Gated(priority) => {
                // Before the gate: a login that fails while this call waits there has failed for this call too.
                let failures = self.sessions.first().map_or(0, |session| session.failures());
                let place = match place {
                    Some(place) => place,
                    None => self.gate.enter(priority).await,
                };
                let stale = stale.iter().find(|stale| Arc::ptr_eq(&stale.session, &place.lane));
                let stale = stale.map(|stale| stale.generation);
                let ticket = place.lane.ticket(stale, failures, &Bare::new(self)).await?;
                (Some(place), ticket)
            }
            Way::Bare(credential) => {
                credential.map(|credential| credential.apply(&mut headers)).transpose()?;
                (None, None)
            }
        };
        if let Some(ticket) = &ticket {
            ticket.credential.apply(&mut headers)?;
        }
        Ok(Turn { place, ticket, headers })
    }
}

fn out_of_time(request: &Request) -> Error {
    Error::new(ErrorKind::NotSent, "the total deadline passed before the call had its turn")
        .with_endpoint(request.name())
}
