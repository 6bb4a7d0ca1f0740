//! What sections of documents have in common.

use std::collections::BTreeSet;
use std::time::Duration;

use sync_flows::flows::documents::DocumentFilter;
use sync_flows::{Setup, Tick};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Which documents.
pub(super) fn filter(tick: &Tick, definitions: &BTreeSet<String>) -> DocumentFilter {
    DocumentFilter::builder().tick(tick.clone()).definicje(definitions.clone()).build()
}

/// Everything is read and compared once a day, unless the section says how often: documents of a client that ONe learns of later
/// are found by that.
pub(super) fn daily(setup: &Setup) -> Setup {
    let every = setup.settings.full_pass.unwrap_or(DAY);
    setup.with_settings(setup.settings.clone().full_pass(every))
}
