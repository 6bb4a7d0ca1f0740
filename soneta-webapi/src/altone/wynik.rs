use serde::Deserialize;

/// What an upsert wrote (`UpdateResult`). Refusals are errors, see [`envelope`](crate::envelope).
#[doc(alias = "update result")]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WynikZapisu {
    /// Id of the row.
    #[serde(rename = "ID")]
    pub id: Option<i32>,
    /// Its Kod, if it has one.
    pub kod: Option<String>,
    /// Whether nothing was written; since 2606.
    pub test_mode: Option<bool>,
}
