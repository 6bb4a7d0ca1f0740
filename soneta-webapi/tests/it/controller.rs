//! Calls by name, byte for byte as the vendor's own collection of requests has them.

use http::Method;
use serde_json::{Value, json as value};
use soneta_webapi::{ControllerCall, Effect, Endpoint, ErrorKind};

use crate::erp::{Erp, json, status};

type Call = ControllerCall<Value>;

fn call(method: &str) -> Call {
    ControllerCall::new("SimpleDataApi", method, Effect::Read)
}

/// Content type, method, path with query, and body.
async fn sent(call: &Call) -> String {
    let erp = Erp::start().await;
    erp.answers(call.path().to_string().trim_start_matches("/api/"), [json("{}")]);
    erp.client().send(call).await.unwrap();
    let call = erp.only_call();
    format!("{} {}", call.content_type.as_deref().unwrap_or("-"), call.text)
}

#[tokio::test]
async fn the_openapi_document_of_a_server_is_fetched_as_it_is() {
    let erp = Erp::start().await;
    let document = r#"{"openapi": "3.0.1", "paths": {}}"#;
    erp.answers("docs/v1/openapi.json", [json(document)]);
    let call = soneta_webapi::contract_check::OpenApiDocument::at(["api", "docs", "v1", "openapi.json"]);
    assert_eq!(erp.client().send(&call).await.unwrap(), document);
}

#[tokio::test]
async fn scalars_go_into_the_query_and_one_object_into_the_body() {
    let amount = value!({"Value": "26", "Symbol": "MB"});
    let calls = [
        call("PostBoolData").scalar("boolValue", true),
        call("PostDecimalData").scalar("decimalValue", "1.2"),
        call("PostEnumData").scalar("enumValue", 1),
        call("PostStringData").scalar("strValue", "aąb cć").text_json(),
        call("PostAmountData").object(&amount).unwrap(),
        call("PostAmountData").object(&amount).unwrap().text_json(),
        call("PostDateData").object("2022-05-18").unwrap(),
        call("PostPercentData").object("50,00%").unwrap(),
        call("PostTimeData").object("8:05").unwrap(),
        call("PostObjectData").scalar("tryb", "ż").object(&amount).unwrap(),
        call("GetObjectData").verb(Method::GET).scalar("nr", 7),
        call("MethodWithException").verb(Method::PUT),
    ];
    let mut all = String::new();
    for call in calls {
        all = all + &sent(&call).await + "\n";
    }
    insta::assert_snapshot!(all, @r#"
    application/json POST /api/SimpleDataApi/PostBoolData?boolValue=true

    application/json POST /api/SimpleDataApi/PostDecimalData?decimalValue=1.2

    application/json POST /api/SimpleDataApi/PostEnumData?enumValue=1

    text/json POST /api/SimpleDataApi/PostStringData?strValue=a%C4%85b+c%C4%87

    application/json POST /api/SimpleDataApi/PostAmountData
    {"Symbol":"MB","Value":"26"}
    text/json POST /api/SimpleDataApi/PostAmountData
    {"Symbol":"MB","Value":"26"}
    application/json POST /api/SimpleDataApi/PostDateData
    "2022-05-18"
    application/json POST /api/SimpleDataApi/PostPercentData
    "50,00%"
    application/json POST /api/SimpleDataApi/PostTimeData
    "8:05"
    application/json POST /api/SimpleDataApi/PostObjectData?tryb=%C5%BC
    {"Symbol":"MB","Value":"26"}
    - GET /api/SimpleDataApi/GetObjectData?nr=7

    application/json PUT /api/SimpleDataApi/MethodWithException
    "#);
}

#[tokio::test]
async fn the_effect_that_is_given_decides_what_is_repeated() {
    for (effect, sent) in [(Effect::Read, 3), (Effect::Idempotent, 3), (Effect::Create, 1)] {
        let erp = Erp::start().await;
        erp.answers("SklepApi/Zrob", [status(503)]);
        let call = ControllerCall::<Value>::new("SklepApi", "Zrob", effect);
        let error = erp.client().send(&call).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(erp.count("SklepApi/Zrob"), sent, "{effect:?}");
    }
}
