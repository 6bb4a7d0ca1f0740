//! The calls about goods issued notes (WZ) and goods received notes, ERP → ONe.

use super::{GoodsNote, GoodsNoteKind};
use crate::client::Client;
use crate::evidence::{EndpointEvidence, Evidenced};
use crate::ids::DocumentNumber;
use crate::service::service;
use crate::upload::{self, PdfUpload, UploadBegun};
use crate::wire::extra::Extra;
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use bytes::Bytes;
use http::Method;
use serde::Serialize;
use std::marker::PhantomData;

fn notes<K: GoodsNoteKind>() -> Path {
    service("goods-issued-notes").segment(K::RESOURCE)
}

/// `PUT /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes`, or `…/goods-received-notes`: adds a
/// note.
///
/// Method *documented* (invoices use POST, quirk Q22), path *path only*, of received notes *documented*; body *inferred*
/// (see [`GoodsNote`]), one note per request. That a second delivery of a number replaces the first is *inferred* from
/// the verb. The answer is not documented and not read. The vendor's hours for issued notes are 8 to 20 o'clock (quirk
/// Q23); nothing here keeps them.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutGoodsNote<'a, K> {
    note: &'a GoodsNote,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<'a, K: GoodsNoteKind> PutGoodsNote<'a, K> {
    /// Adds this note.
    ///
    /// # Errors
    ///
    /// Those of [`GoodsNote::check`].
    pub fn new(note: &'a GoodsNote) -> Result<Self> {
        note.check()?;
        Ok(Self { note, kind: PhantomData })
    }
}

impl<K: GoodsNoteKind> Endpoint for PutGoodsNote<'_, K> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: Method = Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        notes::<K>()
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl<K: GoodsNoteKind> Evidenced for PutGoodsNote<'_, K> {
    const PATH: &'static str = K::PATH;
    const EVIDENCE: EndpointEvidence = K::PUT;
}

/// `GET /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes`, or `…/goods-received-notes`: one
/// note.
///
/// Method *documented*, path *inferred*, query and answer *inferred*: how a note is named is unknown.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetGoodsNote<K> {
    /// `number` (*inferred*).
    pub number: DocumentNumber,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: GoodsNoteKind> GetGoodsNote<K> {
    /// Asks for this note.
    pub fn new(number: impl Into<DocumentNumber>) -> Self {
        Self { number: number.into(), kind: PhantomData }
    }
}

impl<K: GoodsNoteKind> Endpoint for GetGoodsNote<K> {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = GoodsNote;

    fn path(&self) -> Path {
        notes::<K>()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("number", self.number.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<GoodsNote> {
        decode_json(body)
    }
}

impl<K: GoodsNoteKind> Evidenced for GetGoodsNote<K> {
    const PATH: &'static str = K::PATH;
    const EVIDENCE: EndpointEvidence = K::GET;
}

/// `POST /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes/file-upload-initialize`, or
/// `…/goods-received-notes/file-upload-initialize`: asks where the PDF of a note goes.
///
/// Method *documented*, path *path only* (quirk Q14), of received notes *inferred*; body *inferred* and
/// [`Upload`](crate::Upload)'s to say, the answer *inferred* but for `uploadId`, which is *documented*. Whether it may
/// be repeated is unknown, so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostGoodsNoteUploadInitialize<K> {
    /// The fields of the body.
    pub fields: Extra,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: GoodsNoteKind> PostGoodsNoteUploadInitialize<K> {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields, kind: PhantomData }
    }
}

impl<K: GoodsNoteKind> Endpoint for PostGoodsNoteUploadInitialize<K> {
    const EFFECT: Effect = Effect::Create;
    type Response = UploadBegun;

    fn path(&self) -> Path {
        notes::<K>().segment("file-upload-initialize")
    }

    fn decode(&self, body: &[u8]) -> Result<UploadBegun> {
        decode_json(body)
    }
}

impl<K: GoodsNoteKind> Evidenced for PostGoodsNoteUploadInitialize<K> {
    const PATH: &'static str = K::PATH_INITIALIZE;
    const EVIDENCE: EndpointEvidence = K::INITIALIZE;
}

/// `POST /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes/file-upload-finalize`, or
/// `…/goods-received-notes/file-upload-finalize`: says that the PDF of a note is there.
///
/// Method *documented*, path *path only* (quirk Q14), of received notes *inferred*; body *inferred* and
/// [`Upload`](crate::Upload)'s to say, the answer is not documented and not read. Whether it may be repeated is unknown,
/// so it is not.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostGoodsNoteUploadFinalize<K> {
    /// The fields of the body.
    pub fields: Extra,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: GoodsNoteKind> PostGoodsNoteUploadFinalize<K> {
    /// Says this.
    pub fn new(fields: Extra) -> Self {
        Self { fields, kind: PhantomData }
    }
}

impl<K: GoodsNoteKind> Endpoint for PostGoodsNoteUploadFinalize<K> {
    const EFFECT: Effect = Effect::Create;
    type Response = ();

    fn path(&self) -> Path {
        notes::<K>().segment("file-upload-finalize")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl<K: GoodsNoteKind> Evidenced for PostGoodsNoteUploadFinalize<K> {
    const PATH: &'static str = K::PATH_FINALIZE;
    const EVIDENCE: EndpointEvidence = K::FINALIZE;
}

/// The calls about goods issued notes, `client.goods_issued_notes()`, or received ones, `client.goods_received_notes()`.
#[derive(Clone, Copy, Debug)]
pub struct GoodsNotes<'a, K> {
    client: &'a Client,
    kind: PhantomData<K>,
}

impl<'a, K: GoodsNoteKind> GoodsNotes<'a, K> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client, kind: PhantomData }
    }

    /// Adds a note, or replaces it (*inferred*) (O13).
    ///
    /// How far the wire is known: [`PutGoodsNote`].
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
        self.client.send(&PutGoodsNote::<K>::new(note)?).await
    }

    /// One note.
    ///
    /// How far the wire is known: [`GetGoodsNote`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this note alone.
    pub async fn get(&self, number: &DocumentNumber) -> Result<GoodsNote> {
        self.client.send(&GetGoodsNote::<K>::new(number.clone())).await
    }

    /// Uploads the PDF of a note that ONe has (O14), in the way of
    /// [`ClientBuilder::upload`](crate::ClientBuilder::upload).
    ///
    /// How far the wire is known: [`PostGoodsNoteUploadInitialize`] and [`PostGoodsNoteUploadFinalize`].
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
        let pdf = PdfUpload::new(K::OF, number, pdf);
        let initialize = PostGoodsNoteUploadInitialize::<K>::new;
        upload::upload(self.client, pdf, initialize, PostGoodsNoteUploadFinalize::<K>::new).await
    }
}
