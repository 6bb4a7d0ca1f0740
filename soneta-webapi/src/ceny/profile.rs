use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::CenaKontrahenta;
use crate::Result;
use crate::ids::{KontrahentId, ProfilCenId, TowarId, redacted_debug};
use crate::page::{SnapshotQuery, WirePage};
use crate::wire;

/// Contractors who are priced alike (profil cen): the same price list, discounts and price groups.
///
/// Not an entity of the ERP: the add-on works it out. Deserialises from the reference contract's row.
#[doc(alias = "price profile")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ProfilCen {
    /// Id of the profile.
    #[serde(rename = "ID", alias = "Id")]
    pub id: ProfilCenId,
    /// What people call it; only to be shown.
    pub nazwa: String,
    /// All its contractors; each contractor is in one profile at most. One who is in none is priced by himself: see
    /// [`CenyKontrahentow`](super::CenyKontrahentow).
    #[serde(deserialize_with = "wire::list::or_empty")]
    pub kontrahenci_id: Vec<KontrahentId>,
    /// When the server worked it out.
    #[serde(default, with = "wire::instant::option")]
    pub liczona_od: Option<DateTime<Utc>>,
}

redacted_debug!(ProfilCen { id });

/// A price that one contractor has for himself (wyjątek), whatever his profile says.
///
/// Deserialises from the reference contract's row, as [`CenaKontrahenta`].
#[doc(alias = "price exception")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[serde(try_from = "crate::b2b::WierszCenyKontrahenta", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WyjatekCeny {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
    /// The good and its price for him, with thresholds of its own: those of the profile do not count.
    pub cena: CenaKontrahenta,
}

redacted_debug!(WyjatekCeny { kontrahent_id, cena });

/// Prices that are other ones now, or will be (unieważnienie).
///
/// Deserialises from the reference contract's row; a `Zakres` that this version does not know is read as
/// [`Wszystko`](ZakresCen::Wszystko).
#[doc(alias = "price invalidation")]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, bon::Builder)]
#[serde(try_from = "crate::b2b::WierszUniewaznienia", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Uniewaznienie {
    /// Which prices.
    pub zakres: ZakresCen,
    /// From when on; `None` = at once. It may lie ahead (a promotion that is planned): until then the old prices are answered,
    /// and it is not told a second time.
    pub wazna_od: Option<DateTime<Utc>>,
}

/// Which prices an [`Uniewaznienie`] is about.
#[doc(alias = "price scope")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ZakresCen {
    /// Those of a good, in every profile and every exception.
    Towar(TowarId),
    /// Those of a contractor: his profile, his exceptions, or both.
    Kontrahent(KontrahentId),
    /// Those of a profile.
    Profil(ProfilCenId),
    /// All, and who is in which profile.
    Wszystko,
}

/// Prices of contractors by profile, as an installation's add-on gives them: what makes 2,000 contractors times 20,000 goods a list of
/// some profiles, their prices and the exceptions.
///
/// # Contract
/// - What a contractor pays for a good is his exception for it, if there is one, and else his profile's price; both as
///   [`Ceny::wycen`](crate::Ceny::wycen) answers.
/// - `list_profile`, `list_dla_profilu` and `list_wyjatki` are snapshots like [`Stany`](crate::Stany).
/// - `list_uniewaznione` is read first, without a token, then everything else, then `list_uniewaznione` with that token again and
///   what it names: so a change while the lists are read is not missed. It tells each change once per token, and again after the
///   same token.
/// - A good whose tick changes has its prices invalid: the rows carry the tick.
/// - Every call may be repeated.
#[doc(alias = "price profiles")]
#[async_trait]
pub trait ProfileCen: Debug + Send + Sync {
    /// A page of profiles, each with all its contractors.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_profile(&self, query: &SnapshotQuery) -> Result<WirePage<ProfilCen>>;

    /// A page of what the contractors of a profile pay: for all goods, or for the chosen ones (an empty choice is an empty page).
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list or profile, kind `Refused` when the profile does not
    /// exist (any more) or more goods are named than the server takes.
    async fn list_dla_profilu(
        &self,
        profil: ProfilCenId,
        towary: Option<&[TowarId]>,
        query: &SnapshotQuery,
    ) -> Result<WirePage<CenaKontrahenta>>;

    /// A page of all contractors' exceptions: for all goods, or for the chosen ones (an empty choice is an empty page).
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list, kind `Refused` when more goods are named than the
    /// server takes.
    async fn list_wyjatki(
        &self,
        towary: Option<&[TowarId]>,
        query: &SnapshotQuery,
    ) -> Result<WirePage<WyjatekCeny>>;

    /// What became invalid since the token that is the query's `after`; the page's `next` is the next token, also at the end.
    ///
    /// Without a token, or with one that the server does not know any more, everything is invalid: one row that says so. A bad row
    /// hides a change: take everything as invalid then.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_uniewaznione(&self, query: &SnapshotQuery) -> Result<WirePage<Uniewaznienie>>;
}

const _: fn(&dyn ProfileCen) = |_| ();
