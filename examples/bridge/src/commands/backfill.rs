use std::fmt;

use clap::Args;
use serde::Serialize;

use super::{Clean, Person};
use crate::error::{Error, Result};
use crate::output::print;
use crate::session::{Needs, Session, Systems};

#[derive(Debug, Args)]
pub(super) struct Backfill {
    /// The flow: `stock`, or `shop/stock` where several tenants have one.
    flow: String,
    #[command(flatten)]
    person: Person,
    #[command(flatten)]
    systems: Systems,
}

impl Backfill {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::StoreAlone).await?;
        let (_, flow) = session.flow(&self.flow)?;
        let name = flow.flow_name().to_string();
        flow.backfill(&self.person.by, &self.person.reason)
            .await
            .map_err(|error| Error::engine(format!("{name} was not asked for everything"), error))?;
        self.person.decided("backfill", &name);
        print(
            &Done { flow: name, did: "backfill", text: "reads and compares everything with its next run" },
            json,
        )?;
        session.close().await;
        Ok(Clean::Yes)
    }
}

/// What a person's word did to a flow.
#[derive(Debug, Serialize)]
pub(super) struct Done {
    pub(super) flow: String,
    pub(super) did: &'static str,
    #[serde(skip)]
    pub(super) text: &'static str,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.flow, self.text)
    }
}
