use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use sync_core::{Reject, RejectFilter};

use super::{Clean, Person};
use crate::error::{Error, Result};
use crate::once::unreadable;
use crate::output::{instant, print};
use crate::session::{Needs, Session, Systems};
use crate::shapes::Turned;
use crate::tenant::Tenant;

#[derive(Debug, Subcommand)]
pub(super) enum Rejects {
    /// List them, the oldest first.
    #[command(after_help = "Exits with 1 if there are any.")]
    List {
        #[command(flatten)]
        which: Which,
        /// At most so many per tenant.
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: usize,
        #[command(flatten)]
        systems: Systems,
    },
    /// Show all that is known of why one record is turned away.
    #[command(after_help = "Exits with 1 if it is turned away, with 2 if it is not.")]
    Show {
        /// The record's key.
        key: String,
        /// Only of this flow: `stock`, or `shop/stock`.
        #[arg(long, value_name = "FLOW")]
        flow: Option<String>,
        /// Print the record's bytes too, where the flow keeps them: they may be personal data.
        #[arg(long)]
        raw: bool,
        #[command(flatten)]
        systems: Systems,
    },
    /// Look the records up again with the flow's next run.
    Replay {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        all: All,
        #[command(flatten)]
        systems: Systems,
    },
    /// Drop them: a person has seen to their records.
    Drop {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        all: All,
        #[command(flatten)]
        person: Person,
        #[command(flatten)]
        systems: Systems,
    },
}

/// Which rejects are meant; all conditions hold together.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only of this flow: `stock`, or `shop/stock`.
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
    /// Only of this part of a flow.
    #[arg(long, value_name = "PART", requires = "flow")]
    part: Option<String>,
    /// Only this record, by its key as listed.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Only for this reason, as listed: `missing-link`.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct All {
    /// All there are: needed where no condition is named.
    #[arg(long)]
    all: bool,
}

impl Which {
    fn filter(&self, session: &Session, tenant: &Tenant) -> Result<Option<RejectFilter>> {
        let mut filter = match &self.flow {
            Some(name) => {
                let (owner, flow) = session.flow(name)?;
                if owner.name() != tenant.name() {
                    return Ok(None);
                }
                RejectFilter::of_flow(flow.flow_name())
            }
            None => RejectFilter::all(),
        };
        filter.part.clone_from(&self.part);
        if let Some(key) = &self.key {
            filter = filter.key(key.as_str());
        }
        if let Some(code) = &self.code {
            filter = filter.code(code);
        }
        Ok(Some(filter))
    }

    /// For the log: without the key, which may be of a person.
    fn in_words(&self) -> String {
        let key = self.key.as_ref().map(|_| "one key");
        let words = [self.flow.as_deref(), self.part.as_deref(), key, self.code.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        if words.is_empty() { "all".to_owned() } else { words.join(", ") }
    }

    fn is_empty(&self) -> bool {
        self.flow.is_none() && self.key.is_none() && self.code.is_none()
    }
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    in_all: u64,
    rejects: Vec<Turned<'a>>,
}

#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    reject: Turned<'a>,
    /// The record as it came, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

#[derive(Debug, Serialize)]
struct ShownAll<'a> {
    rejects: Vec<Shown<'a>>,
}

#[derive(Debug, Serialize)]
struct Changed {
    did: Change,
    count: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Replay,
    Drop,
}

impl Rejects {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        match self {
            Self::List { which, limit, systems } => {
                let session = Session::open(&systems, Needs::StoreAlone).await?;
                let (mut in_all, mut found) = (0, Vec::new());
                for tenant in session.tenants() {
                    let Some(filter) = which.filter(&session, tenant)? else { continue };
                    in_all += tenant.store().count_rejects(&filter).await.map_err(unreadable)?.count;
                    found.extend(tenant.store().rejects(&filter.limit(limit)).await.map_err(unreadable)?);
                }
                print(&Listed { in_all, rejects: found.iter().map(Turned::of).collect() }, json)?;
                session.close().await;
                Ok(Clean::if_(in_all == 0))
            }
            Self::Show { key, flow, raw, systems } => {
                let session = Session::open(&systems, Needs::StoreAlone).await?;
                let which = Which { flow, part: None, key: Some(key.clone()), code: None };
                let mut found = Vec::new();
                for tenant in session.tenants() {
                    let Some(filter) = which.filter(&session, tenant)? else { continue };
                    found.extend(tenant.store().rejects(&filter).await.map_err(unreadable)?);
                }
                session.close().await;
                if found.is_empty() {
                    return Err(Error::config(format!("no record with the key {key} is turned away now"))
                        .what_to_do(format!("`bridge explain {key}` tells whether it was sent")));
                }
                print(&ShownAll { rejects: found.iter().map(|reject| shown(reject, raw)).collect() }, json)?;
                Ok(Clean::No)
            }
            Self::Replay { which, all, systems } => {
                change(&which, &all, &systems, Change::Replay, json).await
            }
            Self::Drop { which, all, person, systems } => {
                let clean = change(&which, &all, &systems, Change::Drop, json).await?;
                person.decided("rejects drop", &which.in_words());
                Ok(clean)
            }
        }
    }
}

fn shown(reject: &Reject, raw: bool) -> Shown<'_> {
    let bytes = reject.raw.as_deref().filter(|_| raw);
    Shown { reject: Turned::of(reject), raw: bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()) }
}

async fn change(which: &Which, all: &All, systems: &Systems, did: Change, json: bool) -> Result<Clean> {
    if which.is_empty() && !all.all {
        return Err(Error::config("which rejects are meant?")
            .what_to_do("name --flow, --key or --code, or say --all"));
    }
    let session = Session::open(systems, Needs::StoreAlone).await?;
    let mut count = 0;
    for tenant in session.tenants() {
        let Some(filter) = which.filter(&session, tenant)? else { continue };
        let store = tenant.store();
        let changed = match did {
            Change::Replay => store.replay_rejects(&filter).await,
            Change::Drop => store.drop_rejects(&filter).await,
        };
        count += changed.map_err(|error| Error::engine("the rejects stay as they are", error))?;
    }
    session.close().await;
    print(&Changed { did, count }, json)?;
    Ok(Clean::Yes)
}

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.in_all == 0 {
            return write!(f, "nothing is turned away");
        }
        for reject in &self.rejects {
            write!(f, "{} {}: {}", reject.flow, reject.key, reject.reason)?;
            match reject.detail {
                Some(detail) => writeln!(f, " ({detail})")?,
                None => writeln!(f)?,
            }
        }
        let listed = self.rejects.len() as u64;
        match self.in_all > listed {
            true => write!(f, "{listed} of {} are listed; --limit lists more", self.in_all),
            false => Ok(()),
        }
    }
}

impl fmt::Display for ShownAll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Shown { reject, raw } in &self.rejects {
            let part = if reject.part.is_empty() { String::new() } else { format!(" ({})", reject.part) };
            writeln!(f, "{}{part} {}", reject.flow, reject.key)?;
            writeln!(f, "  reason      {}", reject.reason)?;
            if let Some(detail) = reject.detail {
                writeln!(f, "  they say    {detail}")?;
            }
            writeln!(f, "  stage       {}", reject.stage)?;
            writeln!(f, "  first seen  {}", instant(reject.first_seen))?;
            writeln!(f, "  last seen   {}", instant(reject.last_seen))?;
            writeln!(f, "  attempts    {}", reject.attempts)?;
            if let Some(link) = &reject.waits_for {
                writeln!(f, "  waits for   {link}")?;
            }
            writeln!(
                f,
                "  {}",
                if reject.due {
                    "looked up again with the next run"
                } else {
                    "goes through once its record or its reason changes"
                }
            )?;
            if let Some(raw) = raw {
                writeln!(f, "{raw}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.did {
            Change::Replay => "are looked up again with their flow's next run",
            Change::Drop => "are dropped",
        };
        write!(f, "{} rejects {what}", self.count)
    }
}
