//! Goods issued notes (WZ), goods received notes, and their PDF.

mod goods_note;
mod issued;
mod received;

pub use goods_note::{
    GoodsNote, GoodsNoteAddress, GoodsNoteAmounts, GoodsNoteCost, GoodsNoteLine, GoodsNoteLinePrices,
    GoodsNoteManufacturer, GoodsNotePrices, GoodsNoteProduct, IdAndName,
};
pub use issued::{
    GetGoodsIssuedNote, GoodsIssuedNotes, PostGoodsIssuedNoteUploadFinalize,
    PostGoodsIssuedNoteUploadInitialize, PutGoodsIssuedNote,
};
pub use received::{
    GetGoodsReceivedNote, GoodsReceivedNotes, PostGoodsReceivedNoteUploadFinalize,
    PostGoodsReceivedNoteUploadInitialize, PutGoodsReceivedNote,
};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Goods issued notes (WZ) with PDF, ERP → ONe (O13, O14).
    pub fn goods_issued_notes(&self) -> GoodsIssuedNotes<'_> {
        GoodsIssuedNotes::new(self)
    }

    /// Goods received notes, the corrections of goods issued notes, with PDF, ERP → ONe.
    pub fn goods_received_notes(&self) -> GoodsReceivedNotes<'_> {
        GoodsReceivedNotes::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![
        goods_notes: PutGoodsIssuedNote<'_>,
        GetGoodsIssuedNote,
        PostGoodsIssuedNoteUploadInitialize,
        PostGoodsIssuedNoteUploadFinalize,
        PutGoodsReceivedNote<'_>,
        GetGoodsReceivedNote,
        PostGoodsReceivedNoteUploadInitialize,
        PostGoodsReceivedNoteUploadFinalize,
    ]
}
