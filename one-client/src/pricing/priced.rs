//! What a discount or a markup is for.

use crate::ids::{ProductGroupId, Sku};
use serde::Serialize;

/// One product or one group of products: on the wire `productId` or `productGroupId`, one of which must
/// be set (*documented*). That both together are refused is *inferred*; here they cannot be said.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[non_exhaustive]
pub enum Priced {
    /// `productId`.
    #[serde(rename = "productId")]
    Product(Sku),
    /// `productGroupId`.
    #[serde(rename = "productGroupId")]
    Group(ProductGroupId),
}

impl From<Sku> for Priced {
    fn from(sku: Sku) -> Self {
        Self::Product(sku)
    }
}

impl From<ProductGroupId> for Priced {
    fn from(group: ProductGroupId) -> Self {
        Self::Group(group)
    }
}

impl Priced {
    /// The two fields of the wire, exactly one of which must be there.
    pub(super) fn of(product: Option<Sku>, group: Option<ProductGroupId>) -> Result<Self, &'static str> {
        match (product, group) {
            (Some(product), None) => Ok(Self::Product(product)),
            (None, Some(group)) => Ok(Self::Group(group)),
            _ => Err("exactly one of productId and productGroupId must be set"),
        }
    }
}
