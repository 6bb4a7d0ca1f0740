//! Clients of ONe's feed.

use async_trait::async_trait;
use futures::{FutureExt, future};
use one_client::account::{ClientEvent, ClientRecord, Context, EventType};
use one_client::{Client, ClientId, ErrorKind, FeedPosition};
use sync_core::{Error, Item, Key, Page, ReadFrom, Result, Source, SourceIdentity, SourceInfo, SourceKind};

use super::patience::Patience;
use crate::client_error::engine_error;

/// ONe's feed of clients as a source: each client that an answer names is fetched as it is now, under its id as the feed tells it.
///
/// What came through the integration API is left out by the feed itself, unless [told otherwise](Self::in_contexts). A client that
/// is not there any more is [`Item::Deleted`]; one that ONe alone fails to give for several runs is a reject.
#[derive(Debug, Clone)]
pub struct ClientSource {
    one: Client,
    tenant: String,
    start_at: FeedPosition,
    contexts: Vec<Context>,
    patience: Patience,
}

impl ClientSource {
    /// The clients of the tenant `tenant` (the name the configuration gives it: part of the position's identity).
    #[must_use]
    pub fn new(one: Client, tenant: impl Into<String>) -> Self {
        let contexts = Context::FOREIGN.to_vec();
        Self {
            one,
            tenant: tenant.into(),
            start_at: FeedPosition::FIRST,
            contexts,
            patience: Patience::default(),
        }
    }

    /// Begins here instead of with the oldest event that ONe still has. It counts only as long as no position is stored.
    #[must_use]
    pub fn starting_at(mut self, position: FeedPosition) -> Self {
        self.start_at = position;
        self
    }

    /// Only what was changed in these contexts; none: everywhere, our own writes too. Positions of one choice mean nothing in
    /// another.
    #[must_use]
    pub fn in_contexts(mut self, contexts: impl IntoIterator<Item = Context>) -> Self {
        self.contexts = contexts.into_iter().collect();
        self
    }

    async fn item(&self, key: Key, id: &ClientId) -> Result<Item<ClientRecord>> {
        match self.one.clients().get(id).await {
            Ok(client) if client.id().is_none_or(|told| told == *id) => Ok(Item::upsert(key, client)),
            Ok(_) => Ok(Item::bad(Some(key), Error::invalid("ONe answered with another client"))),
            Err(error) => match error.kind() {
                ErrorKind::NotFound => Ok(Item::deleted(key)),
                ErrorKind::Rejected
                | ErrorKind::Refused
                | ErrorKind::Decode
                | ErrorKind::TooLarge
                | ErrorKind::Unexpected => {
                    Ok(Item::bad(Some(key), engine_error("the client cannot be read", error)))
                }
                _ => Err(engine_error("the client was not read", error)),
            },
        }
    }
}

#[async_trait]
impl Source for ClientSource {
    type Record = ClientRecord;
    type Cursor = FeedPosition;

    fn describe(&self) -> SourceInfo {
        let contexts: Vec<&str> = self.contexts.iter().map(Context::as_str).collect();
        let identity = SourceIdentity::new("one", "clients")
            .database(&self.tenant)
            .contract("v1")
            .filter(contexts.join(","));
        SourceInfo::new(SourceKind::Token, identity)
    }

    async fn read(
        &self,
        from: ReadFrom<&FeedPosition>,
        _limit: usize,
    ) -> Result<Page<ClientRecord, FeedPosition>> {
        let start = match from {
            ReadFrom::Start => self.start_at,
            ReadFrom::After(position) => *position,
        };
        let feed = self.one.clients().feed(start, &self.contexts).await;
        let feed = feed.map_err(|error| engine_error("the feed of clients was not read", error))?;
        if feed.events.is_empty() {
            // a filter that left nothing of many events moves the position on, and there may be more; a server that counts its
            // empty answers moves it by one
            return Ok(match feed.next_id.get() > start.get().saturating_add(1) {
                true => Page::more(Vec::new(), feed.next_id),
                false => Page::last(Vec::new(), Some(feed.next_id)),
            });
        }
        let mut bad = Vec::new();
        let mut latest: Vec<ClientEvent> = Vec::with_capacity(feed.events.len());
        for event in feed.events {
            match event {
                Ok(event) => {
                    latest.retain(|earlier| earlier.client_id != event.client_id);
                    latest.push(event);
                }
                Err(event) => {
                    let key = event.key.as_deref().map(Key::from);
                    bad.push(Item::bad(key, engine_error("the event cannot be read", event.error)));
                }
            }
        }
        let key = |event: &ClientEvent| Key::from(event.client_id.as_str());
        let items = self.patience.fetch_each(&latest, key, |key, event| match event.event_type {
            EventType::Delete => future::ready(Ok(Item::deleted(key))).boxed(),
            _ => self.item(key, &event.client_id).boxed(),
        });
        let mut items = items.await?;
        items.extend(bad);
        Ok(Page::more(items, feed.next_id))
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<ClientRecord>>> {
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.push(self.item(key.clone(), &ClientId::new(key.as_str())).await?);
        }
        Ok(items)
    }
}
