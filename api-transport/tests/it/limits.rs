//! Bounded bodies, bounded time, bounded repeats.

use crate::{GOOD, builder, call, quick};
use api_transport::testing::{RawServer, Reply};
use api_transport::{Effect, ErrorKind, RetryBudget, RetryPolicy};
use flate2::{Compression, write::GzEncoder};
use rstest::rstest;
use std::io::Write;
use std::time::Duration;

const MIB: usize = 1 << 20;

#[rstest]
#[case::at_the_cap(MIB, None)]
#[case::one_byte_more(MIB + 1, Some(ErrorKind::TooLarge))]
#[case::a_bomb(32 * MIB, Some(ErrorKind::TooLarge))]
#[tokio::test]
async fn the_body_cap_counts_bytes_after_decompression(
    #[case] length: usize,
    #[case] failure: Option<ErrorKind>,
    #[values(Effect::Read, Effect::Create)] effect: Effect,
) {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(GOOD.as_bytes()).unwrap();
    let spaces = vec![b' '; MIB];
    let mut left = length - GOOD.len();
    while left > 0 {
        let part = left.min(MIB);
        gzip.write_all(&spaces[..part]).unwrap();
        left -= part;
    }
    let body = gzip.finish().unwrap();
    let reply = Reply::json(200, body).header("content-encoding", "gzip");
    let server = RawServer::answering(move |_, _| reply.clone()).await;
    let transport = builder(&server).body_cap(MIB).build().unwrap();
    let outcome = transport.send(&call(effect)).await;
    assert_eq!(outcome.as_ref().err().map(|error| error.kind()), failure);
    assert_eq!(
        outcome.is_err_and(|error| error.may_have_been_applied()),
        failure.is_some() && effect == Effect::Create
    );
    assert_eq!(server.requests().len(), 1);
}

#[rstest]
#[case::a_head_that_never_ends("HTTP/1.1 200 OK\r\nx: y")]
#[case::a_body_that_never_ends("HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n   ")]
#[tokio::test]
async fn an_answer_that_only_drips_is_a_timeout(
    #[case] bytes: &'static str,
    #[values(Effect::Read, Effect::Create)] effect: Effect,
) {
    let server = RawServer::answering(move |_, _| Reply::drip(bytes, Duration::from_millis(1))).await;
    let transport = builder(&server)
        .retry(quick(1_000))
        .attempt_timeout(Duration::from_millis(200))
        .total_timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    let error = transport.send(&call(effect)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.may_have_been_applied(), effect == Effect::Create);
    assert_eq!(error.is_persistent(), effect == Effect::Read);
}

#[rstest]
#[tokio::test]
async fn a_wish_to_wait_longer_than_the_total_deadline_ends_the_call_at_once(
    #[values(429, 503)] status: u16,
    #[values("3600", "Fri, 31 Dec 2100 23:59:59 GMT")] wish: &'static str,
) {
    let reply = move |_, _: &_| Reply::json(status, "").header("retry-after", wish);
    let server = RawServer::answering(reply).await;
    let transport = builder(&server).build().unwrap();
    let error = transport.send(&call(Effect::Read)).await.unwrap_err();
    let cap = Duration::from_secs(15 * 60);
    assert_eq!((error.retry_after(), error.is_persistent()), (Some(cap), true));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_absurd_wish_to_wait_counts_as_the_cap() {
    let server = RawServer::answering(|nth, _| match nth {
        1 => Reply::json(429, "").header("retry-after", "99999999999999999999"),
        _ => Reply::json(200, GOOD),
    })
    .await;
    let policy = quick(2).retry_after_cap(Duration::from_millis(5));
    builder(&server).retry(policy).build().unwrap().send(&call(Effect::Create)).await.unwrap();
}

#[tokio::test]
async fn an_empty_budget_ends_repeats_for_every_clone_until_calls_succeed() {
    let server = RawServer::answering(|nth, _| match nth {
        1..=4 | 17.. => Reply::json(500, ""),
        _ => Reply::json(200, GOOD),
    })
    .await;
    let budget = RetryBudget::new(25, 12, 5);
    let policy: RetryPolicy = quick(4);
    let transport = builder(&server).retry(policy).retry_budget(budget).build().unwrap();
    let (clone, read) = (transport.clone(), call(Effect::Read));
    assert!(transport.send(&read).await.unwrap_err().is_persistent());
    assert_eq!(server.requests().len(), 3, "two repeats were paid for");
    assert!(clone.send(&read).await.unwrap_err().is_persistent());
    assert_eq!(server.requests().len(), 4, "none is left");
    for _ in 0..12 {
        clone.send(&read).await.unwrap();
    }
    clone.send(&read).await.unwrap_err();
    assert_eq!(server.requests().len(), 18, "twelve successes pay one repeat");
}
