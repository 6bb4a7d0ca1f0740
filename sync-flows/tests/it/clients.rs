//! Contractors and clients beyond the matrix: who is whom, merges, echoes, and what the submitters promise.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use chrono::DateTime;
use one_client::account::{BlockadeType, ClientAddress};
use serde_json::{Value, json};
use soneta_webapi::{KontrahentId, ZapisKontrahenta};
use std::sync::Arc;
use sync_core::testing::{SubmitterUnderTest, Trouble, submitter_conformance};
use sync_core::{
    Act, ActFilter, ActState, ActStatus, ErrorKind, Key, LinkRef, Links, Mapped, Mapper, Payload, Reason,
    Submitter,
};
use sync_flows::flows::clients::{
    ContractorSettings, NEW_CLIENT_ACT, NEW_CONTRACTOR_ACT, NewContractorMapper, OneClient, SEGMENT_ACT,
    new_client_op_key, new_contractor_op_key, segment_op_key,
};
use sync_flows::flows::orders::{CONTRACTOR_LINK, contractor_link};
use sync_flows::one::{SegmentSubmitter, Withdrawal};

use crate::matrix::clients::{
    NIPS, all_contractors, clients_of, new_clients, new_contractors, put_client, save, to_enova, to_one,
    writes_to_one,
};
use crate::world::World;

const EVERYWHERE: &[one_client::account::Context] = &[];

async fn world() -> World {
    World::of_goods(3).await
}

async fn erp_to_one(world: &World) {
    to_one(world, false, Withdrawal::Report, None).await;
}

async fn one_to_erp(world: &World) {
    to_enova(world, EVERYWHERE, None).await;
}

fn client(world: &World, id: &str, client: &Value) {
    world.sim.put_record("clients", id, &client.to_string()).unwrap();
}

/// The only contractor that is ticked is the first.
async fn one_contractor() -> World {
    let world = world().await;
    for contractor in world.enova.contractors().iter().skip(1) {
        world.enova.set_contractor_ticked(&contractor.kod, false).unwrap();
    }
    world
}

async fn act(world: &World, op_key: sync_core::OpKey) -> ActStatus {
    world.setup.store.acts(&ActFilter::one(op_key)).await.unwrap().remove(0)
}

async fn client_act(world: &World, kontrahent: i32) -> ActStatus {
    act(world, new_client_op_key("demo", KontrahentId(kontrahent))).await
}

fn saves(world: &World) -> u64 {
    world.enova.faults().calls("B2BKontrahenci/Zapisz")
}

/// A contractor of the ERP that nobody knows yet; its id.
async fn contractor(world: &World, kod: &str, nip: &str) -> i32 {
    let guid = sync_core::act_guid(&kod.into());
    let adres = soneta_webapi::Adres::builder().ulica("Rynek").nr_domu("1").miejscowosc("Kraków").build();
    let zapis = ZapisKontrahenta::builder().guid(guid).kod(kod).nazwa(kod).nip(nip).adres(adres).build();
    world.erp.b2b().kontrahenci().save(&zapis).await.unwrap().id.0
}

#[tokio::test]
async fn a_contractor_that_is_in_one_already_is_linked_and_not_doubled() {
    let world = one_contractor().await;
    let nip = world.enova.contractors()[0].nip.clone();
    let spelt = format!("PL {}-{}", &nip[..3], &nip[3..]);
    client(&world, "org:7", &json!({"clientId": "org:7", "name": "Old name", "tin": spelt, "address": {}}));
    erp_to_one(&world).await;
    let act = client_act(&world, 1).await;
    assert_eq!(act.created.unwrap().target_id.as_str(), "org:7");
    let clients = clients_of(&world);
    assert_eq!(clients.len(), 1);
    assert_eq!(clients["1"]["tin"].as_str(), Some(nip.as_str()), "what the ERP owns is written to it");
}

#[tokio::test]
async fn what_the_record_of_a_client_has_beside_stays_when_it_is_written() {
    let world = one_contractor().await;
    let phone = "500500500";
    client(
        &world,
        "org:7",
        &json!({"clientId": "org:7", "externalId": "1", "phone": phone, "bankAccountNumber": "61 1090",
            "additionalFields": {"limit": 12345678901234567890.10_f64}, "address": {"phone": "600"}}),
    );
    erp_to_one(&world).await;
    let client = &clients_of(&world)["1"];
    assert_eq!(
        (client["phone"].as_str(), client["bankAccountNumber"].as_str()),
        (Some(phone), Some("61 1090"))
    );
    assert!(client["additionalFields"]["limit"].is_number() && client["address"]["phone"] == "600");
    assert!(client["address"]["city"].is_string());
}

#[tokio::test]
async fn two_clients_of_one_tax_number_are_a_persons_decision() {
    let world = one_contractor().await;
    let nip = world.enova.contractors()[0].nip.clone();
    for id in ["org:7", "org:8"] {
        client(&world, id, &json!({"clientId": id, "tin": nip, "externalId": id, "address": {}}));
    }
    erp_to_one(&world).await;
    let held = client_act(&world, 1).await;
    assert_eq!((held.state, held.reason.unwrap().code()), (ActState::Held, "doubtful-client"));
    assert_eq!(writes_to_one(&world), 0);
    world.setup.store.release(&held.act.op_key, "Anna", "a third company").await.unwrap();
    erp_to_one(&world).await;
    assert_eq!(clients_of(&world).len(), 3);
    assert!(clients_of(&world).contains_key("1"));
}

#[tokio::test]
async fn a_client_that_cannot_be_read_holds_new_ones_until_a_person_says_that_it_is_none_of_them() {
    let world = one_contractor().await;
    client(&world, "org:9", &json!({"clientId": "org:9", "phone": [], "address": {}}));
    erp_to_one(&world).await;
    let held = client_act(&world, 1).await;
    assert_eq!((held.state, held.reason.unwrap().code()), (ActState::Held, "unreadable-clients"));
    world.setup.store.release(&held.act.op_key, "Anna", "client 9 is another company").await.unwrap();
    erp_to_one(&world).await;
    assert_eq!(client_act(&world, 1).await.state, ActState::Done);
}

#[tokio::test]
async fn a_change_before_the_client_is_there_is_in_what_creates_it() {
    let world = one_contractor().await;
    to_one(&world, false, Withdrawal::Report, Some(50)).await;
    save(&world, 0, |zapis| zapis.nazwa = Some("Nowa nazwa".to_owned())).await;
    erp_to_one(&world).await;
    assert_eq!(writes_to_one(&world), 1);
    assert_eq!(clients_of(&world)["1"]["name"], "Nowa nazwa");
    assert!(world.rejects().await.is_empty());
}

#[tokio::test]
async fn a_client_that_one_refuses_is_tried_again_once_its_contractor_was_corrected() {
    let world = one_contractor().await;
    world.sim.refuse(422, ["Zła nazwa"]).unwrap();
    save(&world, 0, |zapis| zapis.nazwa = Some("Zła nazwa".to_owned())).await;
    erp_to_one(&world).await;
    assert_eq!(client_act(&world, 1).await.state, ActState::Rejected);
    save(&world, 0, |zapis| zapis.nazwa = Some("Dobra nazwa".to_owned())).await;
    erp_to_one(&world).await;
    assert_eq!(clients_of(&world)["1"]["name"], "Dobra nazwa");
}

#[tokio::test]
async fn a_lost_tick_is_reported_where_nothing_else_is_wanted() {
    let world = one_contractor().await;
    erp_to_one(&world).await;
    world.enova.set_contractor_ticked("K0001", false).unwrap();
    erp_to_one(&world).await;
    let rejects = world.rejects().await;
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].reason.code(), Reason::REMOVAL_NOT_SUPPORTED);
    assert_eq!(clients_of(&world).len(), 1);
}

#[tokio::test]
async fn a_block_is_lifted_with_the_tick_and_somebody_elses_is_not() {
    let world = one_contractor().await;
    let with_block = || to_one(&world, false, Withdrawal::blockade("PORTAL", BlockadeType::Sale), None);
    with_block().await;
    for (external_id, blocked) in [("PORTAL", 0), ("OTHER", 1)] {
        world.enova.set_contractor_ticked("K0001", false).unwrap();
        with_block().await;
        let blockades = world.sim.records("client-blockades");
        let (id, blockade) = blockades.first_key_value().unwrap();
        world.sim.put_record("client-blockades", id, &blockade.replace("PORTAL", external_id)).unwrap();
        world.enova.set_contractor_ticked("K0001", true).unwrap();
        with_block().await;
        assert_eq!(world.sim.records("client-blockades").len(), blocked, "{external_id}");
    }
}

#[tokio::test]
async fn a_client_whose_company_the_erp_has_is_linked_and_only_what_the_portal_owns_is_written() {
    let world = world().await;
    put_client(&world, 0, |client| client["tin"] = world.enova.contractors()[4].nip.clone().into());
    one_to_erp(&world).await;
    let rows = all_contractors(&world).await;
    let found = rows.iter().find(|row| row.id.0 == 5).unwrap();
    assert_eq!((rows.len(), saves(&world)), (20, 1));
    assert_eq!(found.adres.as_ref().unwrap().telefon.as_deref(), Some("600000000"));
    assert_ne!(found.nazwa, "Firma 0");
    assert_ne!(found.adres.as_ref().unwrap().ulica.as_deref(), Some("Żabia 7/2"));
}

#[tokio::test]
async fn a_client_of_a_merged_contractor_becomes_one_of_the_contractor_that_stands_for_it() {
    let world = world().await;
    world.enova.merge_contractor("K0003", "K0002").unwrap();
    put_client(&world, 0, |client| {
        client["externalId"] = "3".into();
        client["tin"] = Value::Null;
    });
    one_to_erp(&world).await;
    let act = act(&world, new_contractor_op_key("demo", "org:0")).await;
    assert_eq!(act.created.unwrap().target_id.as_str(), "2");
    assert_eq!(all_contractors(&world).await.len(), 20);
}

#[tokio::test]
async fn doubt_about_a_client_is_held_and_a_release_creates_its_contractor() {
    let world = world().await;
    for kod in ["A", "B"] {
        contractor(&world, kod, NIPS[0]).await;
    }
    // a number that is none may hide a contractor, and a contractor's id with another number is a mistake
    put_client(&world, 0, |_| {});
    put_client(&world, 1, |client| client["tin"] = "525-224-84-82".into());
    put_client(&world, 2, |client| client["externalId"] = "4".into());
    one_to_erp(&world).await;
    let before = all_contractors(&world).await.len();
    for client in ["0", "1", "2"] {
        let held = act(&world, new_contractor_op_key("demo", client)).await;
        assert_eq!(
            (held.state, held.reason.unwrap().code()),
            (ActState::Held, "doubtful-contractor"),
            "{client}"
        );
        world.setup.store.release(&held.act.op_key, "Anna", "it is another company").await.unwrap();
    }
    one_to_erp(&world).await;
    assert_eq!(all_contractors(&world).await.len(), before + 3);
}

#[tokio::test]
async fn an_external_id_that_is_one_contractors_id_and_anothers_kod_is_a_persons_decision() {
    let world = world().await;
    contractor(&world, "5", NIPS[0]).await;
    put_client(&world, 0, |client| {
        client["externalId"] = "5".into();
        client["tin"] = Value::Null;
    });
    one_to_erp(&world).await;
    let held = act(&world, new_contractor_op_key("demo", "0")).await;
    assert_eq!((held.state, held.reason.unwrap().code()), (ActState::Held, "doubtful-contractor"));
}

#[tokio::test]
async fn a_contractor_of_another_client_is_not_taken() {
    let world = world().await;
    world.setup.store.put_links(&[contractor_link("org:9", KontrahentId(5))]).await.unwrap();
    put_client(&world, 0, |client| client["tin"] = world.enova.contractors()[4].nip.clone().into());
    one_to_erp(&world).await;
    assert_eq!(act(&world, new_contractor_op_key("demo", "0")).await.state, ActState::Held);
    assert_eq!(saves(&world), 0);
}

#[tokio::test]
async fn what_one_side_wrote_is_no_news_to_the_other() {
    let world = world().await;
    for nth in 0..4 {
        put_client(&world, nth, |_| {});
    }
    // a person without a tax number, by which nobody could be found
    client(&world, "ind:9", &json!({"clientId": "ind:9", "name": "Jan", "address": {"city": "Łódź"}}));
    world.sim.tell_event("clients", r#"{"clientId":"ind:9","type":"UPDATE"}"#).unwrap();
    for _ in 0..2 {
        erp_to_one(&world).await;
        one_to_erp(&world).await;
    }
    let (clients, contractors) = (clients_of(&world).len(), all_contractors(&world).await.len());
    // one of the ERP's is not ticked
    assert_eq!((clients, contractors), (24, 25), "{:?}", clients_of(&world).keys());
    let written = (writes_to_one(&world), saves(&world));
    for _ in 0..2 {
        erp_to_one(&world).await;
        one_to_erp(&world).await;
    }
    assert_eq!((writes_to_one(&world), saves(&world)), written);
    // and a change of either side goes over once
    put_client(&world, 0, |client| client["phone"] = "222222222".into());
    save(&world, 0, |zapis| zapis.nazwa = Some("Nowa nazwa".to_owned())).await;
    for _ in 0..3 {
        one_to_erp(&world).await;
        erp_to_one(&world).await;
    }
    let (to_one, to_erp) = (writes_to_one(&world) - written.0, saves(&world) - written.1);
    assert_eq!((to_one, to_erp), (1, 2), "one save is the test's own");
    assert!(world.rejects().await.is_empty(), "{:?}", world.rejects().await);
}

#[tokio::test]
async fn a_contractor_that_is_being_made_for_a_client_waits_for_its_link() {
    let world = one_contractor().await;
    world.enova.set_contractor_ticked("K0001", false).unwrap();
    put_client(&world, 0, |client| client["tin"] = Value::Null);
    // the contractor is made, and nobody knows it yet
    world.enova.faults().add(Fault::on("B2BKontrahenci/Zapisz").drop_after().times(2));
    world.enova.faults().add(Fault::on("B2BKontrahenci/Pobierz").drop_before().always());
    to_enova(&world, EVERYWHERE, Some(50)).await;
    let submitter = new_contractors(&world);
    let open = act(&world, new_contractor_op_key("demo", "0")).await;
    assert!(matches!(submitter.submit(&open.act).await, sync_core::Submission::InDoubt(_)));
    to_one(&world, false, Withdrawal::Report, Some(50)).await;
    let waiting = world.setup.store.acts(&ActFilter::open().kinds([NEW_CLIENT_ACT.into()])).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let submission = new_clients(&world).submit(&waiting[0].act).await;
    let sync_core::Submission::NotSent(error) = submission else { panic!("{submission:?}") };
    assert_eq!(error.kind(), ErrorKind::Transient);
    world.enova.faults().clear();
    one_to_erp(&world).await;
    erp_to_one(&world).await;
    assert_eq!(clients_of(&world).len(), 1);
    assert_eq!(all_contractors(&world).await.len(), 21);
}

#[test]
fn an_organisation_has_one_act_with_or_without_its_prefix() {
    assert_eq!(new_contractor_op_key("demo", "org:7"), new_contractor_op_key("demo", "7"));
    assert_eq!(new_contractor_op_key("demo", "7").as_str(), "new-contractor:demo:7");
    assert_eq!(
        LinkRef::of_a(CONTRACTOR_LINK, "7"),
        LinkRef::of_a(CONTRACTOR_LINK, contractor_link("org:7", KontrahentId(1)).a)
    );
}

/// One of the submitters with its simulator.
struct Case {
    world: World,
    submitter: Arc<dyn Submitter>,
    kind: &'static str,
}

impl Case {
    async fn of(kind: &'static str) -> Self {
        let world = world().await;
        let submitter: Arc<dyn Submitter> = match kind {
            NEW_CLIENT_ACT => Arc::new(new_clients(&world)),
            NEW_CONTRACTOR_ACT => Arc::new(new_contractors(&world)),
            _ => Arc::new(SegmentSubmitter::new(world.one.clone())),
        };
        Self { world, submitter, kind }
    }

    fn payload(&self, n: u32) -> Payload {
        match self.kind {
            NEW_CLIENT_ACT => {
                let client = OneClient::builder()
                    .kontrahent(KontrahentId(i32::try_from(n).unwrap() + 1_000))
                    .external_id(format!("X{n}"))
                    .name(format!("Firma {n}"))
                    .address(ClientAddress::builder().city("Łódź").build());
                let client = client.build();
                Payload::of(&json!({"kontrahent": client.kontrahent, "client": client})).unwrap()
            }
            NEW_CONTRACTOR_ACT => {
                let mapper = NewContractorMapper::new(ContractorSettings::default(), "demo");
                let record = serde_json::from_value(json!({"name": format!("Firma {n}")})).unwrap();
                let mapped = mapper.map(&Key::from(format!("org:{n}")), record, &Links::default());
                let Ok(Mapped::Send(contractor)) = mapped else { panic!("{mapped:?}") };
                Payload::of(&contractor).unwrap()
            }
            _ => Payload::of(&json!({"name": format!("Segment {n}")})).unwrap(),
        }
    }
}

#[async_trait]
impl SubmitterUnderTest for Case {
    fn submitter(&self) -> Arc<dyn Submitter> {
        Arc::clone(&self.submitter)
    }

    fn act(&self, n: u32) -> Act {
        let op_key = match self.kind {
            NEW_CLIENT_ACT => new_client_op_key("demo", KontrahentId(i32::try_from(n).unwrap() + 1_000)),
            NEW_CONTRACTOR_ACT => new_contractor_op_key("demo", &n.to_string()),
            _ => segment_op_key("demo", &format!("Segment {n}")),
        };
        Act::new(op_key.clone(), op_key.as_str(), self.kind, self.payload(n), DateTime::UNIX_EPOCH)
    }

    async fn documents(&self, act: &Act) -> sync_core::Result<usize> {
        let asked: Value = serde_json::from_str(act.payload.as_json()).unwrap();
        let (shelf, name) = match self.kind {
            NEW_CONTRACTOR_ACT => {
                let name = asked["zapis"]["Nazwa"].as_str().unwrap();
                return Ok(self.world.enova.contractors().iter().filter(|known| known.nazwa == name).count());
            }
            NEW_CLIENT_ACT => ("clients", &asked["client"]["name"]),
            _ => ("segments", &asked["name"]),
        };
        let records = self.world.sim.records(shelf).into_values();
        let records = records.map(|json| serde_json::from_str::<Value>(&json).unwrap());
        Ok(records.filter(|record| record["name"] == *name).count())
    }

    async fn meets(&self, trouble: Trouble) -> sync_core::Result<bool> {
        let fault = match self.kind {
            NEW_CONTRACTOR_ACT => Fault::on("B2BKontrahenci/Zapisz"),
            NEW_CLIENT_ACT => Fault::on("/clients").method("POST"),
            _ => Fault::on("/segments").method("POST"),
        };
        let faults =
            if self.kind == NEW_CONTRACTOR_ACT { self.world.enova.faults() } else { self.world.sim.faults() };
        // as often as the client itself tries
        let fault = match trouble {
            Trouble::AnswerLost if self.kind == NEW_CONTRACTOR_ACT => fault.drop_after().times(2),
            Trouble::AnswerLost => fault.drop_after(),
            Trouble::Unreachable => fault.too_many_requests(None).times(2),
            Trouble::Refused if self.kind != NEW_CONTRACTOR_ACT => fault.refuse(422, "{}"),
            _ => return Ok(false),
        };
        faults.add(fault);
        Ok(true)
    }

    async fn put_decoy(&self, act: &Act) -> sync_core::Result<bool> {
        let asked: Value = serde_json::from_str(act.payload.as_json()).unwrap();
        match self.kind {
            NEW_CONTRACTOR_ACT => {
                contractor(&self.world, asked["zapis"]["Kod"].as_str().unwrap(), NIPS[3]).await;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_guarded_by_key(&self) -> bool {
        self.kind == NEW_CONTRACTOR_ACT
    }
}

#[tokio::test]
async fn clients_contractors_and_segments_are_created_as_the_outbox_needs_it() {
    for kind in [NEW_CLIENT_ACT, NEW_CONTRACTOR_ACT, SEGMENT_ACT] {
        let case = Case::of(kind).await;
        if let Err(error) = submitter_conformance(&case).await {
            panic!("{kind}: {error}");
        }
    }
}
