//! Connectors of enova365: what flows read from and write to the ports of [`soneta_webapi`].
//!
//! A source takes the port of one area, so it works with the reference contract, with AltOne's, and with an add-on of your own.
//! How an area is read depends on what its add-on can:
//!
//! | source | reads | for |
//! |---|---|---|
//! | [`changes`] | what changed since the last time, and everything in full passes | lists ordered by change and id, as in the reference contract |
//! | [`queue()`] | what its change queue tells; everything in full passes | add-ons with a change queue, such as AltOne's |
//! | [`full_list`] | everything each time; what has not changed is not sent | lists without a usable change stamp |
//! | [`paid_invoices`] | invoices whose settlements changed | payments, which do not change the invoice's row |
//!
//! Calculated values (stock, prices, credit limits) are read whole by sources of their own. [`ticked`] adds the tick of the good or the
//! contractor to lists whose rows do not carry it.

mod ceny;
mod database;
mod each_row;
mod kontrahenci;
mod limity;
mod lista_zamowien;
mod lists;
mod pdf_cache;
mod price_lists;
mod segmenty;
mod slowniki;
mod snapshot;
mod stany;
mod statusy;
mod ticked;
mod zamowienia;

pub use ceny::RetailPriceSource;
pub use database::Erp;
pub use kontrahenci::ContractorSubmitter;
pub use limity::LimitySource;
pub use lista_zamowien::ErpOrder;
pub(crate) use lista_zamowien::ErpOrders;
pub use lists::{
    ChangeQueue, Changes, ErpList, FakturyList, FullList, KontrahenciList, PaidInvoices, RozrachunkiList,
    TowaryList, WydaniaList, ZamowieniaList, changes, full_list, id_key, paid_invoices, queue,
};
pub use pdf_cache::PdfCache;
pub use price_lists::{
    Assignment, AssignmentSource, ClientList, ClientPrice, PriceListParts, PriceLists, PricePosition,
    PriceSource, WantedList, WantedListSource,
};
pub use segmenty::{SegmentName, SegmentSource};
pub use slowniki::{Dictionary, SlownikSource};
pub use stany::{StockRow, StockSource};
pub use statusy::{OpenOrder, OrderStatusSource};
pub use ticked::{Owned, TickBook, Ticked, ticked};
pub use zamowienia::OrderSubmitter;
