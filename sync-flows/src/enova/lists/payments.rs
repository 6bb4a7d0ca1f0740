//! Invoices whose payment changed.

use async_trait::async_trait;
use chrono::{Days, NaiveDate, NaiveTime};
use soneta_webapi::{DokumentId, Faktura, Faktury, Rozrachunek, Rozrachunki};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{ChangeList, ChangePage, ChangeRow, Clock, Item, Key, KeysetInfo, KeysetSource, Point, Result, SourceIdentity};

use super::{Changes, FakturyList, RozrachunkiList, id_key, look_up};
use crate::enova::Erp;

/// Invoices issued since `day` whose settlements changed, each as it is now, under [`id_key`].
///
/// A payment does not change the invoice's row, so the list of settlements says which invoices to look up. A first load begins with
/// the settlements of the day before: what was paid earlier, the invoice told when it was sent.
pub fn paid_invoices(
    rozrachunki: Arc<dyn Rozrachunki>,
    faktury: Arc<dyn Faktury>,
    day: NaiveDate,
    erp: &Erp,
    clock: Arc<dyn Clock>,
) -> KeysetSource<PaidInvoices> {
    let identity = erp.identity("faktury by rozrachunki").filter(day.to_string());
    let settlements = Changes::new(RozrachunkiList::new(rozrachunki), erp);
    KeysetSource::new(PaidInvoices { settlements, faktury: FakturyList::new(faktury), day, identity }).clock(clock)
}

/// See [`paid_invoices`].
#[derive(Debug)]
pub struct PaidInvoices {
    settlements: Changes<RozrachunkiList>,
    faktury: FakturyList,
    day: NaiveDate,
    identity: SourceIdentity,
}

impl PaidInvoices {
    /// The invoices of these keys; what is no invoice, or an older one, does not exist here.
    async fn invoices(&self, keys: &[Key]) -> Result<Vec<Item<Faktura>>> {
        let items = look_up(&self.faktury, keys).await?;
        let of_list = |item: Item<Faktura>| match item {
            Item::Upsert { key, record, .. } if record.data < self.day => Item::deleted(key),
            item => item,
        };
        Ok(items.into_iter().map(of_list).collect())
    }
}

/// A row that says nothing about an invoice: it only carries its place in the list.
fn inert(settlement: &str) -> Item<Faktura> {
    Item::deleted(Key::from(format!("rozrachunek:{settlement}")))
}

#[async_trait]
impl ChangeList for PaidInvoices {
    type Record = Faktura;

    fn describe(&self) -> KeysetInfo {
        KeysetInfo::new(self.identity.clone())
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<Faktura>> {
        let eve = self.day.checked_sub_days(Days::new(1)).unwrap_or(self.day).and_time(NaiveTime::MIN).and_utc();
        let start = Point::at(eve);
        let page = self.settlements.read(Some(from.unwrap_or(&start)), limit).await?;
        let documents: BTreeMap<Key, DokumentId> =
            page.rows.iter().filter_map(|row| document(&row.item)).map(|id| (id_key(id.0), id)).collect();
        let keys: Vec<Key> = documents.into_keys().collect();
        let items = self.invoices(&keys).await?;
        let mut invoices: BTreeMap<Key, Item<Faktura>> =
            items.into_iter().filter_map(|item| Some((item.key()?.clone(), item))).collect();
        let rows = page.rows.into_iter().map(|row| {
            let item = match (document(&row.item), row.item) {
                // one row of an invoice brings it, its other settlements add nothing
                (Some(id), item) => match invoices.remove(&id_key(id.0)) {
                    Some(invoice) => invoice,
                    None => inert(item.key().map(Key::as_str).unwrap_or_default()),
                },
                (None, Item::Bad { key, error, .. }) => {
                    Item::bad(key.map(|key| Key::from(format!("rozrachunek:{}", key.as_str()))), error)
                }
                (None, item) => inert(item.key().map(Key::as_str).unwrap_or_default()),
            };
            match (row.instant, row.tie) {
                (Some(instant), Some(tie)) => ChangeRow::new(instant, tie, item),
                _ => ChangeRow::undated(item),
            }
        });
        let rows = rows.collect();
        let mut changes = ChangePage::new(rows, page.end);
        changes.as_of = page.as_of;
        Ok(changes)
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Faktura>>> {
        // settlements are listed, never looked up: what could not be read comes again with its row
        let (settlements, invoices): (Vec<Key>, Vec<Key>) =
            keys.iter().cloned().partition(|key| key.as_str().starts_with("rozrachunek:"));
        let mut items = match invoices.as_slice() {
            [] => Vec::new(),
            invoices => self.invoices(invoices).await?,
        };
        items.extend(settlements.into_iter().map(Item::deleted));
        Ok(items)
    }
}

fn document(item: &Item<Rozrachunek>) -> Option<DokumentId> {
    match item {
        Item::Upsert { record, .. } => Some(record.dokument_id),
        _ => None,
    }
}
