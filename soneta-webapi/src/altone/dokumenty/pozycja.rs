//! Lines and payments of a document of `FakturyHandloweWebAPI`.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::altone::wiersz::wiersz;
use crate::ids::redacted_debug;
use crate::wire::{self, Currency, Quantity};

wiersz! {
    /// A line of a document (`PozycjaDokHanDTO`). There is no discount field: the price is the final one.
    #[doc(alias = "document line")]
    #[doc(alias = "PozycjaDokHanDTO")]
    pub struct PozycjaDokHandlowego(i32) {
    /// Number of the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: i32| Some(value))]
    pub lp: Option<i32>,
    /// Kod of the good.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub kod_towaru: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: Quantity| Some(value))]
    pub ilosc: Option<Quantity>,
    /// Price of one of that unit, net or gross like the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: Currency| Some(value))]
    pub cena: Option<Currency>,
    /// Value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wartosc: Option<Currency>,
    /// Name of the good, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pelna_nazwa: Option<String>,
    /// Price after discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cena_po_rabacie: Option<Currency>,
    /// Kod of the VAT rate.
    #[serde(rename = "StawkaVAT", skip_serializing_if = "Option::is_none")]
    pub stawka_vat: Option<String>,
    /// Group of goods for the tax office.
    #[serde(rename = "GTU", skip_serializing_if = "Option::is_none")]
    pub gtu: Option<String>,
    /// Classification PKWiU.
    #[serde(rename = "PKWiU", skip_serializing_if = "Option::is_none")]
    pub pkwiu: Option<String>,
    /// Why it is exempt from VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub podstawa_zwolnienia: Option<String>,
    /// Dimensions of controlling.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub opis_analityczny: Vec<ElemOpisuAnalitycznego>,
    /// Whether only to try; since 2606, see [`DokumentHandlowy`](super::DokumentHandlowy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(PozycjaDokHandlowego { id });

wiersz! {
    /// A dimension of controlling (`ElemOpisuAnalitycznegoDTO`).
    #[doc(alias = "analytic description")]
    #[doc(alias = "ElemOpisuAnalitycznegoDTO")]
    pub struct ElemOpisuAnalitycznego(i32) {
    /// Day that it is booked on.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data: Option<NaiveDate>,
    /// Symbol of the element.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub symbol: Option<String>,
    /// The dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub wymiar: Option<String>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: Currency| Some(value))]
    pub kwota: Option<Currency>,
    /// Second amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kwota_dodatkowa: Option<Currency>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opis: Option<String>,
    /// Whether only to try; since 2606, see [`DokumentHandlowy`](super::DokumentHandlowy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(ElemOpisuAnalitycznego { id });

wiersz! {
    /// A payment that a document asks for (`PlatnoscDTO`).
    #[doc(alias = "payment")]
    #[doc(alias = "PlatnoscDTO")]
    pub struct PlatnoscDokumentu(i32) {
    /// Global key.
    #[serde(default, with = "wire::guid", skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// Cash register or bank account of the company.
    #[serde(rename = "EwidencjaSP", skip_serializing_if = "Option::is_none")]
    pub ewidencja_sp: Option<String>,
    /// Payment method, a word of the installation's dictionary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub sposob_zaplaty: Option<String>,
    /// When it is due.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub termin: Option<NaiveDate>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: Currency| Some(value))]
    pub kwota: Option<Currency>,
    /// Bank account to pay to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rachunek26: Option<String>,
    /// How much of it by split payment.
    #[serde(rename = "KwotaMPP", skip_serializing_if = "Option::is_none")]
    pub kwota_mpp: Option<Currency>,
    /// Rate of exchange.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub kurs: Option<Decimal>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opis: Option<String>,
    /// Whether only to try; since 2606, see [`DokumentHandlowy`](super::DokumentHandlowy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(PlatnoscDokumentu { id });
