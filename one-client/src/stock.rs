//! Warehouses, stocks, reservations.

mod external_reservations;
mod reservations;
mod stocks;
mod warehouses;

pub use external_reservations::{
    ExternalReservation, ExternalReservations, GetExternalReservation, PutExternalReservation,
    ReservedProduct,
};
pub use reservations::{GetReservations, Reservation, ReservationType, Reservations};
pub use stocks::{
    AbsoluteStocks, PostStocksIncremental, PutStocks, StockBody, StockChange, StockLine, Stocks,
};
pub use warehouses::{PostWarehouse, Warehouse, WarehouseAddress, WarehouseType, Warehouses};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Warehouses, ERP → ONe (O2).
    pub fn warehouses(&self) -> Warehouses<'_> {
        Warehouses::new(self)
    }

    /// Stocks, ERP → ONe (O3).
    pub fn stocks(&self) -> Stocks<'_> {
        Stocks::new(self)
    }

    /// Reservations that another system keeps.
    pub fn external_reservations(&self) -> ExternalReservations<'_> {
        ExternalReservations::new(self)
    }

    /// Reservations that ONe keeps.
    pub fn reservations(&self) -> Reservations<'_> {
        Reservations::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![
        stock: PostWarehouse<'_>,
        PostStocksIncremental<'_>,
        PutStocks<'_>,
        GetExternalReservation,
        PutExternalReservation<'_>,
        GetReservations,
    ]
}
