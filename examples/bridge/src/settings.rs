//! Settings of the bridge, as a TOML file has them. Secrets come from the environment or from files, never from the settings.

mod engine;
mod hooks;
mod mistake;
mod read;
mod run;
mod secret;
mod span;
mod systems;

pub use engine::{AlertsSettings, EngineSettings, FacesSettings, StoreSettings};
pub(crate) use hooks::HooksSettings;
pub(crate) use run::RunSettings;
pub use span::Span;
pub use systems::{ClientsSettings, EnovaSettings, OneSettings, QueueSettings, TicksSettings, Verb};

pub(crate) use mistake::{Document, Mistake, Place};
pub(crate) use read::{Reader, instead};
pub(crate) use run::day;
pub(crate) use secret::{Environment, Secret, environment};

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use soneta_webapi::Area;
use sync_flows::catalog::Stage;
use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::flows::{self, FlowSection};
use crate::reads::ReadBy;

/// Everything but the secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Whom the bridge works for.
    pub tenants: Vec<TenantSettings>,
    /// Where the state is kept.
    pub store: StoreSettings,
    /// Times of the engine.
    pub engine: EngineSettings,
    /// Who is told when a person has to look.
    pub alerts: AlertsSettings,
    /// Where machines look in.
    pub faces: FacesSettings,
    pub(crate) secrets: ProcessSecrets,
    pub(crate) document: Document,
}

/// Secrets of the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProcessSecrets {
    pub(crate) postgres_url: Option<Secret>,
    pub(crate) webhook_url: Option<Secret>,
    pub(crate) ping_url: Option<Secret>,
}

/// One company: an enova365, a ONe tenant, and the flows between them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TenantSettings {
    /// Begins the name of every flow and order; never change it for a database in use.
    pub name: String,
    /// Which of ONe's stages are live: flows of others are off. All by default.
    pub stages: BTreeSet<Stage>,
    /// Records before this day are not transferred, where a flow knows days.
    pub start_date: Option<NaiveDate>,
    /// Where enova365 is.
    pub enova: EnovaSettings,
    /// Where ONe is.
    pub one: OneSettings,
    /// What the flows of clients share.
    pub clients: ClientsSettings,
    pub(crate) token: Option<Secret>,
    pub(crate) api_key: Option<Secret>,
    /// Of consumers of the change queue, by flow.
    pub(crate) security_codes: BTreeMap<String, Secret>,
    pub(crate) hooks: Option<HooksSettings>,
    /// The flows that have a section.
    pub(crate) flows: Vec<FlowSection>,
}

const KEYS: &[&str] = &["tenants", "store", "engine", "alerts", "faces"];
const TENANT_KEYS: &[&str] = &["name", "stages", "start_date", "enova", "one", "clients", "hooks", "flows"];

impl Settings {
    /// Reads them from TOML.
    ///
    /// # Errors
    /// All mistakes there are, each with its line, its key and what is expected. Values are not shown.
    pub fn from_toml(text: &str) -> Result<Self> {
        Self::read("settings", text)
    }

    /// Reads them from a TOML file.
    ///
    /// # Errors
    /// The file cannot be read, or as for [`from_toml`](Self::from_toml), with the file's name.
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::config(format!("the settings file {} cannot be read", path.display())).because(error)
        })?;
        Self::read(&path.display().to_string(), &text)
    }

    fn read(name: &str, text: &str) -> Result<Self> {
        let document = Document::new(name, text);
        let mut table: Table =
            toml::from_str(text).map_err(|error| Error::config(document.tell_syntax(&error)))?;
        let mut reader = Reader::default();
        let root = Place::root();
        let tenants = tenants(&mut reader, &mut table);
        let mut section = |key: &str| (table.remove(key), root.key(key));
        let (store, engine, alerts, faces) =
            (section("store"), section("engine"), section("alerts"), section("faces"));
        reader.nothing_else(&table, &root, KEYS);
        let store: StoreSettings = optional(&mut reader, store);
        let alerts: AlertsSettings = optional(&mut reader, alerts);
        let engine = optional(&mut reader, engine);
        let faces = optional(&mut reader, faces);
        check_engine(&mut reader, &engine);
        check_alerts(&mut reader, &alerts);
        check_store(&mut reader, &store);
        check_faces(&mut reader, &faces, &tenants);
        let at = |section: &str| Place::root().key(section);
        let mut secret = |place: &Place, key: &str, env: &Option<String>, file: &Option<_>| {
            chosen(&mut reader, Secret::choose(place, key, env.clone(), Option::clone(file), None))
        };
        let secrets = ProcessSecrets {
            postgres_url: secret(
                &at("store"),
                "postgres_url",
                &store.postgres_url_env,
                &store.postgres_url_file,
            ),
            webhook_url: secret(
                &at("alerts"),
                "webhook_url",
                &alerts.webhook_url_env,
                &alerts.webhook_url_file,
            ),
            ping_url: secret(&at("alerts"), "ping_url", &alerts.ping_url_env, &alerts.ping_url_file),
        };
        if reader.mistakes.is_empty() {
            return Ok(Self { tenants, store, engine, alerts, faces, secrets, document });
        }
        Err(document.error(&reader.mistakes))
    }

    /// What is missing of a secret, as an error.
    pub(crate) fn wrong(&self, mistake: Mistake) -> Error {
        self.document.error(&[mistake])
    }
}

impl Document {
    fn error(&self, mistakes: &[Mistake]) -> Error {
        Error::config(self.tell(mistakes))
    }
}

fn optional<T: Default + serde::de::DeserializeOwned>(
    reader: &mut Reader,
    (value, place): (Option<Value>, Place),
) -> T {
    value.and_then(|value| reader.read(value, &place, &[])).unwrap_or_default()
}

fn chosen(reader: &mut Reader, secret: std::result::Result<Option<Secret>, Mistake>) -> Option<Secret> {
    secret.unwrap_or_else(|mistake| {
        reader.mistakes.push(mistake);
        None
    })
}

fn tenants(reader: &mut Reader, table: &mut Table) -> Vec<TenantSettings> {
    let place = Place::root().key("tenants");
    let list = match table.remove("tenants") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        None => {
            reader.wrong(&Place::root(), "there is no tenant, expected at least one [[tenants]]");
            return Vec::new();
        }
        Some(_) => {
            reader.wrong(&place, "expected at least one table [[tenants]], with two brackets");
            return Vec::new();
        }
    };
    let alone = list.len() == 1;
    let mut names = BTreeSet::new();
    let mut tenants = Vec::new();
    for (number, value) in list.into_iter().enumerate() {
        let place = place.index(number);
        let Value::Table(table) = value else {
            reader.wrong(&place, "expected a table [[tenants]]");
            continue;
        };
        let Some(tenant) = tenant(reader, table, &place, alone) else { continue };
        if !names.insert(tenant.name.clone()) {
            reader.wrong(&place.key("name"), format!("{:?} is the name of another tenant too", tenant.name));
        }
        tenants.push(tenant);
    }
    tenants
}

fn tenant(reader: &mut Reader, mut table: Table, place: &Place, alone: bool) -> Option<TenantSettings> {
    let name = name(reader, &mut table, place);
    let stages = match table.remove("stages") {
        Some(value) => reader.read(value, &place.key("stages"), &[]).unwrap_or_default(),
        None => BTreeSet::from([Stage::I, Stage::II, Stage::III]),
    };
    let start_date = table.remove("start_date").and_then(|value| {
        #[derive(serde::Deserialize)]
        struct Day(#[serde(deserialize_with = "day")] Option<NaiveDate>);
        reader.read::<Day>(value, &place.key("start_date"), &[]).and_then(|day| day.0)
    });
    let mut required = |reader: &mut Reader, key: &str| match table.remove(key) {
        Some(value) => Some(value),
        None => {
            reader.wrong(place, format!("{key} is missing, expected a table [tenants.{key}]"));
            None
        }
    };
    let enova = required(reader, "enova");
    let enova = enova.and_then(|value| reader.read::<EnovaSettings>(value, &place.key("enova"), &[]));
    let one = required(reader, "one");
    let one = one.and_then(|value| reader.read::<OneSettings>(value, &place.key("one"), &[]));
    let clients = optional(reader, (table.remove("clients"), place.key("clients")));
    let hooks = table.remove("hooks");
    let hooks = hooks.and_then(|value| HooksSettings::read(reader, value, &place.key("hooks")));
    let sections = reader.table(&mut table, "flows", place);
    reader.nothing_else(&table, place, TENANT_KEYS);
    let flows = flows::read(reader, sections, &place.key("flows"));
    if flows.is_empty() && reader.mistakes.is_empty() {
        reader.wrong(place, "no flow has a section, expected at least one such as [tenants.flows.stock]");
    }
    let default = |name: &'static str| alone.then_some(name);
    let token = enova.as_ref().and_then(|enova| {
        check_add_ons(reader, enova, &place.key("enova"));
        let (env, file) = (enova.application_token_env.clone(), enova.application_token_file.clone());
        needed(
            reader,
            &place.key("enova"),
            "application_token",
            env,
            file,
            default("ENOVA_APPLICATION_TOKEN"),
        )
    });
    let security_codes = match &enova {
        Some(enova) => security_codes(reader, enova, &flows, &place.key("enova").key("queues")),
        None => BTreeMap::new(),
    };
    if let Some(enova) = &enova {
        check_reads(reader, enova, &flows, &place.key("enova"));
    }
    let api_key = one.as_ref().and_then(|one| {
        let (env, file) = (one.api_key_env.clone(), one.api_key_file.clone());
        needed(reader, &place.key("one"), "api_key", env, file, default("ONE_API_KEY"))
    });
    Some(TenantSettings {
        name: name?,
        stages,
        start_date,
        enova: enova?,
        one: one?,
        clients,
        token,
        api_key,
        security_codes,
        hooks,
        flows,
    })
}

/// The secrets of consumers of the change queue, each of a flow that has a section.
fn security_codes(
    reader: &mut Reader,
    enova: &EnovaSettings,
    flows: &[FlowSection],
    place: &Place,
) -> BTreeMap<String, Secret> {
    let known: Vec<&str> = flows.iter().map(|flow| flow.entry.id).collect();
    let mut codes = BTreeMap::new();
    for (flow, queue) in &enova.queues {
        let place = place.key(flow);
        if !known.contains(&flow.as_str()) {
            reader.wrong(&place, format!("is no flow with a section; {}", instead(flow, &known)));
        }
        let (env, file) = (queue.security_code_env.clone(), queue.security_code_file.clone());
        match Secret::choose(&place, "security_code", env, file, None) {
            Ok(Some(secret)) => drop(codes.insert(flow.clone(), secret)),
            Ok(None) => reader.wrong(&place, "security_code_env or security_code_file is missing"),
            Err(mistake) => reader.mistakes.push(mistake),
        }
    }
    codes
}

/// A way of reading that no flow reads by would be ignored.
fn check_reads(reader: &mut Reader, enova: &EnovaSettings, flows: &[FlowSection], place: &Place) {
    let lists: BTreeSet<Area> = flows.iter().filter_map(|flow| flow.section.list()).collect();
    for area in enova.reads.keys().filter(|area| !lists.contains(area)) {
        let known: Vec<&str> = lists.iter().map(|area| area.as_str()).collect();
        let what = match known.is_empty() {
            true => "no flow with a section reads a list in a way that can be chosen".to_owned(),
            false => format!(
                "no flow with a section reads it in a way that can be chosen; known: {}",
                known.join(", ")
            ),
        };
        reader.wrong(&place.key("reads").key(area.as_str()), what);
    }
    let of_altone =
        |area: &Area| enova.areas.iter().flatten().any(|(of, add_on)| of == area && add_on == "altone");
    for flow in flows.iter().filter(|flow| enova.queues.contains_key(flow.entry.id)) {
        let what = match flow.section.list() {
            None => "reads no list that a queue tells of".to_owned(),
            Some(area) => match enova.reads.get(&area) {
                Some(ReadBy::Queue) => continue,
                None if of_altone(&area) => continue,
                _ => format!("does not read by its queue, expected reads.{area} = \"queue\" beside it"),
            },
        };
        reader.wrong(&place.key("queues").key(flow.entry.id), what);
    }
}

fn name(reader: &mut Reader, table: &mut Table, place: &Place) -> Option<String> {
    let Some(value) = table.remove("name") else {
        reader.wrong(place, "name is missing, expected one such as name = \"shop\"");
        return None;
    };
    let place = place.key("name");
    let name: String = reader.read(value, &place, &[])?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) || name.len() > 40 {
        reader.wrong(
            &place,
            "expected a name of up to 40 small letters, digits and dashes that begins with a letter",
        );
    }
    Some(name)
}

fn needed(
    reader: &mut Reader,
    place: &Place,
    key: &str,
    env: Option<String>,
    file: Option<std::path::PathBuf>,
    default: Option<&str>,
) -> Option<Secret> {
    let secret = chosen(reader, Secret::choose(place, key, env, file, default));
    if secret.is_none() && !reader.mistakes.iter().any(|mistake| mistake.place.to_string().contains(key)) {
        reader.wrong(
            place,
            format!("{key}_env or {key}_file is missing: with several tenants each names its own"),
        );
    }
    secret
}

/// The add-ons that this program knows.
pub(crate) const ADD_ONS: &[&str] = &["b2b", "altone"];

fn check_add_ons(reader: &mut Reader, enova: &EnovaSettings, place: &Place) {
    for (area, add_on) in enova.areas.iter().flatten() {
        if !ADD_ONS.contains(&add_on.as_str()) {
            let place = place.key("areas").key(area.as_str());
            reader.wrong(
                &place,
                format!("names no add-on that this program knows; {}", instead(add_on, ADD_ONS)),
            );
        }
    }
}

fn check_engine(reader: &mut Reader, engine: &EngineSettings) {
    let place = Place::root().key("engine");
    for (key, span) in [
        ("lease_ttl", engine.lease_ttl),
        ("claim_ttl", engine.claim_ttl),
        ("answer_timeout", engine.answer_timeout),
        ("dispatch_every", engine.dispatch_every),
    ] {
        if span.get().is_zero() {
            reader.wrong(&place.key(key), "is nothing, expected some time");
        }
    }
    for (key, places) in [
        ("orders", engine.orders),
        ("stock", engine.stock),
        ("regular", engine.regular),
        ("bulk", engine.bulk),
    ] {
        if places == 0 {
            reader.wrong(&place.key(key), "is 0, expected at least 1");
        }
    }
    if sync_core::Schedule::every(engine.dispatch_every.get()).is_err() {
        reader.wrong(
            &place.key("dispatch_every"),
            "does not divide a day into equal parts of whole seconds, expected a span such as \"5 s\"",
        );
    }
}

fn check_alerts(reader: &mut Reader, alerts: &AlertsSettings) {
    if alerts.check_every.get().is_zero() {
        reader.wrong(&Place::root().key("alerts").key("check_every"), "is nothing, expected some time");
    }
}

fn check_store(reader: &mut Reader, store: &StoreSettings) {
    let place = Place::root().key("store");
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let first = store.schema.starts_with(|c: char| c.is_ascii_lowercase());
    if !first
        || !store.schema.chars().all(plain)
        || store.schema.len() > 20
        || store.schema.starts_with("pg_")
    {
        reader.wrong(&place.key("schema"), "expected up to 20 small letters, digits and underscores that begin with a letter, and not with pg_");
    }
    if store.connections == 0 {
        reader.wrong(&place.key("connections"), "is 0, expected at least 1");
    }
}

fn check_faces(reader: &mut Reader, faces: &FacesSettings, tenants: &[TenantSettings]) {
    let place = Place::root().key("faces");
    if let Some(private) = faces.private
        && !private.ip().is_loopback()
        && !faces.allow_other_machines
    {
        reader.wrong(
            &place.key("private"),
            "is open to other machines, expected an address such as 127.0.0.1:9090; allow_other_machines = true if that is meant",
        );
    }
    // with port 0 the system gives each its own
    if faces.private.is_some_and(|private| private.port() != 0) && faces.private == faces.public {
        reader.wrong(&place.key("public"), "is the address of the private face too");
    }
    let hooks = |tenant: &TenantSettings| tenant.hooks.is_some();
    if faces.public.is_some() && !tenants.iter().any(hooks) && reader.mistakes.is_empty() {
        reader.wrong(&place.key("public"), "takes hints of no tenant, expected a table [tenants.hooks]");
    }
    if faces.public.is_none()
        && let Some(number) = tenants.iter().position(hooks)
    {
        let place = Place::root().key("tenants").index(number).key("hooks");
        reader.wrong(
            &place,
            "nothing listens for them, expected faces.public, an address such as 127.0.0.1:8080",
        );
    }
}
