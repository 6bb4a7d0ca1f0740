//! The transport's suites, run with this client's session and endpoints of every effect.

use std::time::Duration;

use api_transport::testing::{Reply, Suite};
use api_transport::{Effect, Endpoint};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use secrecy::SecretString;
use uuid::Uuid;

use super::SessionSource;
use crate::altone::{Filter, GetTowary};
use crate::b2b::{KontrahenciPobierz, StanyLista, ZamowieniaDodaj};
use crate::wire::{Currency, Quantity};
use crate::{ControllerCall, KluczKontrahenta, KontrahentId, NoweZamowienie, PozycjaZamowienia};

const APPLICATION: &str = "KANAREK-APLIKACJI";
const SESSION: &str = "KANAREK-SESJI";
const CONTENT: &str = "KANAREK-TRESCI";

const STANY: &str = r#"{"Success":true,"Pozycje":[{"TowarId":1,"Kod":"A","Magazyny":[{"MagazynId":1,"Magazyn":"F","Stan":5,"Zarezerwowane":0,"Dostepne":5}]}],"Koniec":true,"PoId":1}"#;
const DODAJ: &str = r#"{"Success":true,"ID":101,"Guid":"6f1e8ac6-87dc-4720-b50d-f769e475ed40","Numer":"BUFOR","Stan":"Bufor"}"#;
const ODMOWA: &str = r#"{"Success":false,"Errors":[{"Kod":"BrakStanu","Message":"Brak"}]}"#;

fn suite() -> Suite {
    let source = || SessionSource::new(SecretString::from(APPLICATION), Duration::from_secs(270));
    Suite::new(move |builder| builder.credentials(source())).others(|seen| {
        let login = Reply::json(200, format!(r#"{{"Token":"{SESSION}","IsSingleDb":true}}"#));
        (seen.path() == "/api/LoginApi").then(|| login.header("authorization", SESSION))
    })
}

fn stany() -> StanyLista {
    StanyLista::builder().ile(10).magazyny(vec![CONTENT.to_owned()]).build()
}

fn order() -> NoweZamowienie {
    let line = PozycjaZamowienia::builder()
        .id_obcy(CONTENT)
        .kod(CONTENT)
        .ilosc(Quantity::new(Decimal::ONE, CONTENT));
    NoweZamowienie::builder()
        .guid(Uuid::from_u128(0x6f1e_8ac6_87dc_4720_b50d_f769_e475_ed40))
        .kontrahent_id(KontrahentId(1))
        .magazyn(CONTENT)
        .data(NaiveDate::default())
        .uwagi(CONTENT)
        .pozycje(vec![line.cena_netto(Currency::new(Decimal::TEN, CONTENT)).build()])
        .build()
}

#[tokio::test]
async fn every_cell_of_the_retry_table_holds_for_a_read() {
    suite().retry_table(&stany(), STANY).await;
    suite().refusal(&stany(), ODMOWA).await;
}

#[tokio::test]
async fn every_cell_of_the_retry_table_holds_for_an_idempotent_call_by_name() {
    let call =
        ControllerCall::<serde_json::Value>::new("SklepApi", "Ustaw", Effect::Idempotent).object(&7).unwrap();
    suite().retry_table(&call, r#"{"Success":true}"#).await;
    suite().refusal(&call, ODMOWA).await;
}

#[tokio::test]
async fn every_cell_of_the_retry_table_holds_for_a_create() {
    let order = order();
    suite().retry_table(&ZamowieniaDodaj::from(&order), DODAJ).await;
    suite().refusal(&ZamowieniaDodaj::from(&order), ODMOWA).await;
}

#[tokio::test]
async fn a_cut_answer_is_never_a_success() {
    suite().truncation(&stany(), STANY).await;
    suite().truncation(&ZamowieniaDodaj::from(&order()), DODAJ).await;
}

#[tokio::test]
async fn neither_tokens_nor_content_show_anywhere() {
    async fn check<E: Endpoint + std::fmt::Debug>(endpoint: &E, good: &str) {
        let canaries = [APPLICATION, SESSION, CONTENT];
        suite().redaction(endpoint, good.to_owned(), &canaries).await;
        for answer in [
            format!(
                r#"{{"Success":false,"Description":"{CONTENT}","Errors":[{{"Kod":"{CONTENT}","Type":"{CONTENT}","Message":"{CONTENT}","StackTrace":"{CONTENT}","Pole":"{CONTENT}"}}]}}"#
            ),
            format!(r#"{{"Success":"{CONTENT}"}}"#),
            format!(
                r#"{{"Success":true,"Pozycje":[{{"TowarId":"{CONTENT}","Kod":"{CONTENT}"}}],"Data":["{CONTENT}"],"Koniec":true,"PoId":1,"AllRows":true,"LastID":1,"ReadRecords":1}}"#
            ),
            format!(r#"{{"ID":"{CONTENT}","Guid":"{CONTENT}","Pozycje":"{CONTENT}"}}"#),
        ] {
            let shown = match endpoint.decode(answer.as_bytes()) {
                Ok(_) => String::new(),
                Err(error) => {
                    let causes =
                        std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
                    format!("{error} {error:?} {:?}", causes.map(ToString::to_string).collect::<Vec<_>>())
                }
            };
            assert!(!shown.contains(CONTENT), "{shown}");
        }
    }
    check(&stany(), STANY).await;
    let order = order();
    check(&ZamowieniaDodaj::from(&order), DODAJ).await;
    let shown = format!("{order:?} {:?} {:?}", ZamowieniaDodaj::from(&order), order.pozycje);
    assert!(!shown.contains(CONTENT), "{shown}");
    let klucz = KluczKontrahenta::Nip(CONTENT.to_owned());
    let filter = Filter::builder().column_name("NIP").filter_value(CONTENT).build();
    let calls = (KontrahenciPobierz::from(&klucz), GetTowary::builder().conditions(vec![filter]).build());
    let shown = format!("{klucz:?} {calls:?}");
    assert!(!shown.contains(CONTENT), "{shown}");
}
