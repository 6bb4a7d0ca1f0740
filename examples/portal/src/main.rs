//! The shop as a program: `portal --simulate` tells its story; against a server it keeps the shop's tables.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Parser;
use portal::{Portal, PortalSettings, catalogue, check_warehouse, story};
use secrecy::SecretString;
use soneta_webapi::{Client, KontrahentId};
use sync_core::{Error, ErrorKind, JobEnd, Result, RunContext};
use url::Url;

/// The backend of a shop of one's own on enova365.
///
/// Without --run every flow runs once, to its end, and tells what it did.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit codes:
  0  done; with --run: ended by Ctrl-C or SIGTERM
  1  a flow did not come to its end: its line says why, and what to do
  2  wrong use or wrong settings: the same call fails again
  3  it could not run: enova365 is away or refuses the token, or the file cannot be used

Environment variables:
  ENOVA_URL                address of enova365's Web API, unless --url names it
  ENOVA_APPLICATION_TOKEN  its application token
  RUST_LOG                 how much is logged to standard error (RUST_LOG=info)"
)]
struct Arguments {
    /// Tells a whole story on the simulated enova365, and needs nothing else.
    #[arg(long)]
    simulate: bool,
    /// Address of enova365's Web API, with the contract b2b; by default that of ENOVA_URL.
    #[arg(long, conflicts_with = "simulate")]
    url: Option<Url>,
    /// The SQLite file of the shop.
    #[arg(long, value_name = "FILE", default_value = "shop.sqlite")]
    file: PathBuf,
    /// Symbol of the warehouse that the shop sells from.
    #[arg(long, value_name = "SYMBOL", default_value = "F")]
    warehouse: String,
    /// Invoices are shown from this day on.
    #[arg(long, value_name = "DAY", default_value = "2026-01-01")]
    invoices_since: NaiveDate,
    /// Prints what this client (its id in the ERP) would see.
    #[arg(long, value_name = "ID")]
    client: Option<i32>,
    /// Goes on by the flows' schedules until Ctrl-C or SIGTERM.
    #[arg(long)]
    run: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let done = match arguments.simulate {
        true => story::tell(&mut std::io::stdout()).await.map(|()| true),
        false => keep(arguments).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell(&error);
            ExitCode::from(if error.kind() == ErrorKind::Config { 2 } else { 3 })
        }
    }
}

/// The error, its causes, and what to do.
fn tell(error: &Error) {
    eprintln!("error: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    eprintln!("  → {}", error.remedy());
}

/// Whether everything was done. The session of enova365 is closed in any case: it takes a licence seat.
async fn keep(arguments: Arguments) -> Result<bool> {
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => Url::parse(&variable("ENOVA_URL")?)
            .map_err(|error| Error::config("what ENOVA_URL holds is no address").with_source(error))?,
    };
    let token = SecretString::from(variable("ENOVA_APPLICATION_TOKEN")?);
    let erp = Client::builder(url, token)
        .build()
        .map_err(|error| Error::config("no client of enova365").with_source(error))?;
    let done = keep_with(erp.clone(), arguments).await;
    if let Err(error) = erp.close().await {
        eprintln!("enova365's session was not closed: {error}");
    }
    done
}

async fn keep_with(erp: Client, arguments: Arguments) -> Result<bool> {
    let info = erp.b2b().info().await.map_err(no_answer)?;
    let database = info.baza_guid.map(|guid| guid.to_string()).or(info.baza_nazwa);
    let database = database.ok_or_else(|| Error::config("enova365 does not name its database"))?;
    check_warehouse(&erp.b2b().slowniki(), &arguments.warehouse).await?;
    let settings = PortalSettings::builder()
        .file(arguments.file)
        .erp(erp)
        .database(database)
        .warehouse(arguments.warehouse)
        .invoices_since(arguments.invoices_since)
        .build();
    let portal = Portal::open(settings).await?;

    let run = RunContext::default();
    let stop = run.stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        stop.cancel();
    });
    let mut done = true;
    for report in portal.round(&run).await {
        println!("{report}");
        done &= matches!(report.end, JobEnd::Done);
    }
    if let Some(client) = arguments.client {
        for offer in catalogue::offers(&portal.shop, KontrahentId(client)).await? {
            let available = offer.available.map(|quantity| quantity.to_string()).unwrap_or_default();
            println!("{}  {}  {} PLN  {available} {}", offer.code, offer.name, offer.net, offer.unit);
        }
    }
    if arguments.run {
        portal.runner()?.run(&run).await;
        // what the first round left open, the runner tried again by its schedule
        return Ok(true);
    }
    Ok(done)
}

/// Why enova365 does not say what it is, with the client's own advice.
fn no_answer(error: soneta_webapi::Error) -> Error {
    use soneta_webapi::ErrorKind as Client;
    let (kind, message) = match error.kind() {
        Client::Unauthorized | Client::Forbidden => {
            (ErrorKind::Auth, "enova365 does not accept the token of ENOVA_APPLICATION_TOKEN")
        }
        Client::NotSent => (ErrorKind::Transient, "enova365 is not reached at its address"),
        Client::NotFound => (ErrorKind::Config, "the server at the address does not offer the contract b2b"),
        Client::Config => (ErrorKind::Config, "enova365 cannot be called"),
        _ => (ErrorKind::Transient, "enova365 does not say what it is"),
    };
    Error::new(kind, message).with_task(error.what_to_do()).with_source(error)
}

/// Ctrl-C, or on Unix SIGTERM. Never comes if the system offers neither.
async fn asked_to_stop() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminated => {}
    }
}

fn variable(name: &str) -> Result<String> {
    let missing = |_| {
        Error::config(format!("the environment variable {name} is not set"))
            .with_task("set it, or try --simulate, which needs no server")
    };
    std::env::var(name).map_err(missing)
}
