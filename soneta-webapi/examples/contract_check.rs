//! Compares an installation's OpenAPI document with what this crate needs. Ends with 1 when something breaks it, with 2 when the
//! document cannot be read.
//!
//! ```text
//! cargo run -p soneta-webapi --example contract_check -- openapi.json --contract altone --contract b2b --json
//! ENOVA_APPLICATION_TOKEN=… cargo run -p soneta-webapi --example contract_check -- https://erp.example:9010/api/docs/openapi.json
//! ```
//!
//! Without `--contract` all are compared. A document at a URL is fetched with a session of the server; its path is not documented
//! (the server shows a page at `/api/docs`), so look it up there.

use std::error::Error;
use std::process::ExitCode;

use soneta_webapi::contract_check::{Contract, OpenApiDocument, Severity, check};
use soneta_webapi::{Client, SecretString, Url};

const USAGE: &str = "usage: contract_check FILE|URL [--contract b2b|altone]... [--json]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut file, mut contracts, mut json) = (None, Vec::new(), false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--contract" => contracts.push(match arguments.next().as_deref() {
                Some("b2b") => Contract::B2b,
                Some("altone") => Contract::AltOne,
                _ => return Err(USAGE.into()),
            }),
            _ if file.is_none() && !argument.starts_with('-') => file = Some(argument),
            _ => return Err(USAGE.into()),
        }
    }
    if contracts.is_empty() {
        contracts = vec![Contract::AltOne, Contract::B2b];
    }
    let file = file.ok_or(USAGE)?;
    let document = match file.starts_with("http") {
        true => fetch(&file).await?,
        false => std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?,
    };
    let report = check(&document, &contracts)?;
    match json {
        true => println!("{}", serde_json::to_string_pretty(&report)?),
        false => print!("{report}"),
    }
    Ok(match report.worst() {
        Some(Severity::BreaksUs) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

async fn fetch(url: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let url: Url = url.parse()?;
    let token = std::env::var("ENOVA_APPLICATION_TOKEN").map_err(|_| "ENOVA_APPLICATION_TOKEN is not set")?;
    let client = Client::builder(url.join("/")?, SecretString::from(token)).build()?;
    let segments = url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty());
    let document = client.send(&OpenApiDocument::at(segments)).await;
    client.close().await?;
    Ok(document?.to_vec())
}
