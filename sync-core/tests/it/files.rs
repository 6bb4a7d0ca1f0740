//! File exchange: exports, drop folders, files that are written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;
use sync_core::files::{Complete, DropFolder, FileFormat, Folder, FullExport, NumberFormat, Row};
use sync_core::testing::MemorySink;
use sync_core::{
    Flow, FlowSettings, Identity, Job, JobEnd, Key, MemoryStore, PartReport, RetrySettings, RunContext,
    Source, SourceIdentity, Store, run_until_done,
};
use tempfile::TempDir;

use crate::world::name;

mod drop_folder;
mod export;
mod orders;
mod written;

pub(crate) const LINE: &str = "ZAŻÓŁĆ GĘŚLĄ JAŹŃ zażółć gęślą jaźń";

/// A record of the files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Stock {
    pub(crate) name: String,
    #[serde(serialize_with = "digits")]
    pub(crate) quantity: Decimal,
}

fn digits<S: serde::Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn format() -> FileFormat {
    FileFormat::csv(["Kod", "Nazwa", "Stan"]).numbers(NumberFormat::comma().groups_by_spaces())
}

fn key(row: &Row<'_>) -> sync_core::Result<Key> {
    Ok(Key::from(row.text("Kod")?))
}

fn stock(row: &Row<'_>) -> sync_core::Result<Stock> {
    Ok(Stock { name: row.text("Nazwa")?.to_owned(), quantity: row.decimal("Stan")? })
}

pub(crate) fn export(place: &Path, format: FileFormat, complete: Complete) -> FullExport<Stock> {
    let folder = Folder::new(place, "stany*", complete).unwrap();
    FullExport::new(SourceIdentity::new("erp", "stock"), folder, format, key, stock)
}

pub(crate) fn drop_folder(place: &Path) -> DropFolder<Stock> {
    let folder = Folder::new(place, "zmiany*", Complete::Renamed).unwrap();
    DropFolder::new(SourceIdentity::new("erp", "changes"), folder, format(), key, stock)
}

/// `Kod;Nazwa;Stan` and a row of each code, with this stock.
pub(crate) fn csv(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(kod, stan)| format!("{kod};{LINE};{stan}\r\n"));
    format!("Kod;Nazwa;Stan\r\n{}", rows.collect::<String>())
}

pub(crate) fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A flow from files into memory.
pub(crate) struct Bench {
    flow: Flow,
    pub(crate) sink: Arc<MemorySink<Stock>>,
    pub(crate) store: Arc<dyn Store>,
}

impl Bench {
    pub(crate) fn new<S: Source<Record = Stock> + 'static>(source: S, batch: usize) -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let sink = Arc::new(MemorySink::new());
        let flow = Flow::new(name(), source, Identity, sink.clone(), store.clone())
            .with_settings(FlowSettings::default().batch(batch).page_budget(1).retry(RetrySettings::none()));
        Self { flow, sink, store }
    }

    /// Runs until nothing is left.
    pub(crate) async fn run(&self) -> sync_core::Result<sync_core::Counts> {
        let report = run_until_done(&self.flow, &RunContext::default()).await;
        match report.end {
            JobEnd::Done => Ok(report.counts),
            JobEnd::Failed(error) => Err(error),
            end => panic!("{end:?}"),
        }
    }

    /// Makes one step of at most one page.
    pub(crate) async fn step(&self) {
        self.flow.step(&RunContext::default()).await.unwrap();
    }

    pub(crate) async fn part(&self) -> PartReport {
        self.flow.status().await.unwrap().parts.remove(0)
    }

    pub(crate) fn holds(&self) -> BTreeMap<String, String> {
        let records = self.sink.records();
        records.into_iter().map(|(key, record)| (key.to_string(), record.quantity.to_string())).collect()
    }
}

pub(crate) fn holding(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
