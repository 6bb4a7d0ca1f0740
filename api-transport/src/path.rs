//! The path of a call, segment by segment.

use crate::{Error, Result};
use std::fmt;

/// A path below the base URL. Every segment is percent-encoded by itself, so a record id cannot leave its place.
///
/// Everything but letters, digits, `-`, `.`, `_` and `~` is encoded. A segment that is empty, `.` or `..` means another resource
/// in every encoding, so a call with such a path fails before anything is sent. `Debug` and `Display` show ids as `{}`.
///
/// ```
/// use api_transport::Path;
///
/// let path = Path::new(["api", "v1", "items"]).id("A/7").segment("stock");
/// assert_eq!(path.encoded()?, "api/v1/items/A%2F7/stock");
/// assert_eq!(path.to_string(), "/api/v1/items/{}/stock");
/// assert!(Path::new(["api"]).id("..").encoded().is_err());
/// # Ok::<(), api_transport::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Path {
    encoded: String,
    shown: String,
    ambiguous: bool,
}

impl Path {
    /// A path of these segments, which logs and errors show as they are.
    pub fn new<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Self {
        let start = Self { encoded: String::new(), shown: String::new(), ambiguous: false };
        segments.into_iter().fold(start, Self::segment)
    }

    /// Appends a segment that logs and errors show as it is.
    #[must_use]
    pub fn segment(mut self, segment: impl AsRef<str>) -> Self {
        let from = self.encoded.len();
        self = self.append(segment.as_ref());
        let shown = self.encoded.get(from..).unwrap_or_default().trim_start_matches('/');
        self.shown.push('/');
        self.shown.push_str(shown);
        self
    }

    /// Appends a record's id, which logs and errors show as `{}`.
    #[must_use]
    pub fn id(mut self, id: impl AsRef<str>) -> Self {
        self.shown.push_str("/{}");
        self.append(id.as_ref())
    }

    fn append(mut self, segment: &str) -> Self {
        // Also `%2e%2e` is a parent directory to every URL parser, so these cannot be expressed at all.
        self.ambiguous |= matches!(segment, "" | "." | "..");
        if !self.encoded.is_empty() {
            self.encoded.push('/');
        }
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                self.encoded.push(char::from(byte));
            } else {
                self.encoded.push_str(&format!("%{byte:02X}"));
            }
        }
        self
    }

    /// The path as it goes on the wire, without a leading slash.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): a segment is empty, `.` or `..`.
    pub fn encoded(&self) -> Result<&str> {
        if self.ambiguous {
            return Err(
                Error::config("a path segment is empty, `.` or `..`").with_endpoint(self.shown.clone())
            );
        }
        Ok(&self.encoded)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    fn decoded(segment: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = segment.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(if byte == b'%' {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            } else {
                byte
            });
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn any_id_stays_one_segment_and_comes_back_whole(id in "(\\PC|[./%?#\\\\ ;:]){0,12}") {
            let path = Path::new(["api"]).id(&id).segment("end");
            if matches!(id.as_str(), "" | "." | "..") {
                prop_assert!(path.encoded().is_err());
                return Ok(());
            }
            let mut url = Url::parse("https://erp.example/prefix").unwrap();
            url.set_path(&format!("prefix/{}", path.encoded().unwrap()));
            let segments: Vec<_> = url.path_segments().unwrap().map(decoded).collect();
            prop_assert_eq!(segments, vec!["prefix".to_owned(), "api".to_owned(), id.clone(), "end".to_owned()]);
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            prop_assert_eq!(format!("{path}{path:?}"), "/api/{}/endPath(/api/{}/end)");
        }
    }
}
