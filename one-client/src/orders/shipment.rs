//! What an order shipment holds.

use crate::ids::{OrderId, OrganizationId, ShipmentId, Sku};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, open_enum, shows};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A sales order's shipment.
///
/// The whole JSON was never seen. Names of this level and of the lines come from the glossary
/// (*documented*), their nesting and types from the request for quotation's shipment, the closest
/// answer that is shown (*inferred*); `organization` is *inferred* altogether. Required are only the
/// ids, the lines, and of each line SKU, quantity and net price in content units: without them nothing
/// can be ordered; also the id of an organization and the net amount of a cost, where one comes at all.
/// Every unknown field is kept in `extra`, on every level.
///
/// Written back, a field that did not come is left out, but for those that the request for quotation shows as `null`.
/// `Debug` shows ids, no content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Shipment {
    /// The shipment's id.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: ShipmentId,
    /// The order it belongs to.
    #[serde(deserialize_with = "wire::text::required")]
    pub order_id: OrderId,
    /// The client (*inferred*, by analogy with offline orders).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The lines. The field must be there, be it empty: an order without its lines is no order.
    pub product_lines: Vec<ProductLine>,
    /// Coupon that was used.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub order_coupon_code: Option<String>,
    /// The client's own order number.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub customer_purchase_number: Option<String>,
    /// How it is delivered, and what that costs (*inferred*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<DeliveryMethod>,
    /// How it is paid (*inferred*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// What the client wrote (*inferred*).
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Shipment { id, order_id });

/// The client of an order: a business. `id` is required in offline orders (*documented*); that an order born on ONe has
/// it too is *inferred*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Organization {
    /// ONe's id.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: OrganizationId,
    /// The ERP's id, if ONe was told.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

impl Organization {
    /// A business by ONe's id.
    pub fn new(id: impl Into<OrganizationId>) -> Self {
        Self { id: id.into(), external_id: None, extra: Extra::default() }
    }

    /// The ERP's id of it.
    #[must_use]
    pub fn with_external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }
}

/// One line of a shipment. Names *documented*, nesting *inferred*.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductLine {
    /// The product.
    #[serde(deserialize_with = "wire::text::required")]
    pub sku: Sku,
    /// Its name as the client saw it.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The line's number; in the seen example a path, `RFQ/3/2022/01/01`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// How much, in content units.
    #[serde(with = "wire::decimal")]
    pub quantity_ordered_in_content_unit: Decimal,
    /// How much, in order units; deprecated by the vendor.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity_ordered: Option<Decimal>,
    /// The content unit, for example `pack`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub content_unit_code: Option<String>,
    /// What one content unit and the whole line cost.
    pub price: LinePrice,
    /// When the line last changed (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<DateTime<Utc>>,
    /// Statistical number (PKWiU).
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub pkwiu: Option<String>,
    /// Tax group code (GTU).
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub gtu: Option<String>,
    /// Whether split payment applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_payment: Option<bool>,
    /// Kind of cable, for goods cut to length.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub cable_type: Option<String>,
    /// The manufacturer.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub manufacturer_id: Option<String>,
    /// The line's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub product_line_id: Option<String>,
    /// The line it belongs to, for a product of several parts.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub parent_product_line_id: Option<String>,
    /// What the client wrote to this line (*inferred*).
    #[serde(default, deserialize_with = "wire::text::option")]
    pub notes: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(ProductLine { line_number, sku });

/// Prices of a line. Names *documented*; in the seen example `netValue` is
/// `netContentUnitPrice` × `quantityOrderedInContentUnit`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinePrice {
    /// Net price of one content unit.
    #[serde(with = "wire::decimal")]
    pub net_content_unit_price: Decimal,
    /// Gross price of one content unit.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub gross_content_unit_price: Option<Decimal>,
    /// Net price of one order unit.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub net_unit_price: Option<Decimal>,
    /// Net price before discounts.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub base_price_net: Option<Decimal>,
    /// Discount on it.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub base_price_discount: Option<Decimal>,
    /// Where it comes from; the words are unknown.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub base_price_type: Option<String>,
    /// Net value of the line.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub net_value: Option<Decimal>,
    /// Tax of the line.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub tax_value: Option<Decimal>,
    /// Tax rate; whether a fraction or per cent is unknown.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<Decimal>,
    /// Gross value of the line.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub gross_value: Option<Decimal>,
    /// Net catalogue price.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub net_catalog_price: Option<Decimal>,
    /// Per cent below the catalogue price.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub catalog_price_discount: Option<Decimal>,
    /// Costs beside the price, for example of waste equipment.
    #[serde(default, deserialize_with = "wire::list")]
    pub additional_costs: Vec<AdditionalCost>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(LinePrice {});

/// A cost beside the price of a line. `type`, `contentUnitNet`, `contentUnitTax` *documented*, the
/// rest *inferred*.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdditionalCost {
    /// `type`: which cost, for example `weee_surcharge`; an open set.
    #[serde(
        default,
        deserialize_with = "wire::text::option",
        rename = "type",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<String>,
    /// Net, per content unit.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub content_unit_net: Option<Decimal>,
    /// Tax, per content unit.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub content_unit_tax: Option<Decimal>,
    /// Gross, per content unit.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub content_unit_gross: Option<Decimal>,
    /// Net, for the line.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub total_net: Option<Decimal>,
    /// Tax, for the line.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub total_tax: Option<Decimal>,
    /// Gross, for the line.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub total_gross: Option<Decimal>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(AdditionalCost {});

open_enum! {
    /// How goods reach the client (*example only*; an open set).
    DeliveryType {
        /// The client collects them.
        ClickAndCollect = "CLICK_AND_COLLECT",
        /// They come through another warehouse.
        CrossDocking = "CROSS_DOCKING",
    }
}

/// Delivery of a shipment (*inferred* from the request for quotation).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeliveryMethod {
    /// ONe's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The ERP's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `type`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<DeliveryType>,
    /// The day the client asks for.
    #[serde(default, deserialize_with = "wire::date::option", skip_serializing_if = "Option::is_none")]
    pub delivery_date_required: Option<NaiveDate>,
    /// What the delivery costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amounts>,
    /// Where to.
    #[serde(default)]
    pub address: Option<Address>,
    /// Where the client collects, for example a warehouse.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub pickup_point_id: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(DeliveryMethod { id, external_id });

open_enum! {
    /// How it is paid (*example only*, of an offer; an open set).
    PaymentType {
        /// Before delivery.
        Prepaid = "PREPAID",
    }
}

/// Payment of a shipment (*inferred* from the request for quotation) or of an offer (*example only*).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentMethod {
    /// ONe's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The ERP's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `type`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentType>,
    /// What paying so costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Amounts>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(PaymentMethod { id, external_id });

/// An amount without and with tax (*example only*).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Amounts {
    /// Without tax.
    #[serde(with = "wire::decimal")]
    pub net: Decimal,
    /// The tax.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub tax: Option<Decimal>,
    /// With tax.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub gross: Option<Decimal>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Amounts {});

/// A delivery address (*inferred*: only `null` was seen; the names are those of client addresses, and
/// all four spellings of the postal code in use are read, quirk Q9). `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Address {
    /// Who.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Street and number.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(
        default,
        deserialize_with = "wire::text::option",
        alias = "zip",
        alias = "postalCode",
        alias = "postCode",
        skip_serializing_if = "Option::is_none"
    )]
    pub zip_code: Option<String>,
    /// Country.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Address {});

keeps_extra!(
    Shipment,
    Organization,
    ProductLine,
    LinePrice,
    AdditionalCost,
    DeliveryMethod,
    PaymentMethod,
    Amounts,
    Address,
);
