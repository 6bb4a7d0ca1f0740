//! Endpoints of the service `pricing`.

use crate::endpoints::{CONTENT, Check};
use one_client::pricing::{PutRetailPrices, RetailPrice};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let prices = [RetailPrice::new(CONTENT, "19.99".parse().unwrap())];
    check.endpoint(&PutRetailPrices::new(&prices), "{}").await;
}
