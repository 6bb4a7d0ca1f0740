//! Orders and their statuses.

use std::collections::BTreeSet;

use soneta_webapi::simulator::{DocumentKind, OrderDocument};
use sync_core::{Reason, act_guid};
use sync_flows::flows::orders::order_op_key;

use crate::week::incidents::KOD_OF_NOBODY;
use crate::week::person::{Person, REFUSED};
use crate::week::world::{Line, Placed, World};

fn lines_of(document: &OrderDocument) -> Vec<Line> {
    let line = |line: &soneta_webapi::simulator::OrderLine| Line {
        sku: line.kod.clone(),
        quantity: line.ilosc,
        price: line.cena_netto,
    };
    let mut lines: Vec<Line> = document.pozycje.iter().map(line).collect();
    lines.sort();
    lines
}

fn sorted(lines: &[Line]) -> Vec<Line> {
    let mut lines = lines.to_vec();
    lines.sort();
    lines
}

/// Each order of the shop is one document with its lines and prices; there is no other document.
pub(crate) fn each_order_is_one_document(world: &World, person: &Person) {
    let documents = world.simulation.enova.orders();
    let mut expected = BTreeSet::new();
    for placed in &world.placed {
        let Placed { shipment, client, versions, is_cancelled } = placed;
        let guid = act_guid(&order_op_key("demo", shipment.as_str()));
        let found: Vec<_> = documents.iter().filter(|document| document.guid == guid).collect();
        let seen_to = |code| person.has_seen(code, shipment.as_str());
        if client == KOD_OF_NOBODY {
            assert!(
                found.is_empty() && seen_to(Reason::MISSING_LINK),
                "{shipment} of a client that is unknown"
            );
            continue;
        }
        let late = [Reason::CHANGED_AFTER_TRANSFER, Reason::WITHDRAWN_AFTER_TRANSFER, REFUSED];
        let changed_late = late.into_iter().any(seen_to);
        let cancelled_late = seen_to(Reason::WITHDRAWN_AFTER_TRANSFER) || seen_to(REFUSED);
        let document = match found[..] {
            [] => {
                let is_told_refused =
                    world.simulation.one.order_status(shipment).as_deref() == Some("REJECTED");
                assert!(*is_cancelled || (seen_to(REFUSED) && is_told_refused), "{shipment} has no document");
                continue;
            }
            [document] => document,
            _ => panic!("{shipment} has {} documents", found.len()),
        };
        expected.insert(guid);
        assert!(
            !is_cancelled || document.anulowany || cancelled_late,
            "{shipment} was cancelled, and nobody was told that it is in the ERP"
        );
        let lines = lines_of(document);
        let is_of_now = versions.last().is_some_and(|now| sorted(now) == lines);
        let was_so = versions.iter().any(|version| sorted(version) == lines);
        assert!(is_of_now || (was_so && changed_late), "{shipment}: {lines:?}, ordered as {versions:?}");
    }
    let ordered = documents.iter().filter(|document| !world.is_by_telephone(document)).count();
    assert_eq!(ordered, expected.len(), "documents that nobody ordered");
    assert!(expected.len() > world.placed.len() / 2, "{} of {}", expected.len(), world.placed.len());
}

/// The document of an order of ONe.
fn document_of<'a>(documents: &'a [OrderDocument], placed: &Placed) -> Option<&'a OrderDocument> {
    let guid = act_guid(&order_op_key("demo", placed.shipment.as_str()));
    documents.iter().find(|document| document.guid == guid)
}

/// ONe shows of each order how far the ERP is with it.
pub(crate) fn each_status_is_what_the_documents_say(world: &World) {
    let (enova, one) = (&world.simulation.enova, &world.simulation.one);
    let (orders, documents) = (enova.orders(), enova.documents());
    for placed in &world.placed {
        let Some(order) = document_of(&orders, placed) else { continue };
        if placed.is_cancelled {
            // the simulated ONe forgets what was cancelled there, so it cannot be told
            continue;
        }
        let is_made = |kind| {
            let mut made = documents.iter().filter(|document| document.kind == kind);
            made.any(|document| document.pozycje.iter().any(|line| line.zamowienie_id == order.id))
        };
        let wanted = if is_made(DocumentKind::Invoice) {
            "INVOICED"
        } else if is_made(DocumentKind::DeliveryNote) {
            "SHIPPED"
        } else if world.confirmed.contains(&order.id) {
            "CONFIRMED"
        } else {
            "PROCESSING"
        };
        assert_eq!(one.order_status(&placed.shipment).as_deref(), Some(wanted), "{}", placed.shipment);
    }
}
