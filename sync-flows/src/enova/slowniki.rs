//! Dictionaries of the ERP.

use async_trait::async_trait;
use soneta_webapi::{FormaPlatnosci, GrupaCenowa, Magazyn, Result as PortResult, Rows, Slowniki};
use std::fmt::Debug;
use std::sync::Arc;
use sync_core::{Item, Key, Page, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::{Erp, id_key};
use crate::client_error::engine_error;
use crate::key::key;

/// A dictionary that flows can read.
#[async_trait]
pub trait Dictionary: Debug + Send + Sync + Sized + 'static {
    /// What it lists, in the ERP's word; part of what positions belong to.
    const ENTITY: &'static str;

    /// Its words.
    ///
    /// # Errors
    /// The port's.
    async fn rows(slowniki: &dyn Slowniki) -> PortResult<Rows<Self>>;

    /// The key of a word.
    fn key(&self) -> Key;

    /// The key of a word that cannot be decoded, from what could be read of it: its id, its Kod.
    fn key_of_bad(id: Option<i32>, kod: Option<&str>) -> Option<Key>;
}

/// Keyed by id.
#[async_trait]
impl Dictionary for Magazyn {
    const ENTITY: &'static str = "magazyny";

    async fn rows(slowniki: &dyn Slowniki) -> PortResult<Rows<Self>> {
        slowniki.list_magazyny().await
    }

    fn key(&self) -> Key {
        id_key(self.id.0)
    }

    fn key_of_bad(id: Option<i32>, _kod: Option<&str>) -> Option<Key> {
        id.map(id_key)
    }
}

/// Keyed by name.
#[async_trait]
impl Dictionary for FormaPlatnosci {
    const ENTITY: &'static str = "formy płatności";

    async fn rows(slowniki: &dyn Slowniki) -> PortResult<Rows<Self>> {
        slowniki.list_formy_platnosci().await
    }

    fn key(&self) -> Key {
        key([&self.nazwa])
    }

    fn key_of_bad(_id: Option<i32>, _kod: Option<&str>) -> Option<Key> {
        None
    }
}

/// Keyed by cecha and word: a group has no id in the ERP, since it is a value of a cecha, so a renamed group is a new one.
#[async_trait]
impl Dictionary for GrupaCenowa {
    const ENTITY: &'static str = "grupy cenowe";

    async fn rows(slowniki: &dyn Slowniki) -> PortResult<Rows<Self>> {
        slowniki.list_grupy_cenowe().await
    }

    fn key(&self) -> Key {
        key([self.cecha.as_deref().unwrap_or_default(), &self.nazwa])
    }

    fn key_of_bad(_id: Option<i32>, _kod: Option<&str>) -> Option<Key> {
        None
    }
}

/// A dictionary of the ERP, whole in one page each time.
#[derive(Debug, Clone)]
pub struct SlownikSource<D> {
    slowniki: Arc<dyn Slowniki>,
    erp: Erp,
    of: std::marker::PhantomData<fn() -> D>,
}

impl<D: Dictionary> SlownikSource<D> {
    /// The dictionary of the ERP behind the port.
    #[must_use]
    pub fn new(slowniki: Arc<dyn Slowniki>, erp: Erp) -> Self {
        Self { slowniki, erp, of: std::marker::PhantomData }
    }
}

#[async_trait]
impl<D: Dictionary> Source for SlownikSource<D> {
    type Record = D;
    type Cursor = ();

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.erp.identity(D::ENTITY))
    }

    async fn read(&self, _from: ReadFrom<&()>, _limit: usize) -> Result<Page<D, ()>> {
        let rows = D::rows(&*self.slowniki)
            .await
            .map_err(|error| engine_error("the dictionary was not read", error))?;
        let items = rows.into_iter().map(|row| match row {
            Ok(row) => Item::upsert(row.key(), row),
            Err(bad) => Item::bad(
                D::key_of_bad(bad.id, bad.kod.as_deref()),
                engine_error("the row cannot be decoded", bad.error),
            ),
        });
        Ok(Page::last(items.collect(), None))
    }
}
