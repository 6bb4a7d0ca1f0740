#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bulk;
mod client;
mod feed;
mod ids;
mod orders;
mod retail_prices;
#[cfg(feature = "simulator")]
pub mod simulator;
mod stocks;
mod wire;

pub use api_transport::{
    Effect, Endpoint, Error, ErrorKind, Page, Path, Priority, Result, RetryBudget, RetryPolicy,
    StaticHeaders, Transport, TransportBuilder, WireLog,
};
pub use bulk::{BulkProgress, BulkReport, BulkWrite, ChunkOutcome, MAX_LINES};
pub use bytes::Bytes;
pub use client::{Client, ClientBuilder, header_credentials};
pub use feed::{BadEvent, Feed, FeedEvent, FeedPosition};
pub use ids::{OrderId, OrganizationId, ShipmentId, Sku, StockId, WarehouseId};
pub use orders::{
    AdditionalCost, Address, Amounts, DeliveryMethod, DeliveryType, GetOrderFeed, GetOrderShipment,
    LinePrice, OrderEvent, OrderEventType, Orders, Organization, PaymentMethod, ProductLine, Shipment,
};
pub use retail_prices::{PutRetailPrices, RetailPrice, RetailPrices};
pub use rust_decimal::Decimal;
pub use secrecy::SecretString;
pub use stocks::{AbsoluteStocks, PostStocksIncremental, StockBody, StockChange, StockLine, Stocks};
pub use url::Url;
pub use wire::extra::Extra;
