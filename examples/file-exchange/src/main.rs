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
use sync_core::{Error, ErrorKind, Job, JobEnd, Result, RunContext, SqliteStore, run_until_done};
use url::Url;

/// Sends the newest CSV export to ONe, and writes ONe's orders into a folder.
///
/// Runs once and ends; what is left for a later run or a person is listed at the end.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit codes:
  0  done, and nothing is left
  1  done as far as it goes, and something is left: it is listed with its reason and what to do
  2  wrong use or wrong settings
  3  it could not run: the file that remembers cannot be used

Environment variables:
  ONE_API_KEY  the key of ONe's tenant"
)]
struct Arguments {
    /// Folder of the exports (towary-*.csv). A file counts once it stands there under this name.
    #[arg(long, value_name = "DIR")]
    exports: PathBuf,
    /// Folder of the orders; the ERP moves what it took into its folder `done`, which has to be there.
    #[arg(long, value_name = "DIR")]
    orders: PathBuf,
    /// File that remembers what was sent.
    #[arg(long, value_name = "FILE", default_value = "file-exchange.sqlite")]
    state: PathBuf,
    /// Address of ONe's API; the key is taken from ONE_API_KEY.
    #[arg(long, value_name = "URL", requires = "tenant", required_unless_present = "simulate")]
    one: Option<Url>,
    /// ONe's tenant.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Position of ONe's order feed at the very first run. 1 takes every order that ONe still has: those that an earlier integration
    /// has booked would become files a second time.
    #[arg(long, value_name = "POSITION", required_unless_present = "simulate", value_parser = clap::value_parser!(i64).range(1..))]
    start_at: Option<i64>,
    /// Simulates ONe in the process instead.
    #[arg(long, conflicts_with = "one")]
    simulate: bool,
    /// Lets go, with this run, what was held back under this token.
    #[arg(long, value_name = "TOKEN")]
    approve: Option<String>,
    /// Lists this record or order no more: a person has seen to it. May be repeated.
    #[arg(long, value_name = "KEY")]
    forget: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}\n  → {}", error.remedy());
            ExitCode::from(match error.kind() {
                ErrorKind::Config | ErrorKind::NotFound | ErrorKind::Conflict => 2,
                _ => 3,
            })
        }
    }
}

/// Whether everything was done, and nothing is left.
async fn run(arguments: Arguments) -> Result<bool> {
    let simulated;
    let one = match (arguments.one, arguments.tenant) {
        (Some(url), Some(tenant)) => {
            let key = std::env::var("ONE_API_KEY")
                .map_err(|_| Error::config("the environment variable ONE_API_KEY is not set"))?;
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
    if let Some(token) = &arguments.approve {
        exchange.approve(token).await?;
    }
    for key in &arguments.forget {
        exchange.forget(key).await?;
    }
    let jobs: [&dyn Job; 4] =
        [&exchange.orders, &exchange.order_files, &exchange.stock, &exchange.retail_prices];
    let mut done = true;
    for job in jobs {
        let report = run_until_done(job, &RunContext::default()).await;
        println!("{report}");
        done &= matches!(report.end, JobEnd::Done);
    }
    let left = exchange.left().await?;
    if !left.is_empty() {
        println!("\nleft for a later run or a person:");
    }
    for left in &left {
        println!("{left}");
    }
    Ok(done && left.is_empty())
}
