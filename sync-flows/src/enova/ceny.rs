//! Prices of the ERP.

use async_trait::async_trait;
use soneta_webapi::{CenaDetaliczna, Ceny, Continuation, SnapshotQuery};
use std::sync::Arc;
use sync_core::{Item, Page, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::Erp;
use super::snapshot::snapshot_page;
use crate::client_error::engine_error;
use crate::key::key;

/// A snapshot of the ERP's retail prices in one price list (definicja ceny). The key is the Kod.
#[derive(Debug, Clone)]
pub struct RetailPriceSource {
    ceny: Arc<dyn Ceny>,
    erp: Erp,
    definicja_ceny: String,
}

impl RetailPriceSource {
    /// The prices of the list `definicja_ceny` (usually `Detaliczna`) of the ERP behind the port.
    #[must_use]
    pub fn new(ceny: Arc<dyn Ceny>, erp: Erp, definicja_ceny: impl Into<String>) -> Self {
        Self { ceny, erp, definicja_ceny: definicja_ceny.into() }
    }
}

#[async_trait]
impl Source for RetailPriceSource {
    type Record = CenaDetaliczna;
    type Cursor = Continuation;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(
            SourceKind::Snapshot,
            self.erp.identity("ceny detaliczne").filter(&self.definicja_ceny),
        )
    }

    async fn read(
        &self,
        from: ReadFrom<&Continuation>,
        limit: usize,
    ) -> Result<Page<CenaDetaliczna, Continuation>> {
        let query = SnapshotQuery::builder()
            .maybe_after(from.cursor().cloned())
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .ceny
            .list_detaliczne(&query)
            .await
            .map_err(|error| engine_error("the retail prices were not read", error))?;
        let keys_of = |kod: &str| vec![key([kod])];
        snapshot_page(page, from.cursor(), keys_of, |cena, items| {
            if cena.definicja_ceny == self.definicja_ceny {
                items.push(Item::upsert(key([&cena.kod]), cena));
            }
        })
    }
}
