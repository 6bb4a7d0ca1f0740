//! Categories, products, manufacturers, plugin data, imports.

use crate::evidence::{EndpointInfo, endpoints_of};

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![catalog:]
}
