//! Orders that were placed elsewhere, ERP → ONe.
//!
//! ONe shows them to the client and does nothing else with them (*documented*). Which orders these are is the
//! integration's to know: one that was born on ONe must not come back as an offline order.

use super::Organization;
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{OrderId, ShipmentId, Sku, UserId};
use crate::service::{handle, service};
use crate::units::Packing;
use crate::wire::extra::Extra;
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

/// One shipment of an order that was placed elsewhere.
///
/// Names and what is required *documented* but for the lines, whose part of the page was cut, as was everything after
/// them (delivery, dates, status). Not shown are the JSON itself, so that lists are lists is *inferred*, and currency.
/// `extra` takes what somebody knows beside that, on every level. `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OfflineOrder {
    /// The shipment: what is replaced if it is there.
    #[builder(into)]
    pub id: ShipmentId,
    /// The order it belongs to.
    #[builder(into)]
    pub order_id: OrderId,
    /// Who ordered.
    pub organization: Organization,
    /// What it costs.
    pub price: OfflinePrice,
    /// How it is paid.
    pub payment_method: OfflinePaymentMethod,
    /// The lines.
    pub product_lines: Vec<OfflineLine>,
    /// Whom to ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub authorized_people: Vec<AuthorizedPerson>,
    /// What buyer and seller wrote; it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What else is to be sent.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(OfflineOrder { id, order_id });

/// What a shipment costs, in the tenant's currency.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfflinePrice {
    /// Net price of the delivery.
    #[serde(with = "wire::decimal")]
    pub delivery_net: Decimal,
    /// Gross price of the delivery.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub delivery_gross: Option<Decimal>,
    /// Net price of the products.
    #[serde(with = "wire::decimal")]
    pub products_net: Decimal,
    /// Gross price of the products.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub products_gross: Option<Decimal>,
    /// What it costs beside that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub additional_costs: Vec<OfflineCost>,
    /// Gross, all together.
    #[serde(with = "wire::decimal")]
    pub total_gross: Decimal,
    /// Net, all together.
    #[serde(with = "wire::decimal")]
    pub total_net: Decimal,
    /// Tax, all together.
    #[serde(with = "wire::decimal")]
    pub total_tax: Decimal,
    /// What else is to be sent.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(OfflinePrice {});

/// A cost of a shipment beside products and delivery. All fields are required.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OfflineCost {
    /// `type`: which cost; of order lines `weee_surcharge` was seen.
    #[serde(rename = "type")]
    pub kind: String,
    /// Without tax.
    #[serde(with = "wire::decimal")]
    pub net: Decimal,
    /// The tax.
    #[serde(with = "wire::decimal")]
    pub tax: Decimal,
    /// With tax.
    #[serde(with = "wire::decimal")]
    pub gross: Decimal,
}

shows!(OfflineCost {});

/// How a shipment is paid.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfflinePaymentMethod {
    /// Its name, which is shown.
    pub name: String,
    /// ONe's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The ERP's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What else is to be sent.
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(OfflinePaymentMethod { id, external_id });

impl OfflinePaymentMethod {
    /// A way of paying by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), id: None, external_id: None, extra: Extra::default() }
    }

    /// ONe's id of it.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The ERP's id of it.
    #[must_use]
    pub fn with_external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }
}

/// A line. Names *documented*; what is required was cut, so SKU and quantity are *inferred* to be.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OfflineLine {
    /// The product.
    #[builder(into)]
    pub sku: Sku,
    /// How much, in content units.
    #[serde(with = "wire::decimal")]
    pub quantity_ordered_in_content_unit: Decimal,
    /// How much, in order units: deprecated by the vendor for order shipments, and filled by
    /// [`with_packing`](Self::with_packing).
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    #[builder(skip)]
    pub quantity_ordered: Option<Decimal>,
    /// How much was sent; the unit is not documented.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity_shipped: Option<Decimal>,
    /// The content unit's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_unit_code: Option<String>,
    /// The content unit's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_unit_name: Option<String>,
    /// The line's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// The product's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The manufacturer's code of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_index: Option<String>,
    /// The manufacturer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer_name: Option<String>,
    /// What was written to this line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// When the line last changed; sent in UTC and whole seconds, as order lines have it.
    #[serde(serialize_with = "wire::date::utc", skip_serializing_if = "Option::is_none")]
    pub last_change: Option<DateTime<Utc>>,
    /// What the line costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<OfflineLinePrice>,
    /// What else is to be sent.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(OfflineLine { sku, line_number });

impl OfflineLine {
    /// Tells the quantity in order units as well.
    ///
    /// # Errors
    ///
    /// `Invalid`: the quantity is no whole number of order units.
    pub fn with_packing(mut self, packing: Packing) -> Result<Self> {
        self.quantity_ordered = Some(packing.to_order(self.quantity_ordered_in_content_unit)?);
        Ok(self)
    }
}

/// What a line costs. The names after these three, in alphabetical order, were cut.
#[derive(Clone, PartialEq, Eq, Default, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfflineLinePrice {
    /// Per cent below the catalogue price.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub catalog_price_discount: Option<Decimal>,
    /// Gross value of the line.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub gross_value: Option<Decimal>,
    /// Net catalogue price.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub net_catalog_price: Option<Decimal>,
    /// What else is to be sent, for example `netValue`.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(OfflineLinePrice {});

/// Somebody to ask about an order. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct AuthorizedPerson {
    /// `userId`: ONe's id of the user.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

shows!(AuthorizedPerson { user_id });

/// `PUT /api/v1/orders/integrations/auth-required/offline-order/shipment`: adds an offline order's shipment, or replaces
/// the one with the same id (*documented*, so a repeat is harmless).
///
/// Method *documented*, path *path only*, body *inferred* from documented names: see [`OfflineOrder`]. The answer is not
/// documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutOfflineOrder<'a> {
    /// The shipment.
    pub order: &'a OfflineOrder,
}

impl<'a> PutOfflineOrder<'a> {
    /// One shipment.
    pub fn new(order: &'a OfflineOrder) -> Self {
        Self { order }
    }
}

impl Endpoint for PutOfflineOrder<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("orders").segment("offline-order").segment("shipment")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutOfflineOrder<'_> {
    const PATH: &'static str = "orders/…/offline-order/shipment";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .repeat(Evidence::Documented)
        .request(Evidence::Inferred)
        .rows(&["O17"]);
}

handle! {
    /// The calls about offline orders: `client.offline_orders()`.
    OfflineOrders
}

impl OfflineOrders<'_> {
    /// Adds or replaces one shipment.
    ///
    /// How far the wire is known: [`PutOfflineOrder`].
    ///
    /// ```
    /// use one_client::orders::{OfflineLine, OfflineOrder, OfflinePaymentMethod, OfflinePrice, Organization};
    /// use one_client::simulator::Simulator;
    /// use one_client::{Decimal, Packing};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    ///
    /// let line = OfflineLine::builder()
    ///     .sku("ŚRUBA-M8")
    ///     .quantity_ordered_in_content_unit(Decimal::from(200))
    ///     .content_unit_code("szt")
    ///     .build()
    ///     .with_packing(Packing::new(Decimal::from(100))?)?;
    /// let price = OfflinePrice::builder()
    ///     .delivery_net(Decimal::ZERO)
    ///     .products_net(Decimal::from(100))
    ///     .total_net(Decimal::from(100))
    ///     .total_tax(Decimal::from(23))
    ///     .total_gross(Decimal::from(123))
    ///     .build();
    /// let order = OfflineOrder::builder()
    ///     .id("ZO/7/2026/01")
    ///     .order_id("ZO/7/2026")
    ///     .organization(Organization::new("organization-1").with_external_id("KOWALSKI"))
    ///     .price(price)
    ///     .payment_method(OfflinePaymentMethod::new("Przelew 14 dni"))
    ///     .product_lines(vec![line])
    ///     .build();
    /// one.offline_orders().save(&order).await?;
    /// assert!(simulator.record("offline-orders", "ZO/7/2026/01").is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn save(&self, order: &OfflineOrder) -> Result<()> {
        self.client.send(&PutOfflineOrder::new(order)).await
    }
}
