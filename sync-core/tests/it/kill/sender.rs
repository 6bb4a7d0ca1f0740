//! The process that sends orders and is killed, and the target that outlives it.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sync_core::{
    Act, ActFilter, ActKind, Created, DispatchSettings, Dispatcher, Error, ErrorKind, Flow, FlowSettings,
    Item, Job, JobEnd, Page, ReadFrom, Result, RunContext, Source, SourceIdentity, SourceInfo, SourceKind,
    Store, Submission, Submitter, run_until_done,
};

use super::Random;
use super::child::{Home, flow_name, say};
use crate::dispatch::Orders;

/// How many orders there are in the end.
pub(crate) const ORDERS: usize = 1_000;
const ORDER_KEYS: usize = 60;
const WIRE_PAGE: usize = 50;
/// So long the flow's lease and the claims of one that was killed stay behind.
const TTL: Duration = Duration::from_millis(400);

pub(crate) fn op_key(order: usize) -> String {
    format!("o{order:04}")
}

pub(crate) fn order_key(order: usize) -> String {
    format!("k{}", order % ORDER_KEYS)
}

/// So many orders were given so far.
#[derive(Debug)]
struct Portal(PathBuf);

pub(crate) fn give_orders(folder: &Path, count: usize) {
    std::fs::write(folder.join("orders.new"), count.to_string()).unwrap();
    std::fs::rename(folder.join("orders.new"), folder.join("orders")).unwrap();
}

#[async_trait]
impl Source for Portal {
    type Record = (String, String);
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("portal", "orders"))
    }

    async fn read(&self, from: ReadFrom<&usize>, _: usize) -> Result<Page<(String, String), usize>> {
        let all: usize = std::fs::read_to_string(self.0.join("orders")).unwrap().parse().unwrap();
        let start = if let ReadFrom::After(cursor) = from { *cursor } else { 0 };
        let next = all.min(start + WIRE_PAGE);
        let item = |n| Item::upsert(op_key(n), (order_key(n), format!("lines of {n}")));
        let items = (start..next).map(item).collect();
        Ok(if next < all { Page::more(items, next) } else { Page::last(items, Some(next)) })
    }
}

/// A line of the target's file is as long as a part of a page of memory, so that a kill cannot tear it.
const LINE: usize = 64;

/// What the target has made, in order: op key, order key, guid.
pub(crate) fn documents(folder: &Path) -> Vec<[String; 3]> {
    let bytes = std::fs::read(folder.join("documents")).unwrap_or_default();
    let lines = bytes.chunks(LINE).map(|line| {
        let line = std::str::from_utf8(line).unwrap();
        let fields: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        fields.try_into().unwrap()
    });
    lines.collect()
}

/// How many acts look-ups have found.
pub(crate) fn found(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("found")).unwrap_or_default().len()
}

/// Where a sender waits for a line while it submits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    None,
    /// It has asked for something and has made nothing yet.
    Before,
    /// The document is made.
    After,
}

/// A target in files: it makes a document at each submit, so that a second one is seen.
#[derive(Debug)]
struct Erp {
    folder: PathBuf,
    gate: Gate,
    /// Trouble at random.
    random: Option<Mutex<Random>>,
}

impl Erp {
    fn append(&self, file: &str, text: &str) {
        let mut file: File =
            OpenOptions::new().create(true).append(true).open(self.folder.join(file)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn make(&self, act: &Act) -> Created {
        let line = format!("{} {} {}", act.op_key, act.order_key, act.guid);
        self.append("documents", &format!("{line:<width$}\n", width = LINE - 1));
        say("sent");
        Created::new(act.guid.to_string())
    }

    /// Nothing in this process goes on until a line comes.
    fn stand_still(said: &str) {
        say(said);
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
}

#[async_trait]
impl Submitter for Erp {
    async fn submit(&self, act: &Act) -> Submission {
        let dice = self.random.as_ref().map_or(99, |random| random.lock().unwrap().below(60));
        let lost = || Submission::InDoubt(Error::new(ErrorKind::Ambiguous, "the answer was lost"));
        if self.gate == Gate::Before {
            Self::stand_still("gate");
        }
        tokio::task::yield_now().await;
        match dice {
            0 | 1 => return Submission::NotSent(Error::transient("not connected")),
            2 => return lost(),
            _ => {}
        }
        let created = self.make(act);
        match dice {
            3 | 4 => return lost(),
            // the process dies between the document and its settlement
            5 => Self::stand_still("dying"),
            6 => std::future::pending().await,
            _ => {}
        }
        if self.gate == Gate::After {
            Self::stand_still("gate");
        }
        Submission::Done(created)
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let guid = act.guid.to_string();
        let is_there = documents(&self.folder).iter().any(|[_, _, of]| *of == guid);
        if is_there {
            self.append("found", ".");
        }
        Ok(is_there.then(|| Created::new(guid)))
    }
}

/// What a sender does.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) home: Home,
    /// Trouble of this seed; without one there is none.
    pub(crate) seed: Option<u64>,
    pub(crate) gate: Gate,
}

impl Sender {
    pub(crate) const ENTRY: &str = "kill::sender::entry_of_the_senders_that_other_tests_start";

    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut all = self.home.environment();
        let gate = match self.gate {
            Gate::None => "",
            Gate::Before => "before",
            Gate::After => "after",
        };
        all.push(("SENDER_GATE", gate.to_owned()));
        all.push(("SENDER_SEED", self.seed.map(|seed| seed.to_string()).unwrap_or_default()));
        all
    }

    fn of_environment() -> Option<Self> {
        let gate = match std::env::var("SENDER_GATE").ok()?.as_str() {
            "before" => Gate::Before,
            "after" => Gate::After,
            _ => Gate::None,
        };
        let seed = std::env::var("SENDER_SEED").unwrap().parse().ok();
        Some(Self { home: Home::of_environment()?, seed, gate })
    }

    pub(crate) fn flow(&self, store: Arc<dyn Store>) -> Flow {
        let settings = FlowSettings::default().batch(WIRE_PAGE).lease_ttl(TTL);
        let portal = Portal(self.home.folder.clone());
        Flow::to_outbox(flow_name("orders"), portal, Orders, store).with_settings(settings)
    }

    fn dispatcher(&self, store: Arc<dyn Store>) -> Dispatcher {
        let settings = DispatchSettings::default()
            .claim_ttl(TTL)
            .visibility_lag(Duration::from_millis(20))
            .lookups(2, Duration::from_millis(40))
            .retry(Duration::from_millis(5), Duration::from_millis(50));
        let random = self.seed.map(|seed| Mutex::new(Random(seed)));
        let erp = Erp { folder: self.home.folder.clone(), gate: self.gate, random };
        Dispatcher::new(flow_name("out"), [ActKind::from("order")], erp, store).with_settings(settings)
    }

    async fn run(&self) {
        let store = self.home.open().await;
        let dispatcher = self.dispatcher(store.clone());
        if self.gate != Gate::None {
            let counts = dispatcher.step(&RunContext::default()).await.unwrap().counts;
            return say(&format!("applied {} in doubt {}", counts.applied, counts.in_doubt));
        }
        let flow = self.flow(store.clone());
        let enqueueing = async {
            loop {
                match run_until_done(&flow, &RunContext::default()).await.end {
                    // the other sender has the lease
                    JobEnd::Done | JobEnd::Paused(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                    end => panic!("{end:?}"),
                }
            }
        };
        let dispatching = async {
            loop {
                let end = run_until_done(&dispatcher, &RunContext::default()).await.end;
                assert!(matches!(end, JobEnd::Done), "{end:?}");
                let is_all = store.acts(&ActFilter::settled()).await.unwrap().len() == ORDERS;
                if is_all && self.seed.is_none() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            () = enqueueing => {}
            () = dispatching => {}
        }
    }

    /// Sends on until every order is settled.
    pub(crate) async fn run_to_the_end(&self, count: usize) {
        let store = self.home.open().await;
        let dispatcher = self.dispatcher(store.clone());
        while store.acts(&ActFilter::settled()).await.unwrap().len() < count {
            let end = run_until_done(&dispatcher, &RunContext::default()).await.end;
            assert!(matches!(end, JobEnd::Done), "{end:?}");
        }
    }
}

#[tokio::test]
async fn entry_of_the_senders_that_other_tests_start() {
    match Sender::of_environment() {
        Some(sender) => sender.run().await,
        None => println!("by itself it does nothing"),
    }
}
