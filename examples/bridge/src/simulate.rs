//! Both systems simulated in the process: the bridge without any server.

mod documents;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use one_client::FeedPosition;
use one_client::simulator::{DraftLine, OrderDraft, Simulator as OneSimulator};
use rust_decimal::Decimal;
use serde_json::json;
use soneta_webapi::simulator::{
    SimulatedKontrahent, SimulatedStan, SimulatedTowar, Simulator as EnovaSimulator,
};
use soneta_webapi::wire::Quantity;
use soneta_webapi::{Client, KontrahentId, PozycjaWyceny, ZapytanieWyceny};

use crate::error::{Error, Result};
use crate::settings::Settings;

/// ONe's id of the client that the simulated order comes from.
const ORGANIZATION: &str = "00000000-0000-4000-8000-000000000001";

/// ONe's id of a client that came into being there.
const NEWCOMER: &str = "00000000-0000-4000-8000-000000000002";

/// What to simulate.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct SimulationOptions {
    /// How many goods to generate, unless there is a catalogue.
    pub goods: Option<usize>,
    /// A folder with CSV exports of a company (`towary.csv`, `cennik.csv`, `kontrahenci.csv`).
    pub catalogue: Option<PathBuf>,
}

impl SimulationOptions {
    /// So many generated goods, or the catalogue in this folder.
    #[must_use]
    pub fn new(goods: Option<usize>, catalogue: Option<PathBuf>) -> Self {
        Self { goods, catalogue }
    }

    /// What this folder's simulation was begun with, unless something is said now: its state belongs to that company.
    fn remembered(mut self, data: &Path) -> Result<Self> {
        let file = data.join("simulation.json");
        if self.goods.is_none() && self.catalogue.is_none() {
            let Ok(text) = std::fs::read_to_string(&file) else { return Ok(self) };
            return serde_json::from_str(&text)
                .map_err(|error| Error::config(format!("{} cannot be read", file.display())).because(error));
        }
        if let Some(folder) = &self.catalogue {
            let absolute = std::path::absolute(folder);
            self.catalogue = Some(absolute.unwrap_or_else(|_| folder.clone()));
        }
        let text = serde_json::to_string(&self)
            .map_err(|error| Error::new("the simulation's options cannot be written").because(error))?;
        std::fs::write(&file, text)
            .map_err(|error| Error::new(format!("{} cannot be written", file.display())).because(error))?;
        Ok(self)
    }
}

/// How many goods are generated unless told otherwise.
const GOODS: usize = 1_000;

/// A simulated enova365 and a simulated ONe, each on a local port. They stop when this is dropped.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests put simulators of their own into it")]
pub struct Simulation {
    /// The simulated enova365.
    pub enova: EnovaSimulator,
    /// The simulated ONe.
    pub one: OneSimulator,
}

impl Simulation {
    /// Starts both; their state is kept in `data`.
    ///
    /// # Errors
    /// The catalogue cannot be read, the state is damaged, or no port is free.
    pub async fn start(options: &SimulationOptions, data: &Path) -> Result<Self> {
        let options = options.clone().remembered(data)?;
        let enova = EnovaSimulator::builder().state_file(data.join("enova.journal"));
        let enova = match &options.catalogue {
            Some(catalogue) => enova.catalogue(catalogue),
            None => enova.goods(options.goods.unwrap_or(GOODS)),
        };
        let enova = enova
            .start()
            .await
            .map_err(|error| Error::new("the simulated enova365 cannot start").because(error))?;
        let one = OneSimulator::builder()
            .state_file(data.join("one.journal"))
            .start()
            .await
            .map_err(|error| Error::new("the simulated ONe cannot start").because(error))?;
        Ok(Self { enova, one })
    }

    /// A client of the simulated enova365.
    ///
    /// # Errors
    /// The transport's settings contradict each other.
    pub fn enova_client(&self) -> Result<Client> {
        Client::builder(self.enova.url().clone(), self.enova.application_token())
            .build()
            .map_err(|error| Error::new("the client of enova365 cannot be made").because(error))
    }

    /// A client of the simulated ONe.
    ///
    /// # Errors
    /// The transport's settings contradict each other.
    pub fn one_client(&self) -> Result<one_client::Client> {
        self.one
            .client_builder()
            .build()
            .map_err(|error| Error::new("the client of ONe cannot be made").because(error))
    }

    /// Settings for the two: every flow, every warehouse, the price list `Detaliczna`, prices, orders and documents of one client.
    ///
    /// # Errors
    /// The simulated company has no contractor that may buy.
    pub fn settings(&self) -> Result<Settings> {
        Settings::from_toml(&self.settings_toml()?)
    }

    /// The same as text: what a file for [`Settings::from_file`] would hold.
    ///
    /// # Errors
    /// As [`settings`](Self::settings).
    pub fn settings_toml(&self) -> Result<String> {
        let symbols: BTreeSet<String> =
            self.enova.goods().into_iter().flat_map(|good| good.stany).map(|stan| stan.magazyn).collect();
        let warehouses: Vec<String> =
            symbols.iter().map(|symbol| format!("{symbol:?} = {symbol:?}")).collect();
        let described: Vec<String> = symbols
            .iter()
            .map(|symbol| format!("{symbol:?} = {{ id = {symbol:?}, type = \"CENTRAL\" }}"))
            .collect();
        let first = symbols.first().cloned().unwrap_or_default();
        let contractor = self.buyer()?;
        let documents = documents::sections(&first);
        Ok(format!(
            r#"
            [[tenants]]
            name = "demo"
            [tenants.enova]
            url = "{enova}"
            database = "{database}"
            [tenants.one]
            url = "{one}"
            tenant = "{tenant}"
            [tenants.flows.warehouses.warehouses]
            {described}
            [tenants.flows.stock.warehouses]
            {warehouses}
            [tenants.flows.retail-prices]
            [tenants.flows.good-codes]
            [tenants.flows.segments]
            [tenants.flows.new-clients]
            [tenants.flows.clients]
            [tenants.flows.clients-to-enova]
            start_at = 1
            [tenants.flows.trade-credits]
            [tenants.flows.client-blockades]
            external_id = "ERP"
            [tenants.flows.orders]
            start_at = 1
            warehouse = {first:?}
            [tenants.flows.orders.contractors]
            "{ORGANIZATION}" = {kod:?}
            {documents}
            "#,
            enova = self.enova.url(),
            database = self.enova.database_id(),
            one = self.one.url(),
            tenant = self.one.tenant(),
            described = described.join("\n            "),
            warehouses = warehouses.join("\n            "),
            kod = contractor.kod,
        ))
    }

    /// What both sides know of clients before the first round, only once in the life of their state: ONe has the client that orders and
    /// one that came into being there, and enova365 blocks the sale to one contractor.
    ///
    /// # Errors
    /// The simulators cannot keep it.
    pub fn introduce_clients(&self) -> Result<()> {
        let orders = format!("org:{ORGANIZATION}");
        if self.one.record("clients", &orders).is_some() {
            return Ok(());
        }
        let kept = |error| Error::new("the simulated clients cannot be kept").because(error);
        let buyer = self.buyer()?;
        let client = |id: &str, name: &str, tin: &str| {
            let address =
                json!({"street": "Żabia 7/2", "city": "Łódź", "zipCode": "90-001", "country": "PL"});
            json!({"clientId": id, "name": name, "tin": tin, "address": address}).to_string()
        };
        let newcomer = format!("org:{NEWCOMER}");
        for (id, name, tin) in
            [(&orders, buyer.nazwa.as_str(), buyer.nip.as_str()), (&newcomer, "Źródło Nowości", "5260250274")]
        {
            self.one.put_record("clients", id, &client(id, name, tin)).map_err(kept)?;
        }
        let event = json!({"clientId": newcomer, "type": "UPDATE"});
        self.one.tell_event("clients", &event.to_string()).map_err(kept)?;
        let blocked = self.enova.contractors().into_iter().rfind(|contractor| contractor.id != buyer.id);
        if let Some(blocked) = blocked {
            let kept = |error| Error::new("the simulated blockade cannot be kept").because(error);
            self.enova.set_contractor_blocked(&blocked.kod, true).map_err(kept)?;
        }
        Ok(())
    }

    /// Places one order in the simulated ONe, at the prices that the simulated enova365 charges its client; only once in
    /// the life of their state.
    ///
    /// # Errors
    /// The price check fails, or the order cannot be kept.
    pub async fn place_first_order(&self, client: &Client) -> Result<()> {
        let one = self.one_client()?;
        let feed = one.orders().feed(FeedPosition::FIRST, 1).await;
        let feed =
            feed.map_err(|error| Error::new("the simulated ONe does not tell its orders").because(error))?;
        if !feed.events.is_empty() {
            return Ok(());
        }
        let goods =
            self.enova.goods().into_iter().filter(|good| good.zaznaczony && good.stany.iter().any(has_stock));
        let goods: Vec<SimulatedTowar> = goods.take(2).collect();
        let lines = goods
            .iter()
            .map(|good| PozycjaWyceny::new(good.kod.as_str(), Quantity::new(Decimal::TWO, &good.jednostka)))
            .collect();
        let buyer = KontrahentId(self.buyer()?.id);
        let query = ZapytanieWyceny::builder().kontrahent_id(buyer).pozycje(lines).build();
        let priced = client
            .b2b()
            .ceny()
            .wycen(&query)
            .await
            .map_err(|error| Error::new("the simulated order's prices cannot be asked").because(error))?;
        let draft = OrderDraft::new(ORGANIZATION)
            .customer_purchase_number("ZAM/1/2026")
            .notes("Proszę dzwonić przed dostawą");
        let draft = goods.into_iter().zip(priced).fold(draft, |draft, (good, line)| {
            draft.with_line(
                DraftLine::new(good.kod, Decimal::TWO).priced(line.netto.value).in_unit(good.jednostka),
            )
        });
        self.one
            .place_order(draft)
            .map(drop)
            .map_err(|error| Error::new("the simulated order cannot be placed").because(error))
    }

    fn buyer(&self) -> Result<SimulatedKontrahent> {
        self.enova
            .contractors()
            .into_iter()
            .find(|contractor| !contractor.blokada_sprzedazy)
            .ok_or_else(|| Error::new("the simulated company has no contractor that may buy"))
    }
}

fn has_stock(stan: &SimulatedStan) -> bool {
    stan.stan - stan.zarezerwowane >= Decimal::TWO
}
