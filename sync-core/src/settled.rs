//! Settled acts as a source.

use std::sync::Arc;

use async_trait::async_trait;

use crate::act::ActStatus;
use crate::error::Result;
use crate::name::{ActKind, Key, OpKey};
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};
use crate::store::{ActFilter, Store};

/// The acts that are done or rejected, as a source: an ordinary flow tells the other side what became of its orders.
///
/// A record's key is the act's op key; [`Act::document`](crate::Act::document) names the act that made the document, which is
/// the same for its edits and its cancellation. What was withdrawn before it happened is no record. Acts come in the order in which they were settled. One that is let go again is no
/// record until it is settled anew: a look-up tells that it does not exist, a full pass finds it missing. So
/// the sink of such a flow has [`Removal::None`](crate::Removal::None), unless it shall take back what it told.
#[derive(Debug, Clone)]
pub struct SettledActs {
    store: Arc<dyn Store>,
    kinds: Vec<ActKind>,
}

impl SettledActs {
    /// The settled acts of these kinds; edits and cancellations have kinds of their own.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, kinds: impl IntoIterator<Item = ActKind>) -> Self {
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort();
        kinds.dedup();
        Self { store, kinds }
    }
}

#[async_trait]
impl Source for SettledActs {
    type Record = ActStatus;
    type Cursor = u64;

    fn describe(&self) -> SourceInfo {
        let kinds: Vec<_> = self.kinds.iter().map(|kind| format!("{:?}", kind.as_str())).collect();
        let identity = SourceIdentity::new("sync-core", "settled acts").filter(kinds.join(","));
        SourceInfo::new(SourceKind::Token, identity)
    }

    async fn read(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<ActStatus, u64>> {
        let after = from.cursor().copied().unwrap_or(0);
        let limit = limit.max(1);
        let settled = self.store.settled(&self.kinds, after, limit).await?;
        let next = settled.last().map(|(number, _)| *number);
        let is_full = settled.len() >= limit;
        let items = settled.into_iter().map(|(_, status)| item(status)).collect();
        Ok(match next {
            Some(next) if is_full => Page::more(items, next),
            next => Page::last(items, next),
        })
    }

    async fn read_all(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<ActStatus, u64>> {
        self.read(from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<ActStatus>>> {
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let filter = ActFilter::settled().kinds(self.kinds.iter().cloned());
            let filter = ActFilter { op_key: Some(OpKey::from(key.as_str())), ..filter };
            // of no kinds a filter means all
            let found = if self.kinds.is_empty() { Vec::new() } else { self.store.acts(&filter).await? };
            items.push(found.into_iter().next().map_or_else(|| Item::deleted(key.clone()), item));
        }
        Ok(items)
    }
}

fn item(status: ActStatus) -> Item<ActStatus> {
    let key = Key::from(status.act.op_key.as_str());
    Item::upsert(key, status)
}
