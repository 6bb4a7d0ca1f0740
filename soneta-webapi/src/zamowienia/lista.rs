use std::fmt::Debug;

use async_trait::async_trait;

use super::Zamowienie;
use crate::Result;
use crate::dokumenty::DokumentyQuery;
use crate::ids::DokumentId;
use crate::page::{Change, WirePage};

/// The list of customers' orders, whoever placed them.
///
/// # Contract
/// Every order since `od_dnia` that is or has been approved, cancelled ones too and never one in the buffer, in a stable order, each
/// at least once; a bad row is an `Err` in its place; every call may be repeated. A delivery note or an invoice changes its order.
#[doc(alias = "list of orders")]
#[async_trait]
pub trait ListaZamowien: Debug + Send + Sync {
    /// A page of orders in the contract's order.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_zamowienia(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Zamowienie>>>;

    /// The order of this id as the list tells it; `None` if there is none, or none that is approved.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_z_listy(&self, id: DokumentId) -> Result<Option<Zamowienie>>;
}

const _: fn(&dyn ListaZamowien) = |_| ();
