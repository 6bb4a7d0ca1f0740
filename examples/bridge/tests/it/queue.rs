//! Lists that are read by AltOne's change queue, as the settings say it.

use bridge::Simulation;
use one_client::simulator::Simulator as OneSimulator;
use secrecy::SecretString;
use serde_json::Value;
use soneta_webapi::altone::AltOneZmiany;
use soneta_webapi::simulator::Simulator as EnovaSimulator;
use soneta_webapi::{KolejkaZmian, SnapshotQuery};
use toml::Table;

use crate::company::{Company, flows};
use crate::program::{Ran, bridge_at, ran};

/// The consumers of two flows, each with its secret.
const CONSUMERS: [(&str, &str); 2] =
    [("BRIDGE-NEW", "secret-of-the-new"), ("BRIDGE-BLOCKED", "secret-of-the-blocked")];

async fn company() -> Company {
    let builder = EnovaSimulator::builder().goods(3);
    let builder =
        CONSUMERS.into_iter().fold(builder, |builder, (name, code)| builder.change_consumer(name, code));
    let (enova, one) = (builder.start().await.unwrap(), OneSimulator::builder().start().await.unwrap());
    let company = Company { simulation: Simulation { enova, one }, folder: tempfile::tempdir().unwrap() };
    company.simulation.introduce_clients().unwrap();
    company
}

fn by_queue(table: &mut Table) {
    *flows(table) = "new-clients = {}\nclient-blockades = { external_id = \"ERP\" }".parse().unwrap();
    let reads = r#"
        reads = { contractors = "queue" }
        queues.new-clients = { external_system = "BRIDGE-NEW", security_code_env = "NEW_CODE" }
        queues.client-blockades = { external_system = "BRIDGE-BLOCKED", security_code_env = "BLOCKED_CODE" }
    "#;
    let reads: Table = reads.parse().unwrap();
    let tenant = &mut table["tenants"].as_array_mut().unwrap()[0];
    tenant["enova"].as_table_mut().unwrap().extend(reads);
}

async fn once(company: &Company, codes: [&str; 2]) -> Ran {
    let settings = company.settings_file_with(by_queue);
    let mut command = bridge_at(company, &settings, &["once", "--json"]);
    ran(command.env("NEW_CODE", codes[0]).env("BLOCKED_CODE", codes[1])).await
}

/// How many changes of contractors wait for a consumer.
async fn waiting(company: &Company, (name, code): (&str, &str)) -> usize {
    let queue = AltOneZmiany::builder()
        .client(company.simulation.enova_client().unwrap())
        .external_system(name)
        .security_code(SecretString::from(code))
        .build();
    queue.list_zmiany("Kontrahenci", &SnapshotQuery::builder().limit(100).build()).await.unwrap().rows.len()
}

#[tokio::test]
async fn a_change_comes_by_each_flow_s_own_consumer_who_confirms_it_and_no_list_is_read_for_it() {
    let company = company().await;
    let codes = CONSUMERS.map(|(_, code)| code);
    let first = once(&company, codes).await;
    assert_eq!(first.code, 0, "{}\n{}", first.out, first.err);
    let enova = &company.simulation.enova;
    let contractor = enova.contractors().into_iter().find(|known| !known.blokada_sprzedazy).unwrap();
    let blocked = company.simulation.one.records("client-blockades").len();
    let lists = enova.faults().calls("B2BKontrahenci/Lista");

    enova.set_contractor_blocked(&contractor.kod, true).unwrap();
    for consumer in CONSUMERS {
        assert_eq!(waiting(&company, consumer).await, 1, "{}", consumer.0);
    }
    let second = once(&company, codes).await;
    assert_eq!(second.code, 0, "{}\n{}", second.out, second.err);
    assert_eq!(company.simulation.one.records("client-blockades").len(), blocked + 1);
    assert_eq!(enova.faults().calls("B2BKontrahenci/Lista"), lists, "the list is read in full passes alone");
    for consumer in CONSUMERS {
        assert_eq!(waiting(&company, consumer).await, 0, "{}", consumer.0);
    }
}

#[tokio::test]
async fn a_wrong_code_of_one_consumer_stops_its_flow_alone_and_is_shown_nowhere() {
    let company = company().await;
    let ended = once(&company, [CONSUMERS[0].1, "wrong-canary"]).await;
    assert_eq!(ended.code, 1, "{}\n{}", ended.out, ended.err);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    let flows = told["flows"].as_array().unwrap().iter();
    let failed: Vec<&str> =
        flows.filter(|run| run["end"] != "done").map(|run| run["flow"].as_str().unwrap()).collect();
    assert_eq!(failed, ["demo/client-blockades"], "{}", ended.out);
    assert!(!company.simulation.one.records("clients").is_empty());
    assert!(company.simulation.one.records("client-blockades").is_empty());
    assert!(!ended.out.contains("canary") && !ended.err.contains("canary"), "{}\n{}", ended.out, ended.err);
}
