//! The act that places an order.

use chrono::NaiveDate;
use serde::Serialize;
use sync_core::{NewAct, Result, act_guid};
use uuid::Uuid;

use super::{ORDER_ACT, ORDER_CANCEL_ACT, ORDER_EDIT_ACT, OrderRequest, OrderSettings, order_op_key};

/// The act that places this order: its name and the document's Guid follow from the settings' tenant and the
/// [portal's name](OrderRequest::shipment) of the order. Everything but the document's date makes it another order if it
/// changes.
///
/// The portal's name is never used for a second order: that one would be taken for the first, and be nothing new, or an edit of the
/// first one's document.
///
/// # Errors
/// Kind `Bug` if it does not serialise, or the portal's name ends in `#` and a number.
pub fn order_act(settings: &OrderSettings, request: OrderRequest) -> Result<NewAct> {
    let mut business = request.order.clone();
    (business.guid, business.data) = (Uuid::nil(), NaiveDate::default());
    act(settings, request, &business)
}

/// The same, of which `business` says what makes it another order.
pub(super) fn act<B: Serialize>(
    settings: &OrderSettings,
    mut request: OrderRequest,
    business: &B,
) -> Result<NewAct> {
    let op_key = order_op_key(&settings.tenant, &request.shipment);
    request.order.guid = act_guid(&op_key);
    let mut act = NewAct::new(op_key, request.shipment.as_str(), ORDER_ACT, &request, business)?;
    if settings.changes {
        act = act.with_edits(ORDER_EDIT_ACT).with_cancel(ORDER_CANCEL_ACT);
    }
    Ok(match request.new_client {
        Some(client) => act.after(client),
        None => act,
    })
}
