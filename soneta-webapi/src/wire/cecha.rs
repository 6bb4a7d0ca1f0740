//! Custom fields of rows (cechy).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{WartoscCechy, date};

/// A custom field of a row (cecha, "feature"): a name and a value of any scalar kind.
///
/// Only cechy that the administrator has opened for WebAPI arrive. Names are exact: case and Polish letters count, at most 30
/// characters. Reads `{Nazwa, Wartosc, Typ}` of the reference contract and `{Name, Value, Type, UpdateDate}` of AltOne's, in
/// PascalCase and camelCase; writes the reference contract's. AltOne's is written by [`altone_list`].
#[doc(alias = "feature")]
#[doc(alias = "custom field")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cecha {
    /// Name of the definition.
    #[serde(rename = "Nazwa", alias = "nazwa", alias = "Name", alias = "name")]
    pub nazwa: String,
    /// The value; null where none is set.
    #[serde(rename = "Wartosc", alias = "wartosc", alias = "Value", alias = "value", default)]
    pub wartosc: WartoscCechy,
    /// The kind of the definition (`String`, `Bool`, `Decimal`, `Date` …) where the server names it.
    #[serde(
        rename = "Typ",
        alias = "typ",
        alias = "Type",
        alias = "type",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub typ: Option<String>,
    /// The day from which the value is valid; a historical cecha is not written without it. The reference contract has no such
    /// field. It is sent all the same where it is set, so that a strict server refuses it, rather than left out, which would set
    /// the value for all days.
    #[serde(
        rename = "UpdateDate",
        alias = "updateDate",
        default,
        with = "date::parts",
        skip_serializing_if = "Option::is_none"
    )]
    pub update_date: Option<NaiveDate>,
}

impl Cecha {
    /// A cecha with a value; the kind is the definition's.
    pub fn new(nazwa: impl Into<String>, wartosc: impl Into<WartoscCechy>) -> Self {
        Self { nazwa: nazwa.into(), wartosc: wartosc.into(), typ: None, update_date: None }
    }

    /// A cecha that is to be reset to its kind's default: no text, 0, false, no day.
    pub fn reset(nazwa: impl Into<String>) -> Self {
        Self::new(nazwa, WartoscCechy::default())
    }

    /// The same, valid from a day on: for historical cechy.
    #[must_use]
    pub fn valid_from(mut self, day: NaiveDate) -> Self {
        self.update_date = Some(day);
        self
    }
}

/// For `Vec<Cecha>` in requests of AltOne's contract: writes `[{"Name", "Value", "Type", "UpdateDate"}]`, the last two where they
/// are set; reads what [`Cecha`] reads, `null` as empty.
///
/// ```
/// use serde::Serialize;
/// use soneta_webapi::wire::{self, Cecha};
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Zapis {
///     #[serde(with = "wire::cecha::altone_list")]
///     features: Vec<Cecha>,
/// }
///
/// let zapis = Zapis { features: vec![Cecha::new("Kolor", "żółty"), Cecha::reset("Sezon")] };
/// assert_eq!(
///     serde_json::to_string(&zapis)?,
///     r#"{"Features":[{"Name":"Kolor","Value":"żółty"},{"Name":"Sezon","Value":null}]}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
pub mod altone_list {
    use chrono::NaiveDate;
    use serde::{Serialize, Serializer};

    use super::{Cecha, WartoscCechy, date};

    pub use crate::wire::list::or_empty as deserialize;

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Feature<'a> {
        name: &'a str,
        value: &'a WartoscCechy,
        #[serde(skip_serializing_if = "Option::is_none")]
        r#type: Option<&'a str>,
        #[serde(with = "date::parts", skip_serializing_if = "Option::is_none")]
        update_date: Option<NaiveDate>,
    }

    /// Writes the list with AltOne's names.
    ///
    /// # Errors
    /// The serialiser's.
    pub fn serialize<S: Serializer>(cechy: &[Cecha], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(cechy.iter().map(|cecha| Feature {
            name: &cecha.nazwa,
            value: &cecha.wartosc,
            r#type: cecha.typ.as_deref(),
            update_date: cecha.update_date,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_contracts_names_are_read_and_each_form_is_written_with_its_own() {
        let historical = Cecha::new("Rabat", "15.5").valid_from(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        for json in [
            r#"{"Name":"Rabat","Value":"15.5","UpdateDate":{"Rok":2026,"Miesiac":1,"Dzien":1}}"#,
            r#"{"name":"Rabat","value":"15.5","type":null,"updateDate":{"year":2026,"month":1,"day":1}}"#,
            r#"{"Nazwa":"Rabat","Wartosc":"15.5","Typ":null,"UpdateDate":"2026-01-01"}"#,
        ] {
            assert_eq!(serde_json::from_str::<Cecha>(json).unwrap(), historical, "{json}");
        }
        let mut typed = Cecha::new("VIP", true);
        typed.typ = Some("Bool".to_owned());
        assert_eq!(
            serde_json::to_string(&typed).unwrap(),
            r#"{"Nazwa":"VIP","Wartosc":"true","Typ":"Bool"}"#
        );
        let mut json = Vec::new();
        altone_list::serialize(
            &[typed.clone(), historical.clone()],
            &mut serde_json::Serializer::new(&mut json),
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(json.clone()).unwrap(),
            concat!(
                r#"[{"Name":"VIP","Value":"true","Type":"Bool"},"#,
                r#"{"Name":"Rabat","Value":"15.5","UpdateDate":{"Year":2026,"Month":1,"Day":1}}]"#
            )
        );
        assert_eq!(serde_json::from_slice::<Vec<Cecha>>(&json).unwrap(), [typed, historical]);
    }
}
