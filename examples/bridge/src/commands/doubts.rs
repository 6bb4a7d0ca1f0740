use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use sync_core::{ActFilter, ActState, ActStatus, Created, OpKey, Verdict};

use super::{Clean, Person};
use crate::error::{Error, Result};
use crate::once::unreadable;
use crate::output::{counted, instant, print};
use crate::refusals::is_seen_to;
use crate::session::{Needs, Session, Systems};
use crate::shapes::Doubt;
use crate::tenant::Tenant;

#[derive(Debug, Subcommand)]
pub(super) enum Doubts {
    /// List acts that are in doubt, held, refused or wait for a person, each with what to do.
    #[command(after_help = "Exits with 1 if there are any; what was given up does not count.")]
    List {
        /// Also those that only wait for their turn, were given up, or were refused so long ago that they cannot be released any more.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        systems: Systems,
    },
    /// Say what became of one, after a look into the other system.
    Resolve {
        /// The act's name, as listed, such as `order:tenant:shipment`.
        name: String,
        #[command(flatten)]
        verdict: Found,
        /// The number of its document.
        #[arg(long, value_name = "NUMBER", requires = "found")]
        number: Option<String>,
        #[command(flatten)]
        person: Person,
        #[command(flatten)]
        systems: Systems,
    },
    /// Let one go: a held one at the prices that were confirmed to the buyer, one that is surely not there, one whose refusal is cured.
    Release {
        /// The act's name, as listed, such as `order:tenant:shipment`.
        name: String,
        #[command(flatten)]
        person: Person,
        #[command(flatten)]
        systems: Systems,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Found {
    /// It is there, under this id: of an order or a new contractor the id in enova365, of an invoice its number, of a segment, a client
    /// or a price list the id in ONe.
    #[arg(long, value_name = "ID")]
    found: Option<String>,
    /// It is not there and shall not be.
    #[arg(long)]
    given_up: bool,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    doubts: Vec<Doubt<'a>>,
}

#[derive(Debug, Serialize)]
struct Settled<'a> {
    name: &'a str,
    did: &'static str,
    #[serde(skip)]
    text: &'static str,
}

impl Doubts {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        match self {
            Self::List { all, systems } => {
                let session = Session::open(&systems, Needs::StoreAlone).await?;
                let mut states =
                    vec![ActState::InDoubt, ActState::Held, ActState::Manual, ActState::Rejected];
                if all {
                    states.extend([ActState::Ready, ActState::Sending]);
                }
                let filter = ActFilter::all().states(states);
                let mut found = Vec::new();
                for tenant in session.tenants() {
                    found.extend(tenant.store().acts(&filter).await.map_err(unreadable)?);
                }
                session.close().await;
                found.retain(|act| all || !is_seen_to(act));
                print(&Listed { doubts: found.iter().map(Doubt::of).collect() }, json)?;
                Ok(Clean::if_(found.iter().all(is_seen_to)))
            }
            Self::Resolve { name, verdict, number, person, systems } => {
                let session = Session::open(&systems, Needs::StoreAlone).await?;
                let (tenant, act) = find(&session, &name).await?;
                let (verdict, text) = match verdict.found {
                    Some(id) => (happened(tenant, &act, &id, number)?, "is done"),
                    None => (Verdict::GivenUp, "is given up: `bridge doubts list --all` still shows it"),
                };
                tenant
                    .store()
                    .resolve(&act.act.op_key, &verdict, &person.by, &person.reason)
                    .await
                    .map_err(|error| Error::engine(format!("{name} was not resolved"), error))?;
                person.decided("doubts resolve", &name);
                print(&Settled { name: &name, did: "resolve", text }, json)?;
                session.close().await;
                Ok(Clean::Yes)
            }
            Self::Release { name, person, systems } => {
                let session = Session::open(&systems, Needs::StoreAlone).await?;
                let (tenant, act) = find(&session, &name).await?;
                tenant
                    .store()
                    .release(&act.act.op_key, &person.by, &person.reason)
                    .await
                    .map_err(|error| Error::engine(format!("{name} was not released"), error))?;
                person.decided("doubts release", &name);
                print(
                    &Settled {
                        name: &name,
                        did: "release",
                        text: "is released; the next round carries it out",
                    },
                    json,
                )?;
                session.close().await;
                Ok(Clean::Yes)
            }
        }
    }
}

/// The act of this name and whose it is.
async fn find<'a>(session: &'a Session, name: &str) -> Result<(&'a Tenant, ActStatus)> {
    for tenant in session.tenants() {
        let found = tenant.store().acts(&ActFilter::one(OpKey::from(name))).await.map_err(unreadable)?;
        if let Some(act) = found.into_iter().next() {
            return Ok((tenant, act));
        }
    }
    Err(Error::config(format!("there is no act {name}")).what_to_do(
        "`bridge doubts list --all` shows the names; what was never handed over is among the rejects",
    ))
}

/// It is there: with the links that the submitter would have told. An id that what the act makes cannot have is refused: whatever
/// asks for it later would be refused for ever.
fn happened(tenant: &Tenant, status: &ActStatus, id: &str, number: Option<String>) -> Result<Verdict> {
    let cannot_be =
        |expected| Error::config(format!("{id:?} is not what {} made; {expected}", status.act.op_key));
    if id.trim().is_empty() || id.trim() != id {
        return Err(cannot_be("expected an id without blanks around it"));
    }
    let mut created = Created::new(id);
    if let Some(number) = number {
        created = created.with_number(number);
    }
    let outbox = tenant.outboxes().find(|outbox| outbox.job.kinds().contains(&status.act.kind));
    let links = outbox.map(|outbox| (outbox.links)(&status.act, id)).transpose().map_err(cannot_be)?;
    let links = links.unwrap_or_default().into_iter();
    Ok(Verdict::Happened(links.fold(created, Created::with_link)))
}

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.doubts.is_empty() {
            return write!(f, "nothing is in doubt, held or refused");
        }
        for doubt in &self.doubts {
            write!(f, "{} {}", doubt.name, doubt.state)?;
            if let Some(reason) = doubt.reason {
                write!(f, ": {reason}")?;
            }
            if let Some(detail) = doubt.detail {
                write!(f, " ({detail})")?;
            }
            write!(f, "\n  since {}, {}", instant(doubt.changed_at), counted(doubt.attempts, "attempt"))?;
            if let Some(at) = doubt.next_at {
                write!(f, ", next at {}", instant(at))?;
            }
            if !doubt.waits_for.is_empty() {
                write!(f, ", waits for {}", doubt.waits_for.join(", "))?;
            }
            writeln!(f, "\n  → {}", doubt.what_to_do)?;
        }
        Ok(())
    }
}

impl fmt::Display for Settled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.text)
    }
}
