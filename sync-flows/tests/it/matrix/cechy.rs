//! Custom fields: E17, on contractors, whose cechy the simulated company has most of.

use async_trait::async_trait;
use soneta_webapi::simulator::SimulatedKontrahent;
use soneta_webapi::wire::Cecha;
use soneta_webapi::{Kontrahent, ZapisKontrahenta, ZapisKontrahentow};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use sync_core::{Key, Links, Mapped, Mapper, Reason, SystemClock};
use sync_flows::Tick;
use sync_flows::cechy::{Cechy, WithFields, with_fields};
use sync_flows::enova::{KontrahenciList, changes};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { e17: Fields }

/// The portal's own record: nothing but the code, so that what changes are the fields.
#[derive(Debug)]
struct Codes(Tick);

impl Mapper<Kontrahent> for Codes {
    type Out = String;

    fn map(&self, _key: &Key, kontrahent: Kontrahent, _links: &Links) -> Result<Mapped<String>, Reason> {
        if !self.0.sends(None, &kontrahent.cechy) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        Ok(Mapped::Send(kontrahent.kod))
    }
}

fn fields(fields: [Option<&String>; 2]) -> String {
    fields.map(|field| field.map_or("none", String::as_str)).join(" ")
}

struct Fields {
    world: World,
    portal: OwnPortal<WithFields<String>>,
    segments: Mutex<BTreeMap<i32, String>>,
    spoilt: Spoilt<i32>,
}

impl Fields {
    fn ticked(&self, nth: usize) -> SimulatedKontrahent {
        self.world.enova.contractors().into_iter().filter(|one| one.zaznaczony).nth(nth).unwrap()
    }

    async fn set_segment(&self, kontrahent: &SimulatedKontrahent, segment: &str) {
        let cechy = vec![Cecha::new("Segment", segment)];
        let zapis = ZapisKontrahenta::builder().guid(kontrahent.guid).cechy(cechy).build();
        self.world.erp.b2b().kontrahenci().save_kontrahent(&zapis).await.unwrap();
        self.segments.lock().unwrap().insert(kontrahent.id, segment.to_owned());
    }
}

#[async_trait]
impl Row for Fields {
    async fn begin() -> Self {
        let row = Self {
            world: World::of_goods(30).await,
            portal: OwnPortal::new(),
            segments: Mutex::default(),
            spoilt: Spoilt::default(),
        };
        for kontrahent in row.world.enova.contractors() {
            row.set_segment(&kontrahent, "D").await;
        }
        row
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(2, pages).with_weekly_full_pass();
        let named = [("Segment", "segment"), ("Grupa cenowa", "price_group")];
        let cechy = named.into_iter().map(|(cecha, field)| (cecha.to_owned(), field.to_owned())).collect();
        let cechy = Cechy::new(cechy).unwrap();
        let asked = cechy.names().chain(["Portal"]);
        let list = KontrahenciList::new(Arc::new(self.world.erp.b2b().kontrahenci().with_cechy(asked)));
        let source = changes(list, &setup.erp, Arc::new(SystemClock));
        let mapper = with_fields(Codes(Tick::Cecha("Portal".to_owned())), cechy);
        let flow = setup.flow("fields", source, mapper, Arc::clone(&self.portal.sink)).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let segments = self.segments.lock().unwrap().clone();
        let contractors = self.world.enova.contractors().into_iter();
        contractors
            .filter(|one| one.zaznaczony && !self.spoilt.is(&one.id))
            .map(|one| (one.kod, fields([Some(&one.grupa_cenowa), segments.get(&one.id)])))
            .collect()
    }

    async fn shown(&self) -> Shown {
        let records = self.portal.sink.records().into_values();
        records
            .map(|one| (one.record, fields([one.fields.get("price_group"), one.fields.get("segment")])))
            .collect()
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        self.set_segment(&self.ticked(0), "E").await;
    }

    async fn remove_one(&self) {
        self.world.enova.set_contractor_ticked(&self.ticked(1).kod, false).unwrap();
    }

    async fn spoil_one(&self) {
        let SimulatedKontrahent { id, kod, .. } = self.ticked(2);
        let [find, with] = ["Nazwa", "Nazwisko"].map(|field| format!("\"Kod\":\"{kod}\",\"{field}\":"));
        let calls = ["B2BKontrahenci/Lista", "B2BKontrahenci/Pobierz"];
        self.spoilt.spoil(&self.world, &calls, &find, &with, id);
    }

    async fn heal(&self) {
        let id = self.spoilt.heal(&self.world).unwrap();
        let contractors = self.world.enova.contractors();
        self.set_segment(contractors.iter().find(|one| one.id == id).unwrap(), "F").await;
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}
