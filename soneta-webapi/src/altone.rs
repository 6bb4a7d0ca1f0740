//! AltOne's public add-on contract.
//!
//! | endpoint | record | port |
//! |---|---|---|
//! | [`GetTowary`] | [`KartotekaTowarowa`] | [`Towary`](crate::Towary) of [`AltOne`] |
//! | [`UpsertKartotekaTowarowa`] | [`KartotekaTowarowa`], [`WynikZapisu`] | |
//! | [`GetContractors`], [`GetPackableContractors`] | [`KartotekaKontrahenta`] | [`Kontrahenci`](crate::Kontrahenci) of [`AltOne::kontrahenci`], [`Limity`](crate::Limity) of [`AltOne::limity`] |
//! | [`UpdateContractor`], [`ZapiszCalosc`] | [`KartotekaKontrahenta`], [`WynikZapisu`] | [`ZapisKontrahentow`](crate::ZapisKontrahentow) of [`AltOne::kontrahenci`] |
//! | [`ZastapKontrahenta`] | [`WynikZapisu`] | |
//! | [`DodajPowiazanieKontrahenta`] | [`PowiazanieKontrahenta`], [`WynikZapisu`] | |
//! | [`GetOsobyKontaktowe`] | [`OsobaKontaktowa`] | |
//! | [`GetVATRates`] | [`DefinicjaStawkiVat`] | [`Slowniki`](crate::Slowniki) of [`AltOne::slowniki`] |
//! | [`GetPaymentMethods`] | [`SposobZaplaty`] | [`Slowniki`](crate::Slowniki) of [`AltOne::slowniki`] |
//! | [`GetCashRegister`] | [`EwidencjaSP`] | |
//! | [`GetDictionary`], [`UpdateDictionary`] | [`Slownik`], [`WynikZapisu`] | |
//! | [`GetDokumentyHandlowe`], [`GetCommercialDocument`] | [`DokumentHandlowy`], [`DokumentHandel`] | [`Faktury`](crate::Faktury) of [`AltOneFaktury`], [`Wydania`](crate::Wydania) of [`AltOneWydania`] |
//! | [`InsertDokumentHandlowy`] | [`DokumentHandlowy`], [`WynikZapisuDokumentu`] | [`Zamowienia`](crate::Zamowienia) of [`AltOneZamowienia`] |
//! | [`GetFilePDF`], [`GetAttachments`], [`InsertAttachment`] | [`Zalacznik`] | as invoices and delivery notes |
//! | [`GetTablesWaitingForExport`], [`GetRecordsChange`], [`UpdateRecordsChangeStatus`] | [`TabelaZmian`], [`RekordZmiany`] | [`KolejkaZmian`](crate::KolejkaZmian) of [`AltOneZmiany`] |
//! | [`GetWebServiceInfo`], [`GetDocumentation`], [`GetServicesToControllersMap`] | [`WebServiceInfo`], [`Documentation`], [`ServiceToController`] | |
//!
//! It has no prices and no stock: those ports are not implemented, and a flow that needs them does not
//! compile with it.
//!
//! How sure: shapes follow the OpenAPI description of a real server (build 2510.0.0) and the vendor's
//! documentation of 2606; nothing here has met a live server.

mod adres;
mod dokumenty;
mod faktury;
mod kontrahenci;
mod osoby_kontaktowe;
mod packet;
mod serwis;
mod slowniki;
mod towary;
mod wiersz;
mod wydania;
mod wynik;
mod zalaczniki;
mod zamowienia;
mod zmiany;

pub use self::adres::{AdresKontrahenta, AdresRozszerzony, Wojewodztwo};
pub use self::dokumenty::{
    AdresDoFaktury, DaneDoKSeF, DaneKontrahenta, DaneKorekty, DanePodmiotuTrzeciego, DokumentHandel,
    DokumentHandlowy, ElemOpisuAnalitycznego, GetCommercialDocument, GetDokumentyHandlowe,
    InsertDokumentHandlowy, KSeFDokumentu, KontrahentHandel, NumerObcyDokumentu, NumerObcyKontrahenta,
    OpisAnalitycznyHandel, PlatnoscDokumentu, PodmiotDodatkowy, Podsumowanie, PozycjaDokHandlowego,
    PozycjaHandel, PozycjaVat, RolaPodmiotuTrzeciego, SposobLiczeniaVAT, SumyVatHandel, TabelaKursowa,
    TypIdentyfikatora, WynikZapisuDokumentu,
};
pub use self::faktury::AltOneFaktury;
pub use self::kontrahenci::{
    AltOneKontrahenci, AltOneLimity, DodajPowiazanieKontrahenta, Efaktura, GetContractors,
    GetPackableContractors, KartotekaKontrahenta, KontaktKontrahenta, KontrahentBase, ListaKontrahentow,
    OdsetkiKarne, OdsetkiRozpoczecie, OdsetkiStopa, PowiazaniaKontrahenta, PowiazanieKontrahenta,
    RachunekBankowy, RodzajPodmiotu, RodzajPowiazania, RolaPodmiotu, StatusPodmiotu, UpdateContractor,
    VatLiczonyOd, WarunkiHandlowe, WarunkiPlatnosci, ZapiszCalosc, ZastapKontrahenta,
};
pub use self::osoby_kontaktowe::{GetOsobyKontaktowe, OsobaKontaktowa};
pub use self::packet::{Filter, FilterOperator, LogicalOperator, Packet};
pub use self::serwis::{
    Documentation, GetDocumentation, GetServicesToControllersMap, GetWebServiceInfo, ServiceToController,
    WebServiceInfo,
};
pub use self::slowniki::{
    AltOneSlowniki, DefinicjaStawkiVat, ElementSlownika, EwidencjaSP, GetCashRegister, GetDictionary,
    GetPaymentMethods, GetVATRates, Slownik, SposobZaplaty, TypSposobuZaplaty, UpdateDictionary,
};
pub use self::towary::{GetTowary, KartotekaTowarowa, UpsertKartotekaTowarowa};
pub use self::wydania::AltOneWydania;
pub use self::wynik::WynikZapisu;
pub use self::zalaczniki::{GetAttachments, GetFilePDF, InsertAttachment, RodzajZalacznika, Zalacznik};
pub use self::zamowienia::AltOneZamowienia;
pub use self::zmiany::{
    AltOneZmiany, GetRecordsChange, GetTablesWaitingForExport, RekordZmiany, StatusZmiany, SzczegolyZmiany,
    TabelaZmian, UpdateRecordsChangeStatus, WynikPotwierdzenia,
};

use crate::{Client, Installation};

/// AltOne's contract on one server.
///
/// Goods, in packets:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
/// # let (url, token) = (simulator.url().clone(), simulator.application_token());
/// # let client = soneta_webapi::Client::builder(url, token).build()?;
/// use std::pin::pin;
/// use futures::TryStreamExt;
/// use soneta_webapi::ChangesQuery;
///
/// let altone = client.altone();
/// let mut packets = pin!(altone.towary(ChangesQuery::builder().limit(25).build()));
/// while let Some(packet) = packets.try_next().await? {
///     for row in packet.rows {
///         match row {
///             Ok(change) => {
///                 let Some(towar) = change.upsert() else { continue };
///                 // The portal's tick is a cecha here.
///                 println!("{}: {:?}", towar.kod, towar.cecha("Portal").map(|tick| &tick.wartosc));
///             }
///             Err(bad) => eprintln!("left out: {bad}"),
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AltOne {
    client: Client,
}

impl AltOne {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The areas of the contract, with the usual symbols of documents. Other symbols, a payment method for
    /// orders that name none and the change queue, which needs a secret, are given by the handles' builders:
    ///
    /// ```
    /// # fn run(client: soneta_webapi::Client) {
    /// use soneta_webapi::altone::{AltOneFaktury, AltOneZmiany};
    ///
    /// let invoices = AltOneFaktury::builder()
    ///     .client(client.clone())
    ///     .definicje(vec!["FV".to_owned(), "FVS".to_owned()])
    ///     .korekty(vec!["KFV".to_owned()])
    ///     .build();
    /// let changes = AltOneZmiany::builder()
    ///     .client(client.clone())
    ///     .external_system("SHOP")
    ///     .security_code("secret of the consumer".into())
    ///     .build();
    /// let installation = client.altone().installation().with_faktury(invoices).with_kolejka_zmian(changes);
    /// # }
    /// ```
    pub fn installation(&self) -> Installation {
        let client = || self.client.clone();
        Installation::default()
            .with_towary(self.clone())
            .with_kontrahenci(self.kontrahenci())
            .with_zapis_kontrahentow(self.kontrahenci())
            .with_limity(self.limity())
            .with_zamowienia(AltOneZamowienia::builder().client(client()).build())
            .with_faktury(AltOneFaktury::builder().client(client()).build())
            .with_wydania(AltOneWydania::builder().client(client()).build())
            .with_slowniki(self.slowniki())
    }

    /// Contractors: reading and writing.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::{KluczKontrahenta, KontrahentId, ZapisKontrahenta, ZapisKontrahentow};
    ///
    /// let kontrahenci = client.altone().kontrahenci();
    /// let found = kontrahenci.get(&KluczKontrahenta::Id(KontrahentId(1))).await?;
    /// # assert_eq!(found.len(), 1);
    /// for row in found {
    ///     let known = row?;
    ///     let Some(guid) = known.guid else { continue };
    ///     // The whole card is read and written back, so that fields that nobody named survive.
    ///     let change = ZapisKontrahenta::builder().guid(guid).telefon("+48 58 1234567").build();
    ///     let saved = kontrahenci.save_kontrahent(&change).await?;
    ///     assert_eq!(saved.id, known.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "contractors")]
    pub fn kontrahenci(&self) -> AltOneKontrahenci {
        AltOneKontrahenci::new(self.client.clone())
    }

    /// Credit limits; from 2606 on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::{Limity, SnapshotQuery};
    ///
    /// // What is used of a limit is not told, and `dostepny` is `None`.
    /// let page = client.altone().limity().list_limity(&SnapshotQuery::default()).await?;
    /// for limit in page.rows.into_iter().flatten() {
    ///     println!("{}: {:?}", limit.kontrahent_id, limit.limit.map(|limit| limit.value));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "credit limits")]
    pub fn limity(&self) -> AltOneLimity {
        AltOneLimity::new(self.client.clone())
    }

    /// Dictionaries.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::Slowniki;
    ///
    /// for row in client.altone().slowniki().list_formy_platnosci().await? {
    ///     println!("{}", row?.nazwa); // What orders name as `FormaPlatnosci`.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "dictionaries")]
    pub fn slowniki(&self) -> AltOneSlowniki {
        AltOneSlowniki::new(self.client.clone())
    }
}
