//! What a test compares with: the simulated company's records as plain values.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{catalogue::id_of, company::Company};

/// A good of the simulated company, as it stands now.
#[doc(alias = "goods")]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedTowar {
    /// ID of the good.
    pub id: i32,
    /// Global key.
    pub guid: Uuid,
    /// Its code.
    pub kod: String,
    /// Its name.
    pub nazwa: String,
    /// Bar code.
    pub ean: Option<String>,
    /// `Towar`, `Usługa`, `Produkt` or `Receptura`.
    pub typ: String,
    /// Base unit.
    pub jednostka: String,
    /// VAT rate by its Kod.
    pub stawka_vat: String,
    /// The portal's tick.
    pub zaznaczony: bool,
    /// Retail price, net and gross.
    pub cena_detaliczna: Option<(Decimal, Decimal)>,
    /// Stock per warehouse; empty for services.
    pub stany: Vec<SimulatedStan>,
}

/// Stock of a good in one warehouse.
#[doc(alias = "stock")]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedStan {
    /// Symbol of the warehouse.
    pub magazyn: String,
    /// On hand.
    pub stan: Decimal,
    /// Reserved for orders.
    pub zarezerwowane: Decimal,
}

/// A contractor of the simulated company.
#[doc(alias = "contractor")]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedKontrahent {
    /// ID of the contractor.
    pub id: i32,
    /// Global key.
    pub guid: Uuid,
    /// Its code.
    pub kod: String,
    /// Its name.
    pub nazwa: String,
    /// Tax number.
    pub nip: String,
    /// Discount in percent.
    pub rabat: Decimal,
    /// Whether nothing may be sold to it.
    pub blokada_sprzedazy: bool,
    /// The portal's tick.
    pub zaznaczony: bool,
    /// ID of the contractor that it was merged into.
    pub zastapiony_przez_id: Option<i32>,
    /// Its price group: the value of a feature.
    pub grupa_cenowa: String,
    /// Credit limit in PLN; `None` is unlimited.
    pub limit: Option<Decimal>,
    /// Version of the record.
    pub wersja: i64,
}

pub(super) fn goods(company: &Company) -> Vec<SimulatedTowar> {
    let words = &company.catalogue.words;
    let towary = company.catalogue.towary.iter().enumerate();
    towary
        .map(|(place, towar)| SimulatedTowar {
            id: id_of(place),
            guid: towar.guid,
            kod: towar.kod.to_string(),
            nazwa: towar.nazwa.to_string(),
            ean: towar.ean.as_deref().map(str::to_owned),
            typ: towar.typ.word().to_owned(),
            jednostka: words.word(towar.jednostka).to_owned(),
            stawka_vat: towar.vat.kod().to_owned(),
            zaznaczony: towar.zaznaczony,
            cena_detaliczna: towar.cena.map(|cena| (cena.netto, cena.brutto)),
            stany: if towar.typ.has_stock() { stany(company, place) } else { Vec::new() },
        })
        .collect()
}

fn stany(company: &Company, place: usize) -> Vec<SimulatedStan> {
    let magazyny = company.catalogue.magazyny.iter().enumerate();
    magazyny
        .map(|(magazyn, at)| {
            let (stan, zarezerwowane) = company.stock(place, magazyn);
            SimulatedStan { magazyn: at.symbol.clone(), stan, zarezerwowane }
        })
        .collect()
}

pub(super) fn contractors(company: &Company) -> Vec<SimulatedKontrahent> {
    let kontrahenci = company.catalogue.kontrahenci.iter().enumerate();
    kontrahenci
        .map(|(place, kontrahent)| SimulatedKontrahent {
            id: id_of(place),
            guid: kontrahent.guid,
            kod: kontrahent.kod.clone(),
            nazwa: kontrahent.nazwa.clone(),
            nip: kontrahent.nip.clone(),
            rabat: kontrahent.rabat,
            blokada_sprzedazy: kontrahent.blokada_sprzedazy,
            zaznaczony: kontrahent.zaznaczony,
            zastapiony_przez_id: kontrahent.zastapiony_przez_id,
            grupa_cenowa: kontrahent.grupa_cenowa.clone(),
            limit: kontrahent.limit.map(|limit| limit.0),
            wersja: kontrahent.wersja,
        })
        .collect()
}
