//! Prices of contractors, enova365 → ONe (O9) and to a portal of your own (E2).
//!
//! ```text
//! to ONe    PriceLists ─► WantedListSource ─► PriceListMapper  ─► outbox ─► PriceListSubmitter (creates the list, once)
//!           PriceLists ─► PriceListParts   ─► ListPriceMapper  ─► ListPriceSink  (net prices, one part per list)
//!           PriceLists ─► AssignmentSource ─► AssignmentMapper ─► AssignmentSink (who has which list)
//! own       PriceLists ─► PriceListParts   ─► ContractorPriceMapper ─► your sink (final prices with thresholds)
//! ```
//!
//! Prices are final, as the ERP calculates them; ONe's discounts and markups are never used. With price profiles there is one list of
//! ONe per profile, and a complete one for each contractor who has exceptions; without, each contractor has his own. Only active
//! contractors count: see [`PriceLists`].
//!
//! **Creating a list** may happen once, and ONe cannot be asked for it afterwards, so one in doubt waits for a person, who finds it by
//! its name (`[profile:7]`). Its id becomes a link ([`PRICE_LIST_LINK`]); prices are sent once it is known, and clients get the list
//! once its prices are there. Clients get lists directly, not through groups: creating a group is one more act that cannot be looked
//! up, and ONe documents no call that takes a client out of a group either.
//!
//! **What ONe cannot do** is told, never faked:
//! - a price that is gone, and a list that a client should have no more: a reject `removal-not-supported`, once; never a price of 0;
//! - a list that nobody needs any more: a reject `removal-not-supported`, until it is needed again; its prices go on then. It is
//!   not deleted in ONe by hand: its prices would go to an id that is none, and it would not be created a second time;
//! - quantity thresholds (progi): the price below the first one is sent, which is right for small quantities and not too low for any;
//!   how many there are of each list is logged;
//! - a client gets one list, and another one only when his profile changes or he gets exceptions: far below ONe's limit of 2,000, and
//!   each that he should have no more is such a reject.
//!
//! **Changes between** full passes come as the contract tells them (`list_uniewaznione`); without profiles everything is read in
//! rotation, who waits longest first ([`PriceLists::per_cycle`]). How old the prices of each list are, the parts of
//! [`Flow::status`] tell.

mod entries;
mod lists;
mod mappers;

pub use entries::{CLIENT_PRICES, CONTRACTOR_PRICES, PRICE_LIST_ASSIGNMENTS, PRICE_LISTS};
pub use lists::{PRICE_LIST_ACT, PRICE_LIST_LINK, PriceListMapper, PriceListRequest};
pub use mappers::{AssignmentMapper, ClientAssignment, ContractorPriceMapper, ListPrice, ListPriceMapper};

use chrono::NaiveTime;
use one_client::Client;
use std::time::Duration;
use sync_core::{Dispatcher, Flow, Mapper, NewAct, Result, Sink};

use crate::enova::{
    Assignment, AssignmentSource, ClientPrice, PriceListParts, PriceLists, WantedList, WantedListSource,
};
use crate::one::{AssignmentSink, ListPriceSink, PriceListSubmitter};
use crate::setup::Setup;

/// When lists are read whole, Polish time, unless the settings say otherwise.
const FULL_PASS_AT: Option<NaiveTime> = NaiveTime::from_hms_opt(0, 15, 0);

/// After how long a full pass sends everything again, unless the settings say otherwise: each daily one does.
const REASSERT: Duration = Duration::from_secs(12 * 60 * 60);

/// So many live rejects the prices may have, whatever less the settings say.
const REJECTS: u64 = 100_000;

/// The flow [`PRICE_LISTS`]: which lists are to be created. [`dispatcher`] carries it out.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn lists_to_one<M>(setup: &Setup, lists: &PriceLists, mapper: M) -> Result<Flow>
where
    M: Mapper<WantedList, Out = NewAct> + 'static,
{
    let source = WantedListSource::new(lists.clone(), setup.name(CLIENT_PRICES.id)?);
    setup.flow_to_outbox(PRICE_LISTS.id, source, mapper)
}

/// Creates the lists of [`lists_to_one`].
///
/// # Errors
/// As [`lists_to_one`].
pub fn dispatcher(setup: &Setup, one: Client) -> Result<Dispatcher> {
    setup.dispatcher(PRICE_LISTS.id, [PRICE_LIST_ACT.into()], PriceListSubmitter::new(one))
}

/// The flow [`CLIENT_PRICES`]: prices of the lists that ONe has.
///
/// With profiles, each list is read whole once a day at 00:15 and sent again then, unless the settings say otherwise. Without, each is
/// read whole in its turn, and sent again if twelve hours have passed since. It may have 100,000 live rejects, or as many as the settings
/// say if that is more: a good that loses its tick makes one in each list.
///
/// # Errors
/// As [`lists_to_one`].
pub fn to_one<M>(setup: &Setup, lists: &PriceLists, one: Client, mapper: M) -> Result<Flow>
where
    M: Mapper<ClientPrice, Out = ListPrice> + 'static,
{
    let mut settings = setup.settings.clone();
    if settings.full_pass.is_none() && settings.full_pass_at.is_none() {
        settings.full_pass_at = FULL_PASS_AT;
    }
    settings.reassert.get_or_insert(REASSERT);
    settings.most_rejects = settings.most_rejects.max(REJECTS);
    let parts = PriceListParts::of_one(lists.clone(), setup.name(CLIENT_PRICES.id)?);
    setup.with_settings(settings).flow_over_parts(CLIENT_PRICES.id, parts, mapper, ListPriceSink::new(one))
}

/// The flow [`PRICE_LIST_ASSIGNMENTS`]: who has which list.
///
/// # Errors
/// As [`lists_to_one`].
pub fn assignments_to_one<M>(setup: &Setup, lists: &PriceLists, one: Client, mapper: M) -> Result<Flow>
where
    M: Mapper<Assignment, Out = ClientAssignment> + 'static,
{
    let source = AssignmentSource::new(lists.clone(), setup.name(CLIENT_PRICES.id)?);
    setup.flow(PRICE_LIST_ASSIGNMENTS.id, source, mapper, AssignmentSink::new(one))
}

/// The flow [`CONTRACTOR_PRICES`] to a portal of your own: final prices of each active contractor, with thresholds, in rotation.
///
/// # Errors
/// As [`lists_to_one`].
pub fn to<M, K>(setup: &Setup, lists: &PriceLists, mapper: M, portal: K) -> Result<Flow>
where
    M: Mapper<ClientPrice> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    let parts = PriceListParts::of_contractors(lists.clone(), setup.name(CONTRACTOR_PRICES.id)?);
    setup.flow_over_parts(CONTRACTOR_PRICES.id, parts, mapper, portal)
}
