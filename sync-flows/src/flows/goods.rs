//! Goods, enova365 → a portal of your own (E1), and renamed goods (G3). ONe's catalogue does not come from the ERP.
//!
//! ```text
//! Towary ─► changes | queue | full_list (key: the good's id)
//!        ─► GoodsMapper (only ticked goods, without stamps)
//!        ─► your Sink   (an upsert for what is new or changed, a removal for what lost its tick or vanished)
//! ```
//!
//! A removal means *marked inactive*: a portal keeps the good for its old orders.
//!
//! # Renamed goods
//!
//! The ERP's users may change a good's Kod, by which shops, price lists and ONe know it. The flow knows a good by its id: a renamed
//! one is sent as a change, whatever the mapper makes of it, and reported: as a warning in the log, and to whoever listens
//! ([`Renames`]). The Kod that was sent last is part of the target's id that the flow remembers, so it outlives a restart, and
//! [`explain`](sync_core::Flow::explain) shows it. For ONe, which has no such flow, [`watch_codes`] does nothing but that.

mod renames;

pub use renames::{LogRenames, Renamed, Renames};

use soneta_webapi::{Area, Towar};
use std::sync::Arc;
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, Reason, Sink, Source};

use crate::Tick;
use crate::catalog::{Entry, Lane, System, Ticks};
use crate::setup::Setup;
use renames::{Nowhere, RenameWatch, WithCode};

/// Goods to a portal of one's own.
pub const GOODS: Entry = Entry {
    id: "goods",
    rows: &["E1", "G3"],
    what: "goods that carry the tick, with their cechy",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(60 * 60),
    stage: None,
    needs: &[Area::Goods],
    after: &[],
    guarantee: "only what changed is sent; what loses its tick or vanishes is removed, which a portal takes as inactive; a renamed Kod is sent and reported",
};

/// Watches the codes of goods.
pub const GOOD_CODES: Entry = Entry {
    id: "good-codes",
    rows: &["G3"],
    what: "the Kod of each good by its id: a renamed one is reported",
    from: System::Enova,
    to: System::People,
    lane: Lane::State,
    class: Class::Bulk,
    ticks: Ticks::every(60 * 60),
    stage: None,
    needs: &[Area::Goods],
    after: &[],
    guarantee: "a good that was seen under another Kod is reported at least once; nothing is written anywhere",
};

/// The flow [`GOODS`] to this portal. A source of changes is read whole once a week unless the settings say how often.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to<S, M, K>(
    setup: &Setup,
    source: S,
    mapper: M,
    portal: K,
    renames: Arc<dyn Renames>,
) -> sync_core::Result<Flow>
where
    S: Source<Record = Towar> + 'static,
    M: Mapper<Towar> + 'static,
    M::Out: Clone,
    K: Sink<Record = M::Out> + 'static,
{
    let (mapper, sink) = (WithCode(mapper), RenameWatch::new(portal, renames));
    setup.with_weekly_full_pass().flow(GOODS.id, source, mapper, sink)
}

/// The flow [`GOOD_CODES`] of the goods that carry this tick.
///
/// # Errors
/// As [`to`].
pub fn watch_codes<S>(
    setup: &Setup,
    source: S,
    tick: Tick,
    renames: Arc<dyn Renames>,
) -> sync_core::Result<Flow>
where
    S: Source<Record = Towar> + 'static,
{
    let (mapper, sink) = (WithCode(CodeMapper { tick }), RenameWatch::new(Nowhere, renames));
    setup.with_weekly_full_pass().flow(GOOD_CODES.id, source, mapper, sink)
}

/// Hands a good on as the ERP has it, if it carries the tick: without the stamp of its last change, cechy in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct GoodsMapper {
    tick: Tick,
}

impl GoodsMapper {
    /// Sends the goods that carry this tick.
    #[must_use]
    pub fn new(tick: Tick) -> Self {
        Self { tick }
    }
}

impl Mapper<Towar> for GoodsMapper {
    type Out = Towar;

    fn map(&self, _key: &Key, mut towar: Towar, _links: &Links) -> Result<Mapped<Towar>, Reason> {
        if !self.tick.sends(towar.zaznaczony, &towar.cechy) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        towar.data_zmiany = None;
        towar.cechy.sort_by(|a, b| a.nazwa.cmp(&b.nazwa));
        Ok(Mapped::Send(towar))
    }
}

/// Nothing but the Kod, which [`WithCode`] adds.
#[derive(Debug)]
struct CodeMapper {
    tick: Tick,
}

impl Mapper<Towar> for CodeMapper {
    type Out = ();

    fn map(&self, _key: &Key, towar: Towar, _links: &Links) -> Result<Mapped<()>, Reason> {
        if self.tick.sends(towar.zaznaczony, &towar.cechy) {
            Ok(Mapped::Send(()))
        } else {
            Ok(Mapped::LeaveOut(Reason::new("not-ticked")))
        }
    }
}
