//! Where the two systems of a tenant are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use soneta_webapi::{Area, AreaChoice};
use sync_flows::Tick;
use sync_flows::flows::clients::PortalField;
use url::Url;

use super::engine::EngineSettings;
use crate::error::{Error, Result};
use crate::reads::ReadBy;

/// Where enova365 is, and which add-on gives what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EnovaSettings {
    /// Address of the WebAPI, with a path prefix if it has one.
    pub url: Url,
    /// Environment variable with the application token; `ENOVA_APPLICATION_TOKEN` if there is one tenant.
    pub application_token_env: Option<String>,
    /// Instead: a file with it.
    pub application_token_file: Option<PathBuf>,
    /// Name or id of the database that positions belong to. Flows refuse to go on after it changed.
    #[serde(default)]
    pub database: String,
    /// For each area the add-on that gives it; areas that are not named are lacking. Without this table the reference contract
    /// `b2b` gives everything.
    pub areas: Option<AreaChoice>,
    /// How the list of an area is read, where it is not as the add-on suggests: by its change stamps, or of AltOne by the flow's
    /// queue if it has one, and whole otherwise. Goods, contractors, orders, delivery notes and invoices can be read so.
    #[serde(default)]
    pub reads: BTreeMap<Area, ReadBy>,
    /// Consumers of AltOne's change queue, by the id of the flow.
    #[serde(default)]
    pub queues: BTreeMap<String, QueueSettings>,
    /// Which goods and contractors go to the portal.
    #[serde(default)]
    pub ticks: TicksSettings,
    /// Whether plain `http` is allowed beyond this machine.
    #[serde(default)]
    pub allow_plain_http: bool,
    /// A root certificate (PEM) to trust besides the usual ones.
    pub root_certificate: Option<PathBuf>,
}

/// Which records go to the portal: `"told"` (the contract's own tick, the default), `{ cecha = "NAME" }`, or `"everything"`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TicksSettings {
    /// Goods, with their stock and prices.
    pub goods: Tick,
    /// Contractors, with their segments, credit and blockades.
    pub contractors: Tick,
}

/// A consumer of AltOne's change queue. One serves one flow: what a flow confirmed, no other is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct QueueSettings {
    /// Its name in enova365.
    pub external_system: String,
    /// Environment variable with its secret.
    pub security_code_env: Option<String>,
    /// Instead: a file with it.
    pub security_code_file: Option<PathBuf>,
}

/// What the flows of clients share.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClientsSettings {
    /// What the portal owns of a client: it goes to enova365, and to ONe only when the client is created.
    pub portal_owns: BTreeSet<PortalField>,
    /// Id of ONe's warehouse that clients are served from; ONe's own choice without it.
    pub warehouse: Option<String>,
}

impl Default for ClientsSettings {
    fn default() -> Self {
        Self { portal_owns: BTreeSet::from([PortalField::Phone, PortalField::Email]), warehouse: None }
    }
}

/// The verb that writes what has no documented one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Verb {
    /// Creates: what is sent may not be sent again.
    #[default]
    Post,
    /// Replaces.
    Put,
}

impl Verb {
    fn method(self) -> http::Method {
        match self {
            Self::Post => http::Method::POST,
            Self::Put => http::Method::PUT,
        }
    }
}

/// Where ONe is, and what its documentation leaves open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OneSettings {
    /// Address of the API.
    pub url: Url,
    /// The tenant's key (header `one-tenant`).
    pub tenant: String,
    /// Environment variable with the API key; `ONE_API_KEY` if there is one tenant.
    pub api_key_env: Option<String>,
    /// Instead: a file with it.
    pub api_key_file: Option<PathBuf>,
    /// The service of order shipments and order status: the documentation says `orders` in one place and `account` in another.
    #[serde(default = "orders")]
    pub order_shipment_service: String,
    /// The service of warehouses: `stock` or `account`.
    #[serde(default = "stock")]
    pub warehouse_service: String,
    /// The verb that writes warehouses.
    #[serde(default)]
    pub warehouse_verb: Verb,
    /// The service of operators: `authserver` or `catalog`.
    #[serde(default = "authserver")]
    pub operator_service: String,
    /// How ONe takes invoices. Settle it before the first load: the two ways keep different memories.
    #[serde(default)]
    pub invoice_verb: Verb,
    /// Whether plain `http` is allowed beyond this machine.
    #[serde(default)]
    pub allow_plain_http: bool,
}

fn orders() -> String {
    "orders".to_owned()
}

fn stock() -> String {
    "stock".to_owned()
}

fn authserver() -> String {
    "authserver".to_owned()
}

impl EnovaSettings {
    /// A client of it. Nothing is called.
    ///
    /// # Errors
    /// The address cannot be used (plain `http` needs to be allowed), or the root certificate cannot be read.
    pub fn client(&self, token: SecretString, engine: &EngineSettings) -> Result<soneta_webapi::Client> {
        let mut builder = soneta_webapi::Client::builder(self.url.clone(), token)
            .allow_plain_http(self.allow_plain_http)
            .attempt_timeout(engine.answer_timeout.get());
        if let Some(path) = &self.root_certificate {
            let pem = std::fs::read(path).map_err(|error| {
                Error::config(format!("the root certificate {} cannot be read", path.display()))
                    .because(error)
            })?;
            builder = builder.root_certificate_pem(pem);
        }
        builder
            .build()
            .map_err(|error| Error::config("the settings of enova365 cannot be used").because(error))
    }
}

impl OneSettings {
    /// A client of it. Nothing is called.
    ///
    /// # Errors
    /// The address cannot be used (plain `http` needs to be allowed).
    pub fn client(&self, api_key: SecretString, engine: &EngineSettings) -> Result<one_client::Client> {
        let (answer, plain) = (engine.answer_timeout.get(), self.allow_plain_http);
        let unusable = "the settings of ONe cannot be used";
        one_client::Client::builder(self.url.clone(), &self.tenant, api_key)
            .warehouse_method(self.warehouse_verb.method())
            .order_service(&self.order_shipment_service)
            .warehouse_service(&self.warehouse_service)
            .operator_service(&self.operator_service)
            .invoice_method(self.invoice_verb.method())
            .transport(|transport| transport.allow_plain_http(plain).attempt_timeout(answer))
            .build()
            .map_err(|error| Error::config(unusable).because(error))
    }
}
