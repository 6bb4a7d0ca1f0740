//! The README's tables are made from the code.

use one_client::Effect;
use one_client::evidence::{self, EndpointInfo, Evidence};
use std::fmt::Write;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

fn mark(evidence: Option<Evidence>) -> &'static str {
    match evidence {
        Some(Evidence::Documented) => "D",
        Some(Evidence::ExampleOnly) => "E",
        Some(Evidence::PathOnly) => "P",
        Some(Evidence::Inferred) => "**I**",
        _ => "–",
    }
}

fn row(endpoint: &EndpointInfo) -> String {
    let known = &endpoint.evidence;
    let quirks: Vec<_> = known.quirks.iter().map(|quirk| format!("Q{quirk}")).collect();
    let effect = match endpoint.effect {
        Effect::Idempotent => format!("Idempotent ({})", mark(Some(known.repeat))),
        other => format!("{other:?}"),
    };
    let (_, name) = endpoint.name.split_once("::").unwrap();
    let (_, path) = endpoint.path.split_once('…').unwrap();
    format!(
        "| `{name}` | {} {} | {} `{path}` | {effect} | {} | {} | {} | {} |\n",
        mark(Some(known.method)),
        endpoint.method,
        mark(Some(known.path)),
        mark(known.request),
        mark(known.answer),
        quirks.join(" "),
        known.rows.join(" "),
    )
}

/// One table per module.
fn endpoints() -> String {
    let mut tables = String::new();
    let mut module_before = String::new();
    for endpoint in evidence::endpoints() {
        let (module, _) = endpoint.name.split_once("::").unwrap();
        let (service, _) = endpoint.path.split_once('…').unwrap();
        if module != module_before {
            writeln!(tables, "\n### `{module}`: `/api/v1/{service}…`\n").unwrap();
            tables.push_str("| endpoint | verb | path | effect | request | answer | quirks | rows |\n");
            tables.push_str("|---|---|---|---|---|---|---|---|\n");
            module.clone_into(&mut module_before);
        }
        tables.push_str(&row(&endpoint));
    }
    tables
}

fn not_built() -> String {
    let mut table = String::from("| service | what | known |\n|---|---|---|\n");
    for missing in evidence::NOT_BUILT {
        writeln!(table, "| {} | {} | {} |", missing.service, missing.what, missing.known).unwrap();
    }
    table
}

/// The text with what stands between the markers replaced.
fn with(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: made by a test -->\n"), format!("<!-- end of {name} -->"));
    let (head, rest) = text.split_once(&begin).unwrap();
    let (_, tail) = rest.split_once(&end).unwrap();
    format!("{head}{begin}\n{table}\n{end}{tail}")
}

#[test]
fn the_tables_of_the_readme_are_those_of_the_code() {
    let told = std::fs::read_to_string(README).unwrap();
    let made = with(&with(&told, "endpoints", &endpoints()), "not built", &not_built());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(README, &made).unwrap();
    } else {
        assert!(told == made, "run this test once with UPDATE_README=1");
    }
}

#[test]
fn every_row_of_the_requirements_has_an_endpoint() {
    let endpoints = evidence::endpoints();
    for row in 1..=17 {
        let row = format!("O{row}");
        assert!(endpoints.iter().any(|endpoint| endpoint.evidence.rows.contains(&row.as_str())), "{row}");
    }
}
