//! Price groups of the ERP.

use async_trait::async_trait;
use soneta_webapi::{GrupaCenowa, Slowniki};
use std::sync::Arc;
use sync_core::{Item, Key, Page, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::Erp;
use crate::client_error::engine_error;
use crate::key::key;

/// A snapshot of the ERP's price groups, one short list. They have no id in the ERP, since they are values of a cecha: the key is
/// cecha and word, so a renamed group is a new one.
#[derive(Debug, Clone)]
pub struct PriceGroupSource {
    slowniki: Arc<dyn Slowniki>,
    erp: Erp,
}

impl PriceGroupSource {
    /// The price groups of the ERP behind the port.
    #[must_use]
    pub fn new(slowniki: Arc<dyn Slowniki>, erp: Erp) -> Self {
        Self { slowniki, erp }
    }
}

fn key_of(grupa: &GrupaCenowa) -> Key {
    key([grupa.cecha.as_deref().unwrap_or_default(), &grupa.nazwa])
}

#[async_trait]
impl Source for PriceGroupSource {
    type Record = GrupaCenowa;
    type Cursor = ();

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.erp.identity("grupy cenowe"))
    }

    async fn read(&self, _from: ReadFrom<&()>, _limit: usize) -> Result<Page<GrupaCenowa, ()>> {
        let rows = self
            .slowniki
            .list_grupy_cenowe()
            .await
            .map_err(|error| engine_error("the price groups were not read", error))?;
        let items = rows.into_iter().map(|row| match row {
            Ok(grupa) => Item::upsert(key_of(&grupa), grupa),
            Err(bad) => Item::bad(None, engine_error("the row cannot be decoded", bad.error)),
        });
        Ok(Page::last(items.collect(), None))
    }
}
