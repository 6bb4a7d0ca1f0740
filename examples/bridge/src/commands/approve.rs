use std::fmt;

use clap::Args;
use serde::Serialize;
use sync_core::{Flow, Held};

use super::backfill::Done;
use super::{Clean, Person};
use crate::error::{Error, Result};
use crate::output::{counted, print};
use crate::session::{Needs, Session, Systems};

#[derive(Debug, Args)]
pub(super) struct Approve {
    /// The flow: `stock`, or `shop/stock` where several tenants have one.
    flow: String,
    /// The token of what is held, as shown without one: what has changed since has another.
    #[arg(requires = "by", requires = "reason")]
    token: Option<String>,
    /// Who decides.
    #[arg(long, value_name = "NAME", requires = "token")]
    by: Option<String>,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "TEXT", requires = "token")]
    reason: Option<String>,
    #[command(flatten)]
    systems: Systems,
}

/// What a flow holds back.
#[derive(Debug, Serialize)]
pub(crate) struct HeldOf {
    flow: String,
    pub(crate) held: Vec<HeldPart>,
    #[serde(skip)]
    flags: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct HeldPart {
    part: String,
    #[serde(flatten)]
    held: Held,
}

impl Approve {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::StoreAlone).await?;
        let (_, flow) = session.flow(&self.flow)?;
        let name = flow.flow_name().to_string();
        let wrong = |error| Error::engine(format!("nothing of {name} was approved"), error);
        let (Some(token), Some(by), Some(reason)) = (&self.token, &self.by, &self.reason) else {
            let held = HeldOf { flags: self.systems.flags(), ..HeldOf::of(flow).await.map_err(wrong)? };
            print(&held, json)?;
            return Ok(Clean::if_(held.held.is_empty()));
        };
        flow.approve(token, by, reason).await.map_err(wrong)?;
        Person { by: by.clone(), reason: reason.clone() }.decided("approve", &name);
        print(&Done { flow: name, did: "approve", text: "lets it go with its next run" }, json)?;
        session.close().await;
        Ok(Clean::Yes)
    }
}

impl HeldOf {
    pub(crate) async fn of(flow: &Flow) -> sync_core::Result<Self> {
        let parts = flow.status().await?.parts.into_iter();
        let held = parts.filter_map(|part| Some(HeldPart { part: part.name, held: part.held? }));
        Ok(Self { flow: flow.flow_name().to_string(), held: held.collect(), flags: String::new() })
    }
}

impl fmt::Display for HeldOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.held.is_empty() {
            return write!(f, "{} holds nothing back", self.flow);
        }
        for HeldPart { part, held } in &self.held {
            let part = if part.is_empty() { String::new() } else { format!(" of {part}") };
            writeln!(f, "{} holds back{part}: {}", self.flow, in_words(held))?;
            writeln!(f, "{}", let_go(&self.flow, held, &self.flags))?;
        }
        Ok(())
    }
}

/// How to let it go, with the flags of the call that showed it.
pub(super) fn let_go(flow: &str, held: &Held, flags: &str) -> String {
    format!("  → if that is right: bridge approve {flow} {} --by NAME --reason TEXT{flags}", held.token)
}

/// How much is held.
pub(super) fn in_words(held: &Held) -> String {
    let parts = [(held.removals, "removal"), (held.emptyings, "emptying"), (held.rejects, "reject")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(*count, what)).collect();
    format!("{} of {}", parts.join(", "), held.of)
}
