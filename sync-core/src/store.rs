//! Everything durable, changed together.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::act::{Act, ActChange, ActOutcome, ActState, ActStatus, Created};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef, Links};
use crate::name::{ActKind, FlowName, Holder, Key, OpKey, Part, TargetId};
use crate::reject::{NewReject, Reject, RejectStage};

pub(crate) mod memory;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

/// Keeps positions, what was sent, rejects, links, leases and acts.
///
/// # Contract
/// - Each method is one transaction: it happens whole or not at all, and is durable when it returns. Dropping its
///   future leaves either the state before or the state after.
/// - Several processes may use one store at the same time.
/// - All instants are the store's own: `now` below is its clock.
/// - Instances run the conformance suite of the feature `testing`.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// Takes the flow's lease for `ttl`, if nobody else has it: it is free, lapsed, or this holder's own. Each time it
    /// is taken, the fence rises by one.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn acquire(&self, flow: &FlowName, holder: &Holder, ttl: Duration) -> Result<Acquired>;

    /// Extends the lease to `ttl` from now.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if the fence has risen since, or the lease was given back.
    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Lease>;

    /// Gives the lease back, so that the next holder need not wait. A lease that was lost is left alone.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn give_back(&self, lease: &Lease) -> Result<()>;

    /// Reads what one page needs: the part's revision and position, what was sent of these keys, which of them have a
    /// live reject, and the links asked for. With an empty query it reads the position alone.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn read_page(&self, part: &Part, query: PageQuery) -> Result<PageState>;

    /// Commits one page, if the lease's fence is the flow's and the revision the part's.
    ///
    /// Order within: sent, withdrawn, cleared rejects, rejects, links, acts. The revision rises by one.
    ///
    /// - A link that contradicts a stored one is not stored; a live reject [`link-conflict`](Reason::LINK_CONFLICT)
    ///   is.
    /// - Each act is decided by [`decide`](crate::decide). Enqueued, replaced or the same: the key is kept as sent
    ///   (its target id is the op key) and its live reject cleared. Dropped or unknown: the key is withdrawn. Changed
    ///   after transfer: the act and what was sent stay, a live reject
    ///   [`changed-after-transfer`](Reason::CHANGED_AFTER_TRANSFER) is stored.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) and [`RevisionConflict`](crate::ErrorKind::RevisionConflict), with
    /// nothing written.
    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed>;

    /// Stores links from outside a flow (settings, an import).
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if one contradicts a stored link; then none is stored.
    async fn put_links(&self, links: &[Link]) -> Result<()>;

    /// Live rejects, oldest first: of one flow or of all, at most `limit`.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn rejects(&self, flow: Option<&FlowName>, limit: usize) -> Result<Vec<Reject>>;

    /// How many live rejects there are: of one flow or of all.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn count_rejects(&self, flow: Option<&FlowName>) -> Result<u64>;

    /// Claims acts that are due, oldest first. An act waits while an earlier one of its order key is neither done nor
    /// rejected, so a claim never holds two acts of one order key. Claims of these kinds that lapsed become *in doubt*
    /// first; what is in doubt is claimed for a look-up.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn claim(&self, request: &ClaimRequest) -> Result<Vec<Claim>>;

    /// Extends a claim to `ttl` from now.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if the claim lapsed or belongs to somebody else.
    async fn extend(&self, claim: &Claim, ttl: Duration) -> Result<()>;

    /// Ends a claim. A claim that lapsed but was not taken by anybody else can still be settled: its holder knows best.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if it was settled or taken by somebody else.
    async fn settle(&self, claim: &Claim, settlement: Settlement) -> Result<()>;

    /// Lets a held or manual act go: it is ready at once.
    ///
    /// Releasing a held act approves it: [`Act::released`] is set. Releasing a manual act means only that a person has
    /// seen that the target does not have it, so [`Act::released`] stays as it is and checks before the write still
    /// apply.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) without such an act, [`Conflict`](crate::ErrorKind::Conflict) if it is
    /// neither held nor manual.
    async fn release(&self, op_key: &OpKey, by: &str, reason: &str) -> Result<()>;

    /// Lists acts in the order in which they were enqueued.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>>;
}

const _: fn(&dyn Store) = |_| {};

/// What to read for one page.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PageQuery {
    /// The keys of the page, each once.
    pub keys: Vec<Key>,
    /// The links that its records need, each once.
    pub links: Vec<LinkRef>,
}

impl PageQuery {
    /// Asks for these keys and links.
    #[must_use]
    pub fn new(keys: Vec<Key>, links: Vec<LinkRef>) -> Self {
        Self { keys, links }
    }
}

/// What a store knows about one page.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PageState {
    /// The part's revision; 0 if it was never committed.
    pub revision: u64,
    /// The part's position as it was committed last. Stores keep the text and do not look into it.
    pub position: Option<String>,
    /// What was sent, one entry per key of the query, in its order.
    pub sent: Vec<Option<Sent>>,
    /// Those keys of the query that have a live reject, with its reason's code.
    pub rejected: BTreeMap<Key, String>,
    /// The links that are known.
    pub links: Links,
}

/// What was sent of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Fingerprint of the record.
    pub fingerprint: Fingerprint,
    /// What the target calls it.
    pub target_id: Option<TargetId>,
}

impl Sent {
    /// This was sent.
    #[must_use]
    pub fn new(fingerprint: Fingerprint, target_id: Option<TargetId>) -> Self {
        Self { fingerprint, target_id }
    }
}

/// What one page changes.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PageCommit {
    /// The revision that was read.
    pub revision: u64,
    /// The new position.
    pub position: String,
    /// What was sent.
    pub sent: Vec<(Key, Sent)>,
    /// Keys that are sent no more.
    pub withdrawn: Vec<Key>,
    /// Keys whose live reject is superseded.
    pub cleared: Vec<Key>,
    /// New rejects. A live reject of the same key is updated: last seen and attempts.
    pub rejects: Vec<NewReject>,
    /// Links learned.
    pub links: Vec<Link>,
    /// What the outbox is asked for, with the record's key.
    pub acts: Vec<(Key, ActChange)>,
}

impl PageCommit {
    /// Moves the position; the rest is added to the fields.
    #[must_use]
    pub fn new(revision: u64, position: impl Into<String>) -> Self {
        Self { revision, position: position.into(), ..Self::default() }
    }
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// The part's revision now.
    pub revision: u64,
    /// What became of the acts, in the order of [`PageCommit::acts`].
    pub acts: Vec<ActOutcome>,
}

impl Committed {
    /// Committed as this revision.
    #[must_use]
    pub fn new(revision: u64, acts: Vec<ActOutcome>) -> Self {
        Self { revision, acts }
    }
}

/// What a dispatcher wants to claim.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClaimRequest {
    /// Kinds of acts.
    pub kinds: Vec<ActKind>,
    /// Who claims.
    pub holder: Holder,
    /// For how long, unless extended.
    pub ttl: Duration,
    /// At most so many.
    pub limit: usize,
    /// How long after a lapsed claim its act is looked up at the earliest.
    pub visibility_lag: Duration,
}

impl ClaimRequest {
    /// Claims up to `limit` acts of these kinds for `ttl`.
    #[must_use]
    pub fn new(kinds: Vec<ActKind>, holder: Holder, ttl: Duration, limit: usize) -> Self {
        Self { kinds, holder, ttl, limit, visibility_lag: Duration::ZERO }
    }

    /// Waits so long after a lapsed claim before the look-up.
    #[must_use]
    pub fn with_visibility_lag(mut self, lag: Duration) -> Self {
        self.visibility_lag = lag;
        self
    }
}

/// An act in the hands of one dispatcher.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The act.
    pub act: Act,
    /// Number of this claim of the act: guards the settlement.
    pub number: u64,
    /// What to do with it.
    pub task: ClaimTask,
    /// When it lapses unless extended.
    pub until: DateTime<Utc>,
}

impl Claim {
    /// Claim `number` of an act: for stores.
    #[must_use]
    pub fn new(act: Act, number: u64, task: ClaimTask, until: DateTime<Utc>) -> Self {
        Self { act, number, task, until }
    }
}

/// What a claim is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimTask {
    /// Submit it.
    Submit,
    /// Look it up: it is in doubt.
    LookUp {
        /// How many look-ups have not found it so far.
        misses: u32,
    },
}

/// How a claim ends.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Settlement {
    /// It happened.
    Done(Created),
    /// It surely did not happen: it is submitted again, at the earliest after `after`.
    Again {
        /// How long to wait.
        after: Duration,
        /// Why.
        reason: Reason,
    },
    /// Nobody knows: it is looked up, at the earliest after `after`.
    InDoubt {
        /// How long to wait.
        after: Duration,
        /// How many look-ups have not found it so far.
        misses: u32,
        /// Why.
        reason: Reason,
    },
    /// It waits for a person's approval.
    Held(Reason),
    /// In doubt, and cannot be looked up.
    Manual(Reason),
    /// The target refused it.
    Rejected(Reason),
}

impl Settlement {
    /// The state it leads to.
    #[must_use]
    pub fn state(&self) -> ActState {
        match self {
            Self::Done(_) => ActState::Done,
            Self::Again { .. } => ActState::Ready,
            Self::InDoubt { .. } => ActState::InDoubt,
            Self::Held(_) => ActState::Held,
            Self::Manual(_) => ActState::Manual,
            Self::Rejected(_) => ActState::Rejected,
        }
    }

    /// Why, where there is a reason.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Done(_) => None,
            Self::Again { reason, .. } | Self::InDoubt { reason, .. } => Some(reason),
            Self::Held(reason) | Self::Manual(reason) | Self::Rejected(reason) => Some(reason),
        }
    }
}

/// Which acts to list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActFilter {
    /// Only these states; empty: all.
    pub states: Vec<ActState>,
    /// Only this act.
    pub op_key: Option<OpKey>,
    /// At most so many.
    pub limit: usize,
}

impl ActFilter {
    /// All acts.
    #[must_use]
    pub fn all() -> Self {
        Self { states: Vec::new(), op_key: None, limit: usize::MAX }
    }

    /// Acts that are not settled.
    #[must_use]
    pub fn open() -> Self {
        Self {
            states: vec![
                ActState::Ready,
                ActState::Sending,
                ActState::InDoubt,
                ActState::Held,
                ActState::Manual,
            ],
            ..Self::all()
        }
    }

    /// Acts that are done or rejected.
    #[must_use]
    pub fn settled() -> Self {
        Self { states: vec![ActState::Done, ActState::Rejected], ..Self::all() }
    }

    /// The act with this name.
    #[must_use]
    pub fn one(op_key: impl Into<OpKey>) -> Self {
        Self { op_key: Some(op_key.into()), ..Self::all() }
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether an act in `state` under `op_key` is meant.
    #[must_use]
    pub fn matches(&self, op_key: &OpKey, state: ActState) -> bool {
        (self.states.is_empty() || self.states.contains(&state))
            && self.op_key.as_ref().is_none_or(|wanted| wanted == op_key)
    }
}

/// The reject of a link that contradicts a stored one: one per kind and `a`.
pub(crate) fn link_conflict(link: &Link) -> NewReject {
    let key = Key::from(format!("link:{}:{}", link.kind, link.a));
    NewReject::new(key, RejectStage::Link, Reason::new(Reason::LINK_CONFLICT))
}

pub(crate) fn link_contradiction() -> Error {
    Error::new(ErrorKind::Conflict, "a link contradicts another one")
}

pub(crate) fn lease_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "the lease was given back or taken by somebody else")
}

pub(crate) fn claim_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "the claim lapsed or was settled by somebody else")
}

pub(crate) fn revision_conflict() -> Error {
    Error::new(ErrorKind::RevisionConflict, "somebody else moved the flow's position")
}

pub(crate) fn no_such_act() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such act")
}

pub(crate) fn not_held() -> Error {
    Error::new(ErrorKind::Conflict, "the act is neither held nor manual")
}
