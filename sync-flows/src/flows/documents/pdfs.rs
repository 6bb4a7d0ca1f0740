//! PDFs of documents that ONe has.

use one_client::DocumentNumber;
use serde::Serialize;
use soneta_webapi::DokumentId;
use sync_core::{Fingerprint, Key, LinkRef, Links, Mapped, Mapper, Reason};

use super::{Buyer, DocumentFilter, TradeDocument, buyer, buyer_links, document_link};

/// A PDF that ONe is to have. Only what it shows is told here; the bytes are fetched when they are uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PdfToUpload {
    /// The ERP's document.
    pub dokument: DokumentId,
    /// The number under which ONe has it.
    pub number: DocumentNumber,
    /// Whether it corrects another one.
    pub correction: bool,
    /// Changes when the document would be printed otherwise: its content, or what KSeF's acceptance gave it.
    pub printed: Fingerprint,
}

/// From a document to its PDF, once ONe has the document.
///
/// A document that ONe should have and does not have yet becomes a reject `missing-link`, which is replayed by itself when it is there.
#[derive(Debug, Clone, Default)]
pub struct PdfMapper {
    filter: DocumentFilter,
}

impl PdfMapper {
    /// PDFs of these documents: the same as of the flow that sends the documents.
    #[must_use]
    pub fn new(filter: DocumentFilter) -> Self {
        Self { filter }
    }
}

impl<D: TradeDocument + Serialize> Mapper<D> for PdfMapper {
    type Out = PdfToUpload;

    fn links_needed(&self, document: &D) -> Vec<LinkRef> {
        buyer_links(document).chain([document_link(D::LINK, document.id())]).collect()
    }

    fn map(&self, _key: &Key, document: D, links: &Links) -> Result<Mapped<PdfToUpload>, Reason> {
        if let Buyer::LeftOut(reason) = buyer(&self.filter, &document, links)? {
            return Ok(Mapped::LeaveOut(reason));
        }
        let sent = document_link(D::LINK, document.id());
        let number = links.get(&sent).ok_or_else(|| Reason::missing_link(sent.clone()))?;
        Ok(Mapped::Send(PdfToUpload {
            dokument: document.id(),
            number: DocumentNumber::new(number),
            correction: document.is_correction(),
            printed: Fingerprint::of(&document.as_printed()).map_err(Reason::from)?,
        }))
    }
}
