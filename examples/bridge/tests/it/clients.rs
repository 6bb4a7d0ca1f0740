//! Clients, their segments, credit and blockades, warehouses, and what is ticked.

use rust_decimal::Decimal;
use serde_json::Value;
use soneta_webapi::simulator::SimulatedTowar;
use sync_core::{ActState, Reason};
use toml::Table;

use crate::company::{CLIENT, Company, flows, section};
use crate::program::{bridge_at, ran};

fn clients(company: &Company) -> Vec<Value> {
    let clients = company.simulation.one.records("clients").into_values();
    clients.map(|json| serde_json::from_str(&json).unwrap()).collect()
}

/// ONe's client of this contractor.
fn client(company: &Company, id: i32) -> Value {
    let id = id.to_string();
    let known = clients(company).into_iter().find(|client| client["externalId"] == id.as_str());
    known.unwrap()
}

fn sent(summary: &bridge::Summary) -> u64 {
    summary.reports.iter().map(|report| report.counts.applied).sum()
}

fn ticks(table: &mut Table, ticks: &str) {
    let tenant = &mut table["tenants"].as_array_mut().unwrap()[0];
    let ticks: Table = ticks.parse().unwrap();
    tenant["enova"].as_table_mut().unwrap().insert("ticks".to_owned(), ticks.into());
}

#[tokio::test]
async fn one_call_brings_segments_clients_credit_blockades_and_warehouses_to_rest_and_the_next_sends_nothing()
{
    let company = Company::of_goods(10).await;
    company.simulation.introduce_clients().unwrap();
    let first = company.once_with_every_flow(|_| {}).await;
    assert!(first.is_clean() && first.rejects_in_all == 0, "{first}");

    let contractors = company.simulation.enova.contractors();
    assert!(contractors.iter().any(|contractor| contractor.nazwa == "Źródło Nowości"), "born in ONe");
    assert_eq!(clients(&company).len(), contractors.len());
    let one = &company.simulation.one;
    for contractor in &contractors {
        let id = client(&company, contractor.id)["clientId"].as_str().unwrap().to_owned();
        assert_eq!(one.record("client-blockades", &id).is_some(), contractor.blokada_sprzedazy, "{id}");
        assert_eq!(one.record("trade-credits", &id).is_some(), contractor.limit.is_some(), "{id}");
    }
    assert!(clients(&company).iter().any(|client| client["segmentId"].is_string()));
    assert!(!one.records("warehouses").is_empty());

    let again = company.once_with_every_flow(|_| {}).await;
    assert!(again.is_clean() && sent(&again) == 0, "{again}");
}

#[tokio::test]
async fn one_change_of_a_contractor_is_one_change_in_one() {
    let company = Company::of_goods(5).await;
    company.simulation.introduce_clients().unwrap();
    company.once_with_every_flow(|_| {}).await;
    let enova = &company.simulation.enova;
    // the first one places the orders of the settings
    let contractor = enova.contractors().into_iter().filter(|known| !known.blokada_sprzedazy).nth(1).unwrap();
    enova.set_contractor_blocked(&contractor.kod, true).unwrap();
    let blocked = company.once_with_every_flow(|_| {}).await;
    assert_eq!(sent(&blocked), 1, "{blocked}");
    let id = client(&company, contractor.id)["clientId"].as_str().unwrap().to_owned();
    assert!(company.simulation.one.record("client-blockades", &id).is_some());
}

#[tokio::test]
async fn a_doubtful_client_is_held_and_shown_by_status_until_a_person_decides() {
    let company = Company::of_goods(5).await;
    company.simulation.introduce_clients().unwrap();
    let contractor = company.simulation.enova.contractors().remove(1);
    // two clients of ONe with its tax number
    for id in ["org:a", "org:b"] {
        let client = serde_json::json!({"clientId": id, "name": "Kto", "tin": contractor.nip,
            "address": {"city": "Łódź"}});
        company.simulation.one.put_record("clients", id, &client.to_string()).unwrap();
    }
    let summary = company.once_with_every_flow(|_| {}).await;
    assert!(!summary.is_clean());
    assert_eq!(summary.open.len(), 1, "{summary}");
    assert_eq!(summary.open[0].state, ActState::Held);
    let held = format!("new-client:demo:{}", contractor.id);
    assert_eq!(summary.open[0].act.op_key.as_str(), held);
    assert!(summary.rejects.iter().all(|reject| reject.reason.code() == Reason::MISSING_LINK), "{summary}");

    let file = company.folder.path().join("every.toml");
    std::fs::write(&file, company.simulation.settings_toml().unwrap()).unwrap();
    let status = ran(&mut bridge_at(&company, &file, &["status"])).await;
    assert!(status.out.contains("1 new-client held (doubtful-client)"), "{}", status.out);
    let listed = ran(&mut bridge_at(&company, &file, &["doubts", "list"])).await;
    assert!(listed.out.contains(&held), "{}", listed.out);
    let resolve = ["doubts", "resolve", &held, "--found", "org:a", "--by", "A", "--reason", "B"];
    assert_eq!(ran(&mut bridge_at(&company, &file, &resolve)).await.code, 0);
    let after = company.once_with_every_flow(|_| {}).await;
    assert!(after.is_clean() && after.rejects_in_all == 0, "{after}");
    assert_eq!(client(&company, contractor.id)["clientId"], "org:a");
}

#[tokio::test]
async fn only_what_has_the_cecha_goes_to_the_portal_and_everything_where_that_is_said() {
    let company = Company::of_goods(6).await;
    let good = company.good(0);
    company.simulation.enova.set_ticked(&good.kod, false).unwrap();
    let with = |text: &'static str| company.once_with_every_flow(move |table| ticks(table, text));
    let nobody = with("goods = { cecha = \"Nie ma\" }\ncontractors = { cecha = \"Nie ma\" }").await;
    assert!(nobody.is_clean(), "{nobody}");
    assert_eq!((company.lines(), clients(&company).len()), ((0, 0), 0));

    let all = company.simulation.enova.goods();
    with("goods = \"everything\"\ncontractors = \"told\"").await;
    assert_eq!(company.lines().1, u64::try_from(all.len()).unwrap(), "the one without the tick too");
    let stan = &good.stany[0];
    assert!(
        company.simulation.one.stock(&stan.magazyn, &good.kod).is_some_and(|shown| shown >= Decimal::ZERO)
    );
}

/// The cecha by which the simulated enova365 ticks.
const CECHA: &str = "goods = { cecha = \"Portal\" }\ncontractors = { cecha = \"Portal\" }";

#[tokio::test]
async fn what_has_the_cecha_goes_to_the_portal_and_what_loses_it_is_withdrawn() {
    let company = Company::of_goods(6).await;
    company.simulation.introduce_clients().unwrap();
    let (enova, one) = (&company.simulation.enova, &company.simulation.one);
    let (left, taken) = (company.good(0), company.good(1));
    for good in [&left, &taken] {
        enova.set_stock(&good.kod, &good.stany[0].magazyn, Decimal::TEN).unwrap();
    }
    enova.set_ticked(&left.kod, false).unwrap();
    let contractor = enova.contractors().into_iter().filter(|known| !known.blokada_sprzedazy).nth(1).unwrap();
    let round = || {
        company.once_with_every_flow(|table| {
            ticks(table, CECHA);
            let blockade: Table = "external_id = \"NO-TICK\"".parse().unwrap();
            flows(table).remove("client-blockades");
            section(table, "clients").insert("blockade".to_owned(), blockade.into());
        })
    };
    let shown = |good: &SimulatedTowar| one.stock(&good.stany[0].magazyn, &good.kod);
    let first = round().await;
    assert!(first.is_clean(), "{first}");
    let ticked = enova.goods().into_iter().filter(|good| good.zaznaczony).count();
    assert_eq!(company.lines().1, u64::try_from(ticked).unwrap());
    assert_eq!((shown(&left), shown(&taken)), (None, Some(Decimal::from(9))));
    let id = client(&company, contractor.id)["clientId"].as_str().unwrap().to_owned();
    assert!(one.records("client-blockades").is_empty());

    enova.set_ticked(&left.kod, true).unwrap();
    enova.set_ticked(&taken.kod, false).unwrap();
    enova.set_contractor_ticked(&contractor.kod, false).unwrap();
    let second = round().await;
    assert!(second.is_clean(), "{second}");
    assert_eq!((shown(&left), shown(&taken)), (Some(Decimal::from(9)), Some(Decimal::ZERO)));
    let blocked = one.records("client-blockades");
    assert_eq!(blocked.keys().collect::<Vec<_>>(), [&id]);
    assert!(blocked[&id].contains("NO-TICK"), "{blocked:?}");
}

#[tokio::test]
async fn a_contractor_of_the_settings_that_contradicts_a_link_is_an_error_and_orders_go_by_the_link() {
    let company = Company::of_goods(5).await;
    company.simulation.introduce_clients().unwrap();
    let first = company.once_with_every_flow(|_| {}).await;
    assert!(first.is_clean(), "{first}");
    let enova = &company.simulation.enova;
    let mut sold = enova.contractors().into_iter().filter(|known| !known.blokada_sprzedazy);
    let (buyer, other) = (sold.next().unwrap(), sold.next().unwrap());
    let contradict = |table: &mut Table| {
        let contractors = section(table, "orders")["contractors"].as_table_mut().unwrap();
        contractors.insert(CLIENT.to_owned(), other.kod.as_str().into());
    };
    company.place(company.order(1));
    let second = company.once_with_every_flow(contradict).await;
    assert!(!second.is_clean());
    let setup = second.reports.iter().find(|report| report.name == "demo/orders-contractors").unwrap();
    let sync_core::JobEnd::Failed(error) = &setup.end else { panic!("{second}") };
    let told = error.to_string();
    for word in [&other.kod, CLIENT, &buyer.id.to_string()] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let orders = enova.orders();
    assert_eq!(orders.iter().map(|order| order.kontrahent_id).collect::<Vec<_>>(), [buyer.id]);

    let settings = company.settings_file_with(contradict);
    let looked = ran(&mut bridge_at(&company, &settings, &["preflight"])).await;
    assert_eq!(looked.code, 1, "{}", looked.out);
    assert!(looked.out.contains(&format!("{:?} is contractor {}", other.kod, other.id)), "{}", looked.out);
    let shared = ran(&mut bridge_at(&company, &settings, &["preflight", "--redacted"])).await;
    assert!(!shared.out.contains(CLIENT), "{}", shared.out);
    let right = company.settings_file();
    let looked = ran(&mut bridge_at(&company, &right, &["preflight", "--json"])).await;
    let looked: Value = serde_json::from_str(&looked.out).unwrap();
    assert_eq!(looked["tenants"][0]["settings"], serde_json::json!([]));
}

#[tokio::test]
async fn warehouses_that_one_replaces_need_no_outbox() {
    for (verb, outbox) in [("PUT", false), ("POST", true)] {
        let company = Company::of_goods(5).await;
        let every: Table = company.simulation.settings_toml().unwrap().parse().unwrap();
        let settings = company.settings_file_with(|table| {
            *flows(table) = flows(&mut every.clone()).clone();
            flows(table).retain(|flow, _| flow == "warehouses");
            let tenant = &mut table["tenants"].as_array_mut().unwrap()[0];
            tenant["one"].as_table_mut().unwrap().insert("warehouse_verb".to_owned(), verb.into());
        });
        let once = ran(&mut bridge_at(&company, &settings, &["once"])).await;
        assert_eq!(once.code, 0, "{}\n{}", once.out, once.err);
        assert_eq!(once.out.contains("demo/warehouses-submit"), outbox, "{verb}: {}", once.out);
        assert!(!company.simulation.one.records("warehouses").is_empty(), "{verb}");
    }
}

#[tokio::test]
async fn a_way_of_reading_by_a_queue_needs_a_consumer_of_the_flow() {
    let company = Company::of_goods(3).await;
    for (flow, area) in [
        ("good-codes", "goods"),
        ("clients", "contractors"),
        ("offline-orders", "order_list"),
        ("delivery-notes", "delivery_notes"),
        ("invoices", "invoices"),
    ] {
        let mut table = company.whole_settings();
        flows(&mut table).retain(|id, _| id == flow);
        let reads: Table = format!("{area} = \"queue\"").parse().unwrap();
        let tenant = &mut table["tenants"].as_array_mut().unwrap()[0];
        tenant["enova"].as_table_mut().unwrap().insert("reads".to_owned(), reads.into());
        let settings = bridge::Settings::from_toml(&toml::to_string(&table).unwrap()).unwrap();
        let tenant = bridge::Tenant::builder(&settings.tenants[0], company.store())
            .enova(company.simulation.enova_client().unwrap())
            .one(company.simulation.one_client().unwrap())
            .build();
        let error = tenant.unwrap_err();
        assert_eq!(error.kind(), bridge::ErrorKind::Config);
        let named = format!("[tenants.enova.queues.{flow}]");
        assert!(error.advice().is_some_and(|advice| advice.contains(&named)), "{flow}: {error:?}");
    }
}
