//! Where the two systems of a tenant are.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use soneta_webapi::AreaChoice;
use url::Url;

use super::engine::EngineSettings;
use crate::error::{Error, Result};

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
    /// Whether plain `http` is allowed beyond this machine.
    #[serde(default)]
    pub allow_plain_http: bool,
    /// A root certificate (PEM) to trust besides the usual ones.
    pub root_certificate: Option<PathBuf>,
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
    /// The service of operators: `authserver` or `catalog`.
    #[serde(default = "authserver")]
    pub operator_service: String,
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
        one_client::Client::builder(self.url.clone(), &self.tenant, api_key)
            .order_service(&self.order_shipment_service)
            .warehouse_service(&self.warehouse_service)
            .operator_service(&self.operator_service)
            .transport(|transport| transport.allow_plain_http(plain).attempt_timeout(answer))
            .build()
            .map_err(|error| Error::config("the settings of ONe cannot be used").because(error))
    }
}
