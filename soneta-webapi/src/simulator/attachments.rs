//! Attachments of rows.

use serde::{Deserialize, Serialize};

/// A file that is attached to a row. IDs count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attachment {
    #[serde(rename = "ID")]
    pub(super) id: i32,
    /// Table and ID of the row.
    pub(super) table_name: String,
    pub(super) parent: i32,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) is_default: bool,
    pub(super) send_email: bool,
    pub(super) extension: Option<String>,
    pub(super) link: Option<String>,
    pub(super) sub_type: String,
    /// The content as it came.
    pub(super) base64: Option<String>,
}
