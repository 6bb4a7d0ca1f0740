//! The bridge as a program: `bridge once --simulate`.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bridge::{Bridge, Console, Error, Result, Settings, Simulation, SimulationOptions};
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use sync_core::{CancellationToken, SqliteStore, Store};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// The file that the state is in.
const STATE: &str = "bridge.sqlite";

/// Keeps an enova365 company and a ONe tenant in step.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything that is due now: stock, retail prices, orders. Exits with 1 if something is left open.
    Once(Systems),
    /// The same for ever, each flow at its own period, until Ctrl-C.
    Run(Systems),
    /// Lets a held order go, at the prices that were confirmed to the buyer.
    Release {
        /// The order's name, as `once` lists it: `order:tenant:shipment`.
        order: String,
        /// Who decides.
        #[arg(long)]
        by: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Folder of the state.
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Systems {
    /// Simulates both systems in the process.
    #[arg(long, conflicts_with = "settings")]
    simulate: bool,
    /// Simulated goods.
    #[arg(long, requires = "simulate", conflicts_with = "catalogue")]
    goods: Option<usize>,
    /// Simulated company: a folder with towary.csv, cennik.csv and kontrahenci.csv.
    #[arg(long, requires = "simulate")]
    catalogue: Option<PathBuf>,
    /// Settings of the real systems (TOML). ENOVA_APPLICATION_TOKEN and ONE_API_KEY are taken from the environment.
    #[arg(long, required_unless_present = "simulate")]
    settings: Option<PathBuf>,
    /// Folder of the state; a simulation without one starts from nothing.
    #[arg(long, required_unless_present = "simulate")]
    data: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy(),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Once(systems) => {
            let session = Session::open(systems).await?;
            let summary = session.bridge.once(stop_on_ctrl_c()).await;
            session.close().await;
            let summary = summary?;
            println!("{summary}");
            Ok(if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Run(systems) => {
            let session = Session::open(systems).await?;
            session.bridge.run(stop_on_ctrl_c()).await;
            session.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Command::Release { order, by, reason, data } => {
            if !data.join(STATE).is_file() {
                return Err(Error::new(format!("there is no state in {}", data.display())));
            }
            let store = open_store(&data)?;
            store
                .release(&order.as_str().into(), &by, &reason)
                .await
                .map_err(|error| Error::caused("the order was not released", error))?;
            println!("{order} is released; the next round carries it out");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What one run needs, opened in order and closed in reverse.
struct Session {
    bridge: Bridge,
    enova: soneta_webapi::Client,
    _simulation: Option<Simulation>,
    _temporary: Option<tempfile::TempDir>,
}

impl Session {
    async fn open(systems: Systems) -> Result<Self> {
        let (data, temporary) = match systems.data {
            Some(data) => (data, None),
            None => {
                let folder =
                    tempfile::tempdir().map_err(|error| Error::caused("no temporary folder", error))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        std::fs::create_dir_all(&data)
            .map_err(|error| Error::caused(format!("the folder {} cannot be made", data.display()), error))?;
        let store: Arc<dyn Store> = open_store(&data)?;
        let (settings, enova, one, simulation) = match &systems.settings {
            Some(path) => {
                let settings = Settings::from_file(path)?;
                let enova = settings.enova_client(secret("ENOVA_APPLICATION_TOKEN")?)?;
                let one = settings.one_client(secret("ONE_API_KEY")?)?;
                (settings, enova, one, None)
            }
            None => {
                let options = SimulationOptions::new(systems.goods, systems.catalogue);
                let simulation = Simulation::start(&options, &data).await?;
                let enova = simulation.enova_client()?;
                simulation.place_first_order(&enova).await?;
                (simulation.settings()?, enova, simulation.one_client()?, Some(simulation))
            }
        };
        let bridge = Bridge::builder(settings, store)
            .enova(&enova)
            .one(one)
            .progress(Arc::new(Console::new()))
            .build()
            .await;
        match bridge {
            Ok(bridge) => Ok(Self { bridge, enova, _simulation: simulation, _temporary: temporary }),
            Err(error) => {
                log_out(&enova).await;
                Err(error)
            }
        }
    }

    async fn close(self) {
        log_out(&self.enova).await;
    }
}

/// A session may hold a licence seat, so it is given back; failing to do so is no reason to fail.
async fn log_out(enova: &soneta_webapi::Client) {
    if let Err(error) = enova.close().await {
        eprintln!("enova365's session was not closed: {error}");
    }
}

fn open_store(data: &Path) -> Result<Arc<SqliteStore>> {
    let file = data.join(STATE);
    SqliteStore::open(&file)
        .map(Arc::new)
        .map_err(|error| Error::caused(format!("the state in {} cannot be opened", file.display()), error))
}

fn secret(name: &str) -> Result<SecretString> {
    std::env::var(name)
        .map(SecretString::from)
        .map_err(|_| Error::new(format!("the environment variable {name} is missing")))
}

/// Cancelled at the first Ctrl-C; at the second the program ends at once.
fn stop_on_ctrl_c() -> CancellationToken {
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping: the pages in hand are finished first; press Ctrl-C again to end at once");
            cancel.cancel();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    stop
}
