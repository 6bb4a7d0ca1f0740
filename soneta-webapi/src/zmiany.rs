//! A queue of changes (kolejka zmian): which rows of which tables changed, until each is confirmed.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::Result;
use crate::ids::redacted_debug;
use crate::page::{SnapshotQuery, WirePage};
use crate::wire::open_enum;

/// A table with changes that wait.
#[doc(alias = "waiting table")]
#[derive(Debug, Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OczekujacaTabela {
    /// Name of the table: `Towary`, `Kontrahenci`, `DokHandlowe`.
    pub tabela: String,
    /// How many changes wait.
    pub ile: i64,
}

open_enum! {
    /// What happened to a row.
    #[doc(alias = "row state")]
    pub enum StanWiersza {
        /// Not part of the table (any more).
        Detached = "Detached" / 0,
        /// As it was.
        Unchanged = "Unchanged" / 1,
        /// Changed.
        Modified = "Modified" / 2,
        /// New.
        Added = "Added" / 3,
        /// Removed.
        Deleted = "Deleted" / 4,
    }
}

/// A change that waits to be confirmed.
#[doc(alias = "change record")]
#[derive(Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ZmianaWiersza {
    /// Id of the change: what is confirmed.
    pub id: i32,
    /// Id of the row.
    pub wiersz_id: i32,
    /// What happened to it.
    pub stan: StanWiersza,
    /// Whether an earlier attempt was confirmed as failed.
    #[builder(default)]
    pub bledna: bool,
}

redacted_debug!(ZmianaWiersza { id, wiersz_id, stan });

/// What became of a change.
#[derive(Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct PotwierdzenieZmiany {
    /// Id of the change.
    pub id: i32,
    /// Whether it is done with; otherwise it stays in the queue.
    pub sukces: bool,
    /// Why it is not.
    pub informacja: Option<String>,
}

redacted_debug!(PotwierdzenieZmiany { id, sukces });

/// A queue of changes, as an installation's add-on keeps it for one consumer.
///
/// # Contract
/// - At least once: a change stays in the queue until it is confirmed as done.
/// - A change names the row and does not carry it: read it with the area's own calls. A removed row is told here alone.
/// - `confirm_zmiany` may be repeated; the others change nothing.
#[doc(alias = "change queue")]
#[async_trait]
pub trait KolejkaZmian: Debug + Send + Sync {
    /// Tables with changes that wait.
    ///
    /// # Errors
    /// The client's errors.
    async fn list_tabele(&self) -> Result<Vec<OczekujacaTabela>>;

    /// A page of the changes of one table, oldest first.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_zmiany(&self, tabela: &str, query: &SnapshotQuery) -> Result<WirePage<ZmianaWiersza>>;

    /// Tells what became of changes.
    ///
    /// # Errors
    /// The client's errors.
    async fn confirm_zmiany(&self, potwierdzenia: &[PotwierdzenieZmiany]) -> Result<()>;
}

const _: fn(&dyn KolejkaZmian) = |_| ();
