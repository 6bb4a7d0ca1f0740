//! Open links: what is still under way on the other side.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sync_core::{
    Error, ErrorKind, Flow, FlowName, FlowSettings, Identity, Item, Link, LinkRef, MemoryStore, OpenLinks,
    Outcome, ReadFrom, Result, Sink, Source, SourceIdentity, Store, Write,
};

use crate::world::finish;

/// Takes the status of orders; `done` is the last one.
#[derive(Debug, Default)]
struct Statuses(Mutex<Vec<String>>);

#[async_trait]
impl Sink for Statuses {
    type Record = String;

    async fn write(&self, batch: &[Write<String>]) -> Result<Vec<Outcome>> {
        let outcome = |write: &Write<String>| match write {
            Write::Upsert { key, record, .. } => {
                self.0.lock().unwrap().push(format!("{key} {record}"));
                let outcome = Outcome::applied();
                let is_over = record == "done";
                Ok(if is_over { outcome.closing(LinkRef::of_a("order", key.as_str())) } else { outcome })
            }
            Write::Remove { key, .. } => Err(Error::bug(format!("{key} is not gone"))),
        };
        batch.iter().map(outcome).collect()
    }
}

#[tokio::test]
async fn open_orders_are_asked_for_until_they_are_done_and_none_is_taken_for_deleted() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let links: Vec<_> =
        (1..=5).map(|n| Link::new("order", format!("o{n}"), format!("D{n}")).open()).collect();
    store.put_links(&links).await.unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let done = Arc::new(Mutex::new(vec!["D2"]));
    let ask = {
        let (asked, done) = (asked.clone(), done.clone());
        move |links: Vec<Link>| {
            let ids: Vec<String> = links.iter().map(|link| link.b.clone()).collect();
            asked.lock().unwrap().push(ids.join(" "));
            let status = |link: &Link| {
                let is_done = done.lock().unwrap().contains(&link.b.as_str());
                Item::upsert(link.a.as_str(), if is_done { "done" } else { "open" }.to_owned())
            };
            // the other side knows nothing of D4
            let known = links.iter().filter(|link| link.b != "D4");
            let items: Vec<Item<String>> = known.map(status).collect();
            async move { Ok(items) }
        }
    };
    let source = OpenLinks::new(store.clone(), "order", SourceIdentity::new("erp", "order status"), 2, ask);
    let sink = Arc::new(Statuses::default());
    let name = FlowName::new("demo/status").unwrap();
    let flow = Flow::new(name, source, Identity, sink.clone(), store.clone())
        .with_settings(FlowSettings::default().batch(2));
    let told = || std::mem::take(&mut *sink.0.lock().unwrap());
    let asked = || std::mem::take(&mut *asked.lock().unwrap());
    finish(&flow).await;
    assert_eq!(asked(), ["D1 D2", "D3 D4", "D5"]);
    assert_eq!(told(), ["o1 open", "o2 done", "o3 open", "o5 open"]);
    finish(&flow).await;
    assert_eq!(asked(), ["D1 D3", "D4 D5"]);
    assert_eq!(told(), Vec::<String>::new());
    done.lock().unwrap().extend(["D1", "D3", "D5"]);
    for _ in 0..3 {
        finish(&flow).await;
    }
    assert_eq!(told(), ["o1 done", "o3 done", "o5 done"]);
    asked();
    finish(&flow).await;
    assert_eq!(asked(), ["D4"]);
    store.close_links(&[LinkRef::of_b("order", "D4")]).await.unwrap();
    finish(&flow).await;
    assert_eq!(asked(), Vec::<String>::new());
}

#[tokio::test]
async fn open_links_are_no_list_of_what_exists() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let ask = |_: Vec<Link>| async { Ok(Vec::<Item<String>>::new()) };
    let source = OpenLinks::new(store, "order", SourceIdentity::new("erp", "order status"), 2, ask);
    let error = source.read_all(ReadFrom::Start, 10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
