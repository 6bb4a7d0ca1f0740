//! Price lists of contractors: which there are to be, whose they are, and their prices.

mod parts;
mod plan;
mod prices;
mod thresholds;
mod turns;
mod wanted;

pub use parts::PriceListParts;
pub use prices::{ClientPrice, PricePosition, PriceSource};
pub use wanted::{Assignment, AssignmentSource, WantedList, WantedListSource};

use serde::{Deserialize, Serialize};
use soneta_webapi::{CenyKontrahentow, Kontrahenci, KontrahentId, ProfilCenId, ProfileCen};
use std::fmt;
use std::sync::Arc;
use sync_core::{Clock, Store};

use self::thresholds::Thresholds;
use super::Erp;
use crate::setup::Setup;
use crate::tick::Tick;

/// A list of prices: what all contractors of a profile pay, or what one contractor pays. Its text is stored in links, keys and
/// positions: `profile:7`, `contractor:12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum ClientList {
    /// What all contractors of this profile pay, but for those with a list of their own.
    Profil(ProfilCenId),
    /// The complete list of one contractor.
    Kontrahent(KontrahentId),
}

impl fmt::Display for ClientList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profil(id) => write!(f, "profile:{id}"),
            Self::Kontrahent(id) => write!(f, "contractor:{id}"),
        }
    }
}

impl From<ClientList> for String {
    fn from(list: ClientList) -> Self {
        list.to_string()
    }
}

impl TryFrom<String> for ClientList {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, &'static str> {
        Self::parse(&text).ok_or("no name of a price list")
    }
}

impl ClientList {
    /// The list of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, id) = name.split_once(':')?;
        let id = id.parse().ok()?;
        match kind {
            "profile" => Some(Self::Profil(ProfilCenId(id))),
            "contractor" => Some(Self::Kontrahent(KontrahentId(id))),
            _ => None,
        }
    }
}

/// Whose prices are sent in which lists: what the flows of contractors' prices share.
///
/// Only active contractors count: ticked, not blocked, not merged into another. With [profiles](Self::by_profile) the contractors of
/// one profile share its list, and one who has exceptions, or is in no profile, has a complete list of his own; without, each has his
/// own. Complete lists come from [`CenyKontrahentow`], whose prices are by contract the profile's overlaid by the exceptions; their
/// number per cycle is [bounded](Self::per_cycle), and whose turn is longest ago comes first, whether it went well or not.
///
/// The ports are read anew for each cycle; what is kept in memory is ids alone.
#[derive(Debug, Clone)]
pub struct PriceLists {
    kontrahenci: Arc<dyn Kontrahenci>,
    ceny: Arc<dyn CenyKontrahentow>,
    profile: Option<Arc<dyn ProfileCen>>,
    tick: Tick,
    per_cycle: usize,
    erp: Erp,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    thresholds: Thresholds,
}

impl PriceLists {
    /// How many complete lists of one contractor are read in a cycle, unless told otherwise.
    pub const PER_CYCLE: usize = 50;

    /// One list per active contractor.
    #[must_use]
    pub fn new(setup: &Setup, kontrahenci: Arc<dyn Kontrahenci>, ceny: Arc<dyn CenyKontrahentow>) -> Self {
        Self {
            kontrahenci,
            ceny,
            profile: None,
            tick: Tick::default(),
            per_cycle: Self::PER_CYCLE,
            erp: setup.erp.clone(),
            store: Arc::clone(&setup.store),
            clock: Arc::clone(&setup.clock),
            thresholds: Thresholds::default(),
        }
    }

    /// Contractors of one price profile share a list.
    #[must_use]
    pub fn by_profile(mut self, profile: Arc<dyn ProfileCen>) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Which contractors go to the portal.
    #[must_use]
    pub fn tick(mut self, tick: Tick) -> Self {
        self.tick = tick;
        self
    }

    /// So many complete lists of one contractor are read in a cycle. A watchdog wants to know the same number
    /// ([`FlowPolicy::per_round`](sync_core::watchdog::FlowPolicy::per_round)), or who waits for his turn is late.
    #[must_use]
    pub fn per_cycle(mut self, contractors: usize) -> Self {
        self.per_cycle = contractors;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::ClientList;
    use soneta_webapi::{KontrahentId, ProfilCenId};

    #[test]
    fn a_list_is_found_again_by_its_name() {
        for list in [ClientList::Profil(ProfilCenId(7)), ClientList::Kontrahent(KontrahentId(12))] {
            assert_eq!(ClientList::parse(&list.to_string()), Some(list));
        }
        assert_eq!(["", "profile", "profile:", "profile:x", "group:1"].map(ClientList::parse), [None; 5]);
    }
}
