//! Warehouses, stocks, reservations.

mod stocks;

pub use stocks::{AbsoluteStocks, PostStocksIncremental, StockBody, StockChange, StockLine, Stocks};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Stocks, ERP → ONe (O3).
    pub fn stocks(&self) -> Stocks<'_> {
        Stocks::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![stock: PostStocksIncremental<'_>]
}
