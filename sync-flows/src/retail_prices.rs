//! Retail (B2C) prices, enova365 → ONe.
//!
//! ```text
//! Ceny::list_detaliczne ─► RetailPriceSource (one record per good, of one price list)
//!                       ─► RetailPriceMapper (only ticked goods, one currency)
//!                       ─► RetailPriceSink   (ONe's retail prices, net)
//! ```
//!
//! ONe knows no removal of a price: a good that loses its tick becomes a reject `removal-not-supported`, once, and its
//! price stays there. It is never sent as 0.

use async_trait::async_trait;
use one_client::pricing::RetailPrice;
use one_client::{Client, Sku};
use rust_decimal::Decimal;
use serde::Serialize;
use soneta_webapi::{CenaDetaliczna, Ceny, Continuation, SnapshotQuery};
use std::fmt;
use std::sync::Arc;
use sync_core::{
    Item, Key, Links, Mapped, Mapper, Outcome, Page, ReadFrom, Reason, Removal, Result, Sink, Source,
    SourceInfo, SourceKind, Write,
};

use crate::bulk::Lines;
use crate::client_error::engine_error;
use crate::erp::Erp;
use crate::exact;
use crate::key::key;
use crate::snapshot::{after, snapshot_page};

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
            .maybe_after(after(from))
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .ceny
            .list_detaliczne(&query)
            .await
            .map_err(|error| engine_error("the retail prices were not read", error))?;
        let keys_of = |kod: &str| vec![key([kod])];
        snapshot_page(page, keys_of, |cena, items| {
            if cena.definicja_ceny == self.definicja_ceny {
                items.push(Item::upsert(key([&cena.kod]), cena));
            }
        })
    }
}

/// A price as ONe gets it. `Debug` shows the SKU only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NetPrice {
    /// The good: the ERP's Kod.
    pub sku: Sku,
    /// Net price of one base unit (ONe's content unit).
    #[serde(serialize_with = "exact::serialize")]
    pub price: Decimal,
}

impl fmt::Debug for NetPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetPrice").field("sku", &self.sku).finish_non_exhaustive()
    }
}

/// From the ERP's retail price to ONe's.
#[derive(Debug, Clone)]
pub struct RetailPriceMapper {
    waluta: String,
}

impl RetailPriceMapper {
    /// ONe's retail prices are in this currency; a price in another one becomes a reject.
    #[must_use]
    pub fn new(waluta: impl Into<String>) -> Self {
        Self { waluta: waluta.into() }
    }
}

impl Mapper<CenaDetaliczna> for RetailPriceMapper {
    type Out = NetPrice;

    fn map(&self, _key: &Key, cena: CenaDetaliczna, _links: &Links) -> Result<Mapped<NetPrice>, Reason> {
        if !cena.zaznaczony.unwrap_or(true) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        if cena.netto.symbol != self.waluta {
            return Err(Reason::new("other-currency").with_detail(cena.netto.symbol));
        }
        if cena.za_ilosc != Decimal::ONE {
            // dividing would round, and only the ERP rounds prices
            return Err(Reason::new("price-not-of-one-unit").with_detail(cena.za_ilosc.to_string()));
        }
        if cena.netto.value <= Decimal::ZERO {
            return Err(Reason::new("no-price").with_detail("the retail price is not above zero"));
        }
        Ok(Mapped::Send(NetPrice { sku: Sku::new(cena.kod), price: cena.netto.value }))
    }
}

/// Writes ONe's retail prices.
#[derive(Debug, Clone)]
pub struct RetailPriceSink {
    one: Client,
}

impl RetailPriceSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for RetailPriceSink {
    type Record = NetPrice;

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<NetPrice>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut lines: Lines<RetailPrice> = Lines::default();
        for (record, write) in batch.iter().enumerate() {
            outcomes.push(match write {
                Write::Upsert { record: price, .. } => {
                    lines.push(record, RetailPrice::new(price.sku.clone(), price.price));
                    Outcome::applied_as(price.sku.as_str())
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        let report = self.one.retail_prices().save(lines.values()).await;
        lines.judge("the retail prices were not written", report, &mut outcomes)?;
        Ok(outcomes)
    }
}
