//! What makes it another order if it changes.

use chrono::NaiveDate;
use one_client::{Address, Amounts, ProductLine, Shipment};
use rust_decimal::Decimal;
use serde::Serialize;
use sync_core::{Fingerprint, Reason};

use super::bare_organization;
use crate::exact;

/// The business fields of a shipment: who, what, how many, at which price, where to, with which wishes. Not its stamps,
/// its payment's state, or anything of the settings: none of these makes another order.
#[derive(Serialize)]
pub(super) struct Business<'a> {
    organization: Option<&'a str>,
    number: Option<&'a str>,
    notes: Option<&'a str>,
    coupon: Option<&'a str>,
    day: Option<NaiveDate>,
    way: [Option<&'a str>; 3],
    address: Option<[Option<&'a str>; 6]>,
    delivery_cost: Option<Exact>,
    payment_cost: Option<Exact>,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    sku: &'a str,
    unit: Option<&'a str>,
    quantity: Exact,
    price: Exact,
    notes: Option<&'a str>,
    costs: Vec<(Option<&'a str>, Option<Exact>, Option<Exact>)>,
}

#[derive(Serialize)]
struct Exact(#[serde(serialize_with = "exact::serialize")] Decimal);

impl<'a> Business<'a> {
    pub(super) fn hash_of(shipment: &'a Shipment) -> Result<Fingerprint, Reason> {
        Fingerprint::of(&Self::of(shipment)).map_err(Reason::from)
    }

    fn of(shipment: &'a Shipment) -> Self {
        let delivery = shipment.delivery_method.as_ref();
        let payment = shipment.payment_method.as_ref();
        Self {
            organization: shipment.organization.as_ref().map(|o| bare_organization(o.id.as_str())),
            number: shipment.customer_purchase_number.as_deref(),
            notes: shipment.notes.as_deref(),
            coupon: shipment.order_coupon_code.as_deref(),
            day: delivery.and_then(|d| d.delivery_date_required),
            way: [
                delivery.and_then(|d| d.id.as_deref()),
                delivery.and_then(|d| d.external_id.as_deref()),
                delivery.and_then(|d| d.pickup_point_id.as_deref()),
            ],
            address: delivery.and_then(|d| d.address.as_ref()).map(address),
            delivery_cost: delivery.and_then(|d| d.cost.as_ref()).map(net),
            payment_cost: payment.and_then(|p| p.price.as_ref()).map(net),
            lines: shipment.product_lines.iter().map(line).collect(),
        }
    }
}

fn net(amounts: &Amounts) -> Exact {
    Exact(amounts.net)
}

fn address(address: &Address) -> [Option<&str>; 6] {
    [
        address.name.as_deref(),
        address.street.as_deref(),
        address.zip_code.as_deref(),
        address.city.as_deref(),
        address.country.as_deref(),
        address.phone.as_deref(),
    ]
}

fn line(line: &ProductLine) -> Line<'_> {
    Line {
        sku: line.sku.as_str(),
        unit: line.content_unit_code.as_deref(),
        quantity: Exact(line.quantity_ordered_in_content_unit),
        price: Exact(line.price.net_content_unit_price),
        notes: line.notes.as_deref(),
        costs: line
            .price
            .additional_costs
            .iter()
            .map(|cost| (cost.kind.as_deref(), cost.total_net.map(Exact), cost.content_unit_net.map(Exact)))
            .collect(),
    }
}
