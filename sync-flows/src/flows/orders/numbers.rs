//! Numbers that the ERP gives later, for a portal of one's own.

use async_trait::async_trait;
use serde::Serialize;
use soneta_webapi::{Area, DokumentId, StanDokumentu, Zamowienia};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{
    Class, Error, Flow, Item, Key, Link, LinkRef, Links, Mapped, Mapper, OpenLinks, Outcome, Reason, Removal,
    Result, Sink, Write,
};

use super::ORDER_NUMBER_LINK;
use crate::catalog::{Entry, Lane, System, Ticks};
use crate::client_error::engine_error;
use crate::setup::Setup;

/// Orders asked for in one call.
const AT_ONCE: usize = 100;

/// Numbers of orders, to a portal of your own.
pub const ORDER_NUMBERS: Entry = Entry {
    id: "order-numbers",
    rows: &["E5"],
    what: "the number of an order that had none when it was placed, once it is approved",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(5 * 60),
    stage: None,
    needs: &[Area::Orders],
    guarantee: "each number once; an order is asked for until it is numbered or cancelled; `BUFOR` is never told",
};

/// The flow [`ORDER_NUMBERS`].
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn numbers_to<M, K>(setup: &Setup, zamowienia: Arc<dyn Zamowienia>, mapper: M, portal: K) -> Result<Flow>
where
    M: Mapper<OrderNumber> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    let identity = setup.erp.identity("order numbers");
    let ask = move |links: Vec<Link>| numbers(Arc::clone(&zamowienia), links);
    let source = OpenLinks::new(Arc::clone(&setup.store), ORDER_NUMBER_LINK, identity, AT_ONCE, ask);
    setup.flow(ORDER_NUMBERS.id, source, mapper, Told(portal))
}

/// The number that the ERP gave an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrderNumber {
    /// The portal's name of the order.
    pub shipment: String,
    /// The document's id in the ERP.
    pub document: DokumentId,
    /// Its number; none if it was cancelled before it got one.
    pub number: Option<String>,
}

/// Hands [`OrderNumber`] on as it is.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OrderNumberMapper;

impl Mapper<OrderNumber> for OrderNumberMapper {
    type Out = OrderNumber;

    fn map(
        &self,
        _key: &Key,
        number: OrderNumber,
        _links: &Links,
    ) -> std::result::Result<Mapped<OrderNumber>, Reason> {
        Ok(Mapped::Send(number))
    }
}

/// Of the orders without a number those that have one now, or will get none.
async fn numbers(zamowienia: Arc<dyn Zamowienia>, links: Vec<Link>) -> Result<Vec<Item<OrderNumber>>> {
    let of_document = |link: Link| Some((DokumentId(link.b.parse().ok()?), link.a));
    let shipments: BTreeMap<DokumentId, String> = links.into_iter().filter_map(of_document).collect();
    let ids: Vec<_> = shipments.keys().copied().collect();
    let rows = zamowienia.get_statusy(&ids).await;
    let rows = rows.map_err(|error| engine_error("the orders' states were not read", error))?;
    let mut items = Vec::new();
    for row in rows {
        let (id, number) = match row {
            Ok(order) => match (order.is_numbered(), &order.stan) {
                (true, _) => (order.id, Some(order.numer)),
                (false, StanDokumentu::Anulowany) => (order.id, None),
                (false, _) => continue,
            },
            Err(bad) => {
                let shipment = bad.id.and_then(|id| shipments.get(&DokumentId(id)));
                let key = shipment.map(|shipment| Key::from(shipment.as_str()));
                items.push(Item::bad(key, engine_error("the order's state cannot be read", bad.error)));
                continue;
            }
        };
        if let Some(shipment) = shipments.get(&id) {
            let record = OrderNumber { shipment: shipment.clone(), document: id, number };
            items.push(Item::upsert(Key::from(shipment.as_str()), record));
        }
    }
    Ok(items)
}

/// What was told is not asked for again.
#[derive(Debug)]
struct Told<K>(K);

#[async_trait]
impl<K: Sink> Sink for Told<K> {
    type Record = K::Record;

    fn preferred_batch(&self) -> usize {
        self.0.preferred_batch()
    }

    fn removal(&self) -> Removal {
        self.0.removal()
    }

    async fn write(&self, batch: &[Write<K::Record>]) -> Result<Vec<Outcome>> {
        let outcomes = self.0.write(batch).await?;
        if outcomes.len() != batch.len() {
            return Err(Error::bug("a sink answers every record of its batch"));
        }
        let told = outcomes
            .into_iter()
            .zip(batch)
            .map(|(outcome, write)| outcome.closing(LinkRef::of_a(ORDER_NUMBER_LINK, write.key().as_str())));
        Ok(told.collect())
    }
}
