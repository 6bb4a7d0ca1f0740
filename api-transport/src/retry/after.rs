//! `Retry-After`: seconds or a date.

use http::{HeaderMap, header};
use std::time::{Duration, SystemTime};

/// How long the server asks to wait, at most `cap`. A date is taken against the server's own `Date` if it sends one, so that a
/// clock that is wrong here does no harm. What is neither form is no wish.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime, cap: Duration) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a number: an absurd one.
        return Some(text.parse().map_or(cap, Duration::from_secs).min(cap));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let sent = headers.get(header::DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(sent.unwrap_or(now)).unwrap_or_default().min(cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    const CAP: u64 = 900;

    #[rstest]
    #[case("7", None, Some(7))]
    #[case(" 0 ", None, Some(0))]
    #[case("901", None, Some(CAP))]
    #[case("99999999999999999999999999", None, Some(CAP))]
    #[case("Sat, 01 Jan 2000 00:02:00 GMT", None, Some(120))]
    #[case("Saturday, 01-Jan-00 00:02:00 GMT", None, Some(120))]
    #[case("Sat Jan  1 00:02:00 2000", None, Some(120))]
    #[case("Fri, 31 Dec 1999 23:59:00 GMT", None, Some(0))]
    #[case("Fri, 31 Dec 2060 23:59:00 GMT", None, Some(CAP))]
    #[case("Sat, 01 Jan 2000 00:02:00 GMT", Some("Sat, 01 Jan 2000 00:01:30 GMT"), Some(30))]
    #[case("Sat, 01 Jan 2000 00:02:00 GMT", Some("yesterday"), Some(120))]
    #[case("-5", None, None)]
    #[case("1.5", None, None)]
    #[case("soon", None, None)]
    #[case("", None, None)]
    fn every_form_is_read_and_capped(
        #[case] value: &str,
        #[case] date: Option<&str>,
        #[case] seconds: Option<u64>,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_str(date).unwrap());
        }
        let now = httpdate::parse_http_date("Sat, 01 Jan 2000 00:00:00 GMT").unwrap();
        let wait = retry_after(&headers, now, Duration::from_secs(CAP));
        assert_eq!(wait, seconds.map(Duration::from_secs));
    }
}
