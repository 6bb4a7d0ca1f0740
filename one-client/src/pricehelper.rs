//! Minimal prices, bonuses, purchase prices.

use crate::evidence::{EndpointInfo, endpoints_of};

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![pricehelper:]
}
