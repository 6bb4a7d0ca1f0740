//! Looks at an installation before anything is built on it.
//!
//! ```text
//! cargo run -p soneta-webapi --example preflight --features simulator
//! ENOVA_URL=https://erp.example:9010 ENOVA_APPLICATION_TOKEN=… cargo run -p soneta-webapi --example preflight --features simulator -- --contract altone
//! ```
//!
//! Without `ENOVA_URL` it looks at a simulated enova365. `--json` prints JSON, `--redacted` leaves out what is of this
//! installation alone, `--rows N` reads more or fewer rows of each list. Exit code 1 when something failed.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use soneta_webapi::preflight::{Outcome, Preflight};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::{Client, SecretString};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut contract = "b2b".to_owned();
    let mut rows = 1_000;
    let (mut json, mut redacted) = (false, false);
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => json = true,
            "--redacted" => redacted = true,
            "--rows" => rows = words.next().ok_or("--rows wants a number")?.parse()?,
            "--contract" => contract = words.next().ok_or("--contract wants b2b or altone")?,
            other => {
                return Err(
                    format!("{other}: unknown; known are --contract, --rows, --json, --redacted").into()
                );
            }
        }
    }

    let mut simulator = None;
    let client = match env::var("ENOVA_URL") {
        Ok(url) => {
            let token = SecretString::from(env::var("ENOVA_APPLICATION_TOKEN")?);
            Client::builder(url.parse()?, token).build()?
        }
        Err(_) => {
            let erp = simulator.insert(Simulator::builder().goods(500).seed(7).start().await?);
            Client::builder(erp.url().clone(), erp.application_token()).build()?
        }
    };
    let installation = match contract.as_str() {
        "b2b" => client.b2b().installation(),
        "altone" => client.altone().installation(),
        other => return Err(format!("--contract {other}: known are b2b and altone").into()),
    };

    let report = Preflight::new(&client, installation).rows(rows).run().await;
    client.close().await?;
    let report = if redacted { report.redacted() } else { report };
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    Ok(if report.outcome() == Outcome::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
