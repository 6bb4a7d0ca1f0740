//! The process that is killed: this test binary once more.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::{
    Brake, Clock, Flow, FlowName, FlowSettings, Identity, Job, JobEnd, Outcome, PostgresSettings,
    PostgresStore, Result, RunContext, Sink, SqliteStore, Store, SystemClock, Write, run_until_done,
};

use super::world::{Events, Goods, World};

/// So long the next child waits for the lease of one that was killed.
const TTL: Duration = Duration::from_millis(100);

/// The whole wire page of events, and of goods without the fifth that does not exist: so a page is always one wire page.
const BATCHES: [(&str, usize); 2] = [("events", 50), ("goods", 40)];

/// Where the world, the logs and the store are.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) folder: PathBuf,
    /// URL and schema; without them the store is a file in the folder.
    pub(crate) postgres: Option<(String, String)>,
}

impl Home {
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match &self.postgres {
            None => Arc::new(SqliteStore::open(self.folder.join("store.db")).unwrap()),
            Some((url, schema)) => {
                let settings = PostgresSettings::default().schema(schema).connections(3);
                Arc::new(PostgresStore::connect_with(url, settings).await.unwrap())
            }
        }
    }

    /// What a child has sent.
    pub(crate) fn log(&self, child: u32) -> PathBuf {
        self.folder.join(format!("log-{child}"))
    }
}

pub(crate) fn flow_name(flow: &str) -> FlowName {
    FlowName::new(format!("kill/{flow}")).unwrap()
}

/// What a child does.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) home: Home,
    pub(crate) child: u32,
    /// One flow alone.
    pub(crate) only: Option<&'static str>,
    /// So many cycles of each flow; 0 is for ever.
    pub(crate) cycles: u32,
    /// Once so many batches are sent, it waits for a line before the commit; 0 is never.
    pub(crate) gate: u64,
    /// It does not renew its leases, so at the gate it has no call of the store under way.
    pub(crate) lapses: bool,
}

impl Home {
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("KILL_FOLDER", self.folder.to_str().unwrap().to_owned())];
        if let Some((url, schema)) = &self.postgres {
            all.push(("DATABASE_URL", url.clone()));
            all.push(("KILL_SCHEMA", schema.clone()));
        }
        all
    }

    pub(crate) fn of_environment() -> Option<Self> {
        let get = |name| std::env::var(name).ok();
        let folder = PathBuf::from(get("KILL_FOLDER")?);
        let postgres = get("KILL_SCHEMA").map(|schema| (get("DATABASE_URL").unwrap(), schema));
        Some(Self { folder, postgres })
    }
}

impl Task {
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut all = self.home.environment();
        all.extend([
            ("KILL_CHILD", self.child.to_string()),
            ("KILL_ONLY", self.only.unwrap_or_default().to_owned()),
            ("KILL_CYCLES", self.cycles.to_string()),
            ("KILL_GATE", self.gate.to_string()),
            ("KILL_LAPSES", self.lapses.to_string()),
        ]);
        all
    }

    fn of_environment() -> Option<Self> {
        let home = Home::of_environment()?;
        let get = |name| std::env::var(name).ok();
        let only = get("KILL_ONLY").unwrap();
        Some(Self {
            home,
            child: get("KILL_CHILD").unwrap().parse().unwrap(),
            only: BATCHES.iter().map(|(flow, _)| *flow).find(|flow| *flow == only),
            cycles: get("KILL_CYCLES").unwrap().parse().unwrap(),
            gate: get("KILL_GATE").unwrap().parse().unwrap(),
            lapses: get("KILL_LAPSES").unwrap().parse().unwrap(),
        })
    }

    async fn run(&self) {
        let store = self.home.open().await;
        let folder = &self.home.folder;
        let log = Arc::new(Log {
            file: File::create_new(self.home.log(self.child)).unwrap(),
            batches: AtomicU64::new(0),
            gate: self.gate,
        });
        let [events, goods] = BATCHES.map(|(flow, batch)| {
            let settings = FlowSettings::default().batch(batch).lease_ttl(TTL).brake(Brake::off());
            let (name, sink) = (flow_name(flow), Target { flow, log: log.clone() });
            let flow = match flow {
                "events" => Flow::new(name, Events(folder.clone()), Identity, sink, store.clone()),
                _ => Flow::new(name, Goods(folder.clone()), Identity, sink, store.clone()),
            };
            let flow = flow.with_settings(settings);
            if self.lapses { flow.with_clock(Arc::new(NeverLater)) } else { flow }
        });
        tokio::join!(
            self.keep_on("events", &events, &*store, |before| format!("done {}", before.epoch)),
            self.keep_on("goods", &goods, &*store, |_| format!("passed {}", Goods::began(folder))),
        );
    }

    async fn keep_on(&self, name: &str, flow: &Flow, store: &dyn Store, told: impl Fn(World) -> String) {
        let mut cycles = 0;
        while self.only.is_none_or(|only| only == name) && (self.cycles == 0 || cycles < self.cycles) {
            let before = World::read(&self.home.folder);
            match run_until_done(flow, &RunContext::default()).await.end {
                JobEnd::Done => {
                    cycles += 1;
                    say(&told(before));
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                JobEnd::Paused(pause) => {
                    let rest = pause.until() - store.now().await.unwrap();
                    tokio::time::sleep(rest.to_std().unwrap_or_default()).await;
                }
                JobEnd::Failed(error) => return say(&format!("failed {} {:?}", flow.name(), error.kind())),
                end => panic!("{end:?}"),
            }
        }
    }
}

/// A clock whose time to renew a lease never comes.
#[derive(Debug)]
struct NeverLater;

#[async_trait]
impl Clock for NeverLater {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now()
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

/// Tells the parent. Once that is gone, this process ends too.
pub(crate) fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// What was sent, one line per record.
#[derive(Debug)]
struct Log {
    file: File,
    batches: AtomicU64,
    gate: u64,
}

/// A target that outlives the process.
#[derive(Debug)]
struct Target {
    flow: &'static str,
    log: Arc<Log>,
}

#[async_trait]
impl Sink for Target {
    type Record = u64;

    async fn write(&self, batch: &[Write<u64>]) -> Result<Vec<Outcome>> {
        let number = self.log.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let line = |write: &Write<u64>| match write {
            Write::Upsert { key, record, .. } => format!("{} {number} {key} {record}\n", self.flow),
            Write::Remove { key, .. } => format!("{} {number} {key} -\n", self.flow),
        };
        let lines: String = batch.iter().map(line).collect();
        (&self.log.file).write_all(lines.as_bytes()).unwrap();
        say("wrote");
        if number == self.log.gate {
            say("gate");
            // nothing else in this process goes on meanwhile
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

#[tokio::test]
async fn entry_of_the_processes_that_other_tests_start() {
    match Task::of_environment() {
        Some(task) => task.run().await,
        None => println!("by itself it does nothing"),
    }
}
