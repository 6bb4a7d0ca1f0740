//! What goes on the wire.

use crate::{Call, GOOD, Value, builder, call, good_server};
use api_transport::testing::{RawServer, Reply};
use api_transport::{Effect, ErrorKind, Transport};
use rstest::rstest;

#[tokio::test]
async fn a_call_is_sent_below_the_base_path_with_everything_encoded() {
    let server = good_server().await;
    let base = server.url().join("erp/api/").unwrap();
    let transport = Transport::builder(base).user_agent("client/7").build().unwrap();
    let call = Call { id: "a/../b?c#d".to_owned(), name: "x&y=z ż".to_owned(), ..call(Effect::Create) };
    assert_eq!(transport.send(&call).await.unwrap(), Value { value: 7 });
    let seen = server.requests().remove(0);
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.target, "/erp/api/items/a%2F..%2Fb%3Fc%23d?name=x%26y%3Dz+%C5%BC");
    assert_eq!(seen.body, r#"{"name":"x&y=z ż"}"#.as_bytes());
    for (name, value) in [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("accept-encoding", "gzip"),
        ("user-agent", "client/7"),
    ] {
        assert_eq!(seen.headers[name], value);
    }
}

#[tokio::test]
async fn an_id_that_would_be_another_resource_is_not_sent() {
    let server = good_server().await;
    let transport = builder(&server).build().unwrap();
    for id in ["", ".", ".."] {
        let error = transport.send(&Call { id: id.to_owned(), ..call(Effect::Create) }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!error.may_have_been_applied());
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_servers_own_message_is_in_detail_alone() {
    let server = RawServer::answering(|_, _| Reply::json(422, "  Kowalski has no limit  ")).await;
    let error = builder(&server).build().unwrap().send(&call(Effect::Create)).await.unwrap_err();
    assert_eq!(error.detail(), Some("Kowalski has no limit"));
    assert_eq!(error.to_string(), "the server rejected the request: POST /items/{}, status 422");
    assert_eq!((error.status(), error.endpoint()), (Some(422), Some("POST /items/{}")));
}

#[rstest]
#[case::by_its_status(409, "", ErrorKind::Rejected)]
#[case::inside_a_200(200, r#"{"refused":"no"}"#, ErrorKind::Refused)]
#[tokio::test]
async fn what_an_earlier_attempt_may_have_done_a_later_refusal_does_not_undo(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] expected: ErrorKind,
) {
    let server = RawServer::answering(move |nth, _| match nth {
        1 => Reply::close(),
        _ => Reply::json(status, body),
    })
    .await;
    let error = builder(&server).build().unwrap().send(&call(Effect::Idempotent)).await.unwrap_err();
    assert_eq!(error.kind(), expected);
    assert!(error.may_have_been_applied());
}

#[tokio::test]
async fn after_an_unclear_answer_the_advice_is_what_the_effect_allows() {
    let server = RawServer::answering(|_, _| Reply::json(503, "")).await;
    for (effect, advice) in [
        (Effect::Read, "Try a read again later"),
        (Effect::Idempotent, "Send it again later: it is declared"),
        (Effect::Create, "look a write up before it is sent again"),
    ] {
        let error = builder(&server).build().unwrap().send(&call(effect)).await.unwrap_err();
        assert!(error.what_to_do().contains(advice), "{effect:?}: {}", error.what_to_do());
    }
}

#[tokio::test]
async fn a_call_outside_the_session_needs_no_place() {
    let server = good_server().await;
    let transport = builder(&server).build().unwrap();
    let call = call(Effect::Read);
    let mut first = std::pin::pin!(transport.send(&call));
    assert!(futures::poll!(first.as_mut()).is_pending());
    let (value, headers) = transport.bare().send_for_headers(&call).await.unwrap();
    assert_eq!((value.value, headers["content-length"].to_str().unwrap()), (7, &*GOOD.len().to_string()));
    first.await.unwrap();
}

#[tokio::test]
async fn a_create_that_was_read_on_a_kept_connection_is_not_sent_again() {
    let server =
        RawServer::answering(|nth, _| if nth == 1 { Reply::json(200, GOOD) } else { Reply::close() }).await;
    let transport = builder(&server).build().unwrap();
    transport.send(&call(Effect::Create)).await.unwrap();
    let error = transport.send(&call(Effect::Create)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.may_have_been_applied());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_run_in_tasks_of_their_own_on_several_threads() {
    let server = good_server().await;
    let transport = builder(&server).in_flight(4).build().unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.send(&call(Effect::Read)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}
