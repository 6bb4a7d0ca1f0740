//! Answers: refusals inside a 200, and rows decoded one by one.
//!
//! Add-ons answer HTTP 200 also when they refuse: `{"Success": false, "Errors": [{…}]}`. [`decode`] and [`decode_rows`] look at
//! that first; a refusal is an [`Error`] of kind `Refused` with the server's code and, in `detail()` alone, its message. A
//! server's `StackTrace` is dropped unread, and so is one inside a message.
//!
//! What an answer is shows in its bytes alone: JSON is read whatever its `Content-Type` says, and a page of a proxy or of a
//! server that failed is an error of kind `Decode`, also with status 200.
//!
//! Builds before 2510 spell members in camelCase. The envelope, the members beside a list and the product calls are read in both
//! spellings; the rows of the contracts here only in PascalCase.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;

use api_transport::decode_json;
use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use serde_json::value::RawValue;

use crate::page::{Change, Deleted};
use crate::wire::{self, open_enum};
use crate::{Error, KontrahentId, Result};

open_enum! {
    /// Why the reference contract refuses a call.
    #[doc(alias = "refusal code")]
    pub enum KodOdmowy {
        /// The contractor may not be sold to.
        BlokadaSprzedazy = "BlokadaSprzedazy",
        /// The credit limit is used up.
        LimitPrzekroczony = "LimitPrzekroczony",
        /// Too little stock.
        BrakStanu = "BrakStanu",
        /// The price is another one now.
        CenaZmieniona = "CenaZmieniona",
        /// The accounting period is closed.
        OkresZamkniety = "OkresZamkniety",
        /// The record does not exist.
        NieZnaleziono = "NieZnaleziono",
        /// The Guid belongs to a document with other content. A document exists: to the caller this means *in doubt*. Of an edit
        /// or a contractor: the record has another `Wersja` by now, and this call changed nothing.
        Konflikt = "Konflikt",
        /// The token's operator lacks a right.
        BrakUprawnien = "BrakUprawnien",
        /// The request is wrong.
        BledneDane = "BledneDane",
    }
}

impl KodOdmowy {
    /// The code of a refusal; `None` for errors of other kinds and refusals without a code.
    pub fn of(error: &Error) -> Option<Self> {
        error.code().map(Self::from)
    }
}

/// The entries of a refusal: codes and places, never messages. The cause of an [`Error`] of kind `Refused`.
///
/// ```
/// # fn look(error: &soneta_webapi::Error) {
/// use soneta_webapi::Refusal;
///
/// for entry in Refusal::of(error).into_iter().flat_map(Refusal::entries) {
///     println!("{:?} in line {:?}, field {:?}", entry.kod, entry.lp, entry.pole);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    entries: Vec<RefusalEntry>,
}

impl Refusal {
    /// The refusal that an error stands for.
    pub fn of(error: &Error) -> Option<&Self> {
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(refusal) = error.downcast_ref() {
                return Some(refusal);
            }
            cause = error.source();
        }
        None
    }

    /// Every entry, in the server's order.
    pub fn entries(&self) -> &[RefusalEntry] {
        &self.entries
    }

    /// Whether one of the entries has this code.
    pub fn has(&self, kod: &KodOdmowy) -> bool {
        self.entries.iter().any(|entry| entry.kod.as_deref() == Some(kod.as_str()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server refused")?;
        for (index, entry) in self.entries.iter().enumerate() {
            f.write_str(if index == 0 { ": " } else { ", " })?;
            f.write_str(entry.kod.as_deref().unwrap_or("(no code)"))?;
            if let Some(lp) = entry.lp {
                write!(f, " (line {lp})")?;
            }
        }
        Ok(())
    }
}

impl StdError for Refusal {}

/// One entry of a [`Refusal`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusalEntry {
    /// `Kod` of the reference contract or `Type` (a .NET type) of other add-ons; `None` when it is no identifier.
    pub kod: Option<String>,
    /// The line that it is about, counted from 1.
    pub lp: Option<i32>,
    /// The field that it is about; `None` when it is no identifier.
    pub pole: Option<String>,
}

/// A row that could not be decoded. All others of its page are delivered.
///
/// `Debug` and `Display` show position, id and the place of the fault, no content.
#[non_exhaustive]
pub struct BadRow {
    /// Position in its page, from 0.
    pub position: usize,
    /// Its id, or that of the good that it is about, if that much could be read.
    pub id: Option<i32>,
    /// The contractor that it names, if that much could be read: the key of rows that are about a contractor alone.
    pub kontrahent_id: Option<KontrahentId>,
    /// Its Kod, if that much could be read.
    pub kod: Option<String>,
    /// What is wrong with it.
    pub error: Error,
}

impl BadRow {
    /// A row at this position that could not be decoded. For those who implement a port.
    pub fn new(position: usize, error: Error) -> Self {
        Self { position, id: None, kontrahent_id: None, kod: None, error }
    }

    /// The same with as much of its key as could be read.
    #[must_use]
    pub fn with_key(mut self, id: Option<i32>, kod: Option<String>) -> Self {
        self.id = id;
        self.kod = kod;
        self
    }
}

impl fmt::Debug for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadRow")
            .field("position", &self.position)
            .field("id", &self.id)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} cannot be decoded", self.position)?;
        self.id.map_or(Ok(()), |id| write!(f, " (id {id})"))
    }
}

impl StdError for BadRow {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}

/// Rows of a page, each by itself.
pub type Rows<T> = Vec<Result<T, BadRow>>;

/// Decodes an answer that is one record, after a look for a refusal.
///
/// # Errors
/// Kind `Refused` for `Success: false`, and for a list of `Errors` without any `Success`, which leaves a write in doubt; kind
/// `Decode` for what is not JSON of `T`. An add-on that answers a bare text instead
/// has it in `detail()`.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    not_even_json(body)?;
    if is_object(body) {
        match serde_json::from_slice::<Head<'_>>(trimmed(body)) {
            Ok(head) => head.check()?,
            // Either no JSON at all, which is said best by the parser, or an envelope that says who knows what.
            Err(_) => decode_json::<IgnoredAny>(body).and(Err(odd_envelope()))?,
        }
    }
    decode_json(body).map_err(|error| match serde_json::from_slice::<String>(trimmed(body)) {
        Ok(text) => error.with_detail(text),
        Err(_) => error,
    })
}

/// Decodes an answer that is a list: `H` from the fields beside the list, the rows from the field `rows` (in any case).
///
/// The whole page is decoded in one go; only if that fails, row by row, so that a bad row is an `Err` in its place and every
/// other arrives. A list that is `null` is empty; one that is missing is an error, since a list that nobody sent must not look
/// like an empty catalogue. For those who add an endpoint: call it in `Endpoint::decode`.
///
/// # Errors
/// Kind `Refused` as [`decode`], kind `Decode` when the body is not such a JSON object.
pub fn decode_rows<H: DeserializeOwned, R: DeserializeOwned>(
    body: &[u8],
    rows: &str,
) -> Result<(H, Rows<R>)> {
    if let Ok(page) = page::<R>(body, rows) {
        Head::read(&page.beside)?.check()?;
        let Some(list) = page.rows else { return Err(no_rows(rows)) };
        return Ok((decode_json(page.beside.as_bytes())?, list.into_iter().map(Ok).collect()));
    }
    let page = match page::<&RawValue>(body, rows) {
        Ok(page) => page,
        Err(_) => return Err(not_a_page(body, rows)),
    };
    Head::read(&page.beside)?.check()?;
    let Some(list) = page.rows else { return Err(no_rows(rows)) };
    let list = list.into_iter().enumerate().map(|(position, raw)| row(position, raw)).collect();
    Ok((decode_json(page.beside.as_bytes())?, list))
}

/// Decodes an answer that is a change list: as [`decode_rows`], and a row with `Usunieto: true` is what is left of a removed one.
///
/// # Errors
/// As [`decode_rows`].
pub fn decode_changes<H: DeserializeOwned, R: DeserializeOwned>(
    body: &[u8],
    rows: &str,
) -> Result<(H, Rows<Change<R>>)> {
    let Ok(page) = page::<&RawValue>(body, rows) else { return Err(not_a_page(body, rows)) };
    Head::read(&page.beside)?.check()?;
    let Some(list) = page.rows else { return Err(no_rows(rows)) };
    let list = list.into_iter().enumerate().map(|(position, raw)| match removed(raw) {
        Some(deleted) => Ok(Change::Deleted(deleted)),
        None => row(position, raw).map(Change::Upsert),
    });
    Ok((decode_json(page.beside.as_bytes())?, list.collect()))
}

/// What is left of a removed row; `None` for a row that is there. The search spares nearly every row a second reading.
fn removed(raw: &RawValue) -> Option<Deleted> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Removed {
        #[serde(rename = "ID", alias = "Id", alias = "id")]
        id: i32,
        #[serde(alias = "kod", default)]
        kod: Option<String>,
        #[serde(alias = "usunieto")]
        usunieto: bool,
        #[serde(alias = "dataZmiany", default, with = "wire::instant::option")]
        data_zmiany: Option<DateTime<Utc>>,
    }
    if !raw.get().contains("sunieto\"") {
        return None;
    }
    let row: Removed = serde_json::from_str(raw.get()).ok()?;
    row.usunieto.then(|| Deleted::new(row.id, row.kod, row.data_zmiany))
}

fn row<R: DeserializeOwned>(position: usize, raw: &RawValue) -> Result<R, BadRow> {
    decode_json(raw.get().as_bytes()).map_err(|error| {
        let keys = serde_json::from_str::<Keys<'_>>(raw.get()).unwrap_or_default();
        let number = |id: &RawValue| serde_json::from_str(id.get()).ok();
        let id = keys.id.or(keys.towar_id).and_then(number);
        let kontrahent_id = keys.kontrahent_id.and_then(number).map(KontrahentId);
        let kod = keys.kod.and_then(|kod| serde_json::from_str(kod.get()).ok());
        BadRow { position, id, kontrahent_id, kod, error }
    })
}

/// What names a row, each as far as it can be read.
#[derive(Default, Deserialize)]
struct Keys<'a> {
    #[serde(rename = "ID", alias = "Id", alias = "id", borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(rename = "TowarId", borrow, default)]
    towar_id: Option<&'a RawValue>,
    #[serde(rename = "KontrahentId", borrow, default)]
    kontrahent_id: Option<&'a RawValue>,
    #[serde(rename = "Kod", alias = "kod", borrow, default)]
    kod: Option<&'a RawValue>,
}

fn no_rows(rows: &str) -> Error {
    Error::decode_at(format!("missing field `{rows}`"))
}

fn odd_envelope() -> Error {
    Error::decode_at("the fields of the envelope are not what they should be")
}

/// The two bodies of which the parser would only say that they do not begin as JSON does.
fn not_even_json(body: &[u8]) -> Result<()> {
    match trimmed(body).first() {
        None => Err(Error::decode_at("the answer is empty")),
        Some(b'<') => Err(Error::decode_at("the answer is a page (HTML or XML) instead of JSON")
            .with_detail(String::from_utf8_lossy(trimmed(body)))),
        Some(_) => Ok(()),
    }
}

/// The error of a body that is no page; syntax errors say where.
fn not_a_page(body: &[u8], rows: &str) -> Error {
    if let Err(error) = not_even_json(body) {
        return error;
    }
    if is_object(body) {
        // A refusal may come with a list of another shape.
        if let Ok(Err(refused)) = serde_json::from_slice::<Head<'_>>(trimmed(body)).map(Head::check) {
            return refused;
        }
    }
    match decode_json::<IgnoredAny>(body) {
        Err(error) => error,
        Ok(_) => Error::decode_at(format!("expected an object with the list `{rows}`")),
    }
}

/// What every answer may carry. `Errors` is read leniently: a refusal must be seen whatever its list looks like.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "Success", alias = "success", default)]
    success: Option<bool>,
    #[serde(rename = "Description", alias = "description", default)]
    description: Option<String>,
    #[serde(rename = "Errors", alias = "errors", borrow, default)]
    errors: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct WireError {
    #[serde(rename = "Kod", alias = "kod", default)]
    kod: Option<String>,
    #[serde(rename = "Type", alias = "type", default)]
    typ: Option<String>,
    #[serde(rename = "Message", alias = "message", default)]
    message: Option<String>,
    #[serde(rename = "Lp", alias = "lp", default)]
    lp: Option<i32>,
    #[serde(rename = "Pole", alias = "pole", default)]
    pole: Option<String>,
}

impl Head<'_> {
    fn read(json: &str) -> Result<Head<'_>> {
        serde_json::from_str(json).map_err(|_| Error::decode_at("the fields of the envelope"))
    }

    /// `Success: false` is a refusal, and so is a list of errors without any `Success` (*inferred*). Nothing says of the latter that
    /// nothing was done.
    fn check(self) -> Result<()> {
        if self.success == Some(true) || (self.success.is_none() && !self.lists_errors()) {
            return Ok(());
        }
        let errors = self.errors();
        let entries: Vec<_> = errors
            .iter()
            .map(|error| RefusalEntry {
                kod: error
                    .kod
                    .as_deref()
                    .and_then(identifier)
                    .or_else(|| error.typ.as_deref().and_then(identifier)),
                lp: error.lp,
                pole: error.pole.as_deref().and_then(identifier),
            })
            .collect();
        let messages: Vec<&str> =
            errors.iter().filter_map(|error| error.message.as_deref().map(without_trace)).collect();
        let detail = if messages.is_empty() {
            without_trace(self.description.as_deref().unwrap_or_default()).to_owned()
        } else {
            messages.join("; ")
        };
        let code = entries.iter().find_map(|entry| entry.kod.clone());
        let in_doubt = self.success.is_none();
        Err(Error::refused(code, detail)
            .with_source(Refusal { entries })
            .with_may_have_been_applied(in_doubt))
    }

    /// A list of objects or texts. A count, an empty text or an object beside an answer may mean anything.
    fn lists_errors(&self) -> bool {
        let list = self.errors.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        list.is_some_and(|list| {
            !list.is_empty() && list.iter().all(|entry| entry.get().starts_with(['{', '"']))
        })
    }

    fn errors(&self) -> Vec<WireError> {
        let Some(raw) = self.errors else { return Vec::new() };
        if let Ok(errors) = serde_json::from_str::<Option<Vec<WireError>>>(raw.get()) {
            return errors.unwrap_or_default();
        }
        let texts = serde_json::from_str::<Vec<String>>(raw.get()).unwrap_or_default();
        let texts: Vec<_> =
            texts.into_iter().map(|text| WireError { message: Some(text), ..WireError::default() }).collect();
        // Something is there, whatever it is.
        if texts.is_empty() && raw.get() != "[]" { vec![WireError::default()] } else { texts }
    }
}

/// A .NET exception written out whole has its trace below the message, in lines like `   at Soneta.…` (`w` in Polish).
pub(crate) fn without_trace(text: &str) -> &str {
    let begins = ["\n   at ", "\n   w "].into_iter().filter_map(|line| text.find(line)).min();
    begins.and_then(|end| text.get(..end)).unwrap_or(text).trim_end()
}

/// A code that is safe to show; anything else could be content.
fn identifier(text: &str) -> Option<String> {
    let fits = !text.is_empty()
        && text.len() <= 120
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'`' | b'[' | b']'));
    fits.then(|| text.to_owned())
}

fn trimmed(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
}

fn is_object(body: &[u8]) -> bool {
    trimmed(body).first() == Some(&b'{')
}

/// A list answer in one pass: the rows typed, everything beside them as JSON text.
struct RawPage<R> {
    beside: String,
    rows: Option<Vec<R>>,
}

fn page<'de, R: Deserialize<'de>>(body: &'de [u8], rows: &str) -> serde_json::Result<RawPage<R>> {
    let mut json = serde_json::Deserializer::from_slice(trimmed(body));
    let page = json.deserialize_map(PageVisitor { rows, row: PhantomData })?;
    json.end()?;
    Ok(page)
}

struct PageVisitor<'n, R> {
    rows: &'n str,
    row: PhantomData<R>,
}

impl<'de, R: Deserialize<'de>> Visitor<'de> for PageVisitor<'_, R> {
    type Value = RawPage<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list of rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawPage<R>, A::Error> {
        let mut beside = String::from("{");
        let mut rows = None;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if key.eq_ignore_ascii_case(self.rows) {
                rows = Some(map.next_value::<Option<Vec<R>>>()?.unwrap_or_default());
                continue;
            }
            let value: &RawValue = map.next_value()?;
            if beside.len() > 1 {
                beside.push(',');
            }
            // Builds before 2510 spell members in camelCase; H is declared in PascalCase.
            let mut letters = key.chars();
            let pascal: String =
                letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            beside.push_str(&serde_json::Value::from(pascal).to_string());
            beside.push(':');
            beside.push_str(value.get());
        }
        beside.push('}');
        Ok(RawPage { beside, rows })
    }
}
