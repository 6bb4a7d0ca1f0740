//! What many who commit at the same time may see.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::error::{Error, ErrorKind, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::name::{FlowName, Holder, Key, Part};
use crate::store::{PageCommit, PageQuery, Sent, Store};
use crate::testing::lock;

const TTL: Duration = Duration::from_secs(3_600);

/// One in so many attempts takes the lease anew, which refuses whoever commits under the old one.
const NEW_LEASE: usize = 7;

/// Lets `tasks` tasks commit to one part at the same time, until each has committed `commits` times, and checks the
/// history of what they read and committed: commits form one chain of revisions, whoever reads sees the last commit that
/// ended before and no later one than had begun, and what is refused leaves nothing.
///
/// The tasks take turns with the stores, which share their data. A runtime with several threads is needed, or nothing
/// happens at the same time.
///
/// # Errors
/// The first promise that is not kept, or an error of the stores.
pub async fn store_history(stores: &[Arc<dyn Store>], tasks: usize, commits: usize) -> Result<()> {
    let first = stores.first().ok_or_else(|| Error::config("no store to test"))?;
    // well-formed by construction
    let flow = FlowName::new("suite/history").unwrap_or_else(|_| unreachable!());
    let part = Part::whole(&flow);
    let recorder = Arc::new(Recorder::default());
    let lease = acquire(&**first, &flow, &recorder).await?;
    let lease = Arc::new(Mutex::new(lease));
    let mut running = JoinSet::new();
    for (task, store) in (0..tasks).zip(stores.iter().cycle()) {
        let (store, part) = (Arc::clone(store), part.clone());
        let (lease, recorder) = (Arc::clone(&lease), Arc::clone(&recorder));
        running.spawn(async move { run(&*store, &part, &lease, &recorder, task, commits).await });
    }
    while let Some(ended) = running.join_next().await {
        ended.map_err(|e| Error::bug("a task of the suite was stopped").with_source(e))??;
    }
    let history = std::mem::take(&mut *lock(&recorder.events));
    check(&history)?;
    for store in stores {
        check_end(&**store, &part, &history).await?;
    }
    Ok(())
}

/// What one call did, and when by the count of calls begun and ended.
#[derive(Debug, Clone)]
struct Event {
    began: u64,
    ended: u64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// A lease of this fence was granted.
    Granted { fence: u64 },
    /// This was the part's revision, with the position and the mark of the commit that made it.
    Read { revision: u64, position: Option<String>, mark: Option<String> },
    /// `name` was committed on top of the revision `read`, or not.
    Commit { name: String, fence: u64, read: u64, result: Result<u64, ErrorKind> },
}

#[derive(Debug, Default)]
struct Recorder {
    count: AtomicU64,
    events: Mutex<Vec<Event>>,
}

impl Recorder {
    async fn record<T>(&self, call: impl Future<Output = T>, what: impl FnOnce(&T) -> Option<What>) -> T {
        let began = self.count.fetch_add(1, Ordering::SeqCst);
        let result = call.await;
        let ended = self.count.fetch_add(1, Ordering::SeqCst);
        if let Some(what) = what(&result) {
            lock(&self.events).push(Event { began, ended, what });
        }
        result
    }
}

async fn acquire(store: &dyn Store, flow: &FlowName, recorder: &Recorder) -> Result<Lease> {
    let holder = Holder::from("suite");
    let granted = recorder.record(store.acquire(flow, &holder, TTL), |acquired| match acquired {
        Ok(Acquired::Granted(lease)) => Some(What::Granted { fence: lease.fence }),
        _ => None,
    });
    match granted.await? {
        Acquired::Granted(lease) => Ok(lease),
        Acquired::HeldBy { .. } => Err(Error::bug("a holder takes its own lease anew")),
    }
}

async fn run(
    store: &dyn Store,
    part: &Part,
    shared: &Mutex<Lease>,
    recorder: &Recorder,
    task: usize,
    commits: usize,
) -> Result<()> {
    let (mut done, mut attempt) = (0, 0);
    while done < commits {
        attempt += 1;
        if (attempt + task).is_multiple_of(NEW_LEASE) {
            let lease = acquire(store, part.flow(), recorder).await?;
            let mut shared = lock(shared);
            if lease.fence > shared.fence {
                *shared = lease;
            }
        }
        let lease = lock(shared).clone();
        let query = PageQuery::new(vec![Key::from("mark")], Vec::new());
        let read = recorder.record(store.read_page(part, query), |state| {
            let state = state.as_ref().ok()?;
            let mark = state.sent.iter().flatten().find_map(|sent| sent.target_id.as_ref());
            let mark = mark.map(|mark| mark.as_str().to_owned());
            Some(What::Read { revision: state.revision, position: state.position.clone(), mark })
        });
        let read = read.await?.revision;
        tokio::task::yield_now().await;
        let name = format!("{task}:{attempt}");
        let mut page = PageCommit::new(read, name.clone());
        let sent = Sent::new(Fingerprint::from_bytes([1; 16]), Some(name.as_str().into()));
        page.sent = vec![("mark".into(), sent.clone()), (name.as_str().into(), sent)];
        let fence = lease.fence;
        let committed = recorder.record(store.commit(part, &lease, page), |committed| {
            let result = committed.as_ref().map(|committed| committed.revision).map_err(Error::kind);
            Some(What::Commit { name, fence, read, result })
        });
        match committed.await {
            Ok(_) => done += 1,
            Err(error) if matches!(error.kind(), ErrorKind::RevisionConflict | ErrorKind::LeaseLost) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn broken(promise: &str, event: &impl Debug) -> Error {
    Error::bug(format!("{promise}: {event:?}"))
}

fn check(history: &[Event]) -> Result<()> {
    let mut chain = BTreeMap::new();
    for event in history {
        if let What::Commit { name, read, result: Ok(revision), .. } = &event.what {
            if *revision != read + 1 {
                return Err(broken("a commit raises the revision by one", event));
            }
            if chain.insert(*revision, (event, name.as_str())).is_some() {
                return Err(broken("two commits never make the same revision", event));
            }
        }
    }
    if let Some((at, _)) = (1..).zip(&chain).find(|(at, (revision, _))| at != *revision) {
        return Err(broken("commits form one chain without gaps", &at));
    }
    for event in history {
        check_event(event, history, &chain)?;
    }
    Ok(())
}

fn check_event(event: &Event, history: &[Event], chain: &BTreeMap<u64, (&Event, &str)>) -> Result<()> {
    let before = || history.iter().filter(|other| other.ended < event.began);
    // another call that had begun before this one ended
    let begun = |wanted: &dyn Fn(&What) -> bool| {
        history.iter().any(|other| other.began < event.ended && wanted(&other.what))
    };
    match &event.what {
        What::Granted { fence } => {
            let rises =
                before().all(|other| !matches!(&other.what, What::Granted { fence: old } if old >= fence));
            if !rises {
                return Err(broken("fences rise", event));
            }
        }
        What::Read { revision, position, mark } => {
            let made = chain.get(revision);
            if made.map(|(_, name)| *name) != position.as_deref() || mark != position {
                return Err(broken("a read sees one commit, whole", event));
            }
            if made.is_some_and(|(commit, _)| commit.began > event.ended) {
                return Err(broken("a read sees nothing from the future", event));
            }
            if before().any(|other| version(&other.what).is_some_and(|seen| seen > *revision)) {
                return Err(broken("a read sees all that ended before", event));
            }
        }
        What::Commit { result: Ok(revision), fence, .. } => {
            if before().any(|other| version(&other.what).is_some_and(|seen| seen >= *revision)) {
                return Err(broken("a commit comes after all that ended before", event));
            }
            if before().any(|other| matches!(&other.what, What::Granted { fence: newer } if newer > fence)) {
                return Err(broken("an old fence commits nothing", event));
            }
        }
        What::Commit { result: Err(ErrorKind::RevisionConflict), read, .. } => {
            if !begun(&|what| matches!(what, What::Commit { result: Ok(made), .. } if *made == read + 1)) {
                return Err(broken("a commit is refused only if another was first", event));
            }
        }
        What::Commit { result: Err(_), fence, .. } => {
            if !begun(&|what| matches!(what, What::Granted { fence: newer } if newer > fence)) {
                return Err(broken("a lease is lost only if it was granted anew", event));
            }
        }
    }
    Ok(())
}

/// The revision that a call saw or made.
fn version(what: &What) -> Option<u64> {
    match what {
        What::Read { revision, .. } | What::Commit { result: Ok(revision), .. } => Some(*revision),
        _ => None,
    }
}

async fn check_end(store: &dyn Store, part: &Part, history: &[Event]) -> Result<()> {
    let mut attempts = Vec::new();
    for event in history {
        if let What::Commit { name, result, .. } = &event.what {
            attempts.push((name, result.is_ok()));
        }
    }
    let keys = attempts.iter().map(|(name, _)| Key::from(name.as_str())).collect();
    let state = store.read_page(part, PageQuery::new(keys, Vec::new())).await?;
    let made = attempts.iter().filter(|(_, made)| *made).count() as u64;
    if state.revision != made {
        return Err(broken("the last revision is the number of commits", &state.revision));
    }
    for ((name, made), sent) in attempts.iter().zip(&state.sent) {
        if *made != sent.is_some() {
            return Err(broken("what was committed is there, what was refused left nothing", name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(began: u64, ended: u64, what: What) -> Event {
        Event { began, ended, what }
    }

    fn granted(fence: u64) -> What {
        What::Granted { fence }
    }

    fn read(revision: u64, name: &str) -> What {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        What::Read { revision, position: name.clone(), mark: name }
    }

    fn commit(name: &str, read: u64, result: Result<u64, ErrorKind>) -> What {
        What::Commit { name: name.to_owned(), fence: 1, read, result }
    }

    #[test]
    fn a_history_that_one_after_the_other_explains_is_right() {
        let history = [
            at(0, 1, granted(1)),
            at(2, 3, read(0, "")),
            at(4, 9, commit("a", 0, Ok(1))),
            // while the commit is under way, both are possible
            at(5, 6, read(0, "")),
            at(7, 8, read(1, "a")),
            at(7, 10, commit("b", 0, Err(ErrorKind::RevisionConflict))),
            at(11, 14, granted(2)),
            at(12, 13, commit("c", 1, Ok(2))),
            at(15, 16, commit("d", 2, Err(ErrorKind::LeaseLost))),
        ];
        check(&history).unwrap();
    }

    #[test]
    fn each_broken_promise_is_found() {
        let first = || at(0, 1, commit("a", 0, Ok(1)));
        let torn = What::Read { revision: 1, position: Some("a".into()), mark: None };
        let wrong = [
            ("raises", vec![at(0, 1, commit("a", 0, Ok(2)))]),
            ("same revision", vec![first(), at(2, 3, commit("b", 0, Ok(1)))]),
            ("without gaps", vec![first(), at(2, 3, commit("b", 2, Ok(3)))]),
            ("fences rise", vec![at(0, 1, granted(2)), at(2, 3, granted(2))]),
            ("whole", vec![first(), at(2, 3, torn)]),
            ("whole", vec![first(), at(2, 3, read(1, "b"))]),
            ("future", vec![at(0, 1, read(1, "a")), at(2, 3, commit("a", 0, Ok(1)))]),
            ("ended before", vec![first(), at(2, 3, read(0, ""))]),
            ("comes after", vec![at(2, 3, commit("b", 1, Ok(2))), at(4, 5, commit("a", 0, Ok(1)))]),
            ("old fence", vec![at(0, 1, granted(2)), at(2, 3, commit("a", 0, Ok(1)))]),
            ("was first", vec![at(0, 1, commit("a", 0, Err(ErrorKind::RevisionConflict)))]),
            ("granted anew", vec![at(0, 1, commit("a", 0, Err(ErrorKind::LeaseLost)))]),
        ];
        for (promise, history) in wrong {
            let error = check(&history).unwrap_err().to_string();
            assert!(error.contains(promise), "{promise}: {error}");
        }
    }
}
