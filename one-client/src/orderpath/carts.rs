//! Carts of the backoffice, ERP → ONe.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{CartId, Sku};
use crate::service::{handle, service};
use crate::units::Packing;
use crate::wire::extra::Extra;
use crate::wire::{self, open_enum, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use rust_decimal::Decimal;
use serde::Serialize;

open_enum! {
    /// What a quantity counts (words *documented*; which unit is which is *inferred* from their names, so try it with a
    /// product whose units differ).
    CartQuantityType {
        /// Content units.
        Content = "CONTENT_QUANTITY",
        /// Order units.
        Order = "ORDER_QUANTITY",
    }
}

/// How much of a product goes into a cart. `Debug` shows no number.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CartQuantity {
    /// `type`: what it counts.
    #[serde(rename = "type")]
    pub kind: CartQuantityType,
    /// How many.
    #[serde(with = "wire::decimal")]
    pub value: Decimal,
}

shows!(CartQuantity { kind });

impl CartQuantity {
    /// So many content units.
    pub fn content(value: Decimal) -> Self {
        Self { kind: CartQuantityType::Content, value }
    }

    /// So many order units.
    pub fn order(value: Decimal) -> Self {
        Self { kind: CartQuantityType::Order, value }
    }

    /// So many content units, told as order units.
    ///
    /// # Errors
    ///
    /// `Invalid`: that is no whole number of order units.
    pub fn packed(content_units: Decimal, packing: Packing) -> Result<Self> {
        packing.to_order(content_units).map(Self::order)
    }
}

/// One line of a configurable product. Fields and their defaults *documented*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct CartLine {
    /// The product.
    #[builder(into)]
    pub product_id: Sku,
    /// How much.
    pub quantity: CartQuantity,
    /// Whether the quantity may be edited.
    #[builder(default = true)]
    pub allow_quantity_change: bool,
    /// Whether the line may be split to several shipments.
    #[builder(default = true)]
    pub allow_quantity_splitting: bool,
    /// Whether the line can be taken out of the cart. With the main line its children go in any case.
    #[builder(default = true)]
    pub removable: bool,
    /// A name of one's own for the line; ignored as yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What else is to be sent.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

/// A product with what belongs to it. `children` may be empty (*documented*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct ConfigurableProduct {
    /// The product.
    pub main: CartLine,
    /// Shown below it.
    pub children: Vec<CartLine>,
}

impl ConfigurableProduct {
    /// A product alone.
    pub fn new(main: CartLine) -> Self {
        Self { main, children: Vec::new() }
    }

    /// With these below it.
    #[must_use]
    pub fn with_children(mut self, children: Vec<CartLine>) -> Self {
        self.children = children;
        self
    }
}

/// `PUT /api/v1/orderpath/integrations/auth-required/carts/{cartId}/add-configurable-products`: adds products to a cart.
///
/// Method and body *documented*; the path is *example only* and stands on another page, where it is a mistake (quirk
/// Q7). **Adding twice doubles** (*inferred* from its name), although it is a PUT: it is never repeated when it may have
/// been carried out. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PutConfigurableProducts<'a> {
    /// The cart.
    #[serde(skip)]
    pub cart_id: &'a CartId,
    /// The products; several at once are welcome (*documented*).
    pub configurable_products: &'a [ConfigurableProduct],
}

impl<'a> PutConfigurableProducts<'a> {
    /// One call.
    pub fn new(cart_id: &'a CartId, configurable_products: &'a [ConfigurableProduct]) -> Self {
        Self { cart_id, configurable_products }
    }
}

impl Endpoint for PutConfigurableProducts<'_> {
    const EFFECT: Effect = Effect::Create;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("orderpath").segment("carts").id(self.cart_id).segment("add-configurable-products")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutConfigurableProducts<'_> {
    const PATH: &'static str = "orderpath/…/carts/{cartId}/add-configurable-products";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::ExampleOnly)
        .request(Evidence::Documented)
        .quirks(&[7]);
}

handle! {
    /// The calls about carts: `client.carts()`.
    Carts
}

impl Carts<'_> {
    /// Adds products to a cart; a second time adds them again.
    ///
    /// How far the wire is known: [`PutConfigurableProducts`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). If `may_have_been_applied()`, the products may be in the cart.
    pub async fn add(&self, cart_id: &CartId, products: &[ConfigurableProduct]) -> Result<()> {
        self.client.send(&PutConfigurableProducts::new(cart_id, products)).await
    }
}
