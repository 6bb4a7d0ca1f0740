//! Reservations that ONe keeps itself: for its sales orders, and for offers.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ReservationId, SalesOrderNumber, Sku, WarehouseId};
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::query::ListStyle;
use crate::wire::{self, open_enum, shows};
use api_transport::{Effect, Endpoint, Page, Path, Result};
use bytes::Bytes;
use futures::Stream;
use http::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

open_enum! {
    /// What reserves. That offers do too is *documented*; their word is not.
    ReservationType {
        /// A sales order (*example*).
        SalesOrder = "SALES_ORDER",
    }
}

/// One reservation (*example*). Required is only its id. `Debug` shows ids and type alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Reservation {
    /// Its id, a UUID in the example.
    #[serde(deserialize_with = "wire::text::required")]
    pub reservation_id: ReservationId,
    /// `type`: what reserves.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ReservationType>,
    /// The warehouse.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub warehouse_id: Option<WarehouseId>,
    /// The good.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub product_id: Option<Sku>,
    /// The sales order it is for.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub sales_order_number: Option<SalesOrderNumber>,
    /// How much, in content units (*inferred*).
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Reservation { reservation_id, kind, warehouse_id, product_id, sales_order_number });
keeps_extra!(Reservation);

impl Keyed for Reservation {
    const KEY: &'static str = "reservationId";
}

/// `GET /api/v1/stock/integrations/auth-required/reservations`: one page of the reservations.
///
/// *Example only*, request and answer; all parameters are optional. Prose puts it under `account` (quirk Q10). How several ids are told is *inferred*: a setting.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetReservations {
    /// `pageNumber`.
    #[builder(default)]
    pub page_number: PageNumber,
    /// `pageSize`.
    #[builder(default = 100)]
    pub page_size: u32,
    /// `reservationIds`: only these; `None` = all, and the parameter is left out.
    pub reservation_ids: Option<Vec<ReservationId>>,
    /// How several ids are told.
    #[serde(skip)]
    #[builder(default)]
    pub list_style: ListStyle,
}

impl Endpoint for GetReservations {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = Listing<Reservation, PageNumber>;

    fn path(&self) -> Path {
        service("stock").segment("reservations")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = self.page_number.query(self.page_size);
        if let Some(ids) = &self.reservation_ids {
            let ids = ids.iter().map(ReservationId::as_str);
            query.extend(self.list_style.parameters("reservationIds", ids));
        }
        query
    }

    /// None; but ids that would ask for others are refused.
    fn body(&self) -> Result<Option<Bytes>> {
        self.reservation_ids.as_ref().map_or(Ok(()), |ids| self.list_style.check(ids)).map(|()| None)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetReservations {
    const PATH: &'static str = "stock/…/reservations";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly)
        .quirks(&[10]);
}

handle! {
    /// The calls about reservations: `client.reservations()`.
    Reservations
}

impl<'a> Reservations<'a> {
    /// All reservations from page `from` on, page by page and only when asked; `page_size` at a time.
    ///
    /// How far the wire is known: [`GetReservations`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Reservation>, PageNumber>>> + 'a {
        self.pages(None, from, page_size)
    }

    /// The same of these reservations alone.
    ///
    /// How far the wire is known: [`GetReservations`].
    ///
    /// # Errors
    ///
    /// Those of [`list`](Self::list). `Invalid`, unsent: no ids, which may mean all to the server, or a comma in one
    /// where commas join them.
    pub fn list_of(
        &self,
        reservation_ids: Vec<ReservationId>,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Reservation>, PageNumber>>> + 'a {
        self.pages(Some(reservation_ids), from, page_size)
    }

    fn pages(
        &self,
        reservation_ids: Option<Vec<ReservationId>>,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<Reservation>, PageNumber>>> + 'a {
        let list_style = self.client.settings().list_style;
        paging::list(self.client, from, move |page_number| GetReservations {
            page_number,
            page_size,
            reservation_ids: reservation_ids.clone(),
            list_style,
        })
    }
}
