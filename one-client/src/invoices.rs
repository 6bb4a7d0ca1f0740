//! Invoices, their status and PDF.

use crate::evidence::{EndpointInfo, endpoints_of};

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![invoices:]
}
