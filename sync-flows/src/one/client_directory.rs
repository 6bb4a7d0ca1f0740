//! All of ONe's clients, read once for many look-ups.

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use one_client::account::ClientRecord;
use one_client::{Client, PageNumber};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{Clock, Error, ErrorKind, Result};
use tokio::sync::Mutex;

use crate::client_error::engine_error;
use crate::flows::clients::bare_number;

/// How long the list is good for. Clients that are created here meanwhile are told by their links.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(1);

/// No documented call searches for clients, so the whole list is read, at most once a minute.
#[derive(Debug)]
pub(crate) struct ClientDirectory {
    one: Client,
    clock: Arc<dyn Clock>,
    read: Mutex<Option<(DateTime<Utc>, Arc<Listed>)>>,
}

/// The clients by what they are looked for. `Debug` shows ids only.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    by_external_id: BTreeMap<String, Vec<Arc<ClientRecord>>>,
    by_number: BTreeMap<String, Vec<Arc<ClientRecord>>>,
    unreadable: usize,
}

impl Listed {
    pub(crate) fn of_external_id(&self, external_id: &str) -> &[Arc<ClientRecord>] {
        self.by_external_id.get(external_id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn of_number(&self, number: &str) -> &[Arc<ClientRecord>] {
        self.by_number.get(&bare_number(number)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Nobody knows whether one that cannot be read is the one that is looked for.
    pub(crate) fn must_be_readable(&self) -> Result<()> {
        match self.unreadable {
            0 => Ok(()),
            count => Err(Error::new(
                ErrorKind::Unreadable,
                "a client that cannot be read may be the one that is looked for",
            )
            .with_detail(format!("{count} clients of the list cannot be read"))),
        }
    }
}

impl ClientDirectory {
    pub(crate) fn new(one: Client, clock: Arc<dyn Clock>) -> Self {
        Self { one, clock, read: Mutex::new(None) }
    }

    /// The list, from memory if that is not a minute old.
    pub(crate) async fn recent(&self) -> Result<Arc<Listed>> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        if let Some((at, listed)) = &*read
            && now.signed_duration_since(*at).abs() < GOOD_FOR
        {
            return Ok(Arc::clone(listed));
        }
        let listed = Arc::new(self.list().await?);
        *read = Some((now, Arc::clone(&listed)));
        Ok(listed)
    }

    /// The list as it is now.
    pub(crate) async fn fresh(&self) -> Result<Arc<Listed>> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        let listed = Arc::new(self.list().await?);
        *read = Some((now, Arc::clone(&listed)));
        Ok(listed)
    }

    async fn list(&self) -> Result<Listed> {
        let clients = self.one.clients();
        let mut pages = std::pin::pin!(clients.list(PageNumber::FIRST, 100));
        let mut listed = Listed::default();
        let failed = |error| engine_error("ONe's clients were not listed", error);
        while let Some(page) = pages.try_next().await.map_err(failed)? {
            for row in page.items {
                let Ok(client) = row.map(Arc::new) else {
                    listed.unreadable += 1;
                    continue;
                };
                if let Some(external_id) = client.external_id.clone().filter(|id| !id.is_empty()) {
                    listed.by_external_id.entry(external_id).or_default().push(Arc::clone(&client));
                }
                let number = client.tin.as_deref().map(bare_number).filter(|number| !number.is_empty());
                if let Some(number) = number {
                    listed.by_number.entry(number).or_default().push(client);
                }
            }
        }
        Ok(listed)
    }
}
