//! Orders that never became a document.

use soneta_webapi::StatusZamowienia;
use sync_core::{ActState, ActStatus, Key, Links, Mapped, Mapper, Reason};

use super::OrderStatus;
use crate::flows::orders::order_op_key;

/// Tells orders that the ERP refused, or that a person gave up. What became a document is left out: its status tells the other
/// flow. So a refused order that was let go again, and went through, stays as it was told until then.
#[derive(Debug, Clone)]
pub struct RefusedOrderMapper {
    tenant: String,
    status: StatusZamowienia,
}

impl RefusedOrderMapper {
    /// Tells the refused orders of this tenant as [`Rejected`](StatusZamowienia::Rejected).
    #[must_use]
    pub fn new(tenant: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), status: StatusZamowienia::Rejected }
    }

    /// Tells them as this status.
    #[must_use]
    pub fn with_status(mut self, status: impl Into<StatusZamowienia>) -> Self {
        self.status = status.into();
        self
    }
}

impl Mapper<ActStatus> for RefusedOrderMapper {
    type Out = OrderStatus;

    fn map(&self, _key: &Key, act: ActStatus, _links: &Links) -> Result<Mapped<OrderStatus>, Reason> {
        // the payload of an old act may be pruned, its name stays
        let of_tenant = order_op_key(&self.tenant, "");
        let Some(order) = act.act.document.as_str().strip_prefix(of_tenant.as_str()) else {
            return Ok(Mapped::LeaveOut(Reason::new("other-tenant")));
        };
        if act.state != ActState::Rejected {
            return Ok(Mapped::LeaveOut(Reason::new("not-refused")));
        }
        Ok(Mapped::Send(OrderStatus {
            order: order.to_owned(),
            document: None,
            number: None,
            status: self.status.clone(),
            is_final: true,
            delivery_notes: Vec::new(),
            invoices: Vec::new(),
            reason: act.reason.map(|reason| reason.code().to_owned()),
        }))
    }
}
