//! Goods received notes, the corrections of goods issued notes, ERP → ONe.

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

/// `PUT /api/v1/goods-issued-notes/integrations/auth-required/goods-received-notes`: adds a goods received
/// note.
///
/// Method *documented* (invoices use POST, quirk Q22), path *documented*, body *inferred* (see
/// [`GoodsNote`]), one note per request. That a second delivery of a number replaces the first is
/// *inferred* from the verb. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutGoodsReceivedNote<'a> {
    note: &'a GoodsNote,
}

impl<'a> PutGoodsReceivedNote<'a> {
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

impl Endpoint for PutGoodsReceivedNote<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: Method = Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-received-notes")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutGoodsReceivedNote<'_> {
    const PATH: &'static str = "goods-issued-notes/…/goods-received-notes";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Inferred)
        .quirks(&[9, 20, 22]);
}

/// `GET /api/v1/goods-issued-notes/integrations/auth-required/goods-received-notes`: one goods received
/// note.
///
/// Method *documented*, path *inferred*, query and answer *inferred*: how a note is named is unknown.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetGoodsReceivedNote {
    /// `number` (*inferred*).
    pub number: DocumentNumber,
}

impl GetGoodsReceivedNote {
    /// Asks for this note.
    pub fn new(number: impl Into<DocumentNumber>) -> Self {
        Self { number: number.into() }
    }
}

impl Endpoint for GetGoodsReceivedNote {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = GoodsNote;

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-received-notes")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("number", self.number.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<GoodsNote> {
        decode_json(body)
    }
}

impl Evidenced for GetGoodsReceivedNote {
    const PATH: &'static str = "goods-issued-notes/…/goods-received-notes";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[9]);
}

/// `POST /api/v1/goods-issued-notes/integrations/auth-required/goods-received-notes/file-upload-initialize`:
/// asks where the PDF of a goods received note goes.
///
/// Method *documented*, path *inferred* (quirk Q14), body *inferred* and [`Upload`](crate::Upload)'s to
/// say, the answer *inferred* but for `uploadId`, which is *documented*. Whether it may be repeated is
/// unknown, so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostGoodsReceivedNoteUploadInitialize {
    /// The fields of the body.
    pub fields: Extra,
}

impl PostGoodsReceivedNoteUploadInitialize {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields }
    }
}

impl Endpoint for PostGoodsReceivedNoteUploadInitialize {
    const EFFECT: Effect = Effect::Create;
    type Response = UploadBegun;

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-received-notes").segment("file-upload-initialize")
    }

    fn decode(&self, body: &[u8]) -> Result<UploadBegun> {
        decode_json(body)
    }
}

impl Evidenced for PostGoodsReceivedNoteUploadInitialize {
    const PATH: &'static str = "goods-issued-notes/…/goods-received-notes/file-upload-initialize";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[14]);
}

/// `POST /api/v1/goods-issued-notes/integrations/auth-required/goods-received-notes/file-upload-finalize`:
/// says that the PDF of a goods received note is there.
///
/// Method *documented*, path *inferred* (quirk Q14), body *inferred* and [`Upload`](crate::Upload)'s to
/// say, the answer is not documented and not read. Whether it may be repeated is unknown, so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostGoodsReceivedNoteUploadFinalize {
    /// The fields of the body.
    pub fields: Extra,
}

impl PostGoodsReceivedNoteUploadFinalize {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields }
    }
}

impl Endpoint for PostGoodsReceivedNoteUploadFinalize {
    const EFFECT: Effect = Effect::Create;
    type Response = ();

    fn path(&self) -> Path {
        service("goods-issued-notes").segment("goods-received-notes").segment("file-upload-finalize")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostGoodsReceivedNoteUploadFinalize {
    const PATH: &'static str = "goods-issued-notes/…/goods-received-notes/file-upload-finalize";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Inferred)
        .request(Evidence::Inferred)
        .quirks(&[14]);
}

handle! {
    /// The calls about goods received notes: `client.goods_received_notes()`.
    GoodsReceivedNotes
}

impl GoodsReceivedNotes<'_> {
    /// Adds a note, or replaces it (*inferred*).
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
    /// let note = GoodsNote::builder().number("WZK/01/03/2022").product_lines(vec![line]).build();
    /// one.goods_received_notes().save(&note).await?;
    /// assert_eq!(one.goods_received_notes().get(&note.number).await?, note);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`GoodsNote::check`], without anything sent, and those of
    /// [`Client::send`](crate::Client::send).
    pub async fn save(&self, note: &GoodsNote) -> Result<()> {
        self.client.send(&PutGoodsReceivedNote::new(note)?).await
    }

    /// One note.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this note alone.
    pub async fn get(&self, number: &DocumentNumber) -> Result<GoodsNote> {
        self.client.send(&GetGoodsReceivedNote::new(number.clone())).await
    }

    /// Uploads the PDF of a note that ONe has, in the way of
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
    /// # one.goods_received_notes().save(&GoodsNote::builder().number("WZK/01/03/2022").build()).await?;
    /// let pdf = Bytes::from_static(b"%PDF-1.7 and so on");
    /// one.goods_received_notes().upload_pdf(&"WZK/01/03/2022".into(), pdf).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [invoices](crate::invoices::Invoices::upload_pdf).
    pub async fn upload_pdf(&self, number: &DocumentNumber, pdf: Bytes) -> Result<()> {
        let pdf = PdfUpload::new(PdfOf::GoodsReceivedNote, number, pdf);
        let initialize = PostGoodsReceivedNoteUploadInitialize::new;
        upload::upload(self.client, pdf, initialize, PostGoodsReceivedNoteUploadFinalize::new).await
    }
}
