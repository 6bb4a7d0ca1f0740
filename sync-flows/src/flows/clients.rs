//! Contractors: enova365 ↔ ONe, and enova365 → a portal of one's own.

use super::orders::bare_organization;
use sync_core::OpKey;

/// Kind of the acts that create a contractor of the ERP for a client of ONe.
pub const NEW_CONTRACTOR_ACT: &str = "new-contractor";

/// The name of the act that creates the contractor of this organisation of ONe, told with or without the prefix `org:`:
/// for ever the same, so that it happens once.
#[must_use]
pub fn new_contractor_op_key(tenant: &str, organization: &str) -> OpKey {
    OpKey::from(format!("new-contractor:{tenant}:{}", bare_organization(organization)))
}
