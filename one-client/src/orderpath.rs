//! Requests for quotation, offers, carts: what comes before an order.

mod carts;
mod offers;
mod rfqs;

pub use carts::{
    CartLine, CartQuantity, CartQuantityType, Carts, ConfigurableProduct, PutConfigurableProducts,
};
pub use offers::{
    AttachmentUrl, AvailabilityState, GetAttachmentUrl, GetOffer, GetOfferFeed, Offer, OfferAttachment,
    OfferDelivery, OfferDeliveryMethod, OfferEvent, OfferLine, OfferNote, OfferPerson, OfferSlot, OfferSplit,
    OfferStatus, OfferWarehouse, Offers, PersonType, PutTransferFailed,
};
pub use rfqs::{CurrentInfo, GetRfqFeed, GetRfqShipment, RfqEvent, RfqLine, RfqShipment, Rfqs};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Requests for quotation, ONe → ERP.
    pub fn rfqs(&self) -> Rfqs<'_> {
        Rfqs::new(self)
    }

    /// Offers, ONe → ERP.
    pub fn offers(&self) -> Offers<'_> {
        Offers::new(self)
    }

    /// Carts of the backoffice, ERP → ONe.
    pub fn carts(&self) -> Carts<'_> {
        Carts::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![
        orderpath: GetRfqFeed, GetRfqShipment, GetOfferFeed, GetOffer, GetAttachmentUrl, PutTransferFailed,
        PutConfigurableProducts<'_>
    ]
}
