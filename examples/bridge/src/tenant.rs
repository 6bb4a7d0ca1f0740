//! One company: its two systems, its store, its flows wired.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use soneta_webapi::{Area, Installation, KolejkaZmian};
use sync_core::{Clock, Flow, FlowName, Store, SystemClock};
use sync_flows::catalog::{Entry, Stage};
use sync_flows::{Erp, Setup, Tick};

use crate::error::{Error, Result};
use crate::first_wired::first_wired;
use crate::named::Named;
use crate::once::unreadable;
use crate::reads::Reads;
use crate::settings::{EngineSettings, TenantSettings};
use crate::wire::{Outbox, Wire, Wired, Work};

/// One company, wired: nothing runs yet, and nothing was called.
///
/// Each tenant has a store of its own: two never share one, since an act belongs to nobody but its store.
pub struct Tenant {
    name: String,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    enova: soneta_webapi::Client,
    /// What the settings call its database.
    database: String,
    one: one_client::Client,
    installation: Installation,
    wired: Vec<Wired>,
    off: Vec<Off>,
    named: Vec<Named>,
}

/// A flow of the settings that is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Off {
    pub(crate) flow: &'static str,
    pub(crate) stage: Stage,
}

#[bon::bon]
impl Tenant {
    /// Wires the flows that the settings have a section for and whose stage is live.
    ///
    /// # Errors
    /// An area that a flow needs and nobody gives, or settings that a flow refuses.
    #[builder]
    pub fn new(
        /// The tenant's settings.
        #[builder(start_fn)]
        settings: &TenantSettings,
        /// What it keeps, of this tenant alone.
        #[builder(start_fn)]
        store: Arc<dyn Store>,
        /// Its enova365.
        enova: soneta_webapi::Client,
        /// Its tenant of ONe.
        one: one_client::Client,
        /// Which port gives what, where the settings cannot say it: an add-on of your own.
        installation: Option<Installation>,
        /// Consumers of the change queue, each by the id of its flow.
        #[builder(default)]
        queues: BTreeMap<String, Arc<dyn KolejkaZmian>>,
        /// Times and places of the engine.
        #[builder(default)]
        engine: EngineSettings,
        /// The time; the store has the same.
        #[builder(default = Arc::new(SystemClock))]
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let mut reads = Reads::new(&settings.enova, queues);
        let installation = match installation {
            Some(installation) => installation,
            None => {
                let areas = settings.enova.areas.iter().flatten();
                reads.stampless =
                    areas.filter(|(_, add_on)| *add_on == "altone").map(|(area, _)| *area).collect();
                chosen(settings, &enova)?
            }
        };
        let setup = Setup::builder()
            .tenant(settings.name.clone())
            .erp(Erp::new("enova", &settings.enova.database))
            .store(Arc::clone(&store))
            .clock(Arc::clone(&clock))
            .settings(engine.flow())
            .build();
        let (live, off): (Vec<_>, Vec<_>) = settings
            .flows
            .iter()
            .partition(|flow| flow.entry.stage.is_none_or(|stage| settings.stages.contains(&stage)));
        let off =
            off.into_iter().filter_map(|flow| Some(Off { flow: flow.entry.id, stage: flow.entry.stage? }));
        let off = off.collect();
        let flows: BTreeSet<&'static str> = live.iter().map(|flow| flow.entry.id).collect();
        let mut wired = Vec::new();
        let mut named = Vec::new();
        for flow in live {
            named.extend(flow.section.named());
            let wire = Wire {
                setup: setup.with_settings(flow.run.engine(engine.flow())),
                installation: &installation,
                one: &one,
                reads: &reads,
                clients: &settings.clients,
                flows: &flows,
                start_date: flow.run.start_date.or(settings.start_date),
                sections: &settings.flows,
                engine: &engine,
                entry: flow.entry,
                schedule: flow.schedule.clone(),
            };
            let jobs = flow.section.wire(&wire).map_err(|error| {
                let advice = error.advice().map(str::to_owned);
                let told = Error::config(format!("{}/{} cannot be wired", settings.name, flow.entry.id))
                    .because(error);
                match advice {
                    Some(advice) => told.what_to_do(advice),
                    None => told,
                }
            })?;
            wired.extend(jobs);
        }
        let (name, database) = (settings.name.clone(), settings.enova.database.clone());
        Ok(Self { name, store, clock, enova, database, one, installation, wired, off, named })
    }
}

/// Which add-on gives what, as the settings say: `b2b` everything, unless they have a table.
fn chosen(settings: &TenantSettings, enova: &soneta_webapi::Client) -> Result<Installation> {
    let b2b = b2b(settings, enova);
    let Some(areas) = &settings.enova.areas else { return Ok(b2b) };
    let add_ons = [("b2b", b2b), ("altone", enova.altone().installation())];
    Installation::choose(areas, add_ons).map_err(|error| {
        Error::config(format!("the areas of the tenant {} cannot be had", settings.name)).because(error)
    })
}

/// The reference contract sends only the cechy that are asked for by name.
fn b2b(settings: &TenantSettings, enova: &soneta_webapi::Client) -> Installation {
    let (b2b, cechy) = (enova.b2b(), cechy(settings));
    let of = |area| cechy.get(&area).into_iter().flatten().copied();
    b2b.installation()
        .with_towary(b2b.towary().with_cechy(of(Area::Goods)))
        .with_kontrahenci(b2b.kontrahenci().with_cechy(of(Area::Contractors)))
        .with_lista_zamowien(b2b.zamowienia().with_cechy(of(Area::OrderList)))
        .with_faktury(b2b.faktury().with_cechy(of(Area::Invoices)))
        .with_wydania(b2b.wydania().with_cechy(of(Area::DeliveryNotes)))
}

/// The cechy that are ticks, by what carries them.
fn cechy(settings: &TenantSettings) -> BTreeMap<Area, BTreeSet<&str>> {
    let ticks = &settings.enova.ticks;
    let shared = [(Area::Goods, &ticks.goods), (Area::Contractors, &ticks.contractors)];
    let own = settings.flows.iter().filter_map(|flow| flow.section.tick());
    let mut cechy: BTreeMap<Area, BTreeSet<&str>> = BTreeMap::new();
    for (area, tick) in shared.into_iter().chain(own) {
        if let Tick::Cecha(nazwa) = tick {
            cechy.entry(area).or_default().insert(nazwa);
        }
    }
    cechy
}

impl Tenant {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it keeps.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Its enova365.
    #[must_use]
    pub fn enova(&self) -> &soneta_webapi::Client {
        &self.enova
    }

    /// What the settings call the database of its enova365.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Its tenant of ONe.
    #[must_use]
    pub fn one(&self) -> &one_client::Client {
        &self.one
    }

    /// Which port gives what.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Its flows, each with its entry of the catalogue.
    pub fn flows(&self) -> impl Iterator<Item = (&'static Entry, &Arc<Flow>)> {
        self.wired.iter().filter_map(|wired| match &wired.work {
            Work::Flow(flow) => Some((wired.entry, flow)),
            _ => None,
        })
    }

    /// The flow with this id, with or without the tenant's name.
    #[must_use]
    pub fn flow(&self, id: &str) -> Option<&Arc<Flow>> {
        let id = self.own_name(id);
        let own = |name: &FlowName| self.own_name(name.as_str()) == id;
        self.flows().map(|(_, flow)| flow).find(|flow| own(flow.flow_name()))
    }

    /// A flow's name without the tenant's.
    fn own_name<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(&*self.name).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name)
    }

    /// The flow with this id, with or without the tenant's name, if its stage is not live.
    pub(crate) fn off_flow(&self, id: &str) -> Option<&Off> {
        let id = self.own_name(id);
        self.off.iter().find(|off| off.flow == id)
    }

    pub(crate) fn outboxes(&self) -> impl Iterator<Item = &Outbox> {
        self.wired.iter().filter_map(|wired| match &wired.work {
            Work::Dispatcher(outbox) => Some(outbox),
            _ => None,
        })
    }

    pub(crate) fn wired(&self) -> &[Wired] {
        &self.wired
    }

    pub(crate) fn off(&self) -> &[Off] {
        &self.off
    }

    /// What the sections of its flows name in the ERP.
    pub(crate) fn named(&self) -> &[Named] {
        &self.named
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Since when its flows are meant to run.
    pub(crate) async fn first_wired(&self) -> Result<BTreeMap<FlowName, DateTime<Utc>>> {
        let flows: Vec<&FlowName> = self.flows().map(|(_, flow)| flow.flow_name()).collect();
        first_wired(&*self.store, &self.name, &flows).await.map_err(unreadable)
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("name", &self.name)
            .field("installation", &self.installation)
            .field("wired", &self.wired)
            .finish_non_exhaustive()
    }
}
