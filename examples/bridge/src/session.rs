//! What a command works with: settings or a simulation, clients, stores.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use futures::future::join_all;
use secrecy::SecretString;
use soneta_webapi::KolejkaZmian;
use soneta_webapi::altone::AltOneZmiany;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::bridge::Bridge;
use crate::error::{Error, Result};
use crate::progress::{Console, Progress};
use crate::settings::{Secret, Settings, environment};
use crate::simulate::{Simulation, SimulationOptions};
use crate::store::{self, IfMissing};
use crate::tenant::Tenant;

/// How long giving the licence seats back may take. With [engine] grace it is less than a service manager's patience
/// (`systemd/bridge.service`).
const CLOSING: Duration = Duration::from_secs(10);

/// Which systems, and where the state is.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Systems and state")]
pub(crate) struct Systems {
    /// Settings of the real systems: a TOML file; bridge.example.toml has every one.
    #[arg(long, value_name = "FILE", required_unless_present = "simulate")]
    pub(crate) settings: Option<PathBuf>,
    /// Folder of the state: a SQLite file per tenant, unless the settings name a PostgreSQL database.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Simulate both systems in the process instead; their state is kept in --data if given.
    #[arg(long, conflicts_with = "settings")]
    pub(crate) simulate: bool,
    /// Simulated goods; 1,000 unless told otherwise.
    #[arg(long, value_name = "COUNT", requires = "simulate", conflicts_with = "catalogue")]
    pub(crate) goods: Option<usize>,
    /// Simulated company: a folder with towary.csv, cennik.csv and kontrahenci.csv.
    #[arg(long, value_name = "DIR", requires = "simulate")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Only this tenant of the settings.
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
}

impl Systems {
    /// The flags that name the same settings, state and tenant again, each after a blank.
    pub(crate) fn flags(&self) -> String {
        let mut flags = String::new();
        if self.simulate {
            flags.push_str(" --simulate");
        }
        let settings = self.settings.as_ref().map(|path| path.display().to_string());
        let data = self.data.as_ref().map(|path| path.display().to_string());
        for (flag, value) in [("--settings", settings), ("--data", data), ("--tenant", self.tenant.clone())] {
            match value {
                Some(value) if value.contains(char::is_whitespace) => {
                    flags.push_str(&format!(" {flag} \"{value}\""));
                }
                Some(value) => flags.push_str(&format!(" {flag} {value}")),
                None => {}
            }
        }
        flags
    }
}

/// What a command needs of the systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Their answers, and a state to keep.
    Systems,
    /// Their answers alone: where there is no state, none is made.
    Answers,
    /// Nothing: what the store knows is enough, and secrets are not asked for.
    StoreAlone,
}

/// What one command works with, opened in order and closed in reverse.
pub(crate) struct Session {
    pub(crate) settings: Settings,
    pub(crate) bridge: Bridge,
    needs: Needs,
    _simulation: Option<Simulation>,
    _temporary: Option<TempDir>,
}

impl Session {
    pub(crate) async fn open(systems: &Systems, needs: Needs) -> Result<Self> {
        match &systems.settings {
            Some(path) => Self::real(systems, Settings::from_file(path)?, needs).await,
            None => Self::simulated(systems, needs).await,
        }
    }

    async fn real(systems: &Systems, settings: Settings, needs: Needs) -> Result<Self> {
        let missing = match needs {
            Needs::Systems => IfMissing::Make,
            Needs::Answers => IfMissing::Forget,
            Needs::StoreAlone => IfMissing::Refuse,
        };
        let mut tenants = Vec::new();
        for tenant in &settings.tenants {
            if systems.tenant.as_ref().is_some_and(|only| *only != tenant.name) {
                continue;
            }
            let secret = |secret: &Option<Secret>| match (needs, secret) {
                (Needs::Systems | Needs::Answers, Some(secret)) => {
                    secret.get(&environment).map_err(|mistake| settings.wrong(mistake))
                }
                // nobody is called with it
                _ => Ok(SecretString::from("not-asked-for")),
            };
            let (token, api_key) = (secret(&tenant.token)?, secret(&tenant.api_key)?);
            let enova = tenant.enova.client(token, &settings.engine)?;
            let one = tenant.one.client(api_key, &settings.engine)?;
            let data = systems.data.as_deref();
            let store = store::open(&settings, &tenant.name, data, missing, &environment).await?;
            let mut queues: BTreeMap<String, Arc<dyn KolejkaZmian>> = BTreeMap::new();
            for (flow, code) in &tenant.security_codes {
                let Some(queue) = tenant.enova.queues.get(flow) else { continue };
                let consumer = AltOneZmiany::builder()
                    .client(enova.clone())
                    .external_system(&queue.external_system)
                    .security_code(secret(&Some(code.clone()))?)
                    .build();
                queues.insert(flow.clone(), Arc::new(consumer));
            }
            let wired = Tenant::builder(tenant, store)
                .enova(enova)
                .one(one)
                .queues(queues)
                .engine(settings.engine)
                .build()?;
            tenants.push(wired);
        }
        Self::of(systems, settings, tenants, needs)
    }

    async fn simulated(systems: &Systems, needs: Needs) -> Result<Self> {
        let (data, temporary) = match &systems.data {
            Some(data) => (data.clone(), None),
            None => {
                let folder = tempfile::tempdir()
                    .map_err(|error| Error::new("no temporary folder can be made").because(error))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        make(&data)?;
        let options = SimulationOptions::new(systems.goods, systems.catalogue.clone());
        let simulation = Simulation::start(&options, &data).await?;
        let settings = simulation.settings()?;
        let mut tenants = Vec::new();
        for tenant in &settings.tenants {
            let enova = simulation.enova_client()?;
            if needs != Needs::StoreAlone {
                simulation.sell_by_telephone(&enova).await?;
                simulation.introduce_clients()?;
                simulation.place_first_order(&enova).await?;
            }
            let missing = if needs == Needs::Answers { IfMissing::Forget } else { IfMissing::Make };
            let store = store::open(&settings, &tenant.name, Some(&data), missing, &environment).await?;
            let one = simulation.one_client()?;
            let wired =
                Tenant::builder(tenant, store).enova(enova).one(one).engine(settings.engine).build()?;
            tenants.push(wired);
        }
        let session = Self::of(systems, settings, tenants, needs)?;
        Ok(Self { _simulation: Some(simulation), _temporary: temporary, ..session })
    }

    fn of(systems: &Systems, settings: Settings, tenants: Vec<Tenant>, needs: Needs) -> Result<Self> {
        if let Some(only) = &systems.tenant
            && !tenants.iter().any(|tenant| tenant.name() == only)
        {
            let names: Vec<&str> = settings.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
            return Err(Error::config(format!(
                "the settings have no tenant {only}; they have {}",
                names.join(", ")
            )));
        }
        let progress: Arc<dyn Progress> = Arc::new(Console::new());
        let bridge = Bridge::new(tenants).engine_settings(settings.engine).progress(progress);
        Ok(Self { settings, bridge, needs, _simulation: None, _temporary: None })
    }

    pub(crate) fn tenants(&self) -> &[Tenant] {
        self.bridge.tenants()
    }

    /// The flow of this name, `stock` or `shop/stock`, and its tenant.
    pub(crate) fn flow(&self, name: &str) -> Result<(&Tenant, &Arc<sync_core::Flow>)> {
        let found: Vec<_> =
            self.tenants().iter().filter_map(|tenant| Some((tenant, tenant.flow(name)?))).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                let off = self.tenants().iter().find_map(|tenant| tenant.off_flow(name));
                if let Some(off) = off {
                    return Err(Error::config(format!("{name} is off: stage {} is not live", off.stage))
                        .what_to_do("add the stage to `stages` of its tenant"));
                }
                let known =
                    self.tenants().iter().flat_map(Tenant::flows).map(|(_, flow)| flow.flow_name().as_str());
                // as the name was given: with the tenant's or without
                let as_given = |known: &'_ str| match name.contains('/') {
                    true => known.to_owned(),
                    false => known.split_once('/').map_or(known, |(_, id)| id).to_owned(),
                };
                let known: std::collections::BTreeSet<String> = known.map(as_given).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let near = crate::settings::instead(name, &known);
                Err(Error::config(format!("no flow {name} runs by these settings; {near}")))
            }
            _ => Err(Error::config(format!("several tenants have a flow {name}"))
                .what_to_do(format!("say which: TENANT/{name}"))),
        }
    }

    /// Gives licence seats back, those of all tenants at the same time; failing to do so is no reason to fail.
    pub(crate) async fn close(self) {
        if self.needs == Needs::StoreAlone {
            return;
        }
        let closing = self.tenants().iter().map(|tenant| async move {
            if let Err(error) = tenant.enova().close().await {
                tracing::warn!(tenant = tenant.name(), %error, "enova365's session was not closed");
            }
        });
        if timeout(CLOSING, join_all(closing)).await.is_err() {
            tracing::warn!("enova365's sessions were not all closed in time; it ends them by itself later");
        }
    }
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::new(format!("the folder {} cannot be made", folder.display())).because(error))
}

#[cfg(test)]
mod tests {
    use super::Systems;

    #[test]
    fn the_flags_name_what_was_named() {
        let systems = Systems {
            settings: Some("bridge.toml".into()),
            data: Some("my state".into()),
            tenant: Some("shop".to_owned()),
            ..Systems::default()
        };
        assert_eq!(systems.flags(), " --settings bridge.toml --data \"my state\" --tenant shop");
        assert_eq!(Systems { simulate: true, ..Systems::default() }.flags(), " --simulate");
    }
}
