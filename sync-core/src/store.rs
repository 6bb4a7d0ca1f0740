//! Everything durable, changed together.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::act::{Act, ActChange, ActCount, ActOutcome, ActState, ActStatus, Created, Payload, Verdict};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef, Links};
use crate::name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, OrderKey, Part, TargetId};
use crate::reject::{NewReject, Reject, RejectCount, RejectFilter, RejectStage};
use crate::seen::SeenChunk;
use crate::webhook::{Delivery, Hint, HintOutcome, HintSettled, Waiting};

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) mod columns;
pub(crate) mod memory;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

/// Keeps positions, what was sent, rejects, links, leases and acts.
///
/// # Contract
/// - Each method is one transaction: it happens whole or not at all, and is durable when it returns. Dropping its
///   future leaves either the state before or the state after.
/// - Several processes may use one store at the same time.
/// - All instants are the store's own: `now` below is its clock.
/// - Ids are texts of any characters, ordered by their bytes.
/// - An engine calls `read_page` once per page, `commit` once or, if something is written to a sink, twice, `seen` once per
///   step of a full pass, the others rarely.
/// - Instances run the conformance suite of the feature `testing`.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// The store's clock.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn now(&self) -> Result<DateTime<Utc>>;

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
    /// Order within: sent, withdrawn, cleared rejects, rejects, links, closed links, acts, seen, hints. The revision rises by one.
    ///
    /// - A new reject takes the place of the key's live one; its attempts rise and it is no longer due.
    /// - A link that is learned makes the rejects that [wait for it](crate::Reason::waits_for) due, of all flows. A new
    ///   reject whose link is known by now is due at once.
    /// - A link that contradicts a stored one is not stored; a live reject [`link-conflict`](Reason::LINK_CONFLICT)
    ///   is.
    /// - A hint is settled only if no delivery came since it was read.
    /// - What is sent is kept with [`sent_by`](PageCommit::sent_by) and the instant. An entry that differs from the stored one
    ///   in its absences alone was not sent again, and keeps both.
    /// - Each act is decided by [`decide`](crate::decide). Changed after transfer: the act and what was sent stay, a live
    ///   reject [`changed-after-transfer`](Reason::CHANGED_AFTER_TRANSFER) is stored, which becomes due with the
    ///   [settlement](Self::settle) of the act that it waits for. Any other outcome clears the key's live reject; of [`Enqueue`](ActChange::Enqueue) the key
    ///   is kept as sent (its target id is the op key), of [`Withdraw`](ActChange::Withdraw) it is withdrawn.
    /// - Of one document at most one act is not settled. An edit or a cancellation has the order key of version 0.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) and [`RevisionConflict`](crate::ErrorKind::RevisionConflict), with
    /// nothing written.
    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed>;

    /// The chunks of the part's set of seen slots, in the order of their numbers.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn seen(&self, part: &Part) -> Result<Vec<SeenChunk>>;

    /// What was sent of the part and is not in its set of seen slots, in the order of keys, after `after`, at most
    /// `limit`.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn unseen(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>>;

    /// Of how many keys something was sent that is not in the set of seen slots, and that were missing in at least
    /// `absences` full passes before.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn count_unseen(&self, part: &Part, absences: u8) -> Result<u64>;

    /// What was sent of the part, in the order of keys, after `after`, at most `limit`.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn sent(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>>;

    /// What was sent of this key, when, and by what run: one entry per part of the flow that sent it, by name.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn explain(&self, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>>;

    /// The parts of a flow that were ever committed, by name.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>>;

    /// Keeps a person's approval with the part until a commit uses it up; a later one replaces it. The revision stays.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the part was never committed.
    async fn approve(&self, part: &Part, approval: &Approval) -> Result<()>;

    /// Keeps a person's command with the part until a commit takes it up. The revision stays.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the part was never committed; [`Conflict`](crate::ErrorKind::Conflict)
    /// if another command waits there.
    async fn command(&self, part: &Part, command: &Command) -> Result<()>;

    /// Forgets a part: its position, what was sent, what was seen, its rejects and hints. Acts and links stay.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost); [`Bug`](crate::ErrorKind::Bug) with the lease of another flow.
    async fn forget(&self, part: &Part, lease: &Lease) -> Result<()>;

    /// Stores links from outside a flow (settings, an import). Rejects that wait for one become due.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if one contradicts a stored link; then none is stored.
    async fn put_links(&self, links: &[Link]) -> Result<()>;

    /// Closes links; tells how many were open. Unknown ones are left out.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn close_links(&self, links: &[LinkRef]) -> Result<u64>;

    /// The [open](Link::open) links of a kind, in the order of `a`, after `after`, at most `limit`.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Result<Vec<Link>>;

    /// Keeps a delivery's hints, unless it came before: then nothing happens. A hint about a record that has one already
    /// takes its place: the number rises, the attempts begin anew, and it is due at once.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn put_hints(&self, delivery: &Delivery, hints: &[(Part, Key)]) -> Result<HintOutcome>;

    /// The part's hints that are due, in the order of keys, after `after`, at most `limit`.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn hints(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<Hint>>;

    /// What waits for the flow's next step, of all its parts. Asked once per step.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn waiting(&self, flow: &FlowName) -> Result<Waiting>;

    /// Live rejects, oldest first; of one part, in the order of keys.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn rejects(&self, filter: &RejectFilter) -> Result<Vec<Reject>>;

    /// How many live rejects the filter matches; its limit does not count.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn count_rejects(&self, filter: &RejectFilter) -> Result<RejectCount>;

    /// Makes rejects due: their flow looks the records up again with its next step. Tells how many; the filter's limit
    /// does not count.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn replay_rejects(&self, filter: &RejectFilter) -> Result<u64>;

    /// Drops rejects, whatever their records: a person has seen to them. Tells how many; the filter's limit does not
    /// count.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn drop_rejects(&self, filter: &RejectFilter) -> Result<u64>;

    /// Claims acts that are due, in the order of their numbers. An act waits while an earlier one of its order key is
    /// neither done nor rejected, so a claim never holds two acts of one order key; it waits as well until all acts that it
    /// names in [`NewAct::after`](crate::NewAct::after) are done. Claims of these kinds that lapsed become *in doubt*
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
    /// The rejects that wait for the act are due once it is done or rejected, and once it waits again (to be sent, or for an
    /// approval) and surely has not happened: a newer version takes its place then.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if it was settled or taken by somebody else.
    async fn settle(&self, claim: &Claim, settlement: Settlement) -> Result<()>;

    /// Lets a held, manual or rejected act go: it is ready at once.
    ///
    /// Releasing a held act approves it: [`Act::released`] is set. Releasing a manual act means only that a person has
    /// seen that the target does not have it, and releasing a rejected one that the target may be asked again; so
    /// [`Act::released`] stays as it is and checks before the write still apply. A rejected act enters the line anew, at its
    /// end.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) without such an act, [`Conflict`](crate::ErrorKind::Conflict) if it is
    /// neither held nor manual nor rejected, or its request was dropped by [`prune`](Self::prune).
    async fn release(&self, op_key: &OpKey, by: &str, reason: &str) -> Result<()>;

    /// Settles an act by a person's word, which is kept as its reason. Links are learned and waiting rejects become due as
    /// with [`settle`](Self::settle). Given up, it has surely not happened, so a newer version may take its place.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) without such an act, [`Conflict`](crate::ErrorKind::Conflict) if it is
    /// being sent or done.
    async fn resolve(&self, op_key: &OpKey, verdict: &Verdict, by: &str, reason: &str) -> Result<()>;

    /// Acts of these kinds that are done or rejected, in the order in which they were settled, with their numbers in that
    /// order: those after number `after`, at most `limit`.
    ///
    /// Who reads on after the last number misses none, whatever is settled meanwhile: a lower number never shows later. An
    /// act that is let go again loses its number and gets a higher one when it is settled anew.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Result<Vec<(u64, ActStatus)>>;

    /// Lists acts in the order of their numbers: that in which they were enqueued or let go again.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>>;

    /// Counts the acts that are not settled, and the refused ones whose request is not [pruned](Self::prune) yet: by kind,
    /// state and the reason's code, in this order. An act that is being looked up counts as in doubt.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn act_counts(&self) -> Result<Vec<ActCount>>;

    /// Drops the requests of acts that were settled more than `age` ago; tells how many. Their payload is an empty text then,
    /// which is no JSON. What is kept (names, state, what was made, the hash) still keeps an act from happening twice, and
    /// lets its document be edited or cancelled.
    ///
    /// It also forgets deliveries and hints that came, and runs that began, more than `age` ago, at least
    /// [`Delivery::KEPT`]; not runs of which something is still what was sent last.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    async fn prune(&self, age: Duration) -> Result<u64>;
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
    /// How much was sent of the part, as it was committed last.
    pub population: Population,
    /// A person's approval, until it is used up.
    pub approval: Option<Approval>,
    /// A person's command, until it is taken up.
    pub command: Option<Command>,
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
    /// The key's number within the part, by which full passes tick off what they saw.
    pub slot: u64,
    /// In how many complete full passes in a row the key was missing.
    pub absences: u8,
}

impl Sent {
    /// This was sent, in slot 0.
    #[must_use]
    pub fn new(fingerprint: Fingerprint, target_id: Option<TargetId>) -> Self {
        Self { fingerprint, target_id, slot: 0, absences: 0 }
    }

    /// In this slot.
    #[must_use]
    pub fn in_slot(mut self, slot: u64) -> Self {
        self.slot = slot;
        self
    }

    /// Missing in so many full passes.
    #[must_use]
    pub fn missing(mut self, passes: u8) -> Self {
        self.absences = passes;
        self
    }
}

/// How much was sent of a part. The engine counts, stores keep the numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Population {
    /// The next free slot: so many keys were ever sent.
    pub slots: u64,
    /// So many keys are in the target now.
    pub active: u64,
}

impl Population {
    /// These numbers.
    #[must_use]
    pub fn new(slots: u64, active: u64) -> Self {
        Self { slots, active }
    }

    /// One more key; gives its slot.
    pub(crate) fn add(&mut self) -> u64 {
        let slot = self.slots;
        self.slots += 1;
        self.active += 1;
        slot
    }
}

/// A person's word that what a flow holds back may go on: see [`Held`](crate::Held).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Approval {
    /// What was approved: [`Held::token`](crate::Held::token).
    pub token: String,
    /// Who approved.
    pub by: String,
    /// Why, in his own words.
    pub reason: String,
}

impl Approval {
    /// `by` approves of `token`.
    #[must_use]
    pub fn new(token: impl Into<String>, by: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { token: token.into(), by: by.into(), reason: reason.into() }
    }
}

/// A person's word to a part of a flow: see [`Flow::backfill`](crate::Flow::backfill) and
/// [`Flow::rewind`](crate::Flow::rewind). `Debug` does not show the reason.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Command {
    /// What is to be done.
    pub order: Order,
    /// Who wants it.
    pub by: String,
    /// Why, in his own words.
    pub reason: String,
    /// When it was given.
    pub at: DateTime<Utc>,
}

/// What a [`Command`] asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Order {
    /// A full pass, as soon as may be.
    Backfill,
    /// The live cycle goes on at this cursor (its JSON); `None` is the start.
    Rewind(Option<String>),
}

impl Command {
    /// `by` wants this.
    #[must_use]
    pub fn new(order: Order, by: impl Into<String>, reason: impl Into<String>, at: DateTime<Utc>) -> Self {
        Self { order, by: by.into(), reason: reason.into(), at }
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { order, by, at, .. } = self;
        f.debug_struct("Command")
            .field("order", order)
            .field("by", by)
            .field("at", at)
            .finish_non_exhaustive()
    }
}

/// By what run, and as what version of the mapping, something was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentBy {
    /// The run's name: [`RunContext::run_id`](crate::RunContext::run_id).
    pub run: String,
    /// When the run began: the first step of it that sent something of the flow.
    pub began_at: DateTime<Utc>,
    /// [`Mapper::version`](crate::Mapper::version).
    pub mapping: u32,
}

impl SentBy {
    /// By this run, which began then, with this version of the mapping.
    #[must_use]
    pub fn new(run: impl Into<String>, began_at: DateTime<Utc>, mapping: u32) -> Self {
        Self { run: run.into(), began_at, mapping }
    }
}

/// Where what was sent of a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentOrigin {
    /// The part of the flow.
    pub part: Part,
    /// What was sent.
    pub sent: Sent,
    /// When, to the second at least; unknown of what an older version of this crate sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// By what run; unknown of what an older version of this crate sent.
    pub by: Option<SentBy>,
}

impl SentOrigin {
    /// This was sent of a part: for stores.
    #[must_use]
    pub fn new(part: Part, sent: Sent, sent_at: Option<DateTime<Utc>>, by: Option<SentBy>) -> Self {
        Self { part, sent, sent_at, by }
    }
}

/// What a store knows about a part as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartStatus {
    /// The part.
    pub part: Part,
    /// Its revision.
    pub revision: u64,
    /// Its position as it was committed last.
    pub position: String,
    /// How much was sent of it.
    pub population: Population,
    /// A person's approval, until it is used up.
    pub approval: Option<Approval>,
    /// When it was committed last.
    pub committed_at: DateTime<Utc>,
    /// When a cycle of it was completed last.
    pub last_ok_at: Option<DateTime<Utc>>,
}

impl PartStatus {
    /// A part at this position, committed then: for stores.
    #[must_use]
    pub fn new(part: Part, revision: u64, position: impl Into<String>, committed_at: DateTime<Utc>) -> Self {
        Self {
            part,
            revision,
            position: position.into(),
            population: Population::default(),
            approval: None,
            committed_at,
            last_ok_at: None,
        }
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
    /// Links whose end was learned.
    pub closed: Vec<LinkRef>,
    /// Hints that were looked up.
    pub hints: Vec<HintSettled>,
    /// What the outbox is asked for, with the record's key.
    pub acts: Vec<(Key, ActChange)>,
    /// How much is sent of the part after this page; `None` leaves the numbers as they are.
    pub population: Option<Population>,
    /// The set of seen slots is emptied, before `seen` is added.
    pub forget_seen: bool,
    /// Chunks of the set of seen slots, each in place of the chunk of its number.
    pub seen: Vec<SeenChunk>,
    /// A cycle of the part is complete: [`PartStatus::last_ok_at`] is now.
    pub completed: bool,
    /// The part's approval of this token is used up. One of another token, given meanwhile, stays.
    pub approval_used: Option<String>,
    /// The part's command is taken up.
    pub command_taken: bool,
    /// Who sends what is sent: kept with `sent` and with the keys of `acts`.
    pub sent_by: Option<SentBy>,
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

    /// Whether a change that came while the act was under way is decided anew. `may_exist`: it has been in doubt.
    pub(crate) fn lets_changes_in(&self, may_exist: bool) -> bool {
        match self {
            Self::Done(_) | Self::Rejected(_) => true,
            Self::Again { .. } | Self::Held(_) => !may_exist,
            Self::InDoubt { .. } | Self::Manual(_) => false,
        }
    }
}

/// Which acts to list. All conditions hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActFilter {
    /// Only these states; empty: all.
    pub states: Vec<ActState>,
    /// Only these kinds; empty: all.
    pub kinds: Vec<ActKind>,
    /// Only this act.
    pub op_key: Option<OpKey>,
    /// Only the acts of this document: the one that makes it, its edits, its cancellation.
    pub document: Option<OpKey>,
    /// Only acts of this order key.
    pub order_key: Option<OrderKey>,
    /// Only those after this [number](ActStatus::number): to list them page by page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl ActFilter {
    /// All acts.
    #[must_use]
    pub fn all() -> Self {
        Self {
            states: Vec::new(),
            kinds: Vec::new(),
            op_key: None,
            document: None,
            order_key: None,
            after: None,
            limit: usize::MAX,
        }
    }

    /// Acts that are not settled.
    #[must_use]
    pub fn open() -> Self {
        Self::all().states([
            ActState::Ready,
            ActState::Sending,
            ActState::InDoubt,
            ActState::Held,
            ActState::Manual,
        ])
    }

    /// Acts that are done or rejected.
    #[must_use]
    pub fn settled() -> Self {
        Self::all().states([ActState::Done, ActState::Rejected])
    }

    /// The act with this name.
    #[must_use]
    pub fn one(op_key: impl Into<OpKey>) -> Self {
        Self { op_key: Some(op_key.into()), ..Self::all() }
    }

    /// The acts of this document.
    #[must_use]
    pub fn of_document(document: impl Into<OpKey>) -> Self {
        Self { document: Some(document.into()), ..Self::all() }
    }

    /// Only these states.
    #[must_use]
    pub fn states(mut self, states: impl IntoIterator<Item = ActState>) -> Self {
        self.states = states.into_iter().collect();
        self
    }

    /// Only these kinds.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = ActKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Only acts of this order key.
    #[must_use]
    pub fn order_key(mut self, order_key: impl Into<OrderKey>) -> Self {
        self.order_key = Some(order_key.into());
        self
    }

    /// Only those after this [number](ActStatus::number).
    #[must_use]
    pub fn after(mut self, number: u64) -> Self {
        self.after = Some(number);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether this act is meant, the limit aside.
    #[must_use]
    pub fn matches(&self, status: &ActStatus) -> bool {
        let act = &status.act;
        (self.states.is_empty() || self.states.contains(&status.state))
            && (self.kinds.is_empty() || self.kinds.contains(&act.kind))
            && self.op_key.as_ref().is_none_or(|wanted| *wanted == act.op_key)
            && self.document.as_ref().is_none_or(|wanted| *wanted == act.document)
            && self.order_key.as_ref().is_none_or(|wanted| *wanted == act.order_key)
            && self.after.is_none_or(|after| status.number > after)
    }
}

/// What a person lets go when he releases an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Released {
    /// It was held: he approves.
    Approved,
    /// It was manual: the target does not have it.
    NotThere,
    /// It was rejected: the target is asked again, and it enters the line anew.
    Anew,
}

/// What a release means for an act in this state with this request.
pub(crate) fn released(state: ActState, payload: &Payload) -> Result<Released> {
    match state {
        ActState::Held => Ok(Released::Approved),
        ActState::Manual => Ok(Released::NotThere),
        ActState::Rejected if payload.as_json() == PRUNED => Err(Error::new(
            ErrorKind::Conflict,
            "a prune dropped the act's request: it can be resolved, not released",
        )),
        ActState::Rejected => Ok(Released::Anew),
        _ => Err(Error::new(
            ErrorKind::Conflict,
            format!("the act is {}: what can be released is held, manual or rejected", state.as_str()),
        )),
    }
}

/// What is left of the request of an act that was settled long ago: no JSON, so no request is like it.
pub(crate) const PRUNED: &str = "";

/// A person's word about an act in this state is heard.
pub(crate) fn check_resolvable(state: ActState) -> Result<()> {
    match state {
        ActState::Sending | ActState::Done => {
            let words = "what is being sent is known once it is settled, what is done stays done";
            Err(Error::new(ErrorKind::Conflict, format!("the act is {}: {words}", state.as_str())))
        }
        _ => Ok(()),
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

/// A lease is for the parts of its own flow.
pub(crate) fn check_flow(part: &Part, lease: &Lease) -> Result<()> {
    if part.flow() == &lease.flow {
        return Ok(());
    }
    Err(Error::bug("a commit under another flow's lease"))
}

pub(crate) fn no_such_part() -> Error {
    Error::new(ErrorKind::NotFound, "the part was never committed")
}

pub(crate) fn command_waits() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "another command waits for the flow's next step: let it run, then give this one",
    )
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
    Error::new(ErrorKind::NotFound, "there is no act of this op key")
}
