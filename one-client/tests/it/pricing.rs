//! Endpoints of the service `pricing`.

use crate::endpoints::{CONTENT, Check};
use crate::payloads::round_trips;
use one_client::pricing::{PutRetailPrices, RetailPrice};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let prices = [RetailPrice::new(CONTENT, "19.99".parse().unwrap())];
    check.endpoint(&PutRetailPrices::new(&prices), "{}").await;
}

#[test]
fn the_documented_retail_prices_are_read_and_written_back() {
    round_trips::<Vec<RetailPrice>>("06_retail_prices");
}
