//! Who and where, as the order said it; the documents made from it say the same.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::TradeDocument;
use crate::simulator::{company::Company, orders::OrderDocument};

/// What an order says beside its lines.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::simulator) struct Parties {
    pub(in crate::simulator) platnik_id: Option<i32>,
    pub(in crate::simulator) odbiorca_id: Option<i32>,
    adres_dostawy: Option<Map<String, Value>>,
    pub(in crate::simulator) sposob_dostawy: Option<String>,
    /// The receiver as AltOne's contract says it.
    pub(in crate::simulator) dane_odbiorcy: Option<Value>,
}

impl Parties {
    /// Those of the order that a document was made from.
    pub(in crate::simulator) fn of(company: &Company, document: &TradeDocument) -> Self {
        let order = document.pozycje.first().map(|line| line.zamowienie_id);
        let order = company.orders().iter().find(|of| Some(of.id) == order);
        order.map(Self::of_order).unwrap_or_default()
    }

    /// Those of an order.
    pub(in crate::simulator) fn of_order(order: &OrderDocument) -> Self {
        serde_json::from_str(&order.tresc).unwrap_or_default()
    }

    /// The delivery address, without the parts that are not known.
    pub(in crate::simulator) fn adres_dostawy(&self) -> Option<Map<String, Value>> {
        let known = |(name, part): (&String, &Value)| (!part.is_null()).then(|| (name.clone(), part.clone()));
        self.adres_dostawy.as_ref().map(|adres| adres.iter().filter_map(known).collect())
    }
}
