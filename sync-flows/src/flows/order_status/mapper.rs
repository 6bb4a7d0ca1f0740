//! From an order of the ERP to its status.

use soneta_webapi::{DokumentPowiazany, Kategoria, MapaStatusow, UnmappedStatus, Zamowienie};
use sync_core::{Key, LinkRef, Links, Mapped, Mapper, Reason};

use super::OrderStatus;
use crate::enova::OpenOrder;
use crate::flows::orders::ORDER_LINK;

/// Derives the status of orders. An order of which no link tells the portal's id is not the portal's, and is left out.
#[derive(Debug, Clone, Default)]
pub struct OrderStatusMapper {
    mapa: MapaStatusow,
}

impl OrderStatusMapper {
    /// Code of the reject of an order that no rule gives a status to.
    pub const UNMAPPED: &'static str = "unmapped-status";

    /// Code of the reject of an order whose document is not in the ERP any more. Deleted in the buffer, or not to be seen by the
    /// operator whose rights were changed: that is for a person to say.
    pub const GONE: &'static str = "document-gone";

    /// By these rules.
    #[must_use]
    pub fn new(mapa: MapaStatusow) -> Self {
        Self { mapa }
    }

    /// The documents of these kinds made from the order.
    fn made(&self, zamowienie: &Zamowienie, kinds: [Kategoria; 2]) -> Vec<DokumentPowiazany> {
        let kind = |document: &DokumentPowiazany| self.mapa.definicje.kategoria(&document.kategoria, None);
        let mut made: Vec<_> =
            zamowienie.dokumenty.iter().filter(|document| kinds.contains(&kind(document))).cloned().collect();
        made.sort_by_key(|document| document.id);
        made
    }
}

impl Mapper<OpenOrder> for OrderStatusMapper {
    type Out = OrderStatus;

    fn links_needed(&self, record: &OpenOrder) -> Vec<LinkRef> {
        vec![link(record)]
    }

    fn map(&self, _key: &Key, record: OpenOrder, links: &Links) -> Result<Mapped<OrderStatus>, Reason> {
        let Some(order) = links.get(&link(&record)) else {
            return Ok(Mapped::LeaveOut(Reason::new("not-of-the-portal")));
        };
        let Some(zamowienie) = record.zamowienie else {
            let detail = format!("document {} is not in the ERP any more", record.document);
            return Err(Reason::new(Self::GONE).with_detail(detail));
        };
        let status = self.mapa.status_of(&zamowienie).map_err(|unmapped| unmapped_status(&unmapped))?;
        Ok(Mapped::Send(OrderStatus {
            order: order.to_owned(),
            document: Some(zamowienie.id),
            is_final: self.mapa.is_terminal(&status),
            status,
            delivery_notes: self.made(&zamowienie, [Kategoria::WydanieMagazynowe, Kategoria::KorektaWydania]),
            invoices: self.made(&zamowienie, [Kategoria::Sprzedaz, Kategoria::KorektaSprzedazy]),
            number: zamowienie.is_numbered().then_some(zamowienie.numer),
            reason: None,
        }))
    }
}

fn link(record: &OpenOrder) -> LinkRef {
    LinkRef::of_b(ORDER_LINK, record.document.to_string())
}

fn unmapped_status(unmapped: &UnmappedStatus) -> Reason {
    Reason::new(OrderStatusMapper::UNMAPPED).with_detail(unmapped.to_string())
}
