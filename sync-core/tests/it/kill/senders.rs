//! Senders of orders that are killed, and one that is paused and comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use sync_core::{ActFilter, ActState, Store};

use super::child::Home;
use super::process::Process;
use super::sender::{Gate, ORDERS, Sender, documents, found, give_orders, op_key, order_key};
use super::{KILLS, Random};
use crate::postgres::{database, with_database};
use crate::world::finish;

/// The longest that a sender is left alone.
const PATIENCE: Duration = Duration::from_millis(150);

/// Watches a sender until it is to be killed: after a while, right after so many documents, or a little later. Tells whether
/// it stood still between a document and its settlement.
fn watch(sender: &Process, random: &mut Random) -> bool {
    let began = Instant::now();
    let mut deadline = began + PATIENCE * u32::try_from(random.below(100)).unwrap() / 100;
    let mut documents = random.below(8);
    if documents > 0 {
        deadline = began + PATIENCE;
    }
    while let Some(line) = sender.line(Some(deadline)) {
        match line.as_str() {
            "dying" => return true,
            "sent" if documents == 1 => {
                documents = 0;
                // at once, or about at the settlement
                deadline = Instant::now() + Duration::from_micros(random.below(2) * random.below(3_000));
            }
            "sent" => documents = documents.saturating_sub(1),
            _ => panic!("a sender said: {line}"),
        }
    }
    false
}

/// Each order has one document, and those of one order key are in the order in which the orders came.
async fn check(folder: &Path, store: &dyn Store, orders: usize) {
    let made = documents(folder);
    let mut by_key: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for [op_key, order_key, _] in &made {
        by_key.entry(order_key).or_default().push(op_key);
    }
    for (order_key, made) in &by_key {
        assert!(made.is_sorted_by(|a, b| a < b), "{order_key}: {made:?}");
    }
    let wanted: BTreeSet<_> = (0..orders).map(|n| (op_key(n), order_key(n))).collect();
    let has: BTreeSet<_> =
        made.iter().map(|[op_key, order_key, _]| (op_key.clone(), order_key.clone())).collect();
    assert_eq!(has, wanted);
    assert_eq!(made.len(), orders, "a second document");
    let guids: BTreeMap<_, _> =
        made.iter().map(|[op_key, _, guid]| (op_key.as_str(), guid.as_str())).collect();
    let acts = store.acts(&ActFilter::all()).await.unwrap();
    assert_eq!(acts.len(), orders);
    for act in acts {
        assert_eq!(act.state, ActState::Done, "{}", act.act.op_key);
        assert_eq!(act.created.unwrap().target_id.as_str(), guids[act.act.op_key.as_str()]);
    }
}

async fn killed_again_and_again(home: &Home) {
    let mut random = Random::seeded();
    let start = |seed: Option<u64>| {
        let sender = Sender { home: home.clone(), seed, gate: Gate::None };
        Process::start_at(Sender::ENTRY, sender.environment())
    };
    give_orders(&home.folder, 10);
    let began = Instant::now();
    let mut senders = [0; 2].map(|_| start(Some(random.below(u64::MAX))));
    let mut died = 0;
    for kill in 0..KILLS {
        let which = usize::try_from(random.below(2)).unwrap();
        died += u32::from(watch(&senders[which], &mut random));
        let next = start(Some(random.below(u64::MAX)));
        std::mem::replace(&mut senders[which], next).kill();
        let given = 10 + (ORDERS - 10) * (kill as usize + 1) / KILLS as usize;
        give_orders(&home.folder, given);
    }
    senders.into_iter().for_each(Process::kill);
    let (killing, so_far) = (began.elapsed(), documents(&home.folder).len());
    let said = start(None).finish();
    assert!(said.iter().all(|line| line == "sent"), "{said:?}");
    check(&home.folder, &*home.open().await, ORDERS).await;
    let found = found(&home.folder);
    println!(
        "{KILLS} kills in {killing:?}, {so_far} documents by then; {died} died between a document and its \
         settlement; {found} look-ups found a document"
    );
    assert!(died > 0 && found > 0, "no kill left anything in doubt");
}

/// A sender that was paused while it submits, until another one has looked the act up and settled it.
async fn paused_and_continued(home: &Home) {
    for (gate, order) in [(Gate::Before, 0), (Gate::After, 1)] {
        let other = Sender { home: home.clone(), seed: None, gate: Gate::None };
        let store = home.open().await;
        give_orders(&home.folder, order + 1);
        finish(&other.flow(store.clone())).await;
        let paused = Sender { gate, ..other.clone() };
        let mut paused = Process::start_at(Sender::ENTRY, paused.environment());
        paused.wait_for("gate");
        paused.signal("-STOP");
        other.run_to_the_end(order + 1).await;
        check(&home.folder, &*store, order + 1).await;

        let before = store.acts(&ActFilter::all()).await.unwrap();
        paused.open_the_gate();
        paused.signal("-CONT");
        assert_eq!(paused.finish(), ["applied 0 in doubt 1"]);
        check(&home.folder, &*store, order + 1).await;
        assert_eq!(store.acts(&ActFilter::all()).await.unwrap(), before);
    }
    // of the second it was there already
    assert_eq!(found(&home.folder), 1);
}

#[tokio::test]
async fn sqlite_of_senders_killed_200_times_each_of_1000_orders_has_one_document() {
    let folder = tempfile::tempdir().unwrap();
    killed_again_and_again(&Home { folder: folder.path().to_owned(), postgres: None }).await;
}

#[tokio::test]
async fn postgres_of_senders_killed_200_times_each_of_1000_orders_has_one_document() {
    let Some(url) = database() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_database(url, async |database| {
        let postgres = Some((database.url.clone(), database.schema().await));
        killed_again_and_again(&Home { folder: folder.path().to_owned(), postgres }).await;
    })
    .await;
}

#[tokio::test]
async fn sqlite_a_sender_paused_while_it_submits_makes_and_settles_nothing_once_another_took_over() {
    let folder = tempfile::tempdir().unwrap();
    paused_and_continued(&Home { folder: folder.path().to_owned(), postgres: None }).await;
}

#[tokio::test]
async fn postgres_a_sender_paused_while_it_submits_makes_and_settles_nothing_once_another_took_over() {
    let Some(url) = database() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_database(url, async |database| {
        let postgres = Some((database.url.clone(), database.schema().await));
        paused_and_continued(&Home { folder: folder.path().to_owned(), postgres }).await;
    })
    .await;
}
