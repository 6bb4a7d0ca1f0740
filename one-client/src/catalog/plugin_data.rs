//! What plugins keep about products.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{PluginId, Sku};
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::json::Json;
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Page, Path, Result};
use futures::Stream;
use serde::{Deserialize, Serialize};

/// What one plugin keeps about one product (*documented*). `Debug` shows the ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct PluginData {
    /// The plugin.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub plugin_id: Option<PluginId>,
    /// The product.
    #[serde(deserialize_with = "wire::text::required")]
    pub product_id: Sku,
    /// Any JSON (*documented*), as it came; `null` if it is absent.
    #[serde(default)]
    pub metadata: Json,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(PluginData { plugin_id, product_id });

impl Keyed for PluginData {
    const KEY: &'static str = "productId";
}

keeps_extra!(PluginData);

/// `GET /api/v1/catalog/integrations/auth-required/pluginsData/{pluginId}`: a page of a plugin's data.
///
/// *Documented*, pages by example (see [`Listing`](crate::Listing)). The request shown is under `invoices`, prose says `catalog` (quirk
/// Q11).
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetPluginData {
    /// The plugin.
    #[builder(into)]
    pub plugin_id: PluginId,
    /// `pageNumber`, from 1 (*inferred*).
    #[builder(default)]
    pub page_number: PageNumber,
    /// `pageSize`; the largest is unknown.
    #[builder(default = 100)]
    pub page_size: u32,
}

impl Endpoint for GetPluginData {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<PluginData, PageNumber>;

    fn path(&self) -> Path {
        service("catalog").segment("pluginsData").id(&self.plugin_id)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.page_number.query(self.page_size)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetPluginData {
    const PATH: &'static str = "catalog/…/pluginsData/{pluginId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::Documented)
        .quirks(&[11]);
}

/// `POST /api/v1/catalog/integrations/auth-required/pluginsData/{pluginId}/by-product?productId=`: adds what a plugin
/// keeps about a product.
///
/// Method and path *documented*; the query is cut and the body not shown: that the product is the parameter
/// `productId` and the body is the metadata itself is *inferred*. Whether a second delivery replaces or adds is not
/// documented, so it is never repeated after an unclear answer. The answer is not documented and not read.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostPluginDataByProduct {
    /// The plugin.
    #[serde(skip)]
    #[builder(into)]
    pub plugin_id: PluginId,
    /// `productId`.
    #[serde(skip)]
    #[builder(into)]
    pub product_id: Sku,
    /// The body.
    pub metadata: Json,
}

impl Endpoint for PostPluginDataByProduct {
    const EFFECT: Effect = Effect::Create;
    const METHOD: http::Method = http::Method::POST;
    type Response = ();

    fn path(&self) -> Path {
        service("catalog").segment("pluginsData").id(&self.plugin_id).segment("by-product")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("productId", self.product_id.as_str().to_owned())]
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostPluginDataByProduct {
    const PATH: &'static str = "catalog/…/pluginsData/{pluginId}/by-product";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Inferred)
        .quirks(&[11]);
}

handle! {
    /// The calls about what plugins keep about products: `client.plugin_data()`.
    PluginDataOfProducts
}

impl<'a> PluginDataOfProducts<'a> {
    /// All data of a plugin, page by page and only when asked, from page `from` on.
    ///
    /// How far the wire is known: [`GetPluginData`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        plugin_id: &PluginId,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<PluginData>, PageNumber>>> + 'a {
        let plugin_id = plugin_id.clone();
        paging::list(self.client, from, move |page| {
            GetPluginData::builder()
                .plugin_id(plugin_id.clone())
                .page_number(page)
                .page_size(page_size)
                .build()
        })
    }

    /// Adds what a plugin keeps about a product (*inferred*, see [`PostPluginDataByProduct`]).
    ///
    /// How far the wire is known: [`PostPluginDataByProduct`].
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use one_client::simulator::Simulator;
    /// use one_client::{Json, PageNumber, PluginId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    /// let plugin = PluginId::from("labels");
    /// let metadata = Json::from_text(r#"{"length": 1.50}"#)?;
    /// one.plugin_data().create(&plugin, &"ŚRUBA-M8".into(), &metadata).await?;
    ///
    /// let pages: Vec<_> = one.plugin_data().list(&plugin, PageNumber::FIRST, 100).try_collect().await?;
    /// let row = pages[0].items[0].as_ref().unwrap();
    /// assert_eq!(row.metadata.value().unwrap()["length"], 1.5);
    /// assert!(row.metadata.json().contains("1.50"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). If `may_have_been_applied()`, the list tells.
    pub async fn create(&self, plugin_id: &PluginId, product_id: &Sku, metadata: &Json) -> Result<()> {
        let call = PostPluginDataByProduct::builder()
            .plugin_id(plugin_id.clone())
            .product_id(product_id.clone())
            .metadata(metadata.clone())
            .build();
        self.client.send(&call).await
    }
}
