//! The exchange as a program: `file-exchange --exports DIR --orders DIR --simulate`, once per start (a task scheduler starts it).
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use file_exchange::Exchange;
use one_client::simulator::Simulator;
use one_client::{Client, FeedPosition};
use secrecy::SecretString;
use sync_core::{Error, Job, JobEnd, Result, RunContext, SqliteStore, run_until_done};
use url::Url;

/// Sends the newest CSV export to ONe, and writes ONe's orders into a folder.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Folder of the exports (towary-*.csv). A file counts once it stands there under this name.
    #[arg(long)]
    exports: PathBuf,
    /// Folder of the orders; the ERP moves what it took into its folder `done`, which has to be there.
    #[arg(long)]
    orders: PathBuf,
    /// File that remembers what was sent.
    #[arg(long, default_value = "file-exchange.sqlite")]
    state: PathBuf,
    /// Address of ONe's API; the key is taken from ONE_API_KEY.
    #[arg(long, requires = "tenant", required_unless_present = "simulate")]
    one: Option<Url>,
    /// ONe's tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Position of ONe's order feed at the very first run. 1 takes every order that ONe still has: those that an earlier integration
    /// has booked would become files a second time.
    #[arg(long, value_name = "POSITION", required_unless_present = "simulate", value_parser = clap::value_parser!(i64).range(1..))]
    start_at: Option<i64>,
    /// Simulates ONe in the process instead.
    #[arg(long, conflicts_with = "one")]
    simulate: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error} ({})", error.remedy());
            ExitCode::from(2)
        }
    }
}

/// Whether everything was done.
async fn run(arguments: Arguments) -> Result<bool> {
    let simulated;
    let one = match (arguments.one, arguments.tenant) {
        (Some(url), Some(tenant)) => {
            let key = std::env::var("ONE_API_KEY").map_err(|_| Error::config("ONE_API_KEY is missing"))?;
            Client::builder(url, tenant, SecretString::from(key)).build()
        }
        _ => {
            let started = Simulator::builder().start().await;
            simulated =
                started.map_err(|error| Error::config("ONe cannot be simulated").with_source(error))?;
            simulated.client_builder().build()
        }
    };
    let one = one.map_err(|error| Error::config("the client of ONe cannot be made").with_source(error))?;
    let store = Arc::new(SqliteStore::open(&arguments.state)?);
    let start_at = arguments.start_at.map_or(FeedPosition::FIRST, FeedPosition::new);
    let exchange = Exchange::new(&arguments.exports, &arguments.orders, one, start_at, store)?;
    let jobs: [&dyn Job; 4] =
        [&exchange.orders, &exchange.order_files, &exchange.stock, &exchange.retail_prices];
    let mut done = true;
    for job in jobs {
        let report = run_until_done(job, &RunContext::default()).await;
        println!("{report}");
        done &= matches!(report.end, JobEnd::Done);
    }
    Ok(done)
}
