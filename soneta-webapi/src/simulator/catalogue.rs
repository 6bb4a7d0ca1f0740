//! Goods, warehouses and contractors of the simulated company, kept small: words that repeat are kept once.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    error::SimulatorError,
    journal::Kartoteka,
    number::{self, Number, to_grosz},
    pricing::Terms,
};

/// What the simulated company has before anything happens to it.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) words: Words,
    /// The good with ID n is at n − 1.
    pub(super) towary: Vec<Towar>,
    /// Places of the goods, ordered by code.
    by_kod: Vec<u32>,
    /// The warehouse with ID n is at n − 1.
    pub(super) magazyny: Vec<Magazyn>,
    /// The contractor with ID n is at n − 1.
    pub(super) kontrahenci: Vec<Kontrahent>,
    /// Stock at the beginning: for each good one number per warehouse.
    pub(super) stany: Vec<Decimal>,
    pub(super) terms: Terms,
}

#[derive(Debug)]
pub(super) struct Towar {
    pub(super) guid: Uuid,
    pub(super) kod: Box<str>,
    pub(super) nazwa: Box<str>,
    pub(super) ean: Option<Box<str>>,
    pub(super) typ: Typ,
    pub(super) vat: Vat,
    pub(super) jednostka: Word,
    pub(super) grupa: Word,
    pub(super) producent: Word,
    /// Net weight and its unit.
    pub(super) masa: Option<(Decimal, Word)>,
    /// How many base units a carton holds; 0 if there are no cartons.
    pub(super) w_kartonie: u16,
    pub(super) blokada: bool,
    pub(super) zaznaczony: bool,
    pub(super) cena: Option<Cena>,
    pub(super) zmieniono: Instant,
}

/// The retail price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cena {
    pub(super) netto: Decimal,
    pub(super) brutto: Decimal,
    pub(super) za_ilosc: Decimal,
    pub(super) jednostka: Word,
    pub(super) waluta: Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typ {
    Towar,
    Usluga,
    Produkt,
    Receptura,
}

impl Typ {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Towar => "Towar",
            Self::Usluga => "Usługa",
            Self::Produkt => "Produkt",
            Self::Receptura => "Receptura",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Towar, Self::Usluga, Self::Produkt, Self::Receptura].into_iter().find(|typ| typ.word() == word)
    }

    /// Whether stock is kept.
    pub(super) fn has_stock(self) -> bool {
        matches!(self, Self::Towar | Self::Produkt)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Vat {
    Podstawowa,
    Obnizona,
    Najnizsza,
    Zerowa,
}

impl Vat {
    pub(super) const ALL: [Self; 4] = [Self::Podstawowa, Self::Obnizona, Self::Najnizsza, Self::Zerowa];

    pub(super) fn kod(self) -> &'static str {
        match self {
            Self::Podstawowa => "23%",
            Self::Obnizona => "8%",
            Self::Najnizsza => "5%",
            Self::Zerowa => "0%",
        }
    }

    pub(super) fn percent(self) -> i64 {
        match self {
            Self::Podstawowa => 23,
            Self::Obnizona => 8,
            Self::Najnizsza => 5,
            Self::Zerowa => 0,
        }
    }

    /// The gross amount to a net one, to the grosz.
    pub(super) fn gross(self, netto: Decimal) -> Decimal {
        to_grosz(netto * (Decimal::ONE + Decimal::new(self.percent(), 2)))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Magazyn {
    pub(super) symbol: String,
}

/// A contractor. Every change of one is kept as the whole record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kontrahent {
    pub(super) guid: Uuid,
    pub(super) kod: String,
    pub(super) nazwa: String,
    pub(super) nip: String,
    pub(super) eu_vat: String,
    pub(super) rodzaj_vat: String,
    pub(super) adres: Adres,
    pub(super) miejsca_dostaw: Vec<MiejsceDostawy>,
    pub(super) kontakty: Vec<Kontakt>,
    pub(super) opiekun: Option<String>,
    pub(super) grupa_cenowa: String,
    pub(super) segment: String,
    pub(super) forma_platnosci: String,
    pub(super) termin_dni: i32,
    pub(super) waluta: String,
    /// Discount in percent.
    #[serde(with = "number")]
    pub(super) rabat: Decimal,
    /// Credit limit in PLN; without one it is unlimited.
    pub(super) limit: Option<Number>,
    pub(super) blokada_sprzedazy: bool,
    pub(super) zastapiony_przez_id: Option<i32>,
    pub(super) zaznaczony: bool,
    pub(super) wersja: i64,
    pub(super) zmieniono: Instant,
}

impl Kontrahent {
    /// A new contractor before anything is written: ticked, so that the portal that made it sees it, and without credit.
    pub(super) fn fresh(guid: Uuid) -> Self {
        Self {
            guid,
            rodzaj_vat: "Krajowy".to_owned(),
            waluta: "PLN".to_owned(),
            forma_platnosci: "Przelew".to_owned(),
            termin_dni: 14,
            limit: Some(Number(Decimal::ZERO)),
            zaznaczony: true,
            ..Self::default()
        }
    }
}

/// An address: as it is kept, as it is written, and as a request brings it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(super) struct Adres {
    pub(super) nazwa: String,
    pub(super) ulica: String,
    pub(super) nr_domu: String,
    pub(super) nr_lokalu: String,
    pub(super) kod_pocztowy: String,
    pub(super) miejscowosc: String,
    pub(super) poczta: String,
    pub(super) kod_kraju: String,
    pub(super) telefon: String,
    pub(super) email: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MiejsceDostawy {
    #[serde(rename = "ID")]
    pub(super) id: i32,
    pub(super) nazwa: String,
    pub(super) adres: Adres,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Kontakt {
    #[serde(rename = "ID")]
    pub(super) id: i32,
    pub(super) imie: String,
    pub(super) nazwisko: String,
    pub(super) email: String,
    pub(super) telefon: String,
}

/// An instant of the change list, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Instant(pub(super) i64);

impl Instant {
    /// When the n-th good of a fresh catalogue was changed last: seven goods each share an instant, as imports leave them.
    pub(super) fn of_import(n: usize) -> Self {
        const FIRST: i64 = 1_577_862_000_000;
        Self(FIRST + i64::try_from(n / 7).unwrap_or(0) * 1_003)
    }

    pub(super) fn of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis())
    }

    /// As the wire shows it: with milliseconds and Poland's winter offset.
    pub(super) fn text(self) -> String {
        let local =
            DateTime::from_timestamp_millis(self.0).unwrap_or_default().naive_utc() + Duration::hours(1);
        format!("{}+01:00", local.format("%Y-%m-%dT%H:%M:%S%.3f"))
    }
}

/// The number of a word in [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(u16);

/// Words that many records share: units, groups, makers.
#[derive(Debug, Default)]
pub(super) struct Words {
    all: Vec<Box<str>>,
    numbers: BTreeMap<Box<str>, u16>,
}

impl Words {
    /// The word's number. After 65,535 different ones the last is taken again.
    pub(super) fn number(&mut self, word: &str) -> Word {
        if let Some(number) = self.numbers.get(word) {
            return Word(*number);
        }
        let number = u16::try_from(self.all.len()).unwrap_or(u16::MAX);
        if usize::from(number) == self.all.len() {
            self.all.push(word.into());
            self.numbers.insert(word.into(), number);
        }
        Word(number)
    }

    pub(super) fn word(&self, number: Word) -> &str {
        self.all.get(usize::from(number.0)).map(AsRef::as_ref).unwrap_or_default()
    }
}

impl Catalogue {
    /// Nothing but warehouses.
    pub(super) fn with_warehouses(symbols: &[String]) -> Self {
        let magazyny = symbols.iter().map(|symbol| Magazyn { symbol: symbol.clone() }).collect();
        Self { magazyny, ..Self::default() }
    }

    /// Builds the index of codes. Of goods with the same code the first is found.
    pub(super) fn index(&mut self) {
        let mut places: Vec<u32> = (0..u32::try_from(self.towary.len()).unwrap_or(u32::MAX)).collect();
        places.sort_by(|a, b| self.kod_at(*a).cmp(self.kod_at(*b)).then(a.cmp(b)));
        self.by_kod = places;
    }

    /// Puts a good's card in its place, or at the end; prices, group and maker stay what they were.
    pub(super) fn put(&mut self, karta: Kartoteka) -> Result<(), SimulatorError> {
        let typ =
            Typ::from_word(&karta.typ).ok_or_else(|| SimulatorError::unknown("no such kind of good"))?;
        let vat = Vat::ALL.into_iter().find(|vat| vat.kod() == karta.vat);
        let vat = vat.ok_or_else(|| SimulatorError::unknown("no such VAT rate"))?;
        let (jednostka, none) = (self.words.number(&karta.jednostka), self.words.number(""));
        if karta.miejsce >= self.towary.len() {
            self.stany.extend(std::iter::repeat_n(Decimal::ZERO, self.magazyny.len()));
            self.towary.push(Towar {
                guid: karta.guid,
                kod: "".into(),
                nazwa: "".into(),
                ean: None,
                typ,
                vat,
                jednostka,
                grupa: none,
                producent: none,
                masa: None,
                w_kartonie: 0,
                blokada: false,
                zaznaczony: false,
                cena: None,
                zmieniono: Instant(karta.chwila),
            });
        }
        if let Some(towar) = self.towary.get_mut(karta.miejsce) {
            (towar.guid, towar.typ, towar.vat, towar.jednostka) = (karta.guid, typ, vat, jednostka);
            (towar.kod, towar.nazwa) = (karta.kod.into(), karta.nazwa.into());
            towar.ean = karta.ean.map(Into::into);
            (towar.blokada, towar.zaznaczony) = (karta.blokada, karta.zaznaczony);
            towar.zmieniono = Instant(karta.chwila);
        }
        self.index();
        Ok(())
    }

    fn kod_at(&self, place: u32) -> &str {
        usize::try_from(place).ok().and_then(|place| self.towary.get(place)).map_or("", |towar| &towar.kod)
    }

    /// The place of a good by its code.
    pub(super) fn place_of(&self, kod: &str) -> Option<usize> {
        let at = self.by_kod.partition_point(|place| self.kod_at(*place) < kod);
        let place = *self.by_kod.get(at)?;
        (self.kod_at(place) == kod).then_some(usize::try_from(place).ok()?)
    }

    /// The place of a good by its ID.
    pub(super) fn place_of_id(&self, id: i32) -> Option<usize> {
        let place = usize::try_from(id).ok()?.checked_sub(1)?;
        (place < self.towary.len()).then_some(place)
    }

    pub(super) fn place_of_magazyn(&self, symbol: &str) -> Option<usize> {
        self.magazyny.iter().position(|magazyn| magazyn.symbol == symbol)
    }

    pub(super) fn kontrahent(&self, id: i32) -> Option<&Kontrahent> {
        self.kontrahenci.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    /// What a state file belongs to: the goods, contractors and warehouses in their order, since IDs are their places.
    pub(super) fn identity(&self) -> Uuid {
        let mut text = String::new();
        let kody = self.towary.iter().map(|towar| towar.kod.as_ref());
        let kontrahenci = self.kontrahenci.iter().map(|kontrahent| kontrahent.kod.as_str());
        let magazyny = self.magazyny.iter().map(|magazyn| magazyn.symbol.as_str());
        for part in kody.chain(["\u{1}"]).chain(kontrahenci).chain(["\u{1}"]).chain(magazyny) {
            text.push_str(part);
            text.push('\0');
        }
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
    }
}

/// The ID of what stands at a place.
pub(super) fn id_of(place: usize) -> i32 {
    i32::try_from(place).map_or(i32::MAX, |place| place.saturating_add(1))
}
