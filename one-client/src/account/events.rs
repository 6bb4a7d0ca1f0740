//! What the feeds of this service have in common.

use crate::wire::open_enum;
use crate::wire::query::ListStyle;

open_enum! {
    /// Where a change was made (*documented*; an open set).
    Context {
        /// The shop.
        Application = "APPLICATION",
        /// The seller's own pages.
        Backoffice = "BACKOFFICE",
        /// The platform itself.
        Internal = "INTERNAL",
        /// This API.
        Integrations = "INTEGRATIONS",
    }
}

impl Context {
    /// All but [`Integrations`](Self::Integrations): what others changed. An ERP that reads its own writes as news
    /// answers itself for ever.
    pub const FOREIGN: &'static [Self] = &[Self::Application, Self::Backoffice, Self::Internal];

    /// `contexts`. Without any the parameter is left out, and the server takes all four (*documented*).
    pub(super) fn parameters(contexts: &[Self], style: ListStyle) -> Vec<(&'static str, String)> {
        if contexts.is_empty() {
            return Vec::new();
        }
        style.parameters("contexts", contexts.iter().map(Self::as_str))
    }
}

open_enum! {
    /// What happened to a record.
    EventType {
        /// It was created or changed (*documented* for trade credits; for clients *inferred* by analogy).
        Update = "UPDATE",
        /// It was created (*inferred*: prose about account managers tells creating, deleting and updating apart).
        Create = "CREATE",
        /// It was deleted (*inferred*, as above).
        Delete = "DELETE",
    }
}
