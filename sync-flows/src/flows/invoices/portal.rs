//! To a portal of one's own.

use soneta_webapi::Faktura;
use sync_core::{Key, Links, Mapped, Mapper, Reason};

use crate::flows::documents::DocumentFilter;

/// Hands an invoice on as it is, with its lines (each with order and line), VAT sums, payments and KSeF; a correction names what it
/// corrects. Only the stamp of the last change is cleared, so that nothing is sent that did not change.
#[derive(Debug, Clone, Default)]
pub struct PortalInvoiceMapper {
    filter: DocumentFilter,
}

impl PortalInvoiceMapper {
    /// Of these invoices.
    #[must_use]
    pub fn new(filter: DocumentFilter) -> Self {
        Self { filter }
    }
}

impl Mapper<Faktura> for PortalInvoiceMapper {
    type Out = Faktura;

    fn map(&self, _key: &Key, mut faktura: Faktura, _links: &Links) -> Result<Mapped<Faktura>, Reason> {
        if let Some(reason) = self.filter.leaves_out(&faktura) {
            return Ok(Mapped::LeaveOut(reason));
        }
        faktura.data_zmiany = None;
        Ok(Mapped::Send(faktura))
    }
}
