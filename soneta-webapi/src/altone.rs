//! AltOne's public add-on contract, as far as the ports need it: goods, trade documents, attachments and the change queue.
//!
//! It has no prices and no stock: [`AltOne`] implements [`Towary`](crate::Towary), the handles with settings [`AltOneZamowienia`],
//! [`AltOneFaktury`], [`AltOneWydania`] and [`AltOneZmiany`] their ports, and a flow that needs more does not compile with them.
//!
//! How sure: shapes follow the OpenAPI description of a real server (build 2510.0.0) and the vendor's documentation of 2606;
//! nothing here has met a live server.

mod cecha;
mod dokumenty;
mod faktury;
mod towary;
mod wiersz;
mod wydania;
mod zalaczniki;
mod zamowienia;
mod zmiany;

pub use self::dokumenty::{
    AdresDoFaktury, AdresPelny, AdresRozszerzony, DaneDoKSeF, DaneKontrahenta, DaneKorekty,
    DanePodmiotuTrzeciego, DokumentHandel, DokumentHandlowy, ElemOpisuAnalitycznego, GetCommercialDocument,
    GetDokumentyHandlowe, InsertDokumentHandlowy, KSeFDokumentu, KontrahentHandel, NumerObcyDokumentu,
    NumerObcyKontrahenta, OpisAnalitycznyHandel, PlatnoscDokumentu, PodmiotDodatkowy, Podsumowanie,
    PozycjaDokHandlowego, PozycjaHandel, PozycjaVat, RodzajPodmiotu, RolaPodmiotuTrzeciego,
    SposobLiczeniaVAT, StatusPodmiotu, SumyVatHandel, TabelaKursowa, TypIdentyfikatora, Wojewodztwo,
    WynikZapisuDokumentu,
};
pub use self::faktury::AltOneFaktury;
pub use self::towary::{Filter, FilterOperator, GetTowary, KartotekaTowarowa, LogicalOperator, Packet};
pub use self::wydania::AltOneWydania;
pub use self::zalaczniki::{
    GetAttachments, GetFilePDF, InsertAttachment, RodzajZalacznika, Zalacznik, ZapisanyZalacznik,
};
pub use self::zamowienia::AltOneZamowienia;
pub use self::zmiany::{
    AltOneZmiany, GetRecordsChange, GetTablesWaitingForExport, RekordZmiany, StatusZmiany, SzczegolyZmiany,
    TabelaZmian, UpdateRecordsChangeStatus, WynikPotwierdzenia,
};

use crate::{Client, Installation};

/// AltOne's contract on one server.
#[derive(Debug, Clone)]
pub struct AltOne {
    client: Client,
}

impl AltOne {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The areas of the contract.
    pub fn installation(&self) -> Installation {
        Installation::default().with_towary(self.clone())
    }
}
