//! Invoices by AltOne's contract.

use async_trait::async_trait;

use super::dokumenty::{DaneKontrahenta, PozycjaVat};
use super::dokumenty::{
    DokumentHandlowy, KSeFDokumentu, PlatnoscDokumentu, PozycjaDokHandlowego, SposobLiczeniaVAT, approved,
    page,
};
use super::zalaczniki::pdf;
use crate::dokumenty::{DokumentyQuery, KSeF, Kategoria, Pdf, Platnosc, PozycjaDokumentu, Strona, SumaVat};
use crate::faktury::{Faktura, Faktury};
use crate::page::{Change, WirePage};
use crate::zamowienia::StanDokumentu;
use crate::{Client, DokumentId, Error, Result};

/// Names this list in its continuations.
const LIST: &str = "altone/faktury";

/// Invoices of AltOne's contract, which tells documents apart by the symbols of their definitions.
///
/// - The server lists documents of every kind; those of other symbols, and those in the buffer, are left out here, so that a
///   page may have fewer rows than were asked for, or none.
/// - `changed_since` is sent as its day in UTC, which is never later than the day in Poland. The last page has no `next`: every
///   round starts anew. Removed documents are told by the change queue alone.
/// - Of a correction, totals are taken as its difference and lines as they stand after it (*inferred*).
/// - Who pays, what is paid and split payment are not told.
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
/// use soneta_webapi::altone::AltOneFaktury;
/// use soneta_webapi::{DokumentyQuery, Faktury};
///
/// let faktury = AltOneFaktury::builder().client(client.clone()).korekty(vec!["KFV".to_owned()]).build();
/// let page = faktury.list_faktury(&DokumentyQuery::default()).await?;
/// # assert_eq!(page.rows.len(), 1);
/// for row in page.rows {
///     let Some(faktura) = row?.upsert() else { continue };
///     let pdf = faktury.get_faktura_pdf(faktura.id).await?;
///     println!("{}: {:?}, {} bytes", faktura.numer, faktura.suma_brutto.map(|sum| sum.value), pdf.bytes.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct AltOneFaktury {
    client: Client,
    /// Symbols of definitions that are sales.
    #[builder(default = vec!["FV".to_owned()])]
    definicje: Vec<String>,
    /// Symbols of definitions that are corrections of sales; there is no symbol that every installation has.
    #[builder(default)]
    korekty: Vec<String>,
    /// What `GetFilePDF` is asked for (*inferred*: the name under which the ERP keeps the file).
    #[builder(default = "dokument.pdf".to_owned())]
    nazwa_pdf: String,
}

impl AltOneFaktury {
    fn faktura(&self, dokument: DokumentHandlowy) -> Result<Faktura> {
        let correction = dokument.has_symbol(&self.korekty);
        let naglowek = Naglowek::of(&dokument)?;
        let sums = dokument.podsumowanie.unwrap_or_default();
        let sposob = dokument.sposob_liczenia_vat;
        Ok(Faktura::builder()
            .id(naglowek.id)
            .maybe_guid(dokument.guid)
            .numer(naglowek.numer)
            .kategoria(if correction { Kategoria::KorektaSprzedazy } else { Kategoria::Sprzedaz })
            .maybe_definicja(dokument.definicja)
            .stan(naglowek.stan)
            .maybe_koryguje_numer(dokument.korekta.and_then(|korekta| korekta.numer_zrodlowy))
            .data(naglowek.data)
            .maybe_data_operacji(dokument.data_operacji)
            .kontrahent(naglowek.kontrahent)
            .maybe_odbiorca(dokument.dane_odbiorcy.as_ref().map(strona))
            .maybe_numer_obcy(dokument.numer_obcy.and_then(|numer| numer.numer))
            .pozycje(
                dokument
                    .pozycje
                    .into_iter()
                    .map(|line| pozycja(line, sposob.as_ref()))
                    .collect::<Result<_>>()?,
            )
            .sumy_vat(dokument.pozycje_vat.into_iter().map(suma_vat).collect())
            .maybe_suma_netto(sums.netto_cy)
            .maybe_suma_brutto(sums.brutto_cy)
            .platnosci(dokument.platnosci.into_iter().map(platnosc).collect::<Result<_>>()?)
            .maybe_ksef(dokument.ksef.and_then(ksef))
            .maybe_opis(dokument.opis)
            .cechy(dokument.features)
            .build())
    }
}

#[async_trait]
impl Faktury for AltOneFaktury {
    async fn list_faktury(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Faktura>>> {
        let symbols = [self.definicje.as_slice(), self.korekty.as_slice()];
        page(&self.client, LIST, query, &symbols, |dokument| self.faktura(dokument)).await
    }

    async fn get_faktura(&self, id: DokumentId) -> Result<Option<Faktura>> {
        let dokument = approved(&self.client, id, &[&self.definicje, &self.korekty]).await?;
        dokument.map(|dokument| self.faktura(dokument)).transpose()
    }

    async fn get_faktura_pdf(&self, id: DokumentId) -> Result<Pdf> {
        pdf(&self.client, id, &self.nazwa_pdf).await
    }
}

/// What a document has to tell to be a record.
pub(super) struct Naglowek {
    pub(super) id: DokumentId,
    pub(super) numer: String,
    pub(super) stan: StanDokumentu,
    pub(super) data: chrono::NaiveDate,
    pub(super) kontrahent: Strona,
}

impl Naglowek {
    pub(super) fn of(dokument: &DokumentHandlowy) -> Result<Self> {
        Ok(Self {
            id: dokument.id.ok_or_else(|| missing("missing field `ID`"))?,
            numer: dokument.numer_pelny.clone().ok_or_else(|| missing("missing field `NumerPelny`"))?,
            stan: dokument.stan().ok_or_else(|| missing("missing field `StanDokumentuHandlowego`"))?,
            data: dokument.data.ok_or_else(|| missing("missing field `Data`"))?,
            kontrahent: strona(
                dokument
                    .dane_kontrahenta
                    .as_ref()
                    .ok_or_else(|| missing("missing field `DaneKontrahenta`"))?,
            ),
        })
    }
}

fn missing(what: &'static str) -> Error {
    Error::decode_at(what)
}

pub(super) fn strona(dane: &DaneKontrahenta) -> Strona {
    Strona::builder()
        .maybe_kod(dane.kod.clone())
        .maybe_nazwa(dane.nazwa.clone())
        .maybe_nip(dane.eu_vat.clone().filter(|nip| !nip.is_empty()))
        .build()
}

/// A line; prices and values go where the document's way of counting puts them, and nowhere if it does not say.
pub(super) fn pozycja(
    line: PozycjaDokHandlowego,
    sposob: Option<&SposobLiczeniaVAT>,
) -> Result<PozycjaDokumentu> {
    let netto = sposob == Some(&SposobLiczeniaVAT::OdNetto);
    let brutto = sposob == Some(&SposobLiczeniaVAT::OdBrutto);
    let cena = line.cena_po_rabacie.or(line.cena);
    Ok(PozycjaDokumentu::builder()
        .id(line.id.ok_or_else(|| missing("missing field `ID` of a line"))?)
        .maybe_lp(line.lp)
        .maybe_kod(line.kod_towaru)
        .maybe_nazwa(line.pelna_nazwa)
        .ilosc(line.ilosc.ok_or_else(|| missing("missing field `Ilosc` of a line"))?)
        .maybe_cena_netto(cena.filter(|_| netto))
        .maybe_wartosc_netto(line.wartosc.clone().filter(|_| netto))
        .maybe_wartosc_brutto(line.wartosc.filter(|_| brutto))
        .maybe_stawka_vat(line.stawka_vat)
        .build())
}

fn suma_vat(suma: PozycjaVat) -> SumaVat {
    SumaVat::builder().stawka_vat(suma.stawka_vat).netto(suma.netto).vat(suma.vat).build()
}

fn platnosc(platnosc: PlatnoscDokumentu) -> Result<Platnosc> {
    Ok(Platnosc::builder()
        .maybe_forma_platnosci(platnosc.sposob_zaplaty)
        .kwota(platnosc.kwota.ok_or_else(|| missing("missing field `Kwota` of a payment"))?)
        .maybe_termin(platnosc.termin)
        .maybe_rachunek(platnosc.rachunek26.filter(|rachunek| !rachunek.is_empty()))
        .build())
}

fn ksef(ksef: KSeFDokumentu) -> Option<KSeF> {
    let text = |value: Option<String>| value.filter(|value| !value.is_empty());
    Some(
        KSeF::builder()
            .status(ksef.status_ksef?)
            .maybe_numer(text(ksef.numer_dokumentu_ksef))
            .maybe_data_przyjecia(ksef.data_przyjecia_ksef)
            .maybe_link(text(ksef.link))
            .build(),
    )
}
