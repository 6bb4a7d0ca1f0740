//! Sets a simulator up and starts it.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use api_transport::simulation::{Faults, serve};
use axum::{Router, middleware};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Shared, Simulator, State, altone, b2b,
    company::{Company, Now},
    control,
    error::{SimulatorError, SimulatorErrorKind},
    generate::{MOST_PROFILES, Size, generate},
    import::import,
    journal::{Header, Journal},
    method_invoker::{self, Operator},
    own_method::{self, Methods},
    product,
    session::{Sessions, application_token, fresh_uuid, guard},
};

/// Settings of a [`Simulator`]; every one has a default.
#[must_use]
pub struct SimulatorBuilder {
    goods: usize,
    contractors: usize,
    profiles: Option<usize>,
    seed: u64,
    catalogue: Option<PathBuf>,
    warehouses: Vec<String>,
    idle_limit: Duration,
    strict_roll_over: bool,
    maks_ile: usize,
    level: u8,
    credit_control: bool,
    consumers: BTreeMap<String, String>,
    now: Now,
    state_file: Option<PathBuf>,
    database: String,
    database_id: Option<Uuid>,
    port: u16,
    faults: Faults,
    operator: Option<Operator>,
    methods: Methods,
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder")
            .field("goods", &self.goods)
            .field("contractors", &self.contractors)
            .field("profiles", &self.profiles)
            .field("seed", &self.seed)
            .field("catalogue", &self.catalogue)
            .field("warehouses", &self.warehouses)
            .field("state_file", &self.state_file)
            .field("database", &self.database)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            goods: 100,
            contractors: 20,
            profiles: None,
            seed: 1,
            catalogue: None,
            warehouses: ["F", "KRK", "GDN"].map(str::to_owned).to_vec(),
            idle_limit: Duration::from_secs(5 * 60),
            strict_roll_over: false,
            maks_ile: 5_000,
            level: 3,
            credit_control: false,
            consumers: BTreeMap::new(),
            now: Arc::new(machine_time),
            state_file: None,
            database: "demo".to_owned(),
            database_id: None,
            port: 0,
            faults: Faults::new(),
            operator: None,
            methods: Methods::new(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock; tests set their own")]
fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

impl SimulatorBuilder {
    /// How many goods to generate, 100 by default; without effect if a catalogue is read.
    pub fn goods(mut self, goods: usize) -> Self {
        self.goods = goods;
        self
    }

    /// How many contractors to generate, 20 by default; without effect if a catalogue is read.
    pub fn contractors(mut self, contractors: usize) -> Self {
        self.contractors = contractors;
        self
    }

    /// Spreads the generated contractors evenly over so many price profiles, from 1 to 800, none of them with exceptions: the lists
    /// of a wholesaler. By default there are four profiles at most, and every fifth contractor has exceptions.
    pub fn profiles(mut self, profiles: usize) -> Self {
        self.profiles = Some(profiles.clamp(1, MOST_PROFILES));
        self
    }

    /// Where generated goods and all stock come from, 1 by default: the same seed gives the same company.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A directory with `towary.csv`, `cennik.csv` and `kontrahenci.csv` to read instead of generating goods.
    pub fn catalogue(mut self, directory: impl Into<PathBuf>) -> Self {
        self.catalogue = Some(directory.into());
        self
    }

    /// Symbols of the warehouses; `F`, `KRK` and `GDN` by default.
    pub fn warehouses<S: Into<String>>(mut self, symbols: impl IntoIterator<Item = S>) -> Self {
        self.warehouses = symbols.into_iter().map(Into::into).collect();
        self
    }

    /// After how long without a call a session ends; 5 minutes by default.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = limit;
        self
    }

    /// Whether a session token is worth nothing as soon as the next one is issued. By default it stays good
    /// until the next one is used.
    pub fn strict_roll_over(mut self, strict: bool) -> Self {
        self.strict_roll_over = strict;
        self
    }

    /// Largest page and largest list of keys; 5,000 by default.
    pub fn maks_ile(mut self, most: usize) -> Self {
        self.maks_ile = most;
        self
    }

    /// Highest tier of the contract `b2b` that is served, 1 to 3; 3 by default. Methods above it answer 404.
    pub fn level(mut self, level: u8) -> Self {
        self.level = level.clamp(1, 3);
        self
    }

    /// Whether an order above its contractor's credit limit is refused at its approval (`LimitPrzekroczony`),
    /// as an installation may have it; off by default.
    pub fn credit_control(mut self, on: bool) -> Self {
        self.credit_control = on;
        self
    }

    /// A consumer of the change queue: its `ExternalSystem` and its `SecurityCode`. There is none by default.
    pub fn change_consumer(mut self, name: impl Into<String>, code: impl Into<String>) -> Self {
        self.consumers.insert(name.into(), code.into());
        self
    }

    /// The clock; the machine's by default.
    pub fn now(mut self, now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>) -> Self {
        self.now = now;
        self
    }

    /// A file in which everything that happens is kept and from which it is taken up again. It belongs to one
    /// catalogue.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Name of the database, as in the application token; `demo` by default.
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = name.into();
        self
    }

    /// Identity of the database. By default every new one has its own, which a state file keeps.
    pub fn database_id(mut self, id: Uuid) -> Self {
        self.database_id = Some(id);
        self
    }

    /// The port; by default a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A fault script to share; by default the simulator has an empty one of its own.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Switches the older MethodInvoker on, for this operator. By default it is off, as on a real server:
    /// then the answer is 404.
    pub fn method_invoker(mut self, operator: impl Into<String>, password: SecretString) -> Self {
        self.operator = Some(Operator { name: operator.into(), password });
        self
    }

    /// A controller method of an add-on of your own beside the simulated ones: `POST api/{controller}/{method}`, under the same
    /// session. `answer` gets the body's text and gives the answer's, with status 200. A path that the simulator has
    /// itself stays its own.
    pub fn method(
        mut self,
        controller: &str,
        method: &str,
        answer: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        self.methods.insert((controller.to_owned(), method.to_owned()), Arc::new(answer));
        self
    }

    /// Starts it on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// The exports cannot be read, the state file cannot be used or belongs to another catalogue or database,
    /// or the port cannot be had.
    pub async fn start(self) -> Result<Simulator, SimulatorError> {
        let now = (self.now)();
        let catalogue = match &self.catalogue {
            Some(directory) => import(directory, self.seed, &self.warehouses)?,
            None => {
                let size = Size { goods: self.goods, contractors: self.contractors, profiles: self.profiles };
                generate(&size, self.seed, &self.warehouses)
            }
        };
        let baza = self.database_id.unwrap_or_else(|| fresh_uuid(now));
        let header = Header { baza, katalog: catalogue.identity() };
        let mut company =
            Company::new(catalogue, baza, self.database.clone(), self.maks_ile.max(1), Arc::clone(&self.now));
        company.level = self.level;
        company.consumers = self.consumers;
        company.credit_control = self.credit_control;
        if let Some(path) = &self.state_file {
            let fixed = self.database_id.is_some();
            let (journal, header) = Journal::open(path, header, fixed, |event| company.apply(event))?;
            company.keep(journal, header.baza);
            company.open_missing_settlements()?;
        }
        let token = SecretString::from(application_token(&self.database, company.baza));
        let sessions = Sessions::new(self.database, self.idle_limit, self.strict_roll_over, now);
        let shared = Shared(Arc::new(State {
            company: Mutex::new(company),
            sessions: Mutex::new(sessions),
            now: self.now,
            application_token: token,
        }));
        let expiring = shared.clone();
        self.faults.on_expire_session(move || expiring.sessions().expire());
        let controllers = b2b::routes(self.level)
            .merge(altone::routes())
            .merge(own_method::routes(self.methods))
            .layer(middleware::from_fn_with_state(shared.clone(), guard));
        let router: Router = controllers
            .merge(product::routes())
            .merge(method_invoker::routes(self.operator))
            .merge(control::routes())
            .with_state(shared.clone());
        let server = serve(self.port, router, self.faults.clone()).await.map_err(|error| {
            let message = format!("the address 127.0.0.1:{} cannot be had", self.port);
            SimulatorError::new(SimulatorErrorKind::Port, message).because(error)
        })?;
        Ok(Simulator { server, shared, faults: self.faults })
    }
}
