//! PDFs, printed by the ERP and uploaded to ONe.

use async_trait::async_trait;
use one_client::{Client, ErrorKind as ClientErrorKind};
use soneta_webapi::{DokumentId, Faktury, Pdf, Wydania};
use std::sync::Arc;
use sync_core::{Outcome, Reason, Removal, Result, Sink, Write};

use crate::client_error::{engine_error, outcome_of};
use crate::flows::documents::PdfToUpload;

/// Prints documents in the ERP and uploads them, one after the other: one PDF is in memory at a time.
///
/// An upload that fails is begun anew, once at once where what was begun had lapsed, and with its page otherwise; the PDF that comes
/// later takes the place of the earlier one (*inferred*). A document that the ERP does not print, or that ONe does not have, is a reject.
#[derive(Debug, Clone)]
pub struct PdfSink {
    printer: Printer,
    one: Client,
}

#[derive(Debug, Clone)]
enum Printer {
    Faktury(Arc<dyn Faktury>),
    Wydania(Arc<dyn Wydania>),
}

impl PdfSink {
    /// PDFs of invoices.
    #[must_use]
    pub fn invoices(faktury: Arc<dyn Faktury>, one: Client) -> Self {
        Self { printer: Printer::Faktury(faktury), one }
    }

    /// PDFs of delivery notes and, as goods received notes, of their corrections.
    #[must_use]
    pub fn delivery_notes(wydania: Arc<dyn Wydania>, one: Client) -> Self {
        Self { printer: Printer::Wydania(wydania), one }
    }

    async fn print(&self, id: DokumentId) -> one_client::Result<Pdf> {
        match &self.printer {
            Printer::Faktury(faktury) => faktury.get_faktura_pdf(id).await,
            Printer::Wydania(wydania) => wydania.get_wydanie_pdf(id).await,
        }
    }

    async fn upload(&self, to: &PdfToUpload, pdf: &Pdf) -> one_client::Result<()> {
        let (number, bytes) = (&to.number, pdf.bytes.clone());
        match (&self.printer, to.correction) {
            (Printer::Faktury(_), _) => self.one.invoices().upload_pdf(number, bytes).await,
            (Printer::Wydania(_), false) => self.one.goods_issued_notes().upload_pdf(number, bytes).await,
            (Printer::Wydania(_), true) => self.one.goods_received_notes().upload_pdf(number, bytes).await,
        }
    }

    async fn bring(&self, to: &PdfToUpload) -> Result<Outcome> {
        let pdf = match self.print(to.dokument).await {
            Ok(pdf) => pdf,
            Err(error) => match error.kind() {
                // about this document; a file that is no PDF is one that cannot be decoded
                ClientErrorKind::NotFound
                | ClientErrorKind::Refused
                | ClientErrorKind::Rejected
                | ClientErrorKind::Decode
                | ClientErrorKind::TooLarge
                    if !error.is_login() =>
                {
                    return Ok(Outcome::rejected(not_printed(&error)));
                }
                _ => return Err(engine_error("the PDF was not printed", error)),
            },
        };
        let mut sent = self.upload(to, &pdf).await;
        // in the later steps it means that what was begun had lapsed; in the first, the same again
        if sent.as_ref().is_err_and(|error| error.kind() == ClientErrorKind::NotFound) {
            sent = self.upload(to, &pdf).await;
        }
        outcome_of("the PDF was not uploaded", sent.map(|()| Outcome::applied_as(to.number.as_str())))
    }
}

fn not_printed(error: &one_client::Error) -> Reason {
    let reason = Reason::new("not-printed");
    match error.detail() {
        Some(detail) => reason.with_detail(detail),
        None => reason.with_detail(error.to_string()),
    }
}

#[async_trait]
impl Sink for PdfSink {
    type Record = PdfToUpload;

    fn preferred_batch(&self) -> usize {
        // a page that fails in its middle is uploaded anew from its beginning
        10
    }

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<PdfToUpload>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            outcomes.push(match write {
                Write::Upsert { record, .. } => self.bring(record).await?,
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        Ok(outcomes)
    }
}
