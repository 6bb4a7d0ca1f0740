//! Roles and operators.

mod operators;
mod roles;

pub use operators::{GetOperators, Operator, Operators};
pub use roles::{Authority, GetRoles, Role, Roles};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// What users of a client may do.
    pub fn roles(&self) -> Roles<'_> {
        Roles::new(self)
    }

    /// Who works with ONe on the seller's side.
    pub fn operators(&self) -> Operators<'_> {
        Operators::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![authserver: GetRoles, GetOperators]
}
