//! Everything durable, changed together.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::act::{ActCount, ActStatus, Verdict};
use crate::error::Result;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, Part};
use crate::reject::{Reject, RejectCount, RejectFilter};
use crate::seen::SeenChunk;
use crate::webhook::{Delivery, Hint, HintOutcome, Waiting};

mod act_filter;
mod claim;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) mod columns;
mod command;
pub(crate) mod memory;
mod page;
mod part;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod refusal;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod verdict;

pub use act_filter::ActFilter;
pub use claim::{Claim, ClaimRequest, ClaimTask, Settlement};
pub use command::{Approval, Command, Order};
pub use page::{Committed, PageCommit, PageQuery, PageState, Population, Sent};
pub use part::{PartStatus, SentBy, SentOrigin};
pub(crate) use refusal::{
    check_flow, claim_lost, command_waits, lease_lost, link_conflict, link_contradiction, no_such_act,
    no_such_part, revision_conflict,
};
pub(crate) use verdict::{PRUNED, Released, check_resolvable, released};

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
    /// - A link takes the place of the one that it [replaces](Link::replacing). One that contradicts any other stored one is not
    ///   stored; a live reject [`link-conflict`](crate::Reason::LINK_CONFLICT) is.
    /// - A hint is settled only if no delivery came since it was read.
    /// - What is sent is kept with [`sent_by`](PageCommit::sent_by) and the instant. An entry that differs from the stored one
    ///   in its absences alone was not sent again, and keeps both.
    /// - Each act is decided by [`decide`](crate::decide). Too late: the act and what was sent stay, a live reject
    ///   [`changed-after-transfer`](crate::Reason::CHANGED_AFTER_TRANSFER) or
    ///   [`withdrawn-after-transfer`](crate::Reason::WITHDRAWN_AFTER_TRANSFER) is stored, which becomes due with the
    ///   [settlement](Self::settle) of the act that it waits for. Any other outcome clears the key's live reject; of
    ///   [`Enqueue`](crate::ActChange::Enqueue) the key is kept as sent (its target id is the op key), of
    ///   [`Withdraw`](crate::ActChange::Withdraw) it is withdrawn.
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

    /// What waits for the flow's next step, of all its parts. Asked once per step, and once more at the end of one that had
    /// hints.
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

    /// Lets a held, manual or rejected act go: it is ready at once, and its [age](crate::Act::enqueued_at) counts anew.
    ///
    /// Releasing a held act approves it: [`released`](crate::Act::released) is set. Releasing a manual act means only that a
    /// person has seen that the target does not have it, and releasing a rejected one that the target may be asked again; so
    /// `released` stays as it is and checks before the write still apply. A rejected act enters the line anew, at its end.
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
