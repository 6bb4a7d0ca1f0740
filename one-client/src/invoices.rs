//! Invoices, their status and PDF.
//!
//! Corrections, fiscal receipts and their corrections are not built: their pages say what they hold, not
//! where they are.

mod invoice;
mod parties;
mod pdf;
mod status;

pub use invoice::{Invoice, InvoiceTotals, Invoices, PostInvoice};
pub use parties::{
    InvoiceAddress, InvoiceClient, InvoiceClientType, InvoiceOperator, InvoicePayer, InvoiceSeller,
};
pub use pdf::{PostInvoiceUploadBegin, PostInvoiceUploadComplete};
pub use status::{GetInvoiceStatus, InvoiceStatus, PutInvoiceStatus};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Invoices with status and PDF, ERP → ONe (O10, O11, O12).
    pub fn invoices(&self) -> Invoices<'_> {
        Invoices::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![
        invoices: PostInvoice<'_>,
        PutInvoiceStatus<'_>,
        GetInvoiceStatus,
        PostInvoiceUploadBegin,
        PostInvoiceUploadComplete,
    ]
}
