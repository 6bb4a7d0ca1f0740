//! From bytes to text, without guessing and without losing anything.

use std::io::{self, BufRead, Read};

use encoding_rs::{WINDOWS_1250, WINDOWS_1252};

use super::fault::Fault;
use crate::error::Error;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Bytes that Windows-1250 leaves undefined.
const UNDEFINED: [u8; 5] = [0x81, 0x83, 0x88, 0x90, 0x98];

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The letters by which text that was encoded twice is known.
const POLISH: &str = "ĄĆĘŁŃÓŚŹŻąćęłńóśźż";

/// How the bytes of a file are to be read.
///
/// ISO-8859-2 cannot be told from Windows-1250 by its bytes and is not supported. UTF-16 is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextEncoding {
    /// UTF-8 where a byte order mark says so or all bytes are valid UTF-8, else Windows-1250. A file most of whose
    /// letters outside ASCII are good UTF-8 is damaged UTF-8, and refused.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1250, the code page of Polish Windows programs.
    Windows1250,
}

impl TextEncoding {
    /// The bytes of a text; [`Auto`](Self::Auto) is UTF-8 without a mark.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the text has a character that the encoding has not: nothing is replaced.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Error> {
        let bytes = match self {
            Self::Auto | Self::Utf8 => return Ok(text.as_bytes().to_vec()),
            Self::Windows1250 => {
                let (bytes, _, unknown) = WINDOWS_1250.encode(text);
                // for the web's sake some control characters become bytes without a meaning
                let is_known = !unknown && !bytes.iter().any(|byte| UNDEFINED.contains(byte));
                is_known.then(|| bytes.into_owned())
            }
        };
        bytes.ok_or_else(|| Error::invalid("a text has a character that Windows-1250 has not"))
    }
}

/// An encoding that was told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Windows1250,
}

/// What a look at all bytes of a file tells.
#[derive(Debug)]
pub(crate) struct Scan {
    /// BLAKE3 of the bytes, in hex.
    pub(crate) hash: String,
    pub(crate) size: u64,
    pub(crate) encoding: Result<Encoding, Fault>,
}

/// A place in the bytes.
#[derive(Debug, Clone, Copy)]
struct At {
    offset: u64,
    line: u64,
}

/// Reads all bytes in pieces, hashes them and tells their encoding.
pub(crate) fn scan(mut file: impl Read, wanted: TextEncoding) -> io::Result<Scan> {
    let mut hasher = blake3::Hasher::new();
    let mut survey = Survey::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = fill(&mut file, &mut chunk)?;
        let bytes = chunk.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        hasher.update(bytes);
        survey.take(bytes);
    }
    let hash = hasher.finalize().to_hex().to_string();
    Ok(Scan { hash, size: survey.size, encoding: survey.verdict(wanted) })
}

/// Fills the buffer as far as the file goes.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[derive(Debug, Default)]
struct Survey {
    size: u64,
    newlines: u64,
    head: Vec<u8>,
    /// The beginning of a character whose end is in the next piece.
    carry: Vec<u8>,
    good: u64,
    bad: u64,
    first_bad: Option<At>,
    first_undefined: Option<At>,
    first_nul: Option<At>,
}

impl Survey {
    fn take(&mut self, bytes: &[u8]) {
        if self.head.is_empty() {
            self.head = bytes.iter().take(UTF8_MARK.len()).copied().collect();
        }
        self.first_nul = self.first_nul.or_else(|| self.find(bytes, &[0]));
        self.first_undefined = self.first_undefined.or_else(|| self.find(bytes, &UNDEFINED));
        let mut text = std::mem::take(&mut self.carry);
        let carried = text.len();
        text.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
            let (valid, wrong) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), None),
                Err(error) => (error.valid_up_to(), Some(error.error_len())),
            };
            let leads = rest.iter().take(valid).filter(|byte| **byte >= 0xc0).count();
            self.good += u64::try_from(leads).unwrap_or(0);
            from += valid;
            match wrong {
                None => break,
                Some(None) => {
                    self.carry = text.get(from..).unwrap_or_default().to_vec();
                    break;
                }
                Some(Some(length)) => {
                    self.bad += 1;
                    self.first_bad = self.first_bad.or_else(|| Some(self.at(&text, from, carried)));
                    from += length;
                }
            }
        }
        self.size += u64::try_from(bytes.len()).unwrap_or(0);
        self.newlines += newlines(bytes);
    }

    fn find(&self, bytes: &[u8], wanted: &[u8]) -> Option<At> {
        let place = bytes.iter().position(|byte| wanted.contains(byte))?;
        Some(self.at(bytes, place, 0))
    }

    /// The place of `text[index]`, where `text` begins `carried` bytes before what is counted so far.
    fn at(&self, text: &[u8], index: usize, carried: usize) -> At {
        let offset = self.size + u64::try_from(index).unwrap_or(0) - u64::try_from(carried).unwrap_or(0);
        At { offset, line: 1 + self.newlines + newlines(text.get(..index).unwrap_or_default()) }
    }

    fn verdict(mut self, wanted: TextEncoding) -> Result<Encoding, Fault> {
        if !self.carry.is_empty() {
            self.bad += 1;
            self.first_bad = self.first_bad.or_else(|| Some(self.at(&[], 0, self.carry.len())));
        }
        if self.head.starts_with(b"\xff\xfe") || self.head.starts_with(b"\xfe\xff") {
            return Err(Fault::file("the file is UTF-16; UTF-8 and Windows-1250 can be read").at(1, 0));
        }
        let broken = |at: At, what: &'static str| Err(Fault::file(what).at(at.line, at.offset));
        if let Some(at) = self.first_nul {
            return broken(at, "a zero byte: this is no text, or UTF-16");
        }
        let marked = self.head.starts_with(UTF8_MARK);
        let as_utf8 = match wanted {
            TextEncoding::Utf8 => true,
            TextEncoding::Windows1250 if marked => {
                return Err(Fault::config(
                    "the file is UTF-8 by its mark, but is to be read as Windows-1250",
                ));
            }
            TextEncoding::Windows1250 => false,
            TextEncoding::Auto => marked || self.bad == 0 || self.good > self.bad,
        };
        match (as_utf8, self.first_bad, self.first_undefined) {
            (true, Some(at), _) => broken(at, "a byte that is not UTF-8"),
            (true, None, _) => Ok(Encoding::Utf8),
            (false, _, Some(at)) => broken(at, "a byte that has no meaning in Windows-1250"),
            (false, _, None) => Ok(Encoding::Windows1250),
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0)
}

/// The text of a file whose encoding is known, as UTF-8: counts lines, hashes the bytes it takes, and stops at a limit of
/// bytes between two calls of [`allow`](Self::allow).
pub(crate) struct TextReader {
    file: Box<dyn Read + Send>,
    encoding: Encoding,
    hasher: blake3::Hasher,
    chunk: Vec<u8>,
    text: Vec<u8>,
    taken: usize,
    at_start: bool,
    line: u64,
    left: u64,
}

impl TextReader {
    pub(crate) fn new(file: impl Read + Send + 'static, encoding: Encoding) -> Self {
        Self {
            file: Box::new(file),
            encoding,
            hasher: blake3::Hasher::new(),
            chunk: vec![0; CHUNK],
            text: Vec::new(),
            taken: 0,
            at_start: true,
            line: 1,
            left: u64::MAX,
        }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The line on which the next byte stands, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// So many bytes may be read from now on.
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.left = bytes;
    }

    /// The next byte, which stays.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.fill_buf()?.first().copied())
    }

    /// Reads to the end and gives the hash of all bytes.
    pub(crate) fn hash(mut self) -> io::Result<String> {
        loop {
            let length = fill(&mut self.file, &mut self.chunk)?;
            if length == 0 {
                return Ok(self.hasher.finalize().to_hex().to_string());
            }
            self.hasher.update(self.chunk.get(..length).unwrap_or_default());
        }
    }
}

impl Read for TextReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for TextReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken >= self.text.len() {
            let length = fill(&mut self.file, &mut self.chunk)?;
            let mut bytes = self.chunk.get(..length).unwrap_or_default();
            self.hasher.update(bytes);
            if std::mem::take(&mut self.at_start) && self.encoding == Encoding::Utf8 {
                bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
            }
            self.taken = 0;
            self.text.clear();
            match self.encoding {
                Encoding::Utf8 => self.text.extend_from_slice(bytes),
                Encoding::Windows1250 => {
                    let (text, _) = WINDOWS_1250.decode_without_bom_handling(bytes);
                    self.text.extend_from_slice(text.as_bytes());
                }
            }
        }
        if self.left == 0 && self.taken < self.text.len() {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let end = usize::try_from(self.left).map_or(usize::MAX, |left| self.taken.saturating_add(left));
        Ok(self.text.get(self.taken..end.min(self.text.len())).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        let end = self.taken.saturating_add(amount).min(self.text.len());
        self.line += newlines(self.text.get(self.taken..end).unwrap_or_default());
        self.left = self.left.saturating_sub(u64::try_from(end - self.taken).unwrap_or(u64::MAX));
        self.taken = end;
    }
}

/// Whether a text holds a Polish letter that was encoded twice (`Å‚`, `Ä…`, `Ĺ‚`) or the sign of one that was lost.
pub(crate) fn is_damaged(text: &str) -> bool {
    let mut before = None;
    text.chars().any(|sign| {
        let lead = match before.replace(sign) {
            Some('Ã' | 'Ă') => Some(0xc3),
            Some('Ä') => Some(0xc4),
            Some('Å' | 'Ĺ') => Some(0xc5),
            _ => None,
        };
        sign == char::REPLACEMENT_CHARACTER || lead.is_some_and(|lead| was_polish(lead, sign))
    })
}

/// Whether a lead byte and what `sign` was before it was misread are a Polish letter.
fn was_polish(lead: u8, sign: char) -> bool {
    let mut text = [0; 4];
    let text: &str = sign.encode_utf8(&mut text);
    let misread = [WINDOWS_1250, WINDOWS_1252].map(|page| {
        let (bytes, _, unknown) = page.encode(text);
        bytes.first().copied().filter(|_| !unknown)
    });
    misread
        .into_iter()
        .chain([u8::try_from(u32::from(sign)).ok()])
        .flatten()
        .any(|byte| std::str::from_utf8(&[lead, byte]).is_ok_and(|letter| POLISH.contains(letter)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE: &str = "ZAŻÓŁĆ GĘŚLĄ JAŹŃ zażółć gęślą jaźń";

    fn read(bytes: &[u8], wanted: TextEncoding) -> Result<String, String> {
        let found = scan(bytes, wanted).unwrap();
        let encoding = found.encoding.map_err(|fault| fault.into_error("x.csv").to_string())?;
        let mut text = String::new();
        let mut reader = TextReader::new(std::io::Cursor::new(bytes.to_vec()), encoding);
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(reader.hash().unwrap(), found.hash);
        Ok(text)
    }

    fn in_1250(text: &str) -> Vec<u8> {
        let (bytes, _, unknown) = WINDOWS_1250.encode(text);
        assert!(!unknown);
        bytes.into_owned()
    }

    #[test]
    fn the_canonical_line_is_read_in_every_encoding() {
        let marked = [UTF8_MARK, LINE.as_bytes()].concat();
        let cases = [
            (LINE.as_bytes().to_vec(), TextEncoding::Auto),
            (LINE.as_bytes().to_vec(), TextEncoding::Utf8),
            (marked.clone(), TextEncoding::Auto),
            (marked, TextEncoding::Utf8),
            (in_1250(LINE), TextEncoding::Auto),
            (in_1250(LINE), TextEncoding::Windows1250),
        ];
        for (bytes, wanted) in cases {
            assert_eq!(read(&bytes, wanted).as_deref(), Ok(LINE), "{wanted:?}");
        }
    }

    #[test]
    fn a_byte_that_does_not_decode_is_named_by_line_and_offset() {
        let cases: [(&[u8], TextEncoding, &str); 7] = [
            (
                b"Kod\nA\xb3a",
                TextEncoding::Utf8,
                "x.csv, line 2, byte 5: a byte that is not UTF-8 (unreadable)",
            ),
            (
                b"\xa3\n\xf3d \x81",
                TextEncoding::Auto,
                "x.csv, line 2, byte 5: a byte that has no meaning in Windows-1250 (unreadable)",
            ),
            // one bad byte does not turn a UTF-8 file into another
            (
                b"\xc5\x81\n\xc3\xb3d\xc5\xba\xff",
                TextEncoding::Auto,
                "x.csv, line 2, byte 8: a byte that is not UTF-8 (unreadable)",
            ),
            // cut within a character
            (
                b"\xc5\x81\xc3\xb3\n\xc5",
                TextEncoding::Auto,
                "x.csv, line 2, byte 5: a byte that is not UTF-8 (unreadable)",
            ),
            (
                b"K\0o\0",
                TextEncoding::Auto,
                "x.csv, line 1, byte 1: a zero byte: this is no text, or UTF-16 (unreadable)",
            ),
            (
                b"\xff\xfeK\0",
                TextEncoding::Auto,
                "x.csv, line 1, byte 0: the file is UTF-16; UTF-8 and Windows-1250 can be read (unreadable)",
            ),
            (
                b"\xef\xbb\xbfK",
                TextEncoding::Windows1250,
                "x.csv: the file is UTF-8 by its mark, but is to be read as Windows-1250 (config)",
            ),
        ];
        for (bytes, wanted, message) in cases {
            assert_eq!(read(bytes, wanted).unwrap_err(), message);
        }
    }

    #[test]
    fn a_character_across_two_pieces_is_whole() {
        for before in CHUNK - 3..=CHUNK {
            let text = format!("{}{LINE}", "a".repeat(before));
            assert_eq!(read(text.as_bytes(), TextEncoding::Auto).unwrap(), text);
            assert_eq!(read(&in_1250(&text), TextEncoding::Auto).unwrap(), text);
            let mut cut = text.clone().into_bytes();
            cut.push(0xff);
            let error = read(&cut, TextEncoding::Auto).unwrap_err();
            assert!(error.contains(&format!("byte {}:", text.len())), "{error}");
        }
    }

    #[test]
    fn every_letter_that_was_encoded_twice_is_known_and_plain_text_is_not() {
        for letter in POLISH.chars() {
            let bytes = letter.to_string().into_bytes();
            for page in [WINDOWS_1250, WINDOWS_1252] {
                let (twice, _) = page.decode_without_bom_handling(&bytes);
                assert!(is_damaged(&format!("a{twice}b")), "{letter} {twice:?}");
            }
        }
        assert!(is_damaged("jaŸ\u{fffd}"));
        for plain in [LINE, "Ångström, Äpfel, Ãlvaro, Ĺ, São Paulo, „Ä”", "", "Ä", "Åsa – Ålesund"]
        {
            assert!(!is_damaged(plain), "{plain}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_can_be_read_again(text in "[^\0]{0,8}") {
            if let Ok(bytes) = TextEncoding::Windows1250.encode(&text) {
                prop_assert_eq!(read(&bytes, TextEncoding::Windows1250), Ok(text));
            }
        }

        #[test]
        fn what_1250_has_no_letter_for_is_refused(code in 0x80_u32..0x100) {
            let text = char::from_u32(code).unwrap().to_string();
            if let Ok(bytes) = TextEncoding::Windows1250.encode(&text) {
                prop_assert_eq!(read(&bytes, TextEncoding::Windows1250), Ok(text));
            }
        }

        #[test]
        fn text_survives_both_encodings(text in "[ a-zA-Z0-9;,\"\nĄĆĘŁŃÓŚŹŻąćęłńóśźż]{0,80}") {
            prop_assert_eq!(read(text.as_bytes(), TextEncoding::Auto).unwrap(), text.clone());
            prop_assert_eq!(read(&in_1250(&text), TextEncoding::Windows1250).unwrap(), text);
        }

        #[test]
        fn no_bytes_are_read_lossily(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(text) = read(&bytes, TextEncoding::Auto) {
                let stood_there = bytes.windows(3).any(|three| three == b"\xef\xbf\xbd");
                prop_assert!(stood_there || !text.contains(char::REPLACEMENT_CHARACTER));
            }
        }
    }
}
