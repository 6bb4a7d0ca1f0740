//! The simulated enova365 and ONe as programs, so that any HTTP client can be pointed at them.
//!
//! Each prints its address and what a client needs to log in, and runs until Ctrl-C. What can be driven from outside
//! (`/_sim/…`) is in the docs of `soneta_webapi::simulator` and `one_client::simulator`.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use secrecy::{ExposeSecret, SecretString};

/// A simulated enova365 or ONe on a local port.
#[derive(Debug, Parser)]
#[command(version)]
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
        #[arg(long, default_value_t = 1_000)]
        goods: usize,
        /// Seed of the generated data: the same seed gives the same company.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// A folder with towary.csv, cennik.csv and kontrahenci.csv.
        #[arg(long, conflicts_with = "goods")]
        catalogue: Option<PathBuf>,
    },
    /// ONe's integration API.
    One {
        #[command(flatten)]
        place: Place,
        /// Tenant key.
        #[arg(long, default_value = "demo")]
        tenant: String,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// Port; a free one by default.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// File that keeps the state; nothing is kept without one.
    #[arg(long)]
    state: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().system {
        System::Enova { place, goods, seed, catalogue } => {
            let mut builder = soneta_webapi::simulator::Simulator::builder().port(place.port).seed(seed);
            builder = match catalogue {
                Some(folder) => builder.catalogue(folder),
                None => builder.goods(goods),
            };
            if let Some(file) = place.state {
                builder = builder.state_file(file);
            }
            let simulator = builder.start().await?;
            println!("url={}", simulator.url());
            println!("warehouses={}", warehouses(&simulator).join(" "));
            println!("application_token={}", simulator.application_token().expose_secret());
            tokio::signal::ctrl_c().await?;
            simulator.stop().await;
        }
        System::One { place, tenant } => {
            let mut builder = one_client::simulator::Simulator::builder().port(place.port).tenant(tenant);
            if let Ok(key) = std::env::var("ONE_API_KEY") {
                builder = builder.api_key(SecretString::from(key));
            }
            if let Some(file) = place.state {
                builder = builder.state_file(file);
            }
            let simulator = builder.start().await?;
            println!("url={}", simulator.url());
            println!("tenant={}", simulator.tenant());
            if std::env::var_os("ONE_API_KEY").is_none() {
                println!("api_key={}", simulator.api_key().expose_secret());
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
