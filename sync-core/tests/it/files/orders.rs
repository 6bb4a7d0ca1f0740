//! Acts as files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sync_core::files::{OrderFiles, TextEncoding};
use sync_core::testing::{ManualClock, MemorySource};
use sync_core::{
    Act, ActFilter, ActKind, ActState, Dispatcher, ErrorKind, Flow, FlowName, MemoryStore, Payload, Reason,
    Store, Submission, Submitter,
};

use super::{LINE, names, place};
use crate::dispatch::Orders;
use crate::world::{crash_after, finish};

fn orders(folder: &Path) -> OrderFiles {
    OrderFiles::new(folder, ".txt", |act: &Act| {
        let text: String = act.payload.decode()?;
        if text == "refuse" {
            return Err(Reason::new("no-good"));
        }
        Ok(TextEncoding::Windows1250.encode(&text)?)
    })
}

fn act(op_key: &str, text: &str) -> Act {
    let payload = Payload::of(text).unwrap();
    Act::new(op_key, "k", "order", payload, chrono::DateTime::UNIX_EPOCH)
}

fn with_done() -> tempfile::TempDir {
    let place = place();
    fs::create_dir(place.path().join("done")).unwrap();
    place
}

fn created(submission: Submission) -> String {
    match submission {
        Submission::Done(created) => created.target_id.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_act_is_one_file_however_often_it_is_submitted() {
    let place = with_done();
    let act = act("order:demo/17:ż", LINE);
    // a process died between writing and renaming
    let name = format!("order_demo_17___{}.txt", act.guid);
    fs::write(place.path().join(format!(".{name}.tmp")), "half").unwrap();
    assert_eq!(orders(place.path()).look_up(&act).await.unwrap(), None);
    for _ in 0..2 {
        assert_eq!(created(orders(place.path()).submit(&act).await), name);
    }
    assert_eq!(names(place.path()), ["done", name.as_str()]);
    assert_eq!(fs::read(place.path().join(&name)).unwrap(), TextEncoding::Windows1250.encode(LINE).unwrap());
    // the ERP takes it
    fs::rename(place.path().join(&name), place.path().join("done").join(&name)).unwrap();
    assert_eq!(created(orders(place.path()).submit(&act).await), name);
    assert_eq!(orders(place.path()).look_up(&act).await.unwrap().unwrap().target_id.as_str(), name);
    assert_eq!(names(place.path()), ["done"]);
}

#[tokio::test]
async fn no_op_key_makes_a_name_that_is_a_device_of_windows_or_leads_out_of_the_folder() {
    let place = with_done();
    for op_key in ["CON", "nul", "com1", "aux", "../x", "/etc/x", "..", ".", "a\\b", "C:x", &"ż".repeat(500)]
    {
        let name = created(orders(place.path()).submit(&act(op_key, "x")).await);
        let stem = name.split('.').next().unwrap().to_ascii_uppercase();
        assert!(!["CON", "NUL", "COM1", "AUX"].contains(&stem.as_str()), "{name}");
        assert!(place.path().join(&name).is_file() && name.len() < 200, "{name}");
    }
    assert_eq!(names(place.path()).len(), 12);
}

#[tokio::test]
async fn a_submit_dropped_at_any_await_leaves_the_whole_file_or_none() {
    for polls in 1..4 {
        let place = with_done();
        let (act, orders) = (act("order:1", LINE), orders(place.path()));
        let _ = crash_after(polls, orders.submit(&act));
        // waits for what still works on the folder
        let found = orders.look_up(&act).await.unwrap();
        let name = created(orders.submit(&act).await);
        assert!(found.is_none_or(|found| found.target_id.as_str() == name));
        assert_eq!(names(place.path()), ["done", name.as_str()]);
    }
}

#[tokio::test]
async fn without_the_folder_of_what_was_taken_nothing_is_written_and_nothing_is_said_not_to_exist() {
    let place = place();
    let (act, orders) = (act("order:1", "x"), orders(place.path()));
    assert!(
        matches!(orders.submit(&act).await, Submission::NotSent(error) if error.kind() == ErrorKind::Config)
    );
    assert_eq!(orders.look_up(&act).await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(names(place.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_of_the_act_that_holds_something_else_is_left_to_a_person() {
    let place = with_done();
    let orders = orders(place.path());
    let name = created(orders.submit(&act("order:1", "x")).await);
    let other = act("order:1", "y");
    assert!(matches!(orders.submit(&other).await, Submission::InDoubt(_)));
    let error = orders.look_up(&other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(fs::read_to_string(place.path().join(name)).unwrap(), "x");
    let refused = orders.submit(&act("order:2", "refuse")).await;
    assert!(matches!(refused, Submission::Refused(reason) if reason.code() == "no-good"));
}

#[tokio::test]
async fn the_outbox_writes_one_file_per_order() {
    let place = with_done();
    let clock = Arc::new(ManualClock::default());
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
    let source = Arc::new(MemorySource::token());
    for n in 0..3 {
        source.put(format!("order:{n}"), (format!("k{n}"), LINE.to_owned()));
    }
    let flow = Flow::to_outbox(FlowName::new("demo/orders").unwrap(), source, Orders, store.clone());
    finish(&flow.with_clock(clock.clone())).await;
    let name = FlowName::new("demo/orders-out").unwrap();
    let kinds = [ActKind::from("order")];
    let dispatcher = Dispatcher::new(name, kinds, orders(place.path()), store.clone()).with_clock(clock);
    for _ in 0..2 {
        finish(&dispatcher).await;
    }
    let acts = store.acts(&ActFilter::all()).await.unwrap();
    assert!(acts.len() == 3 && acts.iter().all(|act| act.state == ActState::Done), "{acts:?}");
    assert_eq!(names(place.path()).len(), 4);
}
