//! What is simulated for prices of clients, orders and documents.

use rust_decimal::Decimal;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{Client, KontrahentId, NoweZamowienie, PozycjaZamowienia, Uuid};
use sync_core::{Clock as _, SystemClock};

use super::{Simulation, has_stock};
use crate::error::{Error, Result};

/// The sections of these flows; documents go to ONe from this warehouse.
pub(super) fn sections(warehouse: &str) -> String {
    format!(
        r#"
            [tenants.flows.price-lists]
            [tenants.flows.client-prices]
            [tenants.flows.price-list-assignments]
            [tenants.flows.order-status]
            [tenants.flows.order-refusals]
            [tenants.flows.offline-orders]
            start_date = 2026-01-01
            payment_method = "Przelew"
            [tenants.flows.delivery-notes]
            start_date = 2026-01-01
            warehouses = {{ {warehouse:?} = {warehouse:?} }}
            [tenants.flows.delivery-note-pdfs]
            start_date = 2026-01-01
            [tenants.flows.invoices]
            start_date = 2026-01-01
            [tenants.flows.invoice-status]
            start_date = 2026-01-01
            [tenants.flows.invoice-pdfs]
            start_date = 2026-01-01
            "#
    )
}

impl Simulation {
    /// An order that the client of ONe gives by telephone: entered in the simulated enova365, delivered, invoiced and paid in part;
    /// only once in the life of its state.
    ///
    /// # Errors
    /// No good is in stock, or the documents cannot be made or kept.
    pub async fn sell_by_telephone(&self, client: &Client) -> Result<()> {
        if !self.enova.documents().is_empty() {
            return Ok(());
        }
        let goods = self.enova.goods().into_iter();
        let stocked = goods.filter_map(|good| {
            let stan = good.stany.iter().find(|stan| has_stock(stan))?.magazyn.clone();
            Some((good.kod, good.jednostka, good.cena_detaliczna?.0, stan))
        });
        let Some((kod, unit, price, warehouse)) = stocked.take(1).next() else {
            return Err(Error::new("the simulated company has nothing in stock"));
        };
        let line = PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod(kod)
            .ilosc(Quantity::new(Decimal::ONE, unit))
            .cena_netto(Currency::new(price, "PLN"))
            .build();
        let order = NoweZamowienie::builder()
            .guid(Uuid::from_u128(1))
            .kontrahent_id(KontrahentId(self.buyer()?.id))
            .numer_obcy("telefon")
            .magazyn(warehouse)
            .data(SystemClock.now().date_naive())
            .zatwierdz(true)
            .pozycje(vec![line])
            .build();
        let order = client
            .b2b()
            .zamowienia()
            .create_or_find(&order)
            .await
            .map_err(|error| Error::new("the simulated order cannot be entered").because(error))?;
        let invoice = || {
            self.enova.ship(order.id.0, &[])?;
            let invoice = self.enova.invoice(order.id.0)?;
            self.enova.pay(invoice.id, &invoice.numer, Decimal::new(1, 2))
        };
        invoice()
            .map(drop)
            .map_err(|error| Error::new("the simulated order cannot be delivered").because(error))
    }
}
