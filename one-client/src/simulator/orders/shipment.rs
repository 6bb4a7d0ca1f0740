//! Order shipments. Names are *documented*, their nesting is *inferred* from the request for quotation.

use super::draft::{DraftAddress, DraftLine, OrderDraft};
use crate::simulator::SimulatorError;
use crate::simulator::call::Call;
use crate::simulator::number::exact;
use crate::simulator::refusal::Refusal;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// `GET /order/shipment`, by `orderId` and `shipmentId` (*inferred*).
pub(super) async fn get(call: Call) -> Result<Response, Refusal> {
    let given = call.parameters(&["orderId", "shipmentId"], &[])?;
    let books = call.books();
    let order = books
        .order(given.required("shipmentId"))
        .filter(|order| order.order_id == given.required("orderId"))
        .ok_or_else(|| Refusal::not_found("shipment"))?;
    let told =
        order.tell().map_err(|error| SimulatorError::io("the shipment does not encode", error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], told).into_response())
}

/// A shipment as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::simulator) struct Order {
    pub(in crate::simulator) order_id: String,
    pub(in crate::simulator) shipment_id: String,
    pub(in crate::simulator) draft: OrderDraft,
    pub(in crate::simulator) last_change: DateTime<Utc>,
    #[serde(default)]
    pub(in crate::simulator) payment_status: Option<String>,
}

impl Order {
    fn tell(&self) -> serde_json::Result<Vec<u8>> {
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
