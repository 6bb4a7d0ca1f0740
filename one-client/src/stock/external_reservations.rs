//! Reservations that another system keeps for a sales order. They do not reduce the stock (*documented*).

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{SalesOrderNumber, Sku};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use http::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is reserved for one sales order (*example*, whole). `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExternalReservation {
    /// The sales order, for example `1997`.
    #[serde(deserialize_with = "wire::text::required")]
    pub sales_order_number: SalesOrderNumber,
    /// Its lines.
    #[serde(default, deserialize_with = "wire::list")]
    pub products: Vec<ReservedProduct>,
    /// What else came, or is to be sent.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(ExternalReservation { sales_order_number, products });

impl ExternalReservation {
    /// Lines of a sales order.
    pub fn new(
        sales_order_number: impl Into<SalesOrderNumber>,
        products: impl IntoIterator<Item = ReservedProduct>,
    ) -> Self {
        Self {
            sales_order_number: sales_order_number.into(),
            products: products.into_iter().collect(),
            extra: Extra::default(),
        }
    }
}

/// How much of one good a line of a sales order reserves (*example*). `Debug` shows good and line alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReservedProduct {
    /// The good.
    #[serde(deserialize_with = "wire::text::required")]
    pub product_id: Sku,
    /// The line of the order: a text on the wire; a number is read as well.
    #[serde(deserialize_with = "wire::text::required")]
    pub line_number: String,
    /// How much, in content units (*inferred*).
    #[serde(with = "wire::decimal")]
    pub reserved_quantity: Decimal,
    /// What else came, or is to be sent.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(ReservedProduct { product_id, line_number });

impl ReservedProduct {
    /// This much of a good for a line.
    pub fn new(
        product_id: impl Into<Sku>,
        line_number: impl Into<String>,
        reserved_quantity: Decimal,
    ) -> Self {
        Self {
            product_id: product_id.into(),
            line_number: line_number.into(),
            reserved_quantity,
            extra: Extra::default(),
        }
    }
}

keeps_extra!(ExternalReservation, ReservedProduct);

/// `GET /api/v1/stock/integrations/auth-required/external-reservations`: what is reserved for one sales order.
///
/// *Example only*, request and answer whole. Prose puts it under `account` (quirk Q10).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetExternalReservation {
    /// `salesOrderNumber`.
    pub sales_order_number: SalesOrderNumber,
}

impl GetExternalReservation {
    /// Asks for one sales order.
    pub fn new(sales_order_number: impl Into<SalesOrderNumber>) -> Self {
        Self { sales_order_number: sales_order_number.into() }
    }
}

impl Endpoint for GetExternalReservation {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = ExternalReservation;

    fn path(&self) -> Path {
        service("stock").segment("external-reservations")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("salesOrderNumber", self.sales_order_number.as_str().to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<ExternalReservation> {
        decode_json(body)
    }
}

impl Evidenced for GetExternalReservation {
    const PATH: &'static str = "stock/…/external-reservations";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly)
        .quirks(&[10]);
}

/// `PUT /api/v1/stock/integrations/auth-required/external-reservations`: sets lines of one sales order.
///
/// Method and that it is a partial update are *documented*; path *example only* (quirk Q10); the body was not seen
/// and is *inferred* to be what is read. The answer is not documented and not read. *Inferred:* a line that is
/// not named stays, and a quantity is the level, so a second delivery changes nothing. How a reservation ends is not
/// documented.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutExternalReservation<'a> {
    /// The lines to set.
    pub reservation: &'a ExternalReservation,
}

impl<'a> PutExternalReservation<'a> {
    /// One message.
    pub fn new(reservation: &'a ExternalReservation) -> Self {
        Self { reservation }
    }
}

impl Endpoint for PutExternalReservation<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: Method = Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("stock").segment("external-reservations")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutExternalReservation<'_> {
    const PATH: &'static str = "stock/…/external-reservations";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::ExampleOnly)
        .request(Evidence::Inferred)
        .quirks(&[10]);
}

handle! {
    /// The calls about external reservations: `client.external_reservations()`.
    ExternalReservations
}

impl ExternalReservations<'_> {
    /// What is reserved for one sales order.
    ///
    /// How far the wire is known: [`GetExternalReservation`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` is about this sales order alone (*inferred*).
    pub async fn get(&self, sales_order_number: &SalesOrderNumber) -> Result<ExternalReservation> {
        self.client.send(&GetExternalReservation::new(sales_order_number.clone())).await
    }

    /// Sets the lines that are named; the others of the sales order stay (*inferred:* a partial update is *documented*).
    ///
    /// How far the wire is known: [`PutExternalReservation`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn save(&self, reservation: &ExternalReservation) -> Result<()> {
        self.client.send(&PutExternalReservation::new(reservation)).await
    }
}
