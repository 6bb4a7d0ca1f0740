//! Price lists that are created.

use serde::{Deserialize, Serialize};
use std::fmt;
use sync_core::{Key, Links, Mapped, Mapper, NewAct, Reason};

use crate::enova::{ClientList, WantedList};

/// Kind of the links between a price list of ONe (`a`, its id) and what it is of in the ERP (`b`: `profile:7`, `contractor:12`). Open
/// for ever: a list that nobody needs stays in ONe and is used again when it is needed.
pub const PRICE_LIST_LINK: &str = "price-list";

/// Kind of the acts that create price lists.
pub const PRICE_LIST_ACT: &str = "price-list";

/// A price list as it is asked for, frozen when it entered the outbox. Stored as JSON: fields are added with a default, never renamed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PriceListRequest {
    /// What it is of.
    pub list: ClientList,
    /// Its name in ONe.
    pub name: String,
}

impl fmt::Debug for PriceListRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceListRequest").field("list", &self.list).finish_non_exhaustive()
    }
}

/// From a list that is needed to the act that creates it: `Hurtowa [profile:7]`, `[contractor:12]`. One that nobody needs is reported by
/// a reject `removal-not-supported`, which goes when it is needed again.
#[derive(Debug, Clone)]
pub struct PriceListMapper {
    tenant: String,
}

impl PriceListMapper {
    /// Acts of this tenant: its name begins theirs, so it never changes.
    #[must_use]
    pub fn new(tenant: impl Into<String>) -> Self {
        Self { tenant: tenant.into() }
    }
}

impl Mapper<WantedList> for PriceListMapper {
    type Out = NewAct;

    fn map(&self, _key: &Key, wanted: WantedList, _links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let list = wanted.list;
        if wanted.unused {
            return Err(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)
                .with_detail("nobody needs this price list any more; ONe keeps it"));
        }
        let name = match wanted.nazwa {
            Some(nazwa) => format!("{nazwa} [{list}]"),
            None => format!("[{list}]"),
        };
        let op_key = format!("price-list:{}:{list}", self.tenant);
        // a profile that is called otherwise is the same list
        let act = NewAct::new(
            op_key.as_str(),
            op_key.as_str(),
            PRICE_LIST_ACT,
            &PriceListRequest { list, name },
            &list,
        );
        Ok(Mapped::Send(act.map_err(Reason::from)?))
    }
}
