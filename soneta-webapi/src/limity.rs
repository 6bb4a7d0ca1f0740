//! Credit limits (limity kredytowe): the neutral record and the port.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::ids::{KontrahentId, redacted_debug};
use crate::page::{SnapshotQuery, WirePage};
use crate::wire::{self, Currency, open_enum};

open_enum! {
    /// Kind of a credit limit.
    #[doc(alias = "credit limit kind")]
    pub enum RodzajLimitu {
        /// An amount.
        Kwota = "Kwota" / 0,
        /// No limit.
        Nieograniczony = "Nieograniczony" / 1,
    }
}

/// The credit limit of a contractor (limit kredytowy) and its use, as calculated by the ERP.
///
/// Deserialises from the reference contract's row.
#[doc(alias = "credit limit")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LimitKredytowy {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
    /// Its Kod.
    #[serde(default)]
    pub kod: Option<String>,
    /// The tick that sends it to the portal, where the contract tells it.
    #[serde(deserialize_with = "wire::told")]
    pub zaznaczony: Option<bool>,
    /// Kind.
    pub rodzaj: RodzajLimitu,
    /// The limit; `None` where there is none.
    #[serde(default)]
    pub limit: Option<Currency>,
    /// How much of it is used, where the contract tells it.
    #[serde(default)]
    pub wykorzystano: Option<Currency>,
    /// How much is left, where the contract tells it; below zero when the limit is exceeded.
    #[serde(default)]
    pub dostepny: Option<Currency>,
    /// Days until payment is due.
    #[serde(default)]
    pub termin_dni: Option<i32>,
    /// When the server calculated it.
    #[serde(default, with = "wire::instant::option")]
    pub liczona_od: Option<DateTime<Utc>>,
}

redacted_debug!(LimitKredytowy { kontrahent_id });

/// Credit limits, as an installation's add-on gives them.
///
/// # Contract
/// A snapshot: the use of a limit changes without the contractor's row changing, so each round reads all of them, in a stable
/// order, each once. Every call may be repeated.
#[doc(alias = "credit limits")]
#[async_trait]
pub trait Limity: Debug + Send + Sync {
    /// A page of credit limits.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_limity(&self, query: &SnapshotQuery) -> Result<WirePage<LimitKredytowy>>;
}

const _: fn(&dyn Limity) = |_| ();
