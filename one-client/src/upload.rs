//! How a PDF comes to its document: begin, the bytes travel, complete.
//!
//! *Documented* is only that two calls stand around a transfer, that the first yields `uploadId`, and that
//! `fileExtension` is a field of the flow. Bodies, which call takes which field, how the bytes travel, size
//! limits and lapse are unknown. So all of that is one trait, [`Upload`], with one *inferred*
//! implementation, [`PutToUploadUrl`]. Who has the vendor's Swagger and finds another way implements the
//! trait and gives it to [`ClientBuilder::upload`](crate::ClientBuilder::upload).

use crate::client::Client;
use crate::ids::{DocumentNumber, UploadId};
use crate::wire;
use crate::wire::extra::{Extra, keeps_extra};
use api_transport::{Effect, Endpoint, Error, ErrorKind, Result, Transport};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use url::Url;

/// What a PDF belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum PdfOf {
    /// An invoice (`file-upload-begin`, `file-upload-complete`).
    Invoice,
    /// A goods issued note (`file-upload-initialize`, `file-upload-finalize`).
    GoodsIssuedNote,
    /// A goods received note (as above).
    GoodsReceivedNote,
}

/// A PDF on its way. `Debug` shows number and length.
#[derive(Clone)]
#[non_exhaustive]
pub struct PdfUpload<'a> {
    /// What it belongs to.
    pub of: PdfOf,
    /// The document's number.
    pub number: &'a str,
    /// The bytes.
    pub pdf: Bytes,
}

impl<'a> PdfUpload<'a> {
    /// A PDF of the document with this number.
    pub fn new(of: PdfOf, number: &'a DocumentNumber, pdf: Bytes) -> Self {
        Self { of, number: number.as_str(), pdf }
    }
}

impl fmt::Debug for PdfUpload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PdfUpload")
            .field("of", &self.of)
            .field("number", &self.number)
            .field("bytes", &self.pdf.len())
            .finish()
    }
}

/// What *begin* answers. `Debug` shows the names of the further fields alone, since an address to upload to
/// may be a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadBegun {
    /// `uploadId` (*documented*): what *complete* names. A text; a number is taken as its digits.
    #[serde(deserialize_with = "wire::text::required")]
    pub upload_id: UploadId,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(UploadBegun);

impl fmt::Debug for UploadBegun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadBegun").field("extra", &self.extra).finish_non_exhaustive()
    }
}

/// Everything about an upload that is not documented: what *begin* and *complete* say, and how the bytes
/// travel between them.
///
/// Called in this order, once each per upload, as long as nothing fails: [`begin`](Self::begin),
/// [`transfer`](Self::transfer), [`complete`](Self::complete); for several uploads possibly in parallel.
/// The two POSTs are the client's own. An upload that fails is never resumed, only begun anew, by the
/// caller.
///
/// ```
/// use one_client::{Error, Extra, PdfUpload, Transport, Upload, UploadBegun};
///
/// /// The bytes travel in the body of *complete*.
/// #[derive(Debug)]
/// struct InTheLastCall;
///
/// #[async_trait::async_trait]
/// impl Upload for InTheLastCall {
///     fn begin(&self, upload: &PdfUpload<'_>) -> Result<Extra, Error> {
///         let mut fields = Extra::default();
///         fields.set("documentNumber", &upload.number)?;
///         fields.set("fileExtension", &"PDF")?;
///         Ok(fields)
///     }
///
///     async fn transfer(&self, _: &Transport, _: &PdfUpload<'_>, _: &UploadBegun) -> Result<(), Error> {
///         Ok(())
///     }
///
///     fn complete(&self, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<Extra, Error> {
///         let mut fields = Extra::default();
///         fields.set("uploadId", &begun.upload_id)?;
///         fields.set("file", &upload.pdf.iter().map(|byte| format!("{byte:02x}")).collect::<String>())?;
///         Ok(fields)
///     }
/// }
///
/// # use one_client::{Client, SecretString, Url};
/// let url = Url::parse("https://api-preprod.one.unity.pl").unwrap();
/// let one = Client::builder(url, "my-tenant", SecretString::from("key")).upload(InTheLastCall).build()?;
/// # Ok::<(), Error>(())
/// ```
#[async_trait]
pub trait Upload: fmt::Debug + Send + Sync {
    /// The fields of the body of *begin*.
    ///
    /// # Errors
    ///
    /// Nothing is sent then.
    fn begin(&self, upload: &PdfUpload<'_>) -> Result<Extra>;

    /// Brings the bytes to where *begin* said. `http` speaks to ONe with its credentials (`send`), or to an
    /// address of the answer without them (`elsewhere`).
    ///
    /// # Errors
    ///
    /// The upload is not completed then.
    async fn transfer(&self, http: &Transport, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<()>;

    /// The fields of the body of *complete*.
    ///
    /// # Errors
    ///
    /// The upload is not completed then.
    fn complete(&self, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<Extra>;
}

const _: Option<&dyn Upload> = None;

/// The default, *inferred* altogether: *begin* says `{number, fileExtension: "pdf"}`, the bytes go by PUT
/// with content type `application/pdf` and without credentials to `uploadUrl` of its answer, *complete*
/// says `{uploadId, number}`.
///
/// A presigned address is a common design, but nothing in the documentation confirms it. To be tried on a
/// test tenant first. The bytes go wherever ONe says, by https; once the host is known, name it: [`only_to`](Self::only_to).
#[derive(Clone, Debug, Default)]
pub struct PutToUploadUrl {
    hosts: Option<BTreeSet<String>>,
}

impl PutToUploadUrl {
    /// The same, to these hosts alone, for example `files.one.example`. An address on another one is an error.
    pub fn only_to<S: Into<String>>(hosts: impl IntoIterator<Item = S>) -> Self {
        Self { hosts: Some(hosts.into_iter().map(Into::into).collect()) }
    }
}

#[async_trait]
impl Upload for PutToUploadUrl {
    fn begin(&self, upload: &PdfUpload<'_>) -> Result<Extra> {
        let mut fields = Extra::default();
        fields.set("number", &upload.number)?;
        fields.set("fileExtension", &"pdf")?;
        Ok(fields)
    }

    async fn transfer(&self, http: &Transport, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<()> {
        let url = begun.extra.json("uploadUrl").and_then(|json| serde_json::from_str::<String>(json).ok());
        let Some(url) = url.and_then(|url| Url::parse(&url).ok()) else {
            return Err(Error::decode_at("the answer to begin has no `uploadUrl` with a whole address"));
        };
        let host = url.host_str().unwrap_or_default();
        if self.hosts.as_ref().is_some_and(|hosts| !hosts.contains(host)) {
            return Err(Error::new(
                ErrorKind::Unexpected,
                "the answer to begin names a host that is not allowed",
            ));
        }
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/pdf"))]);
        // The same bytes at the same place: a repeat leaves the same.
        let effect = Effect::Idempotent;
        http.elsewhere(url)?.send(Method::PUT, effect, headers, Some(upload.pdf.clone())).await.map(|_| ())
    }

    fn complete(&self, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<Extra> {
        let mut fields = Extra::default();
        fields.set("uploadId", &begun.upload_id)?;
        fields.set("number", &upload.number)?;
        Ok(fields)
    }
}

/// Which call failed, as an error says it.
const BEGIN: &str = "PDF upload, step 1 of 3 (begin)";
const TRANSFER: &str = "PDF upload, step 2 of 3 (the bytes)";
const COMPLETE: &str = "PDF upload, step 3 of 3 (complete)";

const ANEW: &str = "Upload the PDF anew later, from the beginning; one that was not completed leaves nothing behind (inferred).";
const ANEW_AFTER_ALL: &str = "Upload the PDF anew later, from the beginning; if this one arrived, the new one takes its place (inferred).";

/// The whole way of a PDF. `begin` and `complete` make the calls of the document's own service.
pub(crate) async fn upload<B, C>(
    client: &Client,
    upload: PdfUpload<'_>,
    begin: fn(Extra) -> B,
    complete: fn(Extra) -> C,
) -> Result<()>
where
    B: Endpoint<Response = UploadBegun>,
    C: Endpoint<Response = ()>,
{
    check(&upload.pdf)?;
    let way = &client.settings().upload;
    let begun = async { client.send(&begin(way.begin(&upload)?)).await };
    let begun = begun.await.map_err(|error| failed(BEGIN, error))?;
    let transferred = way.transfer(client.transport(), &upload, &begun).await;
    transferred.map_err(|error| failed(TRANSFER, error))?;
    let completed = async { client.send(&complete(way.complete(&upload, &begun)?)).await };
    completed.await.map_err(|error| failed(COMPLETE, error))
}

/// What nobody can show as a PDF is not sent.
fn check(pdf: &[u8]) -> Result<()> {
    let fault = match pdf {
        [] => "the PDF is empty",
        pdf if !pdf.starts_with(b"%PDF-") => "the file is no PDF, it does not begin with `%PDF-`",
        _ => return Ok(()),
    };
    Err(Error::invalid(fault))
}

fn failed(step: &'static str, error: Error) -> Error {
    let passing = matches!(
        error.kind(),
        ErrorKind::NotSent
            | ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::Throttled
            | ErrorKind::Unavailable
    );
    // What was begun may have lapsed, or its address.
    let lapsed = step != BEGIN && error.kind() == ErrorKind::NotFound
        || step == TRANSFER && matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Forbidden);
    // Before the last step nothing has happened to the document.
    let applied = step == COMPLETE && error.may_have_been_applied();
    let error = error.with_context(step).with_may_have_been_applied(applied);
    match passing || lapsed {
        true if applied => error.with_advice(ANEW_AFTER_ALL),
        true => error.with_advice(ANEW),
        false => error,
    }
}
