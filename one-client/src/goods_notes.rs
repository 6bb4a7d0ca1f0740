//! Goods issued notes (WZ), goods received notes, and their PDF.

use crate::evidence::{EndpointInfo, endpoints_of};

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![goods_notes:]
}
