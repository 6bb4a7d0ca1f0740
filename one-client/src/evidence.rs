//! How far each endpoint is known.
//!
//! Nothing here was tried on a server of the vendor. What can be had are the first pages of his
//! documentation, his table for ERP teams (paths without bodies), and examples. So every endpoint says
//! where its parts come from; [`endpoints`] lists them all, and the README's table is made from that list.
//!
#![doc = include_str!("../docs/quirks.md")]

use api_transport::{Effect, Endpoint};
use std::fmt;

/// Where a part of an endpoint comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Evidence {
    /// Said in prose, a glossary or a table of a page of the documentation.
    Documented,
    /// Seen in a request or answer that is shown, and nowhere explained.
    ExampleOnly,
    /// The path stands in the vendor's table for ERP teams, and no more.
    PathOnly,
    /// By analogy or arithmetic; may be wrong.
    Inferred,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::ExampleOnly => "example only",
            Self::PathOnly => "path only",
            Self::Inferred => "inferred",
        })
    }
}

/// How far the parts of an endpoint are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct EndpointEvidence {
    /// The HTTP verb.
    pub method: Evidence,
    /// The path.
    pub path: Evidence,
    /// Body or query of the request; `None` if it has neither.
    pub request: Option<Evidence>,
    /// The answer; `None` if it is not documented and not read.
    pub answer: Option<Evidence>,
    /// That a second delivery leaves the same state, for an effect `Idempotent`: by it a call is repeated after an
    /// unclear answer.
    pub repeat: Evidence,
    /// The documentation's quirks it is met by, `Q1` to `Q23`.
    pub quirks: &'static [u8],
    /// The requirement rows it serves, `O1` to `O17`.
    pub rows: &'static [&'static str],
}

impl EndpointEvidence {
    pub(crate) const fn new(method: Evidence, path: Evidence) -> Self {
        Self { method, path, request: None, answer: None, repeat: Evidence::Inferred, quirks: &[], rows: &[] }
    }

    pub(crate) const fn request(mut self, evidence: Evidence) -> Self {
        self.request = Some(evidence);
        self
    }

    pub(crate) const fn answer(mut self, evidence: Evidence) -> Self {
        self.answer = Some(evidence);
        self
    }

    pub(crate) const fn repeat(mut self, evidence: Evidence) -> Self {
        self.repeat = evidence;
        self
    }

    pub(crate) const fn quirks(mut self, quirks: &'static [u8]) -> Self {
        self.quirks = quirks;
        self
    }

    pub(crate) const fn rows(mut self, rows: &'static [&'static str]) -> Self {
        self.rows = rows;
        self
    }
}

/// An endpoint that says how far it is known. All endpoints of this crate do.
pub trait Evidenced: Endpoint {
    /// The path below `/api/v1`, with `…` for `integrations/auth-required` and names for ids:
    /// `account/…/segments/{segmentId}`. Where the service is a setting, it is the default one.
    const PATH: &'static str;
    /// How far it is known.
    const EVIDENCE: EndpointEvidence;
}

/// One endpoint of [`endpoints`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndpointInfo {
    /// The Rust type below the crate, for example `account::GetSegments`.
    pub name: String,
    /// The HTTP verb; where it is a setting, the default one.
    pub method: String,
    /// [`Evidenced::PATH`].
    pub path: &'static str,
    /// What a second delivery does.
    pub effect: Effect,
    /// How far it is known.
    pub evidence: EndpointEvidence,
}

impl EndpointInfo {
    /// What `E` says of itself. `module` is where it is found in this crate.
    pub(crate) fn of<E: Evidenced>(module: &str) -> Self {
        let path = std::any::type_name::<E>();
        let path = path.split('<').next().unwrap_or(path);
        let name = path.rsplit("::").next().unwrap_or(path);
        Self {
            name: format!("{module}::{name}"),
            method: E::METHOD.to_string(),
            path: E::PATH,
            effect: E::EFFECT,
            evidence: E::EVIDENCE,
        }
    }
}

/// Lists the endpoints of a service: `endpoints_of!(account: GetSegments, PostSegment)`.
macro_rules! endpoints_of {
    ($module:ident: $($endpoint:ty),* $(,)?) => {
        vec![$($crate::evidence::EndpointInfo::of::<$endpoint>(stringify!($module))),*]
    };
}
pub(crate) use endpoints_of;

/// Every endpoint of this crate, service by service.
///
/// ```
/// let known = one_client::evidence::endpoints();
/// let stocks = known.iter().find(|endpoint| endpoint.name == "stock::PostStocksIncremental").unwrap();
/// assert_eq!(stocks.evidence.rows, ["O3"]);
/// ```
pub fn endpoints() -> Vec<EndpointInfo> {
    [
        crate::account::endpoints(),
        crate::authserver::endpoints(),
        crate::stock::endpoints(),
        crate::pricing::endpoints(),
        crate::pricehelper::endpoints(),
        crate::orders::endpoints(),
        crate::orderpath::endpoints(),
        crate::invoices::endpoints(),
        crate::goods_notes::endpoints(),
        crate::catalog::endpoints(),
        crate::rma::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Something the documentation mentions whose path, or whose body, no readable page shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NotBuilt {
    /// The service it would belong to.
    pub service: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What is known of it, and what is not.
    pub known: &'static str,
}

/// What is not built for want of a path or a body. [`Client::send`](crate::Client::send) reaches it once somebody has
/// the vendor's Swagger file.
pub const NOT_BUILT: &[NotBuilt] = &[
    not_built(
        "account",
        "feeds of segments, addresses, users",
        "existence documented; path and event unknown",
    ),
    not_built(
        "account",
        "a client's additional, advanced, basic and finance data, its first user",
        "existence documented; paths unknown",
    ),
    not_built("account", "account managers", "fields and methods documented; path unknown"),
    not_built("authserver", "writing operators", "existence inferred"),
    not_built("stock", "reading stocks", "existence and parameters documented; path unknown"),
    not_built("stock", "feed of reservations", "`numberOfEvents` ≤ 1,000 documented; path unknown"),
    not_built("pricing", "tax of products", "path documented, verb disputed (Q6); body unknown"),
    not_built("pricing", "purchase price lists", "existence documented; path unknown"),
    not_built("pricing", "deleting a price list", "demanded by the vendor; no call is documented"),
    not_built(
        "orders",
        "payment status, confirmed delivery date, shipped quantities, waybills of a shipment",
        "bodies documented in part; paths unknown",
    ),
    not_built("orderpath", "adding a product to a cart, changing prices of its lines", "paths unknown"),
    not_built(
        "invoices",
        "one invoice, deleting one; corrections, fiscal receipts and theirs",
        "fields and methods documented; paths unknown",
    ),
    not_built("invoices", "feed of invoices", "none is visible"),
    not_built(
        "goods-issued-notes",
        "feeds of goods issued and received notes",
        "existence documented; paths unknown",
    ),
    not_built(
        "catalog",
        "deleting, activating, rejecting products; products by slug or index; feed of products",
        "methods documented; paths unknown",
    ),
    not_built("catalog", "one product's plugin data, deleting it", "methods documented; paths unknown"),
    not_built("catalog", "measurement units, VAT rates", "fields documented; paths unknown"),
    not_built(
        "catalog",
        "external import of products, relations, packagings",
        "fields documented; paths unknown",
    ),
    not_built("catalog", "five more ETIM imports", "existence documented; paths unknown"),
    not_built("rma", "feed of complaints", "`limit` and `startId` documented; path unknown"),
];

const fn not_built(service: &'static str, what: &'static str, known: &'static str) -> NotBuilt {
    NotBuilt { service, what, known }
}
