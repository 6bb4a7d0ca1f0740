//! Calls outside the session.

use crate::transport::{Shared, Way};
use crate::{Credential, Endpoint, Result};
use http::HeaderMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// Sends calls with explicit credentials, outside the concurrency limit and without renewal: for login and logout.
///
/// The retry table, the deadlines and the body cap hold here too; a 401 is final.
#[derive(Clone)]
pub struct Bare {
    shared: Arc<Shared>,
    credential: Option<Credential>,
}

impl Bare {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), credential: None }
    }

    /// The same with this credential's headers on every call.
    #[must_use]
    pub fn with(&self, credential: Credential) -> Self {
        Self { shared: Arc::clone(&self.shared), credential: Some(credential) }
    }

    /// The time, by the transport's clock.
    pub fn now(&self) -> SystemTime {
        (self.shared.wire.now)()
    }

    /// Sends a call.
    ///
    /// # Errors
    ///
    /// As [`Transport::send`](crate::Transport::send).
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response> {
        self.send_for_headers(endpoint).await.map(|(response, _)| response)
    }

    /// Sends a call and also returns the headers of the answer, for servers that hand out tokens there.
    ///
    /// # Errors
    ///
    /// As [`Transport::send`](crate::Transport::send).
    pub async fn send_for_headers<E: Endpoint>(&self, endpoint: &E) -> Result<(E::Response, HeaderMap)> {
        self.shared.call(endpoint, Way::Bare(self.credential.as_ref()), None).await
    }
}

impl fmt::Debug for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bare")
            .field("base_url", &self.shared.base.as_str())
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
