use std::fmt::Debug;

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tracing::info;

use super::{KluczZamowienia, PozycjaRealizacji, PozycjaZamowienia, Rezerwacja, Zamowienia, Zamowienie};
use crate::adres::Adres;
use crate::ids::{DokumentId, KontrahentId, redacted_debug};
use crate::wire;
use crate::{KodOdmowy, Refusal, Result};

/// An edit of an order (zmiana zamówienia): what is named becomes so, what is absent stays as it is.
///
/// Contractor, warehouse and currency stay: another one is another order. Storable: what it is serialised to is what it is
/// read back from, digit by digit.
#[doc(alias = "order edit")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZmianaZamowienia {
    /// The document.
    #[serde(rename = "ID")]
    pub id: DokumentId,
    /// The version that was read; when the document has another one by now, nothing is changed.
    pub wersja: i64,
    /// The buyer's own number of the order; empty = none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub numer_obcy: Option<String>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub platnik_id: Option<KontrahentId>,
    /// Who receives.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub odbiorca_id: Option<KontrahentId>,
    /// Id of one of the contractor's delivery places.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub miejsce_dostawy_id: Option<i32>,
    /// Where to deliver, if at none of these.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub adres_dostawy: Option<Adres>,
    /// Day of the delivery.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "wire::date::option")]
    pub termin_dostawy: Option<NaiveDate>,
    /// Delivery method, a word of the installation's dictionary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sposob_dostawy: Option<String>,
    /// Payment method, a word of the installation's dictionary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub forma_platnosci: Option<String>,
    /// Days until payment is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub termin_dni: Option<i32>,
    /// Notes; empty = none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uwagi: Option<String>,
    /// What to reserve for the new lines; absent = as before: as much as there is where the order reserved, else nothing. Only
    /// together with `pozycje`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rezerwuj: Option<Rezerwacja>,
    /// All lines of the order from now on; one whose `id_obcy` the order has already keeps its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pozycje: Option<Vec<PozycjaZamowienia>>,
}

redacted_debug!(ZmianaZamowienia { id, wersja });

impl ZmianaZamowienia {
    /// Whether the order is what this edit makes of it, and can be seen to be: of the header only the buyer's number is told,
    /// so an edit of anything else there, or of the reservation, is never seen.
    fn is_seen_in(&self, found: &Zamowienie) -> bool {
        let unseen = self.platnik_id.is_some()
            || self.odbiorca_id.is_some()
            || self.miejsce_dostawy_id.is_some()
            || self.adres_dostawy.is_some()
            || self.termin_dostawy.is_some()
            || self.sposob_dostawy.is_some()
            || self.forma_platnosci.is_some()
            || self.termin_dni.is_some()
            || self.uwagi.is_some()
            || self.rezerwuj.is_some();
        let numer = |numer: &String| found.numer_obcy.as_deref().unwrap_or_default() == numer;
        let lines = |lines: &Vec<PozycjaZamowienia>| {
            lines.len() == found.pozycje.len() && lines.iter().zip(&found.pozycje).all(same_line)
        };
        !unseen && self.numer_obcy.as_ref().is_none_or(numer) && self.pozycje.as_ref().is_none_or(lines)
    }
}

/// Whether a line is the one that was asked for; features are not told, nor is whether the price is pinned.
fn same_line((asked, found): (&PozycjaZamowienia, &PozycjaRealizacji)) -> bool {
    asked.cechy.is_empty()
        && asked.cena_stala
        && asked.ilosc.symbol == found.ilosc.symbol
        && asked.ilosc.value == found.ilosc.value
        && found.id_obcy.as_ref() == Some(&asked.id_obcy)
        && found.cena_netto.as_ref() == Some(&asked.cena_netto)
        && asked.towar_id.is_none_or(|id| found.towar_id == Some(id))
        && asked.kod.as_ref().is_none_or(|kod| found.kod.as_ref() == Some(kod))
}

/// A cancellation of an order (anulowanie zamówienia). It cannot be undone.
#[doc(alias = "order cancellation")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AnulowanieZamowienia {
    /// The document.
    #[serde(rename = "ID")]
    pub id: DokumentId,
    /// The version that was read; when the document has another one by now and is not cancelled, it stays as it is.
    pub wersja: i64,
}

/// Edits and cancellations of orders, as an installation's add-on takes them.
///
/// # Contract
/// - An edit happens once or not at all: it names the version that it was made from, each change gives the document another one,
///   and an edit of another version is refused with `Konflikt`.
/// - A document that may not change any more (approved, partly fulfilled, cancelled) is refused with `BledneDane`, and nothing of
///   the edit happens.
/// - A cancellation of a cancelled order answers the order, whatever version it names: it may be repeated.
#[doc(alias = "order edits")]
#[async_trait]
pub trait ZmianyZamowien: Zamowienia {
    /// Edits the order, and asks nothing afterwards. Prefer [`update_or_find`](Self::update_or_find).
    ///
    /// # Errors
    /// The client's errors. `may_have_been_applied()` says that nobody knows: read the order by its id. With the same `wersja` as in
    /// the edit it is not changed (yet), and the same edit may be sent again; with another one, the edit or somebody else changed
    /// it. Refused with [`KodOdmowy::Konflikt`] when it has another version: this call changed nothing, an earlier
    /// attempt may have.
    async fn update_zamowienie(&self, zmiana: &ZmianaZamowienia) -> Result<Zamowienie>;

    /// Cancels the order; its reservations are freed. Answers the order also when it was cancelled already.
    ///
    /// # Errors
    /// The client's errors; refused with [`KodOdmowy::Konflikt`] when it has another version.
    async fn cancel_zamowienie(&self, anulowanie: &AnulowanieZamowienia) -> Result<Zamowienie>;

    /// Edits the order; when the answer is lost, or the order has another version, reads it and compares it with the edit. If it
    /// is another version and everything that the edit names is so, the order is answered.
    ///
    /// # Errors
    /// As [`update_zamowienie`](Self::update_zamowienie): what cannot be seen stays as unsure as it was, among it every edit of
    /// header fields other than the buyer's number, of the reservation, and of lines with features, without a pinned price or
    /// without a unit.
    async fn update_or_find(&self, zmiana: &ZmianaZamowienia) -> Result<Zamowienie> {
        let error = match self.update_zamowienie(zmiana).await {
            Ok(changed) => return Ok(changed),
            Err(error) => error,
        };
        let conflict = Refusal::of(&error).is_some_and(|refusal| refusal.has(&KodOdmowy::Konflikt));
        if !(error.may_have_been_applied() || conflict) {
            return Err(error);
        }
        match self.get_zamowienie(&KluczZamowienia::Id(zmiana.id)).await {
            Ok(Some(found))
                if found.wersja.is_some_and(|own| own != zmiana.wersja) && zmiana.is_seen_in(&found) =>
            {
                info!(id = %zmiana.id, "an edit whose answer was lost was found in the order");
                Ok(found)
            }
            // Not there (yet), something else, or no look-up: the edit's own failure says most.
            Ok(_) | Err(_) => Err(error),
        }
    }
}

const _: fn(&dyn ZmianyZamowien) = |_| ();
