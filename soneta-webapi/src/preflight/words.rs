//! Words: the dictionaries, whether rows use words that are not in them, custom fields, kinds of documents, and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use chrono::TimeDelta;

use super::areas::Seen;
use super::report::{Check, Report};
use crate::envelope::Rows;
use crate::{ErrorKind, Installation, Kategoria, Result, Slowniki};

/// Clocks that differ by more make cursors and dates of documents wrong.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(60);

/// Reads the dictionaries and compares.
pub(super) async fn look(installation: &Installation, seen: &Seen, report: &mut Report) {
    report.add(clock(seen.ahead));
    if let Ok(slowniki) = installation.slowniki() {
        dictionaries(&*slowniki, seen, report).await;
    }
    cechy(seen, report);
}

fn clock(ahead: Option<TimeDelta>) -> Check {
    let Some(ahead) = ahead else {
        return Check::warning(
            "clock",
            "no list that was read tells the server's clock",
            "Compare the clocks by hand, and have both set by NTP.",
        );
    };
    let finding = format!("the server's clock differs by {} s", ahead.num_seconds());
    if ahead.abs() <= CLOCKS_DIFFER {
        Check::ok("clock", finding)
    } else {
        Check::warning("clock", finding, "Have both clocks set by NTP.")
    }
}

async fn dictionaries(slowniki: &dyn Slowniki, seen: &Seen, report: &mut Report) {
    let magazyny = words(slowniki.list_magazyny().await, |magazyn| magazyn.symbol.clone());
    report.add(magazyny.check("dictionary.warehouses", &seen.magazyny, "stock"));
    let stawki = words(slowniki.list_stawki_vat().await, |stawka| stawka.kod.clone());
    report.add(stawki.check("dictionary.vat_rates", &seen.stawki_vat, "goods"));
    let formy = words(slowniki.list_formy_platnosci().await, |forma| forma.nazwa.clone());
    report.add(formy.check("dictionary.payment_methods", &seen.formy_platnosci, "contractors"));
    let nobody = BTreeSet::new();
    let grupy = words(slowniki.list_grupy_cenowe().await, |grupa| grupa.nazwa.clone());
    report.add(grupy.check("dictionary.price_groups", &nobody, ""));
    report.add(kinds_of_documents(slowniki).await);
    let cechy = words(slowniki.list_cechy().await, |cecha| format!("{}.{}", cecha.tabela, cecha.nazwa));
    report.add(cechy.check("dictionary.cechy", &nobody, ""));
}

/// A dictionary, as far as it was told.
enum Words {
    Told { words: BTreeSet<String>, bad: usize },
    Untold,
    Failed(crate::Error),
}

fn words<T>(rows: Result<Rows<T>>, word: impl Fn(&T) -> String) -> Words {
    match rows {
        Ok(rows) => {
            let bad = rows.iter().filter(|row| row.is_err()).count();
            Words::Told { words: rows.iter().flatten().map(word).collect(), bad }
        }
        // The port's own answer for a list that the add-on does not have.
        Err(error) if error.kind() == ErrorKind::Config => Words::Untold,
        Err(error) => Words::Failed(error),
    }
}

impl Words {
    fn check(self, id: &str, used: &BTreeSet<String>, by: &str) -> Check {
        let told = match self {
            Self::Told { words, bad: 0 } => words,
            Self::Told { words, bad } => return unreadable(id, words.len(), bad),
            Self::Untold => return Check::not_tried(id, "not told by this installation"),
            Self::Failed(error) => return Check::of_error(id, &error),
        };
        let unknown: Vec<_> = used.difference(&told).collect();
        if unknown.is_empty() {
            return Check::ok(id, format!("{} words", told.len())).detail(listed(&told));
        }
        Check::warning(
            id,
            format!("{} words; {by} use {} that are not among them", told.len(), unknown.len()),
            "Mappings by these words will miss; ask whether the dictionary or the rows are right.",
        )
        .detail(listed(unknown))
    }
}

fn unreadable(id: &str, words: usize, bad: usize) -> Check {
    let what_to_do = "Show the dictionary to the partner who made the add-on.";
    Check::warning(id, format!("{words} words, and {bad} rows that cannot be read"), what_to_do)
}

async fn kinds_of_documents(slowniki: &dyn Slowniki) -> Check {
    const ID: &str = "dictionary.documents";
    let rows = match slowniki.list_definicje_dokumentow().await {
        Ok(rows) => rows,
        Err(error) if error.kind() == ErrorKind::Config => {
            return Check::not_tried(ID, "not told by this installation");
        }
        Err(error) => return Check::of_error(ID, &error),
    };
    let bad = rows.iter().filter(|row| row.is_err()).count();
    if bad > 0 {
        return unreadable(ID, rows.len() - bad, bad);
    }
    let mut symbols = BTreeMap::<Kategoria, Vec<String>>::new();
    for definition in rows.into_iter().flatten().filter(|definition| !definition.blokada) {
        symbols.entry(definition.kategoria).or_default().push(definition.symbol);
    }
    let detail =
        listed(symbols.iter().map(|(kind, symbols)| format!("{} = {}", kind.as_str(), symbols.join("/"))));
    if symbols.contains_key(&Kategoria::ZamowienieOdbiorcy) {
        Check::ok(ID, format!("{} kinds of documents", symbols.len())).detail(detail)
    } else {
        Check::warning(
            ID,
            "no definition of customers' orders is in use",
            "Orders need one; ask which symbol this company takes orders under.",
        )
        .detail(detail)
    }
}

/// Cechy that came with rows: proof that they are open for WebAPI.
fn cechy(seen: &Seen, report: &mut Report) {
    for (table, names) in &seen.cechy {
        let id = format!("cechy.{table}");
        let check = if names.is_empty() {
            Check::ok(
                id,
                "no cechy came with the rows; name those that you need, and open them for WebAPI in enova365",
            )
        } else {
            Check::ok(id, format!("{} cechy came with the rows", names.len())).detail(listed(names))
        };
        report.add(check);
    }
}

fn listed<T: Display>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}
