//! Delivery notes (WZ) and their corrections, enova365 → ONe (O13, O14) and to a portal of your own (E12).
//!
//! ```text
//! Wydania::list_wydania ─► changes(WydaniaList)  (approved delivery notes and corrections since the start date)
//!                       ─► GoodsNoteMapper       (of clients that ONe has; lines name orders of ONe by their links)
//!                       ─► GoodsNoteSink         (PUT: issued notes, or received ones, which are their corrections)
//!                       ─► PdfMapper ─► PdfSink  (once ONe has the note)
//! ```
//!
//! ONe replaces a note of the same number (*inferred* from the verb). It knows no removal: a note that is cancelled after it was sent
//! becomes a reject, once.

mod mapper;

pub use mapper::{GoodsNoteMapper, OneGoodsNote, PortalDeliveryNoteMapper};

use one_client::Client;
use soneta_webapi::{Area, Wydania, Wydanie};
use std::sync::Arc;
use sync_core::{Class, Flow, Mapper, Sink, Source};

use super::documents::PdfToUpload;
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::one::{GoodsNoteSink, PdfSink};
use crate::setup::Setup;

const HALF_AN_HOUR: u32 = 30 * 60;

/// Delivery notes to ONe.
pub const DELIVERY_NOTES: Entry = Entry {
    id: "delivery-notes",
    rows: &["O13"],
    what: "approved delivery notes and corrections since a start date, of contractors that ONe has",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(HALF_AN_HOUR).between(8, 20),
    stage: Some(Stage::III),
    needs: &[Area::DeliveryNotes],
    after: &["new-clients", "orders"],
    guarantee: "the last state counts; what is cancelled after it was sent is reported",
};

/// PDFs of delivery notes to ONe.
pub const DELIVERY_NOTE_PDFS: Entry = Entry {
    id: "delivery-note-pdfs",
    rows: &["O14"],
    what: "PDFs of delivery notes that ONe has",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Bulk,
    ticks: Ticks::every(HALF_AN_HOUR).at(10 * 60).between(8, 20),
    stage: Some(Stage::III),
    needs: &[Area::DeliveryNotes],
    after: &["delivery-notes"],
    guarantee: "the last print counts; an upload is begun anew; waits for its note; one PDF in memory at a time",
};

/// Delivery notes to a portal of your own.
pub const PORTAL_DELIVERY_NOTES: Entry = Entry {
    id: "portal-delivery-notes",
    rows: &["E12"],
    what: "approved delivery notes and corrections, each line with its order",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(5 * 60),
    stage: None,
    needs: &[Area::DeliveryNotes],
    after: &["contractors"],
    guarantee: "the last state counts; what is cancelled or loses its tick is removed",
};

/// The flow [`PORTAL_DELIVERY_NOTES`], usually from [`changes`](crate::enova::changes) of a
/// [`WydaniaList`](crate::enova::WydaniaList) and by a [`PortalDeliveryNoteMapper`].
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = Wydanie> + 'static,
    M: Mapper<Wydanie> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.with_daily_full_pass().flow(PORTAL_DELIVERY_NOTES.id, source, mapper, portal)
}

/// The flow [`DELIVERY_NOTES`].
///
/// # Errors
/// As [`to`].
pub fn to_one<S, M>(setup: &Setup, source: S, one: Client, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = Wydanie> + 'static,
    M: Mapper<Wydanie, Out = OneGoodsNote> + 'static,
{
    setup.with_daily_full_pass().flow(DELIVERY_NOTES.id, source, mapper, GoodsNoteSink::new(one))
}

/// The flow [`DELIVERY_NOTE_PDFS`], from the same source as [`to_one`]; PDFs are printed through `wydania`. The usual mapper is
/// [`PdfMapper`](super::documents::PdfMapper).
///
/// # Errors
/// As [`to`].
pub fn pdfs_to_one<S, M>(
    setup: &Setup,
    source: S,
    wydania: Arc<dyn Wydania>,
    one: Client,
    mapper: M,
) -> sync_core::Result<Flow>
where
    S: Source<Record = Wydanie> + 'static,
    M: Mapper<Wydanie, Out = PdfToUpload> + 'static,
{
    setup.with_daily_full_pass().flow(
        DELIVERY_NOTE_PDFS.id,
        source,
        mapper,
        PdfSink::delivery_notes(wydania, one),
    )
}
