//! Endpoints of the service `authserver`.

use crate::account::{not_found, requests};
use crate::endpoints::{CONTENT, Check};
use crate::payloads::round_trips;
use crate::{client_of, mock};
use futures::TryStreamExt;
use one_client::authserver::{Authority, GetOperators, GetRoles, Operator, Role};
use one_client::{Endpoint, PageNumber, RoleId};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let record = format!(r#"{{"id":"{CONTENT}","name":"{CONTENT}"}}"#);
    check.endpoint(&GetRoles::new(CONTENT), &format!("[{record}]")).await;
    check.endpoint(&GetOperators::builder().build(), &format!(r#"{{"listElement":[{record}]}}"#)).await;
}

#[test]
fn the_documented_roles_are_read_and_written_back() {
    round_trips::<Vec<Role>>("04_client_roles");
}

#[test]
fn a_role_that_cannot_be_read_hides_no_other() {
    let answer = r#"[{"id":7,"name":{}},{"id":"r","authorities":["APP_FLY","APP_VIEW_ORDERS"]},{"id":"s","authorities":null}]"#;
    let roles = GetRoles::new("org:1").decode(answer.as_bytes()).unwrap();
    assert_eq!(roles[0].as_ref().unwrap_err().key.as_deref(), Some("7"));
    let role = roles[1].as_ref().unwrap();
    assert_eq!(role.id, RoleId::from("r"));
    assert_eq!(role.authorities, [Authority::Unknown("APP_FLY".to_owned()), Authority::ViewOrders]);
    assert!(roles[2].as_ref().unwrap().authorities.is_empty());
}

#[test]
fn debug_of_an_operator_shows_ids_alone() {
    let json =
        r#"{"id":"o/1","externalId":"OP1","name":"Łucja Żak","email":"lucja@example.pl","phone":600000000}"#;
    let operator: Operator = serde_json::from_str(json).unwrap();
    assert_eq!(operator.phone.as_deref(), Some("600000000"));
    let shown = format!("{operator:?}");
    assert!(shown.contains("o/1") && shown.contains("OP1"), "{shown}");
    assert!(!shown.contains("Łucja") && !shown.contains("lucja") && !shown.contains("600"), "{shown}");
}

#[tokio::test]
async fn operators_are_asked_for_under_the_service_that_was_set() {
    let server = mock().await;
    let one = client_of(&server).build().unwrap();
    not_found(one.roles().list(&"org:00000000-0000-4000-8000-000000000010".into()).await);
    not_found(one.operators().list(PageNumber::FIRST, 100).try_collect::<Vec<_>>().await);
    let one = client_of(&server).operator_service("catalog").build().unwrap();
    not_found(one.operators().list(PageNumber::new(2), 10).try_collect::<Vec<_>>().await);
    insta::assert_snapshot!(requests(&server).await);
}
