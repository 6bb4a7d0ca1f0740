//! What is paid of an invoice.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::DocumentNumber;
use crate::service::service;
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use http::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is paid of an invoice (*inferred* altogether, from fiscal receipts: amount paid, and whether that
/// is all). `Debug` shows the number alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceStatus {
    /// The invoice. Where it is named, in the body or elsewhere, is unknown.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub number: Option<DocumentNumber>,
    /// How much is paid, gross.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub amount_paid: Option<Decimal>,
    /// Whether that is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_paid: Option<bool>,
    /// What else came, or is to be sent.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(InvoiceStatus);
shows!(InvoiceStatus { number });

impl InvoiceStatus {
    /// So much is paid, and whether that is all.
    pub fn new(number: impl Into<DocumentNumber>, amount_paid: Decimal, is_paid: bool) -> Self {
        Self {
            number: Some(number.into()),
            amount_paid: Some(amount_paid),
            is_paid: Some(is_paid),
            extra: Extra::default(),
        }
    }
}

/// `PUT /api/v1/invoices/integrations/auth-required/invoices/status`: says how much of an invoice is paid.
///
/// Path *path only*; method and body *inferred* from fiscal receipts. The answer is not documented and not
/// read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutInvoiceStatus<'a> {
    /// The status.
    pub status: &'a InvoiceStatus,
}

impl<'a> PutInvoiceStatus<'a> {
    /// Says this.
    pub fn new(status: &'a InvoiceStatus) -> Self {
        Self { status }
    }
}

impl Endpoint for PutInvoiceStatus<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: Method = Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("invoices").segment("invoices").segment("status")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutInvoiceStatus<'_> {
    const PATH: &'static str = "invoices/…/invoices/status";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Inferred, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[23])
        .rows(&["O12"]);
}

/// `GET /api/v1/invoices/integrations/auth-required/invoices/status`: what ONe believes to be paid.
///
/// Path *path only*; method, query and answer *inferred* from fiscal receipts.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetInvoiceStatus {
    /// `number` (*inferred*).
    pub number: DocumentNumber,
}

impl GetInvoiceStatus {
    /// Asks about this invoice.
    pub fn new(number: impl Into<DocumentNumber>) -> Self {
        Self { number: number.into() }
    }
}

impl Endpoint for GetInvoiceStatus {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = InvoiceStatus;

    fn path(&self) -> Path {
        service("invoices").segment("invoices").segment("status")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("number", self.number.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<InvoiceStatus> {
        decode_json(body)
    }
}

impl Evidenced for GetInvoiceStatus {
    const PATH: &'static str = "invoices/…/invoices/status";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Inferred, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .rows(&["O12"]);
}
