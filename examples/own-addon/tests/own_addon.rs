//! The example on simulated systems.

use std::process::Command;
use std::sync::Arc;

use own_addon::addon::Addon;
use own_addon::shop::Shop;
use own_addon::wiring;
use serde_json::json;
use soneta_webapi::Client;
use sync_core::{JobEnd, MemoryStore, Report, RunContext, run_until_done};
use sync_flows::{Erp, Setup};

async fn run(flow: &sync_core::Flow) -> Report {
    let report = run_until_done(flow, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Done), "{report:?}");
    report
}

#[tokio::test]
async fn stock_goes_to_one_and_goods_with_their_cechy_to_the_shop() {
    let addon = Addon::new();
    let answers = addon.clone();
    let enova = soneta_webapi::simulator::Simulator::builder();
    let enova = enova.method("SklepApi", "Towary", move |question| answers.towary(question));
    let enova = enova.start().await.unwrap();
    let one = one_client::simulator::Simulator::builder().start().await.unwrap();
    let client = Client::builder(enova.url().clone(), enova.application_token()).build().unwrap();
    let erp = Erp::new("enova", enova.database_id().to_string());
    let setup = Setup::builder().tenant("shop").erp(erp).store(Arc::new(MemoryStore::new())).build();
    let shop = Arc::new(Shop::default());
    let stock = wiring::stock_to_one(&setup, &client, one.client_builder().build().unwrap()).unwrap();
    let goods = wiring::goods_to_shop(&setup, &client, Arc::clone(&shop)).unwrap();

    run(&stock).await;
    run(&goods).await;
    let level = |sku: &str| one.stock("WRO", sku).map(|level| level.to_string());
    // 95 % of what is free, in whole pieces
    assert_eq!(level("LYZWY").as_deref(), Some("10"));
    assert_eq!((level("KIJKI").as_deref(), level("SMAR")), (Some("0"), None));
    let of = |id: &str| {
        let good = shop.goods().remove(id)?;
        Some((good.name, good.colour, good.active))
    };
    assert_eq!(of("1"), Some(("Łyżwy figurowe".into(), Some("biały".into()), true)));
    assert_eq!(of("2"), Some(("NEW Narty biegowe".into(), None, true)));
    assert_eq!(of("3"), None, "it does not carry the tick");

    addon.set(1, "Nazwa", json!("Łyżwy hokejowe"));
    addon.set(4, "Cechy", json!([]));
    run(&stock).await;
    let report = run(&goods).await;
    assert_eq!(report.counts.applied, 2, "a changed name and a lost tick, nothing else");
    assert_eq!(of("1"), Some(("Łyżwy hokejowe".into(), Some("biały".into()), true)));
    assert_eq!(of("4"), Some(("Kijki".into(), Some("czarny".into()), false)));

    addon.set(2, "NaStanie", json!("wiele"));
    run(&goods).await;
    assert_eq!(of("2").unwrap().0, "NEW Narty biegowe", "a row that cannot be read changes nothing");
}

#[test]
fn what_an_integrator_writes_is_under_150_lines_of_code() {
    let code = [include_str!("../src/sklep.rs"), include_str!("../src/wiring.rs")].join("\n");
    let lines =
        code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
    assert!(lines < 150, "{lines}");
}

#[test]
fn the_program_prints_the_shop() {
    let output = Command::new(env!("CARGO_BIN_EXE_own-addon")).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("NEW Narty biegowe") && printed.contains("WRO  LYZWY      10"), "{printed}");
}
