//! Both systems simulated, and what the flows between them share.

use api_transport::RetryPolicy;
use soneta_webapi::altone::AltOneZmiany;
use soneta_webapi::simulator::{SimulatedTowar, Simulator as Enova};
use std::sync::Arc;
use std::time::Duration;
use sync_core::{
    BreakerSettings, Flow, FlowSettings, Job, JobEnd, MemoryStore, Reject, RejectFilter, Report,
    RetrySettings, RunContext, Store, run_until_done,
};
use sync_flows::{Erp, Setup};

const CONSUMER: &str = "code of the consumer";

/// A simulated enova365, a simulated ONe, a client of each, and a store.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) enova: Enova,
    pub(crate) erp: soneta_webapi::Client,
    pub(crate) sim: one_client::simulator::Simulator,
    pub(crate) one: one_client::Client,
    pub(crate) setup: Setup,
    /// Kod of the good and of the contractor that have never had the tick.
    never_ticked: Option<[String; 2]>,
}

impl World {
    /// A company of so many goods; the same each time. The last good that has stock and price and the last contractor are not ticked.
    pub(crate) async fn of_goods(goods: usize) -> Self {
        let enova = Enova::builder().goods(goods).seed(7).change_consumer("PORTAL", CONSUMER);
        let enova = enova.start().await.unwrap();
        let shown = |good: &SimulatedTowar| {
            good.cena_detaliczna.is_some() && good.stany.iter().any(|stan| stan.magazyn == "F")
        };
        let good = enova.goods().into_iter().rfind(shown).unwrap().kod;
        let contractor = enova.contractors().pop().unwrap().kod;
        enova.set_ticked(&good, false).unwrap();
        enova.set_contractor_ticked(&contractor, false).unwrap();
        Self { never_ticked: Some([good, contractor]), ..Self::around(enova).await }
    }

    /// Whether the good or contractor of this Kod has, or has had, the portal's tick.
    pub(crate) fn was_ticked(&self, kod: &str) -> bool {
        self.never_ticked.iter().flatten().all(|never| never != kod)
    }

    /// Kod of the contractor that has never had the tick.
    pub(crate) fn unticked_contractor(&self) -> &str {
        let [_, contractor] = self.never_ticked.as_ref().unwrap();
        contractor
    }

    /// A company of three goods in these warehouses.
    pub(crate) async fn of_warehouses<const N: usize>(symbols: [&str; N]) -> Self {
        Self::around(Enova::builder().goods(3).seed(7).warehouses(symbols).start().await.unwrap()).await
    }

    /// Around this company.
    pub(crate) async fn around(enova: Enova) -> Self {
        let sim = one_client::simulator::Simulator::builder().start().await.unwrap();
        let erp = soneta_webapi::Client::builder(enova.url().clone(), enova.application_token())
            .retry(quick())
            .build()
            .unwrap();
        let one = sim.client_builder().transport(|transport| transport.retry(quick())).build().unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let settings = FlowSettings::default()
            .retry(RetrySettings::none())
            .breaker(BreakerSettings::default().pauses(Duration::ZERO, Duration::ZERO));
        let setup = Setup::builder()
            .tenant("demo")
            .erp(Erp::new("enova", enova.database_id().to_string()))
            .store(store)
            .settings(settings)
            .build();
        Self { enova, erp, sim, one, setup, never_ticked: None }
    }

    /// The change queue of the consumer `PORTAL`.
    pub(crate) fn queue(&self) -> AltOneZmiany {
        let queue = AltOneZmiany::builder().client(self.erp.clone()).external_system("PORTAL");
        queue.security_code(CONSUMER.into()).build()
    }

    /// Settings of so many records a page, and of so many pages a step.
    pub(crate) fn pages(&self, records: usize, pages: Option<usize>) -> FlowSettings {
        self.setup.settings.clone().batch(records).page_budget(pages.unwrap_or(50))
    }

    pub(crate) fn paged(&self, records: usize, pages: Option<usize>) -> Setup {
        self.setup.with_settings(self.pages(records, pages))
    }

    pub(crate) async fn rejects(&self) -> Vec<Reject> {
        self.setup.store.rejects(&RejectFilter::all().limit(100)).await.unwrap()
    }
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().attempts(2).base(Duration::from_millis(1)).cap(Duration::from_millis(2))
}

/// Runs the flow to its end, or one step of it that is then dropped.
pub(crate) async fn play(flow: Flow, pages: Option<usize>) {
    match pages {
        Some(_) => drop(flow.step(&RunContext::default()).await.unwrap()),
        None => drop(run_to_end(&flow).await),
    }
    flow.leave().await;
}

/// Runs one step of the job until this has happened; then it is dropped where it stands, as by a process that is killed.
pub(crate) async fn killed_when(happened: impl Future<Output = ()>, job: &dyn Job) {
    let run = RunContext::default();
    tokio::select! {
        ended = job.step(&run) => panic!("{ended:?}"),
        () = happened => {}
    }
}

/// Runs the job to its end; a step that failed is tried again, as the runner would at the next tick.
pub(crate) async fn run_to_end(job: &dyn Job) -> Report {
    let mut last = None;
    for _ in 0..10 {
        let report = run_until_done(job, &RunContext::default()).await;
        if matches!(report.end, JobEnd::Done) {
            return report;
        }
        last = Some(report);
    }
    panic!("{last:?}");
}
