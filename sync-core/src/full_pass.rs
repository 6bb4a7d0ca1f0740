//! Full passes: what they may conclude, and what they may not do without a person.
//!
//! A full pass reads a source from its start to its end. What was sent and is not seen by then is *missing*. It is removed
//! when a look-up says that it is gone or, where the source cannot look up, when it was missing in two complete passes in a
//! row. A pass that was cut short, that counted another number of records than the source declares, that met a bad record
//! without a key, or that found nothing at all, concludes nothing.
//!
//! A removal beyond the [`Brake`] waits for a person, in a pass and outside of it; everything else goes on.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::name::Key;

/// How much one cycle may take away without a person's approval.
///
/// What is above the limit is held back whole: each record as a reject ([`HELD_REMOVAL`](crate::Reason::HELD_REMOVAL),
/// [`HELD_EMPTYING`](crate::Reason::HELD_EMPTYING)), what a full pass found missing as a number. As long as something is held,
/// nothing is taken away at all. [`Flow::status`](crate::Flow::status) tells what is held, and
/// [`Flow::approve`](crate::Flow::approve) lets it go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Brake {
    /// Removals.
    pub removals: BrakeLimit,
    /// Records that [empty](crate::Mapper::empties) what is there.
    pub emptyings: BrakeLimit,
}

/// A limit of the [`Brake`]: the greater of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrakeLimit {
    /// So many records.
    pub count: u64,
    /// So many percent of what is in the target as the cycle begins.
    pub percent: u64,
}

impl BrakeLimit {
    /// The greater of `count` records and `percent` of what is in the target.
    #[must_use]
    pub const fn new(count: u64, percent: u64) -> Self {
        Self { count, percent }
    }

    fn of(self, active: u64) -> u64 {
        self.count.max(active.saturating_mul(self.percent) / 100)
    }
}

impl Brake {
    /// With this limit of removals.
    #[must_use]
    pub fn removals(mut self, limit: BrakeLimit) -> Self {
        self.removals = limit;
        self
    }

    /// With this limit of emptyings.
    #[must_use]
    pub fn emptyings(mut self, limit: BrakeLimit) -> Self {
        self.emptyings = limit;
        self
    }

    /// Nothing is ever held.
    #[must_use]
    pub fn off() -> Self {
        let all = BrakeLimit::new(u64::MAX, 100);
        Self { removals: all, emptyings: all }
    }
}

impl Default for Brake {
    /// 20 records or 5 % removed, 20 records or 30 % emptied.
    fn default() -> Self {
        Self { removals: BrakeLimit::new(20, 5), emptyings: BrakeLimit::new(20, 30) }
    }
}

/// What a flow holds back until a person approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Held {
    /// Names exactly this, or what is left of it: an approval of something else does nothing.
    pub token: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Removals that are held.
    pub removals: u64,
    /// Records that would empty what is there.
    pub emptyings: u64,
    /// Records of a page that was not committed because too many of them were rejected.
    pub rejects: u64,
    /// How much was in the target.
    pub of: u64,
    /// Part of the removals is what a full pass found missing.
    #[serde(default)]
    pub(crate) sweep: u64,
}

impl Held {
    /// What is newly held: its token follows from the rest.
    pub(crate) fn new(part: &str, since: DateTime<Utc>, amounts: Amounts) -> Self {
        let Amounts { removals, emptyings, rejects, sweep, of } = amounts;
        let text = format!("{part}\n{since:?}\n{removals}\n{emptyings}\n{rejects}\n{sweep}");
        let mut token = blake3::hash(text.as_bytes()).to_hex().to_string();
        token.truncate(8);
        Self { token, since, removals, emptyings, rejects, of, sweep }
    }

    pub(crate) fn amounts(&self) -> Amounts {
        let Self { removals, emptyings, rejects, sweep, of, .. } = *self;
        Amounts { removals, emptyings, rejects, sweep, of }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { token, removals, emptyings, rejects, of, .. } = self;
        write!(f, "{removals} removals, {emptyings} emptyings and {rejects} rejects held, of {of} ({token})")
    }
}

/// The numbers of what is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) removals: u64,
    pub(crate) emptyings: u64,
    pub(crate) rejects: u64,
    pub(crate) sweep: u64,
    pub(crate) of: u64,
}

impl Amounts {
    /// Whether no more is held than in `other`.
    pub(crate) fn are_within(self, other: Self) -> bool {
        self.removals <= other.removals && self.emptyings <= other.emptyings && self.rejects <= other.rejects
    }
}

/// What a cycle has taken away so far, and may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Toll {
    /// What was in the target as the cycle began.
    of: u64,
    removed: u64,
    emptied: u64,
    held: u64,
}

/// What may be taken away in this step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub(crate) brake: Brake,
    /// Something is held, and nobody approved.
    pub(crate) hold_all: bool,
    /// What a person approved on top of the limits.
    pub(crate) approved: Amounts,
}

impl Toll {
    pub(crate) fn new(active: u64) -> Self {
        Self { of: active, ..Self::default() }
    }

    /// Whether so many more removals would go through.
    pub(crate) fn may_remove(&self, records: u64, allowance: &Allowance) -> bool {
        let limit = allowance.brake.removals.of(self.of).saturating_add(allowance.approved.removals);
        Self::passes(self.removed, self.held, records, limit, allowance)
    }

    /// Whether so many more removals go through; counts them.
    pub(crate) fn remove(&mut self, records: u64, allowance: &Allowance) -> bool {
        let passes = self.may_remove(records, allowance);
        if passes {
            self.removed += records;
        }
        passes
    }

    /// Whether so many more emptyings go through; counts them.
    pub(crate) fn empty(&mut self, records: u64, allowance: &Allowance) -> bool {
        let limit = allowance.brake.emptyings.of(self.of).saturating_add(allowance.approved.emptyings);
        let passes = Self::passes(self.emptied, self.held, records, limit, allowance);
        if passes {
            self.emptied += records;
        }
        passes
    }

    fn passes(done: u64, held: u64, more: u64, limit: u64, allowance: &Allowance) -> bool {
        more == 0 || (!allowance.hold_all && held == 0 && done.saturating_add(more) <= limit)
    }

    /// So many records are held back. From then on nothing more of this cycle goes through.
    pub(crate) fn hold(&mut self, records: u64) {
        self.held += records;
    }

    pub(crate) fn held(&self) -> u64 {
        self.held
    }

    /// What was held back so far is about to go.
    pub(crate) fn let_go(&mut self) {
        self.held = 0;
    }

    pub(crate) fn of(&self) -> u64 {
        self.of
    }
}

/// A full pass under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pass {
    pub(crate) began: DateTime<Utc>,
    /// Where it goes on; `None` is the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<Box<RawValue>>,
    /// Records read so far, as the source gave them.
    pub(crate) rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) total: Option<u64>,
    /// Why nothing may be concluded from what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inconclusive: Option<Inconclusive>,
    /// Everything is sent, also what has not changed.
    #[serde(default)]
    pub(crate) reassert: bool,
    /// A person wants it: one that is incomplete does not do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) asked: bool,
    pub(crate) toll: Toll,
    /// The source is read to its end, and what is missing is being seen to, after this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sweep: Option<Sweep>,
}

/// How far what is missing was seen to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sweep {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Key>,
}

/// Why a full pass concluded nothing from what it did not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Inconclusive {
    /// The source was cut short.
    CutShort,
    /// The source gave no record at all.
    Empty,
    /// The source declared another number of records than it gave.
    OtherTotal,
    /// A record without a key could not be decoded: it may be any.
    Unkeyed,
}

impl Pass {
    pub(crate) fn new(began: DateTime<Utc>, reassert: bool, active: u64) -> Self {
        Self {
            began,
            cursor: None,
            rows: 0,
            total: None,
            inconclusive: None,
            reassert,
            asked: false,
            toll: Toll::new(active),
            sweep: None,
        }
    }

    /// Takes in what a page says about the pass as a whole.
    pub(crate) fn count(&mut self, rows: u64, total: Option<u64>, unkeyed: bool) {
        self.rows += rows;
        if unkeyed {
            self.inconclusive = self.inconclusive.or(Some(Inconclusive::Unkeyed));
        }
        if let Some(total) = total {
            if self.total.is_some_and(|before| before != total) {
                self.inconclusive = self.inconclusive.or(Some(Inconclusive::OtherTotal));
            }
            self.total = Some(total);
        }
    }

    /// The source was read to its end.
    pub(crate) fn end(&mut self, cut_short: bool, allow_empty: bool) {
        let verdict = if cut_short {
            Some(Inconclusive::CutShort)
        } else if self.rows == 0 && !allow_empty {
            Some(Inconclusive::Empty)
        } else if self.total.is_some_and(|total| total != self.rows) {
            Some(Inconclusive::OtherTotal)
        } else {
            None
        };
        self.inconclusive = verdict.or(self.inconclusive);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance(hold_all: bool, approved: u64) -> Allowance {
        let approved = Amounts { removals: approved, ..Amounts::default() };
        Allowance { brake: Brake::default(), hold_all, approved }
    }

    #[test]
    fn the_greater_of_count_and_percent_goes_through_and_nothing_after_something_was_held() {
        let mut toll = Toll::new(1_000);
        assert!(toll.remove(30, &allowance(false, 0)));
        assert!(toll.remove(20, &allowance(false, 0)));
        assert!(!toll.remove(1, &allowance(false, 0)));
        assert!(toll.remove(1, &allowance(false, 1)));
        toll.hold(1);
        assert!(!toll.remove(1, &allowance(false, 1_000)));
        assert!(toll.remove(0, &allowance(false, 0)));
        assert!(Toll::new(10).remove(20, &allowance(false, 0)));
        assert!(!Toll::new(10).remove(21, &allowance(false, 0)));
        assert!(!Toll::new(1_000).remove(1, &allowance(true, 0)));
        assert!(Toll::new(1_000).empty(300, &allowance(false, 0)));
        assert!(!Toll::new(1_000).empty(301, &allowance(false, 0)));
    }

    #[test]
    fn a_pass_concludes_only_from_all_there_is() {
        let ended = |rows: u64, total: Option<u64>, unkeyed: bool, cut: bool, allow_empty: bool| {
            let mut pass = Pass::new(DateTime::UNIX_EPOCH, false, 9);
            pass.count(rows, total, unkeyed);
            pass.end(cut, allow_empty);
            pass.inconclusive
        };
        assert_eq!(ended(3, None, false, false, false), None);
        assert_eq!(ended(3, Some(3), false, false, false), None);
        assert_eq!(ended(3, Some(4), false, false, false), Some(Inconclusive::OtherTotal));
        assert_eq!(ended(3, None, true, false, false), Some(Inconclusive::Unkeyed));
        assert_eq!(ended(3, None, false, true, false), Some(Inconclusive::CutShort));
        assert_eq!(ended(0, None, false, false, false), Some(Inconclusive::Empty));
        assert_eq!(ended(0, None, false, false, true), None);
        let mut pass = Pass::new(DateTime::UNIX_EPOCH, false, 9);
        pass.count(1, Some(2), false);
        pass.count(1, Some(3), false);
        pass.count(1, Some(3), false);
        pass.end(false, false);
        assert_eq!(pass.inconclusive, Some(Inconclusive::OtherTotal));
    }
}
