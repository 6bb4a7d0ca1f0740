//! Complaints.

mod complaints;

pub use complaints::{Complaint, ComplaintItem, Complaints, GetComplaint, GetComplaints};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Complaints about goods that were invoiced.
    pub fn complaints(&self) -> Complaints<'_> {
        Complaints::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![rma: GetComplaint, GetComplaints]
}
