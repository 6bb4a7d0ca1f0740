//! Says when a person has to look: flows that run no more, hang, fail or hold back, and acts that do not happen.
//!
//! A dead process cannot alert, so nothing here needs the process that does the work: [`Facts::gather`] reads what every
//! commit left in the [`Store`](crate::Store), from any process, and [`check`] is a pure function of these facts, the
//! [`Policy`] and the instant. What the runner knows besides ([`JobFacts`](crate::JobFacts)) is optional and makes the answer more exact.
//! [`Watch`] turns the alerts of each check into what is worth telling, [`Watchdog`] does it all as a [`Job`](crate::Job).
//!
//! | code | raised when | cleared when |
//! |---|---|---|
//! | `never-ran` | a part never completed a cycle, and its [`Freshness`] has run out since [`FlowPolicy::since`] and since its last commit (a long first load goes on for at most [`FlowPolicy::first_load`]) | a cycle is complete |
//! | `late` | the last complete cycle is older than its [`Freshness`] | a cycle is complete |
//! | `stuck` | a step is under way, and neither began nor got on for [`JobLimits::stuck`]; leases do not count | it gets on or ends |
//! | `failing` | [`JobLimits::failures`] runs failed in a row, or one whose error [a person cures](crate::ErrorKind::remedy), or the job [pauses](crate::Pause::Failing) for its failures | a run succeeds, or another process is found at it |
//! | `auth-dead` | the last run failed with [`Auth`](crate::ErrorKind::Auth), or the job pauses for it; then not `failing` | the same |
//! | `degraded` | more live rejects than [`FlowPolicy::rejects`] besides those that [wait for a link](crate::Reason::MISSING_LINK), or the oldest is as old as [`FlowPolicy::rejects_age`]; if all wait, its [`Freshness`] has run out too; removals that the target [does not know](crate::Reason::REMOVAL_NOT_SUPPORTED) do not count | they are cured or dropped |
//! | `lagging` | a cycle under way, not the first, has read up to an instant [`FlowPolicy::lag`] ago or longer | it gets on, or is complete |
//! | `brake-held` | a part [holds](crate::Held) something back | it is approved, or no longer there |
//! | `clock-skew` | the source's clock, or an instant in the store, differs by [`FlowPolicy::clock_skew`] or more | the clocks agree |
//! | `acts-waiting` | an act is ready or being sent and entered the outbox, or was let go by a person, [`OutboxPolicy::waiting`] ago or longer | it is settled, in doubt or waits for a person, or a person [resolves](crate::Store::resolve) it |
//! | `in-doubt-aged` | an act is in doubt and entered the outbox, or was let go, [`OutboxPolicy::in_doubt`] ago or longer | it is found, or surely not there, or a person resolves it |
//! | `manual-waiting` | an act has been [`Manual`](crate::ActState::Manual) for [`OutboxPolicy::manual`] | a person [releases](crate::Store::release) or resolves it |
//! | `held-acts` | an act has been [`Held`](crate::ActState::Held) for [`OutboxPolicy::held`] | a person releases or resolves it |
//! | `acts-rejected` | an act has been [`Rejected`](crate::ActState::Rejected) for [`OutboxPolicy::rejected`] | a person releases or resolves it; a newer version takes its place; or its request is [pruned](crate::Store::prune) |
//!
//! Each limit is reached at its very instant. While nothing happens, an alert that is raised stays: time alone clears none,
//! but for a clock that was ahead.
//! A flow that hangs is `late` too, by the store alone, in whatever process; `stuck` says so sooner and why.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use sync_core::watchdog::{FlowPolicy, Freshness, LogAlerts, OutboxPolicy, Policy, Watch, Watchdog};
//! use sync_core::{FlowName, Job, MemoryStore, Result, RunContext, Store};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let store = Arc::new(MemoryStore::new());
//! // when it was set up: an instant that a restart does not move
//! let since = store.now().await?;
//! let stock = FlowPolicy::new(FlowName::new("shop/stock")?, Freshness::within(Duration::from_secs(900)), since);
//! let policy = Policy::default().flow(stock).outbox(OutboxPolicy::new("shop/orders-out"));
//! let watchdog = Watchdog::new(store, policy).tell(LogAlerts, Watch::default());
//! watchdog.step(&RunContext::default()).await?;
//! assert_eq!(watchdog.alerts().await, []);
//! # Ok(())
//! # }
//! ```

mod alert;
mod check;
mod driver;
mod facts;
mod freshness;
mod policy;
mod tell;
mod watch;

pub use alert::{Alert, AlertKind, Severity};
pub use check::check;
pub use driver::Watchdog;
pub use facts::{Facts, FlowFacts, PartFacts};
pub use freshness::Freshness;
pub use policy::{FlowPolicy, JobLimits, OutboxPolicy, Policy};
pub use tell::{AlertSink, DeadMan, LogAlerts};
pub use watch::{Change, Notice, Watch};
