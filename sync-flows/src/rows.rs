#![doc = include_str!("../docs/rows.md")]

#[doc = include_str!("../docs/rows/clients.md")]
pub mod clients {}

#[doc = include_str!("../docs/rows/credit.md")]
pub mod credit {}

#[doc = include_str!("../docs/rows/delivery-notes.md")]
pub mod delivery_notes {}

#[doc = include_str!("../docs/rows/goods.md")]
pub mod goods {}

#[doc = include_str!("../docs/rows/invoices.md")]
pub mod invoices {}

#[doc = include_str!("../docs/rows/order-status.md")]
pub mod order_status {}

#[doc = include_str!("../docs/rows/orders.md")]
pub mod orders {}

#[doc = include_str!("../docs/rows/prices.md")]
pub mod prices {}

#[doc = include_str!("../docs/rows/stock.md")]
pub mod stock {}
