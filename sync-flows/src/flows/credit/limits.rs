//! Credit limits to a portal of your own.

use soneta_webapi::{Area, LimitKredytowy};
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, Reason, Sink, Source};

use super::normal;
use crate::catalog::{Entry, Lane, System, Ticks};
use crate::setup::Setup;

/// Credit limits to a portal of your own.
pub const CREDIT_LIMITS: Entry = Entry {
    id: "credit-limits",
    rows: &["E10"],
    what: "credit limits and how much of them is used",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(5, 0),
    stage: None,
    needs: &[Area::CreditLimits],
    after: &["contractors"],
    guarantee: "the last limit and use count; what loses its tick or is gone is withdrawn",
};

/// The flow [`CREDIT_LIMITS`]: limits are read by a [`LimitySource`](crate::enova::LimitySource), [ticked](crate::enova::ticked) where the
/// tick is a cecha of the contractor.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn limits_to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = LimitKredytowy> + 'static,
    M: Mapper<LimitKredytowy> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.flow(CREDIT_LIMITS.id, source, mapper, portal)
}

/// Hands the limits of ticked contractors on, without the instant of their calculation.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct LimitMapper;

impl Mapper<LimitKredytowy> for LimitMapper {
    type Out = LimitKredytowy;

    fn map(
        &self,
        _key: &Key,
        mut limit: LimitKredytowy,
        _links: &Links,
    ) -> Result<Mapped<LimitKredytowy>, Reason> {
        if !limit.zaznaczony.unwrap_or(true) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        limit.liczona_od = None;
        for money in [&mut limit.limit, &mut limit.wykorzystano, &mut limit.dostepny] {
            *money = money.take().map(normal);
        }
        Ok(Mapped::Send(limit))
    }
}
