//! Delivery notes by AltOne's contract.

use async_trait::async_trait;

use super::dokumenty::{DokumentHandlowy, approved, page};
use super::faktury::{Naglowek, pozycja, strona};
use super::zalaczniki::pdf;
use crate::adres::Adres;
use crate::dokumenty::{DokumentyQuery, Kategoria, Pdf};
use crate::page::{Change, WirePage};
use crate::wydania::{Wydania, Wydanie};
use crate::{Client, DokumentId, Result};

/// Names this list in its continuations.
const LIST: &str = "altone/wydania";

/// Delivery notes of AltOne's contract, which tells documents apart by the symbols of their definitions.
///
/// Pages, days and corrections as in [`AltOneFaktury`](super::AltOneFaktury). The delivery address is the receiver's
/// (*inferred*); the delivery method is not told.
#[derive(Debug, Clone, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct AltOneWydania {
    client: Client,
    /// Symbols of definitions that are delivery notes.
    #[builder(default = vec!["WZ".to_owned()])]
    definicje: Vec<String>,
    /// Symbols of definitions that are corrections of delivery notes; there is no symbol that every installation has.
    #[builder(default)]
    korekty: Vec<String>,
    /// What `GetFilePDF` is asked for (*inferred*: the name under which the ERP keeps the file).
    #[builder(default = "dokument.pdf".to_owned())]
    nazwa_pdf: String,
}

impl AltOneWydania {
    fn wydanie(&self, dokument: DokumentHandlowy) -> Result<Wydanie> {
        let correction = dokument.has_symbol(&self.korekty);
        let naglowek = Naglowek::of(&dokument)?;
        let sums = dokument.podsumowanie.unwrap_or_default();
        let sposob = dokument.sposob_liczenia_vat;
        Ok(Wydanie::builder()
            .id(naglowek.id)
            .maybe_guid(dokument.guid)
            .numer(naglowek.numer)
            .kategoria(if correction { Kategoria::KorektaWydania } else { Kategoria::WydanieMagazynowe })
            .maybe_definicja(dokument.definicja)
            .stan(naglowek.stan)
            .maybe_koryguje_numer(dokument.korekta.and_then(|korekta| korekta.numer_zrodlowy))
            .data(naglowek.data)
            .maybe_data_operacji(dokument.data_operacji)
            .maybe_magazyn(dokument.magazyn)
            .kontrahent(naglowek.kontrahent)
            .maybe_odbiorca(dokument.dane_odbiorcy.as_ref().map(strona))
            .maybe_adres_dostawy(dokument.dane_odbiorcy.and_then(|odbiorca| {
                let adres = odbiorca.adres?;
                Some(Adres {
                    nazwa: odbiorca.nazwa,
                    ulica: adres.ulica,
                    nr_domu: adres.nr_domu,
                    nr_lokalu: adres.nr_lokalu,
                    kod_pocztowy: adres.kod_pocztowy_s,
                    miejscowosc: adres.miejscowosc,
                    kod_kraju: adres.kod_kraju,
                    poczta: adres.poczta,
                    ..Adres::default()
                })
            }))
            .maybe_numer_obcy(dokument.numer_obcy.and_then(|numer| numer.numer))
            .pozycje(
                dokument
                    .pozycje
                    .into_iter()
                    .map(|line| pozycja(line, sposob.as_ref()))
                    .collect::<Result<_>>()?,
            )
            .maybe_suma_netto(sums.netto_cy)
            .maybe_suma_brutto(sums.brutto_cy)
            .maybe_opis(dokument.opis)
            .cechy(dokument.features)
            .build())
    }
}

#[async_trait]
impl Wydania for AltOneWydania {
    async fn list_wydania(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Wydanie>>> {
        let symbols = [self.definicje.as_slice(), self.korekty.as_slice()];
        page(&self.client, LIST, query, &symbols, |dokument| self.wydanie(dokument)).await
    }

    async fn get_wydanie(&self, id: DokumentId) -> Result<Option<Wydanie>> {
        let dokument = approved(&self.client, id, &[&self.definicje, &self.korekty]).await?;
        dokument.map(|dokument| self.wydanie(dokument)).transpose()
    }

    async fn get_wydanie_pdf(&self, id: DokumentId) -> Result<Pdf> {
        pdf(&self.client, id, &self.nazwa_pdf).await
    }
}
