#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod account;
pub mod authserver;
mod bulk;
pub mod catalog;
mod client;
pub mod evidence;
mod feed;
pub mod goods_notes;
mod ids;
pub mod invoices;
pub mod orderpath;
pub mod orders;
mod paging;
pub mod pricehelper;
pub mod pricing;
pub mod rma;
#[doc = include_str!("../docs/rows.md")]
pub mod rows {}
mod service;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod stock;
mod units;
mod upload;
mod wire;

pub use api_transport::{
    Effect, Elsewhere, Endpoint, Error, ErrorKind, Page, Path, Priority, Result, RetryBudget, RetryPolicy,
    StaticHeaders, Transport, TransportBuilder, WireLog,
};
pub use bulk::{BulkProgress, BulkReport, BulkWrite, BulkWriteBuilder, ChunkOutcome, MAX_LINES};
pub use bytes::Bytes;
pub use client::{Client, ClientBuilder, header_credentials};
pub use feed::{Feed, FeedCursor, FeedPosition, FollowedEvent};
pub use ids::{
    AddressId, AttachmentId, BlockadeId, CartId, CategoryId, ClientGroupId, ClientId, ComplaintId,
    DocumentNumber, ManufacturerId, OfferId, OperatorId, OrderId, OrganizationId, PluginId, PricingId,
    ProductGroupId, ReservationId, RfqId, RfqShipmentId, RoleId, SalesOrderNumber, SegmentId, ShipmentId,
    Sku, StockId, UploadId, UserId, WarehouseId,
};
pub use paging::{BadRow, Keyed, Listing, PageNumber, Row, RowOffset};
pub use rust_decimal::Decimal;
pub use secrecy::SecretString;
pub use units::Packing;
pub use upload::{PdfOf, PdfUpload, PutToUploadUrl, Upload, UploadBegun};
pub use url::Url;
pub use wire::extra::Extra;
pub use wire::json::Json;
pub use wire::query::ListStyle;
