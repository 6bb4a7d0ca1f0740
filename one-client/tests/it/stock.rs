//! Endpoints of the service `stock`.

use crate::endpoints::{CONTENT, Check};
use one_client::WarehouseId;
use one_client::stock::{PostStocksIncremental, StockChange};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let (warehouse, stocks) =
        (WarehouseId::from(CONTENT), [StockChange::set(CONTENT, "1.5".parse().unwrap())]);
    check.endpoint(&PostStocksIncremental::new(&warehouse, &stocks), "{}").await;
}
