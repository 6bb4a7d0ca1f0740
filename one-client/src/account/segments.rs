//! Segments of clients, ERP → ONe: a tree whose root has the id `segment`.

use super::Created;
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::SegmentId;
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire;
use crate::wire::extra::{Extra, keeps_extra};
use api_transport::{Effect, Endpoint, Page, Path, Result, decode_json};
use futures::Stream;
use serde::{Deserialize, Serialize};

/// A segment of clients (*example only*, whole).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Segment {
    /// ONe's id.
    pub id: SegmentId,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// The ERP's id, if ONe was told.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub external_id: Option<String>,
    /// The segment above it. In the example also a segment that is not the root has none.
    #[serde(default)]
    pub parent_segment_id: Option<SegmentId>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(Segment);

impl Keyed for Segment {
    const KEY: &'static str = "id";
}

/// What is written of a segment. The three fields are *documented* for creating one (spelled `externalID` and
/// `parnetSegmentId` there, and as here in answers, quirk Q8); for changing one they are *inferred*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SegmentData {
    /// Its name; required.
    pub name: String,
    /// The ERP's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The segment above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_segment_id: Option<SegmentId>,
    /// Further fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl SegmentData {
    /// A segment of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), external_id: None, parent_segment_id: None, extra: Extra::default() }
    }

    /// The ERP's id.
    #[must_use]
    pub fn with_external_id(mut self, external_id: impl Into<String>) -> Self {
        self.external_id = Some(external_id.into());
        self
    }

    /// The segment above it.
    #[must_use]
    pub fn with_parent(mut self, parent: impl Into<SegmentId>) -> Self {
        self.parent_segment_id = Some(parent.into());
        self
    }

    /// Further fields.
    #[must_use]
    pub fn with_extra(mut self, extra: Extra) -> Self {
        self.extra = extra;
        self
    }
}

/// `GET /api/v1/account/integrations/auth-required/segments`: a page of all segments.
///
/// *Documented*, with a whole example; both parameters are called required. The answer is a bare array.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetSegments {
    /// `pageNumber`.
    #[builder(default)]
    pub page_number: PageNumber,
    /// `pageSize`. The maximum is unknown; 100 is the example's.
    #[builder(default = 100)]
    pub page_size: u32,
}

impl Endpoint for GetSegments {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<Segment, PageNumber>;

    fn path(&self) -> Path {
        service("account").segment("segments")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.page_number.query(self.page_size)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetSegments {
    const PATH: &'static str = "account/…/segments";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::ExampleOnly)
        .quirks(&[8])
        .rows(&["O1"]);
}

/// `POST /api/v1/account/integrations/auth-required/segments`: creates a segment.
///
/// Method, path and fields *documented* (quirk Q8); the answer is not, see [`Created`]. Whether a second
/// delivery makes a second segment is unknown, so it is not repeated after an unclear answer.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostSegment<'a> {
    /// The segment.
    pub segment: &'a SegmentData,
}

impl<'a> PostSegment<'a> {
    /// One message.
    pub fn new(segment: &'a SegmentData) -> Self {
        Self { segment }
    }
}

impl Endpoint for PostSegment<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = Created<SegmentId>;

    fn path(&self) -> Path {
        service("account").segment("segments")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Created::decode(body, &["id", "segmentId"])
    }
}

impl Evidenced for PostSegment<'_> {
    const PATH: &'static str = "account/…/segments";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Inferred)
        .quirks(&[8])
        .rows(&["O1"]);
}

/// `GET /api/v1/account/integrations/auth-required/segments/{segmentId}`: one segment.
///
/// Method *documented*, path *path only*; the answer is *inferred* to be a row of the list.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetSegment {
    /// The segment.
    pub segment_id: SegmentId,
}

impl GetSegment {
    /// One message.
    pub fn new(segment_id: impl Into<SegmentId>) -> Self {
        Self { segment_id: segment_id.into() }
    }
}

impl Endpoint for GetSegment {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Segment;

    fn path(&self) -> Path {
        service("account").segment("segments").id(&self.segment_id)
    }

    fn decode(&self, body: &[u8]) -> Result<Segment> {
        decode_json(body)
    }
}

impl Evidenced for GetSegment {
    const PATH: &'static str = "account/…/segments/{segmentId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .answer(Evidence::Inferred)
        .rows(&["O1"]);
}

/// `PUT /api/v1/account/integrations/auth-required/segments/{segmentId}`: changes a segment.
///
/// Method *documented*, path *path only*, body *inferred* to be that of creating (quirk Q8). Whether a field that is
/// left out keeps its value is unknown, so a caller says all three. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutSegment<'a> {
    /// The segment.
    #[serde(skip)]
    pub segment_id: &'a SegmentId,
    /// What it becomes.
    pub segment: &'a SegmentData,
}

impl<'a> PutSegment<'a> {
    /// One message.
    pub fn new(segment_id: &'a SegmentId, segment: &'a SegmentData) -> Self {
        Self { segment_id, segment }
    }
}

impl Endpoint for PutSegment<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("segments").id(self.segment_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutSegment<'_> {
    const PATH: &'static str = "account/…/segments/{segmentId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[8])
        .rows(&["O1"]);
}

/// `DELETE /api/v1/account/integrations/auth-required/segments/{segmentId}`: deletes a segment.
///
/// Method *documented*, path *path only*; what happens to its clients and to segments below it is unknown. The answer
/// is not documented and not read.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeleteSegment {
    /// The segment.
    pub segment_id: SegmentId,
}

impl DeleteSegment {
    /// One message.
    pub fn new(segment_id: impl Into<SegmentId>) -> Self {
        Self { segment_id: segment_id.into() }
    }
}

impl Endpoint for DeleteSegment {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::DELETE;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("segments").id(&self.segment_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for DeleteSegment {
    const PATH: &'static str = "account/…/segments/{segmentId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly).rows(&["O1"]);
}

handle! {
    /// The calls about segments: `client.segments()`.
    Segments
}

impl<'a> Segments<'a> {
    /// All segments from page `from` on, page by page and only when asked; `page_size` at a time.
    ///
    /// How far the wire is known: [`GetSegments`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Segment>, PageNumber>>> + 'a {
        paging::list(self.client, from, move |page_number| GetSegments { page_number, page_size })
    }

    /// One segment.
    ///
    /// How far the wire is known: [`GetSegment`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this segment alone.
    pub async fn get(&self, segment_id: &SegmentId) -> Result<Segment> {
        self.client.send(&GetSegment::new(segment_id.clone())).await
    }

    /// Creates a segment.
    ///
    /// How far the wire is known: [`PostSegment`].
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// use futures::TryStreamExt;
    /// use one_client::PageNumber;
    /// use one_client::account::SegmentData;
    ///
    /// let wholesale = SegmentData::new("Hurt").with_external_id("GR/1").with_parent("segment");
    /// let created = one.segments().create(&wholesale).await?;
    ///
    /// // The ERP's ids lead to ONe's.
    /// let mut known = Vec::new();
    /// let pages = one.segments().list(PageNumber::FIRST, 100);
    /// let mut pages = std::pin::pin!(pages);
    /// while let Some(page) = pages.try_next().await? {
    ///     for segment in page.items {
    ///         let segment = segment?;
    ///         known.extend(segment.external_id.map(|external_id| (external_id, segment.id)));
    ///     }
    /// }
    /// assert_eq!(known[0].0, "GR/1");
    /// assert_eq!(created.id, Some(known[0].1.clone()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). After one that `may_have_been_applied()` the segment is to be
    /// looked for in the [`list`](Self::list), by its `external_id`, before it is created again.
    pub async fn create(&self, segment: &SegmentData) -> Result<Created<SegmentId>> {
        self.client.send(&PostSegment::new(segment)).await
    }

    /// Changes a segment: all fields are said, see [`PutSegment`].
    ///
    /// How far the wire is known: [`PutSegment`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this segment alone.
    pub async fn update(&self, segment_id: &SegmentId, segment: &SegmentData) -> Result<()> {
        self.client.send(&PutSegment::new(segment_id, segment)).await
    }

    /// Deletes a segment.
    ///
    /// How far the wire is known: [`DeleteSegment`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` may also mean that a first delivery, whose
    /// answer was lost, deleted it.
    pub async fn delete(&self, segment_id: &SegmentId) -> Result<()> {
        self.client.send(&DeleteSegment::new(segment_id.clone())).await
    }
}
