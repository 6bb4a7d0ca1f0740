//! Contractors that were merged into others: what becomes of their clients of ONe, and of what goes to these.

use api_transport::simulation::Fault;
use one_client::account::BlockadeType;
use serde_json::Value;
use soneta_webapi::{KontrahentId, ZapisKontrahenta};
use std::collections::BTreeSet;
use std::time::Duration;
use sync_core::{
    ActFilter, ActState, ActStatus, ErrorKind, LinkRef, PageQuery, Part, Reason, Submission, Submitter,
};
use sync_flows::flows::clients::{merger_links, new_client_op_key, new_contractor_op_key};
use sync_flows::flows::orders::CONTRACTOR_LINK;
use sync_flows::one::Withdrawal;

use crate::matrix::clients::{
    NIPS, clients_of, new_clients, put_client, save, to_enova, to_one, writes_to_one,
};
use crate::name;
use crate::papers::{CLIENT, Papers};
use crate::price_world::{active, given, link_contractors, lists, run_o9};
use crate::world::World;

/// The contractors of these numbers alone are ticked: `K0001` is number 1.
async fn ticked(numbers: &[i32]) -> World {
    let world = World::of_goods(3).await;
    for contractor in world.enova.contractors() {
        world.enova.set_contractor_ticked(&contractor.kod, numbers.contains(&contractor.id)).unwrap();
    }
    world
}

fn tick(world: &World, number: i32) {
    world.enova.set_contractor_ticked(&kod(number), true).unwrap();
}

fn kod(number: i32) -> String {
    format!("K{number:04}")
}

fn merge(world: &World, number: i32, into: i32) {
    world.enova.merge_contractor(&kod(number), &kod(into)).unwrap();
}

async fn round(world: &World) {
    to_one(world, false, Withdrawal::blockade("PORTAL", BlockadeType::Sale), None).await;
}

async fn contractor_of(world: &World, client: &str) -> Option<String> {
    let link = LinkRef::of_a(CONTRACTOR_LINK, client.strip_prefix("org:").unwrap_or(client));
    let query = PageQuery::new(Vec::new(), vec![link.clone()]);
    let links = world.setup.store.read_page(&Part::whole(&name("reader")), query).await.unwrap().links;
    links.get(&link).map(str::to_owned)
}

/// The one client of ONe that is linked with this contractor and told its data.
async fn only_client(world: &World, number: i32) -> Value {
    let mut clients = clients_of(world);
    assert_eq!(clients.keys().collect::<Vec<_>>(), [&number.to_string()]);
    let client = clients.remove(&number.to_string()).unwrap();
    let contractor = world.enova.contractors().into_iter().find(|known| known.id == number).unwrap();
    assert_eq!(client["tin"], contractor.nip);
    let linked = contractor_of(world, client["clientId"].as_str().unwrap()).await;
    assert_eq!(linked, Some(number.to_string()));
    client
}

async fn is_quiet(world: &mut World) {
    world.setup.settings = world.setup.settings.clone().full_pass(Duration::ZERO);
    let before = (writes_to_one(world), world.sim.records("client-blockades"));
    for _ in 0..4 {
        round(world).await;
    }
    assert_eq!((writes_to_one(world), world.sim.records("client-blockades")), before);
}

async fn reject_codes(world: &World) -> Vec<(String, String)> {
    let rejects = world.rejects().await;
    let told = |reject: &sync_core::Reject| (reject.key.to_string(), reject.reason.code().to_owned());
    let mut told: Vec<_> = rejects.iter().map(told).collect();
    told.sort();
    told
}

async fn act(world: &World, op_key: sync_core::OpKey) -> ActStatus {
    world.setup.store.acts(&ActFilter::one(op_key)).await.unwrap().remove(0)
}

#[tokio::test]
async fn the_client_of_a_merged_contractor_becomes_that_of_the_one_that_is_ticked_with_it_or_later() {
    // one whose row comes before that of the merged one, one whose row comes after it
    for into in [1, 3] {
        for later in [false, true] {
            let mut world = ticked(&[2]).await;
            round(&world).await;
            let client = only_client(&world, 2).await;
            if later {
                merge(&world, 2, into);
                round(&world).await;
                assert_eq!(only_client(&world, 2).await, client, "it stays as it is");
                let rejects = [("2", "merged-contractor"), ("2", Reason::MISSING_LINK)];
                let rejects = rejects.map(|(key, code)| (key.to_owned(), code.to_owned()));
                assert_eq!(reject_codes(&world).await, rejects);
                tick(&world, into);
            } else {
                tick(&world, into);
                merge(&world, 2, into);
            }
            round(&world).await;
            round(&world).await;
            let now = only_client(&world, into).await;
            assert_eq!(now["clientId"], client["clientId"]);
            assert_eq!(reject_codes(&world).await, []);
            assert!(world.sim.records("client-blockades").is_empty());
            is_quiet(&mut world).await;
            // and it is that one's tick that counts
            world.enova.set_contractor_ticked(&kod(into), false).unwrap();
            round(&world).await;
            assert_eq!(world.sim.records("client-blockades").len(), 1);
        }
    }
}

#[tokio::test]
async fn a_client_whose_contractor_had_lost_its_tick_is_let_in_again_with_the_one_it_was_merged_into() {
    let mut world = ticked(&[2]).await;
    round(&world).await;
    world.enova.set_contractor_ticked(&kod(2), false).unwrap();
    round(&world).await;
    assert_eq!(world.sim.records("client-blockades").len(), 1);
    merge(&world, 2, 3);
    tick(&world, 3);
    for _ in 0..2 {
        round(&world).await;
    }
    only_client(&world, 3).await;
    assert!(world.sim.records("client-blockades").is_empty());
    assert_eq!(reject_codes(&world).await, []);
    is_quiet(&mut world).await;
}

#[tokio::test]
async fn where_a_lost_tick_is_only_reported_nothing_is_reported_of_a_client_that_followed() {
    let world = ticked(&[2]).await;
    let round = async || to_one(&world, false, Withdrawal::Report, None).await;
    round().await;
    tick(&world, 3);
    merge(&world, 2, 3);
    for _ in 0..3 {
        round().await;
    }
    only_client(&world, 3).await;
    assert_eq!(reject_codes(&world).await, []);
}

#[tokio::test]
async fn two_clients_of_merged_contractors_stay_two_and_a_person_is_told_what_to_do() {
    let mut world = ticked(&[2, 3]).await;
    round(&world).await;
    let clients = clients_of(&world);
    merge(&world, 2, 3);
    for _ in 0..2 {
        round(&world).await;
    }
    assert_eq!(clients_of(&world), clients);
    let told: Vec<_> = world.rejects().await;
    // of both flows of clients; nothing ends it, so it alarms nobody
    assert!(told.iter().all(|reject| reject.reason.code() == Reason::REMOVAL_NOT_SUPPORTED), "{told:?}");
    let [told, _] = told.as_slice() else { panic!("{told:?}") };
    let detail = told.reason.detail().unwrap();
    for number in ["2", "3"] {
        let client = clients[number]["clientId"].as_str().unwrap();
        assert!(detail.contains(client), "{detail}");
        assert_eq!(contractor_of(&world, client).await.as_deref(), Some(number));
    }
    assert!(world.sim.records("client-blockades").is_empty());
    is_quiet(&mut world).await;

    // mended by hand: the one client is another contractor's now, and the other one follows
    let [first, second] = ["2", "3"].map(|number| clients[number]["clientId"].as_str().unwrap());
    let [moved, _] = merger_links(second, KontrahentId(3), KontrahentId(999));
    let follows = merger_links(first, KontrahentId(2), KontrahentId(3));
    world.setup.store.put_links(&[vec![moved], follows.to_vec()].concat()).await.unwrap();
    round(&world).await;
    assert_eq!(contractor_of(&world, first).await.as_deref(), Some("3"));
    assert_eq!(reject_codes(&world).await, []);
}

#[tokio::test]
async fn a_client_follows_a_chain_of_mergers_step_by_step_and_at_once() {
    for at_once in [false, true] {
        let mut world = ticked(&[2]).await;
        round(&world).await;
        let client = only_client(&world, 2).await["clientId"].clone();
        for (merged, into) in [(2, 4), (4, 3)] {
            if !at_once || into == 3 {
                tick(&world, into);
            }
            merge(&world, merged, into);
            if !at_once {
                for _ in 0..2 {
                    round(&world).await;
                }
                assert_eq!(only_client(&world, into).await["clientId"], client);
            }
        }
        for _ in 0..2 {
            round(&world).await;
        }
        assert_eq!(only_client(&world, 3).await["clientId"], client);
        assert_eq!(reject_codes(&world).await, []);
        is_quiet(&mut world).await;
    }
}

#[tokio::test]
async fn a_merger_that_was_learned_and_whose_commit_was_lost_is_learned_again_alike() {
    let world = ticked(&[2]).await;
    round(&world).await;
    tick(&world, 3);
    merge(&world, 2, 3);
    to_one(&world, false, Withdrawal::Report, Some(50)).await;
    let open = act(&world, new_client_op_key("demo", KontrahentId(3))).await;
    assert_eq!(open.state, ActState::Ready);
    let submitter = new_clients(&world);
    let mut learned = Vec::new();
    for _ in 0..2 {
        let Submission::Done(created) = submitter.submit(&open.act).await else { panic!("not done") };
        assert_eq!(submitter.look_up(&open.act).await.unwrap(), None, "nothing was made");
        learned.push(created);
    }
    assert_eq!(learned[0], learned[1]);
    let links = merger_links(learned[0].target_id.as_str(), KontrahentId(2), KontrahentId(3));
    assert_eq!(learned[0].links, links);
    // both of them are stored, the second time by whoever settles again
    world.setup.store.put_links(&links).await.unwrap();
    for _ in 0..2 {
        round(&world).await;
    }
    only_client(&world, 3).await;
    assert_eq!(reject_codes(&world).await, []);
}

#[tokio::test]
async fn what_became_of_a_merged_contractor_is_asked_again_when_the_erp_does_not_say_it() {
    let world = ticked(&[2]).await;
    round(&world).await;
    tick(&world, 3);
    merge(&world, 2, 3);
    to_one(&world, false, Withdrawal::Report, Some(50)).await;
    let open = act(&world, new_client_op_key("demo", KontrahentId(3))).await;
    world.enova.faults().add(Fault::on("B2BKontrahenci/Pobierz").drop_before().always());
    let Submission::NotSent(error) = new_clients(&world).submit(&open.act).await else { panic!("sent") };
    assert_eq!(error.kind(), ErrorKind::Transient);
}

#[tokio::test]
async fn a_new_client_of_one_does_not_take_the_place_of_one_that_is_to_follow() {
    let world = ticked(&[2]).await;
    round(&world).await;
    let nip = world.enova.contractors().into_iter().find(|known| known.id == 2).unwrap().nip;
    let guid = sync_core::act_guid(&"new".into());
    let adres = soneta_webapi::Adres::builder().ulica("Rynek").nr_domu("1").miejscowosc("Kraków").build();
    let zapis = ZapisKontrahenta::builder().guid(guid).kod("NOWY").nazwa("Nowy").nip(nip.as_str());
    let into = world.erp.b2b().kontrahenci().save(&zapis.adres(adres).build()).await.unwrap().id.0;
    world.enova.set_contractor_ticked("NOWY", false).unwrap();
    world.enova.merge_contractor(&kod(2), "NOWY").unwrap();
    put_client(&world, 0, |client| client["tin"] = nip.into());
    to_enova(&world, &[], None).await;
    let held = act(&world, new_contractor_op_key("demo", "0")).await;
    assert_eq!((held.state, held.reason.unwrap().code()), (ActState::Held, "doubtful-contractor"));

    world.enova.set_contractor_ticked("NOWY", true).unwrap();
    round(&world).await;
    assert_eq!(world.sim.records("clients").len(), 2);
    let clients: BTreeSet<_> = clients_of(&world).into_keys().collect();
    assert!(clients.contains(&into.to_string()), "{clients:?}");
}

#[tokio::test]
async fn what_a_client_tells_after_its_contractor_was_merged_is_written_to_the_other_one_without_a_reject() {
    let world = ticked(&[]).await;
    put_client(&world, 0, |client| client["tin"] = NIPS[0].into());
    to_enova(&world, &[], None).await;
    let made = act(&world, new_contractor_op_key("demo", "0")).await;
    let made: i32 = made.created.unwrap().target_id.as_str().parse().unwrap();
    let merged = world.enova.contractors().into_iter().find(|known| known.id == made).unwrap().kod;
    world.enova.merge_contractor(&merged, &kod(3)).unwrap();
    let links = merger_links("org:0", KontrahentId(made), KontrahentId(3));
    world.setup.store.put_links(&links).await.unwrap();
    put_client(&world, 0, |client| client["phone"] = "222222222".into());
    to_enova(&world, &[], None).await;
    let rows = crate::matrix::clients::all_contractors(&world).await;
    let into = rows.into_iter().find(|row| row.id.0 == 3).unwrap();
    assert_eq!(into.adres.unwrap().telefon.as_deref(), Some("222222222"));
    assert_eq!(reject_codes(&world).await, []);
    assert_eq!(contractor_of(&world, "0").await.as_deref(), Some("3"));
}

#[tokio::test]
async fn documents_of_a_merged_contractor_go_where_they_went_before() {
    let mut papers = Papers::of(3).await;
    papers.send_invoices(None).await;
    let links = merger_links(CLIENT, KontrahentId(1), KontrahentId(3));
    papers.world.setup.store.put_links(&links).await.unwrap();
    papers.correct_first(true);
    papers.world.setup.settings = papers.world.setup.settings.clone().full_pass(Duration::ZERO);
    for _ in 0..3 {
        papers.send_invoices(None).await;
    }
    let sent = papers.world.sim.records("invoices");
    assert_eq!(sent.len(), papers.documents(true).len());
    assert!(sent.values().all(|invoice| invoice.contains(CLIENT)));
    assert_eq!(reject_codes(&papers.world).await, []);
}

#[tokio::test]
async fn a_client_that_follows_keeps_the_price_list_that_both_contractors_have() {
    let world = World::of_goods(30).await;
    link_contractors(&world).await;
    let contractors = world.enova.contractors();
    let lists = lists(&world, &world.setup, true);
    run_o9(&world, &lists, world.setup.settings.clone(), false).await;
    // two with the same list, of whom the second has lost its client
    let given_to = |id: i32| given(&world).into_iter().find(|(client, _)| *client == format!("org:c{id}"));
    let sold_to = active(&world);
    let pair = sold_to.iter().flat_map(|a| sold_to.iter().map(move |b| (*a, *b)));
    let mut pair = pair.filter(|(a, b)| a != b && given_to(*a).unwrap().1 == given_to(*b).unwrap().1);
    let (merged, into) = pair.next().unwrap();
    let [away, _] = merger_links(&format!("c{into}"), KontrahentId(into), KontrahentId(999));
    let follows = merger_links(&format!("c{merged}"), KontrahentId(merged), KontrahentId(into));
    let kod = |id: i32| contractors.iter().find(|known| known.id == id).unwrap().kod.clone();
    world.enova.merge_contractor(&kod(merged), &kod(into)).unwrap();
    world.setup.store.put_links(&[vec![away], follows.to_vec()].concat()).await.unwrap();
    let before = (given(&world), world.sim.faults().calls("/clients-to-pricings"));
    for _ in 0..3 {
        run_o9(&world, &lists, world.setup.settings.clone(), false).await;
    }
    assert_eq!((given(&world), world.sim.faults().calls("/clients-to-pricings")), before);
    let told: Vec<_> = reject_codes(&world).await.into_iter().map(|(key, _)| key).collect();
    // the one that lost its client is told, the one that followed is not
    let (away, stays) = (format!("c{into}/"), format!("c{merged}/"));
    assert!(told.iter().any(|key| key.starts_with(&away)), "{told:?}");
    assert!(!told.iter().any(|key| key.starts_with(&stays)), "{told:?}");
}

#[tokio::test]
async fn a_change_of_the_merged_contractor_is_no_news_to_the_client_that_followed() {
    let world = ticked(&[2]).await;
    round(&world).await;
    tick(&world, 3);
    merge(&world, 2, 3);
    for _ in 0..2 {
        round(&world).await;
    }
    let client = only_client(&world, 3).await;
    save(&world, 1, |zapis| zapis.nazwa = Some("Stara nazwa".to_owned())).await;
    world.enova.set_contractor_ticked(&kod(2), false).unwrap();
    for _ in 0..2 {
        round(&world).await;
    }
    assert_eq!(only_client(&world, 3).await, client);
    assert!(world.sim.records("client-blockades").is_empty());
    assert_eq!(reject_codes(&world).await, []);
}

#[tokio::test]
async fn a_client_that_a_person_gave_to_another_contractor_is_not_blocked_with_the_one_that_it_had() {
    let world = ticked(&[2]).await;
    round(&world).await;
    let client = only_client(&world, 2).await["clientId"].as_str().unwrap().to_owned();
    let links = merger_links(&client, KontrahentId(2), KontrahentId(3));
    world.setup.store.put_links(&links).await.unwrap();
    world.enova.set_contractor_ticked(&kod(2), false).unwrap();
    tick(&world, 3);
    for _ in 0..2 {
        round(&world).await;
    }
    only_client(&world, 3).await;
    assert!(world.sim.records("client-blockades").is_empty());
    assert_eq!(reject_codes(&world).await, []);
}
