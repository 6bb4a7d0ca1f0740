//! What is still open on the other side, asked for by id.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;
use crate::link::Link;
use crate::name::LinkKind;
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};
use crate::store::Store;

/// Asks, in each cycle, for all open links of a kind: the status of orders that are not done yet.
///
/// The integrator's function gets a page of links and gives what it found of them; a record that says that it is over has its
/// link closed by the sink ([`Outcome::closing`](crate::Outcome::closing)), and is asked for no more. That nothing comes
/// of a link any more means nothing: it is no list of what exists, so a closed link is never taken for a deletion, and full
/// passes are refused. What did not change since it was sent is not sent again.
pub struct OpenLinks<F> {
    store: Arc<dyn Store>,
    kind: LinkKind,
    identity: SourceIdentity,
    at_once: usize,
    ask: F,
}

impl<F> OpenLinks<F> {
    /// Asks with this function for what the open links of a kind lead to, at most `at_once` of them in one call.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        kind: impl Into<LinkKind>,
        identity: SourceIdentity,
        at_once: usize,
        ask: F,
    ) -> Self {
        Self { store, kind: kind.into(), identity, at_once: at_once.max(1), ask }
    }
}

#[async_trait]
impl<F, Fut, R> Source for OpenLinks<F>
where
    F: Fn(Vec<Link>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Vec<Item<R>>>> + Send,
    R: Send + Sync + 'static,
{
    type Record = R;
    /// The last link asked for in this cycle; `None` between two.
    type Cursor = Option<String>;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, self.identity.clone())
    }

    async fn read(&self, from: ReadFrom<&Self::Cursor>, limit: usize) -> Result<Page<R, Self::Cursor>> {
        let after = from.cursor().and_then(Option::as_deref);
        let limit = limit.clamp(1, self.at_once);
        let links = self.store.open_links(&self.kind, after, limit).await?;
        let last = links.last().map(|link| link.a.clone());
        let is_end = links.len() < limit;
        let items = if links.is_empty() { Vec::new() } else { (self.ask)(links).await? };
        // the next cycle begins anew
        Ok(if is_end { Page::last(items, Some(None)) } else { Page::more(items, last) })
    }
}

impl<F> fmt::Debug for OpenLinks<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenLinks({})", self.kind)
    }
}
