//! `/readyz`: the store answers and every flow is fresh.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use futures::future::join_all;
use serde::Serialize;
use sync_core::watchdog::Alert;
use tokio::time::timeout;

use super::{PATIENCE, Shared};
use crate::engine::Face;

#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    ready: bool,
    tenants: Vec<Tenant>,
}

#[derive(Debug, Serialize)]
struct Tenant {
    tenant: String,
    store: &'static str,
    /// Those alone that say that a flow is older than it may be.
    alerts: Vec<Told>,
}

/// An alert without its part, which may be named after a record.
#[derive(Debug, Serialize)]
struct Told {
    code: &'static str,
    flow: String,
    since: DateTime<Utc>,
}

pub(super) async fn answer(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Readiness>) {
    let tenants = join_all(shared.faces.iter().map(tenant)).await;
    let ready = tenants.iter().all(Tenant::is_ready);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, tenants }))
}

async fn tenant(face: &Face) -> Tenant {
    let tenant = face.tenant.clone();
    match alerts(face).await {
        Some(alerts) => {
            let alerts = alerts.into_iter().filter(|alert| alert.kind.breaks_freshness());
            Tenant { tenant, store: "reachable", alerts: alerts.map(Told::of).collect() }
        }
        None => Tenant { tenant, store: "away", alerts: Vec::new() },
    }
}

/// What the store says now is alarming; nothing if it does not answer.
pub(super) async fn alerts(face: &Face) -> Option<Vec<Alert>> {
    match timeout(PATIENCE, face.watchdog.look()).await {
        Ok(Ok(alerts)) => Some(alerts),
        Ok(Err(error)) => {
            tracing::warn!(tenant = face.tenant, %error, "the store cannot be read");
            None
        }
        Err(_) => {
            tracing::warn!(tenant = face.tenant, "the store does not answer in time");
            None
        }
    }
}

impl Tenant {
    fn is_ready(&self) -> bool {
        self.store == "reachable" && self.alerts.is_empty()
    }
}

impl Told {
    fn of(alert: Alert) -> Self {
        // several parts of one flow may alarm
        Self { code: alert.kind.as_str(), flow: alert.flow, since: alert.since }
    }
}
