//! A list read by the ERP's change queue.

use async_trait::async_trait;
use soneta_webapi::{
    Continuation, KolejkaZmian, PotwierdzenieZmiany, SnapshotQuery, StanWiersza, ZmianaWiersza,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{
    Error, Item, Key, Page, ReadFrom, Reason, Receipt, Reconciled, Result, Source, SourceIdentity,
    SourceInfo, SourceKind,
};

use super::{ErpList, FullList, id_key, look_up};
use crate::client_error::engine_error;
use crate::enova::Erp;
use crate::enova::snapshot::onward;

/// The list's changes from the ERP's change queue; in full passes the whole list. What the queue missed, and everything from before
/// it was set up, is found by those, so the flow's settings have to [ask for them](sync_core::FlowSettings::full_pass).
///
/// A change is confirmed once its record is dealt with. One queue is one consumer: two flows that read the same table (invoices and
/// delivery notes) need a consumer each, or the one confirms what the other never saw.
///
/// # Errors
/// Kind `Config` if no queue tells of this list ([`ErpList::tabela`]).
pub fn queue<L: ErpList + Clone>(
    list: L,
    kolejka: Arc<dyn KolejkaZmian>,
    erp: &Erp,
) -> Result<Reconciled<ChangeQueue<L>, FullList<L>>> {
    let changes = ChangeQueue::new(list.clone(), kolejka, erp)?;
    Ok(Reconciled::new(changes, FullList::new(list, erp)))
}

/// The changes of one table of the ERP, each row looked up through the list's own port.
///
/// - Several changes of a row on one page are one record with one receipt.
/// - A record that becomes a reject is confirmed as failed, with the reason's code. It stays in the ERP's queue as an error and is
///   not read again: the engine keeps the reject, and a later change of the row on the same page confirms it too.
/// - Whether the server keeps one entry per change or one per row is not known. With one per row, a change between reading and
///   confirming would be confirmed unread, so what was confirmed is looked up once more.
#[derive(Debug)]
pub struct ChangeQueue<L> {
    list: L,
    kolejka: Arc<dyn KolejkaZmian>,
    tabela: &'static str,
    identity: SourceIdentity,
}

impl<L: ErpList> ChangeQueue<L> {
    fn new(list: L, kolejka: Arc<dyn KolejkaZmian>, erp: &Erp) -> Result<Self> {
        let tabela = list.tabela().ok_or_else(|| Error::config("no change queue tells of this list"))?;
        let identity = erp.identity(list.entity()).filter(list.filter()).contract("kolejka zmian");
        Ok(Self { list, kolejka, tabela, identity })
    }
}

/// What a page of the queue tells of one row.
#[derive(Default)]
struct Changed {
    /// The changes, to be confirmed together.
    ids: Vec<i32>,
    /// The last one removed it.
    gone: bool,
    /// Not all of them were confirmed as failed before.
    news: bool,
}

impl Changed {
    fn add(&mut self, zmiana: &ZmianaWiersza) {
        self.ids.push(zmiana.id);
        self.gone = zmiana.stan == StanWiersza::Deleted;
        self.news |= !zmiana.bledna;
    }

    fn receipt(&self) -> Receipt {
        Receipt::from(self.ids.iter().map(i32::to_string).collect::<Vec<_>>().join(","))
    }
}

/// The changes of a receipt.
fn ids_of(receipt: &Receipt) -> Result<Vec<i32>> {
    let ids = receipt.as_str().split(',').map(str::parse).collect::<std::result::Result<_, _>>();
    ids.map_err(|_| Error::bug("a receipt that this queue did not give"))
}

#[async_trait]
impl<L: ErpList> Source for ChangeQueue<L> {
    type Record = L::Row;
    // none: where the queue begins
    type Cursor = Option<Continuation>;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Queue, self.identity.clone()).ack_swallows()
    }

    async fn read(&self, from: ReadFrom<&Self::Cursor>, limit: usize) -> Result<Page<L::Row, Self::Cursor>> {
        let after = from.cursor().and_then(Option::as_ref);
        let query = SnapshotQuery::builder()
            .maybe_after(after.cloned())
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .kolejka
            .list_zmiany(self.tabela, &query)
            .await
            .map_err(|error| engine_error("the change queue was not read", error))?;
        let next = onward(&page, after)?;
        let mut items = Vec::with_capacity(page.rows.len());
        let mut rows: BTreeMap<i32, Changed> = BTreeMap::new();
        for row in page.rows {
            match row {
                Ok(zmiana) => rows.entry(zmiana.wiersz_id).or_default().add(&zmiana),
                Err(bad) => {
                    items.push(Item::bad(None, engine_error("a change cannot be decoded", bad.error)))
                }
            }
        }
        rows.retain(|_, changed| changed.news);
        let rows: BTreeMap<Key, Changed> = rows.into_iter().map(|(id, row)| (id_key(id), row)).collect();
        let there: Vec<Key> =
            rows.iter().filter(|(_, changed)| !changed.gone).map(|(key, _)| key.clone()).collect();
        let gone = rows.iter().filter(|(_, changed)| changed.gone);
        items.extend(gone.map(|(key, changed)| Item::deleted(key.clone()).with_receipt(changed.receipt())));
        items.extend(look_up(&self.list, &there).await?.into_iter().map(|item| {
            match item.key().and_then(|key| rows.get(key)).map(Changed::receipt) {
                Some(receipt) => item.with_receipt(receipt),
                None => item,
            }
        }));
        Ok(match next {
            Some(next) => Page::more(items, Some(next)),
            // what was not confirmed comes again with the next cycle
            None => Page::last(items, Some(None)),
        })
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<L::Row>>> {
        look_up(&self.list, keys).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, std::result::Result<(), Reason>)]) -> Result<()> {
        let mut told = Vec::with_capacity(outcomes.len());
        for (receipt, outcome) in outcomes {
            let reason = outcome.as_ref().err().map(Reason::code);
            told.extend(ids_of(receipt)?.into_iter().map(|id| {
                PotwierdzenieZmiany::builder()
                    .id(id)
                    .sukces(reason.is_none())
                    .maybe_informacja(reason)
                    .build()
            }));
        }
        if told.is_empty() {
            return Ok(());
        }
        let confirmed = self.kolejka.confirm_zmiany(&told).await;
        confirmed.map_err(|error| engine_error("the changes were not confirmed", error))
    }
}
