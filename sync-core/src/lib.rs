#![doc = include_str!("../README.md")]
//!
//! # Where to read on
//!
//! - [`guide::state_lane`]: goods, prices and stock are *state*: sending them twice does no harm. A [`Flow`] reads pages from a
//!   [`Source`], maps each record, skips what has not changed since it was sent, writes the rest to a [`Sink`] and commits the
//!   page as a whole. The example above is one.
//! - [`guide::act_lane`]: orders and new clients are *acts*: they may happen once. A flow made with [`Flow::to_outbox`] enqueues
//!   them in the commit that moves its position, and a [`Dispatcher`] carries them out with a [`Submitter`]. An answer that
//!   was lost leaves an act *in doubt*: it is looked up, and submitted again only if the target surely does not have it.
//! - [`guide::operation`]: [`Runner`] steps many jobs by [`Schedule`] and hint; [`watchdog`] tells when one of them is dead, late or
//!   held; [`Inbox`] takes in hints from webhooks.
//! - [`Flow::status`] shows how a flow stands, [`Flow::explain`] why a value is in the target, [`Flow::plan`] what the flow would do.
//!   [`Flow::approve`], [`Flow::backfill`], [`Flow::rewind`], [`Flow::rebind`], [`Store::release`], [`Store::resolve`],
//!   [`Store::replay_rejects`] and [`Store::drop_rejects`] are a person's words.
//! - [`guard`] and [`matching`] are small pure functions: prices, stock, units, references, tax numbers, price lists, new clients.
//!
//! # What holds
//!
//! - **I1** A position never passes a record that is neither sent, left out nor rejected.
//! - **I2** Nothing is lost.
//! - **I3** An act makes at most one document, if the target can be asked.
//! - **I4** Acts of one order key keep their order.
//! - **I5** One writer per flow: a commit carries the lease's fence and the position's revision.
//! - **I6** A bad record stops only itself.
//! - **I7** A lapsed claim means in doubt, never ready.
//! - **I8** No record content shows in `Debug`, `Display` or logs; keys and codes do.
//! - **I9** Counts add up ([`Counts`]).
#![forbid(unsafe_code)]

mod act;
mod change_list;
mod clock;
mod cursor;
mod dispatch;
mod error;
#[cfg(feature = "files")]
pub mod files;
mod fingerprint;
mod flow;
mod full_pass;
pub mod guard;
pub mod guide;
mod job;
mod lease;
mod link;
mod mapper;
pub mod matching;
#[cfg(feature = "metrics")]
pub mod metrics;
mod name;
mod observer;
mod open_links;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod outbox_sql;
mod parts;
mod reconciled;
mod reject;
mod runner;
mod schedule;
mod seen;
mod settled;
mod sink;
mod source;
mod store;
mod submitter;
#[cfg(feature = "testing")]
pub mod testing;
pub mod watchdog;
mod webhook;

pub use act::{
    Act, ActChange, ActCount, ActOutcome, ActState, ActStatus, Created, Decision, NewAct, NewVersion,
    Payload, Prerequisite, Release, Verdict, VersionState, act_guid, decide,
};
pub use change_list::{
    ChangeList, ChangePage, ChangeRow, KeysetInfo, KeysetSource, MissingInstant, Resolution,
};
pub use chrono_tz::Tz;
pub use clock::{Clock, SystemClock};
pub use cursor::{Keyset, Point, Tie};
pub use dispatch::{DispatchSettings, Dispatcher};
pub use error::{Error, ErrorKind, Reason, Remedy, Result};
pub use fingerprint::{Fingerprint, Fingerprinter};
pub use flow::{
    BreakerSettings, Effect, EffectCounts, EffectKind, Explanation, Flow, FlowSettings, FlowStatus,
    PartReport, Plan, PlanSettings, PlannedHold, Rebind, RetrySettings, Rewind, SystemicLimit,
};
pub use full_pass::{Brake, BrakeLimit, Held, Inconclusive};
pub use job::{Counts, Job, JobEnd, Pause, Report, RunContext, StepEnd, Tally};
pub use lease::{Acquired, Lease};
pub use link::{Link, LinkRef, LinkSide, Links};
pub use mapper::{Identity, Mapped, Mapper};
pub use name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, OrderKey, Part, Receipt, TargetId};
pub use observer::{Observer, Silent};
pub use open_links::OpenLinks;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use outbox_sql::{OutboxSql, SqlText};
pub use parts::{PartList, Parts};
pub use reconciled::{Reconciled, ReconciledCursor};
pub use reject::{NewReject, Reject, RejectCount, RejectFilter, RejectStage};
pub use runner::{
    Class, JobFacts, JobPlan, JobSummary, Runner, RunnerHandle, RunnerReport, RunnerSettings, Stretch, every,
    run_until_done,
};
pub use schedule::{Due, RushCalendar, RushPeriod, RushSwitch, Schedule, Window};
pub use seen::SeenChunk;
pub use settled::SettledActs;
pub use sink::{Outcome, Removal, Sink, Write};
pub use source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};
pub use store::memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use store::postgres::{PostgresSettings, PostgresStore};
#[cfg(feature = "sqlite")]
pub use store::sqlite::SqliteStore;
pub use store::{
    ActFilter, Approval, Claim, ClaimRequest, ClaimTask, Command, Committed, Order, PageCommit, PageQuery,
    PageState, PartStatus, Population, Sent, SentBy, SentOrigin, Settlement, Store,
};
pub use submitter::{Submission, Submitter};
pub use tokio_util::sync::CancellationToken;
pub use webhook::{Delivery, Hint, HintOutcome, HintSettled, Inbox, Waiting};
