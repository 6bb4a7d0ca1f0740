//! The answer to a create.

use crate::wire::extra::{Extra, keeps_extra};
use api_transport::{Result, decode_json};
use serde::{Deserialize, Serialize};

/// The answer to a create, which no readable page of the service's documentation shows.
///
/// So it is read with patience (*inferred*): an empty answer, an id alone as a text, or a record that names its id. A
/// success without an id is a success; the record is then found in the list, best by its `externalId`. An answer
/// that is none of these is an error whose `may_have_been_applied()` is true.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Created<I> {
    /// The id of the new record, if it was told.
    pub id: Option<I>,
    /// What else came.
    pub extra: Extra,
}

impl<I: From<String>> Created<I> {
    /// Reads the answer; `names` are the fields that may hold the id, the likeliest first.
    ///
    /// # Errors
    ///
    /// Neither nothing nor a text nor a record.
    pub(super) fn decode(body: &[u8], names: &[&str]) -> Result<Self> {
        match body.trim_ascii() {
            b"" | b"null" => Ok(Self { id: None, extra: Extra::default() }),
            [b'"', ..] => {
                let id = named(decode_json(body)?);
                Ok(Self { id, extra: Extra::default() })
            }
            _ => {
                let Record { extra } = decode_json(body)?;
                let id = names.iter().find_map(|name| named(extra.text(name)?));
                Ok(Self { id, extra })
            }
        }
    }
}

/// An empty text is no id: nothing could be asked for by it.
fn named<I: From<String>>(id: String) -> Option<I> {
    (!id.is_empty()).then(|| I::from(id))
}

/// A record of which nothing is known.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Self")]
struct Record {
    #[serde(flatten, skip_deserializing)]
    extra: Extra,
}

keeps_extra!(Record);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ClientId;
    use rstest::rstest;

    const NAMES: &[&str] = &["clientId", "id"];

    #[rstest]
    #[case::nothing("", None)]
    #[case::white_space(" \n", None)]
    #[case::null("null", None)]
    #[case::record(r#"{"clientId":"org:ż/1"}"#, Some("org:ż/1"))]
    #[case::other_name(r#"{"id":"org:1","name":"Zakład"}"#, Some("org:1"))]
    #[case::likeliest_first(r#"{"id":"7","clientId":"org:1"}"#, Some("org:1"))]
    #[case::number(r#"{"id":7}"#, Some("7"))]
    #[case::record_without_id(r#"{"clientId":null,"id":null}"#, None)]
    #[case::text(r#" "org:1""#, Some("org:1"))]
    #[case::empty_text("\"\"", None)]
    #[case::empty_id(r#"{"clientId":"","id":"org:1"}"#, Some("org:1"))]
    fn whatever_names_the_id_is_read(#[case] answer: &str, #[case] id: Option<&str>) {
        let created = Created::<ClientId>::decode(answer.as_bytes(), NAMES).unwrap();
        assert_eq!(created.id.as_ref().map(ClientId::as_str), id);
    }

    #[rstest]
    #[case("<html>")]
    #[case("[]")]
    #[case("{\"clientId\":\"org")]
    #[case("\"org")]
    #[case("true")]
    fn what_is_no_answer_is_no_success(#[case] answer: &str) {
        assert!(Created::<ClientId>::decode(answer.as_bytes(), NAMES).is_err());
    }
}
