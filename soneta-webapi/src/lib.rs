//! Typed client of Soneta WebAPI, the interface of the enova365 ERP. Unofficial.
//!
//! Soneta ships three product calls (version, login, logout) and a host for controllers that add-ons bring.
//! So this crate has two words: a **client**, which keeps the session and sends any call, and a **contract**,
//! which says what the add-on of an installation offers. Two contracts are here: [`b2b`], a reference
//! contract that a partner can build, and [`altone`], AltOne's public one. Each area of data is a port:
//! goods, stock, prices, contractors, credit limits, orders and their edits, delivery notes, invoices,
//! settlements, dictionaries. An add-on of your own is a struct that implements the ports it has ([`Towary`],
//! [`Stany`], [`Ceny`], [`Zamowienia`], [`Faktury`]); [`Installation`] says who gives which area.
//!
//! Records keep the ERP's own nouns (`Towar`, `Zamowienie`); English words find them in the search of this
//! page.
//!
//! # An order
//!
//! ```no_run
//! # async fn run(client: soneta_webapi::Client) -> soneta_webapi::Result<()> {
//! use chrono::NaiveDate;
//! use rust_decimal::Decimal;
//! use soneta_webapi::wire::{Currency, Quantity};
//! use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia};
//! use uuid::Uuid;
//!
//! let order = NoweZamowienie::builder()
//!     // Derived from the shop's own order, so that a second attempt has the same.
//!     .guid(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://shop.example/orders/118"))
//!     .kontrahent_id(KontrahentId(17))
//!     .magazyn("F")
//!     .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap_or_default())
//!     .pozycje(vec![
//!         PozycjaZamowienia::builder()
//!             .id_obcy("1")
//!             .kod("BUTY-42")
//!             .ilosc(Quantity::new(Decimal::from(2), "para"))
//!             .cena_netto(Currency::new(Decimal::new(26_400, 2), "PLN"))
//!             .build(),
//!     ])
//!     .build();
//!
//! match client.b2b().zamowienia().create_or_find(&order).await {
//!     Ok(created) => println!("{} {}", created.id, created.numer),
//!     Err(error) if error.may_have_been_applied() => println!("in doubt, look it up later: {error}"),
//!     Err(error) => println!("no document was made: {error}. {}", error.what_to_do()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # An add-on of your own
//!
//! An endpoint is one struct; a port is one `send` per method.
//!
//! ```
//! use soneta_webapi::{Client, Effect, Endpoint, Path, Result, envelope, wire};
//! use rust_decimal::Decimal;
//! use serde::{Deserialize, Serialize};
//!
//! /// `POST api/SklepApi/Cena`: the price of one good.
//! #[derive(Debug, Serialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Cena {
//!     kod: String,
//! }
//!
//! #[derive(Debug, Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct CenaTowaru {
//!     #[serde(with = "wire::decimal")]
//!     netto: Decimal,
//! }
//!
//! impl Endpoint for Cena {
//!     const EFFECT: Effect = Effect::Read;
//!     type Response = CenaTowaru;
//!     fn path(&self) -> Path {
//!         Path::new(["api", "SklepApi", "Cena"])
//!     }
//!     fn decode(&self, body: &[u8]) -> Result<CenaTowaru> {
//!         envelope::decode(body)
//!     }
//! }
//!
//! async fn netto(client: &Client) -> Result<Decimal> {
//!     Ok(client.send(&Cena { kod: "BUTY-42".to_owned() }).await?.netto)
//! }
//! ```
//!
//! A port is a trait with `#[async_trait]` (crate `async-trait`). This add-on lists stock by id; flows and [`Installation`] take it
//! like any other:
//!
//! ```
//! use async_trait::async_trait;
//! use rust_decimal::Decimal;
//! use serde::{Deserialize, Serialize};
//! use soneta_webapi::{
//!     Client, Continuation, Effect, Endpoint, Installation, MagazynId, Path, Result, Rows, StanMagazynu, StanTowaru, Stany,
//!     StanyQuery, TowarId, WirePage, envelope, wire,
//! };
//!
//! /// `POST api/SklepApi/Stany`: stock after an id, `{"Dalej": true, "Towary": [{"Id", "Kod", "Ilosc"}]}`.
//! #[derive(Debug, Serialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct ListaStanow {
//!     po_id: i32,
//!     ile: u32,
//! }
//!
//! #[derive(Debug, Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Wiersz {
//!     id: TowarId,
//!     kod: String,
//!     #[serde(with = "wire::decimal")]
//!     ilosc: Decimal,
//! }
//!
//! #[derive(Debug, Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Reszta {
//!     dalej: bool,
//! }
//!
//! impl Endpoint for ListaStanow {
//!     const EFFECT: Effect = Effect::Read;
//!     type Response = (Reszta, Rows<Wiersz>);
//!     fn path(&self) -> Path {
//!         Path::new(["api", "SklepApi", "Stany"])
//!     }
//!     fn decode(&self, body: &[u8]) -> Result<Self::Response> {
//!         envelope::decode_rows(body, "Towary") // each row by itself: a bad one does not hide the others
//!     }
//! }
//!
//! #[derive(Debug)]
//! struct Sklep(Client);
//!
//! #[async_trait]
//! impl Stany for Sklep {
//!     async fn list_stany(&self, query: &StanyQuery) -> Result<WirePage<StanTowaru>> {
//!         const LIST: &str = "sklep/stany";
//!         let after = query.after.as_ref().map(|after| after.position(LIST)).transpose()?;
//!         let po_id = after.and_then(|id| id.parse().ok()).unwrap_or(0);
//!         let (reszta, rows) = self.0.send(&ListaStanow { po_id, ile: query.limit }).await?;
//!         let last = rows.iter().flatten().map(|row| row.id).max();
//!         let next = last.filter(|_| reszta.dalej).map(|id| Continuation::new(LIST, id));
//!         let rows = rows.into_iter().map(|row| row.map(stan)).collect();
//!         Ok(WirePage::new(rows, next).at_end(!reszta.dalej))
//!     }
//! }
//!
//! fn stan(row: Wiersz) -> StanTowaru {
//!     let only = StanMagazynu::builder()
//!         .magazyn_id(MagazynId(1))
//!         .magazyn("F")
//!         .stan(row.ilosc)
//!         .zarezerwowane(Decimal::ZERO)
//!         .dostepne(row.ilosc)
//!         .build();
//!     StanTowaru::builder().towar_id(row.id).kod(row.kod).magazyny(vec![only]).build()
//! }
//!
//! fn installation(client: &Client) -> Installation {
//!     client.altone().installation().with_stany(Sklep(client.clone()))
//! }
//! ```
//!
//! # What a failure means
//!
//! [`Error::kind`] says what went wrong, [`Error::may_have_been_applied`] whether a write may have happened
//! nevertheless. A refusal inside an answer 200 is of kind `Refused`, with its code in [`KodOdmowy::of`] and
//! all its entries in [`Refusal::of`]. Rows of lists are decoded one by one: a bad one is a [`BadRow`] in its
//! place, and the others arrive.
//!
//! # Beside the calls
//!
//! [`contract_check`] compares an installation's OpenAPI document with a contract. Feature `export`: a
//! profile of the ERP's CSV exports. Feature `webhook`: hints that the ERP posts. Feature `simulator`: an
//! enova365 on a local port.
//!
//! # Limits
//!
//! Dates of documents are days; instants need an offset (see [`wire::instant`]). Nothing here has met a live
//! server; each item says where its wire form comes from.

#![forbid(unsafe_code)]

mod adres;
pub mod altone;
mod application_token;
pub mod b2b;
mod ceny;
mod client;
pub mod contract_check;
mod controller;
mod dokumenty;
pub mod envelope;
#[cfg(feature = "export")]
pub mod export;
mod faktury;
mod ids;
mod installation;
mod kontrahenci;
mod limity;
mod method_invoker;
mod nip;
mod page;
pub mod preflight;
mod product;
mod realizacja;
mod rozrachunki;
mod session;
mod settings;
#[cfg(feature = "simulator")]
pub mod simulator;
mod slowniki;
mod stany;
mod status;
mod towary;
#[cfg(feature = "webhook")]
pub mod webhook;
pub mod wire;
mod wydania;
mod zamowienia;
mod zmiany;

pub use chrono::NaiveDate;
pub use rust_decimal::Decimal;
pub use secrecy::SecretString;
pub use url::Url;
pub use uuid::Uuid;

pub use api_transport::{
    Effect, Endpoint, Error, ErrorKind, Path, Priority, Result, RetryBudget, RetryPolicy, WireLog,
};

pub use self::adres::Adres;
pub use self::application_token::ApplicationTokenClaims;
pub use self::ceny::{
    CenaDetaliczna, CenaKontrahenta, Ceny, CenyKontrahentow, KluczTowaru, PozycjaWyceny, ProfilCen,
    ProfileCen, Prog, Uniewaznienie, Wycena, WyjatekCeny, ZakresCen, ZapytanieWyceny,
};
pub use self::client::{Client, ClientBuilder};
pub use self::controller::ControllerCall;
pub use self::dokumenty::{
    DokumentyQuery, KSeF, Kategoria, Pdf, Platnosc, PozycjaDokumentu, PrzedKorekta, StatusKSeF, Strona,
    SumaVat,
};
pub use self::envelope::{BadRow, KodOdmowy, Refusal, RefusalEntry, Rows};
pub use self::faktury::{Faktura, Faktury};
pub use self::ids::{DokumentId, KontrahentId, MagazynId, ProfilCenId, TowarId};
pub use self::installation::{Area, AreaChoice, Installation};
pub use self::kontrahenci::{
    KluczKontrahenta, Kontakt, Kontrahenci, Kontrahent, MiejsceDostawy, ZapisKontrahenta, ZapisKontrahentow,
    ZapisanyKontrahent,
};
pub use self::limity::{LimitKredytowy, Limity, RodzajLimitu};
pub use self::method_invoker::{MethodInvoker, MethodInvokerBuilder, ServiceMethod};
pub use self::nip::Nip;
pub use self::page::{Change, ChangesQuery, Continuation, Deleted, SnapshotQuery, WirePage};
pub use self::product::{CurrentVersion, LoginApi, LoginResult, LogoutApi, LogoutResult, ProductVersion};
pub use self::realizacja::Realizacja;
pub use self::rozrachunki::{Rozrachunek, Rozrachunki};
pub use self::slowniki::{
    DefinicjaCechy, DefinicjaDokumentu, FormaPlatnosci, GrupaCenowa, Magazyn, Slowniki, StawkaVat,
};
pub use self::stany::{StanMagazynu, StanTowaru, Stany, StanyQuery};
pub use self::status::{
    Definicje, MapaStatusow, PrzebiegZamowienia, RegulaStatusu, StatusZamowienia, UnmappedStatus,
};
pub use self::towary::{JednostkaTowaru, Towar, Towary, TypTowaru};
pub use self::wydania::{Wydania, Wydanie};
pub use self::zamowienia::{
    AnulowanieZamowienia, DokumentPowiazany, KluczZamowienia, ListaZamowien, NoweZamowienie, Potwierdzenie,
    PozycjaRealizacji, PozycjaZamowienia, Rezerwacja, StanDokumentu, Zamowienia, Zamowienie, ZapisanaPozycja,
    ZapisaneZamowienie, ZmianaZamowienia, ZmianyZamowien,
};
pub use self::zmiany::{KolejkaZmian, OczekujacaTabela, PotwierdzenieZmiany, StanWiersza, ZmianaWiersza};

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
