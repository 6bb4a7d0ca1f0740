use serde::{Deserialize, Serialize};

use crate::ids::redacted_debug;

/// An address (adres): of a contractor, a delivery place, or an order.
///
/// Parts that are not known are `None` or empty.
#[doc(alias = "address")]
#[doc(alias = "delivery address")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Adres {
    /// Addressee.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nazwa: Option<String>,
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ulica: Option<String>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nr_domu: Option<String>,
    /// Flat number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nr_lokalu: Option<String>,
    /// Postal code, `00-950`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kod_pocztowy: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub miejscowosc: Option<String>,
    /// Country code, `PL`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kod_kraju: Option<String>,
    /// Post office.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub poczta: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub telefon: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
}

redacted_debug!(Adres {});
