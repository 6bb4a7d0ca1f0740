//! `/metrics`: what was counted, and how things stand at this moment.
//!
//! Besides the names of [`sync_core::metrics`]:
//!
//! | name | kind | labels |
//! |---|---|---|
//! | `bridge_store_up` | gauge, 0 or 1 | `tenant` |
//! | `bridge_alerts` | gauge, alerts | `tenant`, `severity`: `warning`, `critical` |

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use futures::future::join_all;
use metrics::gauge;
use sync_core::metrics::{tell_flow, tell_jobs, tell_outbox};
use sync_core::watchdog::{Alert, Severity};
use sync_core::{ActCount, FlowStatus, Result};
use tokio::time::timeout;

use super::{PATIENCE, Shared, readiness};
use crate::engine::Face;
use crate::refusals::are_given_up;

/// What Prometheus expects of its text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a store tells at this moment.
struct Kept {
    alerts: Vec<Alert>,
    flows: Vec<FlowStatus>,
    acts: Vec<ActCount>,
}

pub(super) async fn answer(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let tenants = join_all(shared.faces.iter().map(|face| async move { (face, kept(face).await) }));
    let tenants = tenants.await;
    shared.meter.tell(|| tell(&tenants));
    ([(CONTENT_TYPE, TEXT)], shared.meter.render())
}

async fn kept(face: &Face) -> Option<Kept> {
    let alerts = readiness::alerts(face).await?;
    timeout(PATIENCE, read(face, alerts)).await.ok()?.ok()
}

async fn read(face: &Face, alerts: Vec<Alert>) -> Result<Kept> {
    let mut flows = Vec::new();
    for flow in &face.flows {
        flows.push(flow.status().await?);
    }
    Ok(Kept { alerts, flows, acts: face.store.act_counts().await? })
}

fn tell(tenants: &[(&Face, Option<Kept>)]) {
    let up = |face: &Face, up: f64| gauge!("bridge_store_up", "tenant" => face.tenant.clone()).set(up);
    let mut acts = Vec::new();
    for (face, answer) in tenants {
        let now = face.clock.now();
        tell_jobs(&face.runner.facts(), now);
        // what is not known keeps its last value, and this tells that it is old
        let Some(kept) = answer else {
            up(face, 0.0);
            continue;
        };
        up(face, 1.0);
        for severity in [Severity::Warning, Severity::Critical] {
            let count = kept.alerts.iter().filter(|alert| alert.kind.severity() == severity).count();
            let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
            gauge!("bridge_alerts", "tenant" => face.tenant.clone(), "severity" => severity.as_str())
                .set(count);
        }
        for status in &kept.flows {
            tell_flow(status, now);
        }
        // what a person gave up waits for nobody
        acts.extend(kept.acts.iter().filter(|acts| !are_given_up(acts)).cloned());
    }
    // these have no label for a tenant, so they are told once, of all
    if let Some((face, _)) = tenants.first() {
        tell_outbox(&acts, face.clock.now());
    }
}
