//! What the matrix does not show of credit.

use async_trait::async_trait;
use one_client::ClientId;
use one_client::account::{BlockadeType, ClientBlockadeData};
use soneta_webapi::wire::Currency;
use soneta_webapi::*;
use std::sync::{Arc, Mutex};
use sync_core::{Flow, Job, MemoryStore, Reason, RejectFilter, Store};
use sync_flows::enova::{KontrahenciList, LimitySource, changes};
use sync_flows::flows::clients::merger_links;
use sync_flows::flows::credit::{
    BlockadeMapper, BlockadeSettings, TradeCreditMapper, TradeCreditSettings, blockades_to_one,
    trade_credits_to_one,
};
use sync_flows::flows::orders::contractor_link;
use sync_flows::{Erp, Setup, adjust};

use crate::{one, run};

/// Contractors and their limits, as the test sets them.
#[derive(Debug, Clone, Default)]
struct Fake {
    limits: Arc<Mutex<Vec<LimitKredytowy>>>,
    contractors: Arc<Mutex<Vec<Kontrahent>>>,
}

#[async_trait]
impl Limity for Fake {
    async fn list_limity(&self, _query: &SnapshotQuery) -> Result<WirePage<LimitKredytowy>> {
        let rows = self.limits.lock().unwrap().iter().cloned().map(Ok).collect();
        Ok(WirePage::new(rows, None).at_end(true))
    }
}

#[async_trait]
impl Kontrahenci for Fake {
    async fn get_kontrahenci(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>> {
        let KluczKontrahenta::Id(id) = klucz else { panic!("asked by {klucz:?}") };
        let rows = self.contractors.lock().unwrap();
        Ok(rows.iter().filter(|row| row.id == *id).cloned().map(Ok).collect())
    }

    async fn list_kontrahenci(&self, query: &ChangesQuery) -> Result<WirePage<Change<Kontrahent>>> {
        let rows = self.contractors.lock().unwrap();
        let is_new =
            |row: &&Kontrahent| query.changed_since.is_none_or(|since| row.data_zmiany >= Some(since));
        let rows = rows.iter().filter(is_new).cloned().map(|row| Ok(Change::Upsert(row))).collect();
        Ok(WirePage::new(rows, None).at_end(true))
    }
}

fn limit(id: i32, amount: &str) -> LimitKredytowy {
    let pln = |amount: &str| Currency::new(amount.parse().unwrap(), "PLN");
    LimitKredytowy::builder()
        .kontrahent_id(KontrahentId(id))
        .zaznaczony(true)
        .rodzaj(RodzajLimitu::Kwota)
        .limit(pln(amount))
        .wykorzystano(pln("12.50"))
        .dostepny(pln("1"))
        .termin_dni(21)
        .build()
}

fn contractor(id: i32, blocked: bool, ticked: bool) -> Kontrahent {
    Kontrahent::builder()
        .id(KontrahentId(id))
        .kod(format!("K{id}"))
        .nazwa("Zakład")
        .blokada_sprzedazy(blocked)
        .zaznaczony(ticked)
        .data_zmiany("2026-11-21T08:00:00Z".parse().unwrap())
        .build()
}

fn setup() -> Setup {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    Setup::builder().tenant("demo").erp(Erp::new("enova", "demo")).store(store).build()
}

async fn link(setup: &Setup, client: &str, kontrahent: i32) {
    setup.store.put_links(&[contractor_link(client, KontrahentId(kontrahent))]).await.unwrap();
}

fn trade_credits(
    setup: &Setup,
    fake: &Fake,
    one: &one_client::Client,
    settings: TradeCreditSettings,
) -> Flow {
    let source = LimitySource::new(Arc::new(fake.clone()), setup.erp.clone());
    trade_credits_to_one(setup, source, TradeCreditMapper::new(settings), one.clone()).unwrap()
}

fn blockades(setup: &Setup, fake: &Fake, one: &one_client::Client) -> Flow {
    let list = KontrahenciList::new(Arc::new(fake.clone()));
    let source = changes(list, &setup.erp, Arc::clone(&setup.clock));
    let settings = BlockadeSettings::builder().external_id("ENOVA").build();
    blockades_to_one(setup, source, BlockadeMapper::new(settings), one.clone()).unwrap()
}

fn put_client(sim: &one_client::simulator::Simulator, client: &str) {
    sim.put_record("clients", client, &format!("{{\"clientId\":\"{client}\"}}")).unwrap();
}

async fn rejects(setup: &Setup) -> Vec<(String, String)> {
    let rejects = setup.store.rejects(&RejectFilter::all().limit(10)).await.unwrap();
    rejects.iter().map(|one| (one.key.as_str().to_owned(), one.reason.code().to_owned())).collect()
}

fn reject(key: &str, code: &str) -> (String, String) {
    (key.to_owned(), code.to_owned())
}

#[tokio::test]
async fn only_a_ticked_contractor_waits_for_its_link_and_comes_by_itself_when_it_is_learned() {
    let (sim, client) = one().await;
    let (setup, fake) = (setup(), Fake::default());
    let all = [(1, true, true), (2, true, false), (3, false, true)];
    *fake.contractors.lock().unwrap() =
        all.map(|(id, blocked, ticked)| contractor(id, blocked, ticked)).into();
    put_client(&sim, "org:A");
    let flow = blockades(&setup, &fake, &client);
    run(&flow).await;
    assert_eq!(rejects(&setup).await, [reject("1", Reason::MISSING_LINK)]);
    link(&setup, "A", 1).await;
    run(&flow).await;
    assert_eq!(rejects(&setup).await, []);
    assert!(sim.record("client-blockades", "org:A").unwrap().contains("ENOVA"));
}

#[tokio::test]
async fn a_blockade_that_somebody_set_by_hand_is_neither_replaced_nor_lifted() {
    let (sim, client) = one().await;
    let (setup, fake) = (setup(), Fake::default());
    put_client(&sim, "org:A");
    link(&setup, "A", 1).await;
    let by_hand = ClientBlockadeData::new("RĘCZNA", BlockadeType::Client);
    let one = ClientId::from("org:A");
    client.client_blockades().save(&one, &by_hand).await.unwrap();
    let flow = blockades(&setup, &fake, &client);
    let set = |blocked, time: &str| {
        let mut row = contractor(1, blocked, true);
        row.data_zmiany = Some(time.parse().unwrap());
        *fake.contractors.lock().unwrap() = vec![row];
    };

    set(true, "2026-11-21T08:00:00Z");
    run(&flow).await;
    assert_eq!(rejects(&setup).await, [reject("1", "blocked-otherwise")]);
    // without it the ERP's goes there, and is replaced by hand
    client.client_blockades().delete(&one).await.unwrap();
    set(true, "2026-11-21T08:01:00Z");
    run(&flow).await;
    assert!(sim.record("client-blockades", "org:A").unwrap().contains("ENOVA"));
    client.client_blockades().save(&one, &by_hand).await.unwrap();
    set(false, "2026-11-21T08:02:00Z");
    run(&flow).await;
    assert!(sim.record("client-blockades", "org:A").unwrap().contains("RĘCZNA"));
    assert_eq!(rejects(&setup).await, []);
}

#[tokio::test]
async fn what_a_credit_holds_is_a_matter_of_settings() {
    let (sim, client) = one().await;
    let (setup, fake) = (setup(), Fake::default());
    for id in ["A", "B", "C"] {
        put_client(&sim, &format!("org:{id}"));
    }
    for (id, of) in [("A", 1), ("B", 2), ("C", 3), ("ind:D", 4)] {
        link(&setup, id, of).await;
    }
    let mut unlimited = limit(2, "0");
    (unlimited.rodzaj, unlimited.limit) = (RodzajLimitu::Nieograniczony, None);
    let mut euros = limit(3, "100");
    euros.limit = Some(Currency::new(100.into(), "EUR"));
    *fake.limits.lock().unwrap() = vec![limit(1, "1000.50"), unlimited, euros, limit(4, "5")];
    let sent = |setting: TradeCreditSettings| {
        let flow = trade_credits(&setup, &fake, &client, setting);
        async move { run(&flow).await.counts }
    };
    let first = sent(TradeCreditSettings::default()).await;
    assert_eq!((first.applied, first.left_out, first.rejected), (1, 2, 1));
    assert_eq!(rejects(&setup).await, [reject("3", "other-currency")]);
    let kept: serde_json::Value =
        serde_json::from_str(&sim.record("trade-credits", "org:A").unwrap()).unwrap();
    assert_eq!(
        (kept["creditValue"].to_string(), kept["creditValueUsed"].to_string()),
        ("1000.5".into(), "12.5".into())
    );

    let settings: TradeCreditSettings =
        serde_json::from_str(r#"{"unlimited": "9999999", "used": false}"#).unwrap();
    sent(settings).await;
    let kept: serde_json::Value =
        serde_json::from_str(&sim.record("trade-credits", "org:B").unwrap()).unwrap();
    assert_eq!(
        (kept["creditValue"].to_string(), kept["creditValueUsed"].to_string()),
        ("9999999".into(), "0".into())
    );
}

#[tokio::test]
async fn the_term_of_payment_is_sent_only_under_the_name_that_is_told() {
    use sync_core::{Links, Mapped, Mapper};
    let contractor = sync_core::LinkRef::of_b(sync_flows::flows::orders::CONTRACTOR_LINK, "1");
    let mut links = Links::default();
    links.insert(contractor, "A");
    let extra = |settings: TradeCreditSettings| {
        let mapped = TradeCreditMapper::new(settings).map(&"1".into(), limit(1, "5"), &links).unwrap();
        let Mapped::Send(credit) = mapped else { panic!("left out") };
        serde_json::to_string(&credit.extra).unwrap()
    };
    assert_eq!(extra(TradeCreditSettings::default()), "{}");
    let named = TradeCreditSettings::builder().term_field("paymentDays").build();
    assert_eq!(extra(named), r#"{"paymentDays":21}"#);
}

#[tokio::test]
async fn a_contractor_that_becomes_another_client_leaves_no_credit_at_the_old_one() {
    let (sim, client) = one().await;
    let (setup, fake) = (setup(), Fake::default());
    for id in ["A", "B"] {
        put_client(&sim, &format!("org:{id}"));
    }
    *fake.limits.lock().unwrap() = vec![limit(1, "1000")];
    link(&setup, "A", 1).await;
    let flow = trade_credits(&setup, &fake, &client, TradeCreditSettings::default());
    run(&flow).await;
    flow.leave().await;
    let elsewhere = adjust(TradeCreditMapper::default(), |_, credit| {
        credit.client = ClientId::from("org:B");
        Ok(())
    });
    let source = LimitySource::new(Arc::new(fake.clone()), setup.erp.clone());
    run(&trade_credits_to_one(&setup, source, elsewhere, client).unwrap()).await;
    assert_eq!(sim.records("trade-credits").into_keys().collect::<Vec<_>>(), ["org:B"]);
}

/// Client `A` had contractor 1, which was merged into contractor 2.
async fn follows(setup: &Setup) {
    setup.store.put_links(&merger_links("A", KontrahentId(1), KontrahentId(2))).await.unwrap();
}

#[tokio::test]
async fn the_credit_of_a_client_that_followed_is_the_limit_of_the_contractor_that_it_has_now() {
    // whether the ERP still lists the merged one, and whether the other one has a limit
    for (listed, second) in [(true, true), (true, false), (false, true), (false, false)] {
        let (sim, client) = one().await;
        let (setup, fake) = (setup(), Fake::default());
        put_client(&sim, "org:A");
        put_client(&sim, "org:C");
        let others = [limit(2, "50"), limit(3, "7")];
        let others = others.into_iter().filter(|row| second || row.kontrahent_id.0 == 3);
        *fake.limits.lock().unwrap() = [limit(1, "1000")].into_iter().chain(others).collect();
        link(&setup, "A", 1).await;
        link(&setup, "C", 3).await;
        let flow = trade_credits(&setup, &fake, &client, TradeCreditSettings::default());
        let credit = || {
            let credit = sim.record("trade-credits", "org:A");
            let credit = credit.map(|json| serde_json::from_str::<serde_json::Value>(&json).unwrap());
            credit.map(|credit| credit["creditValue"].to_string())
        };
        run(&flow).await;
        assert_eq!(credit().as_deref(), Some("1000"));
        follows(&setup).await;
        fake.limits.lock().unwrap().retain(|row| listed || row.kontrahent_id.0 != 1);
        for _ in 0..4 {
            run(&flow).await;
        }
        assert_eq!(credit().as_deref(), second.then_some("50"), "the merged one is listed: {listed}");
        assert_eq!(rejects(&setup).await, []);
    }
}

#[tokio::test]
async fn a_client_that_followed_is_blocked_as_the_contractor_that_it_has_now() {
    for blocked in [false, true] {
        let (sim, client) = one().await;
        let (setup, fake) = (setup(), Fake::default());
        put_client(&sim, "org:A");
        link(&setup, "A", 1).await;
        *fake.contractors.lock().unwrap() = vec![contractor(1, true, true), contractor(2, blocked, true)];
        let flow = blockades(&setup, &fake, &client);
        run(&flow).await;
        let is_blocked = || sim.record("client-blockades", "org:A").is_some();
        assert!(is_blocked());
        {
            let mut rows = fake.contractors.lock().unwrap();
            rows[0].zastapiony_przez_id = Some(KontrahentId(2));
            rows[0].data_zmiany = Some("2026-11-21T08:01:00Z".parse().unwrap());
            rows.reverse();
        }
        run(&flow).await;
        assert!(is_blocked(), "as it was, until it follows");
        follows(&setup).await;
        for _ in 0..2 {
            run(&flow).await;
            assert_eq!(is_blocked(), blocked);
        }
        assert_eq!(rejects(&setup).await, []);
    }
}

#[tokio::test]
async fn a_contractor_that_is_blocked_because_it_was_merged_does_not_block_the_client_that_will_follow() {
    let (sim, client) = one().await;
    let (setup, fake) = (setup(), Fake::default());
    put_client(&sim, "org:A");
    link(&setup, "A", 1).await;
    let mut merged = contractor(1, true, true);
    merged.zastapiony_przez_id = Some(KontrahentId(2));
    *fake.contractors.lock().unwrap() = vec![merged, contractor(2, false, true)];
    let flow = blockades(&setup, &fake, &client);
    run(&flow).await;
    assert!(sim.records("client-blockades").is_empty());
    follows(&setup).await;
    run(&flow).await;
    assert!(sim.records("client-blockades").is_empty());
    assert_eq!(rejects(&setup).await, []);
}

#[tokio::test]
async fn a_client_that_followed_stays_blocked_when_the_contractor_that_it_had_is_not_any_more() {
    let (sim, client) = one().await;
    let (setup, fake) = (setup(), Fake::default());
    put_client(&sim, "org:A");
    link(&setup, "A", 1).await;
    *fake.contractors.lock().unwrap() = vec![contractor(1, true, true), contractor(2, true, true)];
    let flow = blockades(&setup, &fake, &client);
    run(&flow).await;
    follows(&setup).await;
    run(&flow).await;
    let mut free = contractor(1, false, true);
    free.data_zmiany = Some("2026-11-21T08:01:00Z".parse().unwrap());
    *fake.contractors.lock().unwrap() = vec![contractor(2, true, true), free];
    run(&flow).await;
    assert!(sim.record("client-blockades", "org:A").is_some());
    assert_eq!(rejects(&setup).await, []);
}
