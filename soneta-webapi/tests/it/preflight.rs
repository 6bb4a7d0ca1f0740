//! The preflight and the trial of writing, against the simulator.

use std::time::{Duration, SystemTime};

use rust_decimal::Decimal;
use soneta_webapi::preflight::{Outcome, Preflight, Report, verify_write};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Client, KontrahentId, NaiveDate, NoweZamowienie, PozycjaZamowienia, SecretString, StanDokumentu, Uuid,
};

async fn bench(level: u8) -> (Simulator, Client) {
    let simulator = Simulator::builder().goods(30).seed(5).level(level).start().await.unwrap();
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    (simulator, client)
}

fn outcome(report: &Report, id: &str) -> Outcome {
    report.check(id).unwrap_or_else(|| panic!("no check {id} in\n{report}")).outcome
}

fn order(simulator: &Simulator) -> NoweZamowienie {
    let good = &simulator.goods()[1];
    NoweZamowienie::builder()
        .guid(Uuid::from_u128(7))
        .kontrahent_id(KontrahentId(1))
        .kontrahent_kod(simulator.contractors()[0].kod.clone())
        .forma_platnosci("Przelew")
        .magazyn("F")
        .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
        .zatwierdz(true)
        .pozycje(vec![
            PozycjaZamowienia::builder()
                .id_obcy("1")
                .kod(good.kod.clone())
                .ilosc(Quantity::new(Decimal::ONE, good.jednostka.clone()))
                .cena_netto(Currency::new(Decimal::new(9_99, 2), "PLN"))
                .build(),
        ])
        .build()
}

#[tokio::test]
async fn everything_of_a_whole_installation_is_looked_at_and_nothing_fails() {
    let (simulator, client) = bench(3).await;
    let report = Preflight::new(&client, client.b2b().installation()).run().await;
    assert_ne!(report.outcome(), Outcome::Failed, "{report}");
    assert_eq!(report.check("area.goods").unwrap().finding, format!("{} rows", simulator.goods().len()));
    assert_eq!(outcome(&report, "clock"), Outcome::Ok);
    assert_eq!(outcome(&report, "dictionary.vat_rates"), Outcome::Ok);
    assert!(report.check("contract.b2b").unwrap().finding.contains("tier 3"), "{report}");
    assert!(simulator.orders().is_empty(), "a preflight only reads");
}

#[tokio::test]
async fn areas_above_the_tier_of_the_server_are_warned_of_and_say_what_to_do() {
    let (_simulator, client) = bench(1).await;
    let report = Preflight::new(&client, client.b2b().installation()).run().await;
    assert_eq!(outcome(&report, "area.goods"), Outcome::Ok);
    for id in ["area.credit_limits", "area.invoices", "area.settlements"] {
        let check = report.check(id).unwrap();
        assert_eq!(check.outcome, Outcome::Warning);
        assert!(check.what_to_do.as_ref().unwrap().contains("add-on"), "{check}");
    }
}

#[tokio::test]
async fn few_rows_are_asked_for_and_counted_as_at_least() {
    let (_simulator, client) = bench(3).await;
    let report = Preflight::new(&client, client.b2b().installation()).rows(4).run().await;
    assert_eq!(report.check("area.goods").unwrap().finding, "at least 4 rows");
}

#[tokio::test]
async fn clocks_that_differ_are_told() {
    let (_simulator, client) = bench(1).await;
    #[expect(clippy::disallowed_methods, reason = "the simulator's clock is the system's here")]
    let late = || SystemTime::now() - Duration::from_secs(600);
    let report = Preflight::new(&client, client.b2b().installation()).now(late).run().await;
    assert_eq!(outcome(&report, "clock"), Outcome::Warning);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_ends_it_with_what_to_do() {
    let (simulator, _) = bench(1).await;
    let client = Client::builder(simulator.url().clone(), SecretString::from("wrong")).build().unwrap();
    let report = Preflight::new(&client, client.b2b().installation()).run().await;
    assert_eq!(outcome(&report, "login"), Outcome::Failed);
    assert!(report.check("login").unwrap().what_to_do.as_ref().unwrap().contains("application token"));
    assert!(report.check("area.goods").is_none());
}

#[tokio::test]
async fn a_redacted_report_holds_nothing_of_the_installation() {
    let (simulator, client) = bench(3).await;
    let report = Preflight::new(&client, client.b2b().installation()).run().await;
    let whole = format!("{report}");
    let redacted = report.redacted();
    let shown = format!("{redacted}{}", serde_json::to_string(&redacted).unwrap());
    for private in [simulator.url().as_str(), "demo", "Gotówka", "GDN"] {
        assert!(whole.contains(private), "{private}");
        assert!(!shown.contains(private), "{private} in\n{shown}");
    }
}

#[tokio::test]
async fn a_trial_of_writing_leaves_one_cancelled_order() {
    let (simulator, client) = bench(3).await;
    let report = verify_write(&client, |client| client.b2b().installation(), order(&simulator), "demo").await;
    assert_eq!(report.outcome(), Outcome::Ok, "{report}");
    let ids: Vec<_> = report.checks.iter().map(|check| check.id.as_str()).collect();
    let all = ["database", "create", "look_up", "same_guid_again", "same_guid_other_content", "cancel"];
    assert_eq!(ids, all.map(|id| format!("write.{id}")));
    let orders = simulator.orders();
    assert_eq!(orders.len(), 1);
    assert_eq!(
        orders[0].stan(),
        StanDokumentu::Anulowany.as_str(),
        "never approved, though the order says so"
    );
}

#[tokio::test]
async fn a_trial_on_another_database_than_the_one_named_sends_nothing() {
    let (simulator, client) = bench(3).await;
    let report =
        verify_write(&client, |client| client.b2b().installation(), order(&simulator), "produkcja").await;
    assert_eq!(outcome(&report, "write.database"), Outcome::Failed);
    assert_eq!((report.checks.len(), simulator.orders().len()), (1, 0));
}

#[tokio::test]
async fn a_trial_of_altones_contract_finds_its_order_and_cannot_cancel_it() {
    let (simulator, client) = bench(3).await;
    let report =
        verify_write(&client, |client| client.altone().installation(), order(&simulator), "demo").await;
    assert_eq!(outcome(&report, "write.look_up"), Outcome::Ok, "{report}");
    assert_eq!(outcome(&report, "write.same_guid_again"), Outcome::Ok, "{report}");
    assert_eq!(outcome(&report, "write.same_guid_other_content"), Outcome::Ok, "{report}");
    assert_eq!(outcome(&report, "write.cancel"), Outcome::Warning, "{report}");
    assert_eq!(simulator.orders().len(), 1);
}
