//! Stock (stany magazynowe): the neutral record and the port.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::ids::{MagazynId, TowarId, redacted_debug};
use crate::page::{Continuation, WirePage};

/// The stock of one good in all warehouses that were asked for (stan towaru).
///
/// Deserialises from the reference contract's row; a quantity in another unit than `Jednostka` is an error, since nobody could
/// add it up, and so is a missing tick.
#[doc(alias = "stock")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(try_from = "crate::b2b::WierszStanu", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StanTowaru {
    /// The good.
    pub towar_id: TowarId,
    /// Its Kod.
    pub kod: String,
    /// The tick that sends it to the portal, where the contract tells it.
    pub zaznaczony: Option<bool>,
    /// Symbol of the base unit; all quantities here are in it.
    pub jednostka: Option<String>,
    /// Stock per warehouse. A warehouse that is missing was not asked for or has never held the good.
    #[builder(default)]
    pub magazyny: Vec<StanMagazynu>,
    /// When the server calculated it.
    pub liczona_od: Option<DateTime<Utc>>,
}

redacted_debug!(StanTowaru { towar_id });

impl StanTowaru {
    /// What may be sold in all warehouses together; `None` where that is more than a decimal holds.
    pub fn dostepne_razem(&self) -> Option<Decimal> {
        self.magazyny.iter().try_fold(Decimal::ZERO, |sum, magazyn| sum.checked_add(magazyn.dostepne))
    }
}

/// The stock of a good in one warehouse (magazyn), in base units.
#[doc(alias = "warehouse stock")]
#[derive(Clone, PartialEq, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StanMagazynu {
    /// The warehouse.
    pub magazyn_id: MagazynId,
    /// Its symbol, `F`.
    pub magazyn: String,
    /// On hand.
    #[serde(with = "crate::wire::decimal")]
    pub stan: Decimal,
    /// Reserved for documents of the ERP.
    #[serde(with = "crate::wire::decimal")]
    pub zarezerwowane: Decimal,
    /// What may be sold: on hand without what is reserved. May be negative where the warehouse permits that.
    #[serde(with = "crate::wire::decimal")]
    pub dostepne: Decimal,
    /// Ordered from suppliers.
    #[serde(with = "crate::wire::decimal::option")]
    pub zamowione: Option<Decimal>,
    /// Day of the next delivery.
    pub najblizsza_dostawa: Option<NaiveDate>,
}

redacted_debug!(StanMagazynu { magazyn_id });

/// What stock is asked for.
#[derive(Debug, Clone, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct StanyQuery {
    /// After this page.
    pub after: Option<Continuation>,
    /// How many goods at most; the server may have a lower limit of its own.
    #[builder(default = 1_000)]
    pub limit: u32,
    /// Only these warehouses, by symbol; empty for all.
    #[builder(default)]
    pub magazyny: Vec<String>,
    /// Only these goods; empty for all.
    #[builder(default)]
    pub towary: Vec<TowarId>,
}

impl Default for StanyQuery {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Stock, as an installation's add-on gives it.
///
/// # Contract
/// - A snapshot of calculated values: no change stamp, each round reads all from the start. The order is stable; following
///   `next` reaches `end`, and each good that exists throughout comes exactly once.
/// - Rows carry every warehouse that was asked for, so that a good's row is whole by itself.
/// - A row that cannot be decoded is an `Err` in its place. Every call may be repeated.
#[async_trait]
pub trait Stany: Debug + Send + Sync {
    /// A page of the snapshot.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_stany(&self, query: &StanyQuery) -> Result<WirePage<StanTowaru>>;
}

const _: fn(&dyn Stany) = |_| ();
