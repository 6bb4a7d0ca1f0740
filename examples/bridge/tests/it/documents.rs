//! Prices of clients, orders, their status, and documents: from the order on ONe to the PDF of its invoice there.

use api_transport::simulation::Fault;
use bridge::{Bridge, Summary};
use one_client::ShipmentId;
use rust_decimal::Decimal;
use serde_json::Value;
use soneta_webapi::simulator::OrderDocument;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia, Uuid};
use sync_core::ActState;
use toml::Table;

use crate::company::{CLIENT, Company, policy, section};
use crate::program::{bridge_at, ran};

/// A company with enough of the good that is ordered.
async fn company() -> Company {
    let company = Company::of_goods(10).await;
    let good = company.good(0);
    for stan in &good.stany {
        company.simulation.enova.set_stock(&good.kod, &stan.magazyn, Decimal::ONE_HUNDRED).unwrap();
    }
    company
}

/// A round that leaves nothing open.
async fn clean(bridge: &Bridge) -> Summary {
    let summary = bridge.once(Default::default()).await.unwrap();
    assert!(summary.is_clean() && summary.rejects_in_all == 0, "{summary}");
    summary
}

fn document(company: &Company) -> OrderDocument {
    let mut orders = company.simulation.enova.orders();
    assert_eq!(orders.len(), 1);
    orders.remove(0)
}

fn status(company: &Company, shipment: &ShipmentId) -> Option<String> {
    company.simulation.one.order_status(shipment)
}

/// The only record of a shelf of ONe, under this key.
fn only(company: &Company, shelf: &str, key: &str) -> Value {
    let mut records = company.simulation.one.records(shelf);
    assert_eq!(records.keys().collect::<Vec<_>>(), [key], "{shelf}");
    serde_json::from_str(&records.remove(key).unwrap()).unwrap()
}

#[tokio::test]
async fn an_order_goes_its_way_from_one_to_the_pdf_of_its_invoice_there() {
    let company = company().await;
    let (enova, one) = (&company.simulation.enova, &company.simulation.one);
    let bridge = company.whole_bridge().await;
    let shipment = company.place(company.order(2).customer_purchase_number("PO 7"));
    clean(&bridge).await;
    let order = document(&company);
    assert_eq!((order.numer.as_str(), status(&company, &shipment).as_deref()), ("BUFOR", Some("PROCESSING")));

    enova.approve(order.id).unwrap();
    enova.confirm(order.id).unwrap();
    clean(&bridge).await;
    assert_eq!(status(&company, &shipment).as_deref(), Some("CONFIRMED"));

    let note = enova.ship(order.id, &[]).unwrap();
    clean(&bridge).await;
    assert_eq!(status(&company, &shipment).as_deref(), Some("SHIPPED"));
    let told = only(&company, "goods-issued-notes", &note.numer);
    assert_eq!(told["clientId"], format!("org:{CLIENT}"));
    assert_eq!(told["warehouse"]["id"], note.magazyn);
    assert!(told["productLines"].to_string().contains(shipment.as_str()), "{told}");
    assert!(one.pdf("goods-issued-notes", &note.numer).unwrap().starts_with(b"%PDF"));

    let invoice = enova.invoice(order.id).unwrap();
    clean(&bridge).await;
    assert_eq!(status(&company, &shipment).as_deref(), Some("INVOICED"));
    let told = only(&company, "invoices", &invoice.numer);
    assert_eq!(told["customerPurchaseNumbers"], serde_json::json!(["PO 7"]));
    assert!(one.pdf("invoices", &invoice.numer).unwrap().starts_with(b"%PDF"));

    enova.pay(invoice.id, &invoice.numer, invoice.suma_brutto).unwrap();
    clean(&bridge).await;
    let paid = one.record("invoice-statuses", &invoice.numer).unwrap();
    assert!(paid.contains("\"isPaid\":true"), "{paid}");
    assert!(one.records("offline-orders").is_empty(), "an order that was born on ONe never comes back");
    let asked = enova.faults().calls("B2BZamowienia/Statusy");
    assert!(asked > 0);
    clean(&bridge).await;
    assert_eq!(enova.faults().calls("B2BZamowienia/Statusy"), asked, "nobody waits for it any more");
}

#[tokio::test]
async fn an_edit_and_a_cancellation_on_one_change_the_document_and_nobody_waits_for_it_any_more() {
    let company = company().await;
    let bridge = company.whole_bridge().await;
    let shipment = company.place(company.order(1));
    clean(&bridge).await;
    company.simulation.one.edit_order(&shipment, company.order(3)).unwrap();
    clean(&bridge).await;
    assert_eq!(document(&company).pozycje[0].ilosc, Decimal::from(3));
    company.simulation.one.cancel_order(&shipment).unwrap();
    clean(&bridge).await;
    assert!(document(&company).anulowany);
    // the simulated ONe forgets what was cancelled there: nobody is left to be told, and nobody is asked about any more
    let asked = company.simulation.enova.faults().calls("B2BZamowienia/Statusy");
    clean(&bridge).await;
    assert_eq!(company.simulation.enova.faults().calls("B2BZamowienia/Statusy"), asked);
}

#[tokio::test]
async fn an_order_that_is_refused_is_told_as_a_status_of_its_own() {
    let company = company().await;
    let mut settings = company.whole_settings();
    let refuse = "missing = \"refuse\"\nquantity = \"refuse\"".parse::<Table>().unwrap();
    section(&mut settings, "orders").insert("stock_policy".to_owned(), refuse.into());
    let words = "rejected = \"NO\"\nprocessing = \"YES\"".parse::<Table>().unwrap();
    section(&mut settings, "order-status").insert("words".to_owned(), words.into());
    let settings = bridge::Settings::from_toml(&toml::to_string(&settings).unwrap()).unwrap();
    let (too_much, enough) = (company.place(company.order(100_000)), company.place(company.order(1)));
    let summary = company.bridge(settings).await.once(Default::default()).await.unwrap();
    assert_eq!(summary.refused[0].reason.as_ref().unwrap().code(), "not-in-stock");
    assert_eq!(status(&company, &too_much).as_deref(), Some("NO"));
    assert_eq!(status(&company, &enough).as_deref(), Some("YES"));
}

#[tokio::test]
async fn what_the_client_orders_by_telephone_is_shown_with_its_documents_and_his_prices() {
    let company = company().await;
    company.simulation.sell_by_telephone(&company.simulation.enova_client().unwrap()).await.unwrap();
    clean(&company.whole_bridge().await).await;
    let one = &company.simulation.one;
    let order = document(&company);
    let told = only(&company, "offline-orders", &format!("enova-{}", order.id));
    assert_eq!(told["orderId"], order.numer);
    let documents = company.simulation.enova.documents();
    assert!(one.pdf("goods-issued-notes", &documents[0].numer).is_some());
    assert!(one.pdf("invoices", &documents[1].numer).is_some());
    let given = one.records("clients-to-pricings").into_values().next().unwrap();
    let given: Value = serde_json::from_str(&given).unwrap();
    assert_eq!(given["clientId"], format!("org:{CLIENT}"));
    let prices = one.prices(given["pricingId"].as_str().unwrap());
    assert_eq!(prices.len(), company.simulation.enova.goods().len());
}

#[tokio::test]
async fn an_order_that_a_person_entered_is_followed_once_he_has_said_so() {
    let company = company().await;
    let good = company.good(0);
    let (price, _) = good.cena_detaliczna.unwrap();
    let shipment = company.place(company.order(1));
    company.simulation.enova.set_price(&good.kod, price + Decimal::ONE).unwrap();
    let settings = company.settings_file_with(|table| {
        section(table, "orders").insert("price_policy".to_owned(), policy("hold").into());
        let flows = table["tenants"].as_array_mut().unwrap()[0]["flows"].as_table_mut().unwrap();
        flows.insert("order-status".to_owned(), Table::new().into());
    });
    assert_eq!(ran(&mut bridge_at(&company, &settings, &["once"])).await.code, 1);
    let line = PozycjaZamowienia::builder()
        .id_obcy("1")
        .kod(good.kod)
        .ilosc(Quantity::new(Decimal::ONE, good.jednostka))
        .cena_netto(Currency::new(price, "PLN"))
        .build();
    let buyer = company.simulation.enova.contractors().into_iter().find(|who| !who.blokada_sprzedazy);
    let order = NoweZamowienie::builder()
        .guid(Uuid::from_u128(7))
        .kontrahent_id(KontrahentId(buyer.unwrap().id))
        .magazyn(good.stany[0].magazyn.as_str())
        .data("2026-11-21".parse().unwrap())
        .pozycje(vec![line])
        .build();
    let erp = company.simulation.enova_client().unwrap();
    let entered = erp.b2b().zamowienia().create_or_find(&order).await.unwrap().id.to_string();
    let act = format!("order:demo:{shipment}");
    let mut words =
        ["doubts", "resolve", &act, "--found", "ZO/12/2026", "--by", "Anna", "--reason", "entered by hand"];
    let number = ran(&mut bridge_at(&company, &settings, &words)).await;
    assert_eq!(number.code, 2, "{}", number.err);
    assert!(number.err.contains("expected the id of its document in enova365"), "{}", number.err);
    words[4] = &entered;
    assert_eq!(ran(&mut bridge_at(&company, &settings, &words)).await.code, 0);
    assert_eq!(ran(&mut bridge_at(&company, &settings, &["once"])).await.code, 0);
    assert_eq!(status(&company, &shipment).as_deref(), Some("PROCESSING"));
}

#[tokio::test]
async fn a_price_list_in_doubt_gets_its_prices_once_a_person_has_found_it() {
    let company = company().await;
    let lost = company.simulation.one.faults().add(Fault::on("pricing/discount").nth(1).drop_after());
    let bridge = company.whole_bridge().await;
    let summary = bridge.once(Default::default()).await.unwrap();
    assert_eq!((lost.met(), summary.open.len()), (1, 1), "{summary}");
    let file = company.folder.path().join("whole.toml");
    std::fs::write(&file, toml::to_string(&company.whole_settings()).unwrap()).unwrap();
    let waiting = bridge.once(Default::default()).await.unwrap().open.remove(0);
    assert_eq!(waiting.state, ActState::Manual);
    let id = company.simulation.one.records("pricings").into_keys().next().unwrap();
    let act = waiting.act.op_key.as_str();
    let words = ["doubts", "resolve", act, "--found", &id, "--by", "Anna", "--reason", "found by its name"];
    assert_eq!(ran(&mut bridge_at(&company, &file, &words)).await.code, 0);
    clean(&bridge).await;
    assert_eq!(company.simulation.one.prices(&id).len(), company.simulation.enova.goods().len());
    let given = company.simulation.one.records("clients-to-pricings");
    assert!(given.values().any(|assignment| assignment.contains(&id)), "nobody has the list");
}

#[tokio::test]
async fn documents_without_a_first_day_are_a_mistake_of_the_settings() {
    let company = company().await;
    let mut settings = company.whole_settings();
    section(&mut settings, "invoices").remove("start_date");
    let settings = bridge::Settings::from_toml(&toml::to_string(&settings).unwrap()).unwrap();
    let wired = bridge::Tenant::builder(&settings.tenants[0], company.store())
        .enova(company.simulation.enova_client().unwrap())
        .one(company.simulation.one_client().unwrap())
        .build();
    let error = wired.unwrap_err();
    assert_eq!(error.kind(), bridge::ErrorKind::Config);
    assert!(error.advice().unwrap().contains("start_date = 2026-01-01"), "{error}");
}

#[tokio::test]
async fn invoices_that_one_replaces_need_no_outbox() {
    let company = company().await;
    company.simulation.sell_by_telephone(&company.simulation.enova_client().unwrap()).await.unwrap();
    let mut settings = company.whole_settings();
    let one = settings["tenants"].as_array_mut().unwrap()[0]["one"].as_table_mut().unwrap();
    one.insert("invoice_verb".to_owned(), "PUT".into());
    let file = company.folder.path().join("put.toml");
    std::fs::write(&file, toml::to_string(&settings).unwrap()).unwrap();
    let once = ran(&mut bridge_at(&company, &file, &["once"])).await;
    assert_eq!(once.code, 0, "{}", once.out);
    assert!(once.out.contains("demo/invoices ") && !once.out.contains("invoices-submit"), "{}", once.out);
    assert_eq!(company.simulation.one.records("invoices").len(), 1);
}
