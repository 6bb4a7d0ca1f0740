//! What the matrix does not show of contractors' prices.

use api_transport::simulation::Fault;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use soneta_webapi::SnapshotQuery;
use soneta_webapi::simulator::Simulator as Enova;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use sync_core::testing::{ManualClock, MemorySink};
use sync_core::watchdog::{Facts, FlowPolicy, Freshness, Policy};
use sync_core::{ActFilter, ActState, Clock, Created, FlowSettings, Link, Reason, Reject, Verdict};
use sync_flows::enova::{ClientList, ClientPrice, PriceLists};
use sync_flows::flows::client_prices::{
    self, CLIENT_PRICES, ContractorPriceMapper, PRICE_LIST_LINK, PRICE_LISTS,
};

use crate::price_world::{active, asked, created, given, link_contractors, lists, plain_good, run_o9};
use crate::world::{World, run_to_end};

async fn world() -> (World, PriceLists) {
    let world = World::of_goods(30).await;
    link_contractors(&world).await;
    let lists = lists(&world, &world.setup, true);
    (world, lists)
}

fn settings(world: &World) -> FlowSettings {
    world.setup.settings.clone()
}

async fn acts(world: &World) -> Vec<(String, ActState, Option<String>)> {
    let acts = world.setup.store.acts(&ActFilter::all().limit(100)).await.unwrap();
    let told = acts.into_iter().map(|act| {
        let code = act.reason.map(|reason| reason.code().to_owned());
        (act.act.op_key.as_str().to_owned(), act.state, code)
    });
    told.collect()
}

#[tokio::test]
async fn contractors_of_a_profile_share_a_list_and_those_with_exceptions_have_their_own() {
    let (world, lists) = world().await;
    run_o9(&world, &lists, settings(&world), false).await;
    let pages: Vec<_> = world.erp.b2b().ceny().wyjatki(SnapshotQuery::default()).try_collect().await.unwrap();
    let excepted = pages.into_iter().flat_map(|page| page.rows).map(|row| row.unwrap().kontrahent_id.0);
    let excepted: BTreeSet<i32> = excepted.collect();
    let own: BTreeSet<i32> = active(&world).into_iter().filter(|id| excepted.contains(id)).collect();
    assert!(own.len() >= 2);

    let created = created(&world).await;
    let of_contractors: BTreeSet<String> =
        created.keys().filter(|list| list.starts_with("contractor:")).cloned().collect();
    assert_eq!(of_contractors, own.iter().map(|id| format!("contractor:{id}")).collect());
    assert_eq!(created.len() - own.len(), 3, "one list per profile");
    let given = given(&world);
    assert_eq!(given.len(), active(&world).len(), "each client has one list");
    // no discount of ONe's, and not for everybody
    for json in world.sim.records("pricings").into_values() {
        assert!(json.contains("\"global\":false") && json.contains("\"defaultDiscount\":null"), "{json}");
    }
    assert!(world.sim.records("discounts").is_empty() && world.sim.records("markups").is_empty());
}

#[tokio::test]
async fn a_list_whose_creation_is_in_doubt_is_not_created_twice_and_a_person_tells_its_id() {
    let (world, lists) = world().await;
    world.sim.faults().add(Fault::on("/pricing/discount").drop_after());
    run_o9(&world, &lists, settings(&world), false).await;
    run_o9(&world, &lists, settings(&world), false).await;
    let doubtful: Vec<_> =
        acts(&world).await.into_iter().filter(|(_, state, _)| *state != ActState::Done).collect();
    assert_eq!(doubtful.len(), 1);
    assert_eq!(doubtful[0].1, ActState::InDoubt);
    let there = world.sim.records("pricings");
    assert_eq!(there.len(), acts(&world).await.len(), "each was created once");

    let list = doubtful[0].0.strip_prefix("price-list:demo:").unwrap().to_owned();
    let (id, _) = there.iter().find(|(_, json)| json.contains(&format!("[{list}]"))).unwrap();
    let found = Created::new(id.as_str()).with_link(Link::new(PRICE_LIST_LINK, id.as_str(), list).open());
    let op_key = doubtful[0].0.as_str().into();
    world.setup.store.resolve(&op_key, &Verdict::Happened(found), "anna", "found by its name").await.unwrap();
    run_o9(&world, &lists, settings(&world), false).await;
    assert!(!world.sim.prices(id).is_empty());
    assert_eq!(given(&world).len(), active(&world).len());
    assert_eq!(world.sim.records("pricings").len(), there.len());
}

#[tokio::test]
async fn who_changes_the_profile_gets_its_list_and_what_should_go_is_told_to_a_person() {
    let (world, lists) = world().await;
    run_o9(&world, &lists, settings(&world), false).await;
    let discounted: Vec<_> =
        world.enova.contractors().into_iter().filter(|contractor| contractor.rabat > Decimal::ZERO).collect();
    let sold_to = active(&world);
    let moved = discounted.iter().filter(|contractor| sold_to.contains(&contractor.id)).count();
    let before = given(&world).len();
    for contractor in &discounted {
        world.enova.set_discount(&contractor.kod, Decimal::ZERO).unwrap();
    }
    // what is missing has to be missing twice
    run_o9(&world, &lists, settings(&world), false).await;
    run_o9(&world, &lists, settings(&world), false).await;
    assert_eq!(given(&world).len(), before + moved, "ONe knows no call that takes a list from a client");
    let rejects = world.rejects().await;
    assert!(rejects.iter().all(|reject| reject.reason.code() == Reason::REMOVAL_NOT_SUPPORTED));
    let is_list = |reject: &Reject| reject.part.flow().as_str().ends_with(PRICE_LISTS.id);
    let (unused, kept): (Vec<_>, Vec<_>) = rejects.into_iter().partition(is_list);
    assert_eq!(kept.len(), moved);
    assert_eq!(unused.len(), 1);
    let prices_of_it = async || {
        let fresh = Freshness::within(Duration::from_secs(60));
        let policy = FlowPolicy::new(crate::name(CLIENT_PRICES.id), fresh, DateTime::UNIX_EPOCH);
        let policy = Policy::default().flow(policy);
        let mut facts = Facts::gather(&*world.setup.store, &policy).await.unwrap().flows;
        facts.remove(0).parts.into_iter().find(|part| part.name == unused[0].key.as_str()).unwrap()
    };
    assert!(prices_of_it().await.retired, "nothing of it grows late");
    let (list, prices) = (unused[0].key.as_str(), world.sim.lines_received().prices);
    let pricing = created(&world).await[list].clone();

    // needed again, at other prices
    world.enova.set_price(&plain_good(&world, 0).await, Decimal::from(4_711)).unwrap();
    world.enova.set_discount(&discounted[0].kod, discounted[0].rabat).unwrap();
    run_o9(&world, &lists, settings(&world), false).await;
    assert!(acts(&world).await.iter().all(|(_, state, _)| *state == ActState::Done));
    assert!(!world.rejects().await.iter().any(is_list));
    assert!(!prices_of_it().await.retired);
    assert_eq!(world.sim.records("pricings").len(), created(&world).await.len());
    assert!(world.sim.lines_received().prices > prices);
    let asked =
        asked(&world, discounted[0].id).await.into_iter().filter(|cena| cena.zaznaczony == Some(true));
    for cena in asked {
        assert_eq!(world.sim.price(&pricing, &cena.kod), Some(cena.netto.value));
    }
}

#[tokio::test]
async fn contractors_who_may_not_be_sold_to_have_no_list() {
    let (world, lists) = world().await;
    let blocked = |kod: &str| world.enova.set_contractor_blocked(kod, true).unwrap();
    blocked("K0001");
    world.enova.set_contractor_ticked("K0002", false).unwrap();
    world.enova.merge_contractor("K0004", "K0006").unwrap();
    run_o9(&world, &lists, settings(&world), false).await;
    let clients: BTreeSet<String> = given(&world).into_iter().map(|(client, _)| client).collect();
    let expected = active(&world).into_iter().map(|id| format!("org:c{id}")).collect();
    assert_eq!(clients, expected);
    assert!(["org:c1", "org:c2", "org:c4"].iter().all(|id| !clients.contains(*id)));
}

#[tokio::test]
async fn a_change_between_full_passes_is_read_by_its_good_alone() {
    let (world, lists) = world().await;
    run_o9(&world, &lists, settings(&world), false).await;
    let kod = plain_good(&world, 0).await;
    let sent = world.sim.lines_received().prices;
    world.enova.faults().reset_counters();
    world.enova.set_price(&kod, Decimal::from(4_711)).unwrap();
    run_o9(&world, &lists, settings(&world), false).await;

    let lists = created(&world).await.len() as u64;
    assert_eq!(world.sim.lines_received().prices - sent, lists);
    let calls = |call: &str| world.enova.faults().calls(call);
    assert_eq!(calls("B2BCeny/DlaProfilu") + calls("B2BCeny/DlaKontrahenta"), lists, "one call per list");
    let retail = world.enova.goods().into_iter().find(|good| good.kod == kod).unwrap().cena_detaliczna;
    assert_eq!(retail.unwrap().0, Decimal::from(4_711));
}

#[tokio::test]
async fn a_promotion_that_is_planned_arrives_when_it_begins() {
    let noon: DateTime<Utc> = "2026-11-21T11:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(noon));
    let now = Arc::clone(&clock);
    let enova = Enova::builder().goods(30).seed(7).now(Arc::new(move || now.now()));
    let mut world = World::around(enova.start().await.unwrap()).await;
    world.setup.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    link_contractors(&world).await;
    let lists = lists(&world, &world.setup, true);
    let settings = settings(&world).full_pass(Duration::from_secs(7 * 24 * 3_600));
    run_o9(&world, &lists, settings.clone(), false).await;

    let (kod, day) = (plain_good(&world, 0).await, NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
    world.enova.start_promotion(&kod, Decimal::from(50), day, day).unwrap();
    run_o9(&world, &lists, settings.clone(), false).await;
    let sent = world.sim.lines_received().prices;
    // the server tells it once, long before
    run_o9(&world, &lists, settings.clone(), false).await;
    assert_eq!(world.sim.lines_received().prices, sent);

    clock.set(noon + TimeDelta::days(2));
    run_o9(&world, &lists, settings.clone(), false).await;
    let created = created(&world).await;
    assert_eq!(world.sim.lines_received().prices - sent, created.len() as u64);
    let buyer = active(&world)[0];
    let during = asked(&world, buyer).await.into_iter().find(|cena| cena.kod == kod).unwrap().netto.value;
    let (_, pricing) = given(&world).into_iter().find(|(id, _)| *id == format!("org:c{buyer}")).unwrap();
    assert_eq!(world.sim.price(&pricing, &kod), Some(during));

    clock.set(noon + TimeDelta::days(3));
    run_o9(&world, &lists, settings, false).await;
    let price = asked(&world, buyer).await.into_iter().find(|cena| cena.kod == kod).unwrap().netto.value;
    assert_eq!(world.sim.price(&pricing, &kod), Some(price));
    assert_ne!(price, during, "and ends");
}

#[tokio::test]
async fn every_list_is_sent_again_daily_at_a_quarter_past_midnight() {
    let mut world = World::of_goods(30).await;
    let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let clock = Arc::new(ManualClock::at(instant("2026-11-21T11:00:00Z")));
    world.setup.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    link_contractors(&world).await;
    let lists = lists(&world, &world.setup, true);
    run_o9(&world, &lists, settings(&world), false).await;
    let sent = world.sim.lines_received().prices;
    for (now, times) in [("21T23:14:00Z", 1), ("21T23:15:00Z", 2), ("22T22:00:00Z", 2), ("23T00:15:00Z", 3)] {
        clock.set(instant(&format!("2026-11-{now}")));
        run_o9(&world, &lists, settings(&world), false).await;
        assert_eq!(world.sim.lines_received().prices, times * sent, "{now}");
    }
}

#[tokio::test]
async fn as_long_as_an_exception_cannot_be_read_nobody_gets_a_profiles_list_and_prices_go_on() {
    let (world, lists) = world().await;
    run_o9(&world, &lists, settings(&world), false).await;
    // a client who is new, and may be the one of whom the exception is
    let newcomer = world.enova.contractors().into_iter().find(|contractor| contractor.id == 7).unwrap();
    assert!(newcomer.blokada_sprzedazy);
    world.enova.set_contractor_blocked(&newcomer.kod, false).unwrap();
    let fault = Fault::on("B2BCeny/Wyjatki").rewrite("\"Zaznaczony\":true", "\"Zaznaczony\":7");
    world.enova.faults().add(fault.always());
    let (before, sent) = (given(&world), world.sim.lines_received().prices);
    let kod = plain_good_of_goods(&world);
    world.enova.set_price(&kod, Decimal::from(4_711)).unwrap();
    run_o9(&world, &lists, settings(&world), false).await;
    run_o9(&world, &lists, settings(&world), false).await;
    assert_eq!(given(&world), before);
    assert!(world.sim.lines_received().prices > sent);
    let rejects = world.rejects().await;
    assert!(!rejects.is_empty());
    assert!(rejects.iter().all(|reject| reject.reason.code() != Reason::REMOVAL_NOT_SUPPORTED));
    assert!(acts(&world).await.iter().all(|(_, state, _)| *state == ActState::Done), "none is unused");

    world.enova.faults().clear();
    run_o9(&world, &lists, settings(&world), false).await;
    assert_eq!(given(&world).len(), before.len() + 1);
}

#[tokio::test]
async fn a_price_whose_id_cannot_be_read_is_turned_away_and_the_other_changes_arrive() {
    let (world, lists) = world().await;
    run_o9(&world, &lists, settings(&world), false).await;
    let (spoilt, good) = (plain_good(&world, 0).await, plain_good(&world, 1).await);
    for call in ["B2BCeny/DlaProfilu", "B2BCeny/DlaKontrahenta"] {
        let id = world.enova.goods().into_iter().find(|one| one.kod == spoilt).unwrap().id;
        let fault = Fault::on(call).rewrite(format!("\"TowarId\":{id},"), "\"TowarId\":\"?\",");
        world.enova.faults().add(fault.always());
    }
    let shown = |kod: &str| {
        let (_, pricing) = given(&world).into_iter().next().unwrap();
        world.sim.price(&pricing, kod).unwrap()
    };
    let before = shown(&spoilt);
    for kod in [&spoilt, &good] {
        world.enova.set_price(kod, Decimal::from(4_711)).unwrap();
    }
    run_o9(&world, &lists, settings(&world), false).await;
    assert_eq!(shown(&spoilt), before);
    assert_ne!(shown(&good), before);
    let rejects = world.rejects().await;
    assert_eq!(rejects.len(), created(&world).await.len(), "each list tells it");

    world.enova.faults().clear();
    world.enova.set_price(&spoilt, Decimal::from(4_712)).unwrap();
    run_o9(&world, &lists, settings(&world), false).await;
    assert_ne!(shown(&spoilt), before);
    assert!(world.rejects().await.is_empty());
}

#[tokio::test]
async fn lists_that_one_does_not_have_take_nobodys_turn() {
    let world = World::of_goods(10).await;
    link_contractors(&world).await;
    let lists = lists(&world, &world.setup, false).per_cycle(3);
    // the first five by number, which is more than a round takes
    let lost = Fault::on("/pricing/discount").drop_after().times(5);
    world.sim.faults().add(lost);
    let mut rounds = 0;
    while given(&world).len() + 5 < active(&world).len() {
        rounds += 1;
        assert!(rounds <= active(&world).len(), "nobody else has a turn");
        run_o9(&world, &lists, settings(&world), false).await;
    }
    assert_eq!(created(&world).await.len() + 5, active(&world).len());
}

#[tokio::test]
async fn the_prices_of_a_contractor_who_is_sold_to_no_more_are_removed() {
    let world = World::of_goods(20).await;
    let lists = lists(&world, &world.setup, false).per_cycle(5);
    let portal: Arc<MemorySink<ClientPrice>> = Arc::new(MemorySink::new());
    let flow =
        client_prices::to(&world.setup, &lists, ContractorPriceMapper::new(), Arc::clone(&portal)).unwrap();
    let buyers = || -> BTreeSet<i32> {
        let lists = portal.records().into_values().map(|price| price.list);
        lists.map(|list| if let ClientList::Kontrahent(id) = list { id.0 } else { 0 }).collect()
    };
    let sold_to = || active(&world).into_iter().collect::<BTreeSet<i32>>();
    for _ in 0..4 {
        run_to_end(&flow).await;
    }
    assert_eq!(buyers(), sold_to());
    let contractors = world.enova.contractors();
    let kod = |nth: usize| {
        let id = active(&world)[nth];
        contractors.iter().find(|contractor| contractor.id == id).unwrap().kod.clone()
    };
    let [unticked, blocked, merged, into] = [0, 1, 2, 3].map(kod);

    // as long as a contractor cannot be read, nobody is known to have left
    world.enova.set_contractor_ticked(&unticked, false).unwrap();
    let spoilt = Fault::on("B2BKontrahenci/Lista").rewrite(format!("\"Kod\":\"{into}\""), "\"Kod\":7");
    world.enova.faults().add(spoilt.always());
    let before = buyers();
    run_to_end(&flow).await;
    assert_eq!(buyers(), before);
    world.enova.faults().clear();

    world.enova.set_contractor_blocked(&blocked, true).unwrap();
    world.enova.merge_contractor(&merged, &into).unwrap();
    run_to_end(&flow).await;
    assert_eq!(buyers(), sold_to());
    assert_eq!(before.len() - 3, buyers().len());

    // what is empty is watched no longer
    run_to_end(&flow).await;
    let parts = flow.status().await.unwrap().parts;
    assert_eq!(parts.len(), buyers().len());

    // and come back with him
    world.enova.set_contractor_blocked(&blocked, false).unwrap();
    for _ in 0..4 {
        run_to_end(&flow).await;
    }
    assert_eq!(buyers(), sold_to());
}

fn plain_good_of_goods(world: &World) -> String {
    let goods = world.enova.goods().into_iter();
    goods.filter(|good| good.zaznaczony).find(|good| good.cena_detaliczna.is_some()).unwrap().kod
}

#[tokio::test]
async fn own_lists_are_read_in_rotation_within_the_budget_and_their_age_is_told() {
    let (world, lists) = world().await;
    let lists = lists.per_cycle(5);
    let contractors = active(&world).len();
    assert!(contractors > 10 && contractors < 20);
    let portal: Arc<MemorySink<ClientPrice>> = Arc::new(MemorySink::new());
    let flow =
        client_prices::to(&world.setup, &lists, ContractorPriceMapper::new(), Arc::clone(&portal)).unwrap();
    let mut known = Vec::new();
    for _ in 0..4 {
        run_to_end(&flow).await;
        let parts = flow.status().await.unwrap().parts;
        assert!(parts.iter().all(|part| part.last_ok_at.is_some()));
        known.push(parts.len());
    }
    assert_eq!(known, [5, 10, 15, contractors]);
    let stepped = portal.records().into_values().filter(|price| !price.cena.progi.is_empty()).count();
    assert!(stepped > 0, "thresholds arrive on a portal of one's own");
}
