//! Persons, relations, merges, dictionaries and the service's words of AltOne's contract over the simulated enova365.

use soneta_webapi::altone::{
    DodajPowiazanieKontrahenta, ElementSlownika, GetContractors, GetDictionary, GetDocumentation,
    GetOsobyKontaktowe, GetWebServiceInfo, KontrahentBase, ListaKontrahentow, PowiazaniaKontrahenta,
    PowiazanieKontrahenta, RodzajPowiazania, Slownik, UpdateContractor, UpdateDictionary, ZastapKontrahenta,
};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::{Client, ErrorKind, KluczKontrahenta, KontrahentId};

struct Bench {
    simulator: Simulator,
    client: Client,
}

impl Bench {
    async fn new(folder: &tempfile::TempDir) -> Self {
        let file = folder.path().join("enova.jsonl");
        let simulator = Simulator::builder().goods(10).seed(7).state_file(&file).start().await.unwrap();
        let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
        Self { simulator, client }
    }

    async fn restarted(self, folder: &tempfile::TempDir) -> Self {
        self.simulator.stop().await;
        Self::new(folder).await
    }

    async fn relations(&self, id: i32) -> Option<PowiazaniaKontrahenta> {
        let one = ListaKontrahentow::builder().ids(vec![KontrahentId(id)]).powiazania(true).build();
        let card = self.client.send(&GetContractors::new(one)).await.unwrap().remove(0).unwrap();
        card.powiazania_kontrahenta
    }
}

fn base(id: i32) -> KontrahentBase {
    KontrahentBase::builder().id(KontrahentId(id)).build()
}

#[tokio::test]
async fn persons_are_those_of_the_contractors() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder).await;
    let mut expected = Vec::new();
    for one in bench.simulator.contractors() {
        let klucz = KluczKontrahenta::Id(KontrahentId(one.id));
        let kontrahent = bench.client.b2b().kontrahenci().get(&klucz).await.unwrap().remove(0).unwrap();
        let persons = kontrahent.kontakty.into_iter();
        expected.extend(
            persons.map(|person| (Some(person.id), Some(one.kod.clone()), person.nazwisko, person.telefon)),
        );
    }
    assert!(expected.len() > 2);
    let (mut persons, mut last_id) = (Vec::new(), 0);
    loop {
        let question = GetOsobyKontaktowe::builder().last_id(last_id).packet_size(2).build();
        let packet = bench.client.send(&question).await.unwrap();
        persons.extend(packet.data.into_iter().map(Result::unwrap));
        if packet.all_rows {
            break;
        }
        last_id = packet.last_id;
    }
    let ids: Vec<i32> = persons.iter().filter_map(|person| person.id).collect();
    let told = persons.into_iter().map(|person| {
        let kod = person.kontrahent.and_then(|of| of.kod);
        (person.id, kod, person.nazwisko, person.adres.and_then(|adres| adres.telefon))
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let some = GetOsobyKontaktowe::builder().id_osob_kontaktowych(vec![ids[1], 999_999]).build();
    assert_eq!(bench.client.send(&some).await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn a_merged_contractor_names_the_one_that_stays_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder).await;
    let merge = |into: i32, id: i32, trial: bool| {
        let merge = ZastapKontrahenta::builder().id_nadrzedny(KontrahentId(into));
        merge.id_zastepowany(KontrahentId(id)).definicja_dok_cesji("CES").test_mode(trial).build()
    };
    bench.client.send(&merge(1, 2, true)).await.unwrap();
    assert_eq!(bench.simulator.contractors()[1].zastapiony_przez_id, None, "a trial writes nothing");
    assert_eq!(bench.client.send(&merge(1, 2, false)).await.unwrap().id, Some(1));
    for (into, id) in [(1, 1), (1, 999), (999, 1)] {
        let refused = bench.client.send(&merge(into, id, false)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Refused);
    }
    let bench = bench.restarted(&folder).await;
    assert_eq!(bench.simulator.contractors()[1].zastapiony_przez_id, Some(1));
    let klucz = KluczKontrahenta::Id(KontrahentId(2));
    let merged = bench.client.altone().kontrahenci().get(&klucz).await.unwrap().remove(0).unwrap();
    assert_eq!(merged.zastapiony_przez_id, Some(KontrahentId(1)));
    let stays = bench.relations(1).await.unwrap();
    let ids: Vec<_> = stays.kontrahenci_zastapieni.iter().map(|one| one.id).collect();
    assert_eq!(ids, [Some(KontrahentId(2))]);
}

#[tokio::test]
async fn a_relation_is_told_by_both_sides_once_also_when_the_card_is_written_back() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder).await;
    let relate = |upper: i32, trial: bool| {
        let relation = PowiazanieKontrahenta::builder().nadrzedny(base(upper)).podrzedny(base(3));
        let relation = relation.rodzaj_powiazania(RodzajPowiazania::Inny).test_mode(trial).build();
        DodajPowiazanieKontrahenta::new(relation)
    };
    bench.client.send(&relate(1, true)).await.unwrap();
    assert_eq!(bench.relations(3).await, None);
    assert_eq!(bench.client.send(&relate(1, false)).await.unwrap().id, Some(1));
    assert_eq!(bench.client.send(&relate(999, false)).await.unwrap_err().kind(), ErrorKind::Refused);
    let whole = ListaKontrahentow::builder().ids(vec![KontrahentId(3)]).powiazania(true).build();
    let card = bench.client.send(&GetContractors::new(whole)).await.unwrap().remove(0).unwrap();
    bench.client.send(&UpdateContractor::new(card)).await.unwrap();
    let bench = bench.restarted(&folder).await;
    for side in [1, 3] {
        let relations = bench.relations(side).await.unwrap().powiazania;
        assert_eq!(relations.len(), 1, "{side}");
        assert_eq!(relations[0].nadrzedny.as_ref().unwrap().id, Some(KontrahentId(1)));
    }
    assert_eq!(bench.relations(2).await, None);
}

#[tokio::test]
async fn a_dictionary_is_written_by_symbol_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder).await;
    let write = |symbol: &str, nazwa: &str, new: bool, trial: bool| {
        let element = ElementSlownika::builder().symbol(symbol).nazwa(nazwa).build();
        let slownik = Slownik::builder().nazwa_slownika("Dzielnice").automatycznie_nowy(new);
        UpdateDictionary::new(slownik.elementy_slownika(vec![element]).test_mode(trial).build())
    };
    let refused = bench.client.send(&write("B", "Bałuty", false, false)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused, "no element is made unless that is asked for");
    bench.client.send(&write("B", "Bałuty", true, true)).await.unwrap();
    let missing = bench.client.send(&GetDictionary::new("Dzielnice")).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Refused, "a trial writes nothing");
    bench.client.send(&write("B", "Baluty", true, false)).await.unwrap();
    bench.client.send(&write("G", "Górna", true, false)).await.unwrap();
    bench.client.send(&write("B", "Bałuty", false, false)).await.unwrap();
    let bench = bench.restarted(&folder).await;
    let slownik = bench.client.send(&GetDictionary::new("Dzielnice")).await.unwrap().unwrap();
    let names: Vec<_> = slownik.elementy_slownika.iter().filter_map(|one| one.nazwa.as_deref()).collect();
    assert_eq!(names, ["Bałuty", "Górna"]);
}

#[tokio::test]
async fn the_service_tells_its_version_and_its_methods() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder).await;
    let info = bench.client.send(&GetWebServiceInfo::default()).await.unwrap().unwrap();
    assert_eq!(info.wersja_biblioteki_ws.as_deref(), Some("2510.0.0"));
    let all = bench.client.send(&GetDocumentation::default()).await.unwrap().unwrap().html.unwrap();
    assert!(all.contains("GetTowary") && all.contains("GetRecordsChange"));
    let one = GetDocumentation::builder().typ_uslugi("DataTableExchchangeWebAPI").build();
    let one = bench.client.send(&one).await.unwrap().unwrap().html.unwrap();
    assert!(!one.contains("GetTowary") && one.contains("GetRecordsChange"));
}
