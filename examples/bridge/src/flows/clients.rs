//! Clients, enova365 ↔ ONe, and their segments. What they share is in `[tenants.clients]`.

mod segments;
mod to_enova;
mod to_one;

pub(super) use segments::Segments;
pub(super) use to_enova::ClientsToEnova;
pub(super) use to_one::{Clients, NewClients};

use soneta_webapi::{Area, Kontrahent};
use sync_core::Act;
use sync_flows::enova::KontrahenciList;

use crate::error::Result;
use crate::reads::AnySource;
use crate::wire::Wire;

/// The contractors of the ERP.
pub(super) fn contractors(wire: &Wire<'_>) -> Result<AnySource<Kontrahent>> {
    wire.list(Area::Contractors, KontrahenciList::new(wire.installation.kontrahenci()?))
}

/// What the act is about, of a name `kind:tenant:about`; none of an edit, which learns nothing new.
fn about(act: &Act) -> Option<&str> {
    act.op_key.as_str().splitn(3, ':').nth(2).filter(|_| act.version == 0)
}
