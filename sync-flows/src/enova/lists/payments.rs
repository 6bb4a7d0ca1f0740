//! Invoices whose payment changed.

use async_trait::async_trait;
use chrono::{Days, NaiveDate, NaiveTime};
use soneta_webapi::{DokumentId, Faktura, Faktury, Rozrachunek, Rozrachunki};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{
    ChangeList, ChangePage, ChangeRow, Clock, Item, Key, KeysetInfo, KeysetSource, Point, Result,
    SourceIdentity,
};

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
    KeysetSource::new(PaidInvoices { settlements, faktury: FakturyList::new(faktury), day, identity })
        .clock(clock)
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

const SETTLEMENT: &str = "rozrachunek:";

/// Under which a settlement that cannot be read is a reject. Nothing is ever sent under such a key.
fn settlement_key(key: &Key) -> Key {
    Key::from(format!("{SETTLEMENT}{}", key.as_str()))
}

fn is_settlement(key: &Key) -> bool {
    key.as_str().starts_with(SETTLEMENT)
}

#[async_trait]
impl ChangeList for PaidInvoices {
    type Record = Faktura;

    fn describe(&self) -> KeysetInfo {
        KeysetInfo::new(self.identity.clone())
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<Faktura>> {
        let eve =
            self.day.checked_sub_days(Days::new(1)).unwrap_or(self.day).and_time(NaiveTime::MIN).and_utc();
        let start = Point::at(eve);
        let page = self.settlements.read(Some(from.unwrap_or(&start)), limit).await?;
        let documents: BTreeMap<Key, DokumentId> =
            page.rows.iter().filter_map(|row| document(&row.item)).map(|id| (id_key(id.0), id)).collect();
        let keys: Vec<Key> = documents.into_keys().collect();
        let items = self.invoices(&keys).await?;
        let mut invoices: BTreeMap<Key, Item<Faktura>> =
            items.into_iter().filter_map(|item| Some((item.key()?.clone(), item))).collect();
        let mut rows = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let settlement = row.item.key().map(settlement_key);
            let item = match (document(&row.item), row.item) {
                // one row of an invoice brings it, its other settlements add nothing
                (Some(id), _) => invoices.remove(&id_key(id.0)),
                (None, Item::Bad { error, .. }) => Some(Item::bad(settlement.clone(), error)),
                (None, _) => None,
            };
            // the place in the list is the settlement's; that it can be read clears a reject from when it could not
            let inert = settlement.map(Item::deleted);
            let (item, inert) = match item {
                Some(item @ Item::Bad { .. }) if item.key().is_none_or(is_settlement) => (Some(item), None),
                Some(item) => (Some(item), inert),
                None => (inert, None),
            };
            rows.extend(inert.map(ChangeRow::undated));
            rows.extend(item.map(|item| match (row.instant, row.tie) {
                (Some(instant), Some(tie)) => ChangeRow::new(instant, tie, item),
                _ => ChangeRow::undated(item),
            }));
        }
        let mut changes = ChangePage::new(rows, page.end);
        changes.as_of = page.as_of;
        Ok(changes)
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Faktura>>> {
        // settlements are listed, never looked up: one that could not be read comes again when it changes
        let (settlements, invoices): (Vec<Key>, Vec<Key>) = keys.iter().cloned().partition(is_settlement);
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
