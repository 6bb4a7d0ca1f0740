//! The reference contract `b2b`: dynamic controllers that an enova365 partner builds, tier by tier, from
//! `contract/b2b.openapi.json`. [`B2b::info`] tells what an installation has.
//!
//! How sure: the contract is our own, and the simulator speaks it. No vendor ships it, and nothing here has met a live server. What
//! is the platform's (paths, verbs, the envelope's `Success`, currency and quantity objects) follows Soneta's published material.
//!
//! Each request is an [`Endpoint`](crate::Endpoint) for [`Client::send`](crate::Client::send); [`B2b`] gives the
//! everyday calls area by area, in handles that implement the ports.

mod ceny;
mod faktury;
mod info;
mod kontrahenci;
mod limity;
mod lista;
mod rozrachunki;
mod slowniki;
mod stany;
mod towary;
mod wydania;
mod zamowienia;

pub use self::ceny::{
    B2bCeny, CenyDetaliczne, CenyDlaKontrahenta, CenyDlaProfilu, CenyProfile, CenyUniewaznione, CenyWycen,
    CenyWyjatki, Uniewaznione, Wyjatki,
};
pub use self::faktury::{B2bFaktury, FakturyLista, FakturyPdf, FakturyPobierz};
pub use self::info::{Info, InfoPobierz};
pub use self::kontrahenci::{B2bKontrahenci, KontrahenciLista, KontrahenciPobierz, KontrahenciZapisz};
pub use self::limity::{B2bLimity, LimityLista};
pub use self::lista::{ListaZmian, Migawka, WierszListyZmian, Wiersze, Zmiany};
pub use self::rozrachunki::{B2bRozrachunki, RozrachunkiLista};
pub use self::slowniki::{B2bSlowniki, Slownik, WierszSlownika};
pub use self::stany::{B2bStany, StanyLista};
pub use self::towary::{B2bTowary, TowaryLista, TowaryPobierz};
pub use self::wydania::{B2bWydania, WydaniaLista, WydaniaPdf, WydaniaPobierz};
pub use self::zamowienia::{
    B2bZamowienia, ZamowieniaAnuluj, ZamowieniaDodaj, ZamowieniaPobierz, ZamowieniaStatusy, ZamowieniaZmien,
};

pub(crate) use self::ceny::{WierszCeny, WierszCenyKontrahenta, WierszUniewaznienia};
pub(crate) use self::stany::WierszStanu;

use crate::{Client, Installation, Result};

/// How many keys one request names at most. A server refuses more than its `MaksIle`, which may be small and is not asked for
/// here; a longer list would save few calls.
const KEYS_PER_CALL: usize = 100;

/// The reference contract on one server: everyday calls, in a handle per area that implements the area's port.
///
/// ```no_run
/// # async fn run(client: soneta_webapi::Client, order: soneta_webapi::NoweZamowienie) -> soneta_webapi::Result<()> {
/// let created = client.b2b().zamowienia().create_or_find(&order).await?;
/// println!("{} {}", created.id, created.numer);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct B2b {
    client: Client,
}

impl B2b {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// What the installation offers.
    ///
    /// # Errors
    /// The client's errors; `NotFound` where the add-on is not installed.
    pub async fn info(&self) -> Result<Info> {
        self.client.send(&InfoPobierz::default()).await
    }

    /// Goods.
    #[doc(alias = "products")]
    pub fn towary(&self) -> B2bTowary {
        B2bTowary::new(self.client.clone())
    }

    /// Stock.
    #[doc(alias = "stock")]
    pub fn stany(&self) -> B2bStany {
        B2bStany::new(self.client.clone())
    }

    /// Prices.
    #[doc(alias = "prices")]
    pub fn ceny(&self) -> B2bCeny {
        B2bCeny::new(self.client.clone())
    }

    /// Orders.
    #[doc(alias = "orders")]
    pub fn zamowienia(&self) -> B2bZamowienia {
        B2bZamowienia::new(self.client.clone())
    }

    /// Delivery notes.
    #[doc(alias = "delivery notes")]
    pub fn wydania(&self) -> B2bWydania {
        B2bWydania::new(self.client.clone())
    }

    /// Invoices.
    #[doc(alias = "invoices")]
    pub fn faktury(&self) -> B2bFaktury {
        B2bFaktury::new(self.client.clone())
    }

    /// Contractors.
    #[doc(alias = "contractors")]
    pub fn kontrahenci(&self) -> B2bKontrahenci {
        B2bKontrahenci::new(self.client.clone())
    }

    /// Every area of the contract, also those above the tier that a server offers: there a call is answered `NotFound`.
    pub fn installation(&self) -> Installation {
        Installation::default()
            .with_towary(self.towary())
            .with_stany(self.stany())
            .with_ceny(self.ceny())
            .with_ceny_kontrahentow(self.ceny())
            .with_profile_cen(self.ceny())
            .with_kontrahenci(self.kontrahenci())
            .with_zapis_kontrahentow(self.kontrahenci())
            .with_limity(self.limity())
            .with_zamowienia(self.zamowienia())
            .with_zmiany_zamowien(self.zamowienia())
            .with_faktury(self.faktury())
            .with_wydania(self.wydania())
            .with_rozrachunki(self.rozrachunki())
            .with_slowniki(self.slowniki())
    }

    /// Credit limits.
    #[doc(alias = "credit limits")]
    pub fn limity(&self) -> B2bLimity {
        B2bLimity::new(self.client.clone())
    }

    /// Settlements.
    #[doc(alias = "settlements")]
    pub fn rozrachunki(&self) -> B2bRozrachunki {
        B2bRozrachunki::new(self.client.clone())
    }

    /// Dictionaries and price groups.
    #[doc(alias = "dictionaries")]
    #[doc(alias = "price groups")]
    pub fn slowniki(&self) -> B2bSlowniki {
        B2bSlowniki::new(self.client.clone())
    }
}
