//! Settlements (rozrachunki): what of an invoice is still to be paid.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::ids::{DokumentId, KontrahentId, redacted_debug};
use crate::page::{Change, ChangesQuery, WirePage};
use crate::wire::{self, Currency};

/// A settlement (rozrachunek): one payment of a document and how far it is paid.
///
/// Deserialises from the reference contract's row.
#[doc(alias = "settlement")]
#[doc(alias = "receivable")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Rozrachunek {
    /// Id of the settlement; a document has one per payment.
    #[serde(rename = "ID", alias = "Id")]
    pub id: i32,
    /// The document.
    pub dokument_id: DokumentId,
    /// Its number.
    pub numer: String,
    /// The contractor, where the contract tells it.
    #[serde(default)]
    pub kontrahent_id: Option<KontrahentId>,
    /// How much it was.
    pub kwota: Currency,
    /// How much of it is not paid.
    pub pozostalo: Currency,
    /// When it is due.
    #[serde(default, with = "wire::date::option")]
    pub termin: Option<NaiveDate>,
    /// Whether nothing is left to be paid.
    pub zaplacono: bool,
    /// When it was changed last.
    #[serde(default, with = "wire::instant::option")]
    pub data_zmiany: Option<DateTime<Utc>>,
}

redacted_debug!(Rozrachunek { id, dokument_id });

/// Settlements, as an installation's add-on gives them.
///
/// # Contract
/// A change list of its own, since a payment does not touch the invoice's row: stable order, each at least once. Every call may
/// be repeated.
#[doc(alias = "settlements")]
#[async_trait]
pub trait Rozrachunki: Debug + Send + Sync {
    /// A page of settlements in the contract's order.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_rozrachunki(&self, query: &ChangesQuery) -> Result<WirePage<Change<Rozrachunek>>>;
}

const _: fn(&dyn Rozrachunki) = |_| ();
