//! Identifiers. All are free strings: the documentation's own examples are not always well-formed
//! UUIDs (quirk Q15), a segment id may be the word `segment`, and order ids contain slashes.

use serde::{Deserialize, Serialize};

macro_rules! string_id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as it is; nothing is checked or trimmed.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Gives the text back.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }
    )+};
}

string_id! {
    /// An order, for example `OF/22/8/2022` (*example*).
    OrderId;
    /// One shipment of an order, for example `OF/22/8/2022/01` (*example*). The shipment is the unit
    /// of exchange: an order may have several.
    ShipmentId;
    /// A request for quotation, for example `RFQ/3/2022` (*example*).
    RfqId;
    /// One shipment of a request for quotation, for example `RFQ/3/2022/01` (*example*).
    RfqShipmentId;
    /// An offer (*example*; a UUID). Its number is another thing: `O/36/1/2022`.
    OfferId;
    /// A file attached to an offer's note (*example*; a UUID).
    AttachmentId;
    /// A cart in the backoffice (*example*; a UUID).
    CartId;
    /// A product as ONe names it: `productId`, `sku`, `skuId`. Free text, mixed case, may be digits only
    /// (*example*). The ERP's goods code.
    Sku;
    /// A warehouse, for example `WRO-1` (*example*).
    WarehouseId;
    /// A stock entry, unique in its warehouse (*documented*). The SKU, unless storage locations are
    /// tracked.
    StockId;
    /// A sales order as reservations name it, for example `1997` (*example*). Whether ONe's own orders are named so
    /// by their id is not documented.
    SalesOrderNumber;
    /// A reservation (*example*).
    ReservationId;
    /// A client: `org:` + UUID for a business, `ind:` + UUID for a person (*documented*).
    ClientId;
    /// A business client's id without prefix (*documented*; called deprecated where addresses are told).
    OrganizationId;
    /// A segment of clients: a UUID, or the word `segment` for the root (*example*).
    SegmentId;
    /// A price list (*documented*; a UUID in the examples).
    PricingId;
    /// A group of clients that share price lists (*example*).
    ClientGroupId;
    /// A group of products that share a discount or a markup (*example*).
    ProductGroupId;
    /// A category of products, for example `cat_1_2` (*example*).
    CategoryId;
    /// A manufacturer of products, as ONe names it (*documented*; a UUID in the example).
    ManufacturerId;
    /// A plugin of ONe, whose data about products is kept apart from that of others (*documented*).
    PluginId;
    /// A complaint about goods that were invoiced (*example*; a UUID).
    ComplaintId;
    /// The number of an invoice or goods note, for example `FV/01/03/2022`: the ERP's (*documented* field
    /// `number`; its form is free).
    DocumentNumber;
    /// An upload that was begun (*documented*).
    UploadId;
    /// Somebody who orders for a client (*example*).
    UserId;
    /// What a user may do (*example*).
    RoleId;
    /// Somebody of the seller's who works with ONe (*example*).
    OperatorId;
    /// An address of a client (*documented*).
    AddressId;
    /// A client's blockade (*example*; the one that is shown is no well-formed UUID, quirk Q15).
    BlockadeId;
}

impl ClientId {
    /// The id of a business, with its prefix.
    pub fn of_organization(id: &OrganizationId) -> Self {
        Self(format!("org:{id}"))
    }

    /// The id without prefix, if this is a business; `None` for a person.
    pub fn organization(&self) -> Option<OrganizationId> {
        self.0.strip_prefix("org:").map(OrganizationId::from)
    }

    /// Whether this is a person, who has no trade credit (*documented*).
    pub fn is_individual(&self) -> bool {
        self.0.starts_with("ind:")
    }
}
