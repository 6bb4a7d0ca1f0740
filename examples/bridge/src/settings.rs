//! Settings of the bridge, as a TOML file has them. Secrets come from the environment, never from the file.

use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use sync_core::guard::stock::Buffer;
use sync_core::{DispatchSettings, FlowSettings};
use sync_flows::flows::orders::{CostPlacement, OrderSettings, PricePolicy, Reservation};
use sync_flows::flows::stock::{StockMode, StockSettings};
use url::Url;

use crate::error::{Error, Result};

/// Everything but the secrets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Begins the name of every flow and order; never change it for a database in use.
    pub tenant: String,
    /// Where enova365 is.
    pub enova: EnovaSettings,
    /// Where ONe is.
    pub one: OneSettings,
    /// Stock, enova365 → ONe; without it the flow does not run.
    pub stock: Option<StockSection>,
    /// Retail prices, enova365 → ONe; without it the flow does not run.
    pub retail_prices: Option<RetailPricesSection>,
    /// Orders, ONe → enova365; without it the flow does not run.
    pub orders: Option<OrdersSection>,
    /// Times of the engine.
    #[serde(default)]
    pub engine: EngineSection,
}

/// Where enova365 is. The application token comes from `ENOVA_APPLICATION_TOKEN`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EnovaSettings {
    /// Address of the WebAPI, with a path prefix if it has one.
    pub url: Url,
    /// Whether plain `http` is allowed beyond this machine.
    #[serde(default)]
    pub allow_plain_http: bool,
    /// A root certificate (PEM) to trust besides the usual ones.
    pub root_certificate: Option<PathBuf>,
    /// Name or id of the database that positions belong to. Flows refuse to go on after it changed.
    #[serde(default)]
    pub database: String,
}

/// Where ONe is. The API key comes from `ONE_API_KEY`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OneSettings {
    /// Address of the API.
    pub url: Url,
    /// The tenant's key (header `one-tenant`).
    pub tenant: String,
    /// The service under which order shipments are asked for: the documentation says `orders` in one place and `account`
    /// in another.
    #[serde(default = "orders_service")]
    pub order_shipment_service: String,
    /// Whether plain `http` is allowed beyond this machine.
    #[serde(default)]
    pub allow_plain_http: bool,
}

fn orders_service() -> String {
    "orders".to_owned()
}

/// The stock flow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StockSection {
    /// Symbol of a warehouse in the ERP → id in ONe.
    #[serde(default)]
    pub warehouses: BTreeMap<String, String>,
    /// Instead: these warehouses of the ERP (none: all) added up in one of ONe.
    pub summed: Option<SummedSection>,
    /// How much of the available stock is shown, in percent.
    #[serde(default = "ninety_five")]
    pub buffer_percent: u32,
    /// Whether a single last piece is shown.
    #[serde(default = "yes")]
    pub keep_last: bool,
    /// Smallest quantity sold, by unit, as text: `m = "0.1"`.
    #[serde(default)]
    pub steps: BTreeMap<String, Exact>,
    /// Seconds between two rounds of `run`.
    #[serde(default = "two_minutes")]
    pub every_seconds: u64,
}

/// Several warehouses shown as one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SummedSection {
    /// Symbols in the ERP; empty: all.
    #[serde(default)]
    pub warehouses: BTreeSet<String>,
    /// Id in ONe.
    pub to: String,
}

/// A decimal written as text, since TOML's numbers with a point are binary fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Exact(Decimal);

impl TryFrom<String> for Exact {
    type Error = rust_decimal::Error;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

/// The retail price flow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RetailPricesSection {
    /// The price list (definicja ceny).
    #[serde(default = "detaliczna")]
    pub price_list: String,
    /// Currency of ONe's retail prices.
    #[serde(default = "pln")]
    pub currency: String,
    /// Seconds between two rounds of `run`.
    #[serde(default = "ten_minutes")]
    pub every_seconds: u64,
}

/// The order flow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OrdersSection {
    /// Position of ONe's feed at which the very first run begins; 1 for everything that ONe still has. What lies before it
    /// is never transferred: orders that an earlier integration has booked are not to come again.
    pub start_at: i64,
    /// Symbol of the warehouse that orders are placed on.
    pub warehouse: String,
    /// Symbol of the document definition.
    #[serde(default = "zo")]
    pub definition: String,
    /// Whether the ERP approves documents at once.
    #[serde(default)]
    pub approve: bool,
    /// How much the ERP reserves: `none`, `available`, `all`.
    #[serde(default = "available")]
    pub reserve: Reservation,
    /// Currency of ONe's prices.
    #[serde(default = "pln")]
    pub currency: String,
    /// ONe's unit code → the ERP's symbol, where they differ.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// Kod of the service that carries delivery and payment costs; in the notes without one.
    pub delivery_service: Option<String>,
    /// Kod of the service that carries additional costs of lines; in the notes without one.
    pub additional_cost_service: Option<String>,
    /// What to do when a price changed: `confirmed_price`, `hold`, `refuse`, for `cheaper` and `dearer` apart.
    #[serde(default)]
    pub price_policy: PricePolicy,
    /// ONe's organisation id → Kod of the contractor.
    #[serde(default)]
    pub contractors: BTreeMap<String, String>,
    /// Seconds between two rounds of `run`.
    #[serde(default = "one_minute")]
    pub every_seconds: u64,
}

/// Times of the engine. The defaults suit real systems; tests shorten them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EngineSection {
    /// How long a flow's lease lasts without renewal.
    pub lease_ttl_ms: u64,
    /// How long an act's claim lasts without extension.
    pub claim_ttl_ms: u64,
    /// How long after a lost answer the order is looked up at the earliest.
    pub visibility_lag_ms: u64,
    /// Least time between two look-ups that find nothing, before the order is placed again.
    pub lookup_spacing_ms: u64,
    /// Longest wait for one answer of either system.
    pub answer_timeout_ms: u64,
}

impl Default for EngineSection {
    fn default() -> Self {
        Self {
            lease_ttl_ms: 60_000,
            claim_ttl_ms: 180_000,
            visibility_lag_ms: 5_000,
            // enova365's own limit for one request is 60 s; look-ups are spaced wider than that
            lookup_spacing_ms: 70_000,
            answer_timeout_ms: 90_000,
        }
    }
}

fn ninety_five() -> u32 {
    95
}

fn yes() -> bool {
    true
}

fn one_minute() -> u64 {
    60
}

fn two_minutes() -> u64 {
    120
}

fn ten_minutes() -> u64 {
    600
}

fn detaliczna() -> String {
    "Detaliczna".to_owned()
}

fn pln() -> String {
    "PLN".to_owned()
}

fn zo() -> String {
    "ZO".to_owned()
}

fn available() -> Reservation {
    Reservation::Available
}

impl Settings {
    /// Reads them from TOML.
    ///
    /// # Errors
    /// The text is no TOML, lacks a field or has one that is not known; the message names place and field.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            // the library's own display quotes the line, which may hold a secret that does not belong there
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Error::new(format!("the settings cannot be read, line {line}: {}", error.message()))
        })
    }

    /// Reads them from a TOML file.
    ///
    /// # Errors
    /// The file cannot be read, or as for [`from_toml`](Self::from_toml).
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::caused(format!("the settings file {} cannot be read", path.display()), error)
        })?;
        Self::from_toml(&text)
    }
}

impl Settings {
    /// A client of the enova365 that they name.
    ///
    /// # Errors
    /// The address cannot be used (plain `http` needs to be allowed), or the root certificate cannot be read.
    pub fn enova_client(&self, application_token: SecretString) -> Result<soneta_webapi::Client> {
        let wrong = |error| Error::caused("the settings of enova365 cannot be used", error);
        let answer = Duration::from_millis(self.engine.answer_timeout_ms);
        let mut builder = soneta_webapi::Client::builder(self.enova.url.clone(), application_token)
            .allow_plain_http(self.enova.allow_plain_http)
            .attempt_timeout(answer);
        if let Some(path) = &self.enova.root_certificate {
            let pem = std::fs::read(path).map_err(|error| {
                Error::caused(format!("the root certificate {} cannot be read", path.display()), error)
            })?;
            builder = builder.root_certificate_pem(pem);
        }
        builder.build().map_err(wrong)
    }

    /// A client of the ONe that they name.
    ///
    /// # Errors
    /// The address cannot be used (plain `http` needs to be allowed).
    pub fn one_client(&self, api_key: SecretString) -> Result<one_client::Client> {
        let answer = Duration::from_millis(self.engine.answer_timeout_ms);
        let plain = self.one.allow_plain_http;
        one_client::Client::builder(self.one.url.clone(), &self.one.tenant, api_key)
            .order_service(&self.one.order_shipment_service)
            .transport(|transport| transport.allow_plain_http(plain).attempt_timeout(answer))
            .build()
            .map_err(|error| Error::caused("the settings of ONe cannot be used", error))
    }
}

impl StockSection {
    pub(crate) fn settings(&self) -> Result<StockSettings> {
        let mode = match &self.summed {
            Some(_) if !self.warehouses.is_empty() => {
                return Err(Error::new(
                    "the stock settings name warehouses one by one and summed: only one of them can be",
                ));
            }
            Some(summed) => StockMode::summed(summed.warehouses.iter().cloned(), summed.to.clone()),
            None => StockMode::per_warehouse(self.warehouses.clone()),
        };
        Ok(StockSettings::builder()
            .mode(mode)
            .buffer(Buffer::default().percent(self.buffer_percent).keep_last(self.keep_last))
            .steps(self.steps.iter().map(|(unit, step)| (unit.clone(), step.0)).collect())
            .build())
    }
}

impl OrdersSection {
    pub(crate) fn settings(&self, tenant: &str) -> OrderSettings {
        let place = |service: &Option<String>| match service {
            Some(kod) => CostPlacement::ServiceLine(kod.clone()),
            None => CostPlacement::Notes,
        };
        OrderSettings::builder()
            .tenant(tenant)
            .magazyn(self.warehouse.clone())
            .definicja(self.definition.clone())
            .approve(self.approve)
            .reserve(self.reserve)
            .waluta(self.currency.clone())
            .units(self.units.clone())
            .delivery_cost(place(&self.delivery_service))
            .additional_costs(place(&self.additional_cost_service))
            .build()
    }
}

impl EngineSection {
    pub(crate) fn flow(&self) -> FlowSettings {
        FlowSettings::default().lease_ttl(Duration::from_millis(self.lease_ttl_ms))
    }

    pub(crate) fn dispatch(&self) -> DispatchSettings {
        DispatchSettings::default()
            .claim_ttl(Duration::from_millis(self.claim_ttl_ms))
            .visibility_lag(Duration::from_millis(self.visibility_lag_ms))
            .lookups(2, Duration::from_millis(self.lookup_spacing_ms))
    }
}
