//! A store in PostgreSQL.

/// Keeps everything in a schema of a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresStore {}
