use std::fmt;

use clap::Args;
use serde::Serialize;
use sync_core::{Plan, PlanSettings, RunContext};

use super::{Clean, unless_stopped};
use crate::error::{Error, Result};
use crate::output::print;
use crate::session::{Needs, Session, Systems};

#[derive(Debug, Args)]
pub(super) struct PlanFlows {
    /// The flow: `stock`, or `shop/stock` where several tenants have one. All flows without it.
    flow: Option<String>,
    /// Plan a full pass, whether one is due or not.
    #[arg(long)]
    full_pass: bool,
    /// How many effects are listed per flow; the others are counted.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    effects: usize,
    #[command(flatten)]
    systems: Systems,
}

impl PlanFlows {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::Answers).await?;
        let plans = unless_stopped(self.plans(&session)).await;
        session.close().await;
        let plans = plans?;
        print(&plans, json)?;
        Ok(Clean::if_(
            plans.plans.iter().all(|plan| plan.complete && plan.fails.is_none() && plan.held.is_empty()),
        ))
    }

    async fn plans(&self, session: &Session) -> Result<Plans> {
        let flows = match &self.flow {
            Some(name) => vec![session.flow(name)?.1],
            None => {
                session.tenants().iter().flat_map(|tenant| tenant.flows()).map(|(_, flow)| flow).collect()
            }
        };
        let mut settings = PlanSettings::default().most_effects(self.effects);
        settings.full_pass = self.full_pass;
        let mut plans = Vec::with_capacity(flows.len());
        for flow in flows {
            let plan = flow.plan(&RunContext::default(), settings).await;
            plans.push(
                plan.map_err(|error| {
                    Error::engine(format!("{} cannot be planned", flow.flow_name()), error)
                })?,
            );
        }
        Ok(Plans { plans })
    }
}

#[derive(Debug, Serialize)]
struct Plans {
    plans: Vec<Plan>,
}

impl fmt::Display for Plans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, plan) in self.plans.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{}", plan.to_string().trim_end())?;
        }
        Ok(())
    }
}
