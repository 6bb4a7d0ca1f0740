//! What users of a client may do.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ClientId, RoleId};
use crate::paging::{self, Keyed, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, open_enum};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

open_enum! {
    /// Something a user may do (*example only*; an open set, nowhere explained: the words are read as they stand).
    Authority {
        /// Placing orders.
        AddOrders = "APP_ADD_ORDERS",
        /// Handing a cart in for authorization.
        AddToAuthorizationCart = "APP_ADD_TO_AUTHORIZATION_CART",
        /// Authorizing carts.
        AuthorizationCart = "APP_AUTHORIZATION_CART",
        /// Collecting deliveries.
        DeliveryPickup = "APP_DELIVERY_PICKUP",
        /// Seeing invoices.
        ViewInvoices = "APP_VIEW_INVOICES",
        /// Seeing orders.
        ViewOrders = "APP_VIEW_ORDERS",
        /// Seeing roles.
        ViewRoles = "APP_VIEW_ROLES",
        /// Seeing users.
        ViewUsers = "APP_VIEW_USERS",
    }
}

/// A role (*example only*, whole).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Role {
    /// ONe's id.
    pub id: RoleId,
    /// The client it belongs to; none if it is everybody's.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// What it allows.
    #[serde(default, deserialize_with = "wire::list")]
    pub authorities: Vec<Authority>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(Role);

impl Keyed for Role {
    const KEY: &'static str = "id";
}

/// `GET /api/v1/authserver/integrations/auth-required/roles`: the roles a client's users may have.
///
/// *Example only*, with a whole answer: a bare array, not in pages. Prose names the service `catalog` (quirk
/// Q3); this is the request that is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetRoles {
    /// `clientId`.
    pub client_id: ClientId,
}

impl GetRoles {
    /// One message.
    pub fn new(client_id: impl Into<ClientId>) -> Self {
        Self { client_id: client_id.into() }
    }
}

impl Endpoint for GetRoles {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Vec<Row<Role>>;

    fn path(&self) -> Path {
        service("authserver").segment("roles")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("clientId", self.client_id.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        decode_json::<Vec<Box<RawValue>>>(body).map(|rows| paging::rows(&rows))
    }
}

impl Evidenced for GetRoles {
    const PATH: &'static str = "authserver/…/roles";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly)
        .quirks(&[3]);
}

handle! {
    /// The calls about roles: `client.roles()`.
    Roles
}

impl Roles<'_> {
    /// The roles a client's users may have: its own and everybody's. They come in one answer.
    ///
    /// How far the wire is known: [`GetRoles`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this client alone.
    pub async fn list(&self, client_id: &ClientId) -> Result<Vec<Row<Role>>> {
        self.client.send(&GetRoles::new(client_id.clone())).await
    }
}
