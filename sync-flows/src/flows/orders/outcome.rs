//! What became of orders, for a portal of one's own.

use serde::Serialize;
use soneta_webapi::Area;
use std::fmt;
use std::sync::Arc;
use sync_core::{
    ActKind, ActState, ActStatus, Class, Flow, Key, Links, Mapped, Mapper, Reason, Result, SettledActs, Sink,
};

use super::{ORDER_ACT, ORDER_CANCEL_ACT, ORDER_EDIT_ACT, order_op_key};
use crate::catalog::{Entry, Lane, System, Ticks};
use crate::setup::Setup;

/// What became of orders, to a portal of your own.
pub const ORDER_OUTCOMES: Entry = Entry {
    id: "order-outcomes",
    rows: &["E5"],
    what: "the document's id, its number as far as there is one, or the refusal; of edits and cancellations too",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Orders,
    ticks: Ticks::every(60),
    stage: None,
    needs: &[Area::Orders],
    after: &["orders"],
    guarantee: "each settled order, edit and cancellation once, and again if it is settled anew",
};

/// The flow [`ORDER_OUTCOMES`]. The sink has no removals ([`Removal::None`](sync_core::Removal::None)), unless it shall take back
/// what it told.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn outcomes_to<M, K>(setup: &Setup, mapper: M, portal: K) -> Result<Flow>
where
    M: Mapper<ActStatus> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    let kinds = [ORDER_ACT, ORDER_EDIT_ACT, ORDER_CANCEL_ACT].map(ActKind::from);
    setup.flow(ORDER_OUTCOMES.id, SettledActs::new(Arc::clone(&setup.store), kinds), mapper, portal)
}

/// What became of an order, or of an edit or the cancellation of one. `Debug` shows ids only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrderOutcome {
    /// The portal's name of the order.
    pub shipment: String,
    /// What was to happen: [`ORDER_ACT`], [`ORDER_EDIT_ACT`] or [`ORDER_CANCEL_ACT`].
    pub kind: String,
    /// The document's id in the ERP. Of a refused order none.
    pub document: Option<String>,
    /// Its number, if the ERP had numbered it by then.
    pub number: Option<String>,
    /// Why it was refused: a code, and words for a person.
    pub refused: Option<(String, Option<String>)>,
    /// What was found although it went through: prices and stock that had changed.
    pub remarks: Vec<String>,
}

impl fmt::Debug for OrderOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderOutcome")
            .field("shipment", &self.shipment)
            .field("kind", &self.kind)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

/// From a settled act to [`OrderOutcome`].
#[derive(Debug, Clone)]
pub struct OrderOutcomeMapper {
    tenant: String,
}

impl OrderOutcomeMapper {
    /// Tells the orders of this tenant.
    #[must_use]
    pub fn new(tenant: impl Into<String>) -> Self {
        Self { tenant: tenant.into() }
    }
}

impl Mapper<ActStatus> for OrderOutcomeMapper {
    type Out = OrderOutcome;

    fn map(
        &self,
        _key: &Key,
        status: ActStatus,
        _links: &Links,
    ) -> std::result::Result<Mapped<OrderOutcome>, Reason> {
        let ActStatus { act, state, reason, created, .. } = status;
        let of_tenant = order_op_key(&self.tenant, "");
        let Some(shipment) = act.document.as_str().strip_prefix(of_tenant.as_str()) else {
            return Ok(Mapped::LeaveOut(Reason::new("other-tenant")));
        };
        let refused = reason.filter(|_| state == ActState::Rejected);
        let (number, remarks) = created.map(|made| (made.number, made.remarks)).unwrap_or_default();
        Ok(Mapped::Send(OrderOutcome {
            shipment: shipment.to_owned(),
            kind: act.kind.as_str().to_owned(),
            document: act.document_id.map(String::from),
            number,
            refused: refused.map(|reason| (reason.code().to_owned(), reason.detail().map(str::to_owned))),
            remarks,
        }))
    }
}
