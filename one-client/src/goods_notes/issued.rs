//! Goods issued notes (WZ), ERP → ONe.

use super::GoodsNote;
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::DocumentNumber;
use crate::service::{handle, service};
use crate::upload::{self, PdfOf, PdfUpload, UploadBegun};
use crate::wire::extra::Extra;
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use bytes::Bytes;
use http::Method;
use serde::Serialize;

/// `PUT /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes`: adds a goods issued
/// note.
///
/// Method *documented* (invoices use POST, quirk Q22), path *path only*, body *inferred* (see
/// [`GoodsNote`]), one note per request. That a second delivery of a number replaces the first is
/// *inferred* from the verb. The answer is not documented and not read. The vendor's hours are 8 to 20
/// o'clock (quirk Q23); nothing here keeps them.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutGoodsIssuedNote<'a> {
    note: &'a GoodsNote,
}

impl<'a> PutGoodsIssuedNote<'a> {
    /// Adds this note.
    ///
    /// # Errors
    ///
    /// Those of [`GoodsNote::check`].
    pub fn new(note: &'a GoodsNote) -> Result<Self> {
        note.check()?;
        Ok(Self { note })
    }
}

impl Endpoint for PutGoodsIssuedNote<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: Method = Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-issued-notes")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutGoodsIssuedNote<'_> {
    const PATH: &'static str = "goods-issued-notes/…/goods-issued-notes";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[9, 22, 23])
        .rows(&["O13"]);
}

/// `GET /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes`: one goods issued note.
///
/// Method *documented*, path *inferred*, query and answer *inferred*: how a note is named is unknown.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetGoodsIssuedNote {
    /// `number` (*inferred*).
    pub number: DocumentNumber,
}

impl GetGoodsIssuedNote {
    /// Asks for this note.
    pub fn new(number: impl Into<DocumentNumber>) -> Self {
        Self { number: number.into() }
    }
}

impl Endpoint for GetGoodsIssuedNote {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = GoodsNote;

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-issued-notes")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("number", self.number.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<GoodsNote> {
        decode_json(body)
    }
}

impl Evidenced for GetGoodsIssuedNote {
    const PATH: &'static str = "goods-issued-notes/…/goods-issued-notes";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[9])
        .rows(&["O13"]);
}

/// `POST /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes/file-upload-initialize`:
/// asks where the PDF of a goods issued note goes.
///
/// Method *documented*, path *path only* (quirk Q14), body *inferred* and [`Upload`](crate::Upload)'s to
/// say, the answer *inferred* but for `uploadId`, which is *documented*. Whether it may be repeated is
/// unknown, so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostGoodsIssuedNoteUploadInitialize {
    /// The fields of the body.
    pub fields: Extra,
}

impl PostGoodsIssuedNoteUploadInitialize {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields }
    }
}

impl Endpoint for PostGoodsIssuedNoteUploadInitialize {
    const EFFECT: Effect = Effect::Create;
    type Response = UploadBegun;

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-issued-notes").segment("file-upload-initialize")
    }

    fn decode(&self, body: &[u8]) -> Result<UploadBegun> {
        decode_json(body)
    }
}

impl Evidenced for PostGoodsIssuedNoteUploadInitialize {
    const PATH: &'static str = "goods-issued-notes/…/goods-issued-notes/file-upload-initialize";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[14])
        .rows(&["O14"]);
}

/// `POST /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes/file-upload-finalize`:
/// says that the PDF of a goods issued note is there.
///
/// Method *documented*, path *path only* (quirk Q14), body *inferred* and [`Upload`](crate::Upload)'s to
/// say, the answer is not documented and not read. Whether it may be repeated is unknown, so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostGoodsIssuedNoteUploadFinalize {
    /// The fields of the body.
    pub fields: Extra,
}

impl PostGoodsIssuedNoteUploadFinalize {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields }
    }
}

impl Endpoint for PostGoodsIssuedNoteUploadFinalize {
    const EFFECT: Effect = Effect::Create;
    type Response = ();

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-issued-notes").segment("file-upload-finalize")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostGoodsIssuedNoteUploadFinalize {
    const PATH: &'static str = "goods-issued-notes/…/goods-issued-notes/file-upload-finalize";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[14])
        .rows(&["O14"]);
}

handle! {
    /// The calls about goods issued notes: `client.goods_issued_notes()`.
    GoodsIssuedNotes
}

impl GoodsIssuedNotes<'_> {
    /// Adds a note, or replaces it (*inferred*) (O13).
    ///
    /// ```
    /// # use one_client::goods_notes::{GoodsNote, GoodsNoteLine, GoodsNoteProduct};
    /// # use one_client::simulator::Simulator;
    /// # use one_client::Decimal;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// let line = GoodsNoteLine::builder()
    ///     .line_number(1)
    ///     .sales_order_reference_number("OF/22/8/2022")
    ///     .product(GoodsNoteProduct::builder().sku("ŁOŻYSKO-6204").build())
    ///     .quantity(Decimal::from(4))
    ///     .build();
    /// let note = GoodsNote::builder().number("WZ/01/03/2022").product_lines(vec![line]).build();
    /// one.goods_issued_notes().save(&note).await?;
    /// assert_eq!(one.goods_issued_notes().get(&note.number).await?, note);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`GoodsNote::check`], without anything sent, and those of
    /// [`Client::send`](crate::Client::send).
    pub async fn save(&self, note: &GoodsNote) -> Result<()> {
        self.client.send(&PutGoodsIssuedNote::new(note)?).await
    }

    /// One note.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this note alone.
    pub async fn get(&self, number: &DocumentNumber) -> Result<GoodsNote> {
        self.client.send(&GetGoodsIssuedNote::new(number.clone())).await
    }

    /// Uploads the PDF of a note that ONe has (O14), in the way of
    /// [`ClientBuilder::upload`](crate::ClientBuilder::upload).
    ///
    /// ```
    /// # use one_client::goods_notes::GoodsNote;
    /// # use one_client::simulator::Simulator;
    /// # use one_client::Bytes;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// # one.goods_issued_notes().save(&GoodsNote::builder().number("WZ/01/03/2022").build()).await?;
    /// let pdf = Bytes::from_static(b"%PDF-1.7 and so on");
    /// one.goods_issued_notes().upload_pdf(&"WZ/01/03/2022".into(), pdf).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [invoices](crate::invoices::Invoices::upload_pdf).
    pub async fn upload_pdf(&self, number: &DocumentNumber, pdf: Bytes) -> Result<()> {
        let pdf = PdfUpload::new(PdfOf::GoodsIssuedNote, number, pdf);
        let initialize = PostGoodsIssuedNoteUploadInitialize::new;
        upload::upload(self.client, pdf, initialize, PostGoodsIssuedNoteUploadFinalize::new).await
    }
}
