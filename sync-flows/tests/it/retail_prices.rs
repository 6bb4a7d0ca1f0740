use std::sync::Arc;
use sync_core::{Flow, MemoryStore, Store};
use sync_flows::Erp;
use sync_flows::enova::RetailPriceSource;
use sync_flows::flows::retail_prices::RetailPriceMapper;
use sync_flows::one::RetailPriceSink;

use crate::erp::FakeErp;
use crate::{name, one, run};

fn flow(erp: &FakeErp, one: &one_client::Client, store: &Arc<dyn Store>) -> Flow {
    let source = RetailPriceSource::new(Arc::new(erp.clone()), Erp::new("enova", "demo"), "Detaliczna");
    let sink = RetailPriceSink::new(one.clone());
    Flow::new(name("retail-prices"), source, RetailPriceMapper::new("PLN"), sink, Arc::clone(store))
}

#[tokio::test]
async fn of_two_price_lists_only_the_named_one_is_sent() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_price("NARTY", "1999.99");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    assert_eq!(run(&flow(&erp, &client, &store)).await.counts.applied, 1);
    assert_eq!(sim.retail_price("NARTY"), Some("1999.99".parse().unwrap()));
}

#[tokio::test]
async fn a_price_that_should_go_is_told_once() {
    let (_sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_price("NARTY", "100");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let flow = flow(&erp, &client, &store);
    run(&flow).await;
    erp.with(|s| s.unticked.push("NARTY".into()));
    assert_eq!(run(&flow).await.counts.rejected, 1);
    let counts = run(&flow).await.counts;
    assert_eq!((counts.rejected, counts.left_out), (0, 1));
}
