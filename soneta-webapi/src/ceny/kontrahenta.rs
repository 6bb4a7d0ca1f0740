use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::ids::{KontrahentId, TowarId, redacted_debug};
use crate::page::{SnapshotQuery, WirePage};
use crate::wire::Currency;

/// What a contractor, or each contractor of a price profile, pays for one good (cena kontrahenta): the effective price.
///
/// Deserialises from the reference contract's row; a `ZaIlosc` or a threshold in another unit than `Jednostka` is an error, and so
/// are a missing tick, a threshold that is not above zero and two thresholds at one quantity.
#[doc(alias = "customer price")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(try_from = "crate::b2b::WierszCenyKontrahenta", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenaKontrahenta {
    /// The good.
    pub towar_id: TowarId,
    /// Its Kod.
    pub kod: String,
    /// The tick that sends it to the portal, where the contract tells it.
    pub zaznaczony: Option<bool>,
    /// Name of the price list (definicja ceny) that the price comes from.
    pub definicja_ceny: String,
    /// Net price of `za_ilosc` units below the first threshold, discounts applied.
    pub netto: Currency,
    /// Gross price of `za_ilosc` units below the first threshold.
    pub brutto: Currency,
    /// Kod of the VAT rate: `23%`, `ZW`, `NP`.
    pub stawka_vat: String,
    /// Symbol of the unit that the price is for: always the good's base unit.
    pub jednostka: String,
    /// How many base units the price is for, usually 1.
    #[serde(serialize_with = "crate::wire::decimal::serialize")]
    pub za_ilosc: Decimal,
    /// Quantity thresholds, ascending; empty if the price is the same for every quantity.
    #[builder(default)]
    pub progi: Vec<Prog>,
    /// When the server calculated it.
    pub liczona_od: Option<DateTime<Utc>>,
    /// Last instant at which it holds, where that is known (a dated promotion ends, or one begins).
    pub wazna_do: Option<DateTime<Utc>>,
}

redacted_debug!(CenaKontrahenta { towar_id });

impl CenaKontrahenta {
    /// Net and gross price of `za_ilosc` units for one who takes so many base units on one line.
    pub fn cena_przy(&self, ilosc: Decimal) -> (&Currency, &Currency) {
        let reached = self.progi.iter().take_while(|prog| prog.ilosc_od <= ilosc).last();
        reached.map_or((&self.netto, &self.brutto), |prog| (&prog.netto, &prog.brutto))
    }
}

/// A quantity threshold (próg): from this quantity on the price is another one, for the whole line.
#[doc(alias = "quantity threshold")]
#[doc(alias = "price break")]
#[derive(Clone, PartialEq, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Prog {
    /// From how many base units on one line, inclusive; above zero.
    #[serde(with = "crate::wire::decimal")]
    pub ilosc_od: Decimal,
    /// Net price of the record's `za_ilosc` units.
    pub netto: Currency,
    /// Gross price of the record's `za_ilosc` units.
    pub brutto: Currency,
}

redacted_debug!(Prog {});

/// Prices per contractor, as an installation's add-on gives them.
///
/// # Contract
/// - Prices are final and the same that [`Ceny::wycen`](crate::Ceny::wycen) answers for that contractor, good and quantity.
/// - The list is a snapshot like [`Stany`](crate::Stany): stable order, each good once per round; a good that the contractor cannot
///   buy has no row.
/// - A continuation belongs to one contractor.
/// - Every call may be repeated.
#[doc(alias = "customer prices")]
#[async_trait]
pub trait CenyKontrahentow: Debug + Send + Sync {
    /// A page of what the contractor pays: for all goods, or for the chosen ones (an empty choice is an empty page).
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list or contractor, kind `Refused` when the contractor does
    /// not exist or more goods are named than the server takes.
    async fn list_dla_kontrahenta(
        &self,
        kontrahent_id: KontrahentId,
        towary: Option<&[TowarId]>,
        query: &SnapshotQuery,
    ) -> Result<WirePage<CenaKontrahenta>>;
}

const _: fn(&dyn CenyKontrahentow) = |_| ();
