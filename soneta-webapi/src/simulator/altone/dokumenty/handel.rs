//! `HandelWebAPI/GetCommercialDocument`: one document in the older shape.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Adres, NumerObcy, adres,
    zrodlo::{Dokument, Pozycja, PozycjaVat, date, documents},
};
use crate::simulator::{
    altone::{Date, koperta::answer},
    answer::{Blad, Outcome},
    company::Company,
    number::Amount,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::altone) struct Handel {
    #[serde(rename = "ID")]
    id: Option<i32>,
    numer_obcy: Option<NumerObcyIn>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NumerObcyIn {
    numer: Option<String>,
    kod_kontrahenta: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Commercial<'a> {
    dokument_handlowy: Option<DokumentHandlowy<'a>>,
    key: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DokumentHandlowy<'a> {
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    numer_pelny: &'a str,
    definicja: &'static str,
    magazyn: &'a str,
    kategoria: &'static str,
    opis: Option<&'a str>,
    data: Date,
    data_operacji: Date,
    #[serde(rename = "SposobLiczeniaVAT")]
    sposob_liczenia_vat: &'static str,
    dane_kontrahenta: Option<Kupujacy<'a>>,
    obcy: NumerObcy<'a>,
    netto_cy: Amount<'a>,
    brutto_cy: Amount<'a>,
    vat_cy: Amount<'a>,
    pozycje: Vec<Pozycja<'a>>,
    #[serde(rename = "SumyVAT")]
    sumy_vat: SumyVat<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kupujacy<'a> {
    kod: &'a str,
    #[serde(rename = "NIP")]
    nip: &'a str,
    #[serde(rename = "EuVAT")]
    eu_vat: &'a str,
    adres: Adres<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SumyVat<'a> {
    korekta: bool,
    #[serde(rename = "PozycjeVAT")]
    pozycje_vat: Vec<PozycjaVat<'a>>,
}

pub(in crate::simulator::altone) fn handel(company: &mut Company, question: Handel) -> Outcome {
    let company = &*company;
    let found = match (question.id, question.numer_obcy) {
        (Some(id), None) => documents(company).find(|dokument| dokument.id == id),
        (None, Some(NumerObcyIn { numer, kod_kontrahenta })) => {
            let numer = numer.ok_or_else(|| Blad::missing("Numer"))?;
            let kod = kod_kontrahenta.ok_or_else(|| Blad::missing("KodKontrahenta"))?;
            documents(company).find(|dokument| {
                dokument.numer_obcy == Some(&numer) && dokument.kontrahent.is_some_and(|one| one.kod == kod)
            })
        }
        _ => return Err(Blad::invalid("ID", "Podaj ID albo NumerObcy.").into()),
    };
    let dokument_handlowy = found.map(|dokument| dokument_handlowy(company, &dokument));
    answer(&Commercial { dokument_handlowy, key: None })
}

fn dokument_handlowy<'a>(company: &'a Company, dokument: &Dokument<'a>) -> DokumentHandlowy<'a> {
    DokumentHandlowy {
        id: dokument.id,
        guid: dokument.guid,
        numer_pelny: dokument.numer,
        definicja: dokument.definicja,
        magazyn: dokument.magazyn,
        kategoria: dokument.kategoria,
        opis: dokument.opis,
        data: date(dokument.data),
        data_operacji: date(dokument.data),
        sposob_liczenia_vat: "OdNetto",
        dane_kontrahenta: dokument.kontrahent.map(|one| Kupujacy {
            kod: &one.kod,
            nip: &one.nip,
            eu_vat: &one.eu_vat,
            adres: adres(one),
        }),
        obcy: NumerObcy { numer: dokument.numer_obcy, data_otrzymania: None },
        netto_cy: Amount::new(dokument.netto, dokument.waluta),
        brutto_cy: Amount::new(dokument.brutto, dokument.waluta),
        vat_cy: Amount::new(dokument.brutto - dokument.netto, dokument.waluta),
        pozycje: dokument.pozycje(company),
        sumy_vat: SumyVat { korekta: false, pozycje_vat: dokument.pozycje_vat(company) },
    }
}
