//! Each requirement row × what may happen to it, on the two simulators. One module per group of rows; [`rows!`] makes the tests.

mod cechy;
pub(crate) mod clients;
mod credit;
mod delivery_notes;
mod goods;
mod invoices;
mod offline_orders;
mod order_status;
mod orders;
mod own_portal;
mod pdf_cache;
mod portal_stock;
mod price_confirmation;
mod price_groups;
mod prices;
mod retail_prices;
mod stock;
mod warehouses;

use api_transport::simulation::{Fault, FaultHandle, Faults};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;
use sync_core::ActFilter;
use sync_core::testing::Faults as SinkFaults;

use crate::world::World;

/// What a row has on one side: key → whatever tells two values apart.
pub(crate) type Shown = BTreeMap<String, String>;

/// A row, as the matrix plays it.
#[async_trait]
pub(crate) trait Row: Sized + Send + Sync {
    /// Both systems with what the row needs: at least three records.
    async fn begin() -> Self;

    fn world(&self) -> &World;

    /// Everything that the row consists of, once, to its end: flows and dispatchers are made anew each time, as after a restart.
    /// `pages` is the page budget of one step: with `Some(1)` only one step is run and then dropped.
    async fn run(&self, pages: Option<usize>);

    /// What the target should have, from the source's own records. Records that are spoilt are not in it.
    async fn expected(&self) -> Shown;

    /// What the target has.
    async fn shown(&self) -> Shown;

    /// How many records the target was sent so far.
    fn sent(&self) -> u64;

    /// How many records one change sends.
    fn sent_by_one_change(&self) -> u64 {
        1
    }

    /// How many records more than without a restart a first run sends: those that were under way.
    fn sent_again(&self) -> u64 {
        0
    }

    /// Changes one record at the source.
    async fn change_one(&self);

    /// Takes one record away at the source: it loses its tick, is cancelled or vanishes.
    async fn remove_one(&self);

    /// What holds in the target after that, beyond `expected`: nothing more by default.
    async fn removed(&self) {}

    /// Makes one record of the source unreadable until [`heal`](Self::heal), or one that the target refuses.
    async fn spoil_one(&self);

    /// Undoes that.
    async fn heal(&self);

    /// The next write to the target is carried out and its answer is lost, also when the client itself repeats it.
    fn lose_answer(&self) -> Vec<Lost>;
}

/// An answer that is lost.
pub(crate) enum Lost {
    /// Of so many calls of a simulator.
    Calls { fault: FaultHandle, times: u64 },
    /// Of the write to a portal in memory that comes after so many.
    Write { calls: u64, of: SinkFaults },
}

impl Lost {
    /// Of the calls that this fault meets.
    pub(crate) fn call(faults: &Faults, fault: Fault) -> Self {
        let times = fault.times.unwrap_or(1);
        Self::Calls { fault: faults.add(fault.drop_after()), times }
    }

    /// Of both attempts of a call that the client repeats by itself.
    pub(crate) fn twice(faults: &Faults, path: &str) -> Self {
        Self::call(faults, Fault::on(path).times(2))
    }

    fn assert_lost(&self) {
        match self {
            Self::Calls { fault, times } => {
                assert_eq!(fault.met(), *times, "of so many calls the answer was lost")
            }
            Self::Write { calls, of } => assert!(of.calls() > *calls, "nothing was written"),
        }
    }
}

/// The record that cannot be read now, by whatever the row calls it.
#[derive(Default)]
pub(crate) struct Spoilt<K>(Mutex<Option<K>>);

impl<K: PartialEq> Spoilt<K> {
    /// In the ERP's answers to these calls the record has another text.
    pub(crate) fn spoil(&self, world: &World, calls: &[&str], find: &str, with: &str, record: K) {
        for call in calls {
            world.enova.faults().add(Fault::on(*call).rewrite(find, with).always());
        }
        self.set(record);
    }

    /// It is the target that refuses it.
    pub(crate) fn set(&self, record: K) {
        *self.0.lock().unwrap() = Some(record);
    }

    /// Which it was.
    pub(crate) fn heal(&self, world: &World) -> Option<K> {
        world.enova.faults().clear();
        self.0.lock().unwrap().take()
    }

    pub(crate) fn is(&self, record: &K) -> bool {
        self.0.lock().unwrap().as_ref() == Some(record)
    }
}

pub(crate) async fn first_run<R: Row>() {
    let row = R::begin().await;
    row.run(None).await;
    let expected = row.expected().await;
    assert!(expected.len() >= 3, "the row is shown at too little: {expected:?}");
    assert_eq!(row.shown().await, expected);
    assert_eq!(row.world().rejects().await.len(), 0, "{:?}", row.world().rejects().await);
}

pub(crate) async fn no_change<R: Row>() {
    let row = R::begin().await;
    row.run(None).await;
    let sent = row.sent();
    row.run(None).await;
    row.run(None).await;
    assert_eq!(row.sent(), sent);
}

pub(crate) async fn one_change<R: Row>() {
    let row = R::begin().await;
    row.run(None).await;
    let (sent, before) = (row.sent(), row.shown().await);
    row.change_one().await;
    row.run(None).await;
    assert_eq!(row.sent() - sent, row.sent_by_one_change());
    let shown = row.shown().await;
    assert_eq!(shown, row.expected().await);
    assert_ne!(shown, before);
}

pub(crate) async fn removal<R: Row>() {
    let row = R::begin().await;
    row.run(None).await;
    row.remove_one().await;
    // what is missing has to be missing twice
    row.run(None).await;
    row.run(None).await;
    assert_eq!(row.shown().await, row.expected().await);
    row.removed().await;
}

pub(crate) async fn bad_record<R: Row>() {
    let row = R::begin().await;
    row.spoil_one().await;
    row.run(None).await;
    let expected = row.expected().await;
    assert!(expected.len() >= 2, "the others are missing: {expected:?}");
    assert_eq!(row.shown().await, expected);
    assert!(!row.world().rejects().await.is_empty(), "the bad record is told to nobody");
    row.heal().await;
    row.run(None).await;
    assert_eq!(row.shown().await, row.expected().await);
    assert_eq!(row.world().rejects().await.len(), 0, "{:?}", row.world().rejects().await);
}

pub(crate) async fn lost_answer<R: Row>() {
    let row = R::begin().await;
    let lost = row.lose_answer();
    row.run(None).await;
    lost.iter().for_each(Lost::assert_lost);
    assert_eq!(row.world().rejects().await, [], "a lost answer is no refusal");
    row.run(None).await;
    let sent = row.sent();
    assert_eq!(row.shown().await, row.expected().await);
    assert_eq!(row.world().rejects().await, []);
    assert_eq!(row.world().setup.store.acts(&ActFilter::open()).await.unwrap(), []);
    row.run(None).await;
    assert_eq!(row.sent(), sent, "it is settled");
}

pub(crate) async fn restart<R: Row>() {
    let uninterrupted = R::begin().await;
    uninterrupted.run(None).await;
    let row = R::begin().await;
    row.run(Some(1)).await;
    assert_ne!(row.shown().await, row.expected().await, "nothing is left to go on with");
    row.run(None).await;
    assert_eq!(row.shown().await, row.expected().await);
    let sent = row.sent();
    assert_eq!(sent, uninterrupted.sent() + row.sent_again());
    row.run(None).await;
    assert_eq!(row.sent(), sent);
}

/// The seven tests of each row: `rows! { e4_o3: Stock }`.
macro_rules! rows {
    ($($name:ident: $row:ty),+ $(,)?) => {
        $(mod $name {
            use super::*;
            use $crate::matrix;

            #[tokio::test]
            async fn first_run_brings_everything_there() {
                matrix::first_run::<$row>().await;
            }

            #[tokio::test]
            async fn no_change_sends_nothing() {
                matrix::no_change::<$row>().await;
            }

            #[tokio::test]
            async fn one_change_sends_only_that() {
                matrix::one_change::<$row>().await;
            }

            #[tokio::test]
            async fn what_is_removed_is_withdrawn_as_the_row_says() {
                matrix::removal::<$row>().await;
            }

            #[tokio::test]
            async fn a_bad_record_stops_only_itself() {
                matrix::bad_record::<$row>().await;
            }

            #[tokio::test]
            async fn a_lost_answer_loses_and_doubles_nothing() {
                matrix::lost_answer::<$row>().await;
            }

            #[tokio::test]
            async fn a_restart_goes_on_where_it_was() {
                matrix::restart::<$row>().await;
            }
        })+
    };
}

pub(crate) use rows;
