//! What both shapes of a document are written from: an order, or what was made from one.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use crate::simulator::{
    altone::Date,
    catalogue::{Instant, Kontrahent, Towar},
    company::Company,
    documents::{Parties, RACHUNEK, TradeDocument},
    number::{Amount, Number, to_grosz},
    orders::{OrderDocument, OrderLine},
};

/// One document of any kind.
pub(super) struct Dokument<'a> {
    pub(super) id: i32,
    pub(super) guid: Uuid,
    pub(super) numer: &'a str,
    pub(super) numer_obcy: Option<&'a str>,
    pub(super) definicja: &'static str,
    pub(super) kategoria: &'static str,
    pub(super) magazyn: &'a str,
    pub(super) data: NaiveDate,
    pub(super) stan: &'static str,
    pub(super) opis: Option<&'a str>,
    pub(super) kontrahent: Option<&'a Kontrahent>,
    pub(super) waluta: &'a str,
    pub(super) netto: Decimal,
    pub(super) brutto: Decimal,
    pub(super) zmieniono: Instant,
    zrodlo: Zrodlo<'a>,
}

#[derive(Clone, Copy)]
enum Zrodlo<'a> {
    Order(&'a OrderDocument),
    Made(&'a TradeDocument),
}

/// Every document that the company has, ordered by ID.
pub(super) fn documents(company: &Company) -> impl Iterator<Item = Dokument<'_>> {
    let orders = company.orders().iter().map(|order| of_order(company, order));
    let made = company.documents().all().iter().map(|document| of_document(company, document));
    let mut all: Vec<_> = orders.chain(made).collect();
    all.sort_by_key(|dokument| dokument.id);
    all.into_iter()
}

fn of_order<'a>(company: &'a Company, order: &'a OrderDocument) -> Dokument<'a> {
    Dokument {
        id: order.id,
        guid: order.guid,
        numer: &order.numer,
        numer_obcy: order.numer_obcy.as_deref(),
        definicja: "ZO",
        kategoria: "ZamówienieOdbiorcy",
        magazyn: &order.magazyn,
        data: order.data,
        stan: order.stan(),
        opis: order.uwagi.as_deref(),
        kontrahent: company.catalogue.kontrahent(order.kontrahent_id),
        waluta: &order.waluta,
        netto: order.suma_netto,
        brutto: order.suma_brutto,
        zmieniono: Instant(order.zmieniono),
        zrodlo: Zrodlo::Order(order),
    }
}

fn of_document<'a>(company: &'a Company, document: &'a TradeDocument) -> Dokument<'a> {
    Dokument {
        id: document.id,
        guid: document.guid,
        numer: &document.numer,
        numer_obcy: document.numer_obcy.as_deref(),
        definicja: document.kind.definicja(),
        kategoria: document.kind.kategoria(),
        magazyn: &document.magazyn,
        data: document.data,
        stan: "Zatwierdzony",
        opis: Some(""),
        kontrahent: company.catalogue.kontrahent(document.kontrahent_id),
        waluta: &document.waluta,
        netto: document.suma_netto,
        brutto: document.suma_brutto,
        zmieniono: Instant(document.zmieniono),
        zrodlo: Zrodlo::Made(document),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Pozycja<'a> {
    #[serde(rename = "ID")]
    id: i32,
    attachments_count: u8,
    table_name: &'static str,
    features: [u8; 0],
    attachments: [u8; 0],
    lp: i32,
    kod_towaru: &'a str,
    pelna_nazwa: Option<&'a str>,
    ilosc: Amount<'a>,
    cena: Amount<'a>,
    cena_po_rabacie: Amount<'a>,
    wartosc: Amount<'a>,
    #[serde(rename = "StawkaVAT")]
    stawka_vat: Option<&'a str>,
    opis_analityczny: Option<[u8; 0]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PozycjaVat<'a> {
    #[serde(rename = "StawkaVAT")]
    stawka_vat: &'a str,
    netto: Number,
    #[serde(rename = "VAT")]
    vat: Number,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Korekta<'a> {
    numer_zrodlowy: &'a str,
    data_dokumentu: Date,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Platnosc<'a> {
    sposob_zaplaty: &'a str,
    termin: Date,
    kwota: Amount<'a>,
    rachunek26: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KSeF<'a> {
    #[serde(rename = "StatusKSeF")]
    status: &'static str,
    #[serde(rename = "NumerDokumentuKSeF")]
    numer: Option<&'a str>,
    #[serde(rename = "DataKSeF")]
    data: Date,
    #[serde(rename = "DataPrzeslaniaKSeF")]
    data_przeslania: Option<Date>,
    #[serde(rename = "DataPrzyjeciaKSeF")]
    data_przyjecia: Option<Date>,
    link: Option<String>,
    /// No e-invoice is kept.
    #[serde(rename = "ContentXML")]
    content_xml: Option<u8>,
}

pub(super) fn date(day: NaiveDate) -> Date {
    Date { year: day.year(), month: day.month(), day: day.day() }
}

fn towar<'a>(company: &'a Company, line: &OrderLine) -> Option<&'a Towar> {
    company.catalogue.towary.get(company.catalogue.place_of_id(line.towar_id)?)
}

impl<'a> Dokument<'a> {
    /// The lines; on a correction as they stand after it.
    pub(super) fn pozycje(&self, company: &'a Company) -> Vec<Pozycja<'a>> {
        match self.zrodlo {
            Zrodlo::Order(order) => {
                let lines = (1..).zip(&order.pozycje).map(|(lp, line)| {
                    let towar = towar(company, line);
                    let pozycja = self.pozycja((line.id, lp), (line.ilosc, &line.jednostka), line.cena_netto);
                    Pozycja {
                        kod_towaru: &line.kod,
                        pelna_nazwa: towar.map(|towar| towar.nazwa.as_ref()),
                        stawka_vat: towar.map(|towar| towar.vat.kod()),
                        ..pozycja
                    }
                });
                lines.collect()
            }
            Zrodlo::Made(document) => {
                let lines = document.pozycje.iter().map(|line| Pozycja {
                    kod_towaru: &line.kod,
                    pelna_nazwa: Some(&line.nazwa),
                    stawka_vat: Some(&line.stawka_vat),
                    ..self.pozycja(
                        (line.id, line.lp),
                        (line.stan.ilosc, &line.jednostka),
                        line.stan.cena_netto,
                    )
                });
                lines.collect()
            }
        }
    }

    fn pozycja(
        &self,
        (id, lp): (i32, i32),
        (ilosc, jednostka): (Decimal, &'a str),
        cena: Decimal,
    ) -> Pozycja<'a> {
        Pozycja {
            id,
            attachments_count: 0,
            table_name: "PozycjeDokHan",
            features: [],
            attachments: [],
            lp,
            kod_towaru: "",
            pelna_nazwa: None,
            ilosc: Amount::new(ilosc, jednostka),
            cena: Amount::new(cena, self.waluta),
            cena_po_rabacie: Amount::new(cena, self.waluta),
            wartosc: Amount::new(to_grosz(cena * ilosc), self.waluta),
            stawka_vat: None,
            opis_analityczny: None,
        }
    }

    /// Sums per VAT rate; on a correction the differences.
    pub(super) fn pozycje_vat(&self, company: &'a Company) -> Vec<PozycjaVat<'a>> {
        let order = match self.zrodlo {
            Zrodlo::Order(order) => order,
            Zrodlo::Made(document) => {
                let sums = document.sumy_vat.iter().map(|sum| PozycjaVat {
                    stawka_vat: &sum.stawka_vat,
                    netto: Number(sum.netto),
                    vat: Number(sum.vat),
                });
                return sums.collect();
            }
        };
        let mut sums = std::collections::BTreeMap::new();
        for line in &order.pozycje {
            if let Some(towar) = towar(company, line) {
                *sums.entry(towar.vat).or_insert(Decimal::ZERO) += to_grosz(line.cena_netto * line.ilosc);
            }
        }
        sums.into_iter()
            .map(|(vat, netto)| PozycjaVat {
                stawka_vat: vat.kod(),
                netto: Number(netto),
                vat: Number(vat.gross(netto) - netto),
            })
            .collect()
    }

    fn made(&self) -> Option<&'a TradeDocument> {
        match self.zrodlo {
            Zrodlo::Order(_) => None,
            Zrodlo::Made(document) => Some(document),
        }
    }

    pub(super) fn korekta(&self, company: &'a Company) -> Option<Korekta<'a>> {
        let corrected = company.documents().get(self.made()?.koryguje_id?)?;
        Some(Korekta { numer_zrodlowy: &corrected.numer, data_dokumentu: date(corrected.data) })
    }

    pub(super) fn platnosci(&self) -> Vec<Platnosc<'a>> {
        let due = self.made().and_then(|document| Some((document, document.due()?)));
        let platnosc = due.map(|(document, termin)| Platnosc {
            sposob_zaplaty: document.forma_platnosci.as_deref().unwrap_or("Przelew"),
            termin: date(termin),
            kwota: Amount::new(self.brutto, self.waluta),
            rachunek26: RACHUNEK,
        });
        platnosc.into_iter().collect()
    }

    pub(super) fn ksef(&self) -> Option<KSeF<'a>> {
        let document = self.made().filter(|document| document.kind.is_invoice())?;
        Some(KSeF {
            status: document.ksef_status(),
            numer: document.ksef_numer.as_deref(),
            data: date(document.ksef_data.unwrap_or(document.data)),
            data_przeslania: document.ksef_data.map(date),
            data_przyjecia: document.ksef_data.map(date),
            link: document.ksef_link(),
            content_xml: None,
        })
    }

    pub(super) fn parties(&self, company: &Company) -> Parties {
        match self.zrodlo {
            Zrodlo::Order(order) => Parties::of_order(order),
            Zrodlo::Made(document) => Parties::of(company, document),
        }
    }
}
