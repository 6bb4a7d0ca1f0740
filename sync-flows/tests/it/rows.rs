//! The pages about the rows tell what the catalogue and the clients tell: their tables are made from those by
//! `UPDATE_DOCS=1 cargo test -p sync-flows --all-features --test it rows::`.

use one_client::evidence::{EndpointInfo, Evidence};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use sync_flows::catalog::{Entry, entries};

/// Which page tells of which flow.
const PAGES: [(&str, &[&str]); 9] = [
    ("clients", &["new-clients", "clients", "clients-to-enova", "segments", "contractors"]),
    (
        "credit",
        &[
            "credit-limits",
            "payment-terms",
            "payment-methods",
            "settlements",
            "trade-credits",
            "client-blockades",
        ],
    ),
    ("delivery-notes", &["delivery-notes", "delivery-note-pdfs", "portal-delivery-notes"]),
    ("goods", &["goods", "good-codes"]),
    ("invoices", &["invoices", "invoice-pdfs", "invoice-status", "portal-invoices"]),
    (
        "order-status",
        &["order-status", "order-refusals", "order-status-portal", "order-refusals-portal", "offline-orders"],
    ),
    ("orders", &["orders", "order-outcomes"]),
    (
        "prices",
        &[
            "retail-prices",
            "price-lists",
            "client-prices",
            "price-list-assignments",
            "contractor-prices",
            "price-groups",
        ],
    ),
    ("stock", &["stock", "portal-stock", "warehouses"]),
];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn entry(id: &str) -> &'static Entry {
    sync_flows::catalog::entry(id).unwrap()
}

fn flows(ids: &[&str]) -> String {
    let mut table = String::from(
        "| flow | rows | direction | lane | when | after | stage | needs | what holds |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for flow in ids.iter().map(|id| entry(id)) {
        let stage = flow.stage.map_or("–".to_owned(), |stage| stage.to_string());
        let needs: Vec<&str> = flow.needs.iter().map(|area| area.as_str()).collect();
        let needs = if needs.is_empty() { "–".to_owned() } else { needs.join(", ") };
        let after: Vec<String> = flow.after.iter().map(|id| format!("`{id}`")).collect();
        let after = if after.is_empty() { "–".to_owned() } else { after.join(", ") };
        writeln!(
            table,
            "| `{}` | {} | {} → {} | {} | {} | {after} | {stage} | {needs} | {} |",
            flow.id,
            flow.rows.join(" "),
            flow.from,
            flow.to,
            flow.lane,
            flow.ticks,
            flow.guarantee
        )
        .unwrap();
    }
    table
}

fn endpoint(endpoint: &EndpointInfo) -> String {
    let told =
        |evidence: Option<Evidence>| evidence.map_or("–".to_owned(), |evidence| evidence.to_string());
    let known = &endpoint.evidence;
    let quirks: Vec<String> = known.quirks.iter().map(|quirk| format!("Q{quirk}")).collect();
    format!(
        "| `{}` | {} {} | {} `{}` | {} | {} | {:?} | {} |",
        endpoint.name,
        known.method,
        endpoint.method,
        known.path,
        endpoint.path,
        told(known.request),
        told(known.answer),
        endpoint.effect,
        quirks.join(" ")
    )
}

fn wire(ids: &[&str]) -> String {
    let mut table = String::from(
        "| endpoint of ONe | verb | path | request | answer | effect | quirks |\n|---|---|---|---|---|---|---|\n",
    );
    let rows: BTreeSet<&str> = ids.iter().flat_map(|id| entry(id).rows).copied().collect();
    for known in one_client::evidence::endpoints() {
        if known.evidence.rows.iter().any(|row| rows.contains(row)) {
            writeln!(table, "{}", endpoint(&known)).unwrap();
        }
    }
    table
}

/// The page with this table between the marks of this name.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no mark {name}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no closing mark {name}"));
    format!("{before}{begin}\n{table}\n{end}{after}")
}

#[test]
fn each_page_has_the_tables_of_the_catalogue_and_of_the_evidence() {
    for (name, ids) in PAGES {
        let path = docs().join("rows").join(name).with_extension("md");
        let page = fs::read_to_string(&path).unwrap();
        let mut now = with_table(&page, "flows", &flows(ids));
        if ids.iter().any(|id| entry(id).stage.is_some()) {
            now = with_table(&now, "wire", &wire(ids));
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, now).unwrap();
        } else {
            assert!(page == now, "docs/rows/{name}.md is not current: UPDATE_DOCS=1 makes it so");
        }
    }
}

#[test]
fn each_flow_of_the_catalogue_has_its_page() {
    let mut told: Vec<&str> = PAGES.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let mut known: Vec<&str> = entries().iter().map(|entry| entry.id).collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}

/// The cells of each row of the table of rows.
fn table_of_rows() -> Vec<Vec<String>> {
    let page = fs::read_to_string(docs().join("rows.md")).unwrap();
    let lines = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| row "));
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_row_of_the_requirements_is_in_the_table_with_all_its_flows() {
    let table = table_of_rows();
    let rows: Vec<&str> = table.iter().map(|cells| cells[0].as_str()).collect();
    let ids =
        |letter: &str, last: u32| (1..=last).map(|number| format!("{letter}{number}")).collect::<Vec<_>>();
    let expected = [ids("E", 19), ids("O", 17), ids("G", 11), ids("X", 2)].concat();
    assert_eq!(rows, expected);
    for cells in &table {
        let named: BTreeSet<&str> = quoted(&cells[2]).into_iter().collect();
        let serving: BTreeSet<&str> = entries()
            .iter()
            .filter(|entry| entry.rows.contains(&cells[0].as_str()))
            .map(|entry| entry.id)
            .collect();
        assert!(named.is_superset(&serving), "{}: {named:?} without all of {serving:?}", cells[0]);
        assert!(!named.is_empty() || !cells[2].is_empty(), "{}", cells[0]);
    }
}

fn sources(folder: &Path, all: &mut Vec<(PathBuf, String)>) {
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.is_dir() {
            sources(&file, all);
        } else if file.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&file).unwrap();
            all.push((file, text));
        }
    }
}

/// The tests of the workspace, by their sources.
struct Tests(Vec<(PathBuf, String)>);

impl Tests {
    fn read() -> Self {
        let mut all = Vec::new();
        for (_, folder) in CRATES {
            for part in ["src", "tests"] {
                let folder = root().join(folder).join(part);
                if folder.exists() {
                    sources(&folder, &mut all);
                }
            }
        }
        Self(all)
    }

    /// Whether the crate of this name has this test: a function, a module, or a row of the matrix.
    fn have(&self, named: &str, test: &str) -> bool {
        let (_, folder) =
            CRATES.iter().find(|(name, _)| *name == named).unwrap_or_else(|| panic!("{named:?}"));
        let mut path: Vec<&str> = test.split("::").collect();
        let last = path.pop().unwrap();
        let file: PathBuf = path.iter().collect();
        let spellings = [format!("fn {last}("), format!("mod {last} {{"), format!("{last}: ")];
        self.0.iter().any(|(source, text)| {
            source.starts_with(root().join(folder))
                && (path.is_empty() || source.with_extension("").ends_with(&file))
                && spellings.iter().any(|spelling| text.contains(spelling.as_str()))
        })
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let tests = Tests::read();
    for cells in table_of_rows() {
        assert!(!quoted(&cells[3]).is_empty(), "{}", cells[0]);
        // "crate `test`; crate `test`", without a crate: of this one
        for group in cells[3].split(';') {
            let named = group.split('`').next().unwrap().trim();
            let named = if named.is_empty() { "sync-flows" } else { named };
            for test in quoted(group) {
                assert!(tests.have(named, test), "{}: {named} has no test {test}", cells[0]);
            }
        }
    }
}

#[test]
fn every_test_that_the_failure_catalogue_names_is_there() {
    let tests = Tests::read();
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("| F")).collect();
    assert_eq!(lines.len(), 80);
    for line in lines {
        let cell = line.trim_end_matches('|').rsplit('|').next().unwrap();
        // "core `test`, `test`, flows `test`"
        let mut named = "";
        let mut parts = cell.split('`');
        while let Some(before) = parts.next() {
            let word = before.trim_matches([' ', ',']);
            let Some(test) = parts.next() else { break };
            if !word.is_empty() {
                named = word;
            }
            assert!(tests.have(named, test), "{named} has no test {test}: {line}");
        }
    }
}

/// What the matrix shows of every row, by how its tests begin.
const CELLS: [&str; 7] = [
    "first_run_",
    "no_change_",
    "one_change_",
    "what_is_removed_",
    "a_bad_record_",
    "a_lost_answer_",
    "a_restart_",
];

/// Of the cells those that have a test in this text.
fn cells(text: &str) -> Vec<&'static str> {
    CELLS.into_iter().filter(|cell| text.contains(&format!("async fn {cell}"))).collect()
}

#[test]
fn every_row_that_is_a_flow_has_its_seven_tests_in_the_matrix() {
    let source = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(path).with_extension("rs");
        fs::read_to_string(&path).unwrap()
    };
    assert_eq!(cells(&source("matrix")), CELLS, "of the macro");
    let mut elsewhere = Vec::new();
    for row in table_of_rows().iter().filter(|row| row[0].starts_with(['E', 'O'])) {
        let in_matrix: Vec<&str> =
            quoted(&row[3]).into_iter().filter_map(|test| test.strip_prefix("matrix::")).collect();
        if in_matrix.is_empty() {
            elsewhere.push(row[0].clone());
        }
        for test in in_matrix {
            let (file, name) = test.rsplit_once("::").unwrap();
            let text = source(&format!("matrix/{}", file.replace("::", "/")));
            let by_macro =
                text.lines().any(|line| line.starts_with("rows! {") && line.contains(&format!(" {name}: ")));
            if !by_macro {
                let (_, rest) = text.split_once(&format!("mod {name} {{")).unwrap();
                let (by_hand, _) = rest.split_once("\n}\n").unwrap();
                assert_eq!(cells(by_hand), CELLS, "{test}");
            }
        }
    }
    assert_eq!(elsewhere, ["E13", "E14", "E16", "E18", "E19"], "as ARCHITECTURE.md says");
}

/// By the names of both tables.
const CRATES: [(&str, &str); 12] = [
    ("sync-flows", "sync-flows"),
    ("flows", "sync-flows"),
    ("soneta-webapi", "soneta-webapi"),
    ("enova", "soneta-webapi"),
    ("sync-core", "sync-core"),
    ("core", "sync-core"),
    ("one", "one-client"),
    ("transport", "api-transport"),
    ("bridge", "examples/bridge"),
    ("file-exchange", "examples/file-exchange"),
    ("own-addon", "examples/own-addon"),
    ("simulator", "examples/simulator"),
];
