//! The change queue, on the simulated enova365 with AltOne's contract.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use soneta_webapi::altone::GetRecordsChange;
use soneta_webapi::{
    KluczKontrahenta, KolejkaZmian, Kontrahent, KontrahentId, OczekujacaTabela, PotwierdzenieZmiany,
    SnapshotQuery, StanWiersza, Towar, WirePage, ZapisKontrahenta, ZapisKontrahentow, ZmianaWiersza,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use sync_core::testing::{
    MemorySink, SourceExpectations, SourceUnderTest, assert_no_loss, queue_conformance, source_conformance,
};
use sync_core::{ErrorKind, Item, Key, ReadFrom, Reason, Receipt, Reconciled, Source};
use sync_flows::Tick;
use sync_flows::enova::{
    ChangeQueue, FullList, KontrahenciList, RozrachunkiList, SegmentSource, TowaryList, id_key, queue,
};
use sync_flows::flows::goods::{self, GoodsMapper, LogRenames};

use crate::goods::change_card;
use crate::run;
use crate::world::World;

type By<L> = Reconciled<ChangeQueue<L>, FullList<L>>;

fn goods_queue(world: &World) -> By<TowaryList> {
    let list = TowaryList::new(Arc::new(world.erp.altone()));
    queue(list, Arc::new(world.queue()), &world.setup.erp).unwrap()
}

fn contractors_queue(world: &World) -> By<KontrahenciList> {
    let list = KontrahenciList::new(Arc::new(world.erp.altone().kontrahenci()));
    queue(list, Arc::new(world.queue()), &world.setup.erp).unwrap()
}

async fn rename_contractor(world: &World, id: i32, nazwa: String) {
    let kontrahenci = world.erp.altone().kontrahenci();
    let found = kontrahenci.get(&KluczKontrahenta::Id(KontrahentId(id))).await.unwrap().remove(0).unwrap();
    let zapis = ZapisKontrahenta::builder().guid(found.guid.unwrap()).nazwa(nazwa).build();
    kontrahenci.save_kontrahent(&zapis).await.unwrap();
}

fn expectations(rows: usize) -> SourceExpectations {
    let alive = (1..=rows).map(|id| id_key(id.try_into().unwrap()));
    SourceExpectations::new().alive(alive).unknown("987654").looks_up().limits([2, 1, 7, 1_000])
}

#[tokio::test]
async fn the_queue_of_goods_keeps_every_promise_of_a_queue() {
    let world = World::of_goods(12).await;
    for (n, id) in [3, 5, 5, 7, 3, 1].into_iter().enumerate() {
        change_card(&world, id, |card| card.nazwa = format!("Nazwa {n}")).await;
    }
    let source = goods_queue(&world);
    source_conformance(&source, &expectations(12)).await.unwrap();
    queue_conformance(&source, &expectations(12)).await.unwrap();
}

#[tokio::test]
async fn the_queue_of_contractors_keeps_every_promise_of_a_queue() {
    let world = World::of_goods(3).await;
    let rows = world.enova.contractors().len();
    for (n, id) in [1, 2, 2, 3].into_iter().enumerate() {
        rename_contractor(&world, id, format!("Nazwa {n}")).await;
    }
    let source = contractors_queue(&world);
    source_conformance(&source, &expectations(rows)).await.unwrap();
    queue_conformance(&source, &expectations(rows)).await.unwrap();
}

struct Goods {
    world: World,
    source: Arc<By<TowaryList>>,
}

#[async_trait]
impl SourceUnderTest for Goods {
    type Source = By<TowaryList>;
    type Version = String;

    fn source(&self) -> Arc<Self::Source> {
        Arc::clone(&self.source)
    }

    async fn change(&self, n: usize, recent: Option<&Key>) -> sync_core::Result<()> {
        let id = match recent {
            Some(recent) if n.is_multiple_of(2) => recent.as_str().parse().unwrap(),
            _ => i32::try_from(n % 5).unwrap() + 1,
        };
        change_card(&self.world, id, |card| card.nazwa = format!("Nazwa {n}")).await;
        Ok(())
    }

    async fn truth(&self) -> sync_core::Result<BTreeMap<Key, String>> {
        let goods = self.world.enova.goods().into_iter();
        // those that never changed are in no queue
        Ok(goods
            .filter(|good| good.nazwa.starts_with("Nazwa "))
            .map(|good| (id_key(good.id), good.nazwa))
            .collect())
    }

    fn version(&self, record: &Towar) -> String {
        record.nazwa.clone()
    }
}

#[tokio::test]
async fn no_change_of_a_good_is_lost() {
    let world = World::of_goods(5).await;
    let source = Arc::new(goods_queue(&world));
    assert_no_loss(&Goods { world, source }, 40).await.unwrap();
}

struct Contractors {
    world: World,
    source: Arc<By<KontrahenciList>>,
}

#[async_trait]
impl SourceUnderTest for Contractors {
    type Source = By<KontrahenciList>;
    type Version = String;

    fn source(&self) -> Arc<Self::Source> {
        Arc::clone(&self.source)
    }

    async fn change(&self, n: usize, recent: Option<&Key>) -> sync_core::Result<()> {
        let id = match recent {
            Some(recent) if n.is_multiple_of(2) => recent.as_str().parse().unwrap(),
            _ => i32::try_from(n % 3).unwrap() + 1,
        };
        rename_contractor(&self.world, id, format!("Nazwa {n}")).await;
        Ok(())
    }

    async fn truth(&self) -> sync_core::Result<BTreeMap<Key, String>> {
        let all = self.world.enova.contractors().into_iter();
        Ok(all.filter(|one| one.nazwa.starts_with("Nazwa ")).map(|one| (id_key(one.id), one.nazwa)).collect())
    }

    fn version(&self, record: &Kontrahent) -> String {
        record.nazwa.clone()
    }
}

#[tokio::test]
async fn no_change_of_a_contractor_is_lost() {
    let world = World::of_goods(3).await;
    let source = Arc::new(contractors_queue(&world));
    assert_no_loss(&Contractors { world, source }, 40).await.unwrap();
}

#[tokio::test]
async fn what_the_portal_refuses_stays_in_the_erp_s_queue_with_the_reason() {
    let world = World::of_goods(10).await;
    let portal = Arc::new(MemorySink::new());
    let sync = async || {
        let mapper = GoodsMapper::new(Tick::Everything);
        let renames = Arc::new(LogRenames);
        let flow =
            goods::to(&world.setup, goods_queue(&world), mapper, Arc::clone(&portal), renames).unwrap();
        run(&flow).await.counts
    };
    sync().await;
    assert_eq!(portal.records().len(), 10);
    portal.refuse_for("4", Reason::new("name-too-long").with_detail("of a person"));
    for id in [4, 6] {
        change_card(&world, id, |card| card.nazwa.push_str(" II")).await;
    }
    assert_eq!(sync().await.applied, 1);
    let rejected: Vec<Key> = world.rejects().await.into_iter().map(|reject| reject.key).collect();
    assert_eq!(rejected, [id_key(4)]);
    let asked = GetRecordsChange::builder()
        .source_table("Towary")
        .external_system("PORTAL")
        .security_code("code of the consumer".into())
        .build();
    let waiting = async || world.erp.send(&asked).await.unwrap().data;
    let left: Vec<_> = waiting().await.into_iter().map(|row| row.unwrap()).collect();
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].source_id, left[0].description.as_deref()), (4, Some("name-too-long")));
    // it is the engine's by now, and read no more
    assert_eq!(sync().await.fetched, 0);

    portal.refuse("4", false);
    change_card(&world, 4, |card| card.nazwa.push('I')).await;
    sync().await;
    assert!(portal.records()[&id_key(4)].nazwa.ends_with(" III"));
    assert_eq!((world.rejects().await.len(), waiting().await.len()), (0, 0));
}

#[tokio::test]
async fn a_row_that_does_not_even_tell_its_id_holds_up_no_other() {
    let world = World::of_goods(6).await;
    for id in [2, 3, 4] {
        change_card(&world, id, |card| card.nazwa.push_str(" II")).await;
    }
    let spoil = Fault::on("GetTowary").rewrite("\"ID\":3,", "\"ID\":\"trzy\",").always();
    world.enova.faults().add(spoil);
    let source = goods_queue(&world);
    let page = source.read(ReadFrom::Start, 100).await.unwrap();
    let mut items: Vec<String> = page.items.iter().map(|item| format!("{item:?}")).collect();
    items.sort_unstable();
    // the last one is changed as well, by the loss of its tick
    assert_eq!(items[1..], ["Upsert(2)", "Upsert(4)", "Upsert(6)"]);
    assert!(items[0].starts_with("Bad(3,"), "{items:?}");
    let gone = source.fetch(&[id_key(3), id_key(77)]).await.unwrap();
    let mut gone: Vec<String> = gone.iter().map(|item| format!("{item:?}")).collect();
    gone.sort_unstable();
    assert!(gone[0].starts_with("Bad(3,") && gone[1] == "Deleted(77)", "{gone:?}");
}

#[test]
fn a_list_that_no_queue_tells_of_is_refused() {
    #[derive(Debug)]
    struct None;
    #[async_trait]
    impl soneta_webapi::Rozrachunki for None {
        async fn list_rozrachunki(
            &self,
            _: &soneta_webapi::ChangesQuery,
        ) -> soneta_webapi::Result<WirePage<soneta_webapi::Change<soneta_webapi::Rozrachunek>>> {
            unreachable!("nothing is read")
        }
    }
    let erp = sync_flows::Erp::new("enova", "demo");
    let error = queue(RozrachunkiList::new(Arc::new(None)), Arc::new(Told::default()), &erp).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

/// A queue that tells this.
#[derive(Debug)]
struct Told {
    table: &'static str,
    changes: Vec<(i32, i32, StanWiersza)>,
    confirmed: Mutex<Vec<(i32, bool)>>,
}

impl Default for Told {
    fn default() -> Self {
        Self { table: "Towary", changes: Vec::new(), confirmed: Mutex::default() }
    }
}

#[async_trait]
impl KolejkaZmian for Told {
    async fn list_tabele(&self) -> soneta_webapi::Result<Vec<OczekujacaTabela>> {
        Ok(Vec::new())
    }

    async fn list_zmiany(
        &self,
        tabela: &str,
        _query: &SnapshotQuery,
    ) -> soneta_webapi::Result<WirePage<ZmianaWiersza>> {
        assert_eq!(tabela, self.table);
        let rows = self.changes.iter().map(|(id, wiersz, stan)| {
            Ok(ZmianaWiersza::builder().id(*id).wiersz_id(*wiersz).stan(stan.clone()).build())
        });
        Ok(WirePage::new(rows.collect(), None).at_end(true))
    }

    async fn confirm_zmiany(&self, potwierdzenia: &[PotwierdzenieZmiany]) -> soneta_webapi::Result<()> {
        let told = potwierdzenia.iter().map(|one| (one.id, one.sukces));
        self.confirmed.lock().unwrap().extend(told);
        Ok(())
    }
}

#[tokio::test]
async fn a_removed_row_is_gone_and_several_changes_of_a_row_are_one_record() {
    let world = World::of_goods(5).await;
    let changes = vec![
        (11, 2, StanWiersza::Added),
        (12, 3, StanWiersza::Modified),
        (13, 2, StanWiersza::Modified),
        (14, 3, StanWiersza::Deleted),
        // the row is not there, whatever the queue calls it
        (15, 99, StanWiersza::Unknown("Archived".into())),
    ];
    let told = Arc::new(Told { changes, ..Told::default() });
    let list = TowaryList::new(Arc::new(world.erp.altone()));
    let source = queue(list, Arc::clone(&told) as Arc<dyn KolejkaZmian>, &world.setup.erp).unwrap();
    let page = source.read(ReadFrom::Start, 100).await.unwrap();
    let mut items: Vec<String> = page.items.iter().map(|item| format!("{item:?}")).collect();
    items.sort_unstable();
    assert_eq!(items, ["Deleted(3)", "Deleted(99)", "Upsert(2)"]);
    let receipts = ["11,13", "12,14", "15"].map(Receipt::from);
    let outcomes: Vec<_> = receipts.into_iter().map(|receipt| (receipt, Ok(()))).collect();
    source.acknowledge(&outcomes).await.unwrap();
    let mut confirmed = told.confirmed.lock().unwrap().clone();
    confirmed.sort_unstable();
    assert_eq!(confirmed, [11, 12, 13, 14, 15].map(|id| (id, true)));
    let error = source.acknowledge(&[("elf".into(), Ok(()))]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bug);
}

#[tokio::test]
async fn segments_read_by_a_queue_confirm_every_change_of_a_contractor() {
    let world = World::of_goods(3).await;
    let list = KontrahenciList::new(Arc::new(world.erp.b2b().kontrahenci()));
    // of one without the tick, and of one that is gone, there is nothing to send
    world.enova.set_contractor_ticked("K0002", false).unwrap();
    let changes = vec![
        (11, 1, StanWiersza::Modified),
        (12, 2, StanWiersza::Modified),
        (13, 99, StanWiersza::Deleted),
        (14, 1, StanWiersza::Modified),
    ];
    let told = Arc::new(Told { changes, table: "Kontrahenci", ..Told::default() });
    let source = queue(list, Arc::clone(&told) as Arc<dyn KolejkaZmian>, &world.setup.erp).unwrap();
    let segments = SegmentSource::new(source, Tick::Told);
    let page = segments.read(ReadFrom::Start, 100).await.unwrap();
    let sent = page.items.iter().filter(|item| matches!(item, Item::Upsert { .. })).count();
    assert_eq!((sent, page.items.len()), (1, 3), "{:?}", page.items);
    let receipts = page.items.into_iter().filter_map(|item| match item {
        Item::Upsert { receipt, .. } | Item::Deleted { receipt, .. } => receipt,
        _ => None,
    });
    let outcomes: Vec<_> = receipts.map(|receipt| (receipt, Ok(()))).collect();
    segments.acknowledge(&outcomes).await.unwrap();
    let mut confirmed = told.confirmed.lock().unwrap().clone();
    confirmed.sort_unstable();
    assert_eq!(confirmed, [11, 12, 13, 14].map(|id| (id, true)));
}
