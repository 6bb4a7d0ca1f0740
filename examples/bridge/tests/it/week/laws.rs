//! What holds when it is over.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use soneta_webapi::simulator::OrderDocument;
use sync_core::guard::stock::Buffer;
use sync_core::{ActFilter, Reason, RejectFilter, Store, act_guid};
use sync_flows::flows::orders::order_op_key;

use super::person::Person;
use super::world::{CLIENTS, Line, Placed, World};

/// The portal shows the ERP's stock and prices.
pub(super) fn the_shop_shows_what_the_erp_has(world: &World) {
    let one = &world.simulation.one;
    for good in world.simulation.enova.goods() {
        for stan in &good.stany {
            let shown = one.stock(&stan.magazyn, &good.kod);
            if good.zaznaczony {
                let wanted = Buffer::default().shown(stan.stan - stan.zarezerwowane, Decimal::ONE);
                assert_eq!(shown, Some(wanted), "stock of {} in {}", good.kod, stan.magazyn);
            } else {
                let shown = shown.unwrap_or_default();
                assert_eq!(shown, Decimal::ZERO, "stock of {} in {}, unticked", good.kod, stan.magazyn);
            }
        }
        if good.zaznaczony {
            let netto = good.cena_detaliczna.map(|(netto, _)| netto);
            assert_eq!(one.retail_price(&good.kod), netto, "price of {}", good.kod);
        }
    }
}

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
pub(super) fn each_order_is_one_document(world: &World, person: &Person) {
    let documents = world.simulation.enova.orders();
    let mut expected = BTreeSet::new();
    for placed in &world.placed {
        let Placed { shipment, client, versions, is_cancelled } = placed;
        let guid = act_guid(&order_op_key("demo", shipment.as_str()));
        let found: Vec<_> = documents.iter().filter(|document| document.guid == guid).collect();
        let seen_to = |code| person.has_seen(code, shipment.as_str());
        if !CLIENTS.contains(client) {
            assert!(
                found.is_empty() && seen_to(Reason::MISSING_LINK),
                "{shipment} of a client that is unknown"
            );
            continue;
        }
        let changed_late = seen_to(Reason::CHANGED_AFTER_TRANSFER);
        let document = match found[..] {
            [] => {
                assert!(*is_cancelled, "{shipment} has no document");
                continue;
            }
            [document] => document,
            _ => panic!("{shipment} has {} documents", found.len()),
        };
        expected.insert(guid);
        assert!(
            !is_cancelled || document.anulowany || changed_late,
            "{shipment} was cancelled, and nobody was told that it is in the ERP"
        );
        let lines = lines_of(document);
        let is_of_now = versions.last().is_some_and(|now| sorted(now) == lines);
        let was_so = versions.iter().any(|version| sorted(version) == lines);
        assert!(is_of_now || (was_so && changed_late), "{shipment}: {lines:?}, ordered as {versions:?}");
    }
    assert_eq!(documents.len(), expected.len(), "documents that nobody ordered");
    assert!(expected.len() > world.placed.len() / 2, "{} of {}", expected.len(), world.placed.len());
}

/// Nothing waits for anybody.
pub(super) async fn nothing_is_left_over(store: &dyn Store) {
    assert_eq!(store.rejects(&RejectFilter::all()).await.unwrap(), []);
    let acts = store.acts(&ActFilter::all()).await.unwrap();
    let mut states: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for status in &acts {
        states.entry(status.state.as_str()).or_default().push(status.act.op_key.as_str());
    }
    let done = states.remove("done").unwrap_or_default();
    assert!(states.is_empty(), "{states:?}");
    assert!(done.len() > 5, "{done:?}");
}
