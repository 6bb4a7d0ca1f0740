//! Contractors and clients: E9, O1, O4, O5.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use one_client::account::{BlockadeType, Context};
use serde_json::{Value, json};
use soneta_webapi::wire::Cecha;
use soneta_webapi::{Change, ChangesQuery, Kontrahenci, Kontrahent, ZapisKontrahenta};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_core::{ActKind, DispatchSettings, Dispatcher, KeysetSource, RejectFilter, Submitter, SystemClock};
use sync_flows::Tick;
use sync_flows::enova::{Changes, ContractorSubmitter, KontrahenciList, changes};
use sync_flows::flows::clients::{
    self, CONTRACTOR_CHANGE_ACT, ClientMapper, ClientSettings, ContractorMapper, ContractorSettings,
    NEW_CLIENT_ACT, NEW_CONTRACTOR_ACT, NewContractorMapper, PortalContractor, PortalField, SEGMENT_ACT,
};
use sync_flows::one::{ClientSource, NewClientSubmitter, SegmentSubmitter, Withdrawal};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play, run_to_end};

rows! { e9: ToPortal, o1: ToOne<true>, o4: ToOne<false>, o5: ToEnova }

const OWNED: [PortalField; 2] = [PortalField::Phone, PortalField::Email];

fn contractors(world: &World) -> KeysetSource<Changes<KontrahenciList>> {
    let port = Arc::new(world.erp.b2b().kontrahenci());
    changes(KontrahenciList::new(port), &world.setup.erp, Arc::new(SystemClock))
}

/// What is in doubt is looked up at once.
async fn dispatch<S: Submitter + 'static>(world: &World, id: &str, kinds: &[&str], submitter: S) {
    let kinds: Vec<ActKind> = kinds.iter().map(|kind| ActKind::from(*kind)).collect();
    let store = Arc::clone(&world.setup.store);
    let times = DispatchSettings::default().visibility_lag(Duration::ZERO).lookups(2, Duration::ZERO);
    let dispatcher = Dispatcher::new(world.setup.name(id).unwrap(), kinds, submitter, store);
    run_to_end(&dispatcher.with_settings(times)).await;
}

/// Every contractor as the ERP tells it.
pub(crate) async fn all_contractors(world: &World) -> Vec<Kontrahent> {
    let query = ChangesQuery::builder().limit(1_000).build();
    let page = world.erp.b2b().kontrahenci().list_kontrahenci(&query).await.unwrap();
    assert!(page.end);
    let rows = page.rows.into_iter().filter_map(|row| match row {
        Ok(Change::Upsert(row)) => Some(row),
        _ => None,
    });
    rows.collect()
}

fn kod(nth: usize) -> String {
    format!("K{:04}", nth + 1)
}

pub(crate) async fn save(world: &World, nth: usize, change: impl FnOnce(&mut ZapisKontrahenta)) {
    let known = world.enova.contractors();
    let guid = known.iter().find(|known| known.kod == kod(nth)).unwrap().guid;
    let mut zapis = ZapisKontrahenta::builder().guid(guid).build();
    change(&mut zapis);
    world.erp.b2b().kontrahenci().save(&zapis).await.unwrap();
}

/// The n-th contractor cannot be read, neither in lists nor in look-ups.
fn spoil(spoilt: &Spoilt<String>, world: &World, nth: usize) {
    let calls = ["B2BKontrahenci/Lista", "B2BKontrahenci/Pobierz"];
    spoilt.spoil(world, &calls, &format!("\"Kod\":\"{}\"", kod(nth)), "\"Kod\":7", kod(nth));
}

/// The rows are whole again, and a person replays the reject.
async fn heal(spoilt: &Spoilt<String>, world: &World) {
    spoilt.heal(world);
    world.setup.store.replay_rejects(&RejectFilter::all()).await.unwrap();
}

struct ToPortal {
    world: World,
    portal: OwnPortal<PortalContractor>,
    spoilt: Spoilt<String>,
}

#[async_trait]
impl Row for ToPortal {
    async fn begin() -> Self {
        Self { world: World::of_goods(3).await, portal: OwnPortal::new(), spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(10, pages);
        let (mapper, portal) = (ContractorMapper::new(Tick::Told), Arc::clone(&self.portal.sink));
        play(clients::to(&setup, contractors(&self.world), mapper, portal).unwrap(), pages).await;
    }

    async fn expected(&self) -> Shown {
        let known = self.world.enova.contractors().into_iter();
        let known = known.filter(|known| known.zaznaczony && !self.spoilt.is(&known.kod));
        known
            .map(|known| (known.id.to_string(), format!("{} {} true", known.kod, known.blokada_sprzedazy)))
            .collect()
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(|PortalContractor { active, kontrahent, .. }| {
            format!("{} {} {active}", kontrahent.kod, kontrahent.blokada_sprzedazy)
        })
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        self.world.enova.set_contractor_blocked(&kod(0), true).unwrap();
    }

    async fn remove_one(&self) {
        self.world.enova.set_contractor_ticked(&kod(1), false).unwrap();
    }

    async fn removed(&self) {
        assert!(!self.portal.sink.records().contains_key(&"2".into()));
    }

    async fn spoil_one(&self) {
        spoil(&self.spoilt, &self.world, 2);
    }

    async fn heal(&self) {
        heal(&self.spoilt, &self.world).await;
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}

/// Contractors with delivery places, contacts, currency and kind of VAT; merged ones as inactive, with what stands for them.
#[tokio::test]
async fn e9_tells_everything_of_a_contractor_and_a_merged_one_as_inactive() {
    let row = ToPortal::begin().await;
    row.run(None).await;
    let whole = |kontrahent: &Kontrahent| {
        kontrahent.waluta.is_some() && kontrahent.rodzaj_vat.is_some() && kontrahent.wersja.is_none()
    };
    let told = row.portal.sink.records();
    assert!(told.values().all(|told| whole(&told.kontrahent)));
    assert!(told.values().any(|told| !told.kontrahent.miejsca_dostaw.is_empty()));
    assert!(told.values().any(|told| !told.kontrahent.kontakty.is_empty()));
    row.world.enova.merge_contractor(&kod(0), &kod(1)).unwrap();
    row.run(None).await;
    let merged = row.portal.sink.records().remove(&"1".into()).unwrap();
    assert_eq!((merged.active, merged.kontrahent.zastapiony_przez_id.map(|id| id.0)), (false, Some(2)));
}

/// O4, with segments O1 too.
struct ToOne<const SEGMENTS: bool> {
    world: World,
    withdrawal: Withdrawal,
    spoilt: Spoilt<String>,
}

/// Segments, new clients, changes; with a page budget, one step of the flow of new clients alone.
pub(crate) async fn to_one(world: &World, segments: bool, withdrawal: Withdrawal, pages: Option<usize>) {
    let (setup, one) = (world.paged(10, pages), &world.one);
    let mapper = || ClientMapper::new(ClientSettings::builder().segments(segments).build());
    if segments && pages.is_none() {
        play(clients::segments_to_one(&setup, contractors(world), Tick::Told).unwrap(), pages).await;
        dispatch(world, "submit-segments", &[SEGMENT_ACT], SegmentSubmitter::new(one.clone())).await;
    }
    play(clients::new_to_one(&setup, contractors(world), mapper()).unwrap(), pages).await;
    if pages.is_some() {
        return;
    }
    dispatch(world, "submit-clients", &[NEW_CLIENT_ACT], new_clients(world)).await;
    let flow = clients::changes_to_one(&setup, contractors(world), mapper(), OWNED, withdrawal, one.clone());
    play(flow.unwrap(), pages).await;
}

pub(crate) fn new_clients(world: &World) -> NewClientSubmitter {
    let World { setup, one, erp, .. } = world;
    let port = Arc::new(erp.b2b().kontrahenci());
    NewClientSubmitter::new(one.clone(), port, Arc::clone(&setup.store), Arc::clone(&setup.clock))
}

/// The clients of ONe by the ERP's id; none of them twice.
pub(crate) fn clients_of(world: &World) -> BTreeMap<String, Value> {
    let mut clients = BTreeMap::new();
    for json in world.sim.records("clients").into_values() {
        let client: Value = serde_json::from_str(&json).unwrap();
        let id = client["externalId"].as_str().unwrap_or_default().to_owned();
        assert!(clients.insert(id.clone(), client).is_none(), "two clients of contractor {id}");
    }
    clients
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[async_trait]
impl<const SEGMENTS: bool> Row for ToOne<SEGMENTS> {
    async fn begin() -> Self {
        let withdrawal = Withdrawal::blockade("PORTAL", BlockadeType::Client);
        Self { world: World::of_goods(3).await, withdrawal, spoilt: Spoilt::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        to_one(&self.world, SEGMENTS, self.withdrawal.clone(), pages).await;
    }

    async fn expected(&self) -> Shown {
        let rows = all_contractors(&self.world).await.into_iter();
        // what never had a tick was never created
        let rows = rows.filter(|row| self.world.was_ticked(&row.kod) && !self.spoilt.is(&row.kod));
        rows.map(|row| {
            let segment = row.segment.clone().filter(|_| SEGMENTS).unwrap_or_default();
            let (nip, blocked) = (row.nip.unwrap_or_default(), row.zaznaczony == Some(false));
            (row.id.to_string(), format!("{} {nip} {segment} {blocked}", one_line(&row.nazwa)))
        })
        .collect()
    }

    async fn shown(&self) -> Shown {
        let segments = self.world.sim.records("segments");
        let blocked = self.world.sim.records("client-blockades");
        let shown = clients_of(&self.world).into_iter().map(|(external_id, client)| {
            let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
            let segment = segments.get(&text("segmentId")).map(|segment| {
                let segment: Value = serde_json::from_str(segment).unwrap();
                segment["name"].as_str().unwrap().to_owned()
            });
            let (segment, blocked) = (segment.unwrap_or_default(), blocked.contains_key(&text("clientId")));
            (external_id, format!("{} {} {segment} {blocked}", text("name"), text("tin")))
        });
        shown.collect()
    }

    fn sent(&self) -> u64 {
        writes_to_one(&self.world)
    }

    fn sent_by_one_change(&self) -> u64 {
        // the new segment, and the client that is in it
        if SEGMENTS { 2 } else { 1 }
    }

    async fn change_one(&self) {
        save(&self.world, 0, |zapis| match SEGMENTS {
            true => zapis.cechy = vec![Cecha::new("Segment", "Nowy")],
            false => zapis.nazwa = Some("Zażółć gęślą jaźń".to_owned()),
        })
        .await;
    }

    async fn remove_one(&self) {
        self.world.enova.set_contractor_ticked(&kod(1), false).unwrap();
    }

    async fn removed(&self) {
        assert_eq!(self.world.sim.records("client-blockades").len(), 1);
    }

    async fn spoil_one(&self) {
        spoil(&self.spoilt, &self.world, 2);
    }

    async fn heal(&self) {
        heal(&self.spoilt, &self.world).await;
    }

    fn lose_answer(&self) -> Vec<Lost> {
        let path = if SEGMENTS { "/segments" } else { "/clients" };
        vec![Lost::call(self.world.sim.faults(), Fault::on(path).method("POST"))]
    }
}

/// Creates and changes of clients and segments.
pub(crate) fn writes_to_one(world: &World) -> u64 {
    let arrivals = world.sim.faults().arrivals().into_iter();
    let writes = arrivals.filter(|call| {
        (call.starts_with("POST ") || call.starts_with("PUT "))
            && (call.contains("/clients") || call.contains("/segments"))
    });
    writes.count() as u64
}

/// The feed of what was changed in these contexts, and the dispatcher; with a page budget, one step of the feed's flow alone.
pub(crate) async fn to_enova(world: &World, contexts: &[Context], pages: Option<usize>) {
    let setup = world.paged(10, pages);
    let mapper = NewContractorMapper::new(ContractorSettings::default(), &setup.tenant);
    let source = ClientSource::new(world.one.clone(), &setup.tenant).in_contexts(contexts.to_vec());
    play(clients::to_enova(&setup, source, mapper).unwrap(), pages).await;
    if pages.is_none() {
        let kinds = [NEW_CONTRACTOR_ACT, CONTRACTOR_CHANGE_ACT];
        dispatch(world, "submit-contractors", &kinds, new_contractors(world)).await;
    }
}

pub(crate) fn new_contractors(world: &World) -> ContractorSubmitter {
    let port = Arc::new(world.erp.b2b().kontrahenci());
    ContractorSubmitter::new(port.clone(), port, Arc::clone(&world.setup.store)).portal_owns(OWNED)
}

/// O5: four companies that registered in ONe.
struct ToEnova {
    world: World,
    /// Bodies that cannot be read, and clients that are gone, by client id.
    spoilt: Mutex<BTreeMap<String, String>>,
    gone: Mutex<BTreeMap<String, String>>,
}

pub(crate) const NIPS: [&str; 4] = ["5252248481", "5260250274", "7251735694", "1132191233"];

pub(crate) fn put_client(world: &World, nth: usize, change: impl FnOnce(&mut Value)) {
    let id = format!("org:{nth}");
    let stored = world.sim.record("clients", &id).map(|json| serde_json::from_str(&json).unwrap());
    let mut client: Value = stored.unwrap_or_else(|| {
        json!({"clientId": id, "name": format!("Firma {nth}"), "tin": NIPS[nth], "phone": format!("60000000{nth}"),
            "address": {"street": "Żabia 7/2", "city": "Łódź", "zipCode": "90-001", "country": "PL"}})
    });
    change(&mut client);
    world.sim.put_record("clients", &id, &client.to_string()).unwrap();
    tell(world, &id, "UPDATE");
}

fn tell(world: &World, id: &str, kind: &str) {
    world.sim.tell_event("clients", &json!({"clientId": id, "type": kind}).to_string()).unwrap();
}

#[async_trait]
impl Row for ToEnova {
    async fn begin() -> Self {
        let world = World::of_goods(3).await;
        for nth in 0..4 {
            put_client(&world, nth, |_| {});
        }
        Self { world, spoilt: Mutex::default(), gone: Mutex::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        to_enova(&self.world, Context::FOREIGN, pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut clients = self.world.sim.records("clients");
        clients.extend(self.gone.lock().unwrap().clone());
        clients.retain(|id, _| !self.spoilt.lock().unwrap().contains_key(id));
        let shown = clients.into_values().map(|json| {
            let client: Value = serde_json::from_str(&json).unwrap();
            let text = |name: &str| client[name].as_str().unwrap().to_owned();
            (text("tin"), format!("{} {}", text("name"), text("phone")))
        });
        shown.collect()
    }

    async fn shown(&self) -> Shown {
        let ours: BTreeSet<&str> = NIPS.into();
        let mut shown = Shown::new();
        for row in all_contractors(&self.world).await {
            let nip = row.nip.unwrap_or_default();
            if ours.contains(nip.as_str()) {
                let phone = row.adres.and_then(|adres| adres.telefon).unwrap_or_default();
                assert!(shown.insert(nip, format!("{} {phone}", row.nazwa)).is_none(), "two contractors");
            }
        }
        shown
    }

    fn sent(&self) -> u64 {
        self.world.enova.faults().calls("B2BKontrahenci/Zapisz")
    }

    async fn change_one(&self) {
        put_client(&self.world, 0, |client| client["phone"] = "222222222".into());
    }

    async fn remove_one(&self) {
        let json = self.world.sim.record("clients", "org:1").unwrap();
        self.world.sim.remove_record("clients", "org:1").unwrap();
        tell(&self.world, "org:1", "DELETE");
        self.gone.lock().unwrap().insert("org:1".to_owned(), json);
    }

    async fn removed(&self) {
        let rejects = self.world.rejects().await;
        let told: Vec<_> = rejects.iter().map(|reject| (reject.key.as_str(), reject.reason.code())).collect();
        assert_eq!(
            told,
            [("org:1", "withdrawn-after-transfer")],
            "the contractor stays, and a person is told"
        );
    }

    async fn spoil_one(&self) {
        let json = self.world.sim.record("clients", "org:2").unwrap();
        put_client(&self.world, 2, |client| client["name"] = 7.into());
        self.spoilt.lock().unwrap().insert("org:2".to_owned(), json);
    }

    async fn heal(&self) {
        let spoilt = std::mem::take(&mut *self.spoilt.lock().unwrap());
        for (id, json) in spoilt {
            self.world.sim.put_record("clients", &id, &json).unwrap();
            tell(&self.world, &id, "UPDATE");
        }
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world.enova.faults(), "B2BKontrahenci/Zapisz")]
    }
}
