//! Orders, ONe → ERP, and orders that were not born on ONe, ERP → ONe.
//!
//! The shipment is the unit of exchange (*documented*). The loop (*inferred*): read the feed, get the
//! shipment of each event, keep the position when it is dealt with, write the status back.

mod feed;
mod order;
mod shipment;

pub use feed::{GetOrderFeed, OrderEvent, OrderEventType};
pub use order::{GetOrderShipment, Orders};
pub use shipment::{
    AdditionalCost, Address, Amounts, DeliveryMethod, DeliveryType, LinePrice, Organization, PaymentMethod,
    ProductLine, Shipment,
};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Orders, ONe → ERP, and their status (O15, O16).
    pub fn orders(&self) -> Orders<'_> {
        Orders::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![orders: GetOrderFeed, GetOrderShipment]
}
