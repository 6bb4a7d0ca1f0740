//! The credential in use: one renewal at a time, and every call knows which generation it used.

use crate::{Bare, Credential, CredentialSource, Error, Result};
use http::HeaderMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Tells the time; a test sets it.
pub(crate) type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

pub(crate) struct Session {
    source: Option<Arc<dyn CredentialSource>>,
    now: Now,
    state: Mutex<State>,
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Counts every change of the credential.
    generation: u64,
    failures: u64,
    last_failure: Option<Error>,
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
    pub(crate) fn new(source: Option<Arc<dyn CredentialSource>>, now: Now) -> Self {
        Self { source, now, state: Mutex::default(), renewal: tokio::sync::Mutex::default() }
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
            if state.failures > failures_before
                && let Some(failure) = &state.last_failure
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
                state.failures += 1;
                state.last_failure = Some(error.duplicate());
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

    /// How many logins have failed so far.
    pub(crate) fn failures(&self) -> u64 {
        self.state().failures
    }

    pub(crate) fn forget(&self) {
        self.state().held = None;
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
        let session = Session::new(Some(Arc::new(Counting::default())), Arc::new(|| SystemTime::UNIX_EPOCH));
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
