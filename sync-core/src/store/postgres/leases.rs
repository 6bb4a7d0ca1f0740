//! Leases, and the clock they are measured by.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::session::{Database, clean, get, int, micros, only, text};
use crate::error::Result;
use crate::lease::{Acquired, Lease};
use crate::name::{FlowName, Holder};
use crate::store::columns::{signed, unsigned};
use crate::store::lease_lost;

pub(super) async fn now(database: &Database) -> Result<DateTime<Utc>> {
    let sql = format!("SELECT {}.sync_now()", database.schema);
    get(only(&database.rows("tell the time", &sql, &[]).await?)?, 0)
}

pub(super) async fn acquire(
    database: &Database,
    flow: &FlowName,
    holder: &Holder,
    ttl: Duration,
) -> Result<Acquired> {
    let s = &database.schema;
    // who is refused writes the row as it was, and so reads the lease that is in force
    let free = "(f.holder IS NULL OR f.holder = excluded.holder OR f.lease_until <= (SELECT now FROM clock))";
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {s}.sync_now() AS now)
         INSERT INTO {s}.flow AS f (name, holder, fence, lease_until)
         SELECT $1, $2, 1, now + $3 * interval '1 microsecond' FROM clock
         ON CONFLICT (name) DO UPDATE SET
         holder = CASE WHEN {free} THEN excluded.holder ELSE f.holder END,
         fence = CASE WHEN {free} THEN f.fence + 1 ELSE f.fence END,
         lease_until = CASE WHEN {free} THEN excluded.lease_until ELSE f.lease_until END
         RETURNING holder = $2, fence, lease_until"
    );
    let name = clean(holder.as_str());
    let values = &[text(flow.as_str()), text(name), int(micros(ttl))];
    let rows = database.rows("take a lease", &sql, values).await?;
    let row = only(&rows)?;
    let until = get(row, 2)?;
    if !get::<bool>(row, 0)? {
        return Ok(Acquired::HeldBy { until });
    }
    Ok(Acquired::Granted(Lease::new(flow.clone(), holder.clone(), unsigned(get(row, 1)?), until)))
}

pub(super) async fn renew(database: &Database, lease: &Lease, ttl: Duration) -> Result<Lease> {
    let s = &database.schema;
    // a lease given back has no holder
    let sql = format!(
        "UPDATE {s}.flow SET lease_until = {s}.sync_now() + $4 * interval '1 microsecond'
         WHERE name = $1 AND fence = $2 AND holder = $3 RETURNING lease_until"
    );
    let holder = clean(lease.holder.as_str());
    let values = &[text(lease.flow.as_str()), int(signed(lease.fence)), text(holder), int(micros(ttl))];
    let rows = database.rows("renew a lease", &sql, values).await?;
    let row = rows.first().ok_or_else(lease_lost)?;
    Ok(Lease { until: get(row, 0)?, ..lease.clone() })
}

pub(super) async fn give_back(database: &Database, lease: &Lease) -> Result<()> {
    let s = &database.schema;
    let sql = format!("UPDATE {s}.flow SET holder = NULL, lease_until = NULL WHERE name = $1 AND fence = $2");
    let values = &[text(lease.flow.as_str()), int(signed(lease.fence))];
    database.execute("give a lease back", &sql, values).await.map(drop)
}
