//! What makes it another order if it changes.

use chrono::NaiveDate;
use one_client::orders::{Address, ProductLine, Shipment};
use rust_decimal::Decimal;
use serde::Serialize;
use sync_core::{Fingerprint, Reason};

use super::bare_organization;
use crate::exact;

/// The business fields of a shipment: who, what, how many, at which price, where to, with which wishes. Not its stamps,
/// its payment's state, or anything of the settings: none of these makes another order. Nor does another spelling of the
/// same: a blank text is no text, a cost of zero is no cost, and the order of the lines does not count.
#[derive(Serialize)]
pub(super) struct Business<'a> {
    organization: Option<&'a str>,
    number: Option<&'a str>,
    notes: Option<&'a str>,
    coupon: Option<&'a str>,
    day: Option<NaiveDate>,
    way: [Option<&'a str>; 4],
    address: Option<[Option<&'a str>; 6]>,
    delivery_cost: Option<Exact>,
    payment_cost: Option<Exact>,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Line<'a> {
    sku: &'a str,
    unit: Option<&'a str>,
    quantity: Exact,
    price: Exact,
    notes: Option<&'a str>,
    costs: Vec<(Option<&'a str>, Option<Exact>, Option<Exact>)>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Exact(#[serde(serialize_with = "exact::serialize")] Decimal);

impl<'a> Business<'a> {
    pub(super) fn hash_of(shipment: &'a Shipment) -> Result<Fingerprint, Reason> {
        Fingerprint::of(&Self::of(shipment)).map_err(Reason::from)
    }

    fn of(shipment: &'a Shipment) -> Self {
        let delivery = shipment.delivery_method.as_ref();
        let payment = shipment.payment_method.as_ref();
        let mut lines: Vec<Line<'a>> = shipment.product_lines.iter().map(line).collect();
        lines.sort();
        Self {
            organization: shipment.organization.as_ref().map(|o| bare_organization(o.id.as_str())),
            number: told(&shipment.customer_purchase_number),
            notes: told(&shipment.notes),
            coupon: told(&shipment.order_coupon_code),
            day: delivery.and_then(|d| d.delivery_date_required),
            way: [
                delivery.and_then(|d| told(&d.id)),
                delivery.and_then(|d| told(&d.external_id)),
                delivery.and_then(|d| told(&d.name)),
                delivery.and_then(|d| told(&d.pickup_point_id)),
            ],
            address: delivery.and_then(|d| d.address.as_ref()).and_then(address),
            delivery_cost: delivery.and_then(|d| d.cost.as_ref()).and_then(|cost| charged(Some(cost.net))),
            payment_cost: payment.and_then(|p| p.price.as_ref()).and_then(|cost| charged(Some(cost.net))),
            lines,
        }
    }
}

fn told(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn charged(cost: Option<Decimal>) -> Option<Exact> {
    cost.filter(|cost| !cost.is_zero()).map(Exact)
}

fn address(address: &Address) -> Option<[Option<&str>; 6]> {
    let Address { name, street, zip_code, city, country, phone, .. } = address;
    let parts = [told(name), told(street), told(zip_code), told(city), told(country), told(phone)];
    parts.iter().any(Option::is_some).then_some(parts)
}

fn line(line: &ProductLine) -> Line<'_> {
    let costs = line.price.additional_costs.iter();
    let mut costs: Vec<_> = costs
        .map(|cost| (told(&cost.kind), charged(cost.total_net), charged(cost.content_unit_net)))
        .collect();
    costs.sort();
    Line {
        sku: line.sku.as_str(),
        unit: told(&line.content_unit_code),
        quantity: Exact(line.quantity_ordered_in_content_unit),
        price: Exact(line.price.net_content_unit_price),
        notes: told(&line.notes),
        costs,
    }
}

#[cfg(test)]
mod tests {
    use super::Business;

    fn hash(shipment: &str) -> sync_core::Fingerprint {
        Business::hash_of(&serde_json::from_str(shipment).unwrap()).unwrap()
    }

    const ORDER: &str = r#"{"id": "S", "orderId": "O", "organization": {"id": "org:1"}, "notes": null, "productLines": [
        {"sku": "A", "quantityOrderedInContentUnit": 1, "price": {"netContentUnitPrice": 2.50}},
        {"sku": "B", "quantityOrderedInContentUnit": 2, "price": {"netContentUnitPrice": 3}}]}"#;

    #[test]
    fn another_spelling_of_the_same_is_the_same_order() {
        let respelt = r#"{"id": "S", "orderId": "O", "organization": {"id": "1"}, "notes": " ", "customerPurchaseNumber": "",
            "deliveryMethod": {"cost": {"net": 0.00}, "address": {"city": ""}}, "paymentMethod": {"id": "card"}, "productLines": [
            {"sku": "B", "quantityOrderedInContentUnit": 2.0, "price": {"netContentUnitPrice": 3.00}, "lineNumber": "2"},
            {"sku": "A", "quantityOrderedInContentUnit": 1, "price": {"netContentUnitPrice": 2.5}}]}"#;
        assert_eq!(hash(ORDER), hash(respelt));
    }

    #[test]
    fn what_the_buyer_asks_for_makes_another_order() {
        let changes = [
            ("\"sku\": \"A\"", "\"sku\": \"C\""),
            ("2.50", "2.51"),
            ("\"notes\": null", "\"notes\": \"x\""),
            ("org:1", "org:2"),
            ("\"notes\": null", "\"deliveryMethod\": {\"name\": \"Kurier\"}"),
            ("\"notes\": null", "\"deliveryMethod\": {\"pickupPointId\": \"WRO\"}"),
            ("\"notes\": null", "\"deliveryMethod\": {\"cost\": {\"net\": 1}}"),
        ];
        for (from, to) in changes {
            assert_ne!(hash(ORDER), hash(&ORDER.replacen(from, to, 1)), "{to}");
        }
    }
}
