//! Checks of goods and their prices.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use super::checks::{Checks, twice};
use super::reader::Export;
use super::report::{Example, ProfileSettings, Severity};

/// Words for the same unit, without dots and in small letters.
const SAME_UNIT: [(&str, &[&str]); 6] = [
    ("szt", &["sztuka", "sztuki", "sztuk"]),
    ("opak", &["op", "opakowanie", "opakowania"]),
    ("kpl", &["kmpl", "komplet", "komplety"]),
    ("kg", &["kilogram", "kilogramy"]),
    ("para", &["pary", "par"]),
    ("l", &["litr", "litry"]),
];

/// VAT rates in percent, the usual one first.
const RATES: [i64; 4] = [23, 8, 5, 0];

/// What prices have to fit to.
pub(super) struct Goods {
    /// Base unit and line by code; blocked goods need no price.
    units: BTreeMap<String, (String, u64)>,
    blocked: BTreeSet<String>,
}

impl Goods {
    pub(super) fn profile(export: &Export, checks: &mut Checks<'_>, settings: &ProfileSettings) -> Self {
        const GUID: usize = 0;
        const KOD: usize = 1;
        const NAZWA: usize = 2;
        const EAN: usize = 3;
        const TYP: usize = 4;
        const JEDNOSTKA: usize = 5;
        const MASA: usize = 6;
        const BLOKADA: usize = 7;
        let table = export.table(["Guid", "Kod", "Nazwa", "EAN", "Typ", "Jednostka", "MasaNetto", "Blokada"]);
        checks.columns(&table.missing);
        let rows = &table.rows;
        let codes: Vec<_> = rows.iter().map(|row| (row.line, row.raw(KOD))).collect();
        checks.codes(&codes, settings);

        let has = |column: &str| !table.missing.contains(&column);
        let mut goods = Self { units: BTreeMap::new(), blocked: BTreeSet::new() };
        let (mut unreadable, mut nameless, mut ean_missing, mut ean_wrong) = (vec![], vec![], vec![], vec![]);
        let (mut types, mut units) = (BTreeMap::new(), BTreeMap::new());
        for row in rows {
            let kod = row.text(KOD);
            let example = |column| Example::noted(row.line, kod, row.text(column));
            if has("Guid") {
                unreadable.extend(row.guid(GUID).err().map(|error| (kod.to_owned(), error)));
            }
            unreadable.extend(row.quantity(MASA).err().map(|error| (kod.to_owned(), error)));
            match row.flag(BLOKADA) {
                Ok(true) => drop(goods.blocked.insert(kod.to_owned())),
                Ok(false) => {}
                Err(error) => unreadable.push((kod.to_owned(), error)),
            }
            if has("Nazwa") && row.text(NAZWA).is_empty() {
                nameless.push(Example::new(row.line, kod));
            }
            match row.text(EAN) {
                "" if has("EAN") => ean_missing.push(Example::new(row.line, kod)),
                "" => {}
                ean if !ean_is_right(ean) => ean_wrong.push(example(EAN)),
                _ => {}
            }
            if has("Typ") {
                *types.entry(row.text(TYP).to_owned()).or_default() += 1;
            }
            *units.entry(row.text(JEDNOSTKA).to_owned()).or_default() += 1;
            goods.units.entry(kod.to_owned()).or_insert_with(|| (row.text(JEDNOSTKA).to_owned(), row.line));
        }
        checks.unreadable(unreadable);
        let guids =
            rows.iter().filter_map(|row| Some((row.line, row.text(KOD), row.guid(GUID).ok()?.to_string())));
        checks.add("no Guid occurs twice", Severity::Failed, twice(guids), GUID_TWICE);
        checks.add(
            "every good has a name",
            Severity::Failed,
            nameless,
            "Give it one in the ERP, or keep it off the portal.",
        );
        let eans = rows.iter().map(|row| (row.line, row.text(KOD), row.text(EAN).to_owned()));
        checks.add(
            "no EAN occurs twice",
            Severity::Warning,
            twice(eans.filter(|(_, _, ean)| !ean.is_empty())),
            "Do not look goods up by EAN before this is mended.",
        );
        checks.add(
            "every good has an EAN",
            Severity::Warning,
            ean_missing,
            "Marketplaces and scanners need it; a shop with codes of its own does not.",
        );
        checks.add(
            "every EAN has 8, 12, 13 or 14 digits and a right check digit",
            Severity::Warning,
            ean_wrong,
            "Compare with the packaging: a digit is wrong, missing or doubled.",
        );
        checks.count("kinds of goods", types);
        let unit = |unit: &str| rows.iter().find(|row| row.text(JEDNOSTKA) == unit);
        let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in units.keys().filter(|name| !name.is_empty()) {
            names.entry(unit_key(name)).or_default().push(name);
        }
        let alike = names.values().filter(|names| names.len() > 1).filter_map(|names| {
            let row = unit(names.last()?)?;
            Some(Example::noted(row.line, row.text(KOD), names.join(" = ")))
        });
        checks.add(
            "no unit has two names",
            Severity::Warning,
            alike.collect(),
            "Merge them in the ERP, or map both to one unit of the other side.",
        );
        let without = rows.iter().filter(|row| row.text(JEDNOSTKA).is_empty());
        checks.add(
            "every good has a unit",
            Severity::Failed,
            without.map(|row| Example::new(row.line, row.text(KOD))).collect(),
            "Give it one in the ERP: quantities mean nothing without.",
        );
        checks.count("units", units);
        goods
    }
}

/// Said of goods and of contractors.
pub(super) const GUID_TWICE: &str =
    "One row was exported twice, or copied between databases: export anew, then ask who keeps the database.";

pub(super) fn prices(
    export: &Export,
    checks: &mut Checks<'_>,
    goods: Option<&Goods>,
    settings: &ProfileSettings,
) {
    const KOD: usize = 0;
    const DEFINICJA: usize = 1;
    const NETTO: usize = 2;
    const BRUTTO: usize = 3;
    const WALUTA: usize = 4;
    const ILOSC: usize = 5;
    const JEDNOSTKA: usize = 6;
    let columns = ["KodTowaru", "DefinicjaCeny", "Netto", "Brutto", "Waluta", "Ilosc", "Jednostka"];
    let table = export.table(columns);
    checks.columns(&table.missing);
    let rows = &table.rows;
    let has = |column: &str| !table.missing.contains(&column);

    let (mut unreadable, mut zero, mut negative, mut above) = (vec![], vec![], vec![], vec![]);
    let (mut unknown, mut other_unit) = (vec![], vec![]);
    let (mut lists, mut currencies) = (BTreeMap::new(), BTreeMap::new());
    let mut priced = BTreeSet::new();
    // By good: which rates fit to all of its prices, and where the first one stands.
    let mut rates: BTreeMap<&str, (u64, Vec<i64>)> = BTreeMap::new();
    for row in rows {
        let kod = row.text(KOD);
        let here = || Example::noted(row.line, kod, row.text(DEFINICJA));
        *lists.entry(row.text(DEFINICJA).to_owned()).or_default() += 1;
        *currencies.entry(row.text(WALUTA).to_owned()).or_default() += 1;
        match goods.map(|goods| goods.units.get(kod)) {
            Some(None) => unknown.push(here()),
            Some(Some((unit, _))) if has("Jednostka") && row.text(JEDNOSTKA) != unit => {
                other_unit.push(Example::noted(row.line, kod, format!("{unit} / {}", row.text(JEDNOSTKA))));
            }
            _ => {}
        }
        if has("Ilosc") {
            unreadable.extend(row.decimal(ILOSC).err().map(|error| (kod.to_owned(), error)));
        }
        let (netto, brutto) = match (row.decimal(NETTO), row.decimal(BRUTTO)) {
            (Ok(netto), Ok(brutto)) => (netto, brutto),
            (Ok(netto), Err(_)) if !has("Brutto") => (netto, netto),
            (netto, brutto) => {
                unreadable
                    .extend([netto.err(), brutto.err()].into_iter().flatten().map(|e| (kod.to_owned(), e)));
                continue;
            }
        };
        match () {
            () if netto.min(brutto) < Decimal::ZERO => negative.push(here()),
            () if netto.is_zero() || brutto.is_zero() => zero.push(here()),
            () if netto > brutto => above.push(here()),
            () => {
                if row.text(DEFINICJA) == settings.definicja_ceny {
                    priced.insert(kod);
                }
                if has("Brutto") {
                    let (_, rates) = rates.entry(kod).or_insert_with(|| (row.line, RATES.to_vec()));
                    rates.retain(|rate| fits(netto, brutto, *rate));
                }
            }
        }
    }
    checks.unreadable(unreadable);
    checks.add(
        "every price is of a good that is there",
        Severity::Warning,
        unknown,
        "Export goods and prices with the same filter; prices of goods that are not there are ignored.",
    );
    let keys = rows.iter().map(|row| {
        let key = [KOD, DEFINICJA, WALUTA, ILOSC, JEDNOSTKA].map(|column| row.text(column));
        (row.line, row.text(KOD), key.join("\u{1f}"))
    });
    checks.add(
        "no price occurs twice",
        Severity::Failed,
        twice(keys),
        "Which one holds cannot be told: remove one, or export the lists with their dates.",
    );
    checks.add("no price is below zero", Severity::Failed, negative, "Correct it in the ERP.");
    checks.add(
        "no price is zero",
        Severity::Warning,
        zero,
        "Is it a gift, or was the price never set? Keep the good off the portal until it has one.",
    );
    checks.add(
        "no net price is above the gross one",
        Severity::Failed,
        above,
        "Columns are exchanged, or one price was not recalculated.",
    );
    if let Some(goods) = goods {
        let without = goods.units.iter().filter(|(kod, _)| !priced.contains(kod.as_str()));
        let without = without.filter(|(kod, _)| !goods.blocked.contains(*kod));
        let mut without: Vec<_> = without.map(|(kod, (_, line))| Example::new(*line, kod)).collect();
        without.sort_by_key(|example| example.line);
        checks.add(
            "every good that is not blocked has a retail price above zero",
            Severity::Warning,
            without,
            "Lines are those of the goods' file. Set a price in the list `definicja_ceny`, or keep the good off the portal.",
        );
    }
    checks.add(
        "prices are per base unit",
        Severity::Warning,
        other_unit,
        "Goods' unit / price's unit. Recalculate with the unit's factor before prices are shown.",
    );
    let none = rates.iter().filter(|(_, (_, rates))| rates.is_empty());
    checks.add(
        "net and gross fit to one VAT rate of 23, 8, 5 or 0 %",
        Severity::Warning,
        none.map(|(kod, (line, _))| Example::new(*line, kod)).collect(),
        "Gross prices were typed by hand, or the rate is another one: take the rate from the ERP, never from prices.",
    );
    let mut derived = BTreeMap::new();
    for (_, rates) in rates.values() {
        let rates: Vec<_> = rates.iter().map(|rate| format!("{rate}%")).collect();
        *derived.entry(rates.join(" or ")).or_default() += 1;
    }
    checks.count("VAT rates of goods, derived from prices", derived);
    checks.count("price lists", lists);
    checks.count("currencies", currencies);
}

/// To the grosz, in either direction of calculation.
fn fits(netto: Decimal, brutto: Decimal, percent: i64) -> bool {
    let factor = Decimal::ONE + Decimal::new(percent, 2);
    let round = |value: Decimal| value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let gross = netto.checked_mul(factor).map(round);
    let net = brutto.checked_div(factor).map(round);
    gross == Some(brutto) || net == Some(netto)
}

/// `szt.`, `Szt`, `sztuka` are the same unit.
fn unit_key(unit: &str) -> String {
    let key: String =
        unit.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let same = SAME_UNIT.iter().find(|(_, words)| words.contains(&key.as_str()));
    same.map_or(key, |(name, _)| (*name).to_owned())
}

/// GTIN-8, -12, -13 or -14: from the right every second digit counts three times.
fn ean_is_right(ean: &str) -> bool {
    let digits: Option<Vec<u32>> = ean.chars().map(|sign| sign.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| matches!(digits.len(), 8 | 12 | 13 | 14)) else { return false };
    let weighed = digits.iter().rev().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight);
    weighed.sum::<u32>() % 10 == 0
}
