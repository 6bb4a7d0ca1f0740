//! The simulated enova365 and ONe as programs, so that any HTTP client can be pointed at them.
//!
//! Each prints its address and what a client needs to log in, and runs until Ctrl-C. What can be driven from outside
//! (`/_sim/…`) is in the docs of `soneta_webapi::simulator` and `one_client::simulator`.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use secrecy::{ExposeSecret, SecretString};

/// A simulated enova365 or ONe on a local port.
///
/// Prints its address and what a client needs to log in, and runs until Ctrl-C. What can be changed meanwhile is in the README, below
/// "Point your own client at the simulators".
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit codes:
  0  ended by Ctrl-C
  1  it could not start: the address is taken, or a file cannot be read
  2  wrong use

Environment variables:
  ONE_API_KEY  key of the simulated ONe, instead of `simulated-key`; it is not printed
  RUST_LOG     how much is logged to standard error (RUST_LOG=info)"
)]
struct Cli {
    #[command(subcommand)]
    system: System,
}

#[derive(Debug, Subcommand)]
enum System {
    /// enova365 with the reference contract `b2b` and AltOne's.
    Enova {
        #[command(flatten)]
        place: Place,
        /// Generated goods, unless there is a catalogue.
        #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
        goods: usize,
        /// Generated contractors.
        #[arg(long, value_name = "COUNT", default_value_t = 20, conflicts_with = "catalogue")]
        contractors: usize,
        /// Price profiles over which the contractors are spread, at most 800, without exceptions; a few by default.
        #[arg(long, value_name = "COUNT", conflicts_with = "catalogue")]
        profiles: Option<usize>,
        /// Seed of the generated data: the same seed gives the same company.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// A folder with towary.csv, cennik.csv and kontrahenci.csv.
        #[arg(long, value_name = "DIR", conflicts_with = "goods")]
        catalogue: Option<PathBuf>,
    },
    /// ONe's integration API.
    One {
        #[command(flatten)]
        place: Place,
        /// The tenant that it has, which a client names beside its key.
        #[arg(long, value_name = "NAME", default_value = "demo")]
        tenant: String,
        /// Further tenant with the same key, of which nothing is kept in the file; may be repeated.
        #[arg(long, value_name = "NAME")]
        another_tenant: Vec<String>,
        /// Ignore unknown fields and parameters instead of refusing them.
        #[arg(long)]
        lenient: bool,
        /// The most rows of a page and events of a feed.
        #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
        max_page_size: usize,
        /// The service that has order shipments and their status.
        #[arg(long, value_name = "NAME", default_value = "orders")]
        order_service: String,
        /// The service that has warehouses.
        #[arg(long, value_name = "NAME", default_value = "stock")]
        warehouse_service: String,
        /// The service that has operators.
        #[arg(long, value_name = "NAME", default_value = "authserver")]
        operator_service: String,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// Port of 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// File that keeps the state; nothing is kept without one.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match simulate(Cli::parse().system).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&*error);
            ExitCode::FAILURE
        }
    }
}

/// The error, its causes, and what to do where that is known.
fn tell(error: &dyn Error) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse) {
            eprintln!(
                "  → another program listens there: end it, or name another --port (0 takes a free one)"
            );
        }
        cause = error.source();
    }
}

async fn simulate(system: System) -> Result<(), Box<dyn Error>> {
    match system {
        System::Enova { place, goods, contractors, profiles, seed, catalogue } => {
            let mut builder = soneta_webapi::simulator::Simulator::builder().port(place.port).seed(seed);
            builder = match catalogue {
                Some(folder) => builder.catalogue(folder),
                None => builder.goods(goods).contractors(contractors),
            };
            if let Some(profiles) = profiles {
                builder = builder.profiles(profiles);
            }
            if let Some(file) = place.state {
                builder = builder.state_file(file);
            }
            let simulator = builder.start().await?;
            println!("url={}", simulator.url());
            println!("database={}", simulator.database_id());
            println!("warehouses={}", warehouses(&simulator).join(" "));
            println!("application_token={}", simulator.application_token().expose_secret());
            tokio::signal::ctrl_c().await?;
            simulator.stop().await;
        }
        System::One {
            place,
            tenant,
            another_tenant,
            lenient,
            max_page_size,
            order_service,
            warehouse_service,
            operator_service,
        } => {
            let given = std::env::var("ONE_API_KEY").ok();
            let key = SecretString::from(given.as_deref().unwrap_or("simulated-key"));
            let mut builder = one_client::simulator::Simulator::builder()
                .port(place.port)
                .tenant(tenant)
                .api_key(key.clone())
                .strict(!lenient)
                .max_page_size(max_page_size)
                .order_service(order_service)
                .warehouse_service(warehouse_service)
                .operator_service(operator_service);
            for tenant in another_tenant {
                builder = builder.another_tenant(tenant, key.clone());
            }
            if let Some(file) = place.state {
                builder = builder.state_file(file);
            }
            let simulator = builder.start().await?;
            println!("url={}", simulator.url());
            println!("tenant={}", simulator.tenant());
            if given.is_none() {
                println!("api_key={}", key.expose_secret());
            }
            tokio::signal::ctrl_c().await?;
            simulator.stop().await;
        }
    }
    Ok(())
}

fn warehouses(simulator: &soneta_webapi::simulator::Simulator) -> Vec<String> {
    let stock = simulator.goods().into_iter().flat_map(|good| good.stany);
    stock.map(|stan| stan.magazyn).collect::<BTreeSet<_>>().into_iter().collect()
}
