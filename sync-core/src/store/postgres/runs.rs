//! Runs that sent something.

use std::time::Duration;

use super::session::{Database, int, micros};
use crate::error::Result;

/// Forgets old runs of which nothing that they sent is left. It reads all that was sent, once.
pub(super) async fn prune(database: &Database, age: Duration) -> Result<()> {
    let s = &database.schema;
    let sql = format!(
        "DELETE FROM {s}.run WHERE began_at <= {s}.sync_now() - $1 * interval '1 microsecond'
         AND NOT EXISTS (SELECT FROM {s}.sent WHERE sent.run = run.id)"
    );
    database.execute("forget old runs", &sql, &[int(micros(age))]).await.map(drop)
}
