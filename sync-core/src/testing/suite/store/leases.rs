//! One writer per flow.

use super::{Case, TTL, fails, same};
use crate::error::{ErrorKind, Result};
use crate::lease::Acquired;
use crate::name::Holder;

pub(super) async fn leases(case: &Case) -> Result<()> {
    let first = case.lease("first").await?;
    let second = case.store.acquire(&case.flow, &Holder::from("second"), TTL).await?;
    same("a held lease is not granted", second, Acquired::HeldBy { until: first.until })?;
    let again = case.lease("first").await?;
    same("a holder takes its own lease anew, with a new fence", again.fence, first.fence + 1)?;
    fails("an old fence cannot renew", case.store.renew(&first, TTL).await, ErrorKind::LeaseLost)?;
    case.advance(TTL / 2).await?;
    let before = case.store.now().await?;
    let renewed = case.store.renew(&again, TTL).await?;
    case.between("a renewal counts from now", renewed.until, before, TTL).await?;
    case.advance(TTL).await?;
    let second = case.lease("second").await?;
    same("a lapsed lease goes to the next, with a new fence", second.fence, again.fence + 1)?;
    case.store.give_back(&again).await?;
    let held = case.store.acquire(&case.flow, &Holder::from("third"), TTL).await?;
    same("an old fence gives nothing back", held, Acquired::HeldBy { until: second.until })?;
    case.store.give_back(&second).await?;
    fails(
        "a given-back lease cannot be renewed",
        case.store.renew(&second, TTL).await,
        ErrorKind::LeaseLost,
    )?;
    same("a lease given back is free", case.lease("third").await?.fence, second.fence + 1)
}
