//! Invoices, enova365 → ONe (O10, O11, O12) and to a portal of your own (E7, E8).
//!
//! ```text
//! Faktury::list_faktury ─► changes(FakturyList)  (approved invoices and corrections since the start date)
//!                       ─► InvoiceMapper         (of clients that ONe has; lines name orders of ONe by their links)
//!                       ─► POST: outbox ─► InvoiceSubmitter      PUT: InvoiceSink
//!                       ─► PdfMapper             (once ONe has the invoice; again after KSeF's acceptance)
//!                       ─► PdfSink               (printed by the ERP and uploaded, one after the other)
//! Rozrachunki           ─► paid_invoices ─► InvoiceStatusMapper ─► InvoiceStatusSink
//! ```
//!
//! Of ONe's invoice nobody outside has seen the lines, nor fields for KSeF, payments, VAT sums or corrections. What has a
//! documented field is sent there; the numbers of KSeF and of the corrected invoice go into the notes, in words; the rest is sent
//! once [`InvoiceFields`] names the fields. ONe has calls for corrections whose paths are unknown, so a correction is sent as an
//! invoice: its sums are the differences, its lines stand as after it, what was before is in the line's notes.
//!
//! A first load begins at the day that the source is given ([`FakturyList::since`](crate::enova::FakturyList::since)) and is slowed
//! down by [`FlowSettings::pace`](sync_core::FlowSettings::pace). ONe knows no removal of an invoice: one that is cancelled after it
//! was sent becomes a reject, once.

mod acts;
mod mapper;
mod portal;
mod status;

use acts::InvoiceActs;
pub use acts::{invoice_act_kind, invoice_op_key};
pub use mapper::{InvoiceFields, InvoiceMapper, InvoiceSettings, OneInvoice};
pub use portal::PortalInvoiceMapper;
pub use status::InvoiceStatusMapper;

use one_client::invoices::InvoiceStatus;
use one_client::{Client, Effect};
use soneta_webapi::{Area, Faktura, Faktury};
use std::sync::Arc;
use sync_core::{Class, Flow, Mapper, Sink, Source};

use super::documents::PdfToUpload;
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::one::{InvoiceSink, InvoiceStatusSink, InvoiceSubmitter, PdfSink};
use crate::setup::{Jobs, Setup};

const HALF_AN_HOUR: u32 = 30 * 60;

/// Invoices to ONe.
pub const INVOICES: Entry = Entry {
    id: "invoices",
    rows: &["O10"],
    what: "approved invoices and corrections since a start date, of contractors that ONe has",
    from: System::Enova,
    to: System::One,
    lane: Lane::Acts,
    class: Class::Regular,
    ticks: Ticks::every(HALF_AN_HOUR).between(8, 20),
    stage: Some(Stage::III),
    needs: &[Area::Invoices],
    after: &["new-clients", "orders"],
    guarantee: "each once, an unclear answer is looked up; by PUT instead: the last state counts. What is cancelled after it was sent is reported",
};

/// PDFs of invoices to ONe.
pub const INVOICE_PDFS: Entry = Entry {
    id: "invoice-pdfs",
    rows: &["O11"],
    what: "PDFs of invoices that ONe has, again after KSeF's acceptance",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Bulk,
    ticks: Ticks::every(HALF_AN_HOUR).at(10 * 60).between(8, 20),
    stage: Some(Stage::III),
    needs: &[Area::Invoices],
    after: &["invoices"],
    guarantee: "the last print counts; an upload is begun anew; waits for its invoice; one PDF in memory at a time",
};

/// What is paid of invoices, to ONe.
pub const INVOICE_STATUS: Entry = Entry {
    id: "invoice-status",
    rows: &["O12"],
    what: "how much of an invoice is paid, and whether that is all",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(HALF_AN_HOUR).at(5 * 60).between(8, 20),
    stage: Some(Stage::III),
    needs: &[Area::Invoices, Area::Settlements],
    after: &["invoices"],
    guarantee: "the last status counts; waits for its invoice",
};

/// Invoices to a portal of your own.
pub const PORTAL_INVOICES: Entry = Entry {
    id: "portal-invoices",
    rows: &["E7", "E8"],
    what: "approved invoices and corrections with lines, VAT sums, payments and KSeF; their PDFs on demand from a cache",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(5 * 60),
    stage: None,
    needs: &[Area::Invoices],
    after: &["contractors"],
    guarantee: "the last state counts; what is cancelled or loses its tick is removed",
};

/// The flow [`PORTAL_INVOICES`], usually from [`changes`](crate::enova::changes) of a [`FakturyList`](crate::enova::FakturyList) and
/// by a [`PortalInvoiceMapper`].
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = Faktura> + 'static,
    M: Mapper<Faktura> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.with_daily_full_pass().flow(PORTAL_INVOICES.id, source, mapper, portal)
}

/// The jobs of [`INVOICES`]: acts through the outbox where the client adds invoices by POST, state where it puts them.
///
/// The two keep different memories, so the verb is settled before the first load: a flow whose verb is changed later sends everything again.
///
/// # Errors
/// As [`to`].
pub fn to_one<S, M>(setup: &Setup, source: S, one: Client, mapper: M) -> sync_core::Result<Jobs>
where
    S: Source<Record = Faktura> + 'static,
    M: Mapper<Faktura, Out = OneInvoice> + 'static,
{
    if one.invoices().effect() == Effect::Idempotent {
        let flow = setup.with_daily_full_pass().flow(INVOICES.id, source, mapper, InvoiceSink::new(one))?;
        return Ok(Jobs { flow, dispatcher: None });
    }
    let kind = invoice_act_kind(&setup.tenant);
    let flow = setup.with_daily_full_pass().flow_to_outbox(
        INVOICES.id,
        source,
        InvoiceActs::new(&setup.tenant, mapper),
    )?;
    let submitter = InvoiceSubmitter::new(one, Arc::clone(&setup.store), kind.clone());
    Ok(Jobs { flow, dispatcher: Some(setup.dispatcher(INVOICES.id, [kind], submitter)?) })
}

/// The flow [`INVOICE_PDFS`], from the same source as [`to_one`]; PDFs are printed through `faktury`. The usual mapper is
/// [`PdfMapper`](super::documents::PdfMapper).
///
/// # Errors
/// As [`to`].
pub fn pdfs_to_one<S, M>(
    setup: &Setup,
    source: S,
    faktury: Arc<dyn Faktury>,
    one: Client,
    mapper: M,
) -> sync_core::Result<Flow>
where
    S: Source<Record = Faktura> + 'static,
    M: Mapper<Faktura, Out = PdfToUpload> + 'static,
{
    setup.with_daily_full_pass().flow(INVOICE_PDFS.id, source, mapper, PdfSink::invoices(faktury, one))
}

/// The flow [`INVOICE_STATUS`], from [`paid_invoices`](crate::enova::paid_invoices), or from
/// [`full_list`](crate::enova::full_list) where there is no list of settlements: a payment does not change the invoice's own row.
///
/// # Errors
/// As [`to`].
pub fn status_to_one<S, M>(setup: &Setup, source: S, one: Client, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = Faktura> + 'static,
    M: Mapper<Faktura, Out = InvoiceStatus> + 'static,
{
    setup.with_daily_full_pass().flow(INVOICE_STATUS.id, source, mapper, InvoiceStatusSink::new(one))
}
