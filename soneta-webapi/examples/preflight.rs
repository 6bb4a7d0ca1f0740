//! Looks at an installation before anything is built on it.
//!
//! ```text
//! cargo run -p soneta-webapi --example preflight --features simulator
//! ENOVA_URL=https://erp.example:9010 ENOVA_APPLICATION_TOKEN=… cargo run -p soneta-webapi --example preflight --features simulator -- --contract altone
//! ```
//!
//! Without `ENOVA_URL` it looks at a simulated enova365. `--json` prints JSON, `--redacted` leaves out what is of this
//! installation alone, `--rows N` reads more or fewer rows of each list, `--allow-plain-http`, `--root-certificate FILE` (PEM) and
//! `--proxy URL` are for servers in a LAN. Exit code 1 when something failed, 2 when nothing could be looked at.
//!
//! `--write DATABASE CONTRACTOR GOOD WAREHOUSE` tries an order of one piece at 1 PLN instead: into the buffer, looked up, sent
//! again as it is and with other content, cancelled. For a **test** database only, which has to be named as the server names it.
//!
//! ```text
//! cargo run -p soneta-webapi --example preflight --features simulator -- --write demo K0001 PK F
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::SystemTime;

use soneta_webapi::preflight::{Outcome, Preflight, verify_write};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Client, Installation, KluczKontrahenta, NoweZamowienie, PozycjaZamowienia, SecretString, Url, Uuid,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            if let Some(error) = error.downcast_ref::<soneta_webapi::Error>() {
                eprintln!("→ {}", error.what_to_do());
            }
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut contract = "b2b".to_owned();
    let mut rows = 1_000;
    let (mut plain, mut root, mut proxy) = (false, None, None);
    let (mut json, mut redacted) = (false, false);
    let mut write: Option<[String; 4]> = None;
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => json = true,
            "--redacted" => redacted = true,
            "--rows" => {
                rows = words.next().and_then(|word| word.parse().ok()).ok_or("--rows wants a number")?;
            }
            "--allow-plain-http" => plain = true,
            "--root-certificate" => {
                let file = words.next().ok_or("--root-certificate wants a file")?;
                root = Some(fs::read(&file).map_err(|error| format!("{file}: {error}"))?);
            }
            "--proxy" => proxy = Some(url("--proxy", &words.next().ok_or("--proxy wants a URL")?)?),
            "--contract" => contract = words.next().ok_or("--contract wants b2b or altone")?,
            "--write" => {
                let mut word = || words.next().ok_or("--write wants DATABASE CONTRACTOR GOOD WAREHOUSE");
                write = Some([word()?, word()?, word()?, word()?]);
            }
            other => {
                let known = "--contract, --rows, --json, --redacted, --write, --allow-plain-http, --root-certificate, --proxy";
                return Err(format!("{other}: unknown; known are {known}").into());
            }
        }
    }

    let mut simulator = None;
    let client = match env::var("ENOVA_URL") {
        Ok(url) => {
            let token =
                env::var("ENOVA_APPLICATION_TOKEN").map_err(|_| "ENOVA_APPLICATION_TOKEN is not set")?;
            let mut builder = Client::builder(self::url("ENOVA_URL", &url)?, SecretString::from(token));
            builder = builder.allow_plain_http(plain);
            if let Some(pem) = root {
                builder = builder.root_certificate_pem(pem);
            }
            if let Some(proxy) = proxy {
                builder = builder.proxy(proxy);
            }
            builder.build()?
        }
        Err(_) => {
            let erp = simulator.insert(Simulator::builder().goods(500).seed(7).start().await?);
            if let (Some(good), Some(contractor)) = (erp.goods().first(), erp.contractors().first()) {
                eprintln!(
                    "a simulated enova365, with goods such as {} and contractors such as {}",
                    good.kod, contractor.kod
                );
            }
            Client::builder(erp.url().clone(), erp.application_token()).build()?
        }
    };
    let contract: fn(&Client) -> Installation = match contract.as_str() {
        "b2b" => |client| client.b2b().installation(),
        "altone" => |client| client.altone().installation(),
        other => return Err(format!("--contract {other}: known are b2b and altone").into()),
    };

    let report = match write {
        None => Preflight::new(&client, contract(&client)).rows(rows).run().await,
        Some([database, contractor, good, warehouse]) => {
            let order = trial(&contract(&client), &contractor, &good, &warehouse).await?;
            verify_write(&client, contract, order, &database).await
        }
    };
    let report = if redacted { report.redacted() } else { report };
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    client.close().await?;
    Ok(if report.outcome() == Outcome::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn url(name: &str, text: &str) -> Result<Url, String> {
    text.parse().map_err(|_| format!("{name} is no URL; it begins with https://"))
}

/// An order that nobody placed.
async fn trial(
    installation: &Installation,
    contractor: &str,
    good: &str,
    warehouse: &str,
) -> Result<NoweZamowienie, Box<dyn Error>> {
    let found =
        installation.kontrahenci()?.get_kontrahenci(&KluczKontrahenta::Kod(contractor.to_owned())).await?;
    let found = found.into_iter().next().ok_or_else(|| format!("there is no contractor {contractor}"))??;
    #[expect(clippy::disallowed_methods, reason = "a trial happens once, now")]
    let now = SystemTime::now();
    let moment = now.duration_since(SystemTime::UNIX_EPOCH)?.as_nanos().to_string();
    Ok(NoweZamowienie::builder()
        .guid(Uuid::new_v5(&Uuid::NAMESPACE_OID, moment.as_bytes()))
        .kontrahent_id(found.id)
        .kontrahent_kod(found.kod)
        .forma_platnosci(
            found.forma_platnosci.filter(|word| !word.is_empty()).unwrap_or_else(|| "Przelew".to_owned()),
        )
        .magazyn(warehouse)
        .data(chrono::DateTime::<chrono::Utc>::from(now).date_naive())
        .uwagi("trial, to be cancelled")
        .pozycje(vec![
            PozycjaZamowienia::builder()
                .id_obcy("1")
                .kod(good)
                .ilosc(Quantity::new(1.into(), ""))
                .cena_netto(Currency::new(1.into(), "PLN"))
                .build(),
        ])
        .build())
}
