//! The change lists of the ports.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use soneta_webapi::{
    BadRow, Change, ChangesQuery, DokumentId, DokumentyQuery, Faktura, Faktury, KluczKontrahenta,
    Kontrahenci, Kontrahent, KontrahentId, ListaZamowien, Result, Rows, Rozrachunek, Rozrachunki,
    StanDokumentu, Towar, TowarId, Towary, WirePage, Wydania, Wydanie, Zamowienie,
};
use std::sync::Arc;

use super::ErpList;

/// Goods.
#[derive(Debug, Clone)]
pub struct TowaryList(Arc<dyn Towary>);

impl TowaryList {
    /// Through this port.
    #[must_use]
    pub fn new(port: Arc<dyn Towary>) -> Self {
        Self(port)
    }
}

#[async_trait]
impl ErpList for TowaryList {
    type Row = Towar;

    fn entity(&self) -> &'static str {
        "towary"
    }

    fn tabela(&self) -> Option<&'static str> {
        Some("Towary")
    }

    async fn page(&self, query: &ChangesQuery) -> Result<WirePage<Change<Towar>>> {
        self.0.list_towary(query).await
    }

    async fn rows(&self, ids: &[i32]) -> Result<Option<Rows<Towar>>> {
        let ids: Vec<TowarId> = ids.iter().copied().map(TowarId).collect();
        self.0.get_towary(&ids).await.map(Some)
    }

    fn id(row: &Towar) -> i32 {
        row.id.0
    }

    fn changed(row: &Towar) -> Option<DateTime<Utc>> {
        row.data_zmiany
    }
}

/// Contractors.
#[derive(Debug, Clone)]
pub struct KontrahenciList(Arc<dyn Kontrahenci>);

impl KontrahenciList {
    /// Through this port.
    #[must_use]
    pub fn new(port: Arc<dyn Kontrahenci>) -> Self {
        Self(port)
    }
}

#[async_trait]
impl ErpList for KontrahenciList {
    type Row = Kontrahent;

    fn entity(&self) -> &'static str {
        "kontrahenci"
    }

    fn tabela(&self) -> Option<&'static str> {
        Some("Kontrahenci")
    }

    async fn page(&self, query: &ChangesQuery) -> Result<WirePage<Change<Kontrahent>>> {
        self.0.list_kontrahenci(query).await
    }

    async fn rows(&self, ids: &[i32]) -> Result<Option<Rows<Kontrahent>>> {
        let mut rows = Rows::new();
        for id in ids {
            rows.extend(self.0.get_kontrahenci(&KluczKontrahenta::Id(KontrahentId(*id))).await?);
        }
        Ok(Some(rows))
    }

    fn id(row: &Kontrahent) -> i32 {
        row.id.0
    }

    fn changed(row: &Kontrahent) -> Option<DateTime<Utc>> {
        row.data_zmiany
    }
}

/// Settlements.
#[derive(Debug, Clone)]
pub struct RozrachunkiList(Arc<dyn Rozrachunki>);

impl RozrachunkiList {
    /// Through this port.
    #[must_use]
    pub fn new(port: Arc<dyn Rozrachunki>) -> Self {
        Self(port)
    }
}

#[async_trait]
impl ErpList for RozrachunkiList {
    type Row = Rozrachunek;

    fn entity(&self) -> &'static str {
        "rozrachunki"
    }

    async fn page(&self, query: &ChangesQuery) -> Result<WirePage<Change<Rozrachunek>>> {
        self.0.list_rozrachunki(query).await
    }

    async fn rows(&self, _ids: &[i32]) -> Result<Option<Rows<Rozrachunek>>> {
        Ok(None)
    }

    fn id(row: &Rozrachunek) -> i32 {
        row.id
    }

    fn changed(row: &Rozrachunek) -> Option<DateTime<Utc>> {
        row.data_zmiany
    }
}

/// The day of a document, where the contract tells it. One without a day is older than any start date.
fn issued(day: impl Into<Option<NaiveDate>>) -> Option<NaiveDate> {
    day.into()
}

/// A list of documents from a start date on.
macro_rules! documents {
    ($(#[$doc:meta])* $list:ident, $port:ident, $row:ident, $entity:literal, $page:ident, $get:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $list {
            port: Arc<dyn $port>,
            od_dnia: Option<NaiveDate>,
        }

        impl $list {
            /// Through this port.
            #[must_use]
            pub fn new(port: Arc<dyn $port>) -> Self {
                Self { port, od_dnia: None }
            }

            /// Only documents issued on this day or later: the start date of the integration. Another day is another list: positions
            /// of the one are refused by the other.
            #[must_use]
            pub fn since(mut self, day: NaiveDate) -> Self {
                self.od_dnia = Some(day);
                self
            }

            /// Whether the list has it: it is approved, and not too old.
            fn has(&self, row: &$row) -> bool {
                row.stan != StanDokumentu::Bufor && issued(row.data) >= self.od_dnia
            }
        }

        #[async_trait]
        impl ErpList for $list {
            type Row = $row;

            fn entity(&self) -> &'static str {
                $entity
            }

            fn tabela(&self) -> Option<&'static str> {
                Some("DokHandlowe")
            }

            fn filter(&self) -> String {
                self.od_dnia.map(|day| day.to_string()).unwrap_or_default()
            }

            async fn page(&self, query: &ChangesQuery) -> Result<WirePage<Change<$row>>> {
                let query = DokumentyQuery::builder()
                    .maybe_after(query.after.clone())
                    .maybe_changed_since(query.changed_since)
                    .maybe_after_id(query.after_id)
                    .maybe_od_dnia(self.od_dnia)
                    .limit(query.limit)
                    .build();
                self.port.$page(&query).await
            }

            async fn rows(&self, ids: &[i32]) -> Result<Option<Rows<$row>>> {
                let mut rows = Rows::new();
                for id in ids {
                    match self.port.$get(DokumentId(*id)).await {
                        Ok(Some(row)) if self.has(&row) => rows.push(Ok(row)),
                        Ok(_) => {}
                        Err(error) if error.kind() == soneta_webapi::ErrorKind::Decode => {
                            rows.push(Err(BadRow::new(rows.len(), error).with_key(Some(*id), None)));
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(Some(rows))
            }

            fn id(row: &$row) -> i32 {
                row.id.0
            }

            fn changed(row: &$row) -> Option<DateTime<Utc>> {
                row.data_zmiany
            }
        }
    };
}

documents! {
    /// Invoices and their corrections, approved ones.
    FakturyList, Faktury, Faktura, "faktury", list_faktury, get_faktura
}
documents! {
    /// Delivery notes and their corrections, approved ones.
    WydaniaList, Wydania, Wydanie, "wydania", list_wydania, get_wydanie
}
documents! {
    /// Customers' orders, approved ones, whoever placed them.
    ZamowieniaList, ListaZamowien, Zamowienie, "zamowienia", list_zamowienia, get_z_listy
}
