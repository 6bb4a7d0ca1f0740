//! What sections of documents have in common.

use std::collections::BTreeSet;

use sync_flows::Tick;
use sync_flows::flows::documents::DocumentFilter;

/// Which documents.
pub(super) fn filter(tick: &Tick, definitions: &BTreeSet<String>) -> DocumentFilter {
    DocumentFilter::builder().tick(tick.clone()).definicje(definitions.clone()).build()
}
