use clap::Args;

use super::{Clean, stop_on_signal};
use crate::error::Result;
use crate::output::print;
use crate::session::{Needs, Session, Systems};

#[derive(Debug, Args)]
pub(super) struct Once {
    #[command(flatten)]
    systems: Systems,
}

impl Once {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::Systems).await?;
        let summary = session.bridge.once(stop_on_signal()).await;
        session.close().await;
        let summary = summary?;
        print(&summary, json)?;
        Ok(Clean::if_(summary.is_clean()))
    }
}
