//! What the target got, and whether it was too much.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::{Part, RejectFilter, Store};

use super::child::{Home, flow_name};
use super::world::{KEYS, Record, WIRE_PAGE, World, event, number};

/// A key and what is said of it; `None` is a removal.
type Entry = (u64, Option<u64>);

/// All that was sent, in order.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    flows: BTreeMap<String, Sent>,
    events: Fold,
    /// Pages that were sent again.
    pub(crate) pages_again: u64,
    /// Records that the target had already.
    pub(crate) records_again: u64,
    pub(crate) records: u64,
}

#[derive(Debug, Default)]
struct Sent {
    target: BTreeMap<u64, u64>,
    last_batch: BTreeSet<Entry>,
}

/// What the events up to a position come to.
#[derive(Debug, Default)]
struct Fold {
    position: u64,
    target: BTreeMap<u64, u64>,
    bad: BTreeSet<u64>,
}

impl Fold {
    fn advance(&mut self, to: u64) {
        assert!(self.position <= to, "the position went back from {} to {to}", self.position);
        for (key, record) in (self.position..to).map(event) {
            self.bad.remove(&key);
            match record {
                Record::Is(value) => drop(self.target.insert(key, value)),
                Record::Gone => drop(self.target.remove(&key)),
                Record::Bad => drop(self.bad.insert(key)),
            }
        }
        self.position = to;
    }
}

impl Ledger {
    /// Takes in what a child has sent; tells how many records.
    ///
    /// What the target had already may only be in the first batch that the child sent of a flow, and has to be of the
    /// last batch that was sent before: the page that was under way when its sender was killed.
    pub(crate) fn take_in(&mut self, home: &Home, child: u32) -> usize {
        // a child that was killed before it could open its store has none
        let log = std::fs::read_to_string(home.log(child)).unwrap_or_default();
        // a kill may tear the last line
        let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let mut batches: BTreeMap<(&str, u64), Vec<Entry>> = BTreeMap::new();
        for line in whole.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let [flow, batch, key, value] = fields[..] else { panic!("{line}") };
            let value = (value != "-").then(|| value.parse().unwrap());
            batches.entry((flow, batch.parse().unwrap())).or_default().push((number(key), value));
        }
        let mut begun = BTreeSet::new();
        for ((flow, _), entries) in batches {
            let sent = self.flows.entry(flow.to_owned()).or_default();
            let mut again = 0;
            for (key, value) in &entries {
                let changed = match value {
                    Some(value) => sent.target.insert(*key, *value) != Some(*value),
                    None => sent.target.remove(key).is_some(),
                };
                if !changed {
                    let excused = !begun.contains(flow) && sent.last_batch.contains(&(*key, *value));
                    assert!(excused, "child {child} sent {flow} {key} {value:?} again without need");
                    again += 1;
                }
            }
            begun.insert(flow);
            let size = entries.len() as u64;
            sent.last_batch = entries.into_iter().collect();
            assert_eq!(sent.last_batch.len() as u64, size, "a key twice in a batch");
            assert!(size <= WIRE_PAGE);
            self.records += size;
            self.records_again += again;
            self.pages_again += u64::from(again > 0);
        }
        whole.lines().count()
    }

    fn target(&self, flow: &str) -> BTreeMap<u64, u64> {
        self.flows.get(flow).map(|sent| sent.target.clone()).unwrap_or_default()
    }

    /// Everything before the committed position is in the target or a reject; only the page behind it may be ahead.
    pub(crate) async fn check_position(&mut self, store: &dyn Store) {
        let (position, rejects) = settled(store).await;
        let position: Option<serde_json::Value> =
            position.map(|position| serde_json::from_str(&position).unwrap());
        // killed before its first page was committed, a flow has said what it is about to write and has no cursor
        self.events.advance(position.and_then(|position| position["cursor"].as_u64()).unwrap_or(0));
        let position = self.events.position;
        let ahead: BTreeSet<u64> = (position..position + WIRE_PAGE).map(|n| event(n).0).collect();
        let target = self.target("events");
        for key in (0..KEYS).filter(|key| !ahead.contains(key)) {
            assert_eq!(target.get(&key), self.events.target.get(&key), "key {key} at position {position}");
        }
        assert_eq!(rejects, self.events.bad, "at position {position}");
    }

    /// The target is what the world comes to.
    pub(crate) async fn check_end(&mut self, store: &dyn Store, world: World) {
        self.check_position(store).await;
        assert_eq!(self.events.position, world.events());
        assert_eq!(self.target("events"), self.events.target);
        let (goods, rejects) = (self.target("goods"), rejects(store, "goods").await);
        for key in 0..KEYS {
            let has = goods.get(&key).copied();
            match world.good(key) {
                Record::Is(value) => assert_eq!(has, Some(value), "good {key}"),
                Record::Gone => assert_eq!(has, None, "good {key}"),
                // the target keeps what it had
                Record::Bad => {}
            }
            assert_eq!(rejects.contains(&key), world.good(key) == Record::Bad, "good {key}");
        }
    }
}

/// The position and the rejects of one commit: the database may still be at one of a client that is dead.
async fn settled(store: &dyn Store) -> (Option<String>, BTreeSet<u64>) {
    let part = Part::whole(&flow_name("events"));
    loop {
        let state = store.read_page(&part, Default::default()).await.unwrap();
        let rejects = rejects(store, "events").await;
        if store.read_page(&part, Default::default()).await.unwrap().revision == state.revision {
            return (state.position, rejects);
        }
    }
}

async fn rejects(store: &dyn Store, flow: &str) -> BTreeSet<u64> {
    let rejects = store.rejects(&RejectFilter::of_flow(&flow_name(flow))).await.unwrap();
    rejects.iter().map(|reject| number(reject.key.as_str())).collect()
}
