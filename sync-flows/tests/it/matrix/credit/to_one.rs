//! Trade credits and blockades to ONe.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use one_client::account::BlockadeType;
use soneta_webapi::KontrahentId;
use std::sync::Arc;
use std::time::Duration;
use sync_flows::enova::{KontrahenciList, LimitySource, changes};
use sync_flows::flows::credit::{
    self, BlockadeMapper, BlockadeSettings, TradeCreditMapper, TradeCreditSettings,
};
use sync_flows::flows::orders::contractor_link;

use super::{kod, owed, text, ticked};
use crate::matrix::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { o6: TradeCredits, o7: Blockades }

/// ONe's client of a contractor.
fn client(id: i32) -> String {
    format!("org:C{id}")
}

/// ONe knows every contractor, and the store knows which is which.
async fn linked() -> World {
    let world = World::of_goods(3).await;
    let contractors = world.enova.contractors();
    for one in &contractors {
        let client = client(one.id);
        world.sim.put_record("clients", &client, &format!("{{\"clientId\":\"{client}\"}}")).unwrap();
    }
    let links = contractors.iter().map(|one| contractor_link(&client(one.id), KontrahentId(one.id)));
    world.setup.store.put_links(&links.collect::<Vec<_>>()).await.unwrap();
    world
}

/// A field of a record of ONe, as it was written.
fn field(json: &str, name: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(json).unwrap();
    match record.get(name).unwrap() {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

struct TradeCredits {
    world: World,
    spoilt: Spoilt<i32>,
}

#[async_trait]
impl Row for TradeCredits {
    async fn begin() -> Self {
        let world = linked().await;
        world.enova.set_credit_limit(world.unticked_contractor(), Some(1_000.into())).unwrap();
        Self { world, spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(7, pages);
        let source = LimitySource::new(Arc::new(self.world.erp.b2b().limity()), setup.erp.clone());
        let mapper = TradeCreditMapper::new(TradeCreditSettings::default());
        let flow = credit::trade_credits_to_one(&setup, source, mapper, self.world.one.clone()).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let owed = owed(&self.world);
        let sent = ticked(&self.world).into_iter().filter(|one| !self.spoilt.is(&one.id));
        let owes = |id| owed.get(&id).copied().unwrap_or_default();
        sent.filter_map(|one| {
            Some((client(one.id), format!("{} less {}", text(one.limit?), text(owes(one.id)))))
        })
        .collect()
    }

    async fn shown(&self) -> Shown {
        let credits = self.world.sim.records("trade-credits").into_iter();
        let amounts =
            |json: &str| format!("{} less {}", field(json, "creditValue"), field(json, "creditValueUsed"));
        credits.map(|(client, json)| (client, amounts(&json))).collect()
    }

    fn sent(&self) -> u64 {
        self.world.sim.faults().calls("")
    }

    async fn change_one(&self) {
        self.world.enova.set_credit_limit(&kod(1), Some(77_777.into())).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_credit_limit(&kod(1), None).unwrap();
        self.world.enova.set_contractor_ticked(&kod(2), false).unwrap();
    }

    async fn removed(&self) {
        for id in [1, 2] {
            assert_eq!(self.world.sim.record("trade-credits", &client(id)), None);
        }
    }

    /// ONe does not know the client.
    async fn spoil_one(&self) {
        self.world.sim.unknown_clients([client(3)]);
        self.spoilt.set(3);
    }

    async fn heal(&self) {
        self.world.sim.unknown_clients::<String>([]);
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::call(self.world.sim.faults(), Fault::on("").method("PUT").times(2))]
    }
}

struct Blockades {
    world: World,
    spoilt: Spoilt<i32>,
}

#[async_trait]
impl Row for Blockades {
    /// Besides those that the simulator blocks by itself.
    async fn begin() -> Self {
        let world = linked().await;
        for nth in [1, 2, 3, 4] {
            world.enova.set_contractor_blocked(&kod(nth), true).unwrap();
        }
        world.enova.set_contractor_blocked(world.unticked_contractor(), true).unwrap();
        Self { world, spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let settings = self.world.pages(3, pages).full_pass(Duration::ZERO);
        let setup = self.world.setup.with_settings(settings);
        let list = KontrahenciList::new(Arc::new(self.world.erp.b2b().kontrahenci()));
        let source = changes(list, &setup.erp, Arc::clone(&setup.clock));
        let settings = BlockadeSettings::builder().external_id("ENOVA").message("Prosimy o kontakt").build();
        assert_eq!(settings.kind, BlockadeType::Sale);
        let mapper = BlockadeMapper::new(settings);
        let flow = credit::blockades_to_one(&setup, source, mapper, self.world.one.clone()).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let blocked = ticked(&self.world).into_iter().filter(|one| one.blokada_sprzedazy);
        let blocked = blocked.filter(|one| !self.spoilt.is(&one.id));
        blocked.map(|one| (client(one.id), "SALE ENOVA Prosimy o kontakt".to_owned())).collect()
    }

    async fn shown(&self) -> Shown {
        let blockades = self.world.sim.records("client-blockades").into_iter();
        let told = |json: &str| ["type", "externalId", "message"].map(|name| field(json, name)).join(" ");
        blockades.map(|(client, json)| (client, told(&json))).collect()
    }

    fn sent(&self) -> u64 {
        self.world.sim.faults().calls("")
    }

    /// A look and a write.
    fn sent_by_one_change(&self) -> u64 {
        2
    }

    async fn change_one(&self) {
        self.world.enova.set_contractor_blocked(&kod(5), true).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_contractor_blocked(&kod(1), false).unwrap();
        self.world.enova.set_contractor_ticked(&kod(2), false).unwrap();
    }

    async fn removed(&self) {
        for id in [1, 2] {
            assert_eq!(self.world.sim.record("client-blockades", &client(id)), None);
        }
    }

    /// ONe does not know the client.
    async fn spoil_one(&self) {
        self.world.sim.unknown_clients([client(3)]);
        self.spoilt.set(3);
    }

    async fn heal(&self) {
        self.world.sim.unknown_clients::<String>([]);
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::call(self.world.sim.faults(), Fault::on("").method("PUT").times(2))]
    }
}
