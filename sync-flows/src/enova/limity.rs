//! Credit limits of the ERP.

use async_trait::async_trait;
use soneta_webapi::{Continuation, LimitKredytowy, Limity, SnapshotQuery};
use std::sync::Arc;
use sync_core::{Page, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::Erp;
use super::snapshot::snapshot_page_by_contractor;
use crate::client_error::engine_error;

/// A snapshot of the ERP's credit limits and their use. The key is the [contractor's id](super::id_key).
///
/// It is read whole each time: the use of a limit changes without the contractor's row changing. So nothing is looked up by its key: a
/// reject that is replayed waits for the read that follows.
#[derive(Debug, Clone)]
pub struct LimitySource {
    limity: Arc<dyn Limity>,
    erp: Erp,
}

impl LimitySource {
    /// The limits of the ERP behind the port.
    #[must_use]
    pub fn new(limity: Arc<dyn Limity>, erp: Erp) -> Self {
        Self { limity, erp }
    }
}

#[async_trait]
impl Source for LimitySource {
    type Record = LimitKredytowy;
    type Cursor = Continuation;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.erp.identity("limity"))
    }

    async fn read(
        &self,
        from: ReadFrom<&Continuation>,
        limit: usize,
    ) -> Result<Page<LimitKredytowy, Continuation>> {
        let query = SnapshotQuery::builder()
            .maybe_after(from.cursor().cloned())
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .limity
            .list_limity(&query)
            .await
            .map_err(|error| engine_error("the credit limits were not read", error))?;
        snapshot_page_by_contractor(page, from.cursor(), |limit| limit.kontrahent_id)
    }
}
