//! Attachments of rows, and PDFs of documents.

use api_transport::{Effect, Endpoint, Path};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::WynikZapisu;
use crate::Result;
use crate::dokumenty::{Pdf, is_pdf};
use crate::envelope::{self, Rows};
use crate::ids::{DokumentId, redacted_debug};
use crate::wire::{self, Cecha, open_enum};
use crate::{Client, Error};

/// An attachment (`AttachmentDTO`), as it is read and as [`InsertAttachment`] sends it.
///
/// The content travels inside the JSON: the server takes bodies of 30 MiB, which is a file of some 22 MiB.
/// One that is no Base64 makes its whole row a bad one.
#[doc(alias = "attachment")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Zalacznik {
    /// Id of the attachment; the ERP gives it.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<i32>,
    /// Name of the ERP's table of its parent: `DokHandlowe`, `Towary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// File name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |name: impl Into<String>| Some(name.into()))]
    pub name: Option<String>,
    /// Id of its parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<i32>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// Whether it is sent with e-mails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_email: Option<bool>,
    /// File name extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Where it is, if it is only linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Kind of content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<RodzajZalacznika>,
    /// Content; Base64 on the wire.
    #[serde(
        rename = "Base64",
        default,
        with = "wire::base64::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub content: Option<Bytes>,
    /// Custom fields; since 2606.
    #[serde(default, with = "crate::wire::cecha::altone_list", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub features: Vec<Cecha>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
}

redacted_debug!(Zalacznik { id });

open_enum! {
    /// Kind of an attachment's content (`SubTypeType`).
    #[doc(alias = "attachment kind")]
    pub enum RodzajZalacznika {
        /// Not told.
        None = "None" / 0,
        /// Picture.
        Picture = "Picture" / 1,
        /// Text.
        Text = "Text" / 2,
        /// Document.
        Document = "Document" / 3,
        /// Sound.
        Audio = "Audio" / 4,
        /// Film.
        Video = "Video" / 5,
        /// Any bytes.
        Binary = "Binary" / 6,
        /// Archive.
        Compressed = "Compressed" / 7,
        /// Link.
        Http = "Http" / 8,
        /// Link.
        Https = "Https" / 9,
    }
}

/// `POST api/OperationFunctionsWebAPI/GetAttachments`: attachments of a row that are visible to WebAPI.
#[derive(Clone, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetAttachments {
    /// Id of the row.
    #[serde(rename = "ParentID")]
    pub parent_id: i32,
    /// Name of its table: `DokHandlowe`, `Towary`.
    pub table_name: String,
    /// Only those of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Only those with this extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
}

redacted_debug!(GetAttachments { parent_id, table_name });

impl Endpoint for GetAttachments {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<Zalacznik>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetAttachments"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Beside {}
        envelope::decode_rows::<Beside, _>(body, "Attachments").map(|(_, rows)| rows)
    }
}

/// `POST api/OperationFunctionsWebAPI/InsertAttachment`: attaches a file to a row. A second delivery attaches it twice.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct InsertAttachment {
    /// The file, with the table and the id of its parent.
    pub zalacznik: Zalacznik,
}

impl InsertAttachment {
    /// Attaches this file.
    pub fn new(zalacznik: Zalacznik) -> Self {
        Self { zalacznik }
    }
}

impl Endpoint for InsertAttachment {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "InsertAttachment"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// `POST api/FakturyHandloweWebAPI/GetFilePDF`: a document as PDF, made if there is none yet.
///
/// A `Read`, although it may leave an attachment behind: a second delivery finds it (*inferred*).
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetFilePDF {
    /// Id of the document.
    #[serde(rename = "ParentID")]
    pub parent_id: DokumentId,
    /// Name of the file among the document's attachments (*inferred*).
    pub name: String,
}

redacted_debug!(GetFilePDF { parent_id });

impl GetFilePDF {
    /// The file of this name of a document.
    pub fn new(parent_id: DokumentId, name: impl Into<String>) -> Self {
        Self { parent_id, name: name.into() }
    }
}

impl Endpoint for GetFilePDF {
    const EFFECT: Effect = Effect::Read;
    type Response = Option<Zalacznik>;

    fn path(&self) -> Path {
        Path::new(["api", "FakturyHandloweWebAPI", "GetFilePDF"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            attachment: Option<Zalacznik>,
        }
        envelope::decode(body).map(|answer: Answer| answer.attachment)
    }
}

/// The PDF of a document; a file that is none is an error.
pub(super) async fn pdf(client: &Client, id: DokumentId, name: &str) -> Result<Pdf> {
    let file = client.send(&GetFilePDF::new(id, name)).await?;
    let Some(Zalacznik { name: own, content: Some(bytes), .. }) = file else {
        return Err(Error::decode_at("the answer holds no file"));
    };
    if !is_pdf(&bytes) {
        return Err(Error::decode_at("the file is no PDF"));
    }
    Ok(Pdf::new(own.filter(|own| !own.is_empty()).unwrap_or_else(|| name.to_owned()), bytes))
}
