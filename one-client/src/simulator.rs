#![doc = include_str!("simulator/README.md")]

mod account;
mod authserver;
mod body;
mod books;
mod call;
mod catalog;
mod control;
mod feed;
mod goods_notes;
mod invoices;
mod journal;
mod number;
mod orderpath;
mod orders;
mod page;
mod parameters;
mod pricehelper;
mod pricing;
mod refusal;
mod refused;
mod rma;
mod routes;
mod shelves;
mod state;
mod stock;
mod tenant;
mod uploads;

pub use orders::draft::{DraftAddress, DraftLine, OrderDraft};
pub use tenant::Tenant;

pub use api_transport::simulation::{Fault, FaultHandle, Faults};

use api_transport::simulation::{Server, serve};
use books::Books;
use secrecy::SecretString;
use state::{Settings, Shared, TenantState};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
use url::Url;

type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Something the simulator cannot do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SimulatorError {
    message: String,
    #[source]
    source: Option<std::io::Error>,
}

impl SimulatorError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    fn io(message: impl Into<String>, source: std::io::Error) -> Self {
        Self { message: message.into(), source: Some(source) }
    }
}

/// How many lines were accepted since the simulator started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct LinesReceived {
    /// Stock entries that were set.
    pub stocks: u64,
    /// Stock entries that were deleted.
    pub stock_removals: u64,
    /// Retail prices.
    pub retail_prices: u64,
    /// Prices of price lists.
    pub prices: u64,
}

/// A running simulator. It stops when dropped; [`stop`](Self::stop) also waits for that.
///
/// It is its first [`Tenant`] as well: what that has can be called right here.
pub struct Simulator {
    server: Server,
    tenant: Tenant,
    others: Vec<Tenant>,
    faults: Faults,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("url", &self.url().as_str())
            .field("tenant", &self.tenant())
            .finish_non_exhaustive()
    }
}

impl Deref for Simulator {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

/// Settings of a [`Simulator`].
#[must_use]
pub struct SimulatorBuilder {
    tenant: String,
    api_key: SecretString,
    others: Vec<(String, SecretString)>,
    state_file: Option<PathBuf>,
    port: u16,
    settings: Settings,
    faults: Faults,
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock; `now` replaces it")]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

impl SimulatorBuilder {
    /// The first tenant, `demo` by default.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// The key of the first tenant.
    pub fn api_key(mut self, api_key: SecretString) -> Self {
        self.api_key = api_key;
        self
    }

    /// Adds a tenant with a key and a state of its own: see [`Simulator::tenant_named`].
    pub fn another_tenant(mut self, tenant: impl Into<String>, api_key: SecretString) -> Self {
        self.others.push((tenant.into(), api_key));
        self
    }

    /// Keeps the state of the first tenant in this file; every other state lives as long as the simulator.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// The clock, for order ids and `lastChange`.
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.settings.now = Arc::new(now);
        self
    }

    /// The port on 127.0.0.1; a free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether what is unknown is refused; true by default.
    pub fn strict(mut self, strict: bool) -> Self {
        self.settings.strict = strict;
        self
    }

    /// The service under which order shipments and their status are answered, `orders` by default (quirk Q1).
    pub fn order_service(mut self, service: impl Into<String>) -> Self {
        self.settings.order_service = service.into();
        self
    }

    /// The service under which warehouses are answered, `stock` by default (quirk Q2).
    pub fn warehouse_service(mut self, service: impl Into<String>) -> Self {
        self.settings.warehouse_service = service.into();
        self
    }

    /// The service under which operators are answered, `authserver` by default (quirk Q3).
    pub fn operator_service(mut self, service: impl Into<String>) -> Self {
        self.settings.operator_service = service.into();
        self
    }

    /// The most rows of a page and events of a feed that are told, however many were asked for; 1,000 by
    /// default. A server caps without saying so, and a reader must not take a short page for the last.
    pub fn max_page_size(mut self, rows: usize) -> Self {
        self.settings.max_page_size = rows.max(1);
        self
    }

    /// A script of faults to begin with.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// The port is taken, two tenants have one name, or the state file cannot be read, is damaged before its
    /// last line, or is none of this tenant.
    pub async fn start(self) -> Result<Simulator, SimulatorError> {
        let mut names = BTreeSet::from([&self.tenant]);
        if let Some((twice, _)) = self.others.iter().find(|(name, _)| !names.insert(name)) {
            return Err(SimulatorError::new(format!("the tenant {twice} is there twice")));
        }
        let books = match &self.state_file {
            Some(path) => Books::open(path, &self.tenant)?,
            None => Books::default(),
        };
        let settings = Arc::new(self.settings);
        let first = TenantState::new(&self.tenant, self.api_key, &settings, books);
        let others = self.others.into_iter();
        let others = others.map(|(name, key)| TenantState::new(&name, key, &settings, Books::default()));
        let shared = Shared { first, others: others.collect() };
        let router = routes::router(shared.clone()).merge(control::router(shared.clone()));
        let server = serve(self.port, router, self.faults.clone()).await.map_err(|error| {
            SimulatorError::io(format!("the address 127.0.0.1:{} cannot be had", self.port), error)
        })?;
        let tenant = |state: &TenantState| Tenant { url: server.url().clone(), state: state.clone() };
        let (first, others) = (tenant(&shared.first), shared.others.iter().map(tenant).collect());
        Ok(Simulator { server, tenant: first, others, faults: self.faults })
    }
}

impl Simulator {
    /// Begins a simulator.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            tenant: "demo".to_owned(),
            api_key: SecretString::from("simulated-key"),
            others: Vec::new(),
            state_file: None,
            port: 0,
            settings: Settings {
                strict: true,
                order_service: "orders".to_owned(),
                warehouse_service: "stock".to_owned(),
                operator_service: "authserver".to_owned(),
                max_page_size: 1_000,
                now: Arc::new(wall_clock),
            },
            faults: Faults::new(),
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// The name of the first tenant.
    pub fn tenant(&self) -> &str {
        self.tenant.name()
    }

    /// A tenant by its name, the first one included.
    pub fn tenant_named(&self, name: &str) -> Option<&Tenant> {
        std::iter::once(&self.tenant).chain(&self.others).find(|tenant| tenant.name() == name)
    }

    /// The script of faults, and the counters of calls, of all tenants together.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Stops it: the port is closed, calls under way get no answer.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
