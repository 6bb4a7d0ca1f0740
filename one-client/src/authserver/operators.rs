//! Who works with ONe on the seller's side.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ClientId, OperatorId, WarehouseId};
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Page, Path, Result};
use futures::Stream;
use serde::{Deserialize, Serialize};

/// An operator. The fields up to `landlinePhone` were seen (*example only*), the others are *documented* by
/// name. `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Operator {
    /// ONe's id.
    pub id: OperatorId,
    /// The ERP's id, if ONe was told.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub external_id: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Another one.
    #[serde(default)]
    pub additional_email: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub phone: Option<String>,
    /// Telephone on a line.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub landline_phone: Option<String>,
    /// The branch it belongs to.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub branch_id: Option<String>,
    /// The client its carts begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart_default_client_id: Option<ClientId>,
    /// The warehouse its carts begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart_default_warehouse_id: Option<WarehouseId>,
    /// Whether it looks after clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_account_manager: Option<bool>,
    /// Whether it is active; true by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Whether the client its carts begin with is the branch's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_applied_default_client_from_branch: Option<bool>,
    /// Whether the warehouse its carts begin with is the branch's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_applied_default_warehouse_from_branch: Option<bool>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Operator { id, external_id, extra });
keeps_extra!(Operator);

impl Keyed for Operator {
    const KEY: &'static str = "id";
}

/// `GET /api/v1/authserver/integrations/auth-required/operators`: a page of all operators.
///
/// Verb, query and answer *example only*, path *inferred*: prose names the service `catalog`, and the request
/// that is shown repeats the one for roles (quirk Q3), so the service is a setting.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetOperators {
    /// `pageNumber`.
    #[builder(default)]
    pub page_number: PageNumber,
    /// `pageSize`. The maximum is unknown.
    #[builder(default = 100)]
    pub page_size: u32,
    /// The path segment after `/api/v1/`.
    #[serde(skip)]
    #[builder(into, default = "authserver")]
    pub service: String,
}

impl Endpoint for GetOperators {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<Operator, PageNumber>;

    fn path(&self) -> Path {
        service(&self.service).segment("operators")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.page_number.query(self.page_size)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetOperators {
    const PATH: &'static str = "authserver/…/operators";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::Inferred)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly)
        .quirks(&[3]);
}

handle! {
    /// The calls about operators: `client.operators()`.
    Operators
}

impl<'a> Operators<'a> {
    /// All operators from page `from` on, page by page and only when asked; `page_size` at a time.
    ///
    /// How far the wire is known: [`GetOperators`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Operator>, PageNumber>>> + 'a {
        let client = self.client;
        paging::list(client, from, move |page_number| {
            let service = client.settings().operator_service.clone();
            GetOperators { page_number, page_size, service }
        })
    }
}
