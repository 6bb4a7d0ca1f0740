//! Where a tenant's state is kept.

use std::path::Path;
use std::sync::Arc;

use sync_core::{SqliteStore, Store};

use crate::error::{Error, Result};
use crate::settings::{Environment, Settings};

/// Whether a state that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Make,
    Refuse,
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
        return postgres(settings, tenant, &url).await;
    }
    let Some(data) = data else {
        return Err(Error::config("where is the state kept?")
            .what_to_do("name a folder with --data, or a PostgreSQL database in [store] of the settings"));
    };
    let file = data.join(format!("{tenant}.sqlite"));
    if missing == IfMissing::Refuse && !file.is_file() {
        return Err(Error::config(format!("there is no state of {tenant} in {}", data.display()))
            .what_to_do("name the folder that `bridge once` or `bridge run` was given with --data"));
    }
    std::fs::create_dir_all(data).map_err(|error| {
        Error::new(format!("the folder {} cannot be made", data.display())).because(error)
    })?;
    let store = SqliteStore::open(&file)
        .map_err(|error| Error::engine(format!("the state in {} cannot be opened", file.display()), error))?;
    Ok(Arc::new(store))
}

#[cfg(feature = "postgres")]
async fn postgres(settings: &Settings, tenant: &str, url: &secrecy::SecretString) -> Result<Arc<dyn Store>> {
    use secrecy::ExposeSecret;
    use sync_core::{PostgresSettings, PostgresStore};

    // a tenant's name has no underscores, so no two share a schema
    let schema = format!("{}_{}", settings.store.schema, tenant.replace('-', "_"));
    let chosen = PostgresSettings::default().schema(schema).connections(settings.store.connections);
    let store = PostgresStore::connect_with(url.expose_secret(), chosen)
        .await
        .map_err(|error| Error::engine("the state in PostgreSQL cannot be opened", error))?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "postgres"))]
async fn postgres(_: &Settings, _: &str, _: &secrecy::SecretString) -> Result<Arc<dyn Store>> {
    Err(Error::config("this program was built without PostgreSQL")
        .what_to_do("build it with the feature `postgres`"))
}
