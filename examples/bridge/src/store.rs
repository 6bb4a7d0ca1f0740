//! Where a tenant's state is kept.

use std::path::Path;
use std::sync::Arc;

use sync_core::{MemoryStore, SqliteStore, Store};

use crate::error::{Error, Result};
use crate::settings::{Environment, Secret, Settings};

/// What happens about a state that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Make,
    Refuse,
    /// One in memory stands in for it: for what writes nothing.
    Forget,
}

/// Opens the tenant's store: a schema of its own in PostgreSQL if the settings name a database, else a file of its own in `data`.
pub(crate) async fn open(
    settings: &Settings,
    tenant: &str,
    data: Option<&Path>,
    missing: IfMissing,
    environment: Environment<'_>,
) -> Result<Arc<dyn Store>> {
    if let Some(secret) = &settings.secrets.postgres_url {
        let url = secret.get(environment).map_err(|mistake| settings.wrong(mistake))?;
        return postgres(settings, tenant, secret, &url, missing).await;
    }
    let Some(data) = data else {
        return Err(Error::config("where is the state kept?")
            .what_to_do("name a folder with --data, or a PostgreSQL database in [store] of the settings"));
    };
    let file = data.join(format!("{tenant}.sqlite"));
    if !file.is_file() {
        match missing {
            IfMissing::Make => {}
            IfMissing::Forget => return Ok(Arc::new(MemoryStore::new())),
            IfMissing::Refuse => {
                return Err(Error::config(format!("there is no state of {tenant} in {}", data.display()))
                    .what_to_do("name the folder that `bridge once` or `bridge run` was given with --data"));
            }
        }
    }
    std::fs::create_dir_all(data).map_err(|error| {
        Error::new(format!("the folder {} cannot be made", data.display())).because(error)
    })?;
    let store = SqliteStore::open(&file)
        .map_err(|error| Error::engine(format!("the state in {} cannot be opened", file.display()), error))?;
    Ok(Arc::new(store))
}

#[cfg(feature = "postgres")]
async fn postgres(
    settings: &Settings,
    tenant: &str,
    secret: &Secret,
    url: &secrecy::SecretString,
    missing: IfMissing,
) -> Result<Arc<dyn Store>> {
    use secrecy::ExposeSecret;
    use sync_core::{ErrorKind, PostgresSettings, PostgresStore};

    // a tenant's name has no underscores, so no two share a schema
    let schema = format!("{}_{}", settings.store.schema, tenant.replace('-', "_"));
    let chosen = PostgresSettings::default().schema(&schema).connections(settings.store.connections);
    let url = url.expose_secret();
    let store = match missing {
        IfMissing::Make => PostgresStore::connect_with(url, chosen).await.map(Some),
        IfMissing::Refuse | IfMissing::Forget => PostgresStore::connect_existing(url, chosen).await,
    };
    let store = store.map_err(|error| match error.kind() {
        ErrorKind::Config => settings.wrong(secret.useless()).because(error),
        _ => {
            let origin = secret.origin();
            Error::engine(
                format!("the state in PostgreSQL, at the address that {origin} holds, cannot be opened"),
                error,
            )
        }
    });
    match store? {
        Some(store) => Ok(Arc::new(store)),
        None if missing == IfMissing::Forget => Ok(Arc::new(MemoryStore::new())),
        None => {
            Err(Error::config(format!("there is no state of {tenant}: the database has no schema {schema}"))
                .what_to_do("compare [store] with the settings that `bridge once` or `bridge run` was given"))
        }
    }
}

#[cfg(not(feature = "postgres"))]
async fn postgres(
    _: &Settings,
    _: &str,
    _: &Secret,
    _: &secrecy::SecretString,
    _: IfMissing,
) -> Result<Arc<dyn Store>> {
    Err(Error::config("this program was built without PostgreSQL")
        .what_to_do("build it with the feature `postgres`"))
}
