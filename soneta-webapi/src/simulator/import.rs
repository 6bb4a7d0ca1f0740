//! A catalogue out of three exports: `towary.csv`, `cennik.csv`, `kontrahenci.csv`.
//!
//! The exports hold no VAT rates, warehouses or stock. A good's rate is the one of 23 %, 8 %, 5 % and 0 % whose gross prices lie nearest to
//! its gross prices, summed over all its price rows; a good without prices gets 23 %. Stock comes from the seed, for goods and
//! products only, and so do the delivery places, persons, terms and limits of contractors. Everything is ticked for the portal.

use std::{collections::BTreeMap, path::Path};

use rust_decimal::Decimal;

use super::{
    catalogue::{Adres, Catalogue, Cena, Instant, Kontrahent, Towar, Typ, Vat},
    generate,
};
use crate::export::{Export, ExportError};

/// The price list that is served as retail prices.
pub(super) const RETAIL: &str = "Detaliczna";

/// Reads the three files of `directory`.
pub(super) fn import(directory: &Path, seed: u64, warehouses: &[String]) -> Result<Catalogue, ExportError> {
    let mut catalogue = Catalogue::with_warehouses(warehouses);
    towary(&mut catalogue, directory)?;
    catalogue.index();
    cennik(&mut catalogue, directory)?;
    kontrahenci(&mut catalogue, directory)?;
    generate::contractor_details(&mut catalogue, seed);
    generate::stock(&mut catalogue, seed);
    Ok(catalogue)
}

fn towary(catalogue: &mut Catalogue, directory: &Path) -> Result<(), ExportError> {
    const GUID: usize = 0;
    const KOD: usize = 1;
    const NAZWA: usize = 2;
    const EAN: usize = 3;
    const TYP: usize = 4;
    const JEDNOSTKA: usize = 5;
    const ASORTYMENT: usize = 6;
    const PRODUCENT: usize = 7;
    const MASA: usize = 8;
    const BLOKADA: usize = 9;
    let export = Export::open(&directory.join("towary.csv"))?;
    let rows = export.rows([
        "Guid",
        "Kod",
        "Nazwa",
        "EAN",
        "Typ",
        "Jednostka",
        "Asortyment",
        "Producent",
        "MasaNetto",
        "Blokada",
    ])?;
    let mut seen = BTreeMap::new();
    for (n, row) in rows.iter().enumerate() {
        let kod = row.required(KOD)?;
        if seen.insert(kod.to_owned(), ()).is_some() {
            return Err(row.error(KOD, "the code occurs twice"));
        }
        let typ = Typ::from_word(row.required(TYP)?)
            .ok_or_else(|| row.error(TYP, "none of Towar, Usługa, Produkt, Receptura"))?;
        let words = &mut catalogue.words;
        catalogue.towary.push(Towar {
            guid: row.guid(GUID)?,
            kod: kod.into(),
            nazwa: row.required(NAZWA)?.into(),
            ean: Some(row.text(EAN)).filter(|ean| !ean.is_empty()).map(Into::into),
            typ,
            vat: Vat::Podstawowa,
            jednostka: words.number(row.required(JEDNOSTKA)?),
            grupa: words.number(row.text(ASORTYMENT)),
            producent: words.number(row.text(PRODUCENT)),
            masa: row.quantity(MASA)?.map(|(value, unit)| (value, words.number(unit))),
            w_kartonie: 0,
            blokada: row.flag(BLOKADA)?,
            zaznaczony: true,
            cena: None,
            zmieniono: Instant::of_import(n),
        });
    }
    Ok(())
}

fn cennik(catalogue: &mut Catalogue, directory: &Path) -> Result<(), ExportError> {
    const KOD: usize = 0;
    const DEFINICJA: usize = 1;
    const NETTO: usize = 2;
    const BRUTTO: usize = 3;
    const WALUTA: usize = 4;
    const ILOSC: usize = 5;
    const JEDNOSTKA: usize = 6;
    let export = Export::open(&directory.join("cennik.csv"))?;
    let rows =
        export.rows(["KodTowaru", "DefinicjaCeny", "Netto", "Brutto", "Waluta", "Ilosc", "Jednostka"])?;
    // How far each rate is from the good's prices.
    let mut distances: BTreeMap<usize, [Decimal; 4]> = BTreeMap::new();
    for row in &rows {
        let place = catalogue
            .place_of(row.required(KOD)?)
            .ok_or_else(|| row.error(KOD, "no such code in towary.csv"))?;
        let (netto, brutto) = (row.decimal(NETTO)?, row.decimal(BRUTTO)?);
        for (distance, vat) in distances.entry(place).or_default().iter_mut().zip(Vat::ALL) {
            *distance += (vat.gross(netto) - brutto).abs();
        }
        if row.required(DEFINICJA)? == RETAIL {
            let cena = Cena {
                netto,
                brutto,
                za_ilosc: row.decimal(ILOSC)?,
                jednostka: catalogue.words.number(row.required(JEDNOSTKA)?),
                waluta: catalogue.words.number(row.required(WALUTA)?),
            };
            if let Some(towar) = catalogue.towary.get_mut(place) {
                towar.cena = Some(cena);
            }
        }
    }
    for (place, distances) in distances {
        let nearest = distances.into_iter().zip(Vat::ALL).min();
        if let (Some((_, vat)), Some(towar)) = (nearest, catalogue.towary.get_mut(place)) {
            towar.vat = vat;
        }
    }
    Ok(())
}

fn kontrahenci(catalogue: &mut Catalogue, directory: &Path) -> Result<(), ExportError> {
    const GUID: usize = 0;
    const KOD: usize = 1;
    const NAZWA: usize = 2;
    const NIP: usize = 3;
    const EU_VAT: usize = 4;
    const ULICA: usize = 5;
    const NR_DOMU: usize = 6;
    const NR_LOKALU: usize = 7;
    const KOD_POCZTOWY: usize = 8;
    const MIEJSCOWOSC: usize = 9;
    const TERMIN: usize = 10;
    const WALUTA: usize = 11;
    const RABAT: usize = 12;
    const BLOKADA: usize = 13;
    let export = Export::open(&directory.join("kontrahenci.csv"))?;
    let rows = export.rows([
        "Guid",
        "Kod",
        "Nazwa",
        "NIP",
        "EuVAT",
        "Ulica",
        "NrDomu",
        "NrLokalu",
        "KodPocztowy",
        "Miejscowosc",
        "TerminDni",
        "Waluta",
        "Rabat",
        "BlokadaSprzedazy",
    ])?;
    for row in &rows {
        catalogue.kontrahenci.push(Kontrahent {
            guid: row.guid(GUID)?,
            kod: row.required(KOD)?.to_owned(),
            nazwa: row.required(NAZWA)?.to_owned(),
            nip: row.text(NIP).to_owned(),
            eu_vat: row.text(EU_VAT).to_owned(),
            adres: Adres {
                ulica: row.text(ULICA).to_owned(),
                nr_domu: row.text(NR_DOMU).to_owned(),
                nr_lokalu: row.text(NR_LOKALU).to_owned(),
                kod_pocztowy: row.text(KOD_POCZTOWY).to_owned(),
                miejscowosc: row.text(MIEJSCOWOSC).to_owned(),
                ..Adres::default()
            },
            termin_dni: row.integer(TERMIN)?,
            waluta: row.required(WALUTA)?.to_owned(),
            rabat: row.percent(RABAT)?,
            blokada_sprzedazy: row.flag(BLOKADA)?,
            ..Kontrahent::default()
        });
    }
    Ok(())
}
