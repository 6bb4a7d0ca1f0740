//! Invoices (E7) as a list, and their PDFs on demand (E8).

use std::sync::Arc;

use chrono::NaiveDate;
use rusqlite::{OptionalExtension as _, Transaction, params};
use soneta_webapi::{DokumentId, Faktura, Faktury, KSeF, KontrahentId, Pdf};
use sync_core::{Error, Flow, Result};
use sync_flows::Setup;
use sync_flows::enova::{FakturyList, PdfCache, changes};
use sync_flows::flows::documents::DocumentFilter;
use sync_flows::flows::invoices::{self, PortalInvoiceMapper};

use crate::shop::Shop;
use crate::table::Table;

/// Approved invoices and corrections issued on this day or later, into `shop_invoice`.
pub(crate) fn flow(setup: &Setup, shop: &Shop, faktury: Arc<dyn Faktury>, since: NaiveDate) -> Result<Flow> {
    let source = changes(FakturyList::new(faktury).since(since), &setup.erp, Arc::clone(&setup.clock));
    let table = Table::new(shop, put).withdrawing(|tx, key| {
        tx.prepare_cached("DELETE FROM shop_invoice WHERE id = ?1")?.execute([key])?;
        Ok(())
    });
    invoices::to(setup, source, PortalInvoiceMapper::new(DocumentFilter::default()), table)
}

fn put(tx: &Transaction<'_>, _key: &str, faktura: &Faktura) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO shop_invoice (id, number, client, issued_on, gross, currency, ksef)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let ksef = faktura.ksef.as_ref().map(serde_json::to_string).transpose();
    let ksef = ksef.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let gross = faktura.suma_brutto.as_ref();
    tx.prepare_cached(sql)?.execute(params![
        faktura.id.0,
        faktura.numer,
        faktura.kontrahent.id.map(|id| id.0),
        faktura.data.to_string(),
        gross.map(|gross| gross.value.to_string()),
        gross.map(|gross| &gross.symbol),
        ksef
    ])?;
    Ok(())
}

/// An invoice as its buyer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invoice {
    /// The ERP's id.
    pub id: DokumentId,
    /// Its number.
    pub number: String,
    /// Day of issue, as `2026-11-21`.
    pub issued_on: String,
    /// Gross total with its currency, where the ERP tells it.
    pub gross: Option<String>,
}

/// The client's invoices, the latest first.
///
/// # Errors
/// Kind `Store`.
pub async fn of_client(shop: &Shop, client: KontrahentId) -> Result<Vec<Invoice>> {
    let sql = "SELECT id, number, issued_on, gross || ' ' || currency FROM shop_invoice
               WHERE client = ?1 ORDER BY issued_on DESC, id DESC";
    shop.transact(move |tx| {
        let mut statement = tx.prepare_cached(sql)?;
        let rows = statement.query_map([client.0], |row| {
            Ok(Invoice {
                id: DokumentId(row.get(0)?),
                number: row.get(1)?,
                issued_on: row.get(2)?,
                gross: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    })
    .await
}

/// PDFs of invoices, printed by the ERP when a buyer asks and kept for a day.
#[derive(Debug)]
pub struct InvoicePdfs {
    pub(crate) shop: Shop,
    pub(crate) cache: PdfCache,
}

impl InvoicePdfs {
    /// The PDF of an invoice of this client; `None` of anybody else's: an id in a link proves nothing.
    ///
    /// # Errors
    /// The ERP does not print it; kind `Store`.
    pub async fn get(&self, client: KontrahentId, id: DokumentId) -> Result<Option<Pdf>> {
        let row = self.shop.transact(move |tx| {
            let sql = "SELECT ksef FROM shop_invoice WHERE id = ?1 AND client = ?2";
            let ksef = |row: &rusqlite::Row<'_>| row.get::<_, Option<String>>(0);
            Ok(tx.prepare_cached(sql)?.query_row([id.0, client.0], ksef).optional()?)
        });
        let Some(ksef) = row.await? else { return Ok(None) };
        let ksef: Option<KSeF> = ksef
            .map(|json| serde_json::from_str(&json))
            .transpose()
            .map_err(|_| Error::invalid("what is stored of KSeF cannot be read"))?;
        // what KSeF says is printed on it, so the cache prints again when that has changed
        self.cache.invoice(id, ksef.as_ref()).await.map(Some)
    }
}
