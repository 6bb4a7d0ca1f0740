//! Orders between both simulators.

use one_client::simulator::{DraftLine, OrderDraft};
use one_client::{FeedPosition, ShipmentId};
use rust_decimal::Decimal;
use soneta_webapi::simulator::{OrderDocument, SimulatedKontrahent, SimulatedTowar};
use soneta_webapi::wire::Quantity;
use soneta_webapi::{Installation, KontrahentId, PozycjaWyceny, ZapytanieWyceny};
use std::sync::Arc;
use std::time::Duration;
use sync_core::testing::ManualClock;
use sync_core::{
    ActFilter, ActStatus, DispatchSettings, Dispatcher, Flow, Job as _, MemoryStore, Store, act_guid,
};
use sync_flows::enova::OrderSubmitter;
use sync_flows::flows::orders::{
    self, OrderMapper, OrderSettings, PricePolicy, StockPolicy, contractor_link, order_op_key,
};

use crate::world::{World, run_to_end};

/// ONe's id of the client who orders.
pub(crate) const CLIENT: &str = "00000000-0000-4000-8000-000000000001";

/// Both systems, a client who orders, and what the installation does with that.
#[derive(Debug)]
pub(crate) struct Ordering {
    pub(crate) world: World,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) settings: OrderSettings,
    pub(crate) price: PricePolicy,
    pub(crate) stock: StockPolicy,
}

impl Ordering {
    /// Documents may be changed; the client is linked.
    pub(crate) async fn begin() -> Self {
        Self::with(OrderSettings::builder().tenant("demo").magazyn("F").changes(true).build()).await
    }

    pub(crate) async fn with(settings: OrderSettings) -> Self {
        let mut world = World::of_goods(30).await;
        let clock = Arc::new(ManualClock::default());
        world.setup.store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        world.setup.clock = clock.clone();
        let (price, stock) = Default::default();
        let ordering = Self { world, clock, settings, price, stock };
        ordering.link(CLIENT, ordering.buyer().id).await;
        ordering
    }

    pub(crate) async fn link(&self, organization: &str, kontrahent: i32) {
        self.store().put_links(&[contractor_link(organization, KontrahentId(kontrahent))]).await.unwrap();
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.world.setup.store
    }

    pub(crate) fn installation(&self) -> Installation {
        self.world.erp.b2b().installation()
    }

    pub(crate) fn submitter(&self) -> OrderSubmitter {
        orders::submitter(&self.world.setup, &self.installation(), self.price, self.stock).unwrap()
    }

    pub(crate) fn flow(&self) -> Flow {
        let mapper = OrderMapper::new(self.settings.clone(), self.clock.clone());
        orders::from_one(&self.world.setup, self.world.one.clone(), FeedPosition::FIRST, mapper).unwrap()
    }

    /// One after the other; looks up at once, and twice.
    pub(crate) fn dispatcher(&self) -> Dispatcher {
        let at_once = DispatchSettings::default()
            .concurrency(1)
            .visibility_lag(Duration::ZERO)
            .lookups(2, Duration::ZERO)
            .retry(Duration::from_secs(60), Duration::from_secs(60));
        orders::dispatcher(&self.world.setup, self.submitter()).unwrap().with_settings(at_once)
    }

    /// Feed and outbox, to their ends.
    pub(crate) async fn round(&self) {
        let flow = self.flow();
        run_to_end(&flow).await;
        flow.leave().await;
        run_to_end(&self.dispatcher()).await;
    }

    /// The contractor that the client is linked to.
    pub(crate) fn buyer(&self) -> SimulatedKontrahent {
        let mut kontrahenci = self.world.enova.contractors().into_iter();
        kontrahenci.find(|kontrahent| !kontrahent.blokada_sprzedazy).unwrap()
    }

    /// A good that lies in the warehouse.
    pub(crate) fn good(&self, nth: usize) -> SimulatedTowar {
        let goods = self.world.enova.goods();
        let mut stocked = goods.into_iter().filter(|good| available(good) >= Decimal::from(10));
        stocked.nth(nth).unwrap()
    }

    /// What the buyer pays for one of so many.
    pub(crate) async fn price_of(&self, kod: &str, quantity: u32) -> Decimal {
        let line = PozycjaWyceny::new(kod, Quantity::new(Decimal::from(quantity), ""));
        let kontrahent = KontrahentId(self.buyer().id);
        let query = ZapytanieWyceny::builder().kontrahent_id(kontrahent).pozycje(vec![line]).build();
        self.world.erp.b2b().ceny().wycen(&query).await.unwrap().remove(0).netto.value
    }

    /// So many of the n-th good, at the buyer's price.
    pub(crate) async fn draft(&self, nth: usize, quantity: u32) -> OrderDraft {
        let good = self.good(nth);
        let price = self.price_of(&good.kod, quantity).await;
        let line = DraftLine::new(good.kod, Decimal::from(quantity)).priced(price);
        OrderDraft::new(CLIENT).with_line(line)
    }

    pub(crate) fn place(&self, draft: OrderDraft) -> ShipmentId {
        self.world.sim.place_order(draft).unwrap()
    }

    pub(crate) fn documents(&self) -> Vec<OrderDocument> {
        self.world.enova.orders()
    }

    /// The one document of a shipment.
    pub(crate) fn document(&self, shipment: &ShipmentId) -> OrderDocument {
        let guid = act_guid(&order_op_key("demo", shipment.as_str()));
        let mut found: Vec<_> = self.documents().into_iter().filter(|order| order.guid == guid).collect();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    /// The acts of a shipment, by version.
    pub(crate) async fn acts(&self, shipment: &ShipmentId) -> Vec<ActStatus> {
        let filter = ActFilter::of_document(order_op_key("demo", shipment.as_str()));
        self.store().acts(&filter).await.unwrap()
    }

    pub(crate) async fn last_act(&self, shipment: &ShipmentId) -> ActStatus {
        self.acts(shipment).await.pop().unwrap()
    }
}

pub(crate) fn available(good: &SimulatedTowar) -> Decimal {
    good.stany.iter().filter(|stan| stan.magazyn == "F").map(|stan| stan.stan - stan.zarezerwowane).sum()
}
