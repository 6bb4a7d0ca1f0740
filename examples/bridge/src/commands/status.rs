mod process;

use std::fmt;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use sync_core::watchdog::{Facts, check};
use sync_core::{ActCount, Command, Held, Inconclusive, Order, PartReport, RejectFilter, RejectStage};
use sync_flows::catalog::Entry;

use super::Clean;
use super::approve::{in_words, let_go};
use crate::engine::policy;
use crate::error::Result;
use crate::once::unreadable;
use crate::output::{age, columns, instant, print};
use crate::refusals::are_given_up;
use crate::session::{Needs, Session, Systems};
use crate::tenant::{Off, Tenant};
use crate::wire::Work;
use process::{Pause, Process, Said};

/// How many held keys are listed per flow.
const KEYS: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Status {
    /// Also acts that were given up.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    systems: Systems,
}

#[derive(Debug, Serialize)]
struct Told {
    /// Whether a running process told why its jobs pause.
    process: Process,
    tenants: Vec<TenantTold>,
}

#[derive(Debug, Serialize)]
struct TenantTold {
    tenant: String,
    now: DateTime<Utc>,
    flows: Vec<FlowTold>,
    /// Flows whose stage is not live.
    off: Vec<Off>,
    outbox: Vec<Waiting>,
    /// Jobs of the running process that pause, fail or do not move.
    pauses: Vec<Pause>,
    alerts: Vec<AlertTold>,
    #[serde(skip)]
    flags: String,
}

#[derive(Debug, Serialize)]
struct FlowTold {
    flow: String,
    schedule: String,
    /// Flows that work before it in a round.
    after: &'static [&'static str],
    guarantee: &'static str,
    rejects: u64,
    oldest_reject: Option<DateTime<Utc>>,
    /// The first keys that are held back.
    held_keys: Vec<String>,
    /// None before the first commit.
    parts: Vec<PartTold>,
}

#[derive(Debug, Serialize)]
struct PartTold {
    part: String,
    /// When a cycle was completed last.
    last_done: Option<DateTime<Utc>>,
    committed_at: DateTime<Utc>,
    /// Records in the target.
    records: u64,
    /// The source's cursor.
    position: Option<serde_json::Value>,
    full_pass_began: Option<DateTime<Utc>>,
    full_pass_at: Option<DateTime<Utc>>,
    full_pass_inconclusive: Option<Inconclusive>,
    backfill_asked: bool,
    /// A person's command that waits for the flow's next run.
    waiting: Option<Command>,
    held: Option<Held>,
    /// The position belongs to another source than the settings name now: the flow fails until that is settled.
    of_another_source: bool,
}

#[derive(Debug, Serialize)]
struct Waiting {
    kind: String,
    state: &'static str,
    reason: Option<String>,
    count: u64,
    oldest: DateTime<Utc>,
    #[serde(skip)]
    given_up: bool,
}

#[derive(Debug, Serialize)]
struct AlertTold {
    code: &'static str,
    severity: &'static str,
    flow: String,
    part: String,
    since: DateTime<Utc>,
    text: String,
}

impl Status {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::StoreAlone).await?;
        let said = Said::at(session.settings.faces.private).await;
        let mut tenants = Vec::new();
        for tenant in session.tenants() {
            tenants.push(TenantTold::of(tenant, said.pauses(tenant.name()), &self).await?);
        }
        let told = Told { process: said.process, tenants };
        print(&told, json)?;
        session.close().await;
        Ok(Clean::if_(told.tenants.iter().all(TenantTold::is_clean)))
    }
}

impl TenantTold {
    async fn of(tenant: &Tenant, pauses: Vec<Pause>, command: &Status) -> Result<Self> {
        let store = tenant.store();
        let now = store.now().await.map_err(unreadable)?;
        let mut flows = Vec::new();
        for wired in tenant.wired() {
            if let Work::Flow(flow) = &wired.work {
                flows.push(FlowTold::of(tenant, flow, wired.entry, wired.plan.schedule.to_string()).await?);
            }
        }
        let policy = policy(tenant).await?;
        let facts = Facts::gather(&**store, &policy).await.map_err(unreadable)?;
        let alerts = check(now, &facts, &policy).into_iter().map(|alert| AlertTold {
            code: alert.kind.as_str(),
            severity: alert.kind.severity().as_str(),
            text: alert.to_string(),
            flow: alert.flow,
            part: alert.part,
            since: alert.since,
        });
        let acts = store.act_counts().await.map_err(unreadable)?.into_iter();
        let outbox = acts.filter(|acts| command.all || !are_given_up(acts)).map(Waiting::of).collect();
        Ok(Self {
            tenant: tenant.name().to_owned(),
            now,
            flows,
            off: tenant.off().to_vec(),
            outbox,
            pauses,
            alerts: alerts.collect(),
            flags: command.systems.flags(),
        })
    }

    fn is_clean(&self) -> bool {
        let open = |part: &PartTold| part.held.is_some() || part.of_another_source;
        self.outbox.iter().all(|waiting| waiting.given_up)
            && self.alerts.is_empty()
            && !self.pauses.iter().any(Pause::is_trouble)
            && !self.flows.iter().any(|flow| flow.rejects > 0 || flow.parts.iter().any(open))
    }
}

impl FlowTold {
    async fn of(
        tenant: &Tenant,
        flow: &sync_core::Flow,
        entry: &'static Entry,
        schedule: String,
    ) -> Result<Self> {
        let status = flow.status().await.map_err(unreadable)?;
        let held = status.parts.iter().any(|part| part.held.is_some());
        let mut held_keys = Vec::new();
        if held {
            // the two codes of the brake
            for code in [sync_core::Reason::HELD_REMOVAL, sync_core::Reason::HELD_EMPTYING] {
                let filter = RejectFilter::of_flow(flow.flow_name()).code(code).limit(KEYS);
                let rejects = tenant.store().rejects(&filter).await.map_err(unreadable)?;
                held_keys.extend(
                    rejects
                        .into_iter()
                        .filter(|reject| reject.stage == RejectStage::Brake)
                        .map(|reject| reject.key.to_string()),
                );
            }
            held_keys.truncate(KEYS);
        }
        Ok(Self {
            flow: flow.flow_name().to_string(),
            schedule,
            after: entry.after,
            guarantee: entry.guarantee,
            rejects: status.rejects.count,
            oldest_reject: status.rejects.oldest,
            held_keys,
            parts: status.parts.into_iter().map(PartTold::of).collect(),
        })
    }
}

impl PartTold {
    fn of(part: PartReport) -> Self {
        Self {
            part: part.name,
            last_done: part.last_ok_at,
            committed_at: part.committed_at,
            records: part.active,
            position: part.cursor.and_then(|cursor| serde_json::from_str(&cursor).ok()),
            full_pass_began: part.pass_began,
            full_pass_at: part.passed_at,
            full_pass_inconclusive: part.inconclusive,
            backfill_asked: part.backfill,
            waiting: part.waiting,
            held: part.held,
            of_another_source: part.of_another_source,
        }
    }
}

impl Waiting {
    fn of(count: ActCount) -> Self {
        Self {
            given_up: are_given_up(&count),
            kind: count.kind.to_string(),
            state: count.state.as_str(),
            reason: count.code,
            count: count.count,
            oldest: count.oldest_enqueued_at,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, tenant) in self.tenants.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(f, "{tenant}")?;
        }
        match self.process {
            Process::Answers => Ok(()),
            Process::Silent => {
                writeln!(f, "no process answers at faces.private: whether one pauses is not known")
            }
            Process::NotAsked => {
                writeln!(
                    f,
                    "whether a running process pauses is not known: the settings name no faces.private"
                )
            }
        }
    }
}

impl fmt::Display for TenantTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows =
            vec![["flow", "last done", "records", "rejects", "position", "schedule"].map(str::to_owned)];
        for flow in &self.flows {
            let mut rejects = flow.rejects.to_string();
            if flow.parts.is_empty() {
                rows.push([
                    flow.flow.clone(),
                    "never".to_owned(),
                    "0".to_owned(),
                    rejects.clone(),
                    String::new(),
                    flow.schedule.clone(),
                ]);
            }
            for part in &flow.parts {
                let name = match part.part.is_empty() {
                    true => flow.flow.clone(),
                    false => format!("{} {}", flow.flow, part.part),
                };
                let done =
                    part.last_done.map_or("never".to_owned(), |at| format!("{} ago", age(at, self.now)));
                let position = part.position.as_ref().map(ToString::to_string).unwrap_or_default();
                rows.push([
                    name,
                    done,
                    part.records.to_string(),
                    std::mem::take(&mut rejects),
                    position,
                    flow.schedule.clone(),
                ]);
            }
        }
        columns(f, &rows)?;
        for off in &self.off {
            writeln!(f, "{}/{} is off: stage {} is not live", self.tenant, off.flow, off.stage)?;
        }
        for flow in self.flows.iter().filter(|flow| flow.parts.iter().any(|part| part.of_another_source)) {
            let (name, flags) = (&flow.flow, &self.flags);
            writeln!(f, "{name} is stopped: its position belongs to another source (fingerprint-mismatch)")?;
            writeln!(
                f,
                "  → put its settings back (database, price list, way of reading), or: bridge rebind {name} --keep position|nothing --by NAME --reason TEXT{flags}"
            )?;
        }
        for flow in &self.flows {
            for part in &flow.parts {
                let name = if part.part.is_empty() { String::new() } else { format!(" ({})", part.part) };
                if let Some(held) = &part.held {
                    writeln!(
                        f,
                        "{}{name} holds back {}: {}",
                        flow.flow,
                        in_words(held),
                        flow.held_keys.join(", ")
                    )?;
                    writeln!(f, "{}", let_go(&flow.flow, held, &self.flags))?;
                }
                if let Some(Command { order, by, at, .. }) = &part.waiting {
                    let what = match order {
                        Order::Backfill => "a backfill",
                        _ => "a rewind",
                    };
                    let since = age(*at, self.now);
                    writeln!(
                        f,
                        "{}{name} begins {what} with its next run, asked for by {by} {since} ago",
                        flow.flow
                    )?;
                }
                if part.backfill_asked {
                    writeln!(f, "{}{name} reads everything with its next run", flow.flow)?;
                }
                if let Some(began) = part.full_pass_began {
                    writeln!(f, "{}{name} is in a full pass, begun {} ago", flow.flow, age(began, self.now))?;
                }
            }
        }
        if self.outbox.is_empty() {
            writeln!(f, "outbox: empty")?;
        }
        for Waiting { kind, state, reason, count, oldest, .. } in &self.outbox {
            let reason = reason.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
            writeln!(f, "outbox: {count} {kind} {state}{reason}, the oldest {} old", age(*oldest, self.now))?;
        }
        for pause in &self.pauses {
            write!(f, "{} {}", pause.job, pause.in_words())?;
            match pause.paused_until {
                Some(until) => writeln!(f, ", until {}", instant(until))?,
                None => writeln!(f)?,
            }
            if let Some(advice) = &pause.what_to_do {
                writeln!(f, "  → {advice}")?;
            }
        }
        for alert in &self.alerts {
            writeln!(f, "{}: {}", alert.severity, alert.text)?;
        }
        Ok(())
    }
}
