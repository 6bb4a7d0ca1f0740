//! Settings of the process: engine, store, alerts, faces.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sync_core::{Class, DispatchSettings, FlowSettings, RunnerSettings};

use super::span::Span;

/// Times and places of the engine. The defaults suit real systems; tests shorten them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EngineSettings {
    /// How long a flow's lease lasts without renewal: so long another process waits after this one died.
    pub lease_ttl: Span,
    /// How long an act's claim lasts without extension.
    pub claim_ttl: Span,
    /// How long after a lost answer the order is looked up at the earliest.
    pub visibility_lag: Span,
    /// Least time between two look-ups that find nothing, before the order is placed again.
    pub lookup_spacing: Span,
    /// Longest wait for one answer of either system.
    pub answer_timeout: Span,
    /// How long `run` waits at its end for the pages in hand.
    pub grace: Span,
    /// How often the outbox is looked at: acts come due in between the rounds of the flows that fill it.
    pub dispatch_every: Span,
    /// How long the requests of settled acts are kept.
    pub keep: Span,
    /// How many steps of orders run at the same time, per tenant.
    pub orders: usize,
    /// The same of stock.
    pub stock: usize,
    /// The same of what is neither urgent nor long.
    pub regular: usize,
    /// The same of catalogue waves.
    pub bulk: usize,
}

const fn seconds(seconds: u64) -> Span {
    Span::new(Duration::from_secs(seconds))
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            lease_ttl: seconds(60),
            claim_ttl: seconds(180),
            visibility_lag: seconds(5),
            // enova365's own limit for one request is 60 s; look-ups are spaced wider than that
            lookup_spacing: seconds(70),
            answer_timeout: seconds(90),
            grace: seconds(30),
            dispatch_every: seconds(5),
            keep: seconds(90 * 86_400),
            orders: 4,
            stock: 2,
            regular: 4,
            bulk: 1,
        }
    }
}

impl EngineSettings {
    pub(crate) fn flow(&self) -> FlowSettings {
        FlowSettings::default().lease_ttl(self.lease_ttl.get())
    }

    pub(crate) fn dispatch(&self) -> DispatchSettings {
        DispatchSettings::default()
            .claim_ttl(self.claim_ttl.get())
            .visibility_lag(self.visibility_lag.get())
            .lookups(2, self.lookup_spacing.get())
    }

    pub(crate) fn runner(&self) -> RunnerSettings {
        RunnerSettings::default()
            .cap(Class::Orders, self.orders)
            .cap(Class::Stock, self.stock)
            .cap(Class::Regular, self.regular)
            .cap(Class::Bulk, self.bulk)
            .grace(self.grace.get())
    }
}

/// Where the state is kept: a SQLite file per tenant in `--data`, unless PostgreSQL is named.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StoreSettings {
    /// Environment variable with the URL of a PostgreSQL database: for several processes on several machines.
    pub postgres_url_env: Option<String>,
    /// Instead: a file with it.
    pub postgres_url_file: Option<PathBuf>,
    /// Each tenant's schema is named so, an underscore and the tenant's name.
    pub schema: String,
    /// At most so many connections per tenant.
    pub connections: usize,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { postgres_url_env: None, postgres_url_file: None, schema: "bridge".to_owned(), connections: 4 }
    }
}

/// Who is told when a person has to look. The log is told in any case.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AlertsSettings {
    /// How often is looked.
    pub check_every: Span,
    /// Environment variable with the secret URL that alerts are posted to.
    pub webhook_url_env: Option<String>,
    /// Instead: a file with it.
    pub webhook_url_file: Option<PathBuf>,
    /// Environment variable with the secret URL that is called while all is well with every tenant.
    pub ping_url_env: Option<String>,
    /// Instead: a file with it.
    pub ping_url_file: Option<PathBuf>,
}

impl Default for AlertsSettings {
    fn default() -> Self {
        Self {
            check_every: seconds(60),
            webhook_url_env: None,
            webhook_url_file: None,
            ping_url_env: None,
            ping_url_file: None,
        }
    }
}

/// Where machines look in.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FacesSettings {
    /// Health and metrics: an address of this machine alone.
    pub private: Option<SocketAddr>,
    /// Whether the private one may be open to other machines: then a firewall says which.
    pub allow_other_machines: bool,
    /// Webhooks: an address behind a reverse proxy that speaks HTTPS.
    pub public: Option<SocketAddr>,
}
