//! What `bridge status` tells of a process that runs: which of its jobs pause or fail, and what to do.

use bridge::{AlertAddresses, Bridge, Faces, Meter, Tenant, listen};
use secrecy::SecretString;
use serde_json::Value;
use sync_core::CancellationToken;
use toml::Table;

use crate::company::Company;
use crate::program::{bridge_at, ran};

fn private(address: &str) -> impl FnOnce(&mut Table) {
    let faces: Table = format!("private = {address:?}").parse().unwrap();
    move |table| drop(table.insert("faces".to_owned(), faces.into()))
}

#[tokio::test]
async fn status_shows_which_flows_of_the_running_process_pause_until_when_and_what_to_do() {
    let company = Company::of_goods(5).await;
    let settings = company.settings(|_| {});
    let wrong = settings.tenants[0].one.client(SecretString::from("wrong-canary"), &settings.engine).unwrap();
    let tenant = Tenant::builder(&settings.tenants[0], company.store())
        .enova(company.simulation.enova_client().unwrap())
        .one(wrong)
        .engine(settings.engine)
        .build()
        .unwrap();
    let bridge = Bridge::new([tenant]).engine_settings(settings.engine);
    let mut engine = bridge.engine(&settings.alerts, AlertAddresses::default()).await.unwrap();
    engine.run_due().await;
    let retail_prices = "demo/retail-prices";
    // it failed; its next step finds that it has to wait
    engine.faces()[0].runner.wake(retail_prices).unwrap();
    engine.run_due().await;
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(Faces::new(engine.faces(), Meter::new()).serve(listener, CancellationToken::new()));

    let file = company.settings_file_with(private(&address));
    let shown = ran(&mut bridge_at(&company, &file, &["status"])).await;
    assert_eq!(shown.code, 1, "{}", shown.err);
    let line = "demo/retail-prices waits: its credentials are refused (auth), until ";
    assert!(shown.out.contains("demo/orders failed (auth)\n  → renew the credentials"), "{}", shown.out);
    let advice = shown.out.lines().skip_while(|told| !told.starts_with(line)).nth(1);
    assert_eq!(advice, Some("  → renew the credentials"), "{}", shown.out);
    assert!(!shown.out.contains("canary"), "{}", shown.out);

    let told = ran(&mut bridge_at(&company, &file, &["status", "--json"])).await;
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told["process"], "answers");
    let pauses = told["tenants"][0]["pauses"].as_array().unwrap();
    let prices = pauses.iter().find(|pause| pause["job"] == retail_prices).unwrap();
    assert_eq!((&prices["paused"], &prices["stuck"]), (&"auth".into(), &false.into()), "{prices}");
    assert!(prices["paused_until"].is_string() && prices["what_to_do"].is_string(), "{prices}");
}

#[tokio::test]
async fn status_says_where_no_process_can_be_asked() {
    let company = Company::of_goods(5).await;
    company.once().await;
    let nobody = listen("127.0.0.1:0".parse().unwrap()).await.unwrap().local_addr().unwrap().to_string();
    for (change, word, process) in [
        (Some(&nobody), "no process answers at faces.private", "silent"),
        (None, "the settings name no faces.private", "not-asked"),
    ] {
        let file = match change {
            Some(address) => company.settings_file_with(private(address)),
            None => company.settings_file_with(|_| {}),
        };
        let shown = ran(&mut bridge_at(&company, &file, &["status"])).await;
        assert!(shown.out.contains(word), "{}", shown.out);
        let told = ran(&mut bridge_at(&company, &file, &["status", "--json"])).await;
        let told: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!(
            (&told["process"], &told["tenants"][0]["pauses"]),
            (&process.into(), &serde_json::json!([]))
        );
    }
}
