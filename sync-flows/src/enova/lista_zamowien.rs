//! Orders of the ERP, whoever placed them.

use async_trait::async_trait;
use soneta_webapi::Zamowienie;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use sync_core::{
    ActFilter, Item, Key, Page, ReadFrom, Reason, Receipt, Result, Source, SourceInfo, Store, act_guid,
};
use uuid::Uuid;

use crate::flows::orders::{ORDER_ACT, order_op_key};

/// An order of the ERP's list. `Debug` shows the id only.
#[derive(Clone)]
#[non_exhaustive]
pub struct ErpOrder {
    /// The order.
    pub zamowienie: Zamowienie,
    /// It is one that the portal placed and whose answer is still awaited: no link tells of it yet.
    pub is_being_placed: bool,
}

impl ErpOrder {
    /// An order that is not being placed: for tests of mappers.
    #[must_use]
    pub fn new(zamowienie: Zamowienie) -> Self {
        Self { zamowienie, is_being_placed: false }
    }
}

impl fmt::Debug for ErpOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErpOrder").field("id", &self.zamowienie.id).finish_non_exhaustive()
    }
}

/// A list of the ERP's orders, with those marked that the portal is just placing: they have the Guid of an act in the outbox.
///
/// The outbox is read after the page, so an order of the portal's is known by one or the other: as long as its act is not settled
/// by the Guid, and from then on by its [`ORDER_LINK`](crate::flows::orders::ORDER_LINK).
pub(crate) struct ErpOrders<S> {
    list: S,
    store: Arc<dyn Store>,
    tenant: String,
}

impl<S> ErpOrders<S> {
    pub(crate) fn new(list: S, store: Arc<dyn Store>, tenant: impl Into<String>) -> Self {
        Self { list, store, tenant: tenant.into() }
    }

    async fn page<C>(&self, mut page: Page<Zamowienie, C>) -> Result<Page<ErpOrder, C>> {
        let items = std::mem::take(&mut page.items);
        Ok(page.with_items(self.mark(items).await?))
    }

    async fn mark(&self, items: Vec<Item<Zamowienie>>) -> Result<Vec<Item<ErpOrder>>> {
        let mut open: BTreeSet<Uuid> = BTreeSet::new();
        if !items.is_empty() {
            let of_tenant = order_op_key(&self.tenant, "");
            for status in self.store.acts(&ActFilter::open().kinds([ORDER_ACT.into()])).await? {
                if status.act.document.as_str().starts_with(of_tenant.as_str()) {
                    open.insert(act_guid(&status.act.document));
                }
            }
        }
        let marked = |zamowienie: Zamowienie| {
            let is_being_placed = zamowienie.guid.is_some_and(|guid| open.contains(&guid));
            ErpOrder { zamowienie, is_being_placed }
        };
        Ok(items.into_iter().map(|item| item.map(marked)).collect())
    }
}

#[async_trait]
impl<S: Source<Record = Zamowienie>> Source for ErpOrders<S> {
    type Record = ErpOrder;
    type Cursor = S::Cursor;

    fn describe(&self) -> SourceInfo {
        self.list.describe()
    }

    async fn read(&self, from: ReadFrom<&S::Cursor>, limit: usize) -> Result<Page<ErpOrder, S::Cursor>> {
        self.page(self.list.read(from, limit).await?).await
    }

    async fn read_all(&self, from: ReadFrom<&S::Cursor>, limit: usize) -> Result<Page<ErpOrder, S::Cursor>> {
        self.page(self.list.read_all(from, limit).await?).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<ErpOrder>>> {
        self.mark(self.list.fetch(keys).await?).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        self.list.acknowledge(outcomes).await
    }
}

impl<S: fmt::Debug> fmt::Debug for ErpOrders<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErpOrders").field("list", &self.list).finish_non_exhaustive()
    }
}
