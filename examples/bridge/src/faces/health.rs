//! `/healthz`: the process works.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sync_core::{JobFacts, Pause, Remedy};

use super::Shared;

/// How the process stands, as its runners know it: no store is asked, so that one that is away ends no process.
#[derive(Debug, Serialize)]
pub(super) struct Health {
    tenants: Vec<Tenant>,
}

#[derive(Debug, Serialize)]
struct Tenant {
    tenant: String,
    dispatchers: Vec<String>,
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize)]
struct Job {
    job: String,
    class: &'static str,
    stuck: bool,
    failures: u32,
    last_error: Option<&'static str>,
    paused: Option<&'static str>,
    paused_until: Option<DateTime<Utc>>,
    waiting_since: Option<DateTime<Utc>>,
    running_since: Option<DateTime<Utc>>,
    last_progress_at: Option<DateTime<Utc>>,
    last_done_at: Option<DateTime<Utc>>,
    next_at: Option<DateTime<Utc>>,
    /// About the pause or the last error.
    what_to_do: Option<&'static str>,
}

pub(super) async fn answer(State(shared): State<Arc<Shared>>) -> Json<Health> {
    let tenants = shared.faces.iter().map(|face| Tenant {
        tenant: face.tenant.clone(),
        dispatchers: face.dispatchers.clone(),
        jobs: face.runner.facts().into_iter().map(Job::of).collect(),
    });
    Json(Health { tenants: tenants.collect() })
}

impl Job {
    fn of(facts: JobFacts) -> Self {
        Self {
            class: facts.class.as_str(),
            stuck: facts.is_stuck,
            failures: facts.consecutive_failures,
            last_error: facts.last_error.map(sync_core::ErrorKind::code),
            paused: facts.paused.as_ref().map(word),
            paused_until: facts.paused.as_ref().map(Pause::until),
            waiting_since: facts.waiting_since,
            running_since: facts.running_since,
            last_progress_at: facts.last_progress_at,
            last_done_at: facts.last_done_at,
            next_at: facts.next_at,
            what_to_do: advice(&facts),
            job: facts.job,
        }
    }
}

fn advice(facts: &JobFacts) -> Option<&'static str> {
    if facts.paused.is_none() && facts.consecutive_failures == 0 && !facts.is_stuck {
        return None;
    }
    match (&facts.paused, facts.last_error.map(sync_core::ErrorKind::remedy)) {
        (Some(Pause::Throttled { .. } | Pause::HeldElsewhere { .. }), _) => {
            Some("nothing: it goes on by itself")
        }
        (_, Some(Remedy::Operator(advice))) => Some(advice),
        (Some(_), _) => Some(
            "nothing, if the other system is known to be away: it tries again by itself; else the log says why",
        ),
        _ if facts.is_stuck => Some("restart the process: nothing is lost; the log says what it waits for"),
        _ => Some("the log says why; it tries again by itself"),
    }
}

fn word(pause: &Pause) -> &'static str {
    match pause {
        Pause::HeldElsewhere { .. } => "held-elsewhere",
        Pause::Throttled { .. } => "throttled",
        Pause::Auth { .. } => "auth",
        Pause::Failing { .. } => "failing",
        _ => "other",
    }
}
