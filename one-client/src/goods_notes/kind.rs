//! The two kinds of goods notes: the same calls on two paths, which are not known equally well.

use crate::evidence::{EndpointEvidence, Evidence};
use crate::upload::PdfOf;

/// Goods issued notes (WZ).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Issued;

/// Goods received notes, the corrections of goods issued notes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Received;

/// [`Issued`] or [`Received`].
pub trait GoodsNoteKind: known::Kind {}

impl GoodsNoteKind for Issued {}
impl GoodsNoteKind for Received {}

/// What is known of a kind. Nobody else has one.
pub(super) mod known {
    use super::{EndpointEvidence, PdfOf};
    use std::fmt::Debug;

    pub trait Kind: Copy + Debug + Send + Sync + 'static {
        /// The path segment of the notes.
        const RESOURCE: &'static str;
        const OF: PdfOf;
        const PATH: &'static str;
        const PATH_INITIALIZE: &'static str;
        const PATH_FINALIZE: &'static str;
        const PUT: EndpointEvidence;
        const GET: EndpointEvidence;
        const INITIALIZE: EndpointEvidence;
        const FINALIZE: EndpointEvidence;
    }
}

/// All four verbs are *documented*, all four bodies *inferred*.
const fn documented(path: Evidence) -> EndpointEvidence {
    EndpointEvidence::new(Evidence::Documented, path).request(Evidence::Inferred)
}

impl known::Kind for Issued {
    const RESOURCE: &'static str = "goods-issued-notes";
    const OF: PdfOf = PdfOf::GoodsIssuedNote;
    const PATH: &'static str = "goods-issued-notes/…/goods-issued-notes";
    const PATH_INITIALIZE: &'static str = "goods-issued-notes/…/goods-issued-notes/file-upload-initialize";
    const PATH_FINALIZE: &'static str = "goods-issued-notes/…/goods-issued-notes/file-upload-finalize";
    const PUT: EndpointEvidence = documented(Evidence::PathOnly).quirks(&[9, 22, 23]).rows(&["O13"]);
    const GET: EndpointEvidence =
        documented(Evidence::Inferred).answer(Evidence::Inferred).quirks(&[9]).rows(&["O13"]);
    const INITIALIZE: EndpointEvidence =
        documented(Evidence::PathOnly).answer(Evidence::Inferred).quirks(&[14]).rows(&["O14"]);
    const FINALIZE: EndpointEvidence = documented(Evidence::PathOnly).quirks(&[14]).rows(&["O14"]);
}

impl known::Kind for Received {
    const RESOURCE: &'static str = "goods-received-notes";
    const OF: PdfOf = PdfOf::GoodsReceivedNote;
    const PATH: &'static str = "goods-issued-notes/…/goods-received-notes";
    const PATH_INITIALIZE: &'static str = "goods-issued-notes/…/goods-received-notes/file-upload-initialize";
    const PATH_FINALIZE: &'static str = "goods-issued-notes/…/goods-received-notes/file-upload-finalize";
    const PUT: EndpointEvidence = documented(Evidence::Documented).quirks(&[9, 20, 22]);
    const GET: EndpointEvidence = documented(Evidence::Inferred).answer(Evidence::Inferred).quirks(&[9, 20]);
    const INITIALIZE: EndpointEvidence =
        documented(Evidence::Inferred).answer(Evidence::Inferred).quirks(&[14]);
    const FINALIZE: EndpointEvidence = documented(Evidence::Inferred).quirks(&[14]);
}
