use std::sync::Arc;
use sync_core::{Flow, MemoryStore, Reason, RejectFilter, Store};
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
async fn net_prices_of_the_one_list_arrive_and_only_changes_go_again() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_price("ŁYŻWY", "51.76");
    erp.set_price("NARTY", "1999.99");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let flow = flow(&erp, &client, &store);
    assert_eq!(run(&flow).await.counts.applied, 2);
    assert_eq!(sim.retail_price("ŁYŻWY"), Some("51.76".parse().unwrap()));
    assert_eq!(run(&flow).await.counts.applied, 0);
    erp.set_price("NARTY", "1999.98");
    assert_eq!(run(&flow).await.counts.applied, 1);
    assert_eq!(sim.lines_received().retail_prices, 3);
    assert_eq!(sim.retail_price("NARTY"), Some("1999.98".parse().unwrap()));
}

#[tokio::test]
async fn a_price_that_should_go_is_reported_once_and_never_sent_as_zero() {
    let (sim, client) = one().await;
    let erp = FakeErp::default();
    erp.set_price("NARTY", "100");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let flow = flow(&erp, &client, &store);
    run(&flow).await;
    erp.with(|s| s.unticked.push("NARTY".into()));
    assert_eq!(run(&flow).await.counts.rejected, 1);
    let counts = run(&flow).await.counts;
    assert_eq!((counts.rejected, counts.left_out), (0, 1));
    assert_eq!(sim.retail_price("NARTY"), Some("100".parse().unwrap()));
    assert_eq!(sim.lines_received().retail_prices, 1);
    let rejects = store.rejects(&RejectFilter::all().limit(10)).await.unwrap();
    assert_eq!(rejects[0].reason.code(), Reason::REMOVAL_NOT_SUPPORTED);
}
