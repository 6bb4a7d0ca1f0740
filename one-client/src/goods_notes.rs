//! Goods issued notes (WZ), goods received notes, and their PDF.

mod goods_note;
mod kind;
mod notes;

pub use goods_note::{
    GoodsNote, GoodsNoteAddress, GoodsNoteAmounts, GoodsNoteCost, GoodsNoteLine, GoodsNoteLinePrices,
    GoodsNoteManufacturer, GoodsNotePrices, GoodsNoteProduct, IdAndName,
};
pub use kind::{GoodsNoteKind, Issued, Received};
pub use notes::{
    GetGoodsNote, GoodsNotes, PostGoodsNoteUploadFinalize, PostGoodsNoteUploadInitialize, PutGoodsNote,
};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Goods issued notes (WZ) with PDF, ERP → ONe (O13, O14).
    pub fn goods_issued_notes(&self) -> GoodsNotes<'_, Issued> {
        GoodsNotes::new(self)
    }

    /// Goods received notes, the corrections of goods issued notes, with PDF, ERP → ONe.
    pub fn goods_received_notes(&self) -> GoodsNotes<'_, Received> {
        GoodsNotes::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![
        goods_notes: PutGoodsNote<'_, Issued>,
        GetGoodsNote<Issued>,
        PostGoodsNoteUploadInitialize<Issued>,
        PostGoodsNoteUploadFinalize<Issued>,
        PutGoodsNote<'_, Received>,
        GetGoodsNote<Received>,
        PostGoodsNoteUploadInitialize<Received>,
        PostGoodsNoteUploadFinalize<Received>,
    ]
}
