//! Requests for quotation, offers, carts.

use crate::evidence::{EndpointInfo, endpoints_of};

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![orderpath:]
}
