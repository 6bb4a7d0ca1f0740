//! The shop as a program: `portal --simulate` tells its story; against a server it keeps the shop's tables.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Parser;
use portal::{Portal, PortalSettings, catalogue, story};
use secrecy::SecretString;
use soneta_webapi::{Client, KontrahentId};
use sync_core::{Error, JobEnd, Result, RunContext};
use url::Url;

/// The backend of a shop of one's own on enova365.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Tells a whole story on the simulated enova365, and needs nothing else.
    #[arg(long)]
    simulate: bool,
    /// Address of enova365's Web API, with the contract b2b; its token is taken from ENOVA_APPLICATION_TOKEN. By default the
    /// address is taken from ENOVA_URL.
    #[arg(long, conflicts_with = "simulate")]
    url: Option<Url>,
    /// The SQLite file of the shop.
    #[arg(long, default_value = "shop.sqlite")]
    file: PathBuf,
    /// Symbol of the warehouse that the shop sells from.
    #[arg(long, default_value = "F")]
    warehouse: String,
    /// Invoices are shown from this day on.
    #[arg(long, default_value = "2026-01-01")]
    invoices_since: NaiveDate,
    /// Prints what this client (its id in the ERP) would see.
    #[arg(long)]
    client: Option<i32>,
    /// Goes on by the flows' schedules until Ctrl-C or SIGTERM, and ends with 0 then; otherwise everything runs once.
    #[arg(long)]
    run: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let arguments = Arguments::parse();
    let done = match arguments.simulate {
        true => story::tell(&mut std::io::stdout()).await.map(|()| true),
        false => keep(arguments).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error} ({})", error.remedy());
            ExitCode::from(2)
        }
    }
}

/// Whether everything was done. The session of enova365 is closed in any case: it takes a licence seat.
async fn keep(arguments: Arguments) -> Result<bool> {
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => Url::parse(&variable("ENOVA_URL")?)
            .map_err(|error| Error::config("ENOVA_URL is no address").with_source(error))?,
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
    let info = erp.b2b().info().await;
    let info =
        info.map_err(|error| Error::transient("enova365 does not say what it is").with_source(error))?;
    let database = info.baza_guid.map(|guid| guid.to_string()).or(info.baza_nazwa);
    let database = database.ok_or_else(|| Error::config("enova365 does not name its database"))?;
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
    std::env::var(name).map_err(|_| Error::config(format!("{name} is missing; --simulate needs no server")))
}
