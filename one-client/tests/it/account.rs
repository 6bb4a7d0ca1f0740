//! Endpoints of the service `account`.

mod rows;

use crate::endpoints::{CONTENT, Check};
use crate::payloads::{payload, round_trips, same_json};
use crate::{client_of, decimal, mock};
use futures::TryStreamExt;
use one_client::account::{
    AccountType, Address, AddressData, AddressType, BlockadeType, ClientAddress, ClientAdmin, ClientBlockade,
    ClientBlockadeData, ClientData, ClientRecord, Context, DeleteAddress, DeleteClient, DeleteClientBlockade,
    DeleteSegment, DeleteTradeCredit, DeleteUser, EventType, GetAccountFeed, GetAddress, GetAddresses,
    GetClient, GetClientBlockade, GetClients, GetSegment, GetSegments, GetTradeCredit, GetUser, GetUsers,
    OfClients, OfTradeCredits, PostAddress, PostClient, PostSegment, PostUser, PutClient, PutClientBlockade,
    PutSegment, PutTradeCredit, PutUser, Segment, SegmentData, TradeCredit, TradeCreditData, User, UserData,
};
use one_client::rma::GetComplaints;
use one_client::{
    AddressId, ClientId, Endpoint, ErrorKind, Extra, FeedCursor, FeedPosition, ListStyle, OrganizationId,
    PageNumber, Result, RowOffset, SegmentId, UserId,
};
use rstest::rstest;
use serde_json::json;
use std::fmt::Write;
use wiremock::matchers::{method, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    segments(check).await;
    clients(check).await;
    trade_credits(check).await;
    client_blockades(check).await;
    users(check).await;
    addresses(check).await;
}

async fn segments(check: &impl Check) {
    let (id, data) = (SegmentId::from(CONTENT), SegmentData::new(CONTENT).with_external_id(CONTENT));
    let segment = format!(r#"{{"id":"{CONTENT}","name":"{CONTENT}"}}"#);
    check.endpoint(&GetSegments::builder().build(), &format!("[{segment}]")).await;
    check.endpoint(&PostSegment::new(&data), &segment).await;
    check.endpoint(&GetSegment::new(CONTENT), &segment).await;
    check.endpoint(&PutSegment::new(&id, &data), "{}").await;
    check.endpoint(&DeleteSegment::new(CONTENT), "{}").await;
}

async fn clients(check: &impl Check) {
    let (id, data) = (ClientId::from(CONTENT), ClientData::builder().name(CONTENT).tin(CONTENT).build());
    let client = format!(r#"{{"clientId":"{CONTENT}","name":"{CONTENT}"}}"#);
    check.endpoint(&GetClients::builder().build(), &format!("[{client}]")).await;
    check.endpoint(&PostClient::new(&data), &client).await;
    check.endpoint(&GetClient::new(CONTENT), &client).await;
    check.endpoint(&PutClient::new(&id, &data), "{}").await;
    check.endpoint(&DeleteClient::new(CONTENT), "{}").await;
    check.endpoint(&GetAccountFeed::<OfClients>::new(FeedPosition::FIRST, Context::FOREIGN), &feed()).await;
}

fn feed() -> String {
    format!(r#"{{"nextId":2,"events":[{{"clientId":"{CONTENT}","type":"UPDATE"}}]}}"#)
}

async fn trade_credits(check: &impl Check) {
    let (id, data) = (OrganizationId::from(CONTENT), TradeCreditData::new(decimal("1500.5")));
    let get = GetTradeCredit::builder().organization_id(CONTENT).build();
    check.endpoint(&get, &format!(r#"{{"creditValue":1500.5,"note":"{CONTENT}"}}"#)).await;
    check.endpoint(&PutTradeCredit::builder().organization_id(&id).credit(&data).build(), "{}").await;
    check.endpoint(&DeleteTradeCredit::builder().organization_id(CONTENT).build(), "{}").await;
    check
        .endpoint(&GetAccountFeed::<OfTradeCredits>::new(FeedPosition::FIRST, Context::FOREIGN), &feed())
        .await;
}

async fn client_blockades(check: &impl Check) {
    let (id, data) = (ClientId::from(CONTENT), ClientBlockadeData::new(CONTENT, BlockadeType::Sale));
    let blockade = format!(r#"{{"id":"{CONTENT}","type":"SALE","message":"{CONTENT}"}}"#);
    check.endpoint(&GetClientBlockade::new(CONTENT), &blockade).await;
    check.endpoint(&PutClientBlockade::new(&id, &data), "{}").await;
    check.endpoint(&DeleteClientBlockade::new(CONTENT), "{}").await;
}

async fn users(check: &impl Check) {
    let (id, data) = (UserId::from(CONTENT), UserData::builder().email(CONTENT).build());
    let user = format!(r#"{{"id":"{CONTENT}","email":"{CONTENT}"}}"#);
    check.endpoint(&GetUsers::builder().build(), &format!(r#"{{"listElement":[{user}]}}"#)).await;
    check.endpoint(&PostUser::new(&data), &user).await;
    check.endpoint(&GetUser::new(CONTENT), &user).await;
    check.endpoint(&PutUser::new(&id, &data), "{}").await;
    check.endpoint(&DeleteUser::new(CONTENT), "{}").await;
}

async fn addresses(check: &impl Check) {
    let data = AddressData::builder().client_id(CONTENT).street(CONTENT).build();
    let address = format!(r#"{{"id":"{CONTENT}","street":"{CONTENT}"}}"#);
    check.endpoint(&GetAddresses::builder().build(), &format!("[{address}]")).await;
    check.endpoint(&PostAddress::new(&data), &address).await;
    check.endpoint(&GetAddress::new(CONTENT), &address).await;
    check.endpoint(&DeleteAddress::new(CONTENT), "{}").await;
}

#[test]
fn the_documented_segments_are_read_and_written_back() {
    round_trips::<Vec<Segment>>("01_segments_list");
}

#[test]
fn the_documented_trade_credit_feed_decodes_and_encodes_to_the_same_json() {
    let fixture = payload("02_trade_credit_feed");
    let call = GetAccountFeed::<OfTradeCredits>::new(FeedPosition::new(59), &[]);
    let feed = call.decode(fixture.as_bytes()).unwrap();
    let events: Vec<_> = feed.events.iter().map(|event| event.as_ref().unwrap()).collect();
    assert_eq!(events[0].event_type, EventType::Update);
    same_json(&fixture, &json!({ "nextId": feed.next_id, "events": events }));
}

/// All requests that came, without their headers, which are the same for all endpoints.
pub(crate) async fn requests(server: &MockServer) -> String {
    let mut told = String::new();
    for request in server.received_requests().await.unwrap() {
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        writeln!(told, "{} {}{query}", request.method, request.url.path()).unwrap();
        if !request.body.is_empty() {
            writeln!(told, "    {}", String::from_utf8(request.body).unwrap()).unwrap();
        }
    }
    told
}

pub(crate) fn not_found<T>(outcome: Result<T>) {
    assert_eq!(outcome.err().map(|error| error.kind()), Some(ErrorKind::NotFound));
}

fn whole_client() -> ClientData {
    let address = ClientAddress::builder()
        .external_id("ADR/7")
        .name("Zakład Łożysk „Żuraw”")
        .street("Świętej Jadwigi 1/2")
        .city("Łódź")
        .zip_code("90-001")
        .country("PL")
        .phone("+48 42 000 00 00")
        .build();
    let admin = ClientAdmin::builder().name("Józef Ćma").email("jozef@example.pl").phone("600000000").build();
    let mut extra = Extra::default();
    extra.set("additionalFields", &json!({ "trasa": "Północ" })).unwrap();
    extra.set_decimal("discount", decimal("12.50"));
    ClientData::builder()
        .external_id("K/1001")
        .name("Zakład Łożysk „Żuraw”")
        .tin("7250000000")
        .phone("+48 42 000 00 00")
        .segment_id("segment")
        .warehouse_id("WRO/1")
        .account_type(AccountType::Client)
        .account_manager_id("am/1")
        .address(address)
        .admin(admin)
        .bank_account_number("PL00 0000")
        .business_registration_number("470000000")
        .client_status("ACTIVE")
        .extra(extra)
        .build()
}

#[tokio::test]
async fn the_requests_about_segments_and_clients_are_these() {
    let server = mock().await;
    let one = client_of(&server).build().unwrap();
    let segment = SegmentData::new("Hurt krajowy").with_external_id("GR/1").with_parent("segment");
    let segment_id = SegmentId::from("segment/ż:1");
    let segments = one.segments();
    not_found(segments.list(PageNumber::FIRST, 100).try_collect::<Vec<_>>().await);
    not_found(segments.create(&segment).await);
    not_found(segments.create(&SegmentData::new("VIP")).await);
    not_found(segments.get(&segment_id).await);
    not_found(segments.update(&segment_id, &segment).await);
    not_found(segments.delete(&segment_id).await);

    let client_id = ClientId::from("org:00000000-0000-4000-8000-000000000005");
    let clients = one.clients();
    not_found(clients.list(PageNumber::new(3), 50).try_collect::<Vec<_>>().await);
    not_found(clients.create(&whole_client()).await);
    not_found(clients.create(&ClientData::builder().name("Jan Żak").build()).await);
    not_found(clients.get(&client_id).await);
    not_found(clients.update(&client_id, &whole_client()).await);
    not_found(clients.delete(&client_id).await);
    not_found(clients.feed(FeedPosition::new(59), Context::FOREIGN).await);
    not_found(clients.feed(FeedPosition::FIRST, &[Context::Integrations]).await);
    not_found(clients.feed(FeedPosition::FIRST, &[]).await);
    not_found(clients.follow(FeedCursor::FIRST, Context::FOREIGN).try_collect::<Vec<_>>().await);
    insta::assert_snapshot!(requests(&server).await);
}

#[tokio::test]
async fn the_requests_about_what_belongs_to_a_client_are_these() {
    let server = mock().await;
    let one = client_of(&server).list_style(ListStyle::Repeated).build().unwrap();
    let client_id = ClientId::from("org:00000000-0000-4000-8000-000000000005");
    let mut extra = Extra::default();
    extra.set("paymentDate", &"2026-12-01").unwrap();
    let credit = TradeCreditData::new(decimal("15000.00"))
        .with_used(decimal("0.10"))
        .with_available(decimal("14999.90"))
        .with_extra(extra);
    let credits = one.trade_credits();
    not_found(credits.get(&client_id).await);
    not_found(credits.save(&client_id, &credit).await);
    not_found(credits.save(&client_id, &TradeCreditData::new(decimal("5"))).await);
    not_found(credits.delete(&client_id).await);
    not_found(credits.feed(FeedPosition::new(59), Context::FOREIGN).await);
    not_found(credits.feed(FeedPosition::new(59), &[Context::Integrations]).await);
    not_found(credits.follow(FeedCursor::FIRST, Context::FOREIGN).try_collect::<Vec<_>>().await);

    let blockade = ClientBlockadeData::new("PRZETERMINOWANE", BlockadeType::TradeCredit)
        .with_label("Zaległości")
        .with_message("Prosimy o wpłatę");
    not_found(one.client_blockades().get(&client_id).await);
    not_found(one.client_blockades().save(&client_id, &blockade).await);
    not_found(one.client_blockades().delete(&client_id).await);

    let (user_id, address_id) = (UserId::from("u/1"), AddressId::from("a:1"));
    let user = UserData::builder()
        .client_id(client_id.clone())
        .email("jozef@example.pl")
        .name("Józef Ćma")
        .phone("600000000")
        .role_id("r/1")
        .build();
    not_found(one.users().list(PageNumber::FIRST, 100).try_collect::<Vec<_>>().await);
    not_found(one.users().create(&user).await);
    not_found(one.users().get(&user_id).await);
    not_found(one.users().update(&user_id, &user).await);
    not_found(one.users().delete(&user_id).await);

    let address = AddressData::builder()
        .client_id(client_id)
        .external_id("ADR/8")
        .name("Magazyn")
        .street("Główna 3")
        .city("Kraków")
        .zip_code("30-001")
        .country("PL")
        .phone("12 000 00 00")
        .kind(AddressType::Additional)
        .build();
    not_found(one.addresses().list(RowOffset::new(20), 10).try_collect::<Vec<_>>().await);
    not_found(one.addresses().create(&address).await);
    not_found(one.addresses().get(&address_id).await);
    not_found(one.addresses().delete(&address_id).await);
    insta::assert_snapshot!(requests(&server).await);
}

#[rstest]
#[case::bare(false, "org:1", "1")]
#[case::prefixed(true, "org:1", "org%3A1")]
#[case::without_prefix(false, "1", "1")]
#[case::prefix_added(true, "1", "org%3A1")]
#[tokio::test]
async fn trade_credits_are_asked_for_with_or_without_the_prefix(
    #[case] is_prefixed: bool,
    #[case] client: &str,
    #[case] asked: &str,
) {
    let server = mock().await;
    let one = client_of(&server).prefixed_trade_credits(is_prefixed).build().unwrap();
    let (credits, client_id) = (one.trade_credits(), ClientId::from(client));
    not_found(credits.get(&client_id).await);
    not_found(credits.save(&client_id, &TradeCreditData::new(decimal("1"))).await);
    not_found(credits.delete(&client_id).await);
    let requests = requests(&server).await;
    let path = format!("/api/v1/account/integrations/auth-required/trade-credits/{asked}\n");
    assert_eq!(requests.matches(&path).count(), 3, "{requests}");
}

#[tokio::test]
async fn a_person_has_no_trade_credit_and_nothing_is_sent() {
    let server = mock().await;
    let one = client_of(&server).build().unwrap();
    let (credits, person) = (one.trade_credits(), ClientId::from("ind:1"));
    let outcomes = [
        credits.get(&person).await.map(drop),
        credits.save(&person, &TradeCreditData::new(decimal("1"))).await,
        credits.delete(&person).await,
    ];
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("a person has no trade credit"));
        assert!(!error.may_have_been_applied());
    }
    assert_eq!(requests(&server).await, "");
}

#[test]
fn nothing_of_a_client_is_required_and_unknown_fields_are_kept() {
    let empty: ClientRecord = GetClient::new("org:1").decode(b"{}").unwrap();
    assert_eq!(empty.id(), None);
    let json = r#"{"id":"org:1","externalId":1001,"tin":7250000000,"accountType":"PARTNER","clientStatus":null,
        "address":{"zipCode":"90-001","geo":{"lat":51.10000000000000001}},"admin":null,"limit":0.10}"#;
    let client: ClientRecord = GetClient::new("org:1").decode(json.as_bytes()).unwrap();
    assert_eq!(client.id(), Some(ClientId::from("org:1")));
    assert_eq!(client.external_id.as_deref(), Some("1001"));
    assert_eq!(client.tin.as_deref(), Some("7250000000"));
    assert_eq!(client.account_type, Some(AccountType::Unknown("PARTNER".to_owned())));
    assert_eq!(client.extra.decimal("limit").unwrap().to_string(), "0.10");
    let address = client.address.as_ref().unwrap();
    assert_eq!(address.zip_code.as_deref(), Some("90-001"));
    assert_eq!(address.extra.json("geo"), Some(r#"{"lat":51.10000000000000001}"#));
    let both: ClientRecord = serde_json::from_str(r#"{"id":"7","clientId":"org:1"}"#).unwrap();
    assert_eq!(both.id(), Some(ClientId::from("org:1")));
}

#[test]
fn nothing_of_what_belongs_to_a_client_is_required_but_a_users_id() {
    let credit: TradeCredit =
        serde_json::from_str(r#"{"creditValue":"1500.50","creditValueUsed":null}"#).unwrap();
    assert_eq!(credit.credit_value, Some(decimal("1500.50")));
    assert_eq!(credit.credit_value_used, None);
    let blockade: ClientBlockade = serde_json::from_str(r#"{"id":"7","type":"VISIT"}"#).unwrap();
    assert_eq!(blockade.kind, Some(BlockadeType::Unknown("VISIT".to_owned())));
    let address: Address = serde_json::from_str(r#"{"addressId":"a/1","type":"ADDITIONAL"}"#).unwrap();
    assert_eq!(address.address_id(), Some(AddressId::from("a/1")));
    let user = r#"{"id":"u","organizationId":null,"role":{"id":"r","name":"Kupiec"},"agreements":[]}"#;
    let user: User = serde_json::from_str(user).unwrap();
    assert_eq!(user.role.unwrap().name.as_deref(), Some("Kupiec"));
    assert_eq!(user.extra.json("agreements"), Some("[]"));
    assert!(serde_json::from_str::<User>("{}").is_err());
}

#[test]
fn debug_shows_ids_and_nothing_of_a_person_or_money() {
    let client = whole_client();
    let record: ClientRecord = serde_json::from_str(&serde_json::to_string(&client).unwrap()).unwrap();
    let credit = TradeCreditData::new(decimal("1500.5")).with_used(decimal("7.25"));
    let user = UserData::builder().client_id("org:1").email("jozef@example.pl").name("Józef").build();
    let shown = format!(
        "{client:?} {record:?} {:?} {:?} {credit:?} {user:?} {:?}",
        client.address,
        client.admin,
        PutTradeCredit::builder().organization_id(&"1".into()).credit(&credit).build(),
    );
    assert!(shown.contains("K/1001") && shown.contains("org:1") && shown.contains("ADR/7"), "{shown}");
    for content in
        ["Zakład", "7250000000", "Jadwigi", "90-001", "jozef", "Józef", "600000000", "1500", "7.25"]
    {
        assert!(!shown.contains(content), "{content} in {shown}");
    }
}

#[test]
fn an_answer_to_a_create_that_is_cut_is_no_success_unless_nothing_is_left_of_it() {
    let answer = r#"{"clientId":"org:1","name":"Żuraw"}"#.as_bytes();
    let data = whole_client();
    assert!(PostClient::new(&data).decode(b"").unwrap().id.is_none());
    for cut in 1..answer.len() {
        assert!(PostClient::new(&data).decode(&answer[..cut]).is_err(), "{cut}");
    }
    let created = PostClient::new(&data).decode(answer).unwrap();
    assert_eq!(created.id, Some(ClientId::from("org:1")));
    assert_eq!(created.extra.text("name").as_deref(), Some("Żuraw"));
}

async fn page(server: &MockServer, number: &str, rows: &str) {
    Mock::given(method("GET"))
        .and(query_param("pageNumber", number))
        .respond_with(ResponseTemplate::new(200).set_body_raw(rows.to_owned(), "application/json"))
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_client_is_found_by_the_erps_id_on_a_later_page_past_one_that_cannot_be_read() {
    let server = mock().await;
    page(&server, "1", r#"[{"clientId":"org:1","externalId":"K/1"},{"clientId":"org:2","externalId":{}}]"#)
        .await;
    page(&server, "2", r#"[{"clientId":"org:3","externalId":"K/3"}]"#).await;
    page(&server, "3", "[]").await;
    let one = client_of(&server).build().unwrap();
    let found = one.clients().find_by_external_id("K/3").await.unwrap().unwrap();
    assert_eq!(found.id(), Some(ClientId::from("org:3")));
    let error = one.clients().find_by_external_id("K/9").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("may be the one"), "{error}");
}

#[test]
fn a_page_without_rows_is_never_asked_for_since_it_would_be_the_lists_end() {
    let size = |query: Vec<(&'static str, String)>| {
        query.into_iter().find(|(name, _)| matches!(*name, "pageSize" | "rows"))
    };
    assert_eq!(size(GetSegments::builder().page_size(0).build().query()).unwrap().1, "1");
    assert_eq!(size(GetAddresses::builder().rows(0).build().query()).unwrap().1, "1");
    assert_eq!(size(GetComplaints::builder().rows(0).build().query()).unwrap().1, "1");
}

#[tokio::test]
async fn a_client_that_is_on_no_page_is_not_there() {
    let server = mock().await;
    page(&server, "1", r#"{"listElement":[{"clientId":"org:1","externalId":"K/1"}]}"#).await;
    page(&server, "2", r#"{"listElement":[]}"#).await;
    let one = client_of(&server).build().unwrap();
    assert_eq!(one.clients().find_by_external_id("K/9").await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_to_a_create_that_cannot_be_read_may_have_created() {
    let server = mock().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>Zaloguj</html>", "text/html");
    Mock::given(method("POST")).respond_with(page).mount(&server).await;
    let one = client_of(&server).build().unwrap();
    let error = one.clients().create(&whole_client()).await.unwrap_err();
    assert!(error.may_have_been_applied());
}
