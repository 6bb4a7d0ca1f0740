use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use futures::Stream;
use serde::Serialize;

use super::lista::{Migawka, snapshot_start};
use crate::limity::{LimitKredytowy, Limity};
use crate::page::{SnapshotQuery, WirePage, stream_pages};
use crate::{Client, Result};

/// Names this list in its continuations.
const LIST: &str = "b2b/limity";

/// `POST api/B2BLimity/Lista`: a snapshot of credit limits and their use, one row per contractor, ordered by the contractor's id.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LimityLista {
    /// Only contractors with a larger id; 0 = from the beginning.
    #[builder(default)]
    pub po_id: i32,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
}

impl Endpoint for LimityLista {
    const EFFECT: Effect = Effect::Read;
    type Response = Migawka<LimitKredytowy>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BLimity", "Lista"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Migawka::decode(body)
    }
}

/// Credit limits of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bLimity {
    client: Client,
}

impl B2bLimity {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// All pages of the snapshot, one after the other; resumable by each page's `next`.
    pub fn list(&self, query: SnapshotQuery) -> impl Stream<Item = Result<WirePage<LimitKredytowy>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = SnapshotQuery { after, ..query.clone() };
            async move { self.list_limity(&query).await }
        })
    }
}

#[async_trait]
impl Limity for B2bLimity {
    async fn list_limity(&self, query: &SnapshotQuery) -> Result<WirePage<LimitKredytowy>> {
        let request = LimityLista { po_id: snapshot_start(LIST, query.after.as_ref())?, ile: query.limit };
        Ok(self.client.send(&request).await?.into_page(LIST))
    }
}
