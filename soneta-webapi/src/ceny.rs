//! Prices (ceny): retail prices, the price check of an order, prices per contractor and per profile, and the ports.

mod kontrahenta;
mod profile;

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use self::kontrahenta::{CenaKontrahenta, CenyKontrahentow, Prog};
pub use self::profile::{ProfilCen, ProfileCen, Uniewaznienie, WyjatekCeny, ZakresCen};
use crate::Result;
use crate::ids::{KontrahentId, TowarId, redacted_debug};
use crate::page::{SnapshotQuery, WirePage};
use crate::wire::{self, Currency, Quantity};

/// The retail price of one good (cena detaliczna).
///
/// Deserialises from the reference contract's row; a `ZaIlosc` in another unit than `Jednostka` is an error, and so is a missing
/// tick.
#[doc(alias = "retail price")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(try_from = "crate::b2b::WierszCeny", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenaDetaliczna {
    /// The good.
    pub towar_id: TowarId,
    /// Its Kod.
    pub kod: String,
    /// The tick that sends it to the portal, where the contract tells it.
    pub zaznaczony: Option<bool>,
    /// Name of the price list (definicja ceny), `Detaliczna`.
    pub definicja_ceny: String,
    /// Net price of `za_ilosc` units.
    pub netto: Currency,
    /// Gross price of `za_ilosc` units.
    pub brutto: Currency,
    /// Kod of the VAT rate: `23%`, `ZW`, `NP`.
    pub stawka_vat: String,
    /// Symbol of the unit that the price is for: always the good's base unit.
    pub jednostka: String,
    /// How many base units the price is for, usually 1.
    #[serde(serialize_with = "crate::wire::decimal::serialize")]
    pub za_ilosc: Decimal,
    /// When the server calculated it.
    pub liczona_od: Option<DateTime<Utc>>,
    /// Last instant at which it holds, where that is known (a dated promotion).
    pub wazna_do: Option<DateTime<Utc>>,
}

redacted_debug!(CenaDetaliczna { towar_id });

/// A good named by its id or by its Kod, whichever the caller knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KluczTowaru {
    /// By id.
    Id(TowarId),
    /// By Kod, exactly as spelt.
    Kod(String),
}

impl From<TowarId> for KluczTowaru {
    fn from(id: TowarId) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for KluczTowaru {
    fn from(kod: &str) -> Self {
        Self::Kod(kod.to_owned())
    }
}

impl KluczTowaru {
    /// The id, if it names one.
    pub fn id(&self) -> Option<TowarId> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Kod(_) => None,
        }
    }

    /// The Kod, if it names one.
    pub fn kod(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Kod(kod) => Some(kod),
        }
    }
}

/// A question for the prices that a contractor pays (wycena).
#[doc(alias = "quote")]
#[doc(alias = "price check")]
#[derive(Clone, PartialEq, bon::Builder)]
#[non_exhaustive]
pub struct ZapytanieWyceny {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
    /// The lines, in the order in which they are answered.
    pub pozycje: Vec<PozycjaWyceny>,
    /// The day the prices are for; today of the server when absent.
    pub dzien: Option<NaiveDate>,
}

redacted_debug!(ZapytanieWyceny { kontrahent_id });

/// A line of a [`ZapytanieWyceny`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct PozycjaWyceny {
    /// The good.
    pub towar: KluczTowaru,
    /// How many, in the base unit or another unit of the good: quantity thresholds (progi) count.
    pub ilosc: Quantity,
}

redacted_debug!(PozycjaWyceny {});

impl PozycjaWyceny {
    /// So many of this good.
    pub fn new(towar: impl Into<KluczTowaru>, ilosc: Quantity) -> Self {
        Self { towar: towar.into(), ilosc }
    }
}

/// What a contractor pays for one line: final prices as the ERP calculates them.
///
/// Deserialises from the reference contract's row.
#[doc(alias = "quote line")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Wycena {
    /// Line of the question that it answers, from 1, where the contract tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lp: Option<usize>,
    /// The good.
    pub towar_id: TowarId,
    /// Its Kod.
    pub kod: String,
    /// Net price of one of the unit that was asked for, discounts applied.
    pub netto: Currency,
    /// Gross price of one of the unit that was asked for.
    pub brutto: Currency,
    /// Net value of the line.
    pub wartosc_netto: Currency,
    /// Gross value of the line.
    pub wartosc_brutto: Currency,
    /// Kod of the VAT rate.
    pub stawka_vat: String,
    /// What may be sold of it now in all warehouses, in base units; `None` for services.
    #[serde(default, with = "wire::quantity_value::option")]
    pub dostepne: Option<Decimal>,
    /// When the server calculated it.
    #[serde(default, with = "wire::instant::option")]
    pub liczona_od: Option<DateTime<Utc>>,
}

redacted_debug!(Wycena { towar_id });

/// Prices, as an installation's add-on gives them.
///
/// # Contract
/// - Prices are final: what the ERP would put on a document, with overrides, thresholds and promotions. Nothing outside adds or
///   subtracts.
/// - `list_detaliczne` is a snapshot like [`Stany`](crate::Stany): stable order, each good once per round and price list. Each
///   price is of the good's base unit; an add-on whose prices are of another unit converts them or leaves them out.
/// - `wycen` answers every line or fails as a whole: a missing price must not look like a price.
/// - Every call may be repeated.
#[async_trait]
pub trait Ceny: Debug + Send + Sync {
    /// A page of retail prices.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_detaliczne(&self, query: &SnapshotQuery) -> Result<WirePage<CenaDetaliczna>>;

    /// What the contractor pays for each line, in the order of the lines.
    ///
    /// # Errors
    /// The client's errors; kind `Refused` when a good or the contractor does not exist or may not be sold (to).
    async fn wycen(&self, query: &ZapytanieWyceny) -> Result<Vec<Wycena>>;
}

const _: fn(&dyn Ceny) = |_| ();
