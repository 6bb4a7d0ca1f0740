//! The client: where ONe is, who asks, and what the documentation leaves open.

use crate::stock::{AbsoluteStocks, StockBody};
use crate::upload::{PutToUploadUrl, Upload};
use crate::wire::query::ListStyle;
use api_transport::{
    Credential, Endpoint, Error, ErrorKind, Result, StaticHeaders, Transport, TransportBuilder,
};
use http::Method;
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use url::Url;

/// A tenant that is misspelt and a key of another tenant look alike.
const WHOSE_KEY: &str =
    "Check the tenant and its key, which belong together, and whether the key has the right for this call.";

/// The two headers of every call, `one-tenant` and `ApiAuth` (*example*), for a transport that is set up by hand.
pub fn header_credentials(tenant: impl Into<String>, api_key: SecretString) -> StaticHeaders {
    let tenant = SecretString::from(tenant.into());
    StaticHeaders::new(Credential::header("one-tenant", tenant).with_header("ApiAuth", api_key))
}

/// A client of one tenant of ONe. Clones are cheap and share connections, limits and settings.
///
/// ```
/// # use one_client::{Client, Url, SecretString};
/// # fn main() -> one_client::Result<()> {
/// # let key = SecretString::from("key");
/// let one = Client::builder(Url::parse("https://api-preprod.one.unity.pl").unwrap(), "my-tenant", key)
///     .order_service("account")
///     .transport(|transport| transport.in_flight(2))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Transport,
    settings: Arc<Settings>,
}

pub(crate) struct Settings {
    pub(crate) tenant: String,
    pub(crate) order_service: String,
    pub(crate) warehouse_service: String,
    pub(crate) operator_service: String,
    pub(crate) warehouse_method: Method,
    pub(crate) invoice_method: Method,
    pub(crate) prefixed_trade_credits: bool,
    pub(crate) list_style: ListStyle,
    pub(crate) stock_body: Arc<dyn StockBody>,
    pub(crate) upload: Arc<dyn Upload>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("tenant", &self.settings.tenant)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins a client.
    ///
    /// - `base_url`: no page of the documentation names the production host, so it is always given.
    /// - `tenant`: the header `one-tenant` (*example*).
    /// - `api_key`: the header `ApiAuth` (*example*). It is static: an answer 401 is final.
    pub fn builder(base_url: Url, tenant: impl Into<String>, api_key: SecretString) -> ClientBuilder {
        let tenant = tenant.into();
        ClientBuilder {
            transport: Transport::builder(base_url).credentials(header_credentials(&tenant, api_key)),
            settings: Settings {
                tenant,
                order_service: "orders".to_owned(),
                warehouse_service: "stock".to_owned(),
                operator_service: "authserver".to_owned(),
                warehouse_method: Method::POST,
                invoice_method: Method::POST,
                prefixed_trade_credits: false,
                list_style: ListStyle::Comma,
                stock_body: Arc::new(AbsoluteStocks),
                upload: Arc::new(PutToUploadUrl::default()),
            },
        }
    }

    /// Sends any endpoint, also one that is defined elsewhere.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind). The server's own message, if any, is the error's
    /// `detail()`; the form of ONe's error answers is not documented. `NotFound` is about the record that was asked for
    /// (*documented* for clients, with the advice to keep the integration running).
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response> {
        self.transport.send(endpoint).await.map_err(|error| match error.kind() {
            ErrorKind::Unauthorized | ErrorKind::Forbidden => error.with_advice(WHOSE_KEY),
            _ => error,
        })
    }

    /// The tenant this client speaks for.
    pub fn tenant(&self) -> &str {
        &self.settings.tenant
    }

    /// The HTTP layer, for calls that have no endpoint here.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Settings of a [`Client`].
#[must_use]
pub struct ClientBuilder {
    transport: TransportBuilder,
    settings: Settings,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("tenant", &self.settings.tenant).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The service of order shipments and order status, `/api/v1/{service}/…`: `orders` by default; the
    /// vendor's table for ERP teams says `account` (quirk Q1).
    pub fn order_service(mut self, service: impl Into<String>) -> Self {
        self.settings.order_service = service.into();
        self
    }

    /// The service of warehouses: `stock` by default, the section of their page; the vendor's table for ERP
    /// teams says `account` (quirk Q2).
    pub fn warehouse_service(mut self, service: impl Into<String>) -> Self {
        self.settings.warehouse_service = service.into();
        self
    }

    /// The service of operators: `authserver` by default; prose says `catalog` (quirk Q3).
    pub fn operator_service(mut self, service: impl Into<String>) -> Self {
        self.settings.operator_service = service.into();
        self
    }

    /// The verb that writes a warehouse: POST by default (*inferred*; none is documented).
    pub fn warehouse_method(mut self, method: Method) -> Self {
        self.settings.warehouse_method = method;
        self
    }

    /// The verb that adds an invoice: POST by default, by analogy; goods notes use PUT (quirk Q22).
    pub fn invoice_method(mut self, method: Method) -> Self {
        self.settings.invoice_method = method;
        self
    }

    /// Whether trade credits are asked for with the prefix `org:`; without by default, as the parameter's name
    /// `organizationId` says (*inferred*).
    pub fn prefixed_trade_credits(mut self, prefixed: bool) -> Self {
        self.settings.prefixed_trade_credits = prefixed;
        self
    }

    /// How a query names several values (*inferred*; only single ones are shown).
    pub fn list_style(mut self, style: ListStyle) -> Self {
        self.settings.list_style = style;
        self
    }

    /// Another spelling of stock messages than the *inferred* [`AbsoluteStocks`].
    pub fn stock_body(mut self, body: impl StockBody + 'static) -> Self {
        self.settings.stock_body = Arc::new(body);
        self
    }

    /// Another way for PDFs than the *inferred* [`PutToUploadUrl`].
    pub fn upload(mut self, upload: impl Upload + 'static) -> Self {
        self.settings.upload = Arc::new(upload);
        self
    }

    /// Settings of the HTTP layer: time limits, repeats, calls in flight, certificates, proxy, wire log
    /// and so on.
    pub fn transport(mut self, settings: impl FnOnce(TransportBuilder) -> TransportBuilder) -> Self {
        self.transport = settings(self.transport);
        self
    }

    /// Makes the client. No call is sent.
    ///
    /// # Errors
    ///
    /// `Config`, for example plain `http` to another machine without permission, a tenant that
    /// cannot stand in a header, or a verb that writes nothing.
    pub fn build(self) -> Result<Client> {
        let Settings { warehouse_method, invoice_method, .. } = &self.settings;
        if [warehouse_method, invoice_method]
            .iter()
            .any(|method| ![Method::POST, Method::PUT].contains(method))
        {
            return Err(Error::config("warehouses and invoices are written with POST or PUT"));
        }
        Ok(Client { transport: self.transport.build()?, settings: Arc::new(self.settings) })
    }
}
