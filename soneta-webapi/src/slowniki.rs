//! Dictionaries (słowniki): what words an installation uses.

use std::fmt::Debug;

use async_trait::async_trait;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::dokumenty::Kategoria;
use crate::envelope::Rows;
use crate::ids::MagazynId;
use crate::wire;
use crate::{Error, Result};

/// A warehouse (magazyn).
#[doc(alias = "warehouse")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Magazyn {
    /// Id.
    #[serde(rename = "ID", alias = "Id")]
    pub id: MagazynId,
    /// Symbol, which documents name it by.
    pub symbol: String,
    /// Name.
    #[serde(default)]
    pub nazwa: Option<String>,
}

/// A VAT rate (stawka VAT).
#[doc(alias = "VAT rate")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StawkaVat {
    /// Kod, which goods and lines name it by: `23%`, `ZW`, `NP`.
    pub kod: String,
    /// The rate in percent, where it is one.
    #[serde(default, with = "wire::decimal::option")]
    pub procent: Option<Decimal>,
    /// Whether it is taken out of use.
    #[serde(default)]
    #[builder(default)]
    pub blokada: bool,
}

/// A payment method (forma płatności).
#[doc(alias = "payment method")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FormaPlatnosci {
    /// Name, which contractors and documents name it by.
    pub nazwa: String,
    /// Days until payment is due, where the contract tells it.
    #[serde(default)]
    pub termin_dni: Option<i32>,
    /// Whether it is taken out of use.
    #[serde(default)]
    #[builder(default)]
    pub blokada: bool,
}

/// The definition of a custom field (cecha).
#[doc(alias = "feature definition")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DefinicjaCechy {
    /// Table that has it: `Towary`, `Kontrahenci`, `DokHandlowe`.
    pub tabela: String,
    /// Name, exact.
    pub nazwa: String,
    /// Kind: `String`, `Bool`, `Decimal`, `Date` …
    #[serde(default)]
    pub typ: Option<String>,
    /// Whether it is calculated and cannot be written.
    #[serde(default)]
    #[builder(default)]
    pub tylko_odczyt: bool,
}

/// The definition of a kind of document (definicja dokumentu).
#[doc(alias = "document definition")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DefinicjaDokumentu {
    /// Symbol: `ZO`, `FV`, `WZ`.
    pub symbol: String,
    /// Name.
    #[serde(default)]
    pub nazwa: Option<String>,
    /// Kind.
    pub kategoria: Kategoria,
    /// Whether it is taken out of use.
    #[serde(default)]
    #[builder(default)]
    pub blokada: bool,
}

/// A price group (grupa cenowa): a value of a dictionary cecha, since the ERP has no such table.
#[doc(alias = "price group")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GrupaCenowa {
    /// Its word, which contractors carry.
    pub nazwa: String,
    /// The cecha that it is a value of.
    #[serde(default)]
    pub cecha: Option<String>,
    /// Whether it is taken out of use.
    #[serde(default)]
    #[builder(default)]
    pub blokada: bool,
}

/// Dictionaries, as an installation's add-on gives them. Short lists, read whole; every call may be repeated.
///
/// An add-on implements the lists that it has; the others answer an error of kind `Config`, never an empty list.
#[doc(alias = "dictionaries")]
#[async_trait]
pub trait Slowniki: Debug + Send + Sync {
    /// Warehouses.
    ///
    /// # Errors
    /// The client's errors; kind `Config` where the add-on does not tell them.
    async fn list_magazyny(&self) -> Result<Rows<Magazyn>> {
        Err(untold("warehouses"))
    }

    /// VAT rates.
    ///
    /// # Errors
    /// The client's errors; kind `Config` where the add-on does not tell them.
    async fn list_stawki_vat(&self) -> Result<Rows<StawkaVat>> {
        Err(untold("VAT rates"))
    }

    /// Payment methods.
    ///
    /// # Errors
    /// The client's errors; kind `Config` where the add-on does not tell them.
    async fn list_formy_platnosci(&self) -> Result<Rows<FormaPlatnosci>> {
        Err(untold("payment methods"))
    }

    /// Definitions of custom fields that are open for WebAPI.
    ///
    /// # Errors
    /// The client's errors; kind `Config` where the add-on does not tell them.
    async fn list_cechy(&self) -> Result<Rows<DefinicjaCechy>> {
        Err(untold("custom fields"))
    }

    /// Definitions of documents.
    ///
    /// # Errors
    /// The client's errors; kind `Config` where the add-on does not tell them.
    async fn list_definicje_dokumentow(&self) -> Result<Rows<DefinicjaDokumentu>> {
        Err(untold("document definitions"))
    }

    /// Price groups.
    ///
    /// # Errors
    /// The client's errors; kind `Config` where the add-on does not tell them.
    async fn list_grupy_cenowe(&self) -> Result<Rows<GrupaCenowa>> {
        Err(untold("price groups"))
    }
}

const _: fn(&dyn Slowniki) = |_| ();

fn untold(what: &str) -> Error {
    Error::config(format!("the add-on of this installation does not tell its {what}"))
}
