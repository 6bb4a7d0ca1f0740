//! The reference contract `b2b`: dynamic controllers that an enova365 partner builds, tier by tier, from
//! `contract/b2b.openapi.json`. [`B2b::info`] tells what an installation has.
//!
//! How sure: the contract is our own, and the simulator speaks it. No vendor ships it, and nothing here has
//! met a live server. What is the platform's (paths, verbs, the envelope's `Success`, currency and quantity
//! objects) follows Soneta's published material.
//!
//! Each request is an [`Endpoint`](crate::Endpoint) for [`Client::send`](crate::Client::send); [`B2b`] gives
//! the everyday calls area by area, in handles that implement the ports.

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
    B2bZamowienia, ZamowieniaAnuluj, ZamowieniaDodaj, ZamowieniaLista, ZamowieniaPobierz, ZamowieniaStatusy,
    ZamowieniaZmien,
};

pub(crate) use self::ceny::{WierszCeny, WierszCenyKontrahenta, WierszUniewaznienia};
pub(crate) use self::stany::WierszStanu;

use crate::{Client, Installation, Result};

/// How many keys one request names at most. A server refuses more than its `MaksIle`, which may be small and
/// is not asked for here; a longer list would save few calls.
const KEYS_PER_CALL: usize = 100;

/// The reference contract on one server: everyday calls, in a handle per area that implements the area's
/// port.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
/// # let (url, token) = (simulator.url().clone(), simulator.application_token());
/// # let client = soneta_webapi::Client::builder(url, token).build()?;
/// let info = client.b2b().info().await?;
/// println!("tier {} of contract {}", info.poziom, info.wersja);
/// if info.mozliwosci.iter().any(|method| method == "B2BFaktury/Lista") {
///     println!("invoices are offered");
/// }
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
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use std::pin::pin;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::{Change, ChangesQuery};
    ///
    /// let towary = client.b2b().towary();
    /// let mut pages = pin!(towary.list(ChangesQuery::builder().limit(25).build()));
    /// let (mut known, mut stored) = (Vec::new(), None);
    /// while let Some(page) = pages.try_next().await? {
    ///     for row in page.rows {
    ///         match row {
    ///             Ok(Change::Upsert(towar)) => known.push(towar.kod),
    ///             Ok(_) => println!("a good is gone"),
    ///             Err(bad) => eprintln!("left out: {bad}"),
    ///         }
    ///     }
    ///     stored = page.next; // Stored after the rows: the next round starts `after` it.
    /// }
    /// assert!(known.len() == 40 && stored.is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "products")]
    pub fn towary(&self) -> B2bTowary {
        B2bTowary::new(self.client.clone())
    }

    /// Stock.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use std::{collections::BTreeMap, pin::pin};
    /// use futures::TryStreamExt;
    /// use soneta_webapi::StanyQuery;
    ///
    /// let stany = client.b2b().stany();
    /// let mut pages = pin!(stany.list(StanyQuery::builder().magazyny(vec!["F".to_owned()]).build()));
    /// let mut on_sale = BTreeMap::new();
    /// while let Some(page) = pages.try_next().await? {
    ///     for row in page.rows {
    ///         match row {
    ///             // In base units; what is reserved is taken off.
    ///             Ok(stan) => on_sale.insert(stan.kod.clone(), stan.dostepne_razem()),
    ///             Err(bad) => {
    ///                 eprintln!("stays as it was: {bad}");
    ///                 continue;
    ///             }
    ///         };
    ///     }
    /// }
    /// assert!(!on_sale.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "stock")]
    pub fn stany(&self) -> B2bStany {
        B2bStany::new(self.client.clone())
    }

    /// Prices.
    ///
    /// Retail prices, in pages:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use std::pin::pin;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::SnapshotQuery;
    ///
    /// let ceny = client.b2b().ceny();
    /// let mut pages = pin!(ceny.detaliczne(SnapshotQuery::default()));
    /// while let Some(page) = pages.try_next().await? {
    ///     for cena in page.rows.into_iter().flatten() {
    ///         // Decimal, as the ERP wrote it: nothing is rounded on the way.
    ///         assert!(cena.brutto.value >= cena.netto.value);
    ///         println!("{}: {} {} for {}", cena.kod, cena.netto.value, cena.netto.symbol, cena.za_ilosc);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What one contractor pays, for a basket before the order and for everything, with the thresholds of
    /// quantity:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use std::pin::pin;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::wire::Quantity;
    /// use soneta_webapi::{Decimal, KontrahentId, PozycjaWyceny, SnapshotQuery, ZapytanieWyceny};
    ///
    /// let (ceny, who) = (client.b2b().ceny(), KontrahentId(1));
    /// let lines = vec![PozycjaWyceny::new("PK", Quantity::new(Decimal::TWO, "szt"))];
    /// let basket = ZapytanieWyceny::builder().kontrahent_id(who).pozycje(lines).build();
    /// let line = ceny.wycen(&basket).await?.remove(0);
    /// assert_eq!(line.wartosc_netto.value, line.netto.value * Decimal::TWO);
    ///
    /// let mut pages = pin!(ceny.dla_kontrahenta(who, SnapshotQuery::default()));
    /// while let Some(page) = pages.try_next().await? {
    ///     for cena in page.rows.into_iter().flatten() {
    ///         let (netto, _) = cena.cena_przy(Decimal::TEN);
    ///         println!("{}: {} each, {} from ten on", cena.kod, cena.netto.value, netto.value);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What everybody pays, by profile: contractors who are priced alike share one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::SnapshotQuery;
    ///
    /// let ceny = client.b2b().ceny();
    /// let mut who_pays = Vec::new();
    /// let profiles: Vec<_> = ceny.profile(SnapshotQuery::default()).try_collect().await?;
    /// for profile in profiles.into_iter().flat_map(|page| page.rows) {
    ///     let profile = profile?; // A profile that cannot be read would leave its contractors without prices.
    ///     let pages: Vec<_> = ceny.dla_profilu(profile.id, SnapshotQuery::default()).try_collect().await?;
    ///     let prices = pages.into_iter().map(|page| page.rows.len()).sum::<usize>();
    ///     who_pays.push((profile.kontrahenci_id, prices));
    /// }
    /// // What single contractors have agreed for themselves goes before their profile.
    /// let exceptions: Vec<_> = ceny.wyjatki(SnapshotQuery::default()).try_collect().await?;
    /// assert!(!who_pays.is_empty() && !exceptions.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "prices")]
    pub fn ceny(&self) -> B2bCeny {
        B2bCeny::new(self.client.clone())
    }

    /// Orders.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::wire::{Currency, Quantity};
    /// use soneta_webapi::{Decimal, KontrahentId, MapaStatusow, NoweZamowienie, PozycjaZamowienia, Uuid};
    ///
    /// let line = PozycjaZamowienia::builder()
    ///     .id_obcy("1")
    ///     .kod("PK")
    ///     .ilosc(Quantity::new(Decimal::ONE, "szt"))
    ///     .cena_netto(Currency::new(Decimal::new(1_500, 2), "PLN"));
    /// let order = NoweZamowienie::builder()
    ///     .guid(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://shop.example/orders/118"))
    ///     .kontrahent_id(KontrahentId(1))
    ///     .magazyn("F")
    ///     .data("2026-11-21".parse()?)
    ///     .pozycje(vec![line.build()]);
    /// let zamowienia = client.b2b().zamowienia();
    /// // Sent again with the same Guid it is the same document.
    /// let made = zamowienia.create_or_find(&order.build()).await?;
    /// for row in zamowienia.statusy(&[made.id]).await? {
    ///     println!("{}", MapaStatusow::default().status_of(&row?)?.as_str());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "orders")]
    pub fn zamowienia(&self) -> B2bZamowienia {
        B2bZamowienia::new(self.client.clone())
    }

    /// Delivery notes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// # use soneta_webapi::{wire::*, *};
    /// # let line = PozycjaZamowienia::builder().id_obcy("1").kod("PK").ilosc(Quantity::new(1.into(), "szt"));
    /// # let line = line.cena_netto(Currency::new(15.into(), "PLN")).build();
    /// # let order = NoweZamowienie::builder().guid(Uuid::from_u128(1)).kontrahent_id(KontrahentId(1));
    /// # let order = order.magazyn("F").data("2026-11-21".parse()?).zatwierdz(true).pozycje(vec![line]).build();
    /// # let order = client.b2b().zamowienia().create_or_find(&order).await?;
    /// # simulator.ship(order.id.0, &[])?;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::{DokumentyQuery, Realizacja};
    ///
    /// let wydania = client.b2b().wydania();
    /// let query = DokumentyQuery::builder().od_dnia("2026-01-01".parse()?).build();
    /// let pages: Vec<_> = wydania.list(query).try_collect().await?;
    /// let rows = pages.into_iter().flat_map(|page| page.rows);
    /// let notes: Vec<_> = rows.filter_map(|row| row.ok()?.upsert()).collect();
    /// for line in &notes[0].pozycje {
    ///     println!("{} {} of order {:?}", line.ilosc.value, line.ilosc.symbol, line.zamowienie_id);
    /// }
    /// // How far the order is delivered, from its notes and their corrections.
    /// let order = client.b2b().zamowienia().statusy(&[order.id]).await?.remove(0)?;
    /// assert_eq!(Realizacja::of_wydania(&order, &notes), Some(Realizacja::Pelna));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "delivery notes")]
    pub fn wydania(&self) -> B2bWydania {
        B2bWydania::new(self.client.clone())
    }

    /// Invoices.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// # use soneta_webapi::{wire::*, *};
    /// # let line = PozycjaZamowienia::builder().id_obcy("1").kod("PK").ilosc(Quantity::new(1.into(), "szt"));
    /// # let line = line.cena_netto(Currency::new(15.into(), "PLN")).build();
    /// # let order = NoweZamowienie::builder().guid(Uuid::from_u128(1)).kontrahent_id(KontrahentId(1));
    /// # let order = order.magazyn("F").data("2026-11-21".parse()?).zatwierdz(true).pozycje(vec![line]).build();
    /// # let order = client.b2b().zamowienia().create_or_find(&order).await?;
    /// # simulator.ship(order.id.0, &[])?;
    /// # simulator.invoice(order.id.0)?;
    /// use std::pin::pin;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::{Decimal, DokumentyQuery};
    ///
    /// let faktury = client.b2b().faktury();
    /// let mut pages = pin!(faktury.list(DokumentyQuery::default()));
    /// while let Some(page) = pages.try_next().await? {
    /// #   assert_eq!(page.rows.len(), 1);
    ///     for row in page.rows {
    ///         let Some(faktura) = row?.upsert() else { continue };
    ///         let payments: Decimal = faktura.platnosci.iter().map(|payment| payment.kwota.value).sum();
    ///         assert_eq!(faktura.suma_brutto.map(|sum| sum.value), Some(payments));
    ///         // A correction is an invoice of its own, which names the one that it corrects.
    ///         assert!(faktura.koryguje_id.is_none());
    ///         // Printed when asked for; after acceptance by KSeF it is another file, see `Faktura::pdf_is_stale`.
    ///         let pdf = faktury.pdf(faktura.id).await?;
    ///         assert!(pdf.bytes.starts_with(b"%PDF-"));
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "invoices")]
    pub fn faktury(&self) -> B2bFaktury {
        B2bFaktury::new(self.client.clone())
    }

    /// Contractors.
    ///
    /// Looked up by a key that the shop has, and saved:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::{Adres, KluczKontrahenta, Uuid, ZapisKontrahenta};
    ///
    /// let kontrahenci = client.b2b().kontrahenci();
    /// let nip = "526-025-02-74";
    /// // Several may share a number; only letters and digits of it count.
    /// let found = kontrahenci.get(&KluczKontrahenta::Nip(nip.to_owned())).await?;
    /// if found.is_empty() {
    ///     let new = ZapisKontrahenta::builder()
    ///         .guid(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://shop.example/clients/7"))
    ///         .kod("SHOP-7")
    ///         .nazwa("Sklep Żuk")
    ///         .nip(nip)
    ///         .adres(Adres::builder().miejscowosc("Gdynia").build());
    ///     let saved = kontrahenci.save(&new.build()).await?;
    ///     // A merged contractor points to the one that stands for it.
    ///     assert_eq!(kontrahenci.resolve(saved.id).await?.nazwa, "Sklep Żuk");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Listed, those that were changed since the last round:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::ChangesQuery;
    ///
    /// let kontrahenci = client.b2b().kontrahenci();
    /// let first: Vec<_> = kontrahenci.list(ChangesQuery::default()).try_collect().await?;
    /// let stored = first.last().and_then(|page| page.next.clone());
    /// simulator.set_contractor_blocked("K0003", true)?; // Somebody blocks one in the ERP.
    ///
    /// let query = ChangesQuery::builder().maybe_after(stored).build();
    /// let pages: Vec<_> = kontrahenci.list(query).try_collect().await?;
    /// # assert_eq!(pages[0].rows.len(), 1);
    /// for row in pages.into_iter().flat_map(|page| page.rows) {
    ///     let Some(kontrahent) = row?.upsert() else { continue };
    ///     assert!(kontrahent.kod == "K0003" && kontrahent.blokada_sprzedazy);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "contractors")]
    pub fn kontrahenci(&self) -> B2bKontrahenci {
        B2bKontrahenci::new(self.client.clone())
    }

    /// Every area of the contract, also those above the tier that a server offers: there a call is answered
    /// `NotFound`.
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
            .with_lista_zamowien(self.zamowienia())
            .with_faktury(self.faktury())
            .with_wydania(self.wydania())
            .with_rozrachunki(self.rozrachunki())
            .with_slowniki(self.slowniki())
    }

    /// Credit limits.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use std::pin::pin;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::{Decimal, SnapshotQuery};
    ///
    /// let limity = client.b2b().limity();
    /// let mut pages = pin!(limity.list(SnapshotQuery::builder().limit(10).build()));
    /// while let Some(page) = pages.try_next().await? {
    ///     for row in page.rows {
    ///         let limit = row?;
    ///         match limit.dostepny {
    ///             Some(left) if left.value < Decimal::ZERO => println!("{} is over it", limit.kontrahent_id),
    ///             Some(left) => println!("{} has {} {}", limit.kontrahent_id, left.value, left.symbol),
    ///             None => println!("{} has no limit", limit.kontrahent_id),
    ///         }
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "credit limits")]
    pub fn limity(&self) -> B2bLimity {
        B2bLimity::new(self.client.clone())
    }

    /// Settlements.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// # use soneta_webapi::{wire::*, *};
    /// # let line = PozycjaZamowienia::builder().id_obcy("1").kod("PK").ilosc(Quantity::new(1.into(), "szt"));
    /// # let line = line.cena_netto(Currency::new(15.into(), "PLN")).build();
    /// # let order = NoweZamowienie::builder().guid(Uuid::from_u128(1)).kontrahent_id(KontrahentId(1));
    /// # let order = order.magazyn("F").data("2026-11-21".parse()?).zatwierdz(true).pozycje(vec![line]).build();
    /// # let order = client.b2b().zamowienia().create_or_find(&order).await?;
    /// # simulator.ship(order.id.0, &[])?;
    /// # let invoice = simulator.invoice(order.id.0)?;
    /// use futures::TryStreamExt;
    /// use soneta_webapi::ChangesQuery;
    ///
    /// let rozrachunki = client.b2b().rozrachunki();
    /// let first: Vec<_> = rozrachunki.list(ChangesQuery::default()).try_collect().await?;
    /// let stored = first.last().and_then(|page| page.next.clone());
    /// simulator.pay(invoice.id, &invoice.numer, 10.into())?; // The contractor pays a part.
    ///
    /// // A payment changes the settlement and not its invoice.
    /// let query = ChangesQuery::builder().maybe_after(stored).build();
    /// let pages: Vec<_> = rozrachunki.list(query).try_collect().await?;
    /// # assert_eq!(pages[0].rows.len(), 1);
    /// for row in pages.into_iter().flat_map(|page| page.rows) {
    ///     let Some(open) = row?.upsert() else { continue };
    ///     assert_eq!(open.kwota.value - open.pozostalo.value, 10.into());
    ///     println!("{}: {} due by {:?}", open.numer, open.pozostalo.value, open.termin);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "settlements")]
    pub fn rozrachunki(&self) -> B2bRozrachunki {
        B2bRozrachunki::new(self.client.clone())
    }

    /// Dictionaries and price groups.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::Slowniki;
    ///
    /// let slowniki = client.b2b().slowniki();
    /// for row in slowniki.list_stawki_vat().await? {
    ///     let stawka = row?;
    ///     // `None`: exempt (ZW) or not taxed (NP).
    ///     println!("{}: {:?} %", stawka.kod, stawka.procent);
    /// }
    /// // What is taken out of use is listed too, since old documents name it.
    /// let methods: Vec<_> = slowniki.list_formy_platnosci().await?.into_iter().flatten().collect();
    /// assert!(methods.iter().any(|method| method.nazwa == "Przelew" && !method.blokada));
    /// assert!(!slowniki.list_grupy_cenowe().await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "dictionaries")]
    #[doc(alias = "price groups")]
    pub fn slowniki(&self) -> B2bSlowniki {
        B2bSlowniki::new(self.client.clone())
    }
}
