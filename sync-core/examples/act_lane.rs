//! The act lane: orders of a shop become documents of an ERP, each exactly once.
//!
//! `cargo run -p sync-core --example act_lane`

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sync_core::{
    Act, ActKind, ActState, ActStatus, Counts, Created, DispatchSettings, Dispatcher, Error, ErrorKind, Flow,
    FlowName, Item, Job, JobEnd, Key, Links, Mapped, Mapper, MemoryStore, NewAct, Outcome, Page, ReadFrom,
    Reason, Result, RunContext, SettledActs, Sink, Source, SourceIdentity, SourceInfo, SourceKind, Store,
    Submission, Submitter, Write, run_until_done,
};
use uuid::Uuid;

/// What happens in the shop. Money stays text until somebody reads its digits.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Event {
    NewClient { id: String, nip: String },
    Order { id: String, client: String, lines: Vec<(String, u32, String)> },
}

/// The shop's feed of events.
#[derive(Debug)]
struct Feed(Vec<Event>);

#[async_trait]
impl Source for Feed {
    type Record = Event;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("shop", "events"))
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<Event, usize>> {
        let start = if let ReadFrom::After(cursor) = from { *cursor } else { 0 };
        let key = |event: &Event| match event {
            Event::NewClient { id, .. } => Key::from(format!("client:{id}")),
            Event::Order { id, .. } => Key::from(format!("order:{id}")),
        };
        let events = self.0.iter().skip(start).take(limit);
        let items: Vec<_> = events.map(|event| Item::upsert(key(event), event.clone())).collect();
        let next = start + items.len();
        Ok(if next >= self.0.len() { Page::last(items, Some(next)) } else { Page::more(items, next) })
    }
}

#[derive(Debug)]
struct ToActs;

impl Mapper<Event> for ToActs {
    type Out = NewAct;

    fn map(&self, key: &Key, event: Event, _links: &Links) -> Result<Mapped<NewAct>, Reason> {
        // the name follows from the business fact: whatever comes again is the same act
        let name = format!("demo/{key}");
        let act = match &event {
            Event::NewClient { .. } => NewAct::new(name.as_str(), name.as_str(), "client", &event, &event)?,
            // the order waits until its client is there
            Event::Order { client, .. } => {
                NewAct::new(name.as_str(), name.as_str(), "order", &event, &event)?
                    .after(format!("demo/client:{client}"))
            }
        };
        Ok(Mapped::Send(act))
    }
}

/// Stands for the ERP. The first answer to an order gets lost.
#[derive(Debug, Default)]
struct Erp {
    documents: Mutex<Vec<(Uuid, Created)>>,
    has_lost_one: AtomicBool,
}

#[async_trait]
impl Submitter for Erp {
    async fn submit(&self, act: &Act) -> Submission {
        // one create call; its fields are the frozen `act.payload`, its key is `act.guid`
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let number = format!("{}/{}", act.kind, documents.len() + 1);
        let created = Created::new(act.guid.to_string()).with_number(number);
        documents.push((act.guid, created.clone()));
        if act.kind.as_str() == "order" && !self.has_lost_one.swap(true, Ordering::Relaxed) {
            println!("  erp: {} is made, and the answer is lost", act.op_key);
            return Submission::InDoubt(Error::new(ErrorKind::Ambiguous, "the connection broke"));
        }
        println!("  erp: {} is made", act.op_key);
        Submission::Done(created)
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        println!("  erp: is {} there?", act.op_key);
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(documents.iter().find(|(guid, _)| *guid == act.guid).map(|(_, created)| created.clone()))
    }
}

/// Tells the shop what became of its orders: settled acts are a source like any other.
#[derive(Debug)]
struct Numbers;

impl Mapper<ActStatus> for Numbers {
    type Out = String;

    fn map(&self, _key: &Key, status: ActStatus, _links: &Links) -> Result<Mapped<String>, Reason> {
        let number = status.created.and_then(|created| created.number);
        Ok(Mapped::Send(match status.state {
            ActState::Done => number.unwrap_or_default(),
            _ => "refused".to_owned(),
        }))
    }
}

#[derive(Debug)]
struct Shop;

#[async_trait]
impl Sink for Shop {
    type Record = String;

    async fn write(&self, batch: &[Write<String>]) -> Result<Vec<Outcome>> {
        for write in batch {
            if let Write::Upsert { key, record, .. } = write {
                println!("  shop: {key} is {record}");
            }
        }
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

async fn run(job: &dyn Job) -> Result<Counts> {
    println!("{}", job.name());
    let report = run_until_done(job, &RunContext::default()).await;
    match report.end {
        JobEnd::Failed(error) => Err(error),
        _ => Ok(report.counts),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let client = |id: &str, nip: &str| Event::NewClient { id: id.to_owned(), nip: nip.to_owned() };
    let order = |id: &str, client: &str| {
        let lines = vec![("MŁOTEK".to_owned(), 3, "24.90".to_owned())];
        Event::Order { id: id.to_owned(), client: client.to_owned(), lines }
    };
    // the order is told before its client
    let feed =
        Feed(vec![order("71", "c5"), client("c5", "5252248498"), order("72", "c5"), order("71", "c5")]);

    // `SqliteStore` and `PostgresStore` keep it over a restart
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let erp = Arc::new(Erp::default());
    let orders = Flow::to_outbox(FlowName::new("demo/orders")?, feed, ToActs, store.clone());
    // looked up at once, so that the example does not wait
    let settings = DispatchSettings::default().visibility_lag(Duration::ZERO).lookups(2, Duration::ZERO);
    let kinds = ["client", "order"].map(ActKind::from);
    let dispatcher = Dispatcher::new(FlowName::new("demo/orders-out")?, kinds, erp.clone(), store.clone())
        .with_settings(settings);
    let settled = SettledActs::new(store.clone(), [ActKind::from("order")]);
    let numbers = Flow::new(FlowName::new("demo/order-numbers")?, settled, Numbers, Shop, store.clone());

    run(&orders).await?;
    run(&dispatcher).await?;
    let told = run(&numbers).await?;

    let documents = erp.documents.lock().unwrap_or_else(PoisonError::into_inner).len();
    assert_eq!((documents, told.applied), (3, 2), "a client and two orders, though one answer was lost");
    Ok(())
}
