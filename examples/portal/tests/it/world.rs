//! A simulated enova365 and a shop that reads it.

use std::sync::Arc;
use std::time::Duration;

use api_transport::RetryPolicy;
use chrono::NaiveDate;
use portal::catalogue::{Offer, offers};
use portal::{Confirmed, Portal, PortalSettings, basket};
use rusqlite::Connection;
use rust_decimal::Decimal;
use soneta_webapi::simulator::Simulator;
use soneta_webapi::{Client, KontrahentId};
use sync_core::{BreakerSettings, DispatchSettings, FlowSettings, JobEnd, RetrySettings, RunContext};
use sync_core::{Clock, SystemClock};
use sync_flows::catalog::Entry;
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) enova: Simulator,
    pub(crate) portal: Portal,
    pub(crate) client: KontrahentId,
    pub(crate) clock: Arc<dyn Clock>,
    folder: TempDir,
}

impl World {
    /// A shop that has read everything once, and a client whom it may sell to.
    pub(crate) async fn open() -> Self {
        Self::at(Arc::new(SystemClock)).await
    }

    /// The same, by this clock.
    pub(crate) async fn at(clock: Arc<dyn Clock>) -> Self {
        let now = Arc::clone(&clock);
        let enova =
            Simulator::builder().goods(40).seed(7).now(Arc::new(move || now.now())).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let portal = portal(&enova, &folder, &clock).await;
        let client = enova.contractors().into_iter();
        let client = client
            .filter(|client| {
                client.zaznaczony && !client.blokada_sprzedazy && client.zastapiony_przez_id.is_none()
            })
            .find(|client| client.limit.is_none())
            .unwrap();
        let world = Self { enova, portal, client: KontrahentId(client.id), clock, folder };
        world.round().await;
        world
    }

    /// The process dies, and another one opens the same file.
    pub(crate) async fn crash(self) -> Self {
        let Self { enova, portal: old, client, clock, folder } = self;
        drop(old);
        let portal = portal(&enova, &folder, &clock).await;
        Self { enova, portal, client, clock, folder }
    }

    /// Every job, to its end.
    pub(crate) async fn round(&self) {
        for report in self.portal.round(&RunContext::default()).await {
            assert!(matches!(report.end, JobEnd::Done), "{report:?}");
        }
    }

    /// One job, to its end.
    pub(crate) async fn run(&self, entry: &Entry) {
        let report = self.portal.run(entry, &RunContext::default()).await.unwrap();
        assert!(matches!(report.end, JobEnd::Done), "{report:?}");
    }

    pub(crate) async fn offers(&self) -> Vec<Offer> {
        offers(&self.portal.shop, self.client).await.unwrap()
    }

    /// The n-th good of which there is enough.
    pub(crate) async fn offer(&self, nth: usize) -> Offer {
        let plenty = |offer: &Offer| offer.available.is_some_and(|available| available >= Decimal::TEN);
        self.offers().await.into_iter().filter(plenty).nth(nth).unwrap()
    }

    /// So many of the n-th good are in the basket.
    pub(crate) async fn take(&self, nth: usize, quantity: u32) -> Offer {
        let offer = self.offer(nth).await;
        let put =
            basket::put(&self.portal.shop, self.client, offer.good, Decimal::from(quantity)).await.unwrap();
        assert_eq!(put.unwrap().quantity, Decimal::from(quantity));
        offer
    }

    pub(crate) async fn confirm(&self) -> Confirmed {
        self.portal.checkout.confirm(self.client).await.unwrap()
    }

    /// How many rows a table of the shop's file has.
    pub(crate) fn count(&self, table: &str) -> i64 {
        let file = Connection::open(self.folder.path().join("shop.sqlite")).unwrap();
        file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    /// The number of the order that the basket becomes.
    pub(crate) async fn place(&self) -> String {
        match self.confirm().await {
            Confirmed::Placed(number) => number,
            other => panic!("{other:?}"),
        }
    }
}

async fn portal(enova: &Simulator, folder: &TempDir, clock: &Arc<dyn Clock>) -> Portal {
    let quick = RetryPolicy::new().attempts(2).base(Duration::from_millis(1)).cap(Duration::from_millis(2));
    let erp = Client::builder(enova.url().clone(), enova.application_token()).retry(quick).build().unwrap();
    let flows = FlowSettings::default()
        .retry(RetrySettings::none())
        .breaker(BreakerSettings::default().pauses(Duration::ZERO, Duration::ZERO));
    let at_once = DispatchSettings::default()
        .visibility_lag(Duration::ZERO)
        .lookups(2, Duration::ZERO)
        .retry(Duration::ZERO, Duration::ZERO);
    let settings = PortalSettings::builder()
        .file(folder.path().join("shop.sqlite"))
        .erp(erp)
        .database(enova.database_id().to_string())
        .invoices_since(NaiveDate::default())
        .flows(flows)
        .dispatch(at_once)
        .clock(Arc::clone(clock))
        .build();
    Portal::open(settings).await.unwrap()
}
