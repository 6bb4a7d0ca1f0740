//! Retail (B2C) prices, enova365 → ONe (O8).
//!
//! ```text
//! Ceny::list_detaliczne ─► RetailPriceSource (one record per good, of one price list)
//!                       ─► RetailPriceMapper (only ticked goods, one currency)
//!                       ─► RetailPriceSink   (ONe's retail prices, net)
//! ```
//!
//! ONe knows no removal of a price: a good that loses its tick becomes a reject `removal-not-supported`, once, and its
//! price stays there. It is never sent as 0.

use one_client::{Client, Sku};
use rust_decimal::Decimal;
use serde::Serialize;
use soneta_webapi::{Area, CenaDetaliczna, Ceny};
use std::fmt;
use std::sync::Arc;
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, Reason, Source};

use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::enova::RetailPriceSource;
use crate::exact;
use crate::net_price::net_price;
use crate::one::RetailPriceSink;
use crate::setup::Setup;
use crate::tick::Tick;

/// Retail prices to ONe.
pub const RETAIL_PRICES: Entry = Entry {
    id: "retail-prices",
    rows: &["O8"],
    what: "retail prices (net) of ticked goods, of one price list",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(5 * 60),
    stage: Some(Stage::II),
    needs: &[Area::Prices],
    after: &[],
    guarantee: "the last price counts; ONe knows no removal, so what loses its tick is reported and never sent as 0",
};

/// The flow [`RETAIL_PRICES`] of the price list `definicja_ceny` (usually `Detaliczna`).
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to_one<M>(
    setup: &Setup,
    ceny: Arc<dyn Ceny>,
    definicja_ceny: &str,
    one: Client,
    mapper: M,
) -> sync_core::Result<Flow>
where
    M: Mapper<CenaDetaliczna, Out = NetPrice> + 'static,
{
    source_to_one(setup, RetailPriceSource::new(ceny, setup.erp.clone(), definicja_ceny), one, mapper)
}

/// The flow [`RETAIL_PRICES`] from a source made of a [`RetailPriceSource`], such as one that is [ticked](crate::enova::ticked): rows of
/// prices carry no cechy.
///
/// # Errors
/// As [`to_one`].
pub fn source_to_one<S, M>(setup: &Setup, source: S, one: Client, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = CenaDetaliczna> + 'static,
    M: Mapper<CenaDetaliczna, Out = NetPrice> + 'static,
{
    setup.flow(RETAIL_PRICES.id, source, mapper, RetailPriceSink::new(one))
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

impl NetPrice {
    /// This net price of one base unit.
    #[must_use]
    pub fn new(sku: Sku, price: Decimal) -> Self {
        Self { sku, price }
    }
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
        if !Tick::Told.sends(cena.zaznaczony, &[]) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        let price = net_price(&cena.netto, cena.za_ilosc, &self.waluta)?;
        Ok(Mapped::Send(NetPrice { sku: Sku::new(cena.kod), price }))
    }
}
