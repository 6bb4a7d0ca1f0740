//! Which records of enova365 go to the portal.

use std::sync::Arc;

use api_transport::testing::{RawServer, Reply};
use bridge::{Settings, Tenant};
use secrecy::SecretString;
use serde_json::{Value, json};
use soneta_webapi::{ChangesQuery, DokumentyQuery};
use sync_core::MemoryStore;

/// An enova365 that lets everybody in and has nothing.
async fn empty_erp() -> RawServer {
    RawServer::start(|_, seen| {
        let counts = seen.path().ends_with("/Lista");
        let body = match counts {
            true => {
                r#"{"Success":true,"CzasSerwera":"2026-11-21T09:00:00+01:00","Pozycje":[],"Koniec":true}"#
            }
            false => r#"{"Token":"session","IsSingleDb":true}"#,
        };
        (counts, Reply::json(200, body).header("authorization", "Bearer session"))
    })
    .await
}

fn settings(erp: &RawServer) -> Settings {
    let text = format!(
        r#"
        [[tenants]]
        name = "shop"
        start_date = 2026-01-01
        [tenants.enova]
        url = "{}"
        ticks = {{ goods = {{ cecha = "Sklep" }}, contractors = {{ cecha = "Klient" }} }}
        [tenants.one]
        url = "https://one.example"
        tenant = "my-tenant"
        [tenants.flows.client-prices]
        [tenants.flows.price-lists]
        tick = {{ cecha = "Cennik" }}
        [tenants.flows.offline-orders]
        payment_method = "Przelew"
        tick = {{ cecha = "Telefon" }}
        [tenants.flows.delivery-notes]
        tick = {{ cecha = "Kierowca" }}
        [tenants.flows.invoices]
        tick = {{ cecha = "Portal" }}
        "#,
        erp.url()
    );
    Settings::from_toml(&text).unwrap()
}

#[tokio::test]
async fn every_cecha_that_is_a_tick_is_asked_for_with_the_records_that_carry_it() {
    let erp = empty_erp().await;
    let settings = settings(&erp);
    let tenant = &settings.tenants[0];
    let secret = || SecretString::from("not-asked-for");
    let tenant = Tenant::builder(tenant, Arc::new(MemoryStore::new()))
        .enova(tenant.enova.client(secret(), &settings.engine).unwrap())
        .one(tenant.one.client(secret(), &settings.engine).unwrap())
        .build()
        .unwrap();
    let (installation, documents) = (tenant.installation(), DokumentyQuery::default());
    installation.towary().unwrap().list_towary(&ChangesQuery::default()).await.unwrap();
    installation.kontrahenci().unwrap().list_kontrahenci(&ChangesQuery::default()).await.unwrap();
    installation.lista_zamowien().unwrap().list_zamowienia(&documents).await.unwrap();
    installation.faktury().unwrap().list_faktury(&documents).await.unwrap();
    installation.wydania().unwrap().list_wydania(&documents).await.unwrap();
    let asked: Vec<(String, Value)> = erp
        .requests()
        .iter()
        .map(|seen| {
            let body: Value = serde_json::from_slice(&seen.body).unwrap();
            (seen.path().to_owned(), body["Cechy"].clone())
        })
        .collect();
    let expected = [
        ("B2BTowary", json!(["Sklep"])),
        ("B2BKontrahenci", json!(["Cennik", "Klient"])),
        ("B2BZamowienia", json!(["Telefon"])),
        ("B2BFaktury", json!(["Portal"])),
        ("B2BWydania", json!(["Kierowca"])),
    ];
    assert_eq!(asked, expected.map(|(controller, cechy)| (format!("/api/{controller}/Lista"), cechy)));
}
