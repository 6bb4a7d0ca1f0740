//! The PDF of an invoice: the two calls around the bytes. See [`Upload`](crate::Upload).

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::service::service;
use crate::upload::UploadBegun;
use crate::wire::extra::Extra;
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use serde::Serialize;

/// `POST /api/v1/invoices/integrations/auth-required/invoices/file-upload-begin`: asks where the PDF of an
/// invoice goes.
///
/// Method *inferred*, path *path only* (quirk Q14), body *inferred* and [`Upload`](crate::Upload)'s to say,
/// the answer *inferred* but for `uploadId`, which is *documented*. Whether it may be repeated is unknown,
/// so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostInvoiceUploadBegin {
    /// The fields of the body.
    pub fields: Extra,
}

impl PostInvoiceUploadBegin {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields }
    }
}

impl Endpoint for PostInvoiceUploadBegin {
    const EFFECT: Effect = Effect::Create;
    type Response = UploadBegun;

    fn path(&self) -> Path {
        service("invoices").segment("invoices").segment("file-upload-begin")
    }

    fn decode(&self, body: &[u8]) -> Result<UploadBegun> {
        decode_json(body)
    }
}

impl Evidenced for PostInvoiceUploadBegin {
    const PATH: &'static str = "invoices/…/invoices/file-upload-begin";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Inferred, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[14])
        .rows(&["O11"]);
}

/// `POST /api/v1/invoices/integrations/auth-required/invoices/file-upload-complete`: says that the PDF of
/// an invoice is there.
///
/// Method *inferred*, path *path only* (quirk Q14), body *inferred* and [`Upload`](crate::Upload)'s to say,
/// the answer is not documented and not read. Whether it may be repeated is unknown, so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostInvoiceUploadComplete {
    /// The fields of the body.
    pub fields: Extra,
}

impl PostInvoiceUploadComplete {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields }
    }
}

impl Endpoint for PostInvoiceUploadComplete {
    const EFFECT: Effect = Effect::Create;
    type Response = ();

    fn path(&self) -> Path {
        service("invoices").segment("invoices").segment("file-upload-complete")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostInvoiceUploadComplete {
    const PATH: &'static str = "invoices/…/invoices/file-upload-complete";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Inferred, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[14])
        .rows(&["O11"]);
}
