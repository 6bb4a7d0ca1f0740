//! Price groups, enova365 → a portal of your own (E3).
//!
//! ```text
//! Slowniki::list_grupy_cenowe ─► SlownikSource ─► PriceGroupMapper (only those in use) ─► your Sink
//! ```
//!
//! In enova365 a price group is a word of a dictionary, which contractors carry as a cecha
//! ([`Kontrahent::grupa_cenowa`](soneta_webapi::Kontrahent)), not a record of its own.

use soneta_webapi::{Area, GrupaCenowa, Slowniki};
use std::sync::Arc;
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, Reason, Sink};

use crate::catalog::{Entry, Lane, System, Ticks};
use crate::enova::SlownikSource;
use crate::setup::Setup;

/// Price groups to a portal of one's own.
pub const PRICE_GROUPS: Entry = Entry {
    id: "price-groups",
    rows: &["E3"],
    what: "the words that contractors are grouped by for prices",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(2, 30),
    stage: None,
    needs: &[Area::Dictionaries],
    after: &[],
    guarantee: "read whole; a group that is taken out of use or vanishes is removed, a renamed one is a new one",
};

/// The flow [`PRICE_GROUPS`] to this portal.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to<M, K>(setup: &Setup, slowniki: Arc<dyn Slowniki>, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    M: Mapper<GrupaCenowa> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    let source = SlownikSource::<GrupaCenowa>::new(slowniki, setup.erp.clone());
    setup.flow(PRICE_GROUPS.id, source, mapper, portal)
}

/// Hands a price group on as the ERP has it, unless it is taken out of use.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct PriceGroupMapper;

impl Mapper<GrupaCenowa> for PriceGroupMapper {
    type Out = GrupaCenowa;

    fn map(&self, _key: &Key, grupa: GrupaCenowa, _links: &Links) -> Result<Mapped<GrupaCenowa>, Reason> {
        if grupa.blokada {
            return Ok(Mapped::LeaveOut(Reason::new("out-of-use")));
        }
        Ok(Mapped::Send(grupa))
    }
}
