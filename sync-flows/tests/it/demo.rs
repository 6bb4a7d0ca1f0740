//! The demonstration database's export, where it lies beside the repository.

use soneta_webapi::simulator::Simulator;
use std::path::Path;
use std::sync::Arc;
use sync_core::SystemClock;
use sync_core::guard::stock::Buffer;
use sync_core::testing::MemorySink;
use sync_flows::enova::{TowaryList, changes};
use sync_flows::flows::goods::{self, GoodsMapper, LogRenames};
use sync_flows::flows::stock::{self, StockMapper, StockMode, StockSettings};

use crate::run;
use crate::world::World;

#[tokio::test]
#[expect(clippy::print_stderr, reason = "says that there is nothing to run")]
async fn its_goods_and_their_stock_arrive() {
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/enova-demo");
    if !export.is_dir() {
        eprintln!("demo data skipped: there is no {}", export.display());
        return;
    }
    let enova = Simulator::builder().catalogue(&export).warehouses(["F"]).start().await.unwrap();
    let world = World::around(enova).await;
    let towary = world.enova.goods();

    let portal = Arc::new(MemorySink::new());
    let list = TowaryList::new(Arc::new(world.erp.b2b().towary()));
    let source = changes(list, &world.setup.erp, Arc::new(SystemClock));
    let mapper = GoodsMapper::default();
    let flow = goods::to(&world.setup, source, mapper, Arc::clone(&portal), Arc::new(LogRenames)).unwrap();
    run(&flow).await;
    let records = portal.records();
    let ticked: Vec<_> = towary.iter().filter(|good| good.zaznaczony).collect();
    assert!(ticked.len() > 20 && records.len() == ticked.len(), "{} of {}", records.len(), ticked.len());
    for good in &ticked {
        let sent = &records[&good.id.to_string().as_str().into()];
        assert_eq!((&sent.kod, &sent.nazwa, sent.guid), (&good.kod, &good.nazwa, Some(good.guid)));
    }
    assert!(records.values().any(|good| good.nazwa.contains(['ł', 'ż', 'ó', 'ę'])), "Polish letters");

    let mode = StockMode::per_warehouse([("F", "F")]);
    let settings = StockSettings::builder().mode(mode.clone()).buffer(Buffer::none()).build();
    let stany = Arc::new(world.erp.b2b().stany());
    let mapper = StockMapper::new(settings).unwrap();
    run(&stock::to_one(&world.setup, stany, mode, world.one.clone(), mapper).unwrap()).await;
    let stocked: Vec<_> = ticked.iter().filter(|good| !good.stany.is_empty()).collect();
    assert!(!stocked.is_empty());
    for good in stocked {
        let level = good.stany[0].stan - good.stany[0].zarezerwowane;
        assert_eq!(world.sim.stock("F", &good.kod), Some(level.floor()), "{}", good.kod);
    }
    assert_eq!(world.rejects().await.len(), 0);
}
