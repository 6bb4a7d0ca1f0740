//! Leases.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{Instant, failed};
use crate::error::Result;
use crate::lease::{Acquired, Lease};
use crate::name::{FlowName, Holder};
use crate::store::columns::{signed, unsigned};
use crate::store::lease_lost;

pub(super) fn acquire(
    tx: &Transaction<'_>,
    flow: &FlowName,
    holder: &Holder,
    now: Instant,
    until: Instant,
) -> Result<Acquired> {
    let what = failed("take a lease");
    tx.prepare_cached("INSERT INTO flow (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")
        .and_then(|mut s| s.execute([flow.as_str()]))
        .map_err(&what)?;
    let sql = "UPDATE flow SET holder = ?2, fence = fence + 1, lease_until = ?4 WHERE name = ?1
               AND (holder IS NULL OR holder = ?2 OR lease_until <= ?3) RETURNING fence";
    let fence: Option<i64> = tx
        .prepare_cached(sql)
        .and_then(|mut s| {
            s.query_row(params![flow.as_str(), holder.as_str(), now, until], |row| row.get(0)).optional()
        })
        .map_err(&what)?;
    if let Some(fence) = fence {
        return Ok(Acquired::Granted(Lease::new(
            flow.clone(),
            holder.clone(),
            unsigned(fence),
            until.time(),
        )));
    }
    let until: Instant = tx
        .prepare_cached("SELECT lease_until FROM flow WHERE name = ?1")
        .and_then(|mut s| s.query_row([flow.as_str()], |row| row.get(0)))
        .map_err(&what)?;
    Ok(Acquired::HeldBy { until: until.time() })
}

pub(super) fn renew(tx: &Transaction<'_>, lease: Lease, until: Instant) -> Result<Lease> {
    // a lease given back has no holder
    let sql = "UPDATE flow SET lease_until = ?4 WHERE name = ?1 AND fence = ?2 AND holder = ?3";
    let values = params![lease.flow.as_str(), signed(lease.fence), lease.holder.as_str(), until];
    match tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("renew a lease"))? {
        0 => Err(lease_lost()),
        _ => Ok(Lease { until: until.time(), ..lease }),
    }
}

pub(super) fn give_back(tx: &Transaction<'_>, lease: &Lease) -> Result<()> {
    tx.prepare_cached("UPDATE flow SET holder = NULL, lease_until = NULL WHERE name = ?1 AND fence = ?2")
        .and_then(|mut s| s.execute(params![lease.flow.as_str(), signed(lease.fence)]))
        .map_err(failed("give a lease back"))?;
    Ok(())
}

/// The flow's id, if its fence is the lease's.
pub(super) fn check_fence(tx: &Transaction<'_>, lease: &Lease) -> Result<i64> {
    tx.prepare_cached("SELECT id FROM flow WHERE name = ?1 AND fence = ?2")
        .and_then(|mut s| {
            s.query_row(params![lease.flow.as_str(), signed(lease.fence)], |row| row.get(0)).optional()
        })
        .map_err(failed("check a lease"))?
        .ok_or_else(lease_lost)
}
