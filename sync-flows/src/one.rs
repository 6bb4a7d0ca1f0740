//! Connectors of ONe: what flows read from and write to [`one_client`].

mod bulk;
mod order_shipments;
mod price_lists;
mod retail_prices;
mod stocks;

pub use order_shipments::OrderSource;
pub use price_lists::{AssignmentSink, ListPriceSink, PriceListSubmitter};
pub use retail_prices::RetailPriceSink;
pub use stocks::StockSink;
