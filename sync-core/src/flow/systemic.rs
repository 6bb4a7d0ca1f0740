//! When the rejects of a page stop the flow.

use super::draft::Draft;
use super::lane::Lane;
use super::settings::SystemicLimit;
use crate::error::{Error, ErrorKind, Result};

/// How many rejects of one page do not stop the flow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    pub(super) limit: SystemicLimit,
    /// So many a person has approved.
    pub(super) approved: u64,
    /// So many were rejected before.
    pub(super) known: u64,
}

impl Tolerance {
    pub(crate) fn is_exceeded(self, rejected: u64, page: u64) -> bool {
        rejected > self.approved.saturating_add(self.known) && self.limit.is_exceeded(rejected, page)
    }
}

pub(super) async fn stop_if_systemic<R>(
    lane: &mut Lane<'_>,
    limit: Tolerance,
    draft: &Draft<R>,
) -> Result<()> {
    // what waits for a link says nothing of the page, neither for it nor against it
    let (rejected, page) = (draft.telling, draft.counts.fetched.saturating_sub(draft.waiting));
    if limit.is_exceeded(rejected, page) {
        lane.hold_rejects(rejected, page).await?;
        let most = draft.commonest_reason();
        let message = format!("{rejected} of {page} records of a page were rejected, most for `{most}`");
        return Err(Error::new(ErrorKind::SystemicFailure, message));
    }
    Ok(())
}
