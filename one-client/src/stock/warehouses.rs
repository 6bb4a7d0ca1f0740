//! Warehouses, ERP → ONe.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::WarehouseId;
use crate::service::{handle, service};
use crate::wire::extra::Extra;
use crate::wire::{self, open_enum, shows};
use api_transport::{Effect, Endpoint, Error, Path, Result};
use bytes::Bytes;
use http::Method;
use rust_decimal::Decimal;
use serde::Serialize;

open_enum! {
    /// What a warehouse is in the tenant's network (*documented*).
    WarehouseType {
        /// It may have local ones below it.
        Central = "CENTRAL",
        /// It may be below a central one.
        Local = "LOCAL",
    }
}

/// A warehouse.
///
/// Names, meanings and what is required are *documented*, types *inferred*; the JSON itself was not seen.
/// `Debug` shows id and type alone.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Warehouse {
    /// The id that stocks are written under. Required.
    #[builder(into)]
    pub id: WarehouseId,
    /// `type`. Required.
    #[serde(rename = "type")]
    pub kind: WarehouseType,
    /// The name that customers see.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A short name; where there is none, `name` is shown.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The central warehouse above a local one.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<WarehouseId>,
    /// Whether customers collect goods there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_point: Option<bool>,
    /// Whether a cart reserves goods; then `reservation_time` is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<bool>,
    /// For how many hours a cart reserves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_time: Option<u32>,
    /// Hours until goods are sent; 24 is one day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_time: Option<u32>,
    /// Whether it sells through ONe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<WarehouseAddress>,
    /// Fields that this version does not know.
    #[builder(default)]
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(Warehouse { id, kind });

impl Warehouse {
    /// What the documentation requires beyond the types.
    fn check(&self) -> Result<()> {
        if self.reservation == Some(true) && self.reservation_time.is_none() {
            return Err(Error::invalid("a warehouse with reservation needs a reservationTime"));
        }
        if self.kind == WarehouseType::Central && self.parent.is_some() {
            return Err(Error::invalid("a CENTRAL warehouse has no parent"));
        }
        Ok(())
    }
}

/// The address of a warehouse; the postal code is called `zip` here alone (quirk Q9).
///
/// Names *documented*, types *inferred*. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Default, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WarehouseAddress {
    /// Tax number; upper case on the wire.
    #[builder(into)]
    #[serde(rename = "TIN", skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// `type`: whether of a person or a business. The words were not seen.
    #[builder(into)]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// First name.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Company.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Postal code.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// Town.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Street.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// House number.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Flat number.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apartment: Option<String>,
    /// Country.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Degrees north.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Decimal>,
    /// Degrees east.
    #[serde(with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Decimal>,
    /// Remarks.
    #[builder(into)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_info: Option<String>,
    /// Fields that this version does not know.
    #[builder(default)]
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(WarehouseAddress {});

/// `POST /api/v1/stock/integrations/auth-required/warehouses`: creates or changes a warehouse.
///
/// That both are possible is *documented*; the path is *path only* and its service disputed (quirk Q2: the vendor's
/// table says `account`, the page is under `stock`), so the service is a setting. No verb is documented, so it is
/// a setting too: POST, of which nobody knows what a second delivery does, is `Create`; PUT is `Idempotent`. The
/// body's names are *documented*, its JSON is *inferred* (see [`Warehouse`]); the answer is not documented and not read.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostWarehouse<'a> {
    /// The warehouse.
    pub warehouse: &'a Warehouse,
    /// The path segment after `/api/v1/`.
    #[serde(skip)]
    #[builder(into, default = "stock")]
    pub service: String,
    /// POST, or PUT.
    #[serde(skip)]
    #[builder(default = Method::POST)]
    pub method: Method,
}

impl Endpoint for PostWarehouse<'_> {
    /// What holds for POST; the verb decides.
    const EFFECT: Effect = Effect::Create;
    type Response = ();

    fn path(&self) -> Path {
        service(&self.service).segment("warehouses")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        self.warehouse.check()?;
        let body = serde_json::to_vec(self).map_err(|_| Error::config("the warehouse does not encode"))?;
        Ok(Some(body.into()))
    }

    fn effect(&self) -> Effect {
        effect_of(&self.method)
    }

    fn method(&self) -> Method {
        self.method.clone()
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

fn effect_of(method: &Method) -> Effect {
    if *method == Method::PUT { Effect::Idempotent } else { PostWarehouse::EFFECT }
}

impl Evidenced for PostWarehouse<'_> {
    const PATH: &'static str = "stock/…/warehouses";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Inferred, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[2, 9])
        .rows(&["O2"]);
}

handle! {
    /// The calls about warehouses: `client.warehouses()`.
    Warehouses
}

impl Warehouses<'_> {
    /// What a second delivery of [`save`](Self::save) does, by the verb that is set. Whoever repeats messages must ask.
    pub fn effect(&self) -> Effect {
        effect_of(&self.client.settings().warehouse_method)
    }

    /// Creates or changes a warehouse. A local one comes after the central one above it (*inferred*).
    ///
    /// How far the wire is known: [`PostWarehouse`].
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// use one_client::stock::{Warehouse, WarehouseAddress, WarehouseType};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// let central = Warehouse::builder().id("WRO").kind(WarehouseType::Central).build();
    /// one.warehouses().save(&central).await?;
    ///
    /// let shop = Warehouse::builder()
    ///     .id("WRO-1")
    ///     .kind(WarehouseType::Local)
    ///     .parent("WRO")
    ///     .name("Sklep Wrocław")
    ///     .reservation(true)
    ///     .reservation_time(24)
    ///     .address(WarehouseAddress::builder().zip("50-001").city("Wrocław").street("Świdnicka").build())
    ///     .build();
    /// one.warehouses().save(&shop).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). After one that `may_have_been_applied` a person looks whether the
    /// warehouse is there: no call that reads one is known. `Invalid`, before anything is sent: a reservation without
    /// `reservation_time`, or a central warehouse with a parent.
    pub async fn save(&self, warehouse: &Warehouse) -> Result<()> {
        let settings = self.client.settings();
        let call = PostWarehouse::builder()
            .warehouse(warehouse)
            .service(&settings.warehouse_service)
            .method(settings.warehouse_method.clone())
            .build();
        self.client.send(&call).await
    }
}
