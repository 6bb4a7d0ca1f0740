//! Compares an installation's OpenAPI document with what this crate needs. Ends with 1 when something breaks it, with 2 when the
//! document cannot be read.
//!
//! ```text
//! cargo run -p soneta-webapi --example contract_check -- openapi.json --contract altone --contract b2b --json
//! ```
//!
//! Without `--contract` all are compared.

use std::error::Error;
use std::process::ExitCode;

use soneta_webapi::contract_check::{Contract, Severity, check};

const USAGE: &str = "usage: contract_check FILE [--contract b2b|altone]... [--json]";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
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
    let report = check(&std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?, &contracts)?;
    match json {
        true => println!("{}", serde_json::to_string_pretty(&report)?),
        false => print!("{report}"),
    }
    Ok(match report.worst() {
        Some(Severity::BreaksUs) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}
