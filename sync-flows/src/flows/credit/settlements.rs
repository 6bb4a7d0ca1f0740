//! Settlements to a portal of your own.

use soneta_webapi::{Area, Rozrachunek};
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, Reason, Sink, Source};

use super::normal;
use crate::catalog::{Entry, Lane, System, Ticks};
use crate::setup::Setup;

/// Settlements to a portal of your own.
pub const SETTLEMENTS: Entry = Entry {
    id: "settlements",
    rows: &["E11"],
    what: "what of each document is still to be paid, and when it is due",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(5, 20),
    stage: None,
    needs: &[Area::Settlements],
    after: &["contractors"],
    guarantee: "the last state counts, a paid settlement stays as paid; what is gone is withdrawn by a full pass",
};

/// The flow [`SETTLEMENTS`]: they are read by [`changes`](crate::enova::changes) or [`full_list`](crate::enova::full_list) of a
/// [`RozrachunkiList`](crate::enova::RozrachunkiList). The rows tell no tick; only those of ticked contractors are sent where the source is
/// [ticked](crate::enova::ticked), and one that loses its tick is withdrawn by the next full pass.
///
/// The list has no look-up: what is missing is believed to be gone after two complete passes.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn settlements_to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = Rozrachunek> + 'static,
    M: Mapper<Rozrachunek> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.with_weekly_full_pass().flow(SETTLEMENTS.id, source, mapper, portal)
}

/// Hands settlements on, without the instant of their last change.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SettlementMapper;

impl Mapper<Rozrachunek> for SettlementMapper {
    type Out = Rozrachunek;

    fn map(
        &self,
        _key: &Key,
        mut settlement: Rozrachunek,
        _links: &Links,
    ) -> Result<Mapped<Rozrachunek>, Reason> {
        settlement.data_zmiany = None;
        settlement.kwota = normal(settlement.kwota);
        settlement.pozostalo = normal(settlement.pozostalo);
        Ok(Mapped::Send(settlement))
    }
}
