//! Runs it on a simulated enova365 that has the add-on, and a simulated ONe.
#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use own_addon::addon::Addon;
use own_addon::shop::Shop;
use own_addon::wiring;
use soneta_webapi::Client;
use sync_core::{MemoryStore, RunContext, run_until_done};
use sync_flows::{Erp, Setup};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let addon = Addon::new();
    let enova = soneta_webapi::simulator::Simulator::builder();
    let enova = enova.method("SklepApi", "Towary", move |question| addon.towary(question)).start().await?;
    let one = one_client::simulator::Simulator::builder().start().await?;
    let client = Client::builder(enova.url().clone(), enova.application_token()).build()?;

    let erp = Erp::new("enova", enova.database_id().to_string());
    let setup = Setup::builder().tenant("shop").erp(erp).store(Arc::new(MemoryStore::new())).build();
    let shop = Arc::new(Shop::default());
    let stock = wiring::stock_to_one(&setup, &client, one.client_builder().build()?)?;
    let goods = wiring::goods_to_shop(&setup, &client, Arc::clone(&shop))?;
    for flow in [&stock, &goods] {
        println!("{}", run_until_done(flow, &RunContext::default()).await);
    }
    println!("\nthe shop has\n{shop}\nONe has");
    for (warehouse, levels) in one.stocks() {
        for (sku, level) in levels {
            println!("  {warehouse}  {sku:10} {level}");
        }
    }
    client.close().await?;
    Ok(())
}
