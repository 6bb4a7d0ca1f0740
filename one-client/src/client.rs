//! The client: where ONe is, who asks, and what the documentation leaves open.

use crate::orders::{self, Orders};
use crate::retail_prices::RetailPrices;
use crate::stocks::{AbsoluteStocks, StockBody, Stocks};
use api_transport::{Credential, Endpoint, Result, StaticHeaders, Transport, TransportBuilder};
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use url::Url;

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
///     .order_shipment_service("account")
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

struct Settings {
    tenant: String,
    order_shipment_service: String,
    stock_body: Arc<dyn StockBody>,
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
                order_shipment_service: orders::DEFAULT_SERVICE.to_owned(),
                stock_body: Arc::new(AbsoluteStocks),
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
        self.transport.send(endpoint).await
    }

    /// Stocks, ERP → ONe.
    pub fn stocks(&self) -> Stocks<'_> {
        Stocks::new(self)
    }

    /// Retail prices, ERP → ONe.
    pub fn retail_prices(&self) -> RetailPrices<'_> {
        RetailPrices::new(self)
    }

    /// Orders, ONe → ERP.
    pub fn orders(&self) -> Orders<'_> {
        Orders::new(self)
    }

    /// The tenant this client speaks for.
    pub fn tenant(&self) -> &str {
        &self.settings.tenant
    }

    /// The HTTP layer, for calls that have no endpoint here.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) fn order_shipment_service(&self) -> &str {
        &self.settings.order_shipment_service
    }

    pub(crate) fn stock_body(&self) -> &dyn StockBody {
        self.settings.stock_body.as_ref()
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
    /// The service under which order shipments are asked for, `/api/v1/{service}/…`: `orders` by
    /// default; the vendor's table for ERP teams says `account` (quirk Q1).
    pub fn order_shipment_service(mut self, service: impl Into<String>) -> Self {
        self.settings.order_shipment_service = service.into();
        self
    }

    /// Another spelling of stock messages than the *inferred* [`AbsoluteStocks`].
    pub fn stock_body(mut self, body: impl StockBody + 'static) -> Self {
        self.settings.stock_body = Arc::new(body);
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
    /// `Config`, for example plain `http` to another machine without permission, or a tenant that
    /// cannot stand in a header.
    pub fn build(self) -> Result<Client> {
        Ok(Client { transport: self.transport.build()?, settings: Arc::new(self.settings) })
    }
}
