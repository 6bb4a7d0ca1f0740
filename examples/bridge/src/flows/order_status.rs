//! Status of orders, enova365 → ONe.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use soneta_webapi::{MapaStatusow, StatusZamowienia};
use sync_flows::catalog::Entry;
use sync_flows::flows::order_status::{
    self, OrderStatusMapper, REFUSED, RefusedOrderMapper, STATUS, StatusWords, in_words,
};
use sync_flows::flows::orders::ORDERS;

use super::Wiring;
use crate::error::Result;
use crate::wire::{Wire, Wired};

/// `[tenants.flows.order-status]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Status {
    /// ONe's word for each status; those that are given take the place of all. ONe documents none: the ones without are guesses.
    words: Option<BTreeMap<StatusZamowienia, String>>,
    /// Statuses that ONe is not told.
    not_told: BTreeSet<StatusZamowienia>,
    /// Field for the document's number, if ONe has one.
    number_field: Option<String>,
    /// Field for the numbers of delivery notes, if ONe has one.
    delivery_notes_field: Option<String>,
    /// Field for the numbers of invoices, if ONe has one.
    invoices_field: Option<String>,
    /// How a status is derived from a document.
    rules: MapaStatusow,
}

/// `[tenants.flows.order-refusals]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusals {
    /// The status of a refused order; its word is among those of `order-status`.
    #[serde(default = "rejected")]
    status: StatusZamowienia,
}

fn rejected() -> StatusZamowienia {
    StatusZamowienia::Rejected
}

impl Wiring for Status {
    const ENTRY: &'static Entry = &STATUS;

    fn beside(&self) -> Vec<&'static str> {
        vec![ORDERS.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let mapper = in_words(OrderStatusMapper::new(self.rules.clone()), self.words());
        let zamowienia = wire.installation.zamowienia()?;
        Ok(vec![wire.flow(order_status::to_one(&wire.setup, zamowienia, wire.one.clone(), mapper)?)])
    }
}

impl Wiring for Refusals {
    const ENTRY: &'static Entry = &REFUSED;

    fn beside(&self) -> Vec<&'static str> {
        vec![ORDERS.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let words = wire.section::<Status>().map(Status::words).unwrap_or_default();
        let mapper = RefusedOrderMapper::new(&wire.setup.tenant).with_status(self.status.clone());
        let flow = order_status::refused_to_one(&wire.setup, wire.one.clone(), in_words(mapper, words))?;
        Ok(vec![wire.flow(flow)])
    }
}

impl Status {
    fn words(&self) -> StatusWords {
        StatusWords::builder()
            .maybe_words(self.words.clone())
            .not_told(self.not_told.clone())
            .maybe_number_field(self.number_field.clone())
            .maybe_delivery_notes_field(self.delivery_notes_field.clone())
            .maybe_invoices_field(self.invoices_field.clone())
            .build()
    }
}
