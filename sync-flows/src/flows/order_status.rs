//! Order status, enova365 → ONe and to a portal of your own (E6, O16).
//!
//! ```text
//! open order links ─► OrderStatusSource (Zamowienia::get_statusy, by id)
//!                  ─► OrderStatusMapper (status by MapaStatusow; number; delivery notes, invoices)
//!                  ─► InWords           (ONe's word for it) ─► ShipmentStatusSink (ONe's order/status)
//!
//! settled acts     ─► RefusedOrderMapper (what never became a document) ─► the same
//! ```
//!
//! The ERP has no order status: [`MapaStatusow`](soneta_webapi::MapaStatusow) derives it, and is data. An order that no rule fits is a reject
//! [`UNMAPPED`](OrderStatusMapper::UNMAPPED) and keeps the status that it had; the others go on. After a status that is
//! [final](soneta_webapi::MapaStatusow::koncowe) the order's link is closed in the commit that remembers it, and the ERP is asked for it no more.
//!
//! A shipment that was cancelled on ONe may be gone there when the ERP's cancellation is told: a 404 to a final status settles it and
//! closes its link, a 404 to any other is a reject.
//!
//! Which words ONe takes is not documented: see [`StatusWords`]. Its call names the shipment alone; `orderId`, which nobody has seen
//! in the body either, is left out.
//!
//! Links are those of one portal ([`ORDER_LINK`]), so a tenant has one flow of [`STATUS`] or
//! [`STATUS_TO_PORTAL`]: with two, the first would close what the second has not read.

mod closing;
mod mapper;
mod refused;
mod words;

pub use mapper::OrderStatusMapper;
pub use refused::RefusedOrderMapper;
pub use words::{InWords, ShipmentStatus, StatusWords, in_words};

use serde::Serialize;
use soneta_webapi::{Area, DokumentId, DokumentPowiazany, StatusZamowienia, Zamowienia};
use std::fmt;
use std::sync::Arc;
use sync_core::{ActStatus, Class, Flow, LinkRef, Mapper, SettledActs, Sink};

use super::orders::{ORDER_ACT, ORDER_LINK};
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::enova::{OpenOrder, OrderStatusSource};
use crate::one::ShipmentStatusSink;
use crate::setup::Setup;
use closing::Closing;

/// Status to ONe.
pub const STATUS: Entry = Entry {
    id: "order-status",
    rows: &["E6", "O16"],
    what: "status of orders that came from ONe, derived by rules",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(40),
    stage: Some(Stage::III),
    needs: &[Area::Orders],
    after: &["orders"],
    guarantee: "open orders are asked by id, finished ones no more; an unmapped status is reported and changes nothing",
};

/// Status to a portal of your own.
pub const STATUS_TO_PORTAL: Entry = Entry {
    id: "order-status-portal",
    rows: &["E6"],
    what: "status, number, delivery notes and invoices of the portal's orders",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(15 * 60),
    stage: None,
    needs: &[Area::Orders],
    after: &["orders"],
    guarantee: "open orders are asked by id, finished ones no more; an unmapped status is reported and changes nothing",
};

/// Refused orders to ONe.
pub const REFUSED: Entry = Entry {
    id: "order-refusals",
    rows: &["E6", "O16"],
    what: "orders that the ERP refused or a person gave up, as a status",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(40),
    stage: Some(Stage::III),
    needs: &[],
    after: &["orders"],
    guarantee: "told once it is settled; an order that is let go again afterwards gets its status by the other flow",
};

/// Refused orders to a portal of your own.
pub const REFUSED_TO_PORTAL: Entry = Entry {
    id: "order-refusals-portal",
    rows: &["E6"],
    what: "orders that the ERP refused or a person gave up, as a status with the reason's code",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(15 * 60),
    stage: None,
    needs: &[],
    after: &["orders"],
    guarantee: "told once it is settled; an order that is let go again afterwards gets its status by the other flow",
};

/// The flow [`STATUS`], with [`in_words`] of an [`OrderStatusMapper`] or another mapper.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to_one<M>(
    setup: &Setup,
    zamowienia: Arc<dyn Zamowienia>,
    one: one_client::Client,
    mapper: M,
) -> sync_core::Result<Flow>
where
    M: Mapper<OpenOrder, Out = ShipmentStatus> + 'static,
{
    setup.flow(STATUS.id, source(setup, zamowienia), mapper, ShipmentStatusSink::new(one))
}

/// The flow [`STATUS_TO_PORTAL`], with an [`OrderStatusMapper`] or another mapper. The sink need not know of links: they are closed
/// by what it answers to a record that is [final](OrderStatus::is_final).
///
/// # Errors
/// As [`to_one`].
pub fn to<M, K>(
    setup: &Setup,
    zamowienia: Arc<dyn Zamowienia>,
    mapper: M,
    portal: K,
) -> sync_core::Result<Flow>
where
    M: Mapper<OpenOrder, Out = OrderStatus> + 'static,
    K: Sink<Record = OrderStatus> + 'static,
{
    setup.flow(STATUS_TO_PORTAL.id, source(setup, zamowienia), mapper, Closing(portal))
}

/// The flow [`REFUSED`], with [`in_words`] of a [`RefusedOrderMapper`] or another mapper.
///
/// # Errors
/// As [`to_one`].
pub fn refused_to_one<M>(setup: &Setup, one: one_client::Client, mapper: M) -> sync_core::Result<Flow>
where
    M: Mapper<ActStatus, Out = ShipmentStatus> + 'static,
{
    setup.flow(REFUSED.id, settled(setup), mapper, ShipmentStatusSink::new(one))
}

/// The flow [`REFUSED_TO_PORTAL`], with a [`RefusedOrderMapper`] or another mapper.
///
/// # Errors
/// As [`to_one`].
pub fn refused_to<M, K>(setup: &Setup, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    M: Mapper<ActStatus, Out = OrderStatus> + 'static,
    K: Sink<Record = OrderStatus> + 'static,
{
    setup.flow(REFUSED_TO_PORTAL.id, settled(setup), mapper, Closing(portal))
}

fn source(setup: &Setup, zamowienia: Arc<dyn Zamowienia>) -> OrderStatusSource {
    OrderStatusSource::new(zamowienia, Arc::clone(&setup.store), &setup.erp)
}

fn settled(setup: &Setup) -> SettledActs {
    SettledActs::new(Arc::clone(&setup.store), [ORDER_ACT.into()])
}

/// Status of an order, as a portal gets it. `Debug` shows ids only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrderStatus {
    /// The portal's id of the order: side `a` of its [`ORDER_LINK`]; of ONe the shipment's.
    pub order: String,
    /// Its document in the ERP; `None` of an order that never became one.
    pub document: Option<DokumentId>,
    /// The document's number; `None` while it is in the buffer.
    pub number: Option<String>,
    /// How it stands.
    pub status: StatusZamowienia,
    /// Whether nothing more is expected: see [`MapaStatusow::koncowe`](soneta_webapi::MapaStatusow::koncowe).
    pub is_final: bool,
    /// Delivery notes made from it and their corrections, by id.
    pub delivery_notes: Vec<DokumentPowiazany>,
    /// Invoices made from it and their corrections, by id.
    pub invoices: Vec<DokumentPowiazany>,
    /// The code of the reason for which it was refused.
    pub reason: Option<String>,
}

impl OrderStatus {
    /// The link that has come to its end.
    pub(crate) fn ended(&self) -> Option<LinkRef> {
        let document = self.document.filter(|_| self.is_final)?;
        Some(LinkRef::of_b(ORDER_LINK, document.to_string()))
    }
}

impl fmt::Debug for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderStatus")
            .field("order", &self.order)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}
