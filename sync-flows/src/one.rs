//! Connectors of ONe: what flows read from and write to [`one_client`].

mod bulk;
mod client_blockades;
mod client_directory;
mod client_feed;
mod clients;
mod goods_notes;
mod invoices;
pub(crate) mod linked;
mod new_clients;
mod offline_orders;
mod order_shipments;
mod order_statuses;
mod patience;
mod pdfs;
mod price_lists;
mod retail_prices;
mod segments;
mod stocks;
mod trade_credits;
mod warehouses;

pub use client_blockades::BlockadeSink;
pub use client_feed::ClientSource;
pub use clients::{ClientSink, Withdrawal};
pub use goods_notes::GoodsNoteSink;
pub use invoices::{InvoiceSink, InvoiceStatusSink, InvoiceSubmitter};
pub use new_clients::NewClientSubmitter;
pub use offline_orders::OfflineOrderSink;
pub use order_shipments::OrderSource;
pub use order_statuses::ShipmentStatusSink;
pub use pdfs::PdfSink;
pub use price_lists::{AssignmentSink, ListPriceSink, PriceListSubmitter};
pub use retail_prices::RetailPriceSink;
pub use segments::SegmentSubmitter;
pub use stocks::StockSink;
pub use trade_credits::TradeCreditSink;
pub use warehouses::{WarehouseSink, WarehouseSubmitter};
