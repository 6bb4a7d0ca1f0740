//! Contractors to a portal of your own (E9).

use serde::Serialize;
use soneta_webapi::{Area, Kontrahent};
use std::fmt;
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, Reason, Sink, Source};

use crate::catalog::{Entry, Lane, System, Ticks};
use crate::setup::Setup;
use crate::tick::Tick;

/// Contractors to a portal of your own.
pub const CONTRACTORS: Entry = Entry {
    id: "contractors",
    rows: &["E9"],
    what: "contractors with delivery places, contacts, currency and kind of VAT",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(5, 0),
    stage: None,
    needs: &[Area::Contractors],
    after: &["payment-methods", "payment-terms", "price-groups"],
    guarantee: "the last state counts; a merged one is told as inactive with what it was merged into, and what loses its tick is removed",
};

/// The flow [`CONTRACTORS`]. Keys are the contractors' ids.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = Kontrahent> + 'static,
    M: Mapper<Kontrahent> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.with_weekly_full_pass().flow(CONTRACTORS.id, source, mapper, portal)
}

/// A contractor as a portal of your own gets it.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PortalContractor {
    /// Whether the portal may go on with it: false once it was merged into another one, which is
    /// [`zastapiony_przez_id`](Kontrahent::zastapiony_przez_id) of the record. That one may have been merged in turn.
    pub active: bool,
    /// The ERP's record. `data_zmiany` and `wersja` are left out: they change when nothing else does.
    pub kontrahent: Kontrahent,
}

impl fmt::Debug for PortalContractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { active, kontrahent } = self;
        f.debug_struct("PortalContractor").field("active", active).field("kontrahent", kontrahent).finish()
    }
}

/// Hands ticked contractors on.
#[derive(Debug, Clone, Default)]
pub struct ContractorMapper {
    tick: Tick,
}

impl ContractorMapper {
    /// Sends contractors with this tick.
    #[must_use]
    pub fn new(tick: Tick) -> Self {
        Self { tick }
    }
}

impl Mapper<Kontrahent> for ContractorMapper {
    type Out = PortalContractor;

    fn map(
        &self,
        _key: &Key,
        mut kontrahent: Kontrahent,
        _links: &Links,
    ) -> Result<Mapped<PortalContractor>, Reason> {
        if !self.tick.sends(kontrahent.zaznaczony, &kontrahent.cechy) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        kontrahent.data_zmiany = None;
        kontrahent.wersja = None;
        let active = kontrahent.zastapiony_przez_id.is_none();
        Ok(Mapped::Send(PortalContractor { active, kontrahent }))
    }
}
