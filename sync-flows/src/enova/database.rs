//! Which ERP a flow reads.

use sync_core::SourceIdentity;

/// The enova365 database behind a client, as positions remember it: not its address, which may change, but the name that
/// the configuration gives the system, and the database's own name or id where it is known.
///
/// A position of one database means nothing in another, so a flow refuses to go on after either changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erp {
    /// The name that the configuration gives this ERP.
    pub system: String,
    /// The database: its name or id.
    pub database: String,
}

impl Erp {
    /// The database `database` of the system `system`.
    #[must_use]
    pub fn new(system: impl Into<String>, database: impl Into<String>) -> Self {
        Self { system: system.into(), database: database.into() }
    }

    pub(crate) fn identity(&self, entity: &str) -> SourceIdentity {
        SourceIdentity::new(&self.system, entity).database(&self.database)
    }
}
