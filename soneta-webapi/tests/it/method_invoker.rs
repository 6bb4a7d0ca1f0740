//! The older MethodInvoker: what is sent, and the client against the simulator.

use api_transport::testing::Capture;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use soneta_webapi::simulator::Simulator;
use soneta_webapi::{Effect, ErrorKind, MethodInvoker, RetryPolicy, ServiceMethod, WireLog, wire};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const SERVICE: &str = "WebApiService.Interfaces.ITowarAPI, WebApiService";
const PASSWORD: &str = "KANAREK-HASLA";

#[derive(Serialize)]
struct TowarInfo {
    #[serde(rename = "EAN")]
    ean: String,
    #[serde(rename = "NazwaMagazynu")]
    magazyn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Towar {
    kod: String,
    #[serde(with = "wire::decimal")]
    stan: Decimal,
    #[serde(with = "wire::decimal")]
    cena: Decimal,
}

impl ServiceMethod for TowarInfo {
    const SERVICE: &'static str = SERVICE;
    const METHOD: &'static str = "TowarInfo";
    const EFFECT: Effect = Effect::Read;
    type Response = Option<Towar>;
}

fn invoker(url: &str, password: &str) -> MethodInvoker {
    MethodInvoker::builder(url.parse().unwrap(), "demo", "B2B", SecretString::from(password))
        .retry(RetryPolicy::new().attempts(1))
        .build()
        .unwrap()
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::builder().start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn a_call_is_sent_with_the_credentials_in_its_body_and_no_session() {
    let server = answering(ResponseTemplate::new(200).set_body_raw(
        r#"{"IsException":false,"ExceptionMessage":null,"IsEmpty":true,"ResultInstance":null}"#,
        "application/json",
    ))
    .await;
    let invoker = invoker(&server.uri(), PASSWORD);
    let info = TowarInfo { ean: "590".to_owned(), magazyn: "Firma".to_owned() };
    assert!(invoker.send(&info).await.unwrap().is_none());
    invoker.invoke::<(), _>("I, A", "Bez", &(), Effect::Create).await.unwrap();
    let error = invoker.invoke::<(), _>("I, A", "Bez", &7, Effect::Create).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let requests = server.received_requests().await.unwrap();
    let sent: Vec<_> = requests
        .iter()
        .map(|request| {
            assert!(!request.headers.contains_key("authorization"));
            let kind = request.headers["content-type"].to_str().unwrap();
            let body = String::from_utf8_lossy(&request.body);
            format!("{} {} {kind}\n{body}", request.method, request.url.path())
        })
        .collect();
    insta::assert_snapshot!(sent.join("\n"), @r#"
    POST /api/MethodInvoker/InvokeServiceMethod application/json
    {"DatabaseHandle":"demo","Operator":"B2B","Password":"KANAREK-HASLA","ServiceName":"WebApiService.Interfaces.ITowarAPI, WebApiService","MethodName":"TowarInfo","MethodArgs":{"EAN":"590","NazwaMagazynu":"Firma"}}
    POST /api/MethodInvoker/InvokeServiceMethod application/json
    {"DatabaseHandle":"demo","Operator":"B2B","Password":"KANAREK-HASLA","ServiceName":"I, A","MethodName":"Bez","MethodArgs":{}}
    "#);
}

#[tokio::test]
async fn the_password_shows_nowhere() {
    let capture = Capture::start();
    let server = answering(ResponseTemplate::new(500).set_body_string(PASSWORD)).await;
    let url = server.uri().parse().unwrap();
    let builder = MethodInvoker::builder(url, "demo", "B2B", SecretString::from(PASSWORD))
        .wire_log(WireLog::masked().show_fields(["DatabaseHandle"]));
    capture.debug(&builder);
    let invoker = builder.build().unwrap();
    capture.debug(&invoker);
    let error = invoker.invoke::<String, _>(SERVICE, "X", &json!({}), Effect::Create).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    capture.error(&error);
    capture.assert_shows_none_of(&[PASSWORD]);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_or_an_exception_is_in_doubt() {
    let server = answering(ResponseTemplate::new(503)).await;
    let call = json!({"dto": {}});
    let error = invoker(&server.uri(), "x")
        .invoke::<(), _>("I, A", "Utworz", &call, Effect::Create)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Unavailable, true));
    let server = answering(
        ResponseTemplate::new(200).set_body_string(r#"{"IsException":true,"ExceptionMessage":"Nie"}"#),
    )
    .await;
    for (effect, in_doubt) in [(Effect::Create, true), (Effect::Idempotent, true), (Effect::Read, false)] {
        let enova = invoker(&server.uri(), "x");
        let error = enova.invoke::<(), _>("I, A", "Utworz", &call, effect).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Refused, in_doubt));
    }
}

#[tokio::test]
async fn errors_without_success_leave_a_write_in_doubt_and_never_a_read() {
    let body = r#"{"IsException":false,"ResultInstance":{"Errors":["Nie"]}}"#;
    let server = answering(ResponseTemplate::new(200).set_body_string(body)).await;
    for (effect, in_doubt) in [(Effect::Create, true), (Effect::Read, false)] {
        let enova = invoker(&server.uri(), "x");
        let error = enova.invoke::<(), _>("I, A", "X", &json!({}), effect).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Refused, in_doubt));
    }
}

#[tokio::test]
async fn a_server_whose_method_invoker_is_off_is_told_from_other_failures() {
    let simulator = Simulator::builder().goods(5).start().await.unwrap();
    let info = TowarInfo { ean: "590".to_owned(), magazyn: "F".to_owned() };
    let error = invoker(simulator.url().as_str(), PASSWORD).send(&info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("no MethodInvoker"), "{error}");
    assert!(error.what_to_do().contains("LegacyControllers"), "{}", error.what_to_do());
}

#[tokio::test]
async fn a_simulated_method_invoker_answers_from_its_catalogue() {
    let password = SecretString::from(PASSWORD);
    let simulator = Simulator::builder().goods(40).method_invoker("B2B", password).start().await.unwrap();
    let goods = simulator.goods();
    let good = goods.iter().find(|good| good.ean.is_some() && !good.stany.is_empty()).unwrap();
    let ean = good.ean.clone().unwrap();
    let enova = invoker(simulator.url().as_str(), PASSWORD);
    let towar = enova.send(&TowarInfo { ean: ean.clone(), magazyn: "F".to_owned() }).await.unwrap().unwrap();
    let stan = good.stany.iter().find(|stan| stan.magazyn == "F").unwrap().stan;
    let cena = good.cena_detaliczna.map_or(Decimal::ZERO, |(netto, _)| netto);
    assert_eq!((towar.kod, towar.stan, towar.cena), (good.kod.clone(), stan, cena));
    let nazwa: String =
        enova.invoke(SERVICE, "NazwaTowaru", &json!({"EAN": ean}), Effect::Read).await.unwrap();
    assert_eq!(nazwa, good.nazwa);
    let known = json!({"EAN": "0"});
    let none: Option<String> = enova.invoke(SERVICE, "NazwaTowaru", &known, Effect::Read).await.unwrap();
    assert_eq!(none, None);

    let stranger = invoker(simulator.url().as_str(), "złe");
    for (invoker, service, method) in [
        (&enova, SERVICE, "UsunTowar"),
        (&enova, "Inna.IUsluga, Inna", "NazwaTowaru"),
        (&stranger, SERVICE, "NazwaTowaru"),
    ] {
        let error = invoker.invoke::<String, _>(service, method, &known, Effect::Read).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{method}");
        assert!(error.detail().is_some());
    }
    let misspelt = json!({"Ean": "0"});
    let error = enova.invoke::<String, _>(SERVICE, "NazwaTowaru", &misspelt, Effect::Read).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
}
