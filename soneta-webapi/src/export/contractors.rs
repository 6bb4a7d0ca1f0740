//! Checks of contractors.

use std::collections::BTreeMap;

use super::checks::{Checks, twice};
use super::goods::GUID_TWICE;
use super::reader::Export;
use super::report::{Example, ProfileSettings, Severity};
use crate::nip::{Nip, bare_nip};

pub(super) fn profile(export: &Export, checks: &mut Checks<'_>, settings: &ProfileSettings) {
    const GUID: usize = 0;
    const KOD: usize = 1;
    const NAZWA: usize = 2;
    const NIP: usize = 3;
    const EU_VAT: usize = 4;
    const TERMIN: usize = 5;
    const WALUTA: usize = 6;
    const RABAT: usize = 7;
    const BLOKADA: usize = 8;
    const STATUS: usize = 9;
    let table = export.table([
        "Guid",
        "Kod",
        "Nazwa",
        "NIP",
        "EuVAT",
        "TerminDni",
        "Waluta",
        "Rabat",
        "BlokadaSprzedazy",
        "StatusPodmiotu",
    ]);
    checks.columns(&table.missing);
    let rows = &table.rows;
    let codes: Vec<_> = rows.iter().map(|row| (row.line, row.raw(KOD))).collect();
    checks.codes(&codes, settings);

    let has = |column: &str| !table.missing.contains(&column);
    let (mut unreadable, mut nameless, mut blocked) = (vec![], vec![], vec![]);
    let (mut nip_missing, mut nip_wrong, mut odd_terms) = (vec![], vec![], vec![]);
    let (mut terms, mut currencies) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let kod = row.text(KOD);
        let here = || Example::new(row.line, kod);
        if has("Guid") {
            unreadable.extend(row.guid(GUID).err().map(|error| (kod.to_owned(), error)));
        }
        unreadable.extend(row.percent(RABAT).err().map(|error| (kod.to_owned(), error)));
        match row.flag(BLOKADA) {
            Ok(true) => blocked.push(here()),
            Ok(false) => {}
            Err(error) => unreadable.push((kod.to_owned(), error)),
        }
        match row.integer(TERMIN) {
            Ok(days) => {
                if has("TerminDni") {
                    *terms.entry(format!("{days} days")).or_default() += 1;
                }
                if !(0..=settings.longest_termin).contains(&days) {
                    odd_terms.push(Example::noted(row.line, kod, format!("{days} days")));
                }
            }
            Err(error) => unreadable.push((kod.to_owned(), error)),
        }
        if has("Nazwa") && row.text(NAZWA).is_empty() {
            nameless.push(here());
        }
        let nip = bare_nip(row.text(NIP));
        let domestic = !abroad(row.text(EU_VAT)) && row.text(STATUS) != "Finalny";
        match nip.is_empty() {
            true if domestic => nip_missing.push(here()),
            // Numbers of other countries stand in this column too.
            false if domestic && Nip::parse(&nip).is_none() => nip_wrong.push(here()),
            _ => {}
        }
        *currencies.entry(row.text(WALUTA).to_owned()).or_default() += 1;
    }
    checks.unreadable(unreadable);
    let guids =
        rows.iter().filter_map(|row| Some((row.line, row.text(KOD), row.guid(GUID).ok()?.to_string())));
    checks.add("no Guid occurs twice", Severity::Failed, twice(guids), GUID_TWICE);
    checks.add("every contractor has a name", Severity::Failed, nameless, "Give it one in the ERP.");
    let nips = rows.iter().map(|row| (row.line, row.text(KOD), bare_nip(row.text(NIP))));
    checks.add(
        "no NIP occurs twice",
        Severity::Warning,
        twice(nips.filter(|(_, _, nip)| !nip.is_empty())),
        "Are these branches of one firm, or one firm entered twice? Decide which one a shop's account belongs to.",
    );
    checks.add(
        "every domestic firm has a NIP",
        Severity::Warning,
        nip_missing,
        "Firms need one for invoices (KSeF); mark consumers as `Finalny`, and give foreign firms their EuVAT.",
    );
    checks.add(
        "every NIP of a domestic firm has ten digits and a right check digit",
        Severity::Warning,
        nip_wrong,
        "A digit is wrong: ask the firm, or look it up in the tax office's list.",
    );
    checks.add(
        "terms of payment are not odd",
        Severity::Warning,
        odd_terms,
        "Below zero, or longer than `longest_termin`: a typing error, or a code for something else?",
    );
    checks.count("terms of payment", terms);
    checks.add(
        "no contractor is blocked for sale",
        Severity::Warning,
        blocked,
        "Give them no account on the portal, or show them that they cannot buy.",
    );
    checks.count("currencies", currencies);
}

/// Whether a number for the EU begins with the letters of another country.
fn abroad(eu_vat: &str) -> bool {
    let country: String = eu_vat.chars().take(2).collect();
    country.chars().all(char::is_alphabetic) && !country.is_empty() && !country.eq_ignore_ascii_case("PL")
}
