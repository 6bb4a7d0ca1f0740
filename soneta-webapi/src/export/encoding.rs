//! Which encoding a file has, and where it breaks.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1250};

/// Bytes that Windows-1250 leaves undefined.
const UNDEFINED: [u8; 5] = [0x81, 0x83, 0x88, 0x90, 0x98];

/// A file's text and how it was found.
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// `UTF-8`, `UTF-8 with a byte order mark`, `UTF-16LE`, `UTF-16BE`, `windows-1250`.
    pub(crate) encoding: String,
    /// The first byte that has no meaning in it.
    pub(crate) broken_at: Option<usize>,
}

/// A byte order mark decides. Without one the file is UTF-8 if it is valid UTF-8, else Windows-1250, unless more of its
/// characters outside ASCII are good UTF-8 than bad: then it is a damaged UTF-8 file.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let body = bytes.get(length..).unwrap_or_default();
        let (text, had_errors) = encoding.decode_without_bom_handling(body);
        let broken_at = match encoding == UTF_8 {
            true => broken_utf8(body).map(|place| place + length),
            // How far the text goes well tells where it breaks.
            false => had_errors.then(|| {
                let good = text.split('\u{fffd}').next().unwrap_or_default();
                good.encode_utf16().count() * 2 + length
            }),
        };
        let mark = if encoding == UTF_8 { " with a byte order mark" } else { "" };
        return Decoded {
            text: text.into_owned(),
            encoding: format!("{}{mark}", encoding.name()),
            broken_at,
        };
    }
    let Some(broken_at) = broken_utf8(bytes) else {
        let text = String::from_utf8_lossy(bytes).into_owned();
        return Decoded { text, encoding: UTF_8.name().to_owned(), broken_at: None };
    };
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|sign| !sign.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good > bad {
        let text = String::from_utf8_lossy(bytes).into_owned();
        return Decoded { text, encoding: UTF_8.name().to_owned(), broken_at: Some(broken_at) };
    }
    Decoded {
        text: WINDOWS_1250.decode_without_bom_handling(bytes).0.into_owned(),
        encoding: WINDOWS_1250.name().to_owned(),
        broken_at: bytes.iter().position(|byte| UNDEFINED.contains(byte)),
    }
}

fn broken_utf8(bytes: &[u8]) -> Option<usize> {
    std::str::from_utf8(bytes).err().map(|error| error.valid_up_to())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> (String, String, Option<usize>) {
        let Decoded { text, encoding, broken_at } = decode(bytes);
        (text, encoding, broken_at)
    }

    #[test]
    fn encodings_are_told_apart_and_broken_bytes_found() {
        let case = |bytes: &[u8], text: &str, encoding: &str, broken_at| {
            assert_eq!(found(bytes), (text.to_owned(), encoding.to_owned(), broken_at));
        };
        case(b"Kod", "Kod", "UTF-8", None);
        case("Łódź".as_bytes(), "Łódź", "UTF-8", None);
        case(b"\xa3\xf3d\x9f", "Łódź", "windows-1250", None);
        case(b"\xa3\xf3d\x9f \x81", "Łódź \u{81}", "windows-1250", Some(5));
        case(b"\xef\xbb\xbfKod\xff", "Kod\u{fffd}", "UTF-8 with a byte order mark", Some(6));
        case(b"\xff\xfeK\0o\0", "Ko", "UTF-16LE", None);
        case(b"\xff\xfeK\0\0\xd8o\0", "K\u{fffd}o", "UTF-16LE", Some(4));
        // One bad byte does not turn a UTF-8 file into another.
        case(b"\xc5\x81\xc3\xb3d\xc5\xba\xff", "Łódź\u{fffd}", "UTF-8", Some(7));
    }
}
