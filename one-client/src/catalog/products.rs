//! Products as ONe has them.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::Sku;
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::json::Json;
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use serde::{Deserialize, Serialize};

/// A product (*example only*, and its end is cut: what follows the attributes is in `extra`). `Debug` shows the id
/// alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Product {
    /// Its id; that this is the SKU is *inferred* from the other services' `productId`.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: Sku,
    /// Where it comes from; the words are not documented.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub product_origin: Option<String>,
    /// Who made it; seen without a value alone, so its type is unknown.
    #[serde(default)]
    pub created_by: Option<Json>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The manufacturer's own code of it.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub manufacturer_index: Option<String>,
    /// Its code in a catalog; seen without a value alone, a text by analogy (*inferred*).
    #[serde(default, deserialize_with = "wire::text::option")]
    pub catalog_index: Option<String>,
    /// The series it belongs to; seen without a value alone, so its type is unknown.
    #[serde(default)]
    pub product_series: Option<Json>,
    /// What it is like, attribute by attribute.
    #[serde(default, deserialize_with = "wire::list")]
    pub multivalue_attributes: Vec<MultivalueAttribute>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Product { id });

/// An attribute of a product, with all its values (*example only*).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct MultivalueAttribute {
    /// What its values are; the words are not documented.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<String>,
    /// The code of its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name_code: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its values.
    #[serde(default, deserialize_with = "wire::list")]
    pub values: Vec<AttributeValue>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(MultivalueAttribute { name_code });

/// One value of an attribute (*example only*).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttributeValue {
    /// The value: a text, a number, a truth value (*inferred* from the kinds of attributes that imports have).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(AttributeValue {});

keeps_extra!(Product, MultivalueAttribute, AttributeValue);

/// `GET /api/v1/catalog/integrations/auth-required/products/by-sku?id=`: one product.
///
/// *Example only*; the answer's end is cut (see [`Product`]).
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetProductBySku {
    /// `id`: the SKU.
    #[builder(into)]
    pub id: Sku,
}

impl Endpoint for GetProductBySku {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Product;

    fn path(&self) -> Path {
        service("catalog").segment("products").segment("by-sku")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("id", self.id.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<Product> {
        decode_json(body)
    }
}

impl Evidenced for GetProductBySku {
    const PATH: &'static str = "catalog/…/products/by-sku";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly);
}

handle! {
    /// The calls about products: `client.products()`.
    Products
}

impl Products<'_> {
    /// The product with this SKU.
    ///
    /// How far the wire is known: [`GetProductBySku`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this product alone (*inferred*).
    pub async fn get(&self, sku: &Sku) -> Result<Product> {
        self.client.send(&GetProductBySku::builder().id(sku.clone()).build()).await
    }
}
