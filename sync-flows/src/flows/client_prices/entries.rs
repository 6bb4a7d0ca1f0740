//! The flows of contractors' prices.

use soneta_webapi::Area;
use sync_core::Class;

use crate::catalog::{Entry, Lane, Stage, System, Ticks};

/// Prices of ONe's lists.
pub const CLIENT_PRICES: Entry = Entry {
    id: "client-prices",
    rows: &["O9"],
    what: "final net prices, one list per price profile and one per contractor with exceptions; without profiles one per contractor",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Bulk,
    ticks: Ticks::every(15 * 60),
    stage: Some(Stage::II),
    needs: &[Area::Contractors, Area::ClientPrices],
    after: &["price-lists"],
    guarantee: "the last price counts, each list is sent again daily; ONe knows no removal, so a price that is gone is reported and never sent as 0",
};

/// Prices of contractors, to a portal of one's own.
pub const CONTRACTOR_PRICES: Entry = Entry {
    id: "contractor-prices",
    rows: &["E2"],
    what: "final prices of each active contractor, with quantity thresholds, in rotation within a budget",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Bulk,
    ticks: Ticks::every(15 * 60),
    stage: None,
    needs: &[Area::Contractors, Area::ClientPrices],
    after: &["contractors", "goods"],
    guarantee: "the last price counts, who waits longest comes first; what the contractor cannot buy any more is removed, with one who is sold to no more everything",
};

/// Price lists of ONe that have to be created.
pub const PRICE_LISTS: Entry = Entry {
    id: "price-lists",
    rows: &["O9"],
    what: "the price lists themselves: created without discount, for nobody yet",
    from: System::Enova,
    to: System::One,
    lane: Lane::Acts,
    class: Class::Regular,
    ticks: Ticks::every(60 * 60),
    stage: Some(Stage::II),
    needs: &[Area::Contractors, Area::ClientPrices],
    after: &["new-clients"],
    guarantee: "each list once; one in doubt waits for a person, one that nobody needs any more is reported",
};

/// Who has which price list of ONe.
pub const PRICE_LIST_ASSIGNMENTS: Entry = Entry {
    id: "price-list-assignments",
    rows: &["O9"],
    what: "which client has which price list, once its prices are there",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(60 * 60).at(30 * 60),
    stage: Some(Stage::II),
    needs: &[Area::Contractors, Area::ClientPrices],
    after: &["client-prices", "new-clients"],
    guarantee: "ONe knows no call that takes a list from a client, so what should go is reported",
};
