//! The contractor's record and its parts, as AltOne sends and takes them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::adres::AdresKontrahenta;
use super::super::wiersz::wiersz;
use super::warunki::{OdsetkiKarne, WarunkiHandlowe};
use crate::adres::Adres;
use crate::ids::redacted_debug;
use crate::kontrahenci::Kontrahent;
use crate::wire::{self, open_enum};
use crate::{Error, KontrahentId, Result};

wiersz! {
    /// A contractor as AltOne sends and takes it (`KontrahentDTO`).
    ///
    /// A write should hold every field: in some builds a missing one falls back to its default. [`ZapiszCalosc`](super::ZapiszCalosc)
    /// does that for a contractor that exists.
    #[doc(alias = "contractor")]
    pub struct KartotekaKontrahenta (KontrahentId) {
    /// Global key; the caller may assign it to a new contractor.
    #[serde(default, with = "wire::guid", skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// Business code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub nazwa: Option<String>,
    /// Taken out of use: hidden on pick lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// The contractor that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zamiennik: Option<KontrahentBase>,
    /// Tax number, with its country code outside of Poland. The contract has no other.
    #[serde(rename = "EuVAT", skip_serializing_if = "Option::is_none")]
    pub eu_vat: Option<String>,
    /// Whether it is a business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_podmiotu: Option<StatusPodmiotu>,
    /// Statistical number.
    #[serde(rename = "REGON", skip_serializing_if = "Option::is_none")]
    pub regon: Option<String>,
    /// Number of a person.
    #[serde(rename = "PESEL", skip_serializing_if = "Option::is_none")]
    pub pesel: Option<String>,
    /// Number in the court register.
    #[serde(rename = "KRS", skip_serializing_if = "Option::is_none")]
    pub krs: Option<String>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uwagi: Option<String>,
    /// Branch of the own company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oddzial: Option<String>,
    /// Whether it may not be sold to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada_sprzedazy: Option<bool>,
    /// Seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adres: Option<AdresKontrahenta>,
    /// Where letters go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adres_korespondencyjny: Option<AdresKontrahenta>,
    /// Its bank accounts.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub rachunki: Vec<RachunekBankowy>,
    /// How it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forma_platnosci: Option<WarunkiPlatnosci>,
    /// How it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kontakt: Option<KontaktKontrahenta>,
    /// Number of its usual bank account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rachunek_domyslny: Option<String>,
    /// Whether it is registered for VAT.
    #[serde(rename = "PodatnikVAT", skip_serializing_if = "Option::is_none")]
    pub podatnik_vat: Option<bool>,
    /// Code of the legal form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forma_prawna_kod: Option<String>,
    /// Kind of VAT on sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rodzaj_podmiotu: Option<RodzajPodmiotu>,
    /// Kind of VAT on purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rodzaj_podmiotu_zakup: Option<RodzajPodmiotu>,
    /// What VAT is calculated from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_liczony_od: Option<VatLiczonyOd>,
    /// Relations to other contractors; only where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub powiazania_kontrahenta: Option<PowiazaniaKontrahenta>,
    /// Credit limit and terms; since 2606, only where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warunki_handlowe: Option<WarunkiHandlowe>,
    /// Interest for late payment; since 2606, only where it was asked for.
    #[serde(rename = "OdsetkiKarneDTO", skip_serializing_if = "Option::is_none")]
    pub odsetki_karne: Option<OdsetkiKarne>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(KartotekaKontrahenta { id, guid });

impl KartotekaKontrahenta {
    /// The neutral record.
    ///
    /// `nip` is the Polish one of `EuVAT`, without its country code. Delivery places, persons and the portal's tick are not in the
    /// contract (the tick is a cecha); the e-mail address stands in the neutral address.
    ///
    /// # Errors
    /// Kind `Decode` without an id or a Kod.
    pub fn into_kontrahent(self) -> Result<Kontrahent> {
        let text = |value: Option<String>| value.filter(|value| !value.is_empty());
        let missing = |field: &str| Error::decode_at(format!("missing field `{field}`"));
        let email = text(self.kontakt.and_then(|kontakt| kontakt.email));
        let adres = match (self.adres, email) {
            (None, None) => None,
            (adres, email) => {
                let mut adres = adres.map_or_else(Adres::default, AdresKontrahenta::into_adres);
                adres.email = email;
                Some(adres)
            }
        };
        let platnosci = self.forma_platnosci;
        let eu_vat = text(self.eu_vat);
        Ok(Kontrahent::builder()
            .id(self.id.ok_or_else(|| missing("ID"))?)
            .maybe_guid(self.guid)
            .kod(self.kod.ok_or_else(|| missing("Kod"))?)
            .nazwa(self.nazwa.unwrap_or_default())
            .maybe_nip(eu_vat.as_deref().and_then(polish_nip))
            .maybe_eu_vat(eu_vat)
            .maybe_rodzaj_vat(self.rodzaj_podmiotu.map(|rodzaj| rodzaj.as_str().to_owned()))
            .maybe_adres(adres)
            .maybe_termin_dni(platnosci.as_ref().and_then(|platnosci| platnosci.termin_dni))
            .maybe_waluta(text(platnosci.as_ref().and_then(|platnosci| platnosci.waluta.clone())))
            .maybe_forma_platnosci(text(platnosci.and_then(|platnosci| platnosci.nazwa)))
            .blokada_sprzedazy(self.blokada_sprzedazy.unwrap_or_default())
            .maybe_zastapiony_przez_id(self.zamiennik.and_then(|other| other.id))
            .cechy(self.features)
            .build())
    }
}

/// The tax number of a Polish contractor: an EU number that begins with a digit or with `PL`.
fn polish_nip(eu_vat: &str) -> Option<String> {
    let bare = eu_vat.trim();
    let bare = bare.strip_prefix("PL").unwrap_or(bare).trim_start();
    bare.starts_with(|first: char| first.is_ascii_digit()).then(|| bare.to_owned())
}

/// A contractor as others refer to it (`KontrahentBaseDTO`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KontrahentBase {
    /// Id of the contractor.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: KontrahentId| Some(value))]
    pub id: Option<KontrahentId>,
    /// Its Kod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nazwa: Option<String>,
}

redacted_debug!(KontrahentBase { id });

wiersz! {
    /// A bank account of a contractor (`RachunekBankowyDTO`).
    #[doc(alias = "bank account")]
    pub struct RachunekBankowy (i32) {
    /// Its place among the accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priorytet: Option<i32>,
    /// Taken out of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Code of the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_banku: Option<String>,
    /// SWIFT code of the bank.
    #[serde(rename = "SWIFT", skip_serializing_if = "Option::is_none")]
    pub swift: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kraj: Option<String>,
    /// Number of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub numer: Option<String>,
    /// Whether it is the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domyslne: Option<bool>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(RachunekBankowy { id });

/// How a contractor pays (`FormaPlatnosciDTO`).
#[doc(alias = "payment terms")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WarunkiPlatnosci {
    /// Taken out of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Name of the payment method.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub nazwa: Option<String>,
    /// Days until payment is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termin_dni: Option<i32>,
    /// Currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waluta: Option<String>,
    /// Kod of the contractor that pays instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_platnika: Option<String>,
}

redacted_debug!(WarunkiPlatnosci {});

/// How a contractor is reached (`KontaktDTO`).
#[doc(alias = "contact")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KontaktKontrahenta {
    /// Mobile telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telefon_komorkowy: Option<String>,
    /// Post-office box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skrytka_pocztowa: Option<String>,
    /// E-mail address.
    #[serde(rename = "EMAIL", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name in Skype.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skype: Option<String>,
    /// Web page.
    #[serde(rename = "WWW", skip_serializing_if = "Option::is_none")]
    pub www: Option<String>,
}

redacted_debug!(KontaktKontrahenta {});

/// Relations of a contractor (`PowiazaniaKontrahentaDTO`).
#[doc(alias = "relations")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PowiazaniaKontrahenta {
    /// Who pays for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platnik: Option<KontrahentBase>,
    /// Its relations.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub powiazania: Vec<PowiazanieKontrahenta>,
    /// The contractors that were merged into it.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub kontrahenci_zastapieni: Vec<KontrahentBase>,
}

/// A relation of two contractors (`PowiazanieKontrahentaDTO`).
#[doc(alias = "relation")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PowiazanieKontrahenta {
    /// Id of the relation; the ERP gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_powiazania: Option<i32>,
    /// The upper one: payer, group, parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: KontrahentBase| Some(value))]
    pub nadrzedny: Option<KontrahentBase>,
    /// The lower one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: KontrahentBase| Some(value))]
    pub podrzedny: Option<KontrahentBase>,
    /// Kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rodzaj_powiazania: Option<RodzajPowiazania>,
    /// From this day on.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data_od: Option<NaiveDate>,
    /// To this day.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data_do: Option<NaiveDate>,
    /// What the upper one is to the lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rola_podmiotu: Option<RolaPodmiotu>,
    /// Whether the one receives and the other pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odbiorca_platnik: Option<bool>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
}

redacted_debug!(PowiazanieKontrahenta { id_powiazania });

open_enum! {
    /// Whether a contractor is a business (`StatusPodmiotu`).
    pub enum StatusPodmiotu {
        /// A business.
        PodmiotGospodarczy = "PodmiotGospodarczy" / 0,
        /// A consumer.
        Finalny = "Finalny" / 1,
    }
}

open_enum! {
    /// Kind of VAT of a contractor (`RodzajPodmiotu`).
    pub enum RodzajPodmiotu {
        /// Domestic.
        Krajowy = "Krajowy" / 0,
        /// Export.
        Eksportowy = "Eksportowy" / 1,
        /// Export by a traveller.
        EksportowyPodrozny = "EksportowyPodróżny" / 2,
        /// Within the EU.
        Unijny = "Unijny" / 3,
        /// Triangular, within the EU.
        UnijnyTrojstronny = "UnijnyTrójstronny" / 4,
        /// Without VAT.
        BezVat = "BezVAT" / 5,
    }
}

open_enum! {
    /// What VAT is calculated from (`VatKontahentaLiczonyOd`, spelt so by the platform).
    pub enum VatLiczonyOd {
        /// Net amounts.
        OdNetto = "OdNetto" / 1,
        /// Gross amounts.
        OdBrutto = "OdBrutto" / 2,
    }
}

open_enum! {
    /// Kind of a relation (`RodzajPowiazaniaPodmiotu`).
    pub enum RodzajPowiazania {
        /// Other.
        Inny = "Inny" / 0,
        /// A VAT group.
        Vat = "VAT" / 1,
        /// For KSeF.
        KSeF = "KSeF" / 2,
        /// A unit of local government; since 2606, its number is not known.
        Jst = "JST",
    }
}

open_enum! {
    /// What a contractor is to another one (`RolaPodmiotu`).
    pub enum RolaPodmiotu {
        /// Other.
        Inna = "Inna" / 0,
        /// Parent.
        JednostkaNadrzedna = "JednostkaNadrzedna" / 1,
        /// Member of a VAT group.
        CzlonekGrupyVat = "CzlonekGrupyVAT" / 2,
        /// Representative of a VAT group.
        PrzedstawicielGrupyVat = "PrzedstawicielGrupyVAT" / 3,
        /// Receiver.
        Odbiorca = "Odbiorca" / 4,
        /// Payer.
        DokonujacyPlatnosci = "DokonujacyPlatnosci" / 5,
        /// Unit of local government.
        JednostkaSamorzaduTerytorialnego = "JednostkaSamorzaduTerytorialnego" / 6,
        /// Employee; since 2606, its number is not known.
        Pracownik = "Pracownik",
        /// Factor; since 2606, its number is not known.
        Faktor = "Faktor",
    }
}
