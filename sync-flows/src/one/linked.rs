//! Who is linked with whom.

use one_client::ClientId;
use soneta_webapi::KontrahentId;
use std::sync::Arc;
use sync_core::{FlowName, Key, LinkRef, PageQuery, Part, Result, Store};

use crate::flows::clients::client_of_link;
use crate::flows::orders::{CONTRACTOR_LINK, bare_organization};

/// The links between clients of ONe and contractors, asked for outside a page.
#[derive(Debug, Clone)]
pub(crate) struct Linked {
    store: Arc<dyn Store>,
}

impl Linked {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The contractor that this client stands for.
    pub(crate) async fn contractor_of(&self, client: &str) -> Result<Option<KontrahentId>> {
        let link = LinkRef::of_a(CONTRACTOR_LINK, bare_organization(client));
        let id = self.other_side(link).await?;
        Ok(id.and_then(|id| id.parse().ok()).map(KontrahentId))
    }

    /// The client that stands for this contractor.
    pub(crate) async fn client_of(&self, kontrahent: &str) -> Result<Option<ClientId>> {
        let id = self.other_side(LinkRef::of_b(CONTRACTOR_LINK, kontrahent)).await?;
        Ok(id.as_deref().map(client_of_link))
    }

    /// Whether the client stands by now for another contractor than the one of this key, of whom the flow has sent something: then
    /// that one's record says what the client has, and nothing is taken away with this key's.
    pub(crate) async fn is_anothers(&self, client: &ClientId, key: &Key, flow: &FlowName) -> Result<bool> {
        let now = self.contractor_of(client.as_str()).await?.map(|now| Key::from(now.to_string()));
        match now.filter(|now| now != key) {
            Some(now) => Ok(!self.store.explain(flow, &now).await?.is_empty()),
            None => Ok(false),
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    async fn other_side(&self, link: LinkRef) -> Result<Option<String>> {
        // links belong to no part
        let part = Part::whole(&FlowName::new("sync-flows/links")?);
        let page = self.store.read_page(&part, PageQuery::new(Vec::new(), vec![link.clone()])).await?;
        Ok(page.links.get(&link).map(str::to_owned))
    }
}
