//! Which flows read the record that a hint names.

use soneta_webapi::webhook::Zdarzenie;
use sync_flows::catalog::Entry;
use sync_flows::flows::{clients, credit, invoices, offline_orders, order_status, stock};

/// What the contract `b2b` tells.
pub(crate) const EVENTS: [Zdarzenie; 4] = [
    Zdarzenie::ZamowienieStatus,
    Zdarzenie::FakturaWystawiona,
    Zdarzenie::KontrahentZmieniony,
    Zdarzenie::StanPonizejProgu,
];

/// The flows of the catalogue that read such a record, by the id that the hint gives; of another event none. Stock is only read as a
/// whole, so that a hint just makes its flow run.
pub(super) fn readers(event: &Zdarzenie) -> &'static [&'static Entry] {
    match event {
        Zdarzenie::ZamowienieStatus => {
            &[&order_status::STATUS, &order_status::STATUS_TO_PORTAL, &offline_orders::OFFLINE_ORDERS]
        }
        Zdarzenie::FakturaWystawiona => {
            &[&invoices::INVOICES, &invoices::INVOICE_PDFS, &invoices::PORTAL_INVOICES]
        }
        Zdarzenie::KontrahentZmieniony => &[
            &clients::CLIENTS,
            &clients::CONTRACTORS,
            &clients::NEW_CLIENTS,
            &credit::CLIENT_BLOCKADES,
            &credit::PAYMENT_TERMS,
        ],
        Zdarzenie::StanPonizejProgu => &[&stock::PORTAL_STOCK, &stock::STOCK],
        _ => &[],
    }
}
