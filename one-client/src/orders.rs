//! Orders, ONe → ERP, and orders that were not born on ONe, ERP → ONe.
//!
//! The shipment is the unit of exchange (*documented*). The loop (*inferred*): read the feed, get the
//! shipment of each event, keep the position when it is dealt with, write the status back.

mod feed;
mod offline_order;
mod order;
mod shipment;
mod status;

pub use feed::{GetOrderFeed, OrderEvent, OrderEventType};
pub use offline_order::{
    AuthorizedPerson, OfflineCost, OfflineLine, OfflineLinePrice, OfflineOrder, OfflineOrders,
    OfflinePaymentMethod, OfflinePrice, PutOfflineOrder,
};
pub use order::{GetOrderShipment, Orders};
pub use shipment::{
    AdditionalCost, Address, Amounts, DeliveryMethod, DeliveryType, LinePrice, Organization, PaymentMethod,
    PaymentType, ProductLine, Shipment,
};
pub use status::{OrderStatus, PutOrderStatus, StatusChange};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Orders, ONe → ERP, and their status (O15, O16).
    pub fn orders(&self) -> Orders<'_> {
        Orders::new(self)
    }

    /// Orders that were placed elsewhere, ERP → ONe, for clients to look at (O17).
    pub fn offline_orders(&self) -> OfflineOrders<'_> {
        OfflineOrders::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![orders: GetOrderFeed, GetOrderShipment, PutOrderStatus<'_>, PutOfflineOrder<'_>]
}
