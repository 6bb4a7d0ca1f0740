//! Categories of products.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::CategoryId;
use crate::paging::{self, Keyed, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::json::Json;
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A category of products (*example only*, whole). `Debug` shows the id alone.
///
/// The glossary swaps the meanings of `parent` and `children` (quirk Q18); here they mean what they say, as in the
/// example: a root has no parent and names the categories below it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Category {
    /// Its id.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: CategoryId,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The category above it; `None` for a root.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub parent: Option<CategoryId>,
    /// Its page in the shop, below the shop's own address: `/category-a`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The categories directly below it.
    #[serde(default, deserialize_with = "wire::list")]
    pub children: Vec<CategoryId>,
    /// What search engines are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seo: Option<Seo>,
    /// Its description.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub description: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Category { id });

impl Keyed for Category {
    const KEY: &'static str = "id";
}

/// What search engines are told of a category (*example only*; every field was seen as `null` alone).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Seo {
    /// Title of the page.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub title: Option<String>,
    /// Description of the page.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub description: Option<String>,
    /// Its heading.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub h1: Option<String>,
    /// Whether links are to be followed; its type is unknown.
    #[serde(default)]
    pub follow: Option<Json>,
    /// Whether the page is to be indexed; its type is unknown.
    #[serde(default)]
    pub index: Option<Json>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Seo {});

keeps_extra!(Category, Seo);

/// `GET /api/v1/catalog/integrations/auth-required/categories/list`: all categories in one answer.
///
/// *Example only*, with a whole answer: a bare array without pages.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct GetCategories {}

impl GetCategories {
    /// The call.
    pub fn new() -> Self {
        Self {}
    }
}

impl Endpoint for GetCategories {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Vec<Row<Category>>;

    fn path(&self) -> Path {
        service("catalog").segment("categories").segment("list")
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Row<Category>>> {
        decode_json::<Vec<Box<RawValue>>>(body).map(|raw| paging::rows(&raw))
    }
}

impl Evidenced for GetCategories {
    const PATH: &'static str = "catalog/…/categories/list";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly)
        .quirks(&[18]);
}

handle! {
    /// The calls about categories: `client.categories()`.
    Categories
}

impl Categories<'_> {
    /// All categories, in one answer. One that cannot be read hides no other.
    ///
    /// How far the wire is known: [`GetCategories`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn list(&self) -> Result<Vec<Row<Category>>> {
        self.client.send(&GetCategories::new()).await
    }
}
