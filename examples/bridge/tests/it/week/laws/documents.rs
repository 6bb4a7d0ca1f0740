//! Invoices, delivery notes, and orders by telephone.

use std::collections::{BTreeMap, BTreeSet};

use soneta_webapi::simulator::TradeDocument;

use super::{clients_of_contractors, shelf};
use crate::week::world::World;

/// Each invoice and delivery note of a contractor that ONe has is there, with its PDF, and what is paid of it; there is no other.
pub(crate) fn each_document_is_shown_once_with_its_pdf(world: &World) {
    let (enova, one) = (&world.simulation.enova, &world.simulation.one);
    let clients = clients_of_contractors(world);
    let left: BTreeMap<_, _> =
        enova.settlements().into_iter().map(|settlement| (settlement.numer, settlement.pozostalo)).collect();
    let mut documents = enova.documents();
    documents.retain(|document| clients.contains_key(&document.kontrahent_id));
    let (invoices, notes): (Vec<TradeDocument>, Vec<TradeDocument>) =
        documents.into_iter().partition(|document| document.kind.is_invoice());
    for (name, wanted) in [("invoices", &invoices), ("goods-issued-notes", &notes)] {
        let wanted: BTreeSet<String> = wanted.iter().map(|document| document.numer.clone()).collect();
        assert!(!wanted.is_empty(), "no {name}");
        assert_eq!(shelf(world, name).into_keys().collect::<BTreeSet<_>>(), wanted, "{name}");
        for number in wanted {
            let pdf = one.pdf(name, &number).unwrap_or_else(|| panic!("{number} has no PDF"));
            assert!(pdf.starts_with(b"%PDF"), "{number}");
        }
    }
    let statuses = shelf(world, "invoice-statuses");
    for invoice in invoices {
        let is_paid = left.get(&invoice.numer).is_some_and(|left| left.is_zero());
        assert_eq!(statuses[&invoice.numer]["isPaid"], is_paid, "{}", invoice.numer);
    }
}

/// Each order by telephone is shown on ONe, and none that was born there.
pub(crate) fn each_telephone_order_is_shown_once_and_no_other(world: &World) {
    let orders = world.simulation.enova.orders();
    let by_telephone = orders.iter().filter(|order| world.is_by_telephone(order));
    let wanted: BTreeSet<String> = by_telephone.map(|order| format!("enova-{}", order.id)).collect();
    assert!(!wanted.is_empty());
    assert_eq!(shelf(world, "offline-orders").into_keys().collect::<BTreeSet<_>>(), wanted);
}
