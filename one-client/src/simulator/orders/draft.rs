//! What a test asks for as an order.

use crate::simulator::SimulatorError;
use crate::simulator::number::{exact, exact_option};
use chrono::NaiveDate;
use rust_decimal::Decimal;
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

    /// Whether everything that is told of the line can be calculated.
    fn reckoned(&self) -> Option<()> {
        let packing = self.packing_quantity.unwrap_or(Decimal::ONE);
        let gross = self.tax_rate.unwrap_or(Decimal::ONE).abs().checked_add(Decimal::ONE)?;
        for price in [self.net_price, self.additional_cost].into_iter().flatten() {
            price.checked_mul(packing)?;
            price.checked_mul(gross)?;
            price.checked_mul(self.quantity)?.checked_mul(gross)?;
        }
        self.quantity.checked_div(packing).map(|_| ())
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
    pub(in crate::simulator) fn price(
        &mut self,
        retail: impl Fn(&str) -> Option<Decimal>,
    ) -> Result<(), SimulatorError> {
        if self.lines.is_empty() {
            return Err(SimulatorError::new("an order needs a line"));
        }
        if self.delivery_cost.checked_mul(Decimal::TWO).is_none() {
            return Err(SimulatorError::new("the delivery cost is beyond reckoning"));
        }
        for line in &mut self.lines {
            if line.net_price.is_none() {
                line.net_price = retail(&line.sku);
            }
            if line.net_price.is_none() {
                return Err(SimulatorError::new(format!("{} has no retail price; give one", line.sku)));
            }
            if line.reckoned().is_none() {
                return Err(SimulatorError::new(format!("the numbers of {} are beyond reckoning", line.sku)));
            }
        }
        Ok(())
    }
}
