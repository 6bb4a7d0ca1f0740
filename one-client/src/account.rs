//! Clients and what belongs to them: segments, trade credits, blockades, users, addresses.

use crate::evidence::{EndpointInfo, endpoints_of};

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![account:]
}
