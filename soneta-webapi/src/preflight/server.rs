//! The server itself: address, token, login, version, latency, and which contracts answer.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::report::{Check, Report};
use crate::altone::{GetServicesToControllersMap, GetWebServiceInfo};
use crate::b2b::Info;
use crate::{Client, ErrorKind};

/// Builds from here on spell rows in PascalCase.
const PASCAL_CASE_SINCE: u32 = 2510;

/// Issuing a token takes a person some days.
const EXPIRES_SOON: TimeDelta = TimeDelta::days(14);

/// How many calls are timed.
const TIMED_CALLS: usize = 3;

/// A call that takes longer makes every list slow.
const SLOW: Duration = Duration::from_secs(2);

/// Looks at the server; whether it can be logged in to.
pub(super) async fn look(
    client: &Client,
    now: DateTime<Utc>,
    database: Option<&str>,
    report: &mut Report,
) -> bool {
    report.add(address(client));
    if let Some(check) = token(client, now) {
        report.add(check);
    }
    if let Err(error) = client.log_in().await {
        report.add(login_failed(&error));
        return false;
    }
    report.add(Check::ok("login", "a session is held"));
    match client.current_version().await {
        Ok(version) => {
            let product = version.product_class.unwrap_or_default();
            report.add(version_check(version.version.as_deref()).detail(product));
        }
        Err(error) => report.add(Check::of_error("version", &error)),
    }
    if let Some(check) = latency(client).await {
        report.add(check);
    }
    let names = contracts(client, report).await;
    if let Some(given) = database {
        report.add(database_check(given, &names));
    }
    true
}

fn address(client: &Client) -> Check {
    let url = client.base_url();
    let check = match url.scheme() {
        "https" => Check::ok("address", "TLS"),
        _ if is_loopback(url) => Check::ok("address", "plain http within this machine"),
        _ => Check::warning("address", "plain http", "Use https: token and data can be read on the way."),
    };
    check.detail(url.as_str())
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn login_failed(error: &crate::Error) -> Check {
    let check = Check::of_error("login", error);
    let what_to_do = match error.kind() {
        ErrorKind::NotSent => {
            "The server is not reached: check address, port, DNS, firewall, VPN and the certificate (a server of one's own needs \
             its root certificate in the settings)."
        }
        ErrorKind::NotFound => {
            "Something answers, but not Soneta WebAPI: check the port and the path before /api, and whether the component webapi \
             is switched on (Composition.WebApi.Enabled)."
        }
        ErrorKind::Unauthorized | ErrorKind::Forbidden => {
            "The application token is not accepted: look in enova365 whether it is locked or expired, is of type WebApi and of \
             this server; and whether the licence has a free seat."
        }
        _ => return check,
    };
    Check { what_to_do: Some(what_to_do.to_owned()), ..check }
}

fn version_check(version: Option<&str>) -> Check {
    let Some(version) = version else {
        return Check::warning("version", "the server does not tell its build", "Ask the administrator.");
    };
    match version.split('.').next().and_then(|release| release.parse::<u32>().ok()) {
        Some(release) if release >= PASCAL_CASE_SINCE => Check::ok("version", version),
        Some(_) => Check::warning(
            "version",
            format!("{version}: older than any build whose description is known here ({PASCAL_CASE_SINCE})"),
            "Rows may be spelt in camelCase, which the contracts here do not read; look at the areas below.",
        ),
        None => Check::warning(
            "version",
            format!("{version}: not of the form YYMM.minor.build"),
            "Tell it with any report of a fault.",
        ),
    }
}

async fn latency(client: &Client) -> Option<Check> {
    let mut times = Vec::new();
    for _ in 0..TIMED_CALLS {
        let start = Instant::now();
        client.current_version().await.ok()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = *times.get(TIMED_CALLS / 2)?;
    let finding = format!("{} ms, the median of {TIMED_CALLS} calls", median.as_millis());
    Some(if median < SLOW {
        Check::ok("latency", finding)
    } else {
        Check::warning(
            "latency",
            finding,
            "Look for a slow line, a VPN, or a server that had been idle (the first call after a quiet night is slow).",
        )
    })
}

/// Which contracts answer; what they, and the token, call the database.
async fn contracts(client: &Client, report: &mut Report) -> Vec<String> {
    let b2b = client.b2b().info().await;
    let (altone, told) = match altone(client).await {
        Some((check, name)) => (Some(check), name),
        None => (None, None),
    };
    let b2b_names = b2b.iter().flat_map(|info| {
        let guid = info.baza_guid.map(|guid| guid.to_string());
        [info.baza_nazwa.clone(), guid]
    });
    let claimed = client.application_token_claims().and_then(|claims| claims.database.clone());
    let mut names: Vec<String> = Vec::new();
    for name in b2b_names.chain([told, claimed]).flatten().filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let missing = |error: &crate::Error| error.kind() == ErrorKind::NotFound;
    let none = b2b.as_ref().is_err_and(missing) && altone.is_none();
    match b2b {
        Ok(info) => report.add(b2b_check(&info)),
        Err(error) if missing(&error) => report.add(Check::not_tried("contract.b2b", "not installed")),
        Err(error) => report.add(Check::of_error("contract.b2b", &error)),
    }
    report.add(altone.unwrap_or_else(|| Check::not_tried("contract.altone", "not installed")));
    if none {
        report.add(Check::warning(
            "contract",
            "neither the reference contract nor AltOne's answers here",
            "Look at /api/docs on the server for what its add-ons offer, and implement the ports for it.",
        ));
    }
    names
}

/// Whether the database is called as the caller does. Any name would do as long as it stays, but only its own tells it from a
/// copy.
fn database_check(given: &str, names: &[String]) -> Check {
    const ID: &str = "database";
    const NAME_IT: &str = "Look whether this is the database that is meant, and name it as the server does before anything is kept \
                           of it: what is kept belongs to this name.";
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let told = quoted.join(", ");
    match given {
        _ if names.is_empty() => Check::not_tried(
            ID,
            "the server does not tell what its database is called: nothing to compare with",
        ),
        "" => Check::warning(ID, "no name is given for it", NAME_IT).detail(format!("the server: {told}")),
        _ if names.iter().any(|name| name.eq_ignore_ascii_case(given)) => {
            Check::ok(ID, "the server calls it by the name that is given").detail(format!("{given:?}"))
        }
        _ => Check::warning(ID, "the server calls it otherwise", NAME_IT)
            .detail(format!("given: {given:?}; the server: {told}")),
    }
}

fn b2b_check(info: &Info) -> Check {
    let Info { wersja, poziom, mozliwosci, maks_ile, .. } = info;
    let finding = format!(
        "version {wersja}, tier {poziom}, {} methods, at most {maks_ile} rows a page",
        mozliwosci.len()
    );
    Check::ok("contract.b2b", finding).detail(info.baza_nazwa.clone().unwrap_or_default())
}

/// What AltOne's contract says of itself, and what it calls the database; `None` where it is not installed.
async fn altone(client: &Client) -> Option<(Check, Option<String>)> {
    let info = match client.send(&GetWebServiceInfo::default()).await {
        Ok(info) => info,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => return Some((Check::of_error("contract.altone", &error), None)),
    };
    let Some(info) = info else {
        let check = Check::warning("contract.altone", "answers without a word of itself", "Ask the partner.");
        return Some((check, None));
    };
    let name = info.nazwa_bazy_enova;
    let version = info.wersja_biblioteki_ws.unwrap_or_else(|| "not told".to_owned());
    let services = client.send(&GetServicesToControllersMap::default()).await;
    let services =
        services.map_or_else(|_| "services not told".to_owned(), |all| format!("{} services", all.len()));
    let finding = format!("library {version}, {services}");
    let wrong = info.information_error.filter(|text| !text.is_empty());
    if info.login_success == Some(false) || wrong.is_some() {
        let what_to_do = "The add-on tells a fault of its own; ask its partner.";
        let check = Check::warning("contract.altone", finding, what_to_do).detail(wrong.unwrap_or_default());
        return Some((check, name));
    }
    Some((Check::ok("contract.altone", finding).detail(name.clone().unwrap_or_default()), name))
}

/// What the application token says of itself; nothing where it cannot be read, which is no fault.
fn token(client: &Client, now: DateTime<Utc>) -> Option<Check> {
    let claims = client.application_token_claims()?;
    let database = claims.database.clone().unwrap_or_default();
    let check = match claims.expires {
        None => Check::ok("token", "does not tell when it expires"),
        Some(expires) => {
            let finding = format!("good until {}", expires.date_naive());
            let left = expires - now;
            if left <= TimeDelta::zero() {
                Check::failed("token", finding, "Have the administrator issue a new application token.")
            } else if left <= EXPIRES_SOON {
                Check::warning(
                    "token",
                    finding,
                    "Have the administrator issue a new application token in time.",
                )
            } else {
                Check::ok("token", finding)
            }
        }
    };
    Some(check.detail(database))
}

#[cfg(test)]
mod tests {
    use super::database_check;
    use crate::preflight::Outcome;

    #[test]
    fn a_database_is_compared_with_every_name_that_is_told_and_both_are_shown_where_none_fits() {
        let told = ["Firma_2026".to_owned(), "0f9a".to_owned()];
        for given in ["Firma_2026", "FIRMA_2026", "0F9A"] {
            assert_eq!(database_check(given, &told).outcome, Outcome::Ok, "{given}");
        }
        let other = database_check("FIRMA", &told);
        assert_eq!(other.outcome, Outcome::Warning);
        assert_eq!(other.detail.unwrap(), r#"given: "FIRMA"; the server: "Firma_2026", "0f9a""#);
        assert_eq!(database_check("", &told).outcome, Outcome::Warning);
        assert_eq!(database_check("FIRMA", &[]).outcome, Outcome::NotTried);
    }
}
