//! What a goods issued or received note holds.

use crate::ids::{ClientId, DocumentNumber, Sku};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Error, Result};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A goods issued note (WZ) or goods received note, its correction: the same fields (*documented*).
///
/// The JSON was never seen. Names come from the glossary (*documented*), where nesting is printed as
/// arrows; types, and whether `base` stands under `prices` or beside it and `manufacturer` is an object,
/// are *inferred*. Days are written `yyyy-MM-dd` (*inferred*). Only the number is required here. Unknown
/// fields of an answer are kept in `extra`, on every level.
///
/// `Debug` shows the number alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNote {
    /// The number.
    #[builder(into)]
    #[serde(deserialize_with = "wire::text::required")]
    pub number: DocumentNumber,
    /// The client.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Notes.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The client's own order number.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub purchase_order_number: Option<String>,
    /// The note's day.
    #[serde(default, deserialize_with = "wire::date::option", skip_serializing_if = "Option::is_none")]
    pub document_date: Option<NaiveDate>,
    /// When it was sold.
    #[serde(default, deserialize_with = "wire::date::option", skip_serializing_if = "Option::is_none")]
    pub sale_date: Option<NaiveDate>,
    /// When it is delivered.
    #[serde(default, deserialize_with = "wire::date::option", skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<NaiveDate>,
    /// The lines.
    #[builder(default)]
    #[serde(default, deserialize_with = "wire::list", skip_serializing_if = "Vec::is_empty")]
    pub product_lines: Vec<GoodsNoteLine>,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<GoodsNoteAddress>,
    /// How it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<IdAndName>,
    /// How it is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<IdAndName>,
    /// The warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<IdAndName>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<IdAndName>,
    /// The sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<GoodsNotePrices>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNote { number });

impl GoodsNote {
    /// Checks what the vendor demands of line numbers: where the note refers to a sales order, they start
    /// at 1 (*documented*; that the smallest of them is meant is *inferred*). Saving does this.
    ///
    /// # Errors
    ///
    /// `Invalid`: a line refers to a sales order, and no line has the number 1 or one has a smaller one.
    pub fn check(&self) -> Result<()> {
        let refers = |line: &GoodsNoteLine| {
            line.sales_order_reference_number.is_some() || line.sales_order_line_number.is_some()
        };
        let first = self.product_lines.iter().filter_map(|line| line.line_number).min();
        if self.product_lines.iter().any(refers) && first != Some(1) {
            let fault =
                "nothing was sent: the note refers to a sales order, so its line numbers must start at 1";
            return Err(Error::invalid(fault));
        }
        Ok(())
    }
}

/// One line of a goods note. `Debug` shows its number alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteLine {
    /// The line's number. It starts at 1 where the note refers to a sales order (*documented*). A whole
    /// number is *inferred*; one in quotes is read as well.
    #[serde(default, deserialize_with = "wire::text::parsed", skip_serializing_if = "Option::is_none")]
    pub line_number: Option<u32>,
    /// The line of the sales order.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub sales_order_line_number: Option<String>,
    /// The sales order.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub sales_order_reference_number: Option<String>,
    /// Notes.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// How much; of which unit is not said, `product.unit` is the likely one (*inferred*).
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<GoodsNoteProduct>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<GoodsNoteLinePrices>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteLine { line_number });

/// A product on a line. `Debug` shows the SKU alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteProduct {
    /// GTIN (EAN).
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// The SKU.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// The manufacturer's index.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub manufacturer_index: Option<String>,
    /// The name.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Statistical number (PKWiU).
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub pkwiu: Option<String>,
    /// The unit.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The manufacturer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<GoodsNoteManufacturer>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteProduct { sku });

/// A manufacturer on a line (an object: *inferred*).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteManufacturer {
    /// The name.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteManufacturer { name });

/// Prices of a line. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteLinePrices {
    /// Tax rate; whether a fraction or per cent is unknown.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<Decimal>,
    /// Discount; whether per cent or an amount is unknown.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub discount: Option<Decimal>,
    /// Costs beside the price.
    #[builder(default)]
    #[serde(default, deserialize_with = "wire::list", skip_serializing_if = "Vec::is_empty")]
    pub additional_costs: Vec<GoodsNoteCost>,
    /// The price itself. That it stands here is *inferred*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<GoodsNoteAmounts>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteLinePrices {});

/// A cost beside the price of a line. `Debug` shows the kind alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteCost {
    /// `type`: which cost; the words are unknown.
    #[builder(into)]
    #[serde(
        rename = "type",
        default,
        deserialize_with = "wire::text::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<String>,
    /// For one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<GoodsNoteAmounts>,
    /// For the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<GoodsNoteAmounts>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteCost { kind });

/// The sums of a goods note. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNotePrices {
    /// All lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<GoodsNoteAmounts>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNotePrices {});

/// An amount without and with tax; in which currency is not said. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteAmounts {
    /// Without tax.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub net: Option<Decimal>,
    /// With tax.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub gross: Option<Decimal>,
    /// The tax.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub tax: Option<Decimal>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteAmounts {});

impl GoodsNoteAmounts {
    /// Net, gross and tax as the ERP has them; nothing is calculated.
    pub fn new(net: Decimal, gross: Decimal, tax: Decimal) -> Self {
        Self::builder().net(net).gross(gross).tax(tax).build()
    }
}

/// A delivery address. The postal code is `postCode` here and nowhere else (quirk Q9). `Debug` shows
/// nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct GoodsNoteAddress {
    /// Who.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Street and number.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub post_code: Option<String>,
    /// Country.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(GoodsNoteAddress {});

/// A method, warehouse or operator. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct IdAndName {
    /// The id; whose is not said.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name.
    #[builder(into)]
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else came, or is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(IdAndName { id });

impl IdAndName {
    /// Both.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self::builder().id(id).name(name).build()
    }
}

keeps_extra!(
    GoodsNote,
    GoodsNoteLine,
    GoodsNoteProduct,
    GoodsNoteManufacturer,
    GoodsNoteLinePrices,
    GoodsNoteCost,
    GoodsNotePrices,
    GoodsNoteAmounts,
    GoodsNoteAddress,
    IdAndName,
);
