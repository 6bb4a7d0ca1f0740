//! AltOne's documents, attachments and change queue: the simulated ERP in raw HTTP, and the ports against it.

use api_transport::simulation::Fault;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde_json::{Value, json};
use soneta_webapi::altone::{
    AltOneFaktury, AltOneWydania, AltOneZamowienia, AltOneZmiany, InsertDokumentHandlowy,
};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Client, DokumentId, DokumentyQuery, Faktury, KluczZamowienia, KolejkaZmian, KontrahentId, NaiveDate,
    NoweZamowienie, PotwierdzenieZmiany, PozycjaZamowienia, SnapshotQuery, Wydania, Zamowienia,
};
use uuid::Uuid;

use super::Bench;

const INSERT: &str = "FakturyHandloweWebAPI/InsertDokumentHandlowy";
const LISTA: &str = "FakturyHandloweWebAPI/GetDokumentyHandlowe";
const CHANGES: &str = "DataTableExchchangeWebAPI/GetRecordsChange";
const CONFIRM: &str = "DataTableExchchangeWebAPI/UpdateRecordsChangeStatus";

fn question(bench: &Bench, n: u128) -> Value {
    let good = bench.stocked();
    let buyer = bench.simulator.contractors().into_iter().find(|one| !one.blokada_sprzedazy).unwrap();
    let day = json!({"Year": 2026, "Month": 11, "Day": 21});
    json!({
        "Guid": Uuid::from_u128(n), "DataOperacji": day, "Data": day, "Definicja": "ZO", "Magazyn": "F",
        "DaneKontrahenta": {"Kod": buyer.kod, "Nazwa": buyer.nazwa},
        "Pozycje": [{"Lp": 1, "KodTowaru": good.kod, "Ilosc": {"Value": 2, "Symbol": good.jednostka}, "Cena": {"Value": 10.50, "Symbol": "PLN"}}],
        "Platnosci": [{"SposobZaplaty": "Przelew", "Kwota": {"Value": 21, "Symbol": "PLN"}}],
        "WartoscCy": {"Value": 21, "Symbol": "PLN"}, "Opis": "Zażółć", "NumerObcy": {"Numer": "ZAM/1"},
    })
}

fn order(simulator: &Simulator) -> NoweZamowienie {
    let goods = simulator.goods();
    let good = goods.iter().find(|good| !good.stany.is_empty()).unwrap();
    let buyer = simulator.contractors().into_iter().find(|one| !one.blokada_sprzedazy).unwrap();
    NoweZamowienie::builder()
        .guid(Uuid::from_u128(7))
        .kontrahent_id(KontrahentId(buyer.id))
        .kontrahent_kod(buyer.kod)
        .numer_obcy("ZAM/7")
        .magazyn("F")
        .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
        .pozycje(vec![
            PozycjaZamowienia::builder()
                .id_obcy("1")
                .kod(&good.kod)
                .ilosc(Quantity::new(Decimal::from(3), &good.jednostka))
                .cena_netto(Currency::new(Decimal::new(1_999, 2), "PLN"))
                .build(),
        ])
        .build()
}

fn client(simulator: &Simulator) -> Client {
    Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap()
}

fn port(client: &Client) -> AltOneZamowienia {
    AltOneZamowienia::builder().client(client.clone()).forma_platnosci("Przelew").build()
}

#[tokio::test]
async fn each_field_that_2606_requires_is_missed_inside_a_200_and_nothing_is_made() {
    let bench = Bench::new().await;
    let paths = [
        "/DataOperacji",
        "/Data",
        "/Definicja",
        "/Magazyn",
        "/DaneKontrahenta",
        "/DaneKontrahenta/Kod",
        "/DaneKontrahenta/Nazwa",
        "/Pozycje",
        "/Pozycje/0/Lp",
        "/Pozycje/0/KodTowaru",
        "/Pozycje/0/Ilosc",
        "/Pozycje/0/Cena",
        "/Platnosci",
        "/Platnosci/0/SposobZaplaty",
        "/Platnosci/0/Kwota",
        "/WartoscCy",
    ];
    for path in paths {
        let mut without = question(&bench, 1);
        *without.pointer_mut(path).unwrap() = Value::Null;
        let answer = bench.call(INSERT, without).await;
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(answer["Success"], json!(false), "{path}");
        let message = answer["Errors"][0]["Message"].as_str().unwrap();
        assert!(message.contains(name), "{path}: {message}");
        assert!(answer["Errors"][0]["StackTrace"].is_string());
    }
    assert!(bench.simulator.orders().is_empty());
    let mut odd = question(&bench, 1);
    odd["Pozycja"] = json!([]);
    assert_eq!(bench.send(INSERT, &bench.token(), &odd.to_string()).await.unwrap().status.as_u16(), 400);
}

#[tokio::test]
async fn a_trial_writes_nothing_and_a_taken_guid_is_refused() {
    let bench = Bench::new().await;
    let mut trial = question(&bench, 1);
    trial["TestMode"] = json!(true);
    let answer = bench.call(INSERT, trial.clone()).await;
    assert_eq!(
        (&answer["Success"], &answer["TestMode"], &answer["ID"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    assert_eq!(answer["WartoscNettoCy"]["Value"], json!(21.0));
    trial["Magazyn"] = json!("ŁDZ");
    assert_eq!(bench.call(INSERT, trial).await["Success"], json!(false), "a trial finds faults");
    assert!(bench.simulator.orders().is_empty());
    assert_eq!(bench.call(INSERT, question(&bench, 1)).await["ID"], json!(101));
    assert_eq!(bench.call(INSERT, question(&bench, 1)).await["Success"], json!(false));
    assert_eq!(bench.simulator.orders().len(), 1);
}

#[tokio::test]
async fn documents_are_listed_in_packets_by_id_by_guid_and_by_day() {
    let bench = Bench::new().await;
    for n in 1..=3 {
        bench.call(INSERT, question(&bench, n)).await;
    }
    let first = bench.call(LISTA, json!({"PacketSize": 2, "IdDokHandlowych": []})).await;
    assert_eq!(
        (&first["AllRows"], &first["LastID"], &first["ToReadRecords"]),
        (&json!(false), &json!(102), &json!(1))
    );
    let row = &first["Data"][0];
    assert_eq!((&row["NumerPelny"], &row["StanDokumentuHandlowego"]), (&json!("BUFOR"), &json!("Bufor")));
    assert_eq!((&row["Podsumowanie"]["NettoCy"]["Value"], &row["Opis"]), (&json!(21.0), &json!("Zażółć")));
    let rest = bench.call(LISTA, json!({"LastID": 102, "PacketSize": 2, "IdDokHandlowych": []})).await;
    assert_eq!((&rest["AllRows"], &rest["Data"][0]["ID"]), (&json!(true), &json!(103)));
    let count = async |question: Value| bench.call(LISTA, question).await["ReadRecords"].clone();
    assert_eq!(count(json!({"IdDokHandlowych": [102, 999]})).await, json!(1));
    let guid = json!([{"LogicalOperator": "And", "Operator": "Equal", "ColumnName": "Guid", "FilterValue": Uuid::from_u128(3)}]);
    assert_eq!(count(json!({"Conditions": guid, "IdDokHandlowych": []})).await, json!(1));
    let tomorrow = json!({"Year": 2026, "Month": 11, "Day": 22});
    assert_eq!(count(json!({"UpdateDate": tomorrow, "IdDokHandlowych": []})).await, json!(0));
    assert_eq!(bench.call(LISTA, json!({})).await["Success"], json!(false), "IdDokHandlowych is required");
    let one = bench.call("HandelWebAPI/GetCommercialDocument", json!({"ID": 102})).await;
    assert_eq!(one["DokumentHandlowy"]["Kategoria"], json!("ZamówienieOdbiorcy"));
    let none = bench.call("HandelWebAPI/GetCommercialDocument", json!({"ID": 7})).await;
    assert_eq!((&none["Success"], &none["DokumentHandlowy"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn attachments_are_kept_with_the_state_and_a_pdf_is_made_if_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    bench.call(INSERT, question(&bench, 1)).await;
    let attach = json!({"TableName": "DokHandlowe", "Parent": 101, "Name": "list.txt", "Extension": "txt", "Base64": "++8="});
    let mut orphan = attach.clone();
    orphan["Parent"] = json!(7);
    assert_eq!(
        bench.call("OperationFunctionsWebAPI/InsertAttachment", orphan).await["Success"],
        json!(false)
    );
    let mut trial = attach.clone();
    trial["TestMode"] = json!(true);
    assert_eq!(bench.call("OperationFunctionsWebAPI/InsertAttachment", trial).await["ID"], Value::Null);
    assert_eq!(bench.call("OperationFunctionsWebAPI/InsertAttachment", attach).await["ID"], json!(1));
    bench.simulator.stop().await;
    let bench = Bench::with(|builder| builder.state_file(&file)).await;
    let row = json!({"ParentID": 101, "TableName": "DokHandlowe"});
    let found = bench.call("OperationFunctionsWebAPI/GetAttachments", row).await;
    assert_eq!((&found["Count"], &found["Attachments"][0]["Base64"]), (&json!(1), &json!("++8=")));
    assert_eq!(
        bench.call(LISTA, json!({"IdDokHandlowych": [101]})).await["Data"][0]["AttachmentsCount"],
        json!(1)
    );
    let client = client(&bench.simulator);
    let pdf = AltOneFaktury::builder().client(client).build().get_faktura_pdf(DokumentId(101)).await.unwrap();
    assert_eq!(pdf.nazwa, "dokument.pdf");
    let unknown = json!({"ParentID": 7, "Name": "dokument.pdf"});
    assert_eq!(bench.call("FakturyHandloweWebAPI/GetFilePDF", unknown).await["Success"], json!(false));
}

#[tokio::test]
async fn delivery_notes_invoices_and_corrections_are_seen_through_the_ports_of_this_contract_too() {
    let simulator = Simulator::builder().goods(40).start().await.unwrap();
    let client = client(&simulator);
    let order = port(&client).create_once(&order(&simulator)).await.unwrap();
    simulator.approve(order.id.0).unwrap();
    simulator.set_stock(&simulator.orders()[0].pozycje[0].kod, "F", 10.into()).unwrap();
    let note = simulator.ship(order.id.0, &[]).unwrap();
    let invoice = simulator.invoice(note.id).unwrap();
    let lower = Some(Decimal::TWO);
    let correction = simulator.correct(invoice.id, invoice.pozycje[0].id, lower, None).unwrap();
    let number = simulator.ksef_accept(invoice.id).unwrap();

    let faktury = AltOneFaktury::builder().client(client.clone()).korekty(vec!["KFV".to_owned()]).build();
    let page = faktury.list_faktury(&DokumentyQuery::default()).await.unwrap();
    let rows = page.rows.into_iter().map(|row| row.unwrap().upsert().unwrap());
    let [first, second] = <[_; 2]>::try_from(rows.collect::<Vec<_>>()).unwrap();
    assert_eq!((first.id.0, second.id.0), (invoice.id, correction.id));
    let brutto = |sum: Decimal| Some(Currency::new(sum, "PLN"));
    assert_eq!(first.suma_brutto, brutto(invoice.suma_brutto));
    assert_eq!(second.suma_brutto, brutto(correction.suma_brutto));
    let payment = &first.platnosci[0];
    assert_eq!((&payment.forma_platnosci, payment.termin), (&invoice.forma_platnosci, invoice.termin));
    assert_eq!(first.ksef.unwrap().numer, Some(number));
    assert_eq!(second.koryguje_numer, Some(invoice.numer));
    assert_eq!(second.pozycje[0].ilosc.value, Decimal::TWO);
    assert_eq!(second.sumy_vat[0].netto, correction.suma_netto);
    assert!(faktury.get_faktura_pdf(first.id).await.unwrap().bytes.starts_with(b"%PDF-"));

    let wydania = AltOneWydania::builder().client(client).build();
    let seen = wydania.get_wydanie(DokumentId(note.id)).await.unwrap().unwrap();
    assert_eq!((seen.numer, seen.pozycje[0].ilosc.value), (note.numer, Decimal::from(3)));
    assert_eq!(wydania.get_wydanie(DokumentId(invoice.id)).await.unwrap(), None);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_exists_once() {
    let simulator = Simulator::builder().goods(40).start().await.unwrap();
    let client = client(&simulator);
    let (port, order) = (port(&client), order(&simulator));
    assert!(port.find(&order).await.unwrap().is_none());
    simulator.faults().add(Fault::on(INSERT).apply_then_fail(503));
    let found = port.create_or_find(&order).await.unwrap();
    assert_eq!((found.id, found.guid, found.odnalezione), (DokumentId(101), order.guid, true));
    assert_eq!(found.suma_netto, Some(Currency::new(Decimal::new(5_997, 2), "PLN")));
    assert!(
        port.create_once(&order).await.unwrap().odnalezione,
        "a second attempt finds the first one's document"
    );
    assert_eq!((simulator.orders().len(), simulator.faults().calls(INSERT)), (1, 1));
    // The same when the connection breaks before the answer.
    let mut second = order.clone();
    second.guid = Uuid::from_u128(8);
    simulator.faults().add(Fault::on(INSERT).drop_after());
    simulator.approve(101).unwrap();
    assert!(port.create_or_find(&second).await.unwrap().odnalezione);
    assert_eq!(simulator.orders().len(), 2);
    let by_number = KluczZamowienia::numer_obcy("ZAM/7", order.kontrahent_id);
    assert_eq!(port.get_zamowienie(&by_number).await.unwrap().unwrap().numer, "ZO/000001/26");
    let rows = port.get_statusy(&[DokumentId(101), DokumentId(102), DokumentId(999)]).await.unwrap();
    let numbered: Vec<_> = rows.into_iter().map(|row| row.unwrap().is_numbered()).collect();
    assert_eq!(numbered, [true, false]);
}

#[tokio::test]
async fn a_trial_of_the_client_writes_nothing() {
    let simulator = Simulator::builder().goods(40).start().await.unwrap();
    let client = client(&simulator);
    let mut dokument = port(&client).dokument(&order(&simulator)).await.unwrap();
    dokument.test_mode = Some(true);
    let tried = client.send(&InsertDokumentHandlowy::new(dokument)).await.unwrap();
    assert_eq!((tried.id, tried.test_mode), (None, Some(true)));
    assert!(simulator.orders().is_empty());
}

#[tokio::test]
async fn a_change_stays_in_the_queue_until_it_is_confirmed_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let start = async || {
        let builder = Simulator::builder().goods(40).state_file(&file);
        builder.change_consumer("Portal", "tajny").change_consumer("BI", "inny").start().await.unwrap()
    };
    let queue = |simulator: &Simulator, name: &str, code: &str| {
        let queue = AltOneZmiany::builder().client(client(simulator)).external_system(name);
        queue.security_code(SecretString::from(code)).build()
    };
    let simulator = start().await;
    let good = simulator.goods()[2].clone();
    simulator.set_ticked(&good.kod, false).unwrap();
    simulator.set_price(&good.kod, Decimal::from(9)).unwrap();
    let client = client(&simulator);
    port(&client).create_once(&order(&simulator)).await.unwrap();
    simulator.approve(101).unwrap();
    let portal = queue(&simulator, "Portal", "tajny");
    let waiting = async |queue: &AltOneZmiany| {
        let tables = queue.list_tabele().await.unwrap().into_iter();
        tables.map(|table| (table.tabela, table.ile)).collect::<Vec<_>>()
    };
    let both = [("DokHandlowe".to_owned(), 2), ("Towary".to_owned(), 2)];
    assert_eq!(waiting(&portal).await, both);
    // Reading takes nothing away, and pages go on.
    let query = SnapshotQuery::builder().limit(1).build();
    let first = portal.list_zmiany("Towary", &query).await.unwrap();
    let query = SnapshotQuery::builder().limit(1).maybe_after(first.next.clone()).build();
    let second = portal.list_zmiany("Towary", &query).await.unwrap();
    assert!(!first.end && second.end);
    let [done, failed] = [first, second].map(|page| page.rows.into_iter().next().unwrap().unwrap());
    assert_eq!((done.wiersz_id, failed.wiersz_id), (good.id, good.id));
    let said = [
        PotwierdzenieZmiany::builder().id(done.id).sukces(true).build(),
        PotwierdzenieZmiany::builder().id(failed.id).sukces(false).informacja("brak miejsca").build(),
    ];
    for _ in ["once", "again"] {
        portal.confirm_zmiany(&said).await.unwrap();
    }
    simulator.stop().await;

    let simulator = start().await;
    let portal = queue(&simulator, "Portal", "tajny");
    let left = portal.list_zmiany("Towary", &SnapshotQuery::default()).await.unwrap().rows;
    let left: Vec<_> = left.into_iter().map(Result::unwrap).map(|one| (one.id, one.bledna)).collect();
    assert_eq!(left, [(failed.id, true)]);
    assert_eq!(waiting(&queue(&simulator, "BI", "inny")).await, both, "another consumer has its own");
    for (name, code) in [("Portal", "inny"), ("Nikt", "tajny")] {
        let error = queue(&simulator, name, code).list_tabele().await.unwrap_err();
        assert_eq!(error.kind(), soneta_webapi::ErrorKind::Refused);
    }
}

#[tokio::test]
async fn the_queue_in_raw_form_tells_errors_and_details() {
    let bench = Bench::with(|builder| builder.change_consumer("Portal", "tajny")).await;
    bench.simulator.set_ticked(&bench.stocked().kod, false).unwrap();
    let with = |mut more: Value| {
        more["ExternalSystem"] = json!("Portal");
        more["SecurityCode"] = json!("tajny");
        more
    };
    let list = json!([{"ID_RecordChange": 1, "Success": false, "Information": "błąd"}]);
    let row = async || {
        bench.call(CHANGES, with(json!({"SourceTable": "Towary", "Extended": true}))).await["Data"][0].clone()
    };
    assert_eq!(row().await["Error"], json!(false));
    bench.call(CONFIRM, with(json!({"ListConfirmDataChangeUpdate": list}))).await;
    let told = row().await;
    assert_eq!((&told["Error"], &told["Description"]), (&json!(true), &json!("błąd")));
    assert_eq!(told["Extended"]["CreationTime"], json!("2026-11-21T09:30:00.125+01:00"));
    let hidden = bench.call(CHANGES, with(json!({"SourceTable": "Towary", "HideErrors": true}))).await;
    assert_eq!(hidden["Data"], json!([]));
    let unknown = with(json!({"ListConfirmDataChangeUpdate": [{"ID_RecordChange": 9, "Success": true}]}));
    assert_eq!(bench.call(CONFIRM, unknown).await["Success"], json!(false));
}
