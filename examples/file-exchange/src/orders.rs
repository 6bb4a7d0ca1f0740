//! ONe's orders as files: one shipment, one file.

use std::path::Path;

use one_client::orders::Shipment;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sync_core::files::{NumberFormat, OrderFiles, TextEncoding};
use sync_core::{Act, Key, Links, Mapped, Mapper, NewAct, Reason};

/// Kind of the acts.
pub(crate) const KIND: &str = "order-file";

/// What a file holds, frozen when the order is read.
#[derive(Serialize, Deserialize)]
struct Order {
    shipment: String,
    organization: String,
    lines: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    sku: String,
    #[serde(with = "exact")]
    quantity: Decimal,
    #[serde(with = "exact")]
    net_price: Decimal,
}

/// Decimals as text: their digits stay as they are.
mod exact {
    use rust_decimal::Decimal;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[derive(Debug)]
pub(crate) struct OrderMapper;

impl Mapper<Shipment> for OrderMapper {
    type Out = NewAct;

    fn map(&self, _key: &Key, shipment: Shipment, _links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let organization = shipment.organization.ok_or_else(|| Reason::new("no-client"))?;
        let lines = shipment.product_lines.into_iter().map(|line| Line {
            sku: line.sku.as_str().to_owned(),
            quantity: line.quantity_ordered_in_content_unit.normalize(),
            net_price: line.price.net_content_unit_price.normalize(),
        });
        let order = Order {
            shipment: shipment.id.as_str().to_owned(),
            organization: organization.id.as_str().to_owned(),
            lines: lines.collect(),
        };
        let op_key = format!("order-file:{}", order.shipment);
        NewAct::new(op_key, order.shipment.as_str(), KIND, &order, &order)
            .map(Mapped::Send)
            .map_err(Reason::from)
    }
}

/// Writes the files: CSV in Windows-1250, as the ERP imports it.
pub(crate) fn files(folder: &Path) -> OrderFiles {
    OrderFiles::new(folder, "csv", content)
}

fn content(act: &Act) -> Result<Vec<u8>, Reason> {
    let order: Order = act.payload.decode().map_err(Reason::from)?;
    let numbers = NumberFormat::comma();
    let mut text = String::from("Zamowienie;Klient;Symbol;Ilosc;Cena netto\r\n");
    for line in &order.lines {
        let texts = [&order.shipment, &order.organization, &line.sku];
        if texts.iter().any(|text| text.contains([';', '"', '\r', '\n'])) {
            return Err(
                Reason::new("not-for-csv").with_detail("a text holds a sign that the ERP's import splits at")
            );
        }
        let [shipment, organization, sku] = texts;
        let (quantity, price) = (numbers.write(line.quantity), numbers.write(line.net_price));
        text.push_str(&format!("{shipment};{organization};{sku};{quantity};{price}\r\n"));
    }
    TextEncoding::Windows1250.encode(&text).map_err(Reason::from)
}
