//! Connectors of ONe: what flows read from and write to [`one_client`].

mod bulk;
mod order_shipments;
mod retail_prices;
mod stocks;

pub use order_shipments::OrderSource;
pub use retail_prices::RetailPriceSink;
pub use stocks::StockSink;
