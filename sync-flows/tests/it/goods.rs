//! Goods to a portal of one's own: what the matrix does not play.

use async_trait::async_trait;
use soneta_webapi::altone::{GetTowary, KartotekaTowarowa, UpsertKartotekaTowarowa};
use soneta_webapi::envelope::Rows;
use soneta_webapi::wire::Cecha;
use soneta_webapi::{Change, ChangesQuery, Towar, TowarId, Towary, WirePage};
use std::sync::{Arc, Mutex};
use sync_core::testing::{MemorySink, mapper_conformance};
use sync_core::{Job, Key, Links, Mapped, Mapper, SystemClock};
use sync_flows::Tick;
use sync_flows::enova::{TowaryList, changes, full_list, id_key};
use sync_flows::flows::goods::{self, GoodsMapper, LogRenames, Renamed, Renames};

use crate::run;
use crate::world::World;

/// Somebody changes a good's card in the ERP.
pub(crate) async fn change_card(world: &World, id: i32, change: impl FnOnce(&mut KartotekaTowarowa)) {
    let asked = GetTowary::builder().id_towarow(vec![TowarId(id)]).build();
    let mut card = world.erp.send(&asked).await.unwrap().data.remove(0).unwrap();
    change(&mut card);
    world.erp.send(&UpsertKartotekaTowarowa::new(card)).await.unwrap();
}

#[derive(Debug, Default)]
struct Noted(Mutex<Vec<Renamed>>);

impl Renames for Noted {
    fn renamed(&self, good: &Renamed) {
        self.0.lock().unwrap().push(good.clone());
    }
}

impl Noted {
    fn all(&self) -> Vec<(String, String, String)> {
        let all = self.0.lock().unwrap().clone();
        all.into_iter().map(|good| (good.id, good.was, good.now)).collect()
    }
}

async fn run_goods(world: &World, portal: &Arc<MemorySink<Towar>>, noted: &Arc<Noted>) {
    let list = TowaryList::new(Arc::new(world.erp.b2b().towary()));
    let source = changes(list, &world.setup.erp, Arc::new(SystemClock));
    let renames = Arc::clone(noted) as Arc<dyn Renames>;
    let flow = goods::to(&world.setup, source, GoodsMapper::default(), Arc::clone(portal), renames).unwrap();
    run(&flow).await;
    flow.leave().await;
}

#[tokio::test]
async fn a_renamed_good_is_the_same_good_and_is_reported_once() {
    let world = World::of_goods(10).await;
    let (portal, noted) = (Arc::new(MemorySink::new()), Arc::new(Noted::default()));
    run_goods(&world, &portal, &noted).await;
    assert_eq!(noted.all(), []);
    let goods = world.enova.goods();
    let [named, renamed] = [1, 2].map(|nth| goods.iter().filter(|good| good.zaznaczony).nth(nth).unwrap());
    change_card(&world, named.id, |card| card.nazwa = "Inna nazwa".to_owned()).await;
    change_card(&world, renamed.id, |card| card.kod = "NOWY/ŻÓŁTY".to_owned()).await;
    for _ in 0..2 {
        run_goods(&world, &portal, &noted).await;
        let expected = (renamed.id.to_string(), renamed.kod.clone(), "NOWY/ŻÓŁTY".to_owned());
        assert_eq!(noted.all(), [expected]);
    }
    let key = Key::from(renamed.id.to_string());
    assert_eq!(portal.records()[&key].kod, "NOWY/ŻÓŁTY");
    assert_eq!(portal.records().len(), goods.iter().filter(|good| good.zaznaczony).count());
    // the portal's own id comes back to it
    let at = portal.log().iter().rposition(|sent| *sent == key).unwrap();
    assert_eq!(portal.previous()[at].as_ref().unwrap().as_str(), format!("t-{key}"));
}

#[tokio::test]
async fn a_rename_that_the_portal_refuses_is_reported_once_it_goes_through() {
    let world = World::of_goods(10).await;
    let (portal, noted) = (Arc::new(MemorySink::new()), Arc::new(Noted::default()));
    run_goods(&world, &portal, &noted).await;
    let good = world.enova.goods().into_iter().find(|good| good.zaznaczony).unwrap();
    portal.refuse(good.id.to_string(), true);
    change_card(&world, good.id, |card| card.kod = "INNY".to_owned()).await;
    run_goods(&world, &portal, &noted).await;
    assert_eq!((noted.all().len(), world.rejects().await.len()), (0, 1));
    portal.refuse(good.id.to_string(), false);
    change_card(&world, good.id, |card| card.nazwa = "Inna nazwa".to_owned()).await;
    run_goods(&world, &portal, &noted).await;
    assert_eq!(noted.all(), [(good.id.to_string(), good.kod, "INNY".to_owned())]);
}

#[tokio::test]
async fn the_watch_of_codes_reports_renamed_goods_and_nothing_else() {
    let world = World::of_goods(10).await;
    let noted = Arc::new(Noted::default());
    let watch = async || {
        let source = full_list(TowaryList::new(Arc::new(world.erp.altone())), &world.setup.erp);
        let renames = Arc::clone(&noted) as Arc<dyn Renames>;
        let flow = goods::watch_codes(&world.setup, source, Tick::Everything, renames).unwrap();
        run(&flow).await.counts.applied
    };
    assert_eq!(watch().await, 10);
    let good = world.enova.goods().remove(4);
    change_card(&world, good.id, |card| card.nazwa = "Inna nazwa".to_owned()).await;
    assert_eq!((watch().await, noted.all().len()), (0, 0));
    change_card(&world, good.id, |card| card.kod = "INNY".to_owned()).await;
    assert_eq!(watch().await, 1);
    assert_eq!(noted.all(), [(good.id.to_string(), good.kod, "INNY".to_owned())]);
}

#[tokio::test]
async fn a_script_in_a_name_arrives_as_text() {
    let world = World::of_goods(5).await;
    let name = "<script>alert('Zażółć')</script> & \"gęślą\" \u{202e}jaźń'; DROP TABLE towary; --";
    let good = world.enova.goods().into_iter().find(|good| good.zaznaczony).unwrap();
    change_card(&world, good.id, |card| card.nazwa = name.to_owned()).await;
    let portal = Arc::new(MemorySink::new());
    run_goods(&world, &portal, &Arc::default()).await;
    assert_eq!(portal.records()[&Key::from(good.id.to_string())].nazwa, name);
}

#[tokio::test]
async fn the_mapper_depends_on_nothing_but_the_good() {
    let world = World::of_goods(60).await;
    let towary = world.erp.b2b().towary().with_cechy(["Portal"]);
    let page = towary.list_towary(&ChangesQuery::default()).await.unwrap();
    let goods = page.rows.into_iter().map(|row| row.unwrap().upsert().unwrap());
    let goods: Vec<_> = goods.map(|good| (id_key(good.id.0), good)).collect();
    assert!(goods.iter().any(|(_, good)| good.masa_netto.is_some()));
    mapper_conformance(&GoodsMapper::default(), &goods, &Links::default()).unwrap();
    // a stamp or the order of cechy alone is no change
    let (key, good) = goods.iter().find(|(_, good)| good.zaznaczony == Some(true)).unwrap();
    let mapped = |good: Towar| match GoodsMapper::default().map(key, good, &Links::default()).unwrap() {
        Mapped::Send(out) => out,
        left_out => panic!("{left_out:?}"),
    };
    let (mut one, mut other) = (good.clone(), good.clone());
    other.data_zmiany = None;
    one.cechy.insert(0, Cecha::new("Sezon", "zima"));
    other.cechy.push(Cecha::new("Sezon", "zima"));
    assert_eq!(serde_json::to_string(&mapped(one)).unwrap(), serde_json::to_string(&mapped(other)).unwrap());
}

/// AltOne's goods without those that were removed.
#[derive(Debug, Clone)]
struct Without(soneta_webapi::altone::AltOne, Arc<Mutex<Vec<i32>>>);

impl Without {
    fn has(&self, id: TowarId) -> bool {
        !self.1.lock().unwrap().contains(&id.0)
    }
}

#[async_trait]
impl Towary for Without {
    async fn list_towary(&self, query: &ChangesQuery) -> soneta_webapi::Result<WirePage<Change<Towar>>> {
        let mut page = self.0.list_towary(query).await?;
        page.rows.retain(|row| !matches!(row, Ok(Change::Upsert(good)) if !self.has(good.id)));
        Ok(page)
    }

    async fn get_towary(&self, ids: &[TowarId]) -> soneta_webapi::Result<Rows<Towar>> {
        let ids: Vec<TowarId> = ids.iter().copied().filter(|id| self.has(*id)).collect();
        if ids.is_empty() { Ok(Rows::new()) } else { self.0.get_towary(&ids).await }
    }

    async fn get_towary_by_kod(&self, kody: &[String]) -> soneta_webapi::Result<Rows<Towar>> {
        self.0.get_towary_by_kod(kody).await
    }
}

#[tokio::test]
async fn a_good_that_vanishes_without_a_word_is_withdrawn() {
    let world = World::of_goods(10).await;
    let towary = Without(world.erp.altone(), Arc::default());
    let portal = Arc::new(MemorySink::new());
    let sync = async || {
        let source = full_list(TowaryList::new(Arc::new(towary.clone())), &world.setup.erp);
        let mapper = GoodsMapper::new(Tick::Everything);
        let renames = Arc::new(LogRenames);
        let flow = goods::to(&world.setup, source, mapper, Arc::clone(&portal), renames).unwrap();
        run(&flow).await;
    };
    sync().await;
    assert_eq!(portal.records().len(), 10);
    towary.1.lock().unwrap().push(3);
    sync().await;
    let left: Vec<String> = portal.records().into_keys().map(String::from).collect();
    assert_eq!((left.len(), left.contains(&"3".to_owned())), (9, false));
}
