//! What machines see: whether the process works, whether its data is fresh, and its numbers.
//!
//! | path | answers |
//! |---|---|
//! | `/healthz` | 200: the process answers, with how each job stands |
//! | `/readyz` | 200 while every store answers and every flow is fresh, else 503 with why |
//! | `/metrics` | numbers in Prometheus' text format |
//!
//! Nothing here shows a record or a secret, and everything is read-only; still it is for this machine alone.

mod health;
mod meter;
mod numbers;
mod readiness;

pub use meter::Meter;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use sync_core::CancellationToken;

use crate::engine::Face;
use crate::listeners::serve;

/// How often what was counted is folded together, also if nobody asks for it.
const UPKEEP: Duration = Duration::from_secs(30);

/// How long a store may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The private listener. Give it a loopback address: it asks nobody who they are.
#[derive(Debug, Clone)]
pub struct Faces {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    faces: Vec<Face>,
    meter: Meter,
}

impl Faces {
    /// Shows these tenants, and what the meter counted: give it to [`Engine::metered`](crate::Engine::metered) too.
    #[must_use]
    pub fn new(faces: Vec<Face>, meter: Meter) -> Self {
        Self { shared: Arc::new(Shared { faces, meter }) }
    }

    /// Answers until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let meter = self.shared.meter.clone();
        let upkeep = async {
            let mut tick = interval(UPKEEP);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tick.tick().await;
                meter.upkeep();
            }
        };
        tokio::select! {
            () = serve(listener, self.router(), stop) => {}
            () = upkeep => {}
        }
    }

    fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(health::answer))
            .route("/readyz", get(readiness::answer))
            .route("/metrics", get(numbers::answer))
            .with_state(self.shared)
    }
}
