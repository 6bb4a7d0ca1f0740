//! The flows, one file per group of requirement rows: what is mapped how, with which settings, and the flow itself.
//!
//! [`catalog`](crate::catalog) lists them all. A flow takes a [`Setup`](crate::Setup), the ports it needs and its mapper. To change
//! what is sent, give another mapper, or [adjust](crate::adjust) the one that is there:
//!
//! ```
//! # use sync_flows::flows::retail_prices::RetailPriceMapper;
//! use sync_flows::adjust;
//!
//! // one grosz less, by way of example
//! let mapper = adjust(RetailPriceMapper::new("PLN"), |_cena, price| {
//!     price.price -= rust_decimal::Decimal::new(1, 2);
//!     Ok(())
//! });
//! ```

pub mod client_prices;
pub mod clients;
pub mod credit;
pub mod delivery_notes;
pub mod documents;
pub mod goods;
pub mod invoices;
pub mod offline_orders;
pub mod order_status;
pub mod orders;
pub mod price_confirmation;
pub mod price_groups;
pub mod retail_prices;
pub mod stock;
pub mod warehouses;
