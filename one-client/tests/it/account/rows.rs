//! The rows of this service, and what belongs to a client, against the simulator.

use crate::{decimal, hurried, simulated};
use api_transport::simulation::Fault;
use futures::{Stream, TryStreamExt};
use one_client::account::{
    AddressData, AddressType, BlockadeType, ClientAddress, ClientBlockadeData, ClientData, Context,
    EventType, SegmentData, TradeCreditData, UserData,
};
use one_client::simulator::Simulator;
use one_client::{
    Client, ClientId, Decimal, ErrorKind, FeedCursor, FeedPosition, Page, PageNumber, Result, RoleId, Row,
    RowOffset, SegmentId,
};

/// Every record of a list; each can be read.
async fn listed<T, C>(pages: impl Stream<Item = Result<Page<Row<T>, C>>>) -> Vec<T> {
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    pages.into_iter().flat_map(|page| page.items).map(|row| row.unwrap()).collect()
}

fn address(street: &str) -> ClientAddress {
    ClientAddress::builder()
        .name("Żuraw")
        .street(street)
        .city("Łódź")
        .zip_code("90-001")
        .country("PL")
        .build()
}

fn business(external_id: &str) -> ClientData {
    ClientData::builder()
        .external_id(external_id)
        .name("Zakład Łożysk „Żuraw”")
        .tin("7250000000")
        .address(address("Świętej Jadwigi 1/2"))
        .build()
}

fn person(external_id: &str) -> ClientData {
    ClientData::builder().external_id(external_id).name("Jan Żak").address(address("Główna 3")).build()
}

async fn created(one: &Client, client: &ClientData) -> ClientId {
    one.clients().create(client).await.unwrap().id.unwrap()
}

fn refusal<T>(outcome: Result<T>) -> (u16, String) {
    let error = outcome.err().unwrap();
    (error.status().unwrap(), error.detail().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn o1_segments_are_a_tree_that_is_created_changed_listed_whole_and_pruned() {
    let simulator = Simulator::builder().max_page_size(2).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let segments = one.segments();
    let trade = SegmentData::new("Hurt").with_external_id("GR/1").with_parent("segment");
    let trade_id = segments.create(&trade).await.unwrap().id.unwrap();
    let below = SegmentData::new("Hurt północ").with_external_id("GR/1:N").with_parent(trade_id.clone());
    let below_id = segments.create(&below).await.unwrap().id.unwrap();
    assert!(segments.create(&SegmentData::new("Detal")).await.unwrap().id.is_some());

    let all = listed(segments.list(PageNumber::FIRST, 100)).await;
    let names: Vec<_> = all.iter().filter_map(|segment| segment.name.as_deref()).collect();
    assert_eq!(names, ["Hurt", "Hurt północ", "Detal", "segment"], "also beyond a page that was cut");
    assert_eq!(all[3].id, SegmentId::from("segment"));
    assert_eq!(all[1].parent_segment_id.as_ref(), Some(&trade_id));

    segments.update(&below_id, &SegmentData::new("Hurt południe").with_parent("segment")).await.unwrap();
    let changed = segments.get(&below_id).await.unwrap();
    assert_eq!((changed.name.as_deref(), changed.external_id), (Some("Hurt południe"), None));
    segments.update(&below_id, &below).await.unwrap();

    let (status, detail) = refusal(segments.delete(&trade_id).await);
    assert!(status == 409 && detail.contains("segments below it"), "{status} {detail}");
    let (status, _) = refusal(segments.update(&trade_id, &trade.clone().with_parent(below_id.clone())).await);
    assert_eq!(status, 409, "no segment is below itself");
    let (status, detail) =
        refusal(segments.create(&SegmentData::new("Sierota").with_parent("nie/ma:1")).await);
    assert!(status == 400 && detail.contains("no such parent"), "{status} {detail}");
    for (id, above) in [("koło/1", "koło/2"), ("koło/2", "koło/1")] {
        let record =
            format!(r#"{{"id":"{id}","name":"Koło","externalId":null,"parentSegmentId":"{above}"}}"#);
        simulator.put_record("segments", id, &record).unwrap();
    }
    let (status, _) = refusal(segments.create(&SegmentData::new("Ogon").with_parent("koło/1")).await);
    assert_eq!(status, 409, "a circle that was laid down is found");
    segments.delete(&below_id).await.unwrap();
    segments.delete(&trade_id).await.unwrap();
    assert_eq!(segments.get(&trade_id).await.unwrap_err().kind(), ErrorKind::NotFound);
    let root = SegmentId::from("segment");
    assert_eq!(refusal(segments.delete(&root).await).0, 409, "the root stays");
    segments.update(&root, &SegmentData::new("Wszyscy")).await.unwrap();
    assert_eq!(segments.get(&root).await.unwrap().name.as_deref(), Some("Wszyscy"));
}

#[tokio::test]
async fn o4_a_client_is_created_once_also_when_the_answer_is_lost_and_is_found_by_the_erps_id() {
    let (simulator, one) = simulated().await;
    let clients = one.clients();
    simulator.faults().add(Fault::on("/clients").method("POST").drop_after());
    let error = clients.create(&business("K/1001:Ł")).await.unwrap_err();
    assert!(error.may_have_been_applied());
    let found = clients.find_by_external_id("K/1001:Ł").await.unwrap().unwrap();
    let client_id = found.id().unwrap();
    assert!(client_id.as_str().starts_with("org:"), "{client_id}");
    assert_eq!(listed(clients.list(PageNumber::FIRST, 1)).await.len(), 1, "the create was not repeated");

    assert!(created(&one, &person("K/1002")).await.is_individual());
    assert_eq!(clients.find_by_external_id("K/1003").await.unwrap(), None);
}

#[tokio::test]
async fn o4_a_client_is_changed_and_one_that_is_not_there_costs_only_itself() {
    let (_simulator, one) = simulated().await;
    let clients = one.clients();
    let client_id = created(&one, &business("K/1")).await;
    let segment = one.segments().create(&SegmentData::new("Hurt")).await.unwrap().id.unwrap();
    let mut changed = business("K/1");
    changed.segment_id = Some(segment.clone());
    changed.address = Some(address("Żabia 7"));

    let outcomes =
        [clients.update(&"org:nie/ma".into(), &changed).await, clients.update(&client_id, &changed).await];
    assert_eq!(outcomes[0].as_ref().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(outcomes[0].as_ref().unwrap_err().detail().unwrap().contains("client not found"));
    assert!(outcomes[1].is_ok());
    let told = clients.get(&client_id).await.unwrap();
    assert_eq!(told.segment_id, Some(segment));
    assert_eq!(told.address.unwrap().street.as_deref(), Some("Żabia 7"));

    let nowhere = ClientData::builder().external_id("K/2").name("Bez adresu").build();
    let (status, detail) = refusal(clients.create(&nowhere).await);
    assert!(status == 400 && detail.contains("billing address"), "{status} {detail}");
    changed.segment_id = Some("segment".into());
    clients.update(&client_id, &changed).await.unwrap();
    changed.segment_id = Some("nie/ma".into());
    assert_eq!(refusal(clients.update(&client_id, &changed).await).0, 400, "no such segment");

    clients.delete(&client_id).await.unwrap();
    assert_eq!(clients.get(&client_id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn o5_what_others_change_is_followed_event_by_event_and_the_erps_own_writes_are_not() {
    let (simulator, one) = simulated().await;
    let clients = one.clients();
    let ours = created(&one, &business("K/1")).await;
    for id in ["ind:sklep/1", "org:sklep:2"] {
        let record = format!(r#"{{"clientId":"{id}","name":"Ćma","phone":600000000,"nip":null}}"#);
        simulator.put_record("clients", id, &record).unwrap();
        simulator.tell_event("clients", &format!(r#"{{"clientId":"{id}","type":"UPDATE"}}"#)).unwrap();
    }
    one.clients().update(&ours, &business("K/1")).await.unwrap();

    let events: Vec<_> = clients.follow(FeedCursor::FIRST, Context::FOREIGN).try_collect().await.unwrap();
    let heard: Vec<_> =
        events.iter().filter_map(|next| Some(next.event.as_ref()?.as_ref().unwrap())).collect();
    assert_eq!(
        heard.iter().map(|event| event.client_id.as_str()).collect::<Vec<_>>(),
        ["ind:sklep/1", "org:sklep:2"]
    );
    assert!(heard.iter().all(|event| event.event_type == EventType::Update));
    let told = clients.get(&heard[0].client_id).await.unwrap();
    assert_eq!((told.name.as_deref(), told.phone.as_deref()), (Some("Ćma"), Some("600000000")));
    assert_eq!(told.extra.json("nip"), Some("null"));

    let rest: Vec<_> = clients.follow(events[0].after.clone(), Context::FOREIGN).try_collect().await.unwrap();
    assert_eq!(rest.len(), 1, "reading goes on after the event that was handled");
    let own = clients.feed(FeedPosition::FIRST, &[Context::Integrations]).await.unwrap();
    assert_eq!(own.events.len(), 2);
    let all = clients.feed(FeedPosition::FIRST, &[]).await.unwrap();
    assert_eq!(all.events.len(), 4);
    let quiet = clients.feed(all.next_id, Context::FOREIGN).await.unwrap();
    assert_eq!((quiet.events.len(), quiet.next_id), (0, all.next_id));
}

#[tokio::test]
async fn o6_a_credit_limit_is_set_with_or_without_the_prefix_and_what_is_left_is_calculated() {
    let (simulator, one) = simulated().await;
    let client_id = created(&one, &business("K/1")).await;
    let prefixed = simulator.client_builder().prefixed_trade_credits(true).build().unwrap();
    for one in [&one, &prefixed] {
        let credits = one.trade_credits();
        assert_eq!(credits.get(&client_id).await.unwrap_err().kind(), ErrorKind::NotFound);
        credits
            .save(&client_id, &TradeCreditData::new(decimal("15000.00")).with_used(decimal("0.10")))
            .await
            .unwrap();
        let told = credits.get(&client_id).await.unwrap();
        assert_eq!(told.available_credit_value, Some(decimal("14999.90")));
        credits.save(&client_id, &TradeCreditData::new(decimal("100"))).await.unwrap();
        let told = credits.get(&client_id).await.unwrap();
        assert_eq!(
            (told.credit_value_used, told.available_credit_value),
            (Some(decimal("0.10")), Some(decimal("99.90")))
        );
        credits.delete(&client_id).await.unwrap();
    }
    assert!(
        one.trade_credits().feed(FeedPosition::FIRST, Context::FOREIGN).await.unwrap().events.is_empty(),
        "no echo"
    );
    let own = one.trade_credits().feed(FeedPosition::FIRST, &[Context::Integrations]).await.unwrap();
    let own: Vec<_> = own.events.into_iter().map(|event| event.unwrap()).collect();
    assert_eq!(own[0].client_id, client_id);
    let kinds: Vec<_> = own.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(kinds, ["UPDATE", "UPDATE", "DELETE", "UPDATE", "UPDATE", "DELETE"]);

    let most = Decimal::MAX;
    one.trade_credits().save(&client_id, &TradeCreditData::new(most).with_used(-most)).await.unwrap();
    assert_eq!(one.trade_credits().get(&client_id).await.unwrap().available_credit_value, Some(most));

    let (status, detail) =
        refusal(one.trade_credits().save(&"org:nie/ma".into(), &TradeCreditData::new(decimal("1"))).await);
    assert!(status == 404 && detail.contains("client not found"), "{status} {detail}");
    let person = created(&one, &person("K/2")).await;
    assert_eq!(one.trade_credits().get(&person).await.unwrap_err().kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn o7_a_client_is_blocked_told_why_and_unblocked() {
    let (_simulator, one) = simulated().await;
    let blockades = one.client_blockades();
    for client in [business("K/1"), person("K/2")] {
        let client_id = created(&one, &client).await;
        assert_eq!(blockades.get(&client_id).await.unwrap_err().kind(), ErrorKind::NotFound);
        let blockade = ClientBlockadeData::new("ZALEGŁOŚĆ/30:1", BlockadeType::Sale);
        blockades.save(&client_id, &blockade).await.unwrap();
        let first = blockades.get(&client_id).await.unwrap();
        assert_eq!(first.external_id.as_deref(), Some("ZALEGŁOŚĆ/30:1"));
        let told =
            ClientBlockadeData::new("ZALEGŁOŚĆ/60", BlockadeType::Client).with_message("Prosimy o wpłatę");
        blockades.save(&client_id, &told).await.unwrap();
        let second = blockades.get(&client_id).await.unwrap();
        assert_eq!(
            (second.kind, second.message.as_deref()),
            (Some(BlockadeType::Client), Some("Prosimy o wpłatę"))
        );
        assert_eq!(second.id, first.id, "the same blockade");
        blockades.delete(&client_id).await.unwrap();
        assert_eq!(blockades.delete(&client_id).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    let unknown = ClientBlockadeData::new("Z", BlockadeType::Unknown("VISIT".to_owned()));
    let (status, detail) = refusal(blockades.save(&"org:nie/ma".into(), &unknown).await);
    assert!(status == 400 && detail.contains("type is none of"), "{status} {detail}");
    let known = ClientBlockadeData::new("Z", BlockadeType::TradeCredit);
    let (status, detail) = refusal(blockades.save(&"org:nie/ma".into(), &known).await);
    assert!(status == 404 && detail.contains("client not found"), "{status} {detail}");
}

#[tokio::test]
async fn a_user_has_a_role_that_its_client_may_give() {
    let (simulator, one) = simulated().await;
    let client_id = created(&one, &business("K/1")).await;
    let roles = [
        r#"{"id":"r/1","clientId":null,"name":"Administrator","authorities":["APP_VIEW_USERS"]}"#.to_owned(),
        format!(r#"{{"id":"r/2","clientId":"{client_id}","name":"Kupiec","authorities":[]}}"#),
        r#"{"id":"r/3","clientId":"org:inny","name":"Obcy","authorities":[]}"#.to_owned(),
    ];
    for (role, json) in ["r/1", "r/2", "r/3"].into_iter().zip(&roles) {
        simulator.put_record("roles", role, json).unwrap();
    }
    let told = one.roles().list(&client_id).await.unwrap();
    let told: Vec<_> = told.into_iter().map(|role| role.unwrap().id).collect();
    assert_eq!(told, [RoleId::from("r/1"), RoleId::from("r/2")]);
    assert_eq!(one.roles().list(&"org:nie/ma".into()).await.unwrap_err().kind(), ErrorKind::NotFound);

    let users = one.users();
    let data = |role: &str| {
        UserData::builder()
            .client_id(client_id.clone())
            .email("jozef@example.pl")
            .name("Józef Ćma")
            .role_id(role)
            .build()
    };
    let user_id = users.create(&data("r/2")).await.unwrap().id.unwrap();
    users.update(&user_id, &data("r/1")).await.unwrap();
    let all = listed(users.list(PageNumber::FIRST, 1)).await;
    assert_eq!(all, [users.get(&user_id).await.unwrap()]);
    assert_eq!(all[0].role.as_ref().unwrap().name.as_deref(), Some("Administrator"));
    assert_eq!((all[0].is_active, all[0].organization_id.clone()), (Some(true), client_id.organization()));
    assert_eq!(refusal(users.create(&data("r/3")).await).0, 409, "another client's role");
    assert_eq!(refusal(users.create(&data("r/4")).await).0, 404);
    users.delete(&user_id).await.unwrap();
    assert_eq!(users.get(&user_id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_client_keeps_exactly_one_billing_address_and_takes_the_others_with_it() {
    let (simulator, one) = simulated().await;
    let client_id = created(&one, &business("K/1")).await;
    let addresses = one.addresses();
    let data =
        |kind| AddressData::builder().client_id(client_id.clone()).street("Żabia 7").kind(kind).build();
    let more = addresses.create(&data(AddressType::Additional)).await.unwrap().id.unwrap();
    one.clients().update(&client_id, &business("K/1")).await.unwrap();
    let all = listed(addresses.list(RowOffset::FIRST, 1)).await;
    let kinds: Vec<_> = all.iter().map(|address| address.kind.clone().unwrap()).collect();
    assert_eq!(kinds, [AddressType::Billing, AddressType::Additional]);
    assert_eq!(all[0].street.as_deref(), Some("Świętej Jadwigi 1/2"), "what the client itself says");
    assert_eq!(all[1], addresses.get(&more).await.unwrap());
    assert_eq!(all[1].context, Some(Context::Integrations));

    assert_eq!(refusal(addresses.create(&data(AddressType::Billing)).await).0, 409);
    assert_eq!(refusal(addresses.delete(&all[0].address_id().unwrap()).await).0, 409);
    addresses.delete(&more).await.unwrap();
    addresses.create(&data(AddressType::Additional)).await.unwrap();
    one.clients().delete(&client_id).await.unwrap();
    assert!(simulator.records("addresses").is_empty());
}

#[tokio::test]
async fn operators_are_told_page_by_page_under_the_service_that_was_set() {
    let simulator = Simulator::builder().operator_service("catalog").max_page_size(1).start().await.unwrap();
    for id in ["o/1", "o/2"] {
        simulator.put_record("operators", id, &format!(r#"{{"id":"{id}","name":"Łucja Żak"}}"#)).unwrap();
    }
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let all = listed(one.operators().list(PageNumber::FIRST, 100)).await;
    assert_eq!(all.iter().map(|operator| operator.id.as_str()).collect::<Vec<_>>(), ["o/1", "o/2"]);
    let elsewhere =
        simulator.client_builder().operator_service("authserver").transport(hurried).build().unwrap();
    let mut pages = std::pin::pin!(elsewhere.operators().list(PageNumber::FIRST, 100));
    assert_eq!(pages.try_next().await.unwrap_err().kind(), ErrorKind::NotFound);
}
