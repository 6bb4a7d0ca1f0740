use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Delivery, WebhookError, WebhookErrorKind};
use crate::ids::redacted_debug;
use crate::wire::{instant, open_enum};

open_enum! {
    /// What happened (zdarzenie), in the words of the contract `b2b`; other senders have their own, which are kept.
    #[doc(alias = "event")]
    pub enum Zdarzenie {
        /// An order has another state or was carried out further.
        ZamowienieStatus = "ZamowienieStatus",
        /// The stock of a good fell below its threshold.
        StanPonizejProgu = "StanPonizejProgu",
        /// An invoice was issued.
        FakturaWystawiona = "FakturaWystawiona",
        /// A contractor was changed.
        KontrahentZmieniony = "KontrahentZmieniony",
    }
}

/// A hint (wskazówka): something happened to an entity, which the receiver reads by itself.
#[doc(alias = "hint")]
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wskazowka {
    /// What happened; an empty [`Zdarzenie::Unknown`] when the sender only names a table.
    pub zdarzenie: Zdarzenie,
    /// Name of the ERP's table, from senders that tell it.
    pub tabela: Option<String>,
    /// Id of the document, good or contractor.
    pub id: Option<i32>,
    /// Its global key.
    pub guid: Option<Uuid>,
    /// Its business code.
    pub kod: Option<String>,
    /// When it happened; `None` when the sender does not say, or without an offset, so that the instant is unknown.
    pub chwila: Option<DateTime<Utc>>,
    /// The time as it was sent: tells hints apart even where the instant is unknown.
    chwila_tekst: Option<String>,
}

redacted_debug!(Wskazowka { zdarzenie, tabela, id, chwila });

/// Under which names a hint has its fields. The default is the contract `b2b`'s: `Zdarzenie`, `Tabela`, `ID`, `Guid`, `Kod`,
/// `Chwila`. No payload is standardised, so that an integrator states here what his sender writes.
///
/// ```
/// use soneta_webapi::webhook::{PolaWskazowki, Wskazowka};
///
/// let names = PolaWskazowki::builder().zdarzenie("event").id("rowId").chwila("at").build();
/// let body = br#"{"event": "order.changed", "rowId": "101", "at": "2026-11-21T10:00:00Z"}"#;
/// let hint = Wskazowka::parse(body, &names)?;
/// assert_eq!((hint.zdarzenie.as_str(), hint.id), ("order.changed", Some(101)));
/// # Ok::<(), soneta_webapi::webhook::WebhookError>(())
/// ```
#[doc(alias = "hint fields")]
#[derive(Debug, Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct PolaWskazowki {
    /// Name of the event.
    #[builder(default = "Zdarzenie".to_owned())]
    pub zdarzenie: String,
    /// Name of the ERP's table.
    #[builder(default = "Tabela".to_owned())]
    pub tabela: String,
    /// Id of the row: a number, or its digits as text.
    #[builder(default = "ID".to_owned())]
    pub id: String,
    /// Global key.
    #[builder(default = "Guid".to_owned())]
    pub guid: String,
    /// Business code.
    #[builder(default = "Kod".to_owned())]
    pub kod: String,
    /// When it happened.
    #[builder(default = "Chwila".to_owned())]
    pub chwila: String,
}

impl Default for PolaWskazowki {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Wskazowka {
    /// Reads a hint: one JSON object, fields at its top level. Fields that it does not name are ignored.
    ///
    /// # Errors
    /// Kind `BadBody`: no JSON object; neither event nor table; neither id nor Guid nor code; an id or Guid that is none.
    pub fn parse(body: &[u8], names: &PolaWskazowki) -> Result<Self, WebhookError> {
        let bad = |detail| WebhookError::new(WebhookErrorKind::BadBody, detail);
        let fields: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| bad("the body is not a JSON object"))?;
        // A scalar, as text; null and the empty text are no value.
        let text = |name: &str| match fields.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            None | Some(Value::Null | Value::String(_)) => Ok(None),
            Some(_) => Err(bad("a field is neither text nor number")),
        };
        let zdarzenie = text(&names.zdarzenie)?;
        let tabela = text(&names.tabela)?;
        if zdarzenie.is_none() && tabela.is_none() {
            return Err(bad("the hint names neither event nor table"));
        }
        let id = text(&names.id)?.map(|digits| digits.parse()).transpose();
        let id = id.map_err(|_| bad("the id is not a whole number"))?;
        let guid = text(&names.guid)?.map(|text| Uuid::try_parse(&text)).transpose();
        let guid = guid.map_err(|_| bad("the Guid is not one"))?;
        let kod = text(&names.kod)?;
        if id.is_none() && guid.is_none() && kod.is_none() {
            return Err(bad("the hint names no row: neither id nor Guid nor code"));
        }
        let chwila_tekst = text(&names.chwila)?;
        Ok(Self {
            zdarzenie: Zdarzenie::from(zdarzenie.as_deref().unwrap_or_default()),
            tabela,
            id,
            guid,
            kod,
            chwila: chwila_tekst.as_deref().and_then(|text| instant::parse(text).ok()),
            chwila_tekst,
        })
    }

    /// The key (klucz) by which a second delivery is known: the message's id, else a hash of event, row and instant.
    ///
    /// `None` when there is neither an id nor a time: then nothing tells a repetition from a second change, so carry it out.
    /// Keep keys at least as long as the sender repeats, and longer than the tolerance of the verifier.
    pub fn klucz(&self, delivery: Option<&Delivery>) -> Option<String> {
        if let Some(delivery) = delivery {
            return Some(delivery.id.clone());
        }
        let chwila = match &self.chwila {
            Some(instant) => instant::text(instant),
            None => self.chwila_tekst.clone()?,
        };
        let row = (&self.tabela, self.id, self.guid, &self.kod);
        let canonical = serde_json::to_vec(&(&self.zdarzenie, row, chwila)).ok()?;
        let mut key = "sha256-".to_owned();
        for byte in Sha256::digest(&canonical) {
            write!(key, "{byte:02x}").ok()?;
        }
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Wskazowka, WebhookError> {
        Wskazowka::parse(body.as_bytes(), &PolaWskazowki::default())
    }

    #[test]
    fn a_hint_of_the_contract_is_read_and_an_unknown_event_kept() {
        let hint = parse(
            r#"{"Zdarzenie":"FakturaWystawiona","ID":7,"Guid":"6f1e8ac6-87dc-4720-b50d-f769e475ed40","Kod":null,
                "Chwila":"2026-11-21T10:00:00+01:00","Dalsze":[1]}"#,
        )
        .unwrap();
        assert_eq!(hint.zdarzenie, Zdarzenie::FakturaWystawiona);
        assert_eq!((hint.id, hint.kod.as_deref()), (Some(7), None));
        assert_eq!(hint.chwila.unwrap().to_rfc3339(), "2026-11-21T09:00:00+00:00");
        let other = parse(r#"{"Zdarzenie":"PrzelewWyslany","ID":7}"#).unwrap();
        assert_eq!(other.zdarzenie, Zdarzenie::Unknown("PrzelewWyslany".to_owned()));
    }

    #[test]
    fn what_names_no_event_or_no_row_is_no_hint() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"Zdarzenie":"ZamowienieStatus"}"#,
            r#"{"ID":7}"#,
            r#"{"Zdarzenie":"ZamowienieStatus","ID":7.5}"#,
            r#"{"Zdarzenie":"ZamowienieStatus","ID":99999999999}"#,
            r#"{"Zdarzenie":"ZamowienieStatus","ID":{"tajne":1}}"#,
            r#"{"Zdarzenie":"ZamowienieStatus","Guid":"tajne"}"#,
        ] {
            let error = parse(body).unwrap_err();
            assert_eq!(error.kind(), WebhookErrorKind::BadBody, "{body}");
            assert!(!format!("{error} {error:?}").contains("tajne"));
        }
    }

    #[test]
    fn the_key_is_the_message_id_or_a_hash_of_event_row_and_instant() {
        let hint = parse(r#"{"Zdarzenie":"ZamowienieStatus","ID":101,"Chwila":"2026-11-21T10:00:00+01:00"}"#);
        let hint = hint.unwrap();
        // sha256 of ["ZamowienieStatus",[null,101,null,null],"2026-11-21T09:00:00Z"]
        let hash = "sha256-b7e626b5b4412fdfef785e4ca703fb9a7fd4c7b18964b211d22ead4c162fe5bd";
        assert_eq!(hint.klucz(None).unwrap(), hash);
        let again = r#"{"Chwila":"2026-11-21T09:00:00Z","ID":"101","Zdarzenie":"ZamowienieStatus"}"#;
        assert_eq!(parse(again).unwrap().klucz(None).unwrap(), hash);
        let later = r#"{"Chwila":"2026-11-21T09:00:01Z","ID":"101","Zdarzenie":"ZamowienieStatus"}"#;
        assert_ne!(parse(later).unwrap().klucz(None).unwrap(), hash);
        let delivery = Delivery { id: "zd-1".to_owned(), sent: DateTime::UNIX_EPOCH };
        assert_eq!(hint.klucz(Some(&delivery)).unwrap(), "zd-1");
    }

    #[test]
    fn without_id_and_time_there_is_no_key_and_a_time_without_offset_still_tells_hints_apart() {
        assert_eq!(parse(r#"{"Zdarzenie":"ZamowienieStatus","ID":1}"#).unwrap().klucz(None), None);
        let at = |time: &str| {
            let hint =
                parse(&format!(r#"{{"Zdarzenie":"ZamowienieStatus","ID":1,"Chwila":"{time}"}}"#)).unwrap();
            assert_eq!(hint.chwila, None);
            hint.klucz(None).unwrap()
        };
        assert_eq!(at("2026-11-21T10:00:00"), at("2026-11-21T10:00:00"));
        assert_ne!(at("2026-11-21T10:00:00"), at("2026-11-21T10:00:01"));
    }
}
