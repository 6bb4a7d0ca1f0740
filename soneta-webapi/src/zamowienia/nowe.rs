use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::adres::Adres;
use crate::ceny::KluczTowaru;
use crate::ids::{KontrahentId, TowarId, redacted_debug};
use crate::wire::{self, Cecha, Currency, Quantity, open_enum};

/// An order to be placed. It carries no number: the ERP alone numbers.
///
/// Storable: what it is serialised to is what it is read back from, digit by digit.
///
/// ```
/// use chrono::NaiveDate;
/// use rust_decimal::Decimal;
/// use soneta_webapi::wire::{Currency, Quantity};
/// use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia};
/// use uuid::Uuid;
///
/// let order = NoweZamowienie::builder()
///     .guid(Uuid::from_u128(0x7fa12d2f_0c0a_4951_921b_86dde8447817))
///     .kontrahent_id(KontrahentId(17))
///     .magazyn("F")
///     .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap_or_default())
///     .numer_obcy("PO-2026/118")
///     .pozycje(vec![
///         PozycjaZamowienia::builder()
///             .id_obcy("1")
///             .kod("BUTY-42")
///             .ilosc(Quantity::new(Decimal::from(2), "para"))
///             .cena_netto(Currency::new(Decimal::new(26_400, 2), "PLN"))
///             .build(),
///     ])
///     .build();
/// assert_eq!(order.suma_netto(), Some(Decimal::new(52_800, 2)));
/// ```
#[doc(alias = "new order")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NoweZamowienie {
    /// Key of the order: the document gets it, and a second order with it makes no second document. Derive it from the
    /// business fact (UUIDv5 of the portal's order id), never at random per attempt.
    pub guid: Uuid,
    /// The buyer's own number of the order.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub numer_obcy: Option<String>,
    /// The contractor (kontrahent).
    pub kontrahent_id: KontrahentId,
    /// Its Kod, for contracts that name contractors by Kod.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kontrahent_kod: Option<String>,
    /// Who pays, if not the contractor.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub platnik_id: Option<KontrahentId>,
    /// Who receives, if not the contractor.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub odbiorca_id: Option<KontrahentId>,
    /// Id of one of the contractor's delivery places.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub miejsce_dostawy_id: Option<i32>,
    /// Where to deliver, if at none of these.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub adres_dostawy: Option<Adres>,
    /// Symbol of the document definition; the installation's word for customers' orders.
    #[builder(default = "ZO".to_owned())]
    pub definicja: String,
    /// Symbol of the warehouse.
    pub magazyn: String,
    /// Day of the order.
    #[serde(with = "wire::date")]
    pub data: NaiveDate,
    /// Day of the delivery.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "wire::date::option")]
    pub termin_dostawy: Option<NaiveDate>,
    /// Delivery method, a word of the installation's dictionary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sposob_dostawy: Option<String>,
    /// Payment method, a word of the installation's dictionary; the contractor's own when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub forma_platnosci: Option<String>,
    /// Days until payment is due; the contractor's own when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub termin_dni: Option<i32>,
    /// Currency; the contract's default when absent, which is PLN in `b2b`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waluta: Option<String>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uwagi: Option<String>,
    /// Whether to approve the document at once; it stays in the buffer otherwise.
    #[builder(default)]
    pub zatwierdz: bool,
    /// What to reserve.
    #[builder(default = Rezerwacja::Brak)]
    pub rezerwuj: Rezerwacja,
    /// The lines.
    pub pozycje: Vec<PozycjaZamowienia>,
}

redacted_debug!(NoweZamowienie { guid });

impl NoweZamowienie {
    /// Net total: the lines' values, each rounded to the grosz (half up), as the ERP does; `None` where it is more than
    /// a decimal holds.
    pub fn suma_netto(&self) -> Option<Decimal> {
        self.pozycje.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.wartosc_netto()?))
    }
}

/// A line of a [`NoweZamowienie`]. Names the good by id, by Kod or by both.
#[doc(alias = "order line")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PozycjaZamowienia {
    /// The sender's id of the line, given back in every answer.
    pub id_obcy: String,
    /// Id of the good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub towar_id: Option<TowarId>,
    /// Kod of the good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kod: Option<String>,
    /// How many, in the base unit or another unit of the good. An empty symbol means the base unit.
    pub ilosc: Quantity,
    /// Net price of one of that unit, as confirmed.
    pub cena_netto: Currency,
    /// Whether the price is pinned, so that the ERP does not price the line anew.
    #[builder(default = true)]
    pub cena_stala: bool,
    /// Custom fields of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub cechy: Vec<Cecha>,
}

redacted_debug!(PozycjaZamowienia { towar_id });

impl PozycjaZamowienia {
    /// The line's net value, rounded to the grosz (half up); `None` where it is more than a decimal holds.
    pub fn wartosc_netto(&self) -> Option<Decimal> {
        let value = self.ilosc.value.checked_mul(self.cena_netto.value)?;
        Some(value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
    }

    /// The good that the line names, by id where it has one.
    pub fn towar(&self) -> Option<KluczTowaru> {
        self.towar_id.map(KluczTowaru::Id).or_else(|| self.kod.clone().map(KluczTowaru::Kod))
    }
}

open_enum! {
    /// What a new order reserves.
    #[doc(alias = "reservation")]
    pub enum Rezerwacja {
        /// Nothing.
        Brak = "Brak",
        /// As much as there is.
        Ile = "Ile",
        /// All, or the order is refused.
        Wszystko = "Wszystko",
    }
}
