//! Who orders for a client.

use super::Created;
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ClientId, OrganizationId, RoleId, UserId};
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Page, Path, Result, decode_json};
use futures::Stream;
use serde::{Deserialize, Serialize};

/// A user (*example only*). `agreements`, of which only an empty list was seen, is in `extra`. `Debug` shows
/// ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// ONe's id.
    pub id: UserId,
    /// The client it orders for.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// The same without prefix; deprecated elsewhere.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub phone: Option<String>,
    /// What it may do.
    #[serde(default)]
    pub role: Option<UserRole>,
    /// Whether it is active (*inferred:* may log in).
    #[serde(default)]
    pub is_active: Option<bool>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(User { id, client_id, role, extra });

impl Keyed for User {
    const KEY: &'static str = "id";
}

/// The role of a user (*example only*). What it allows: [`roles`](crate::authserver::Roles::list).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserRole {
    /// ONe's id.
    pub id: RoleId,
    /// The client it belongs to; none if it is everybody's.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// The same without prefix.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(User, UserRole);

/// What is written of a user: `clientId`, `name`, `phone`, `roleId` *documented*, `email` *inferred*; what is
/// required is unknown. `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct UserData {
    /// The client it orders for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(into)]
    pub client_id: Option<ClientId>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(into)]
    pub role_id: Option<RoleId>,
    /// Further fields.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(UserData { client_id, role_id, extra });

/// `GET /api/v1/account/integrations/auth-required/users`: a page of all users.
///
/// *Documented*, with an example that is cut.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetUsers {
    /// `pageNumber`.
    #[builder(default)]
    pub page_number: PageNumber,
    /// `pageSize`. The maximum is unknown.
    #[builder(default = 100)]
    pub page_size: u32,
}

impl Endpoint for GetUsers {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<User, PageNumber>;

    fn path(&self) -> Path {
        service("account").segment("users")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.page_number.query(self.page_size)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetUsers {
    const PATH: &'static str = "account/…/users";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::ExampleOnly);
}

/// `POST /api/v1/account/integrations/auth-required/users`: creates a user.
///
/// Method *documented*, path *inferred*, body as far as [`UserData`] says; the answer is not documented, see
/// [`Created`]. Whether a second delivery makes a second user is unknown, so it is not repeated after an
/// unclear answer.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostUser<'a> {
    /// The user.
    pub user: &'a UserData,
}

impl<'a> PostUser<'a> {
    /// One message.
    pub fn new(user: &'a UserData) -> Self {
        Self { user }
    }
}

impl Endpoint for PostUser<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = Created<UserId>;

    fn path(&self) -> Path {
        service("account").segment("users")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Created::decode(body, &["id", "userId"])
    }
}

impl Evidenced for PostUser<'_> {
    const PATH: &'static str = "account/…/users";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred);
}

/// `GET /api/v1/account/integrations/auth-required/users/{userId}`: one user.
///
/// Method *documented*, path *inferred*; the answer is *inferred* to be a row of the list.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetUser {
    /// The user.
    pub user_id: UserId,
}

impl GetUser {
    /// One message.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self { user_id: user_id.into() }
    }
}

impl Endpoint for GetUser {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = User;

    fn path(&self) -> Path {
        service("account").segment("users").id(&self.user_id)
    }

    fn decode(&self, body: &[u8]) -> Result<User> {
        decode_json(body)
    }
}

impl Evidenced for GetUser {
    const PATH: &'static str = "account/…/users/{userId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Inferred).answer(Evidence::Inferred);
}

/// `PUT /api/v1/account/integrations/auth-required/users/{userId}`: changes a user.
///
/// Method *documented*, path *inferred*, body as far as [`UserData`] says. Whether a field that is left out
/// keeps its value is unknown. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutUser<'a> {
    /// The user.
    #[serde(skip)]
    pub user_id: &'a UserId,
    /// What it becomes.
    pub user: &'a UserData,
}

impl<'a> PutUser<'a> {
    /// One message.
    pub fn new(user_id: &'a UserId, user: &'a UserData) -> Self {
        Self { user_id, user }
    }
}

impl Endpoint for PutUser<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("users").id(self.user_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutUser<'_> {
    const PATH: &'static str = "account/…/users/{userId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Inferred).request(Evidence::Inferred);
}

/// `DELETE /api/v1/account/integrations/auth-required/users/{userId}`: deletes a user.
///
/// Method *documented*, path *inferred*. The answer is not documented and not read.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeleteUser {
    /// The user.
    pub user_id: UserId,
}

impl DeleteUser {
    /// One message.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self { user_id: user_id.into() }
    }
}

impl Endpoint for DeleteUser {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::DELETE;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("users").id(&self.user_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for DeleteUser {
    const PATH: &'static str = "account/…/users/{userId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred);
}

handle! {
    /// The calls about users: `client.users()`.
    Users
}

impl<'a> Users<'a> {
    /// All users from page `from` on, page by page and only when asked; `page_size` at a time.
    ///
    /// How far the wire is known: [`GetUsers`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<User>, PageNumber>>> + 'a {
        paging::list(self.client, from, move |page_number| GetUsers { page_number, page_size })
    }

    /// One user.
    ///
    /// How far the wire is known: [`GetUser`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this user alone.
    pub async fn get(&self, user_id: &UserId) -> Result<User> {
        self.client.send(&GetUser::new(user_id.clone())).await
    }

    /// Creates a user.
    ///
    /// How far the wire is known: [`PostUser`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). After one that `may_have_been_applied()` the user is to
    /// be looked for in the [`list`](Self::list), by client and e-mail address, before it is created again.
    pub async fn create(&self, user: &UserData) -> Result<Created<UserId>> {
        self.client.send(&PostUser::new(user)).await
    }

    /// Changes a user: all fields are said, see [`PutUser`].
    ///
    /// How far the wire is known: [`PutUser`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this user alone.
    pub async fn update(&self, user_id: &UserId, user: &UserData) -> Result<()> {
        self.client.send(&PutUser::new(user_id, user)).await
    }

    /// Deletes a user.
    ///
    /// How far the wire is known: [`DeleteUser`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` may also mean that a first delivery, whose
    /// answer was lost, deleted it.
    pub async fn delete(&self, user_id: &UserId) -> Result<()> {
        self.client.send(&DeleteUser::new(user_id.clone())).await
    }
}
