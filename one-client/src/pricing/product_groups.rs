//! Groups of products, which share discounts and markups.

use crate::bulk::MAX_LINES;
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ProductGroupId, Sku};
use crate::service::{handle, service};
use crate::wire::extra::Extra;
use crate::wire::shows;
use api_transport::{Effect, Endpoint, Error, Path, Result, decode_json};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/pricing/integrations/auth-required/product-group`: creates a group of products.
///
/// *Documented*, with whole examples. A second delivery may create a second group. `Debug` does not show the name.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PostProductGroup {
    /// The group's name.
    pub name: String,
    /// What else is to be sent.
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(PostProductGroup { extra });

impl PostProductGroup {
    /// One message.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), extra: Extra::default() }
    }
}

impl Endpoint for PostProductGroup {
    const EFFECT: Effect = Effect::Create;
    type Response = ProductGroupId;

    fn path(&self) -> Path {
        service("pricing").segment("product-group")
    }

    fn decode(&self, body: &[u8]) -> Result<ProductGroupId> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            product_group_id: ProductGroupId,
        }
        let answer: Answer = decode_json(body)?;
        match answer.product_group_id.as_str() {
            "" => Err(Error::decode_at("the answer has no productGroupId: the group's id is not known")),
            _ => Ok(answer.product_group_id),
        }
    }
}

impl Evidenced for PostProductGroup {
    const PATH: &'static str = "pricing/…/product-group";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented);
}

/// `PUT /api/v1/pricing/integrations/auth-required/product-group/{productGroupId}/products`: tells which products a
/// group has.
///
/// *Documented*, with a whole example; the body is a bare array of SKUs. Whether it replaces what the group had or adds to it is
/// not documented, so it is never split: more than [`MAX_LINES`] products are refused before anything is sent. Either
/// way a second delivery leaves the same state. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutProductGroupProducts<'a> {
    /// The group.
    #[serde(skip)]
    pub product_group_id: &'a ProductGroupId,
    /// Its products.
    pub products: &'a [Sku],
}

impl<'a> PutProductGroupProducts<'a> {
    /// One message.
    pub fn new(product_group_id: &'a ProductGroupId, products: &'a [Sku]) -> Self {
        Self { product_group_id, products }
    }
}

impl Endpoint for PutProductGroupProducts<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("product-group").id(self.product_group_id).segment("products")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        if self.products.len() > MAX_LINES {
            return Err(Error::invalid("more than 10,000 products in one group: the list cannot be split"));
        }
        let body = serde_json::to_vec(self).map_err(|_| Error::config("the SKUs do not encode"))?;
        Ok(Some(body.into()))
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutProductGroupProducts<'_> {
    const PATH: &'static str = "pricing/…/product-group/{productGroupId}/products";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Documented).request(Evidence::Documented);
}

handle! {
    /// The calls about groups of products: `client.product_groups()`.
    ProductGroups
}

impl ProductGroups<'_> {
    /// Creates a group and says its id. Not repeated when in doubt. No call is known that finds a group by its name
    /// later, so the id is to be kept.
    ///
    /// How far the wire is known: [`PostProductGroup`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `Decode` if the answer has no id, and then the group may have
    /// been created nevertheless.
    pub async fn create(&self, name: impl Into<String>) -> Result<ProductGroupId> {
        self.client.send(&PostProductGroup::new(name)).await
    }

    /// Tells which products a group has: all of them, since the list may replace the former one.
    ///
    /// How far the wire is known: [`PutProductGroupProducts`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `Invalid`, unsent, for more than [`MAX_LINES`] products.
    pub async fn save_products(&self, group: &ProductGroupId, products: &[Sku]) -> Result<()> {
        self.client.send(&PutProductGroupProducts::new(group, products)).await
    }
}
