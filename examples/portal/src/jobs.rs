//! All of it together: one shop, one ERP, and the jobs that keep them in step.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use soneta_webapi::webhook::WebhookVerifier;
use soneta_webapi::{Client, Installation};
use sync_core::{
    Clock, DispatchSettings, FlowSettings, Job, JobPlan, Part, Report, Result, RunContext, Runner,
    RunnerHandle, SqliteStore, SystemClock, run_until_done,
};
use sync_flows::catalog::{Entry, System, Ticks};
use sync_flows::enova::{PdfCache, PriceLists};
use sync_flows::flows::orders::{self, OrderSettings, PricePolicy, StockPolicy};
use sync_flows::flows::{client_prices, clients, credit, goods, invoices, order_status, price_groups, stock};
use sync_flows::{Erp, Setup};

use crate::checkout::Checkout;
use crate::hints::Hints;
use crate::invoices::InvoicePdfs;
use crate::orders::Orders;
use crate::shop::Shop;

/// The name that begins those of all flows and acts: it never changes.
const TENANT: &str = "shop";

/// What a shop is opened with.
#[derive(Debug, bon::Builder)]
#[non_exhaustive]
pub struct PortalSettings {
    /// The SQLite file of the shop's tables and the engine's.
    #[builder(into)]
    pub file: PathBuf,
    /// The ERP, with the reference contract `b2b`.
    pub erp: Client,
    /// The ERP's database, by name or id: positions of one mean nothing in another.
    #[builder(into)]
    pub database: String,
    /// Symbol of the warehouse that the shop sells from.
    #[builder(into, default = "F".to_owned())]
    pub warehouse: String,
    /// Invoices are shown from this day on.
    pub invoices_since: NaiveDate,
    /// What becomes of an order whose price changes between confirmation and ERP, as after an outage: a person decides.
    #[builder(default)]
    pub price_policy: PricePolicy,
    /// The engine's settings for each flow.
    #[builder(default)]
    pub flows: FlowSettings,
    /// How orders are sent.
    #[builder(default)]
    pub dispatch: DispatchSettings,
    /// The time.
    #[builder(default = Arc::new(SystemClock))]
    pub clock: Arc<dyn Clock>,
}

/// A shop at work.
#[derive(Debug)]
#[non_exhaustive]
pub struct Portal {
    /// Its tables.
    pub shop: Shop,
    /// Baskets to orders.
    pub checkout: Checkout,
    /// PDFs of invoices.
    pub pdfs: InvoicePdfs,
    setup: Setup,
    jobs: Vec<(Arc<dyn Job>, &'static Entry)>,
}

/// The one job that is no flow: it sends what is in the outbox. Wake it after an order was placed, and it goes at once.
pub const SEND_ORDERS: Entry = Entry {
    id: "orders-submit",
    what: "orders of the outbox, one document each",
    from: System::Portal,
    to: System::Enova,
    ticks: Ticks::every(60),
    stage: None,
    ..orders::ORDERS
};

impl Portal {
    /// Opens the shop. The ERP need not be there.
    ///
    /// # Errors
    /// Kind `Store` if the file cannot be opened, `Config` if a setting makes no sense.
    pub async fn open(settings: PortalSettings) -> Result<Self> {
        let PortalSettings { file, erp, database, warehouse, clock, .. } = settings;
        // first the engine's tables, then the shop's, in the same file
        let store = SqliteStore::open(&file)?.with_clock(Arc::clone(&clock));
        let shop = Shop::open(&file)?;
        let outbox = Part::whole(&sync_core::FlowName::new(format!("{TENANT}/orders"))?);
        let outbox = store.outbox_sql(&outbox).await?;
        let setup = Setup::builder()
            .tenant(TENANT)
            .erp(Erp::new("enova", database))
            .store(Arc::new(store))
            .clock(Arc::clone(&clock))
            .settings(settings.flows)
            .build();

        let b2b = erp.b2b();
        let installation: Installation = b2b.installation();
        let (ceny, kontrahenci) = (Arc::new(b2b.ceny()), Arc::new(b2b.kontrahenci()));
        let lists = PriceLists::new(&setup, kontrahenci.clone(), ceny.clone());
        let submitter =
            orders::submitter(&setup, &installation, settings.price_policy, StockPolicy::default())?;
        let dispatcher = orders::dispatcher(&setup, submitter)?.with_settings(settings.dispatch);

        // orders first, so that the stock that is read after them is less what they took
        let jobs: Vec<(Arc<dyn Job>, &'static Entry)> = vec![
            (Arc::new(dispatcher), &SEND_ORDERS),
            (Arc::new(crate::orders::outcomes(&setup, &shop)?), &orders::ORDER_OUTCOMES),
            (
                Arc::new(crate::orders::status(&setup, &shop, Arc::new(b2b.zamowienia()))?),
                &order_status::STATUS_TO_PORTAL,
            ),
            (Arc::new(crate::clients::flow(&setup, &shop, kontrahenci)?), &clients::CONTRACTORS),
            (
                Arc::new(crate::clients::credit(&setup, &shop, Arc::new(b2b.limity()))?),
                &credit::CREDIT_LIMITS,
            ),
            (Arc::new(crate::catalogue::flow(&setup, &shop, Arc::new(b2b.towary()))?), &goods::GOODS),
            (
                Arc::new(crate::prices::groups(&setup, &shop, Arc::new(b2b.slowniki()))?),
                &price_groups::PRICE_GROUPS,
            ),
            (Arc::new(crate::prices::flow(&setup, &shop, &lists)?), &client_prices::CONTRACTOR_PRICES),
            (
                Arc::new(crate::stock::flow(&setup, &shop, Arc::new(b2b.stany()), &warehouse)?),
                &stock::PORTAL_STOCK,
            ),
            (
                Arc::new(crate::invoices::flow(
                    &setup,
                    &shop,
                    Arc::new(b2b.faktury()),
                    settings.invoices_since,
                )?),
                &invoices::PORTAL_INVOICES,
            ),
        ];

        let orders = Orders {
            shop: shop.clone(),
            outbox,
            settings: OrderSettings::builder().tenant(TENANT).magazyn(warehouse).build(),
            clock: Arc::clone(&clock),
        };
        let cache = PdfCache::builder().faktury(Arc::new(b2b.faktury())).clock(Arc::clone(&clock)).build();
        Ok(Self {
            checkout: Checkout { shop: shop.clone(), ceny, clock, orders },
            pdfs: InvoicePdfs { shop: shop.clone(), cache },
            shop,
            setup,
            jobs,
        })
    }

    /// Runs every job once, one after the other.
    pub async fn round(&self, run: &RunContext) -> Vec<Report> {
        let mut reports = Vec::new();
        for (_, entry) in &self.jobs {
            reports.extend(self.run(entry, run).await);
        }
        reports
    }

    /// Runs the job of this entry of the catalogue to its end, if the shop has it.
    pub async fn run(&self, entry: &Entry, run: &RunContext) -> Option<Report> {
        let (job, _) = self.jobs.iter().find(|(_, known)| known.id == entry.id)?;
        let report = run_until_done(&**job, run).await;
        // what comes next may be another process
        job.leave().await;
        Some(report)
    }

    /// Runs every job at the ticks that the catalogue gives it, and when it is woken: by a hint, or after an order.
    ///
    /// # Errors
    /// Kind `Config` if a schedule makes no sense.
    pub fn runner(&self) -> Result<Runner> {
        let plan = |(job, entry): &(Arc<dyn Job>, &'static Entry)| {
            Ok((Arc::clone(job), JobPlan::new(entry.ticks.schedule()?, entry.class)))
        };
        Runner::new(self.jobs.iter().map(plan).collect::<Result<Vec<_>>>()?)
    }

    /// Takes hints in; with a runner's handle they are looked up at once.
    ///
    /// # Errors
    /// Kind `Config`: never, as the shop's name is a constant.
    pub fn hints(&self, verifier: WebhookVerifier, runner: Option<RunnerHandle>) -> Result<Hints> {
        Hints::new(&self.setup, verifier, runner)
    }
}
