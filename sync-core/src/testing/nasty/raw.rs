//! Hostile keys, texts, numbers, instants and bodies.

use chrono::{DateTime, Utc};

use super::Nasty;

fn nasty<T, E>(
    name: &'static str,
    failures: &'static str,
    why: &'static str,
    input: T,
    expected: E,
) -> Nasty<T, E> {
    Nasty { name, failures, why, input, expected }
}

/// Keys that are hard to store, compare or put into an address. All differ, and have to go on differing.
///
/// ```
/// use sync_core::testing::nasty;
///
/// assert!(nasty::keys().iter().any(|key| key.input.contains('Ł')));
/// ```
#[must_use]
pub fn keys() -> Vec<Nasty<String>> {
    let plain = |name, failures, why, text: &str| nasty(name, failures, why, text.to_owned(), ());
    vec![
        plain("polish", "F53", "letters of two bytes, also where a log cuts", "ŁĄCZNIK-ŻÓŁTY"),
        plain("composed", "F71", "the same to the eye as `decomposed`", "ó"),
        plain("decomposed", "F71", "the same to the eye as `composed`", "o\u{301}"),
        plain("quotes", "F32", "ends a text in SQL and in JSON", "5\" 'x'; --\\"),
        plain("emoji", "F32", "four bytes: more than a column of three-byte characters takes", "🔨👷🏽"),
        plain("newline", "F53", "writes a second line into a log", "A\nB\r\nC"),
        plain("tab", "F32", "splits columns", "A\tB"),
        plain("trailing blank", "F71", "databases compare it as equal to `plain`", "A1 "),
        plain("plain", "F71", "the one that others are mistaken for", "A1"),
        plain("lower case", "F71", "equal to `plain` where case is ignored", "a1"),
        plain("leading zeros", "F67", "a number to a spreadsheet", "00123"),
        plain("path", "F53", "another address, if it is not escaped", "../A1?x=1#y%2F&z"),
        plain("zero width", "F71", "differs from `plain` by nothing that is seen", "A\u{200b}1"),
        plain("null word", "F23", "a text that says null", "null"),
        plain("blank", "F71", "nothing but a blank", " "),
        nasty("very long", "F67", "longer than a column of 30 or 255", "Ł".repeat(1_000), ()),
        nasty(
            "very long, other end",
            "F67",
            "the same as `very long` once cut",
            format!("{}X", "Ł".repeat(999)),
            (),
        ),
    ]
}

/// Bytes of the text `Zażółć gęślą jaźń`, with whether they are UTF-8. What is not must be refused, never replaced by `�`; what
/// is was spoilt before, and can only be noticed.
///
/// ```
/// use sync_core::testing::nasty;
///
/// for text in nasty::texts() {
///     assert_eq!(std::str::from_utf8(text.input).is_ok(), text.expected, "{}", text.name);
/// }
/// ```
#[must_use]
pub fn texts() -> Vec<Nasty<&'static [u8], bool>> {
    vec![
        nasty("right", "F50", "as it should be", "Zażółć gęślą jaźń".as_bytes(), true),
        nasty(
            "mojibake",
            "F50",
            "UTF-8 taken for Windows-1252 and written as UTF-8 again",
            "ZaÅ¼Ã³Å‚Ä‡".as_bytes(),
            true,
        ),
        nasty(
            "replaced",
            "F50",
            "somebody else has replaced what he could not read",
            "Za\u{fffd}\u{fffd}\u{fffd}".as_bytes(),
            true,
        ),
        nasty(
            "windows-1250",
            "F50",
            "what Polish systems write by habit",
            b"Za\xbf\xf3\xb3\xe6 g\xea\x9cl\xb9 ja\x9f\xf1",
            false,
        ),
        nasty(
            "iso-8859-2",
            "F50",
            "nearly the same, but not quite",
            b"Za\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1 ja\xbc\xf1",
            false,
        ),
        nasty(
            "cut character",
            "F50",
            "the second byte of the last letter is missing",
            b"Za\xc5\xbc\xc3\xb3\xc5",
            false,
        ),
        nasty("overlong", "F50", "a slash in two bytes, to get past a check", b"..\xc0\xaf", false),
        nasty("surrogate", "F50", "half a character of UTF-16", b"\xed\xa0\xbd", false),
    ]
}

/// JSON values in the place of an amount, with the exact decimal if there is one. Without one, the record is bad: it is never
/// zero.
///
/// ```
/// use sync_core::testing::nasty;
///
/// let too_large = nasty::numbers().into_iter().find(|number| number.input == "1e999").unwrap();
/// assert_eq!(too_large.expected, None);
/// ```
#[must_use]
pub fn numbers() -> Vec<Nasty<&'static str, Option<&'static str>>> {
    vec![
        nasty("tenths", "F70", "no binary float is this", "0.1", Some("0.1")),
        nasty(
            "twenty digits",
            "F70",
            "a binary float loses the last ones",
            "123456789012345678.91",
            Some("123456789012345678.91"),
        ),
        nasty(
            "beyond 2^53",
            "F70",
            "the first whole number that a binary float cannot hold",
            "9007199254740993",
            Some("9007199254740993"),
        ),
        nasty("kept zeros", "F10", "the same amount as 1.5", "1.5000", Some("1.5")),
        nasty("negative zero", "F23", "zero, and equal to it", "-0", Some("0")),
        nasty("negative zero with a point", "F23", "zero, and equal to it", "-0.00", Some("0")),
        nasty("exponent", "F24", "a JSON number as good as any", "1.25E+2", Some("125")),
        nasty("small exponent", "F24", "not zero", "1e-7", Some("0.0000001")),
        nasty("too large", "F24", "infinite as a binary float", "1e999", None),
        nasty("too small", "F24", "zero as a binary float", "1e-999", None),
        nasty("not a number", "F24", "no JSON, yet some write it", "NaN", None),
        nasty("infinite", "F24", "no JSON, yet some write it", "-Infinity", None),
        nasty("null", "F23", "no amount is not the amount zero", "null", None),
        nasty("empty text", "F23", "no amount is not the amount zero", "\"\"", None),
        nasty("comma", "F24", "a Polish price as text: 12.50, or 1250?", "\"12,50\"", None),
        nasty("truth", "F24", "one in some languages", "true", None),
        nasty("list", "F24", "a field that became a list with a new version", "[1]", None),
        nasty("leading zero", "F24", "no JSON; octal to some", "010", None),
        nasty("plus sign", "F24", "no JSON", "+1", None),
    ]
}

/// Instants as text, with the instant if the text alone determines one. A text without an offset needs the zone that the
/// source declares; what falls into a gap or a fold of that zone must not be guessed.
///
/// ```
/// use sync_core::testing::nasty;
///
/// for instant in nasty::instants() {
///     if let Some(expected) = instant.expected {
///         let got: chrono::DateTime<chrono::Utc> = instant.input.parse().unwrap();
///         assert_eq!(got, expected, "{}", instant.name);
///     }
/// }
/// ```
#[must_use]
pub fn instants() -> Vec<Nasty<&'static str, Option<DateTime<Utc>>>> {
    let at = |seconds: i64, nanos: u32| DateTime::from_timestamp(seconds, nanos);
    vec![
        nasty(
            "offset with half an hour",
            "F08",
            "another day and another year in UTC",
            "2027-01-01T00:59:59+05:30",
            at(1_798_745_399, 0),
        ),
        nasty(
            "first time of the fold",
            "F60",
            "02:30 in Warsaw on the day that has it twice",
            "2027-10-31T02:30:00+02:00",
            at(1_824_942_600, 0),
        ),
        nasty(
            "second time of the fold",
            "F60",
            "an hour later, with the same digits",
            "2027-10-31T02:30:00+01:00",
            at(1_824_946_200, 0),
        ),
        nasty("in the fold without an offset", "F09, F60", "which of the two?", "2027-10-31T02:30:00", None),
        nasty("in the gap", "F60", "02:30 in Warsaw on the day that has none", "2027-03-28T02:30:00", None),
        nasty("without an offset", "F08, F09", "whose midnight?", "2027-06-01T00:00:00", None),
        nasty(
            "seven digits",
            "F10",
            "as .NET writes it: to be floored, never rounded up",
            "2027-06-01T12:00:00.9999999Z",
            at(1_811_851_200, 999_999_900),
        ),
        nasty("year 2999", "F11", "must not move a position", "2999-12-31T23:59:59Z", at(32_503_679_999, 0)),
        nasty(
            "year 1900",
            "F11",
            "before the beginning of Unix time",
            "1900-01-01T00:00:00Z",
            at(-2_208_988_800, 0),
        ),
        nasty("year 1", "F14", "what .NET writes for no date at all", "0001-01-01T00:00:00", None),
        nasty("empty", "F14", "no instant", "", None),
        nasty("a day", "F09", "whose day, and when on it?", "2027-06-01", None),
        nasty("day first", "F08", "6 January, or 1 June?", "01.06.2027 12:00", None),
        nasty(
            "as old .NET writes it",
            "F08",
            "a number of milliseconds in a text",
            "/Date(1811851200000+0200)/",
            None,
        ),
        nasty("no such day", "F24", "2027 is no leap year", "2027-02-29T00:00:00Z", None),
        nasty(
            "midnight at the end",
            "F24",
            "the next day to some, an error to others",
            "2027-06-01T24:00:00Z",
            None,
        ),
    ]
}

/// Bodies that are not the answer `valid`, though they came in its place and with status 200. A decoder refuses each, see
/// [`decoder_conformance`](super::decoder_conformance), which also cuts `valid` at every byte.
///
/// ```
/// use sync_core::testing::nasty;
///
/// for body in nasty::bodies(br#"{"rows":[]}"#) {
///     assert!(serde_json::from_slice::<Rows>(&body.input).is_err(), "{}", body.name);
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Rows {
///     #[expect(dead_code)]
///     rows: Vec<u8>,
/// }
/// ```
#[must_use]
pub fn bodies(valid: &[u8]) -> Vec<Nasty<Vec<u8>>> {
    let with_prefix = |prefix: &[u8]| [prefix, valid].concat();
    let with_suffix = |suffix: &[u8]| [valid, suffix].concat();
    // not in front of a number, and not behind the end: inside the outermost brackets
    let inside = |bytes: &[u8]| {
        let (head, tail) = valid.split_at(valid.len().min(1));
        [head, bytes, tail].concat()
    };
    let plain = |name, failures, why, bytes: &[u8]| nasty(name, failures, why, bytes.to_vec(), ());
    vec![
        plain("empty", "F22, F50", "nothing at all", b""),
        plain("blanks", "F22, F50", "nothing to be seen", b" \r\n"),
        plain("null", "F22", "no list is not the empty list", b"null"),
        plain(
            "html",
            "F51",
            "the error page of something in between",
            b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>",
        ),
        plain(
            "login page",
            "F46, F51",
            "the session is over, and status 200 says otherwise",
            b"<html><form action=\"/login\"></form></html>",
        ),
        plain(
            "plain words",
            "F51",
            "an exception's text",
            b"Object reference not set to an instance of an object.",
        ),
        plain(
            "refusal in an envelope",
            "F51",
            "status 200 that means no",
            br#"{"Success":false,"Errors":[{"Message":"Brak uprawnien","StackTrace":"   at X.Y()"}]}"#,
        ),
        plain(
            "problem details",
            "F51",
            "an error in JSON",
            br#"{"type":"about:blank","title":"Bad Request","status":400}"#,
        ),
        plain("bottomless", "F55", "brackets enough to use up the stack", "[".repeat(200_000).as_bytes()),
        nasty("twice", "F50", "two answers on one connection", with_suffix(valid), ()),
        nasty(
            "something behind",
            "F50",
            "whatever follows was not meant",
            with_suffix(b"<!-- 0.01 s -->"),
            (),
        ),
        nasty(
            "something before",
            "F51",
            "a warning that was printed first",
            with_prefix(b"<br />Notice: "),
            (),
        ),
        nasty("invalid utf-8", "F50", "a byte that is in no text", inside(b"\xff"), ()),
        nasty("windows-1250", "F50", "letters in another encoding", inside(b"\"\xb3\xf3d\xbc\":1,"), ()),
        nasty(
            "utf-16",
            "F50",
            "what .NET calls Unicode",
            valid.iter().flat_map(|byte| [*byte, 0]).collect(),
            (),
        ),
        nasty(
            "still packed",
            "F55",
            "compressed, and nobody unpacked it",
            with_prefix(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"),
            (),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::str::FromStr;

    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn keys_differ_and_inputs_have_names() {
        let inputs: BTreeSet<_> = keys().into_iter().map(|key| key.input).collect();
        assert_eq!(inputs.len(), keys().len());
        let names: BTreeSet<_> = numbers().iter().map(|number| number.name).collect();
        assert_eq!(names.len(), numbers().len());
    }

    #[test]
    fn texts_are_what_they_say() {
        let words = "Zażółć gęślą jaźń";
        for text in texts() {
            assert_eq!(std::str::from_utf8(text.input).is_ok(), text.expected, "{}", text.name);
            assert_eq!(text.input == words.as_bytes(), text.name == "right", "{}", text.name);
        }
    }

    #[test]
    fn exact_amounts_are_those_that_a_decimal_reads() {
        for number in numbers() {
            let json = serde_json::from_str::<serde_json::Value>(number.input);
            let is_number = json.as_ref().is_ok_and(serde_json::Value::is_number);
            let Some(expected) = number.expected else {
                let fits = is_number
                    && (Decimal::from_scientific(number.input).is_ok_and(|amount| !amount.is_zero()));
                assert!(!fits, "{}", number.name);
                continue;
            };
            assert!(is_number, "{}", number.name);
            let amount =
                Decimal::from_str(number.input).or_else(|_| Decimal::from_scientific(number.input)).unwrap();
            assert_eq!(amount, Decimal::from_str(expected).unwrap(), "{}", number.name);
        }
    }

    #[test]
    fn instants_are_determined_where_an_offset_says_so() {
        for instant in instants() {
            let parsed = DateTime::parse_from_rfc3339(instant.input).ok();
            assert_eq!(parsed.map(|parsed| parsed.to_utc()), instant.expected, "{}", instant.name);
        }
    }
}
