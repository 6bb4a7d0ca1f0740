//! Rows as a stock flow has them, from nowhere to nowhere, through a store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use sync_core::{
    Acquired, Flow, FlowName, FlowSettings, Holder, Identity, Item, Job, JobEnd, Key, Lease, MemoryStore,
    Outcome, Page, Part, PartList, Parts, PostgresSettings, PostgresStore, ReadFrom, Result, RunContext,
    Sink, Source, SourceIdentity, SourceInfo, SourceKind, SqliteStore, Store, Write, run_until_done,
};
use tempfile::TempDir;

pub(crate) const PAGE: usize = 5_000;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stock {
    good: usize,
    warehouse: &'static str,
    available: usize,
    unit: &'static str,
}

pub(crate) fn key(row: usize) -> Key {
    Key::from(format!("{row:08}/MAG"))
}

pub(crate) fn stock(row: usize, available: usize) -> Stock {
    Stock { good: row, warehouse: "MAG", available, unit: "szt" }
}

/// What of the rows has changed since the round before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Nothing,
    /// Each round another half percent of the rows.
    HalfPercent,
}

#[derive(Debug)]
struct Rows {
    count: usize,
    round: usize,
    change: Change,
}

#[async_trait]
impl Source for Rows {
    type Record = Stock;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, SourceIdentity::new("memory", "stock"))
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<Stock, usize>> {
        let start = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(cursor) => *cursor,
        };
        let end = (start + limit).min(self.count);
        let available = |row: usize| match self.change {
            Change::Nothing => row % 97,
            // the rows of round n and before have changed once or more
            Change::HalfPercent => row % 97 + (self.round + 200 - row % 200) / 200,
        };
        let items = (start..end).map(|row| Item::upsert(key(row), stock(row, available(row)))).collect();
        Ok(if end == self.count { Page::last(items, None) } else { Page::more(items, end) })
    }
}

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Sink for Nowhere {
    type Record = Stock;

    fn preferred_batch(&self) -> usize {
        PAGE
    }

    async fn write(&self, batch: &[Write<Stock>]) -> Result<Vec<Outcome>> {
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

/// Contractors with a price list each.
#[derive(Debug)]
struct Lists {
    parts: usize,
    rows: usize,
}

#[async_trait]
impl Parts for Lists {
    type Source = Rows;

    async fn list(&self) -> Result<PartList> {
        Ok((0..self.parts).map(|part| format!("K{part:05}")).collect())
    }

    fn source(&self, _part: &str) -> Rows {
        Rows { count: self.rows, round: 0, change: Change::Nothing }
    }
}

/// One round over `parts` parts of `rows` rows each; tells how many were sent.
pub(crate) async fn round(store: &Arc<dyn Store>, parts: usize, rows: usize) -> u64 {
    let flow = Flow::over_parts(name(), Lists { parts, rows }, Identity, Nowhere, Arc::clone(store));
    let report = run_until_done(&flow, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Done), "{report:?}");
    assert_eq!(report.counts.fetched, (parts * rows) as u64);
    report.counts.applied
}

pub(crate) fn name() -> FlowName {
    FlowName::new("bench/stock").unwrap()
}

/// One cycle over `count` rows; tells how many were sent.
pub(crate) async fn cycle(store: &Arc<dyn Store>, count: usize, round: usize, change: Change) -> u64 {
    let flow = Flow::new(name(), Rows { count, round, change }, Identity, Nowhere, Arc::clone(store))
        .with_settings(FlowSettings::default().page_budget(usize::MAX));
    let tally = flow.step(&RunContext::default()).await.unwrap();
    assert_eq!(tally.counts.fetched, count as u64);
    tally.counts.applied
}

pub(crate) async fn lease(store: &Arc<dyn Store>) -> Lease {
    match store.acquire(&name(), &Holder::unique(), Duration::from_secs(3_600)).await.unwrap() {
        Acquired::Granted(lease) => lease,
        _ => panic!("the lease is free"),
    }
}

/// A store to be measured, emptied as often as needed.
pub(crate) enum Bench {
    Memory,
    Sqlite,
    Postgres(Arc<dyn Store>),
}

impl Bench {
    /// Memory, SQLite, and PostgreSQL where `DATABASE_URL` names one.
    pub(crate) async fn all() -> Vec<(&'static str, Self)> {
        let mut all = vec![("memory", Self::Memory), ("sqlite", Self::Sqlite)];
        if let Ok(url) = std::env::var("DATABASE_URL") {
            let settings = PostgresSettings::default().schema("sync_bench");
            let store = PostgresStore::connect_with(&url, settings).await.unwrap();
            all.push(("postgres", Self::Postgres(Arc::new(store))));
        }
        all
    }

    /// A store that holds nothing of the flow. SQLite's file lives as long as the folder.
    pub(crate) async fn empty(&self) -> (Option<TempDir>, Arc<dyn Store>) {
        match self {
            Self::Memory => (None, Arc::new(MemoryStore::new())),
            Self::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let store = SqliteStore::open(folder.path().join("store.db")).unwrap();
                (Some(folder), Arc::new(store))
            }
            Self::Postgres(store) => {
                let lease = lease(store).await;
                store.forget(&Part::whole(&name()), &lease).await.unwrap();
                store.give_back(&lease).await.unwrap();
                (None, Arc::clone(store))
            }
        }
    }
}
