//! Who goes first, and what does not keep others waiting.

use crate::{Call, GOOD, builder, call, good_server};
use api_transport::testing::{RawServer, Reply};
use api_transport::{Effect, ErrorKind, Priority, RetryPolicy, Transport};
use futures::future::{Either, join_all, select};
use std::pin::pin;
use std::time::Duration;

#[tokio::test]
async fn an_urgent_call_waits_behind_one_call_only() {
    let server = good_server().await;
    let transport = builder(&server).build().unwrap();
    let named = |id: &str, priority| Call { id: id.to_owned(), priority, ..call(Effect::Read) };
    let mut calls: Vec<_> = ["1", "2", "3", "4"].map(|id| named(id, Priority::Normal)).into();
    calls.push(named("order", Priority::Urgent));
    let outcomes = join_all(calls.iter().map(|call| transport.send(call))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let order: Vec<_> = server.requests().iter().map(|seen| seen.path().to_owned()).collect();
    assert_eq!(order, ["/items/1", "/items/order", "/items/2", "/items/3", "/items/4"]);
}

#[tokio::test]
async fn a_pause_keeps_nobody_waiting() {
    let server = RawServer::answering(|_, seen| match seen.path() {
        "/items/7" => Reply::json(503, ""),
        _ => Reply::json(200, GOOD),
    })
    .await;
    let day = Duration::from_secs(86_400);
    let transport = Transport::builder(server.url())
        .retry(RetryPolicy::new().base(day).cap(day))
        .total_timeout(10 * day)
        .build()
        .unwrap();
    let (paused, other) = (call(Effect::Read), Call { id: "8".to_owned(), ..call(Effect::Create) });
    match select(pin!(transport.send(&paused)), pin!(transport.send(&other))).await {
        Either::Right((outcome, _)) => assert_eq!(outcome.unwrap().value, 7),
        Either::Left((outcome, _)) => panic!("the pause was too short: {outcome:?}"),
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_in_flight_gives_its_place_back() {
    let server = RawServer::answering(|_, seen| match seen.path() {
        "/items/7" => Reply::silence(),
        _ => Reply::json(200, GOOD),
    })
    .await;
    let transport = builder(&server).build().unwrap();
    let (silent, other) = (call(Effect::Read), Call { id: "8".to_owned(), ..call(Effect::Read) });
    {
        let mut dropped = pin!(transport.send(&silent));
        assert!(futures::poll!(dropped.as_mut()).is_pending());
    }
    transport.send(&other).await.unwrap();
}

#[tokio::test]
async fn a_call_whose_time_ends_before_its_turn_was_not_sent() {
    let server = RawServer::answering(|_, _| Reply::silence()).await;
    let transport = builder(&server).total_timeout(Duration::from_millis(50)).build().unwrap();
    let call = call(Effect::Create);
    // Polled once and never again, it keeps the place.
    let mut first = pin!(transport.send(&call));
    assert!(futures::poll!(first.as_mut()).is_pending());
    let error = transport.send(&call).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.is_persistent() && !error.may_have_been_applied(), "{error:?}");
}
