//! Clients and what belongs to them: segments, trade credits, blockades, users, addresses.
//!
//! What a call changes comes back in the feeds, told with the [`Context`] it was made in. A reader on the ERP's side
//! leaves out [`Context::Integrations`], or it hears its own writes.

mod addresses;
mod client_blockades;
mod client_record;
mod clients;
mod created;
mod events;
mod feed;
mod segments;
mod trade_credits;
mod users;

pub use addresses::{
    Address, AddressData, AddressType, Addresses, DeleteAddress, GetAddress, GetAddresses, PostAddress,
};
pub use client_blockades::{
    BlockadeType, ClientBlockade, ClientBlockadeData, ClientBlockades, DeleteClientBlockade,
    GetClientBlockade, PutClientBlockade,
};
pub use client_record::{AccountType, ClientAddress, ClientAdmin, ClientData, ClientRecord};
pub use clients::{Clients, DeleteClient, GetClient, GetClients, PostClient, PutClient};
pub use created::Created;
pub use events::{Context, EventType};
pub use feed::{AccountFeed, ClientEvent, GetAccountFeed, OfClients, OfTradeCredits};
pub use segments::{
    DeleteSegment, GetSegment, GetSegments, PostSegment, PutSegment, Segment, SegmentData, Segments,
};
pub use trade_credits::{
    DeleteTradeCredit, GetTradeCredit, PutTradeCredit, TradeCredit, TradeCreditData, TradeCredits,
};
pub use users::{DeleteUser, GetUser, GetUsers, PostUser, PutUser, User, UserData, UserRole, Users};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Segments of clients, ERP → ONe (O1).
    pub fn segments(&self) -> Segments<'_> {
        Segments::new(self)
    }

    /// Clients, both ways (O4, O5).
    pub fn clients(&self) -> Clients<'_> {
        Clients::new(self)
    }

    /// Credit limits of businesses, ERP → ONe (O6).
    pub fn trade_credits(&self) -> TradeCredits<'_> {
        TradeCredits::new(self)
    }

    /// Blockades of clients, ERP → ONe (O7).
    pub fn client_blockades(&self) -> ClientBlockades<'_> {
        ClientBlockades::new(self)
    }

    /// Who orders for a client.
    pub fn users(&self) -> Users<'_> {
        Users::new(self)
    }

    /// Addresses of clients.
    pub fn addresses(&self) -> Addresses<'_> {
        Addresses::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![account:
        GetSegments, PostSegment<'_>, GetSegment, PutSegment<'_>, DeleteSegment,
        GetClients, PostClient<'_>, GetClient, PutClient<'_>, DeleteClient, GetAccountFeed<OfClients>,
        GetTradeCredit, PutTradeCredit<'_>, DeleteTradeCredit, GetAccountFeed<OfTradeCredits>,
        GetClientBlockade, PutClientBlockade<'_>, DeleteClientBlockade,
        GetUsers, PostUser<'_>, GetUser, PutUser<'_>, DeleteUser,
        GetAddresses, PostAddress<'_>, GetAddress, DeleteAddress,
    ]
}
