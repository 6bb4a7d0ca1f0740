//! The credential in use: one renewal at a time, and every call knows which generation it used.

use crate::{Bare, Credential, CredentialSource, Error, Result};
use http::HeaderMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Tells the time; a test sets it.
pub(crate) type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

pub(crate) struct Session {
    source: Option<Arc<dyn CredentialSource>>,
    now: Now,
    /// Counts the failed logins of all sessions of a transport.
    failures: Arc<AtomicU64>,
    state: Mutex<State>,
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Counts every change of the credential.
    generation: u64,
    /// The last login that failed, and which failure of all it was.
    last_failure: Option<(u64, Error)>,
}

struct Held {
    ticket: Ticket,
    last_use: SystemTime,
}

/// The credential that one attempt uses.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) credential: Credential,
    pub(crate) generation: u64,
    /// The generation of the login that it stems from.
    login: u64,
}

impl Session {
    /// So many sessions of one transport; each logs in for itself.
    pub(crate) fn side_by_side(
        sessions: usize,
        source: Option<&Arc<dyn CredentialSource>>,
        now: &Now,
    ) -> Vec<Arc<Self>> {
        let failures = Arc::<AtomicU64>::default();
        let session = || Self {
            source: source.cloned(),
            now: Arc::clone(now),
            failures: Arc::clone(&failures),
            state: Mutex::default(),
            renewal: tokio::sync::Mutex::default(),
        };
        (0..sessions).map(|_| Arc::new(session())).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_renewable(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.renewable())
    }

    /// A credential to use now, newer than generation `stale`; logs in if there is none, unless a login has failed since
    /// [`failures`](Self::failures) was `failures_before`.
    pub(crate) async fn ticket(
        &self,
        stale: Option<u64>,
        failures_before: u64,
        http: &Bare,
    ) -> Result<Option<Ticket>> {
        let Some(source) = &self.source else { return Ok(None) };
        if let Some(ticket) = self.usable(stale) {
            return Ok(Some(ticket));
        }
        let _one_at_a_time = self.renewal.lock().await;
        if let Some(ticket) = self.usable(stale) {
            return Ok(Some(ticket));
        }
        {
            let state = self.state();
            if let Some((number, failure)) = &state.last_failure
                && *number > failures_before
            {
                return Err(failure.duplicate());
            }
        }
        let obtained = source.obtain(http).await;
        let mut state = self.state();
        match obtained {
            Ok(credential) => {
                state.generation += 1;
                let generation = state.generation;
                let ticket = Ticket { credential, generation, login: generation };
                state.held = Some(Held { ticket: ticket.clone(), last_use: (self.now)() });
                state.last_failure = None;
                Ok(Some(ticket))
            }
            Err(error) => {
                let error = error.while_logging_in();
                let number = self.failures.fetch_add(1, Ordering::SeqCst) + 1;
                state.last_failure = Some((number, error.duplicate()));
                Err(error)
            }
        }
    }

    fn usable(&self, stale: Option<u64>) -> Option<Ticket> {
        let now = (self.now)();
        let mut state = self.state();
        let held = state.held.as_mut()?;
        let newer = stale.is_none_or(|stale| held.ticket.generation > stale);
        if !newer || !held.ticket.credential.is_usable(held.last_use, now) {
            return None;
        }
        // The server's idle time runs from the request, so the time of sending is the careful choice.
        held.last_use = now;
        Some(held.ticket.clone())
    }

    /// Takes over what a 2xx answer hands out, unless somebody logged in since.
    pub(crate) fn answered(&self, used: &Ticket, headers: &HeaderMap) {
        let Some(source) = &self.source else { return };
        let Some(credential) = source.from_answer(&used.credential, headers) else { return };
        let now = (self.now)();
        let mut state = self.state();
        if state.held.as_ref().is_none_or(|held| held.ticket.login != used.login) {
            return;
        }
        state.generation += 1;
        let ticket = Ticket { credential, generation: state.generation, login: used.login };
        state.held = Some(Held { ticket, last_use: now });
    }

    pub(crate) fn current(&self) -> Option<Credential> {
        self.state().held.as_ref().map(|held| held.ticket.credential.clone())
    }

    pub(crate) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// How many logins have failed so far, of this session and those beside it.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::SeqCst)
    }

    /// Whether the credential in use will be idle for too long before long.
    pub(crate) fn is_ageing(&self) -> bool {
        let now = (self.now)();
        let state = self.state();
        state.held.as_ref().is_some_and(|held| held.ticket.credential.is_ageing(held.last_use, now))
    }

    /// Hands the credential over and forgets it.
    pub(crate) fn take(&self) -> Option<Credential> {
        self.state().held.take().map(|held| held.ticket.credential)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transport;
    use async_trait::async_trait;
    use secrecy::ExposeSecret;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    #[async_trait]
    impl CredentialSource for Counting {
        async fn obtain(&self, _http: &Bare) -> Result<Credential> {
            let login = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(Credential::header("x-token", format!("login {login}")))
        }

        fn from_answer(&self, current: &Credential, _headers: &HeaderMap) -> Option<Credential> {
            Some(Credential::header("x-token", format!("after {}", token(current))))
        }
    }

    fn token(credential: &Credential) -> String {
        credential.value("X-Token").unwrap().expose_secret().to_owned()
    }

    #[tokio::test]
    async fn an_answer_from_before_a_new_login_does_not_bring_the_old_session_back() {
        let bare = Transport::builder("https://erp.example".parse().unwrap()).build().unwrap().bare();
        let source: Arc<dyn CredentialSource> = Arc::new(Counting::default());
        let now: Now = Arc::new(|| SystemTime::UNIX_EPOCH);
        let session = Session::side_by_side(1, Some(&source), &now).remove(0);
        let slow = session.ticket(None, 0, &bare).await.unwrap().unwrap();
        session.answered(&slow, &HeaderMap::new());
        assert_eq!(token(&session.current().unwrap()), "after login 1");

        let refused = session.ticket(Some(slow.generation), 0, &bare).await.unwrap().unwrap();
        assert_eq!(token(&refused.credential), "after login 1", "a 401 of an older token needs no login");
        let renewed = session.ticket(Some(refused.generation), 0, &bare).await.unwrap().unwrap();
        assert_eq!(token(&renewed.credential), "login 2");
        session.answered(&slow, &HeaderMap::new());
        assert_eq!(token(&session.current().unwrap()), "login 2");
    }
}
