use clap::{Args, ValueEnum};
use sync_core::Rebind as Keep;

use super::backfill::Done;
use super::{Clean, Person};
use crate::error::{Error, Result};
use crate::output::print;
use crate::session::{Needs, Session, Systems};

#[derive(Debug, Args)]
pub(super) struct Rebind {
    /// The flow: `stock`, or `shop/stock` where several tenants have one.
    flow: String,
    /// What is kept of its position.
    #[arg(long, value_enum)]
    keep: What,
    #[command(flatten)]
    person: Person,
    #[command(flatten)]
    systems: Systems,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// The position: the same data under another name or at another place.
    Position,
    /// Nothing: everything is read from the start, and only what differs is sent. For another database, or a restored one.
    Nothing,
}

impl Rebind {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::StoreAlone).await?;
        let (_, flow) = session.flow(&self.flow)?;
        let name = flow.flow_name().to_string();
        let (keep, text) = match self.keep {
            What::Position => {
                (Keep::KeepPosition, "goes on where it was, at its source as the settings name it now")
            }
            What::Nothing => (
                Keep::FromStart,
                "reads everything from the start, at its source as the settings name it now",
            ),
        };
        flow.rebind(keep)
            .await
            .map_err(|error| Error::engine(format!("{name} was not bound anew"), error))?;
        self.person.decided("rebind", &name);
        print(&Done { flow: name, did: "rebind", text }, json)?;
        session.close().await;
        Ok(Clean::Yes)
    }
}
