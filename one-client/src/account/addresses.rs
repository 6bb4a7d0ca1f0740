//! Addresses of clients. Orders always carry the delivery address, so nobody has to keep these in step. There is no
//! call that changes one (*documented*: none is listed).

use super::{Context, Created};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{AddressId, ClientId, OrganizationId};
use crate::paging::{self, Keyed, Listing, Row, RowOffset};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, open_enum, shows};
use api_transport::{Effect, Endpoint, Page, Path, Result, decode_json};
use futures::Stream;
use serde::{Deserialize, Serialize};

open_enum! {
    /// What an address is for. A client has exactly one billing address (*documented*).
    AddressType {
        /// One more (*documented*).
        Additional = "ADDITIONAL",
        /// The billing address (*inferred*: that there is one is documented, its word is not).
        Billing = "BILLING",
    }
}

/// An address of a client. Names *documented*; the JSON was never seen. `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Address {
    /// ONe's id; the glossary calls it `id` and `addressId`, and [`address_id`](Self::address_id) finds both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<AddressId>,
    /// The client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// The same without prefix; deprecated by the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The ERP's id; none if a user added the address in the shop.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// Country; whether a code or a name is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `type`: what it is for.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<AddressType>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Address { id, client_id, external_id, kind, extra });
keeps_extra!(Address);

impl Keyed for Address {
    const KEY: &'static str = "id";
}

impl Address {
    /// ONe's id: `id`, or else `addressId`.
    pub fn address_id(&self) -> Option<AddressId> {
        self.id.clone().or_else(|| self.extra.text("addressId").map(AddressId::from))
    }
}

/// What is written of an address (*inferred*: the fields that are read; what is required is unknown). `Debug`
/// shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct AddressData {
    /// The client.
    #[builder(into)]
    pub client_id: ClientId,
    /// The ERP's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `type`: what it is for.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<AddressType>,
    /// Further fields.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(AddressData { client_id, external_id, kind, extra });

/// `GET /api/v1/account/integrations/auth-required/addresses`: addresses of all clients, from a row on.
///
/// *Documented*, the request with an example; the answer is *inferred*, and any of the envelopes in use is read.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetAddresses {
    /// `start`: the first row.
    #[builder(default)]
    pub start: RowOffset,
    /// `rows`: how many. The maximum is unknown.
    #[builder(default = 100)]
    pub rows: u32,
}

impl Endpoint for GetAddresses {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<Address, RowOffset>;

    fn path(&self) -> Path {
        service("account").segment("addresses")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("rows", self.rows.max(1).to_string()), ("start", self.start.get().to_string())]
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::offset(self.start, body)
    }
}

impl Evidenced for GetAddresses {
    const PATH: &'static str = "account/…/addresses";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Inferred)
        .quirks(&[9]);
}

/// `POST /api/v1/account/integrations/auth-required/addresses`: creates an address.
///
/// Method *documented*, path and body *inferred* (see [`AddressData`]); the answer is not documented, see
/// [`Created`]. Whether a second delivery makes a second address is unknown, so it is not repeated after an
/// unclear answer.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostAddress<'a> {
    /// The address.
    pub address: &'a AddressData,
}

impl<'a> PostAddress<'a> {
    /// One message.
    pub fn new(address: &'a AddressData) -> Self {
        Self { address }
    }
}

impl Endpoint for PostAddress<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = Created<AddressId>;

    fn path(&self) -> Path {
        service("account").segment("addresses")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Created::decode(body, &["addressId", "id"])
    }
}

impl Evidenced for PostAddress<'_> {
    const PATH: &'static str = "account/…/addresses";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[9]);
}

/// `GET /api/v1/account/integrations/auth-required/addresses/{addressId}`: one address.
///
/// Method *documented*, path and answer *inferred* (see [`Address`]).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetAddress {
    /// The address.
    pub address_id: AddressId,
}

impl GetAddress {
    /// One message.
    pub fn new(address_id: impl Into<AddressId>) -> Self {
        Self { address_id: address_id.into() }
    }
}

impl Endpoint for GetAddress {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Address;

    fn path(&self) -> Path {
        service("account").segment("addresses").id(&self.address_id)
    }

    fn decode(&self, body: &[u8]) -> Result<Address> {
        decode_json(body)
    }
}

impl Evidenced for GetAddress {
    const PATH: &'static str = "account/…/addresses/{addressId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[9]);
}

/// `DELETE /api/v1/account/integrations/auth-required/addresses/{addressId}`: deletes an address.
///
/// Method *documented*, path *inferred*. The answer is not documented and not read.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeleteAddress {
    /// The address.
    pub address_id: AddressId,
}

impl DeleteAddress {
    /// One message.
    pub fn new(address_id: impl Into<AddressId>) -> Self {
        Self { address_id: address_id.into() }
    }
}

impl Endpoint for DeleteAddress {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::DELETE;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("addresses").id(&self.address_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for DeleteAddress {
    const PATH: &'static str = "account/…/addresses/{addressId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred);
}

handle! {
    /// The calls about addresses: `client.addresses()`.
    Addresses
}

impl<'a> Addresses<'a> {
    /// All addresses from row `from` on, page by page and only when asked; `rows` at a time.
    ///
    /// How far the wire is known: [`GetAddresses`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: RowOffset,
        rows: u32,
    ) -> impl Stream<Item = Result<Page<Row<Address>, RowOffset>>> + 'a {
        paging::list(self.client, from, move |start| GetAddresses { start, rows })
    }

    /// One address.
    ///
    /// How far the wire is known: [`GetAddress`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this address alone.
    pub async fn get(&self, address_id: &AddressId) -> Result<Address> {
        self.client.send(&GetAddress::new(address_id.clone())).await
    }

    /// Creates an address.
    ///
    /// How far the wire is known: [`PostAddress`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). After one that `may_have_been_applied()` the address is
    /// to be looked for in the [`list`](Self::list), by its `external_id`, before it is created again.
    pub async fn create(&self, address: &AddressData) -> Result<Created<AddressId>> {
        self.client.send(&PostAddress::new(address)).await
    }

    /// Deletes an address.
    ///
    /// How far the wire is known: [`DeleteAddress`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` may also mean that a first delivery, whose
    /// answer was lost, deleted it.
    pub async fn delete(&self, address_id: &AddressId) -> Result<()> {
        self.client.send(&DeleteAddress::new(address_id.clone())).await
    }
}
