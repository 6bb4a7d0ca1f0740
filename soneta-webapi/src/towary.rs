//! Goods and services (towary): the neutral record and the port.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::envelope::Rows;
use crate::ids::{TowarId, redacted_debug};
use crate::page::{Change, ChangesQuery, WirePage};
use crate::wire::{self, Cecha, Quantity, open_enum};
use crate::{Error, Result};

/// A good or a service of the ERP (towar).
///
/// Deserialises from the reference contract's row. What a contract does not tell is `None` or empty, never a default that could be
/// taken for a fact.
#[doc(alias = "product")]
#[doc(alias = "goods")]
#[doc(alias = "item")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Towar {
    /// Id in this database.
    #[serde(rename = "ID", alias = "Id")]
    pub id: TowarId,
    /// Global key; outlives a move to another database.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Business code: unique in practice, but users may change it.
    pub kod: String,
    /// Name.
    pub nazwa: String,
    /// Bar codes, the main one first.
    #[serde(rename = "EAN", default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub ean: Vec<String>,
    /// Symbol of the base unit, in which stock is kept.
    #[serde(default)]
    pub jednostka: Option<String>,
    /// Other units of the good.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub jednostki: Vec<JednostkaTowaru>,
    /// Least quantity of an order.
    #[serde(default)]
    pub minimum: Option<Quantity>,
    /// Ordered quantities are multiples of this.
    #[serde(default)]
    pub wielokrotnosc: Option<Quantity>,
    /// Kod of the VAT rate on sale: `23%`, `ZW`, `NP`.
    #[serde(default)]
    pub stawka_vat: Option<String>,
    /// Group of goods for the tax office (GTU).
    #[serde(rename = "GTU", default)]
    pub gtu: Option<String>,
    /// Whether split payment (MPP) is due.
    #[serde(rename = "MPP", default)]
    pub mpp: Option<bool>,
    /// Kind: goods, service, product, recipe.
    #[serde(default)]
    pub typ: Option<TypTowaru>,
    /// Description.
    #[serde(default)]
    pub opis: Option<String>,
    /// Path in the tree of groups, such as `\Narciarstwo\Buty\`.
    #[serde(default)]
    pub grupa: Option<String>,
    /// Maker.
    #[serde(default)]
    pub producent: Option<String>,
    /// Maker's or catalogue number.
    #[serde(default)]
    pub numer_katalogowy: Option<String>,
    /// Classification PKWiU.
    #[serde(rename = "PKWiU", default)]
    pub pkwiu: Option<String>,
    /// Net mass of one base unit, with its unit (`kg`).
    #[serde(default)]
    pub masa_netto: Option<Quantity>,
    /// Hidden on pick lists: not for sale.
    #[builder(default)]
    pub blokada: bool,
    /// The tick that sends it to the portal, where the contract tells it as a field; else see `cechy`.
    #[serde(deserialize_with = "wire::told")]
    pub zaznaczony: Option<bool>,
    /// Custom fields.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub cechy: Vec<Cecha>,
    /// When it was changed last, where the contract tells it.
    #[serde(default, with = "wire::instant::option")]
    pub data_zmiany: Option<DateTime<Utc>>,
}

redacted_debug!(Towar { id });

impl Towar {
    /// The custom field of this exact name.
    pub fn cecha(&self, nazwa: &str) -> Option<&Cecha> {
        self.cechy.iter().find(|cecha| cecha.nazwa == nazwa)
    }
}

/// A further unit of a good: one of it is `licznik / mianownik` base units.
#[doc(alias = "unit of measure")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct JednostkaTowaru {
    /// Symbol of the unit.
    pub kod: String,
    /// Numerator.
    #[serde(with = "crate::wire::decimal")]
    pub licznik: Decimal,
    /// Denominator.
    #[serde(with = "crate::wire::decimal")]
    pub mianownik: Decimal,
}

impl JednostkaTowaru {
    /// A unit that holds `licznik / mianownik` base units.
    pub fn new(kod: impl Into<String>, licznik: Decimal, mianownik: Decimal) -> Self {
        Self { kod: kod.into(), licznik, mianownik }
    }
}

open_enum! {
    /// Kind of a good.
    pub enum TypTowaru {
        /// Goods.
        Towar = "Towar" / 1,
        /// Service (usługa): has no stock.
        Usluga = "Usługa" / 2,
        /// Product made here.
        Produkt = "Produkt" / 4,
        /// Recipe.
        Receptura = "Receptura" / 8,
    }
}

/// Goods, as an installation's add-on gives them.
///
/// # Contract
/// - Called by one flow at a time per value; several values may share a client.
/// - `list_towary` hands out every good that exists for longer than the read, in a stable order: following `next` from the
///   start reaches `end` and has seen each at least once. A good may come again, with its newer content.
/// - A row that cannot be decoded is an `Err` in its place and never the page's error.
/// - Nothing here changes anything in the ERP; every call may be repeated.
#[doc(alias = "products")]
#[async_trait]
pub trait Towary: Debug + Send + Sync {
    /// A page of goods in the contract's order.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_towary(&self, query: &ChangesQuery) -> Result<WirePage<Change<Towar>>>;

    /// Goods by id. One that does not exist is left out.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_towary(&self, ids: &[TowarId]) -> Result<Rows<Towar>>;

    /// Goods by Kod, exactly as spelt. One that does not exist is left out.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_towary_by_kod(&self, kody: &[String]) -> Result<Rows<Towar>>;
}

const _: fn(&dyn Towary) = |_| ();

/// The only row of a look-up by one key; more than one is an error, a bad row too.
pub(crate) fn at_most_one<T>(rows: Rows<T>) -> Result<Option<T>> {
    let mut rows = rows.into_iter();
    let first = rows.next().transpose().map_err(|bad| bad.error)?;
    match rows.next() {
        None => Ok(first),
        Some(_) => Err(Error::decode_at("one key is answered by several rows")),
    }
}
