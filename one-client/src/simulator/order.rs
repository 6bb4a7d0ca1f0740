//! Orders: what a test asks for, and how a shipment is told.

use super::SimulatorError;
use super::number::{exact, exact_option};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An order to place. Also the JSON of `POST /_sim/orders`, in camel case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct OrderDraft {
    /// ONe's id of the client.
    pub organization_id: String,
    /// The ERP's id of the client.
    #[serde(default)]
    pub organization_external_id: Option<String>,
    /// The lines.
    pub lines: Vec<DraftLine>,
    /// The client's own order number.
    #[serde(default)]
    pub customer_purchase_number: Option<String>,
    /// What the client wrote.
    #[serde(default)]
    pub notes: Option<String>,
    /// Net cost of the delivery; 0 by default. It bears 23 % tax.
    #[serde(default, with = "exact")]
    pub delivery_cost: Decimal,
    /// The ERP's id of the delivery method.
    #[serde(default)]
    pub delivery_external_id: Option<String>,
    /// The day the client asks for.
    #[serde(default)]
    pub delivery_date: Option<NaiveDate>,
    /// Where to; without one the client collects.
    #[serde(default)]
    pub delivery_address: Option<DraftAddress>,
    /// The ERP's id of the payment method.
    #[serde(default)]
    pub payment_external_id: Option<String>,
}

/// A line of an [`OrderDraft`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct DraftLine {
    /// The product.
    pub sku: String,
    /// Its name; the SKU by default.
    #[serde(default)]
    pub name: Option<String>,
    /// How much, in content units.
    #[serde(with = "exact")]
    pub quantity: Decimal,
    /// Code of the content unit; told as null by default.
    #[serde(default)]
    pub unit: Option<String>,
    /// Net price of one content unit; the retail price by default.
    #[serde(default, with = "exact_option")]
    pub net_price: Option<Decimal>,
    /// Content units per order unit; 1 by default.
    #[serde(default, with = "exact_option")]
    pub packing_quantity: Option<Decimal>,
    /// Tax as a fraction; 0.23 by default.
    #[serde(default, with = "exact_option")]
    pub tax_rate: Option<Decimal>,
    /// An additional net cost per content unit, told as `weee_surcharge`.
    #[serde(default, with = "exact_option")]
    pub additional_cost: Option<Decimal>,
}

/// Where an order goes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DraftAddress {
    /// Who.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub zip_code: String,
    /// Country.
    pub country: String,
    /// Telephone.
    pub phone: String,
}

impl DraftAddress {
    /// An address in Poland.
    pub fn new(
        name: impl Into<String>,
        street: impl Into<String>,
        zip_code: impl Into<String>,
        city: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            street: street.into(),
            zip_code: zip_code.into(),
            city: city.into(),
            country: "PL".to_owned(),
            phone: String::new(),
        }
    }
}

impl DraftLine {
    /// A line at the retail price.
    pub fn new(sku: impl Into<String>, quantity: Decimal) -> Self {
        Self {
            sku: sku.into(),
            name: None,
            quantity,
            unit: None,
            net_price: None,
            packing_quantity: None,
            tax_rate: None,
            additional_cost: None,
        }
    }

    /// At this net price of one content unit.
    #[must_use]
    pub fn priced(mut self, net_price: Decimal) -> Self {
        self.net_price = Some(net_price);
        self
    }

    /// In this content unit.
    #[must_use]
    pub fn in_unit(mut self, code: impl Into<String>) -> Self {
        self.unit = Some(code.into());
        self
    }
}

impl OrderDraft {
    /// An order of this client, without lines.
    pub fn new(organization_id: impl Into<String>) -> Self {
        Self {
            organization_id: organization_id.into(),
            organization_external_id: None,
            lines: Vec::new(),
            customer_purchase_number: None,
            notes: None,
            delivery_cost: Decimal::ZERO,
            delivery_external_id: None,
            delivery_date: None,
            delivery_address: None,
            payment_external_id: None,
        }
    }

    /// The ERP's id of the client.
    #[must_use]
    pub fn organization_external_id(mut self, id: impl Into<String>) -> Self {
        self.organization_external_id = Some(id.into());
        self
    }

    /// Adds a line at the retail price.
    #[must_use]
    pub fn line(mut self, sku: impl Into<String>, quantity: Decimal) -> Self {
        self.lines.push(DraftLine::new(sku, quantity));
        self
    }

    /// Adds a line at this net price of one content unit.
    #[must_use]
    pub fn priced_line(mut self, sku: impl Into<String>, quantity: Decimal, net_price: Decimal) -> Self {
        self.lines.push(DraftLine::new(sku, quantity).priced(net_price));
        self
    }

    /// Adds a line that says everything itself.
    #[must_use]
    pub fn with_line(mut self, line: DraftLine) -> Self {
        self.lines.push(line);
        self
    }

    /// What the client wrote.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// The client's own order number.
    #[must_use]
    pub fn customer_purchase_number(mut self, number: impl Into<String>) -> Self {
        self.customer_purchase_number = Some(number.into());
        self
    }

    /// Net cost of the delivery.
    #[must_use]
    pub fn delivery_cost(mut self, net: Decimal) -> Self {
        self.delivery_cost = net;
        self
    }

    /// Where to.
    #[must_use]
    pub fn delivery_address(mut self, address: DraftAddress) -> Self {
        self.delivery_address = Some(address);
        self
    }

    /// Fills in retail prices.
    pub(super) fn price(&mut self, retail: impl Fn(&str) -> Option<Decimal>) -> Result<(), SimulatorError> {
        if self.lines.is_empty() {
            return Err(SimulatorError::new("an order needs a line"));
        }
        for line in &mut self.lines {
            if line.net_price.is_none() {
                line.net_price = retail(&line.sku);
            }
            if line.net_price.is_none() {
                return Err(SimulatorError::new(format!("{} has no retail price; give one", line.sku)));
            }
        }
        Ok(())
    }
}

/// A shipment as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) order_id: String,
    pub(super) shipment_id: String,
    pub(super) draft: OrderDraft,
    pub(super) last_change: DateTime<Utc>,
    #[serde(default)]
    pub(super) payment_status: Option<String>,
}

impl Order {
    /// The answer to `GET …/order/shipment`.
    pub(super) fn tell(&self) -> serde_json::Result<Vec<u8>> {
        let draft = &self.draft;
        let last_change = self.last_change.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let lines =
            draft.lines.iter().enumerate().map(|(index, line)| self.line(index + 1, line, &last_change));
        let address = draft.delivery_address.as_ref();
        serde_json::to_vec(&TellShipment {
            id: &self.shipment_id,
            order_id: &self.order_id,
            order_coupon_code: None,
            customer_purchase_number: draft.customer_purchase_number.as_deref(),
            organization: TellOrganization {
                id: &draft.organization_id,
                external_id: draft.organization_external_id.as_deref(),
            },
            product_lines: lines.collect(),
            delivery_method: TellDelivery {
                id: "00000000-0000-4000-8000-000000000023",
                external_id: draft.delivery_external_id.as_deref(),
                delivery_date_required: draft.delivery_date,
                cost: TellAmounts::taxed(draft.delivery_cost, default_tax()),
                kind: if address.is_some() { "CROSS_DOCKING" } else { "CLICK_AND_COLLECT" },
                address,
                pickup_point_id: None,
            },
            payment_method: TellPayment {
                id: "00000000-0000-4000-8000-000000000024",
                external_id: draft.payment_external_id.as_deref(),
                price: TellAmounts::taxed(Decimal::ZERO, Decimal::ZERO),
            },
            notes: draft.notes.as_deref(),
            payment_status: self.payment_status.as_deref(),
        })
    }

    fn line<'a>(&'a self, number: usize, line: &'a DraftLine, last_change: &'a str) -> TellLine<'a> {
        let net_price = line.net_price.unwrap_or_default();
        let packing = line.packing_quantity.filter(|packing| !packing.is_zero()).unwrap_or(Decimal::ONE);
        let tax_rate = line.tax_rate.unwrap_or_else(default_tax);
        let value = TellAmounts::taxed(line.quantity * net_price, tax_rate);
        let costs = line.additional_cost.map(|net| {
            let unit = TellAmounts::taxed(net, tax_rate);
            let total = TellAmounts::taxed(net * line.quantity, tax_rate);
            TellCost {
                kind: "weee_surcharge",
                content_unit_net: unit.net,
                content_unit_tax: unit.tax,
                content_unit_gross: unit.gross,
                total_net: total.net,
                total_tax: total.tax,
                total_gross: total.gross,
            }
        });
        TellLine {
            sku: &line.sku,
            name: line.name.as_deref().unwrap_or(&line.sku),
            line_number: format!("{}/{number:02}", self.shipment_id),
            // Converted to order units, the decimal part is dropped (documented).
            quantity_ordered: (line.quantity / packing).trunc(),
            quantity_ordered_in_content_unit: line.quantity,
            price: TellPrice {
                net_unit_price: net_price * packing,
                net_content_unit_price: net_price,
                gross_content_unit_price: cents(net_price * (Decimal::ONE + tax_rate)),
                net_catalog_price: net_price * packing,
                catalog_price_discount: Decimal::ZERO,
                net_value: value.net,
                tax_value: value.tax,
                tax_rate,
                gross_value: value.gross,
                additional_costs: costs.into_iter().collect(),
            },
            content_unit_code: line.unit.as_deref(),
            last_change,
            notes: None,
            applied_campaigns: [],
        }
    }
}

fn default_tax() -> Decimal {
    Decimal::new(23, 2)
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellShipment<'a> {
    id: &'a str,
    order_id: &'a str,
    order_coupon_code: Option<&'a str>,
    customer_purchase_number: Option<&'a str>,
    organization: TellOrganization<'a>,
    product_lines: Vec<TellLine<'a>>,
    delivery_method: TellDelivery<'a>,
    payment_method: TellPayment<'a>,
    notes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_status: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellOrganization<'a> {
    id: &'a str,
    external_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellLine<'a> {
    sku: &'a str,
    name: &'a str,
    line_number: String,
    #[serde(with = "exact")]
    quantity_ordered: Decimal,
    #[serde(with = "exact")]
    quantity_ordered_in_content_unit: Decimal,
    price: TellPrice,
    content_unit_code: Option<&'a str>,
    last_change: &'a str,
    notes: Option<&'a str>,
    applied_campaigns: [&'a str; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellPrice {
    #[serde(with = "exact")]
    net_unit_price: Decimal,
    #[serde(with = "exact")]
    net_content_unit_price: Decimal,
    #[serde(with = "exact")]
    gross_content_unit_price: Decimal,
    #[serde(with = "exact")]
    net_catalog_price: Decimal,
    #[serde(with = "exact")]
    catalog_price_discount: Decimal,
    #[serde(with = "exact")]
    net_value: Decimal,
    #[serde(with = "exact")]
    tax_value: Decimal,
    #[serde(with = "exact")]
    tax_rate: Decimal,
    #[serde(with = "exact")]
    gross_value: Decimal,
    additional_costs: Vec<TellCost>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellCost {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(with = "exact")]
    content_unit_net: Decimal,
    #[serde(with = "exact")]
    content_unit_tax: Decimal,
    #[serde(with = "exact")]
    content_unit_gross: Decimal,
    #[serde(with = "exact")]
    total_net: Decimal,
    #[serde(with = "exact")]
    total_tax: Decimal,
    #[serde(with = "exact")]
    total_gross: Decimal,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellDelivery<'a> {
    id: &'a str,
    external_id: Option<&'a str>,
    delivery_date_required: Option<NaiveDate>,
    cost: TellAmounts,
    #[serde(rename = "type")]
    kind: &'a str,
    address: Option<&'a DraftAddress>,
    pickup_point_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TellPayment<'a> {
    id: &'a str,
    external_id: Option<&'a str>,
    price: TellAmounts,
}

#[derive(Serialize)]
struct TellAmounts {
    #[serde(with = "exact")]
    net: Decimal,
    #[serde(with = "exact")]
    tax: Decimal,
    #[serde(with = "exact")]
    gross: Decimal,
}

impl TellAmounts {
    fn taxed(net: Decimal, rate: Decimal) -> Self {
        let net = cents(net);
        let tax = cents(net * rate);
        Self { net, tax, gross: net + tax }
    }
}
