//! Bonuses: by the name, what selling a product earns, level by level.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::Sku;
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::query::ListStyle;
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Error, Page, Path, Result};
use bytes::Bytes;
use futures::Stream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most levels of bonuses a product may have (*documented*).
pub const MAX_BONUS_LEVELS: usize = 3;

/// The bonuses of one product (*documented*). `Debug` shows the product alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Bonus {
    /// The product.
    pub sku_id: Sku,
    /// Bonuses by the level's name; names are free, the unit is not documented. ONe's own request example writes strings:
    /// both are read, numbers are sent.
    #[serde(default, with = "wire::decimal::map")]
    pub bonuses: BTreeMap<String, Decimal>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(Bonus);
shows!(Bonus { sku_id, extra });

impl Bonus {
    /// A product without bonuses yet.
    pub fn new(sku_id: impl Into<Sku>) -> Self {
        Self { sku_id: sku_id.into(), bonuses: BTreeMap::new(), extra: Extra::default() }
    }

    /// Adds a level, or replaces its bonus.
    #[must_use]
    pub fn with_level(mut self, name: impl Into<String>, bonus: Decimal) -> Self {
        self.bonuses.insert(name.into(), bonus);
        self
    }

    fn key(&self) -> &str {
        self.sku_id.as_str()
    }

    fn check(&self) -> Result<()> {
        if self.bonuses.len() > MAX_BONUS_LEVELS {
            return Err(Error::invalid("a product has more than 3 levels of bonuses"));
        }
        Ok(())
    }
}

impl Keyed for Bonus {
    const KEY: &'static str = "skuId";
}

/// Whose bonuses are asked for (*documented*).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum BonusesOf {
    /// All products.
    #[default]
    All,
    /// One product, with `skuId`.
    Sku(Sku),
    /// Some products, with `skuIds`; how they are joined is a setting ([`ListStyle`]).
    Skus(Vec<Sku>),
}

/// `GET /api/v1/pricehelper/integrations/auth-required/bonuses`: bonuses, page by page.
///
/// *Documented*; the page's example of the question shows another call's address (quirk Q13: the prose's path), so that
/// `pageNumber` and `pageSize` are its parameters is *inferred* from the answer. How `skuIds` are joined is *inferred*.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetBonuses {
    /// Which page.
    #[builder(default)]
    pub page_number: PageNumber,
    /// How many on a page; the largest allowed number is not documented.
    #[builder(default = 100)]
    pub page_size: u32,
    /// Whose.
    #[serde(skip)]
    #[builder(default)]
    pub of: BonusesOf,
    /// How several SKUs are joined.
    #[serde(skip)]
    #[builder(default)]
    pub list_style: ListStyle,
}

impl Endpoint for GetBonuses {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<Bonus, PageNumber>;

    fn path(&self) -> Path {
        service("pricehelper").segment("bonuses")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = match &self.of {
            BonusesOf::All => Vec::new(),
            BonusesOf::Sku(sku) => vec![("skuId", sku.as_str().to_owned())],
            BonusesOf::Skus(skus) => self.list_style.parameters("skuIds", skus.iter().map(Sku::as_str)),
        };
        query.extend(self.page_number.query(self.page_size));
        query
    }

    /// None; but SKUs that would ask for others are refused.
    fn body(&self) -> Result<Option<Bytes>> {
        if let BonusesOf::Skus(skus) = &self.of {
            self.list_style.check(skus)?;
        }
        Ok(None)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetBonuses {
    const PATH: &'static str = "pricehelper/…/bonuses";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Inferred)
        .answer(Evidence::Documented)
        .quirks(&[13]);
}

/// `PUT /api/v1/pricehelper/integrations/auth-required/bonuses`: sets bonuses.
///
/// *Example only*, whole. The example's bonuses are strings; numbers are sent (*inferred*, as in the answers). Whether a
/// product's levels that are not named stay is not documented. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct PutBonuses<'a> {
    /// The products.
    pub bonuses: &'a [Bonus],
}

impl<'a> PutBonuses<'a> {
    /// One message.
    pub fn new(bonuses: &'a [Bonus]) -> Self {
        Self { bonuses }
    }
}

impl Endpoint for PutBonuses<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricehelper").segment("bonuses")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutBonuses<'_> {
    const PATH: &'static str = "pricehelper/…/bonuses";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly).request(Evidence::ExampleOnly);
}

handle! {
    /// The calls about bonuses: `client.bonuses()`.
    Bonuses
}

impl<'a> Bonuses<'a> {
    /// All products that have bonuses from page `from` on, page by page and only when asked; `page_size` at a time.
    ///
    /// How far the wire is known: [`GetBonuses`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Bonus>, PageNumber>>> + 'a {
        self.list_of(BonusesOf::All, from, page_size)
    }

    /// The same of these products alone.
    ///
    /// How far the wire is known: [`GetBonuses`].
    ///
    /// # Errors
    ///
    /// Those of [`list`](Self::list). `Invalid`, unsent: [`BonusesOf::Skus`] without any SKU, which may mean all to the
    /// server, or with a comma in one where commas join them.
    pub fn list_of(
        &self,
        of: BonusesOf,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Bonus>, PageNumber>>> + 'a {
        let list_style = self.client.settings().list_style;
        paging::list(self.client, from, move |page_number| GetBonuses {
            page_number,
            page_size,
            of: of.clone(),
            list_style,
        })
    }

    /// Sets the bonuses of any number of products, in order, split to the wire's limits. A product with more than
    /// [`MAX_BONUS_LEVELS`] levels fails unsent (`Invalid`); the others go.
    ///
    /// How far the wire is known: [`PutBonuses`].
    ///
    /// See [`BulkReport`] for what is known of each product afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save(&self, bonuses: &[Bonus]) -> BulkReport {
        self.save_with(bonuses, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later product on.
    ///
    /// How far the wire is known: [`PutBonuses`].
    pub async fn save_with(&self, bonuses: &[Bonus], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: Bonus::key,
            check: Bonus::check,
            endpoint: PutBonuses::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, bonuses, options, call).await
    }
}
