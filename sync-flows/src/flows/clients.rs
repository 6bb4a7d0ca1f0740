//! Contractors: enova365 ↔ ONe (O4, O5, with segments: O1), and enova365 → a portal of your own (E9).
//!
//! ```text
//! contractors ─► segments           ─► outbox ─► SegmentSubmitter      (O1: segments that ONe lacks)
//! contractors ─► new clients        ─► outbox ─► NewClientSubmitter    (O4: found in ONe, or created there)
//! contractors ─► changed clients    ─► ClientSink                      (O4: only what differs is written)
//! client feed ─► clients to enova   ─► outbox ─► ContractorSubmitter   (O5: found in the ERP, or created there; changes)
//! contractors ─► contractors        ─► your sink                       (E9)
//! ```
//!
//! A client of ONe and a contractor belong together by the link [`CONTRACTOR_LINK`](super::orders::CONTRACTOR_LINK), which the act
//! learns that found or created one of them. Both look for the other side's record first, by the other's id and by tax
//! number ([`match_client`](sync_core::matching::match_client)); what is doubtful is held for a person, and released it is created.
//!
//! - **Each field has one owner.** What the portal owns ([`PortalField`]) goes from ONe to the ERP and is sent to ONe only when
//!   the client is created; everything else goes from the ERP to ONe. Both sides are read before they are written, and what
//!   is equal is not written, so an echo dies where it arrives.
//! - **A change before the client is there** takes its place in the waiting act. The flow of changes has a reject
//!   `missing-link` of it meanwhile, which the link releases.
//! - **Lost tick, deleted:** ONe's call that deletes a client says nothing of its orders and users, so it is never made. What
//!   becomes of it says [`Withdrawal`](crate::one::Withdrawal): reported, or blocked.
//! - **Merged contractors:** the client follows. Where the contractor that took the place of another one is to have a client and has
//!   none, it gets the other's: the link moves ([`merger_links`]), no second client is created, and from then on that contractor's
//!   data, limit, blockade and price list go to it. Documents of the merged one go where they went before
//!   ([`MERGED_CONTRACTOR_LINK`]). As long as the other contractor is not ticked, the client stays and is reported
//!   (`merged-contractor`); if it has a client of its own both stay, which is told and alarms nobody (`removal-not-supported`). To ONe's clients that are new,
//!   the ERP's merged contractors stand for those they were merged into.
//! - **A client deleted in ONe** stays a contractor: a reject `withdrawn-after-transfer` tells a person.

mod fields;
mod link;
mod portal;
mod segments;
mod to_enova;
mod to_one;

pub use fields::{OneClient, PortalField};
pub use link::{MERGED_CONTRACTOR_LINK, merger_links};
pub use portal::{CONTRACTORS, ContractorMapper, PortalContractor, to};
pub use segments::{SEGMENT_ACT, SEGMENT_LINK, SEGMENTS, segment_op_key, segments_to_one};
pub use to_enova::{
    CLIENTS_TO_ENOVA, CONTRACTOR_CHANGE_ACT, ContractorSettings, ErpContractor, NEW_CONTRACTOR_ACT,
    NewContractorMapper, new_contractor_op_key, to_enova,
};
pub use to_one::{
    CLIENTS, ClientMapper, ClientSettings, NEW_CLIENT_ACT, NEW_CLIENTS, NewClient, changes_to_one,
    new_client_op_key, new_to_one,
};

pub(crate) use fields::{adres, bare_number, client_address, country, filled, one_line};
pub(crate) use link::{
    client_link, client_links, client_of, client_of_documents, client_of_link, followed_link, has_followed,
};
pub(crate) use to_one::MERGED_CONTRACTOR;
