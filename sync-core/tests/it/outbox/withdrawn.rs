//! Orders that are withdrawn while they are sent.

use std::sync::Arc;

use async_trait::async_trait;
use sync_core::testing::{FakeSubmitter, MemorySource, Reaction};
use sync_core::{
    Delivery, Error, ErrorKind, FlowName, Item, Key, Page, Part, ReadFrom, Reason, Result, Source, SourceInfo,
};

use super::{dispatch, editable_from, rejects};
use crate::dispatch::Outbox;
use crate::world::{finish, five};

/// What a source answers when it is asked for a record.
#[derive(Debug, Clone, Copy)]
enum LookUp {
    Unsupported,
    NotFound,
}

#[derive(Debug, Clone)]
struct Orders {
    feed: Arc<MemorySource<(String, String)>>,
    look_up: LookUp,
}

#[async_trait]
impl Source for Orders {
    type Record = (String, String);
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        self.feed.describe()
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<Self::Record, usize>> {
        self.feed.read(from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        let not_found = |key: &Key| {
            Item::bad(Some(key.clone()), Error::new(ErrorKind::NotFound, "the order cannot be found"))
        };
        match self.look_up {
            LookUp::Unsupported => Err(Error::new(ErrorKind::Unsupported, "orders are not looked up")),
            LookUp::NotFound => Ok(keys.iter().map(not_found).collect()),
        }
    }
}

/// An order that was sent, and nobody knows what became of it.
struct UnderWay {
    outbox: Outbox,
    source: Orders,
}

impl UnderWay {
    async fn new(look_up: LookUp) -> Self {
        let outbox = Outbox::new(FakeSubmitter::new());
        outbox.submitter.script([Reaction::CreateThenFail]);
        let under_way = Self { source: Orders { feed: outbox.source.clone(), look_up }, outbox };
        under_way.change("v1").await;
        dispatch(&under_way.outbox).await;
        under_way
    }

    async fn change(&self, business: &str) -> [u64; 5] {
        self.outbox.source.put("o1", ("k".to_owned(), business.to_owned()));
        self.run().await
    }

    async fn withdraw(&self) -> [u64; 5] {
        self.outbox.source.put_deleted("o1");
        self.run().await
    }

    async fn run(&self) -> [u64; 5] {
        five(finish(&editable_from(&self.outbox, self.source.clone())).await)
    }

    /// The code of the order's reject.
    async fn rejected(&self) -> Option<String> {
        rejects(&self.outbox).await.pop().map(|(_, code)| code)
    }

    async fn submits(&self) -> Vec<String> {
        dispatch(&self.outbox).await;
        self.outbox.submitter.submits().iter().map(|act| act.kind.to_string()).collect()
    }
}

#[tokio::test]
async fn f78_an_order_withdrawn_while_it_is_sent_is_cancelled_once_it_is_there_without_asking_its_source() {
    for edited_before in [false, true] {
        let order = UnderWay::new(LookUp::Unsupported).await;
        if edited_before {
            assert_eq!(order.change("v2").await, [1, 0, 0, 0, 1]);
            assert_eq!(order.rejected().await.as_deref(), Some(Reason::CHANGED_AFTER_TRANSFER));
        }
        assert_eq!(order.withdraw().await, [1, 0, 0, 0, 1]);
        assert_eq!(order.rejected().await.as_deref(), Some(Reason::WITHDRAWN_AFTER_TRANSFER));
        assert_eq!(order.run().await, [0, 0, 0, 0, 0]);
        order.outbox.settle_all().await;
        assert_eq!(order.run().await, [1, 1, 0, 0, 0]);
        assert_eq!(order.rejected().await, None);
        assert_eq!(order.submits().await, ["order", "order-cancel"]);
    }
}

#[tokio::test]
async fn an_order_that_is_edited_while_it_is_sent_and_then_not_found_is_not_cancelled_by_that() {
    let order = UnderWay::new(LookUp::NotFound).await;
    order.change("v2").await;
    order.outbox.settle_all().await;
    assert_eq!(order.run().await, [1, 0, 0, 0, 1]);
    assert_eq!(order.rejected().await.as_deref(), Some("not-found"));
    assert_eq!(order.submits().await, ["order"]);
    // until its source says so
    assert_eq!(order.withdraw().await, [1, 1, 0, 0, 0]);
    assert_eq!(order.rejected().await, None);
    assert_eq!(order.submits().await, ["order", "order-cancel"]);
}

#[tokio::test]
async fn a_withdrawal_that_waits_does_not_give_way_to_a_hint_whose_record_is_not_found() {
    let order = UnderWay::new(LookUp::NotFound).await;
    order.withdraw().await;
    let part = Part::whole(&FlowName::new("demo/orders").unwrap());
    order.outbox.store.put_hints(&Delivery::new("shop", "1"), &[(part, "o1".into())]).await.unwrap();
    assert_eq!(order.run().await, [1, 0, 0, 0, 1]);
    assert_eq!(order.rejected().await.as_deref(), Some(Reason::WITHDRAWN_AFTER_TRANSFER));
    order.outbox.settle_all().await;
    assert_eq!(order.run().await, [1, 1, 0, 0, 0]);
    assert_eq!(order.submits().await, ["order", "order-cancel"]);
}
