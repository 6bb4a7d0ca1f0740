//! The calls of Soneta's official sample, `SimpleDataApi`: what is sent byte for byte, and what is read from each spelling of an
//! answer. A space of a query is sent as `+`, which ASP.NET reads as a space.

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use http::Method;
use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use soneta_webapi::wire::{self, Cecha, Currency, FromTo, Percent, Quantity, Time, WartoscCechy, YearMonth};
use soneta_webapi::{ControllerCall, Effect, StanDokumentu};

use crate::erp::{Erp, json};

/// Sends the call to a server that answers the text; returns what was sent and what was read.
async fn exchange<T: DeserializeOwned + Send>(
    call: ControllerCall<T>,
    method: &str,
    answer: &str,
) -> (String, T) {
    let erp = Erp::start().await;
    erp.answers(&format!("SimpleDataApi/{method}"), [json(answer)]);
    let read = erp.client().send(&call).await.unwrap();
    (erp.only_call().text, read)
}

fn call<T>(method: &str) -> ControllerCall<T> {
    ControllerCall::new("SimpleDataApi", method, Effect::Read)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn amount(value: i64, symbol: &str) -> Currency {
    Currency::new(Decimal::from(value), symbol)
}

/// A day alone, as a body.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Dzien(#[serde(with = "wire::date")] NaiveDate);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ulamek {
    num: i32,
    den: i32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Przedzial {
    #[serde(with = "wire::date")]
    start: NaiveDate,
    #[serde(with = "wire::date")]
    end: NaiveDate,
}

/// The sample's object, every kind of value in it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Obiekt {
    bool_value: bool,
    int_value: i32,
    #[serde(with = "wire::decimal")]
    float_value: Decimal,
    string_value: String,
    #[serde(with = "wire::decimal")]
    decimal_value: Decimal,
    amount_value: Quantity,
    currency_value: Currency,
    #[serde(with = "wire::instant")]
    date_time_value: DateTime<Utc>,
    #[serde(with = "wire::date")]
    date_value: NaiveDate,
    double_cy_value: Currency,
    fraction_value: Ulamek,
    from_to_value: Option<FromTo>,
    percent_value: Percent,
    time_value: Time,
    year_month_value: YearMonth,
    enum_value: StanDokumentu,
    wojewodztwo: i32,
    interval_value: Przedzial,
    #[serde(deserialize_with = "wire::list::or_empty")]
    periods_value: Vec<FromTo>,
}

fn obiekt() -> Obiekt {
    Obiekt {
        bool_value: true,
        int_value: 0,
        float_value: Decimal::ZERO,
        string_value: "string".to_owned(),
        decimal_value: Decimal::ZERO,
        amount_value: Quantity::new(Decimal::TEN, "MB"),
        currency_value: amount(0, "PLN"),
        date_time_value: "2022-05-10T12:35:07.415Z".parse().unwrap(),
        date_value: day(2022, 5, 10),
        double_cy_value: amount(0, "PLN"),
        fraction_value: Ulamek { num: 1, den: 2 },
        from_to_value: Some(FromTo::new(day(2022, 5, 9), day(2022, 5, 15))),
        percent_value: Percent::new(Decimal::from(50)),
        time_value: Time::from_minutes(14 * 60 + 33),
        year_month_value: YearMonth::new(2022, 5).unwrap(),
        enum_value: StanDokumentu::Bufor,
        wojewodztwo: 0,
        interval_value: Przedzial { start: day(2022, 5, 10), end: day(2022, 5, 11) },
        periods_value: vec![FromTo::new(day(2022, 5, 9), day(2022, 5, 15))],
    }
}

/// The object as the sample's collection has it.
const OBJECT: &str = r#"{"boolValue":true,"intValue":0,"floatValue":0,"stringValue":"string","decimalValue":0,
 "amountValue":{"Value":"10","Symbol":"MB"},"currencyValue":{"Value":"0","Symbol":"PLN"},
 "dateTimeValue":"2022-05-10T12:35:07.415Z","dateValue":"2022-05-10",
 "doubleCyValue":{"Value":"0","Symbol":"PLN"},"fractionValue":{"Num":1,"Den":2},
 "fromToValue":{"From":"2022-05-09","To":"2022-05-15"},"percentValue":"50,00%","timeValue":"14:33",
 "yearMonthValue":{"Year":2022,"Month":5},"enumValue":0,"wojewodztwo":0,
 "intervalValue":{"Start":"2022-05-10","End":"2022-05-11"},
 "periodsValue":[{"From":"2022-05-09","To":"2022-05-15"}]}"#;

/// The same values as other servers spell them.
const OTHERWISE: &str = r#"{"boolValue":true,"intValue":0,"floatValue":"0","stringValue":"string","decimalValue":"0,00",
 "amountValue":"10 MB","currencyValue":"PLN   0.00",
 "dateTimeValue":"2022-05-10T14:35:07.4150000+02:00","dateValue":"2022-05-10T00:00:00",
 "doubleCyValue":{"symbol":"PLN","value":0.00},"fractionValue":{"Num":1,"Den":2},
 "fromToValue":"2022-05-09...2022-05-15","percentValue":"50%","timeValue":"14:33:00",
 "yearMonthValue":"2022/05","enumValue":"Bufor","wojewodztwo":0,
 "intervalValue":{"Start":{"Rok":2022,"Miesiac":5,"Dzien":10},"End":"11.05.2022"},
 "periodsValue":[{"from":{"Year":2022,"Month":5,"Day":9},"to":"2022-05-15T00:00:00"}],"nowe":1}"#;

#[tokio::test]
async fn the_object_with_every_kind_of_value_is_read_and_sent() {
    for answer in [OBJECT, OTHERWISE] {
        let (sent, read) =
            exchange(call::<Obiekt>("PostObjectData").object(&obiekt()).unwrap(), "PostObjectData", answer)
                .await;
        assert_eq!(read, obiekt());
        assert_eq!(
            sent,
            concat!(
                "POST /api/SimpleDataApi/PostObjectData\n",
                r#"{"boolValue":true,"intValue":0,"floatValue":0,"stringValue":"string","decimalValue":0,"#,
                r#""amountValue":{"Value":10,"Symbol":"MB"},"currencyValue":{"Value":0,"Symbol":"PLN"},"#,
                r#""dateTimeValue":"2022-05-10T12:35:07.415Z","dateValue":"2022-05-10","#,
                r#""doubleCyValue":{"Value":0,"Symbol":"PLN"},"fractionValue":{"Num":1,"Den":2},"#,
                r#""fromToValue":{"From":"2022-05-09","To":"2022-05-15"},"percentValue":"50.00%","timeValue":"14:33","#,
                r#""yearMonthValue":{"Year":2022,"Month":5},"enumValue":"Bufor","wojewodztwo":0,"#,
                r#""intervalValue":{"Start":"2022-05-10","End":"2022-05-11"},"#,
                r#""periodsValue":[{"From":"2022-05-09","To":"2022-05-15"}]}"#
            )
        );
    }
}

#[rstest]
#[case::int(call("PostIntData").scalar("intValue", 123_456_789), "PostIntData?intValue=123456789")]
#[case::bool(call("PostBoolData").scalar("boolValue", true), "PostBoolData?boolValue=true")]
#[case::decimal(
    call("PostDecimalData").scalar("decimalValue", Decimal::new(12, 1)),
    "PostDecimalData?decimalValue=1.2"
)]
#[case::float(call("PostFloatData").scalar("floatValue", Decimal::new(254, 2)), "PostFloatData?floatValue=2.54")]
#[case::number_of_an_enum(call("PostEnumData").scalar("enumValue", 1), "PostEnumData?enumValue=1")]
#[case::word_of_an_enum(
    call("PostEnumData").scalar("enumValue", "Usługa"),
    "PostEnumData?enumValue=Us%C5%82uga"
)]
#[case::polish_letters(
    call("PostStringData").scalar("strValue", "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż ĄĆĘŁŃÓŚŹŻ +%&=#/?\"\n"),
    "PostStringData?strValue=a%C4%85bc%C4%87de%C4%99fghijkl%C5%82mn%C5%84o%C3%B3pqrs%C5%9Btuvwxyz%C5%BA%C5%BC\
     +%C4%84%C4%86%C4%98%C5%81%C5%83%C3%93%C5%9A%C5%B9%C5%BB+%2B%25%26%3D%23%2F%3F%22%0A"
)]
#[tokio::test]
async fn scalars_of_a_post_are_sent_in_its_query_and_nothing_in_its_body(
    #[case] call: ControllerCall<Option<String>>,
    #[case] expected: &str,
) {
    let method = expected.split('?').next().unwrap();
    let (sent, _) = exchange(call, method, "null").await;
    assert_eq!(sent, format!("POST /api/SimpleDataApi/{expected}\n"));
}

#[tokio::test]
async fn a_long_polish_text_arrives_whole() {
    let text = "Zażółć gęślą jaźń. ".repeat(100);
    let (sent, _) = exchange(
        call::<Option<String>>("PostStringData").scalar("strValue", &text),
        "PostStringData",
        "null",
    )
    .await;
    let query = sent.trim_end().split_once('?').unwrap().1;
    let read: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    assert_eq!(read, [("strValue".into(), text.into())]);
}

#[rstest]
#[case::amount("PostAmountData", Quantity::new(Decimal::from(26), "MB"), r#"{"Value":26,"Symbol":"MB"}"#,
    &[r#"{"Value":"26","Symbol":"MB"}"#, r#"{"Symbol":"MB","Value":26}"#, r#""26 MB""#])]
#[case::currency("PostCurrencyData", amount(5, "PLN"), r#"{"Value":5,"Symbol":"PLN"}"#,
    &[r#"{"Value":"5","Symbol":"PLN"}"#, r#"{"Value":5.0,"Symbol":"PLN"}"#, r#"{"Value":"5,00","Symbol":"PLN"}"#, r#""5.00 PLN""#])]
#[case::double_cy("PostDoubleCyData", amount(240, "PLN"), r#"{"Value":240,"Symbol":"PLN"}"#,
    &[r#"{"Value":"240","Symbol":"PLN"}"#, r#""PLN   240""#])]
#[case::fraction("PostFractionData", Ulamek { num: 1, den: 2 }, r#"{"Num":1,"Den":2}"#, &[r#"{"Num":1,"Den":2}"#])]
#[case::from_to("PostFromToData", FromTo::new(day(2022, 5, 16), day(2022, 5, 22)), r#"{"From":"2022-05-16","To":"2022-05-22"}"#,
    &[r#"{"From":"2022-05-16","To":"2022-05-22"}"#, r#"{"From":"2022-05-16T00:00:00","To":"2022-05-22T00:00:00"}"#])]
#[case::year_month("PostYearMonthData", YearMonth::new(2022, 6).unwrap(), r#"{"Year":2022,"Month":6}"#,
    &[r#"{"Year":2022,"Month":6}"#, r#""2022/06""#])]
#[case::date("PostDateData", Dzien(day(2022, 5, 18)), r#""2022-05-18""#,
    &[r#""2022-05-18""#, r#""2022-05-18T00:00:00""#, r#"{"Year":2022,"Month":5,"Day":18}"#])]
#[case::percent("PostPercentData", Percent::new(Decimal::from(50)), r#""50.00%""#,
    &[r#""50,00%""#, r#""50.00%""#, r#""50%""#, "0.5"])]
#[case::time("PostTimeData", Time::from_minutes(485), r#""8:05""#, &[r#""8:05""#, r#""08:05:00""#])]
#[tokio::test]
async fn a_value_is_sent_in_one_spelling_and_read_from_all<T>(
    #[case] method: &str,
    #[case] value: T,
    #[case] body: &str,
    #[case] answers: &[&str],
) where
    T: Debug + PartialEq + Serialize + DeserializeOwned + Send,
{
    for answer in answers.iter().chain([&body]) {
        let (sent, read) = exchange(call::<T>(method).object(&value).unwrap(), method, answer).await;
        assert_eq!(sent, format!("POST /api/SimpleDataApi/{method}\n{body}"));
        assert_eq!(read, value, "{answer}");
    }
}

#[tokio::test]
async fn other_verbs_go_as_they_are() {
    let (sent, read) =
        exchange(call::<Obiekt>("GetObjectData").verb(Method::GET), "GetObjectData", OBJECT).await;
    assert_eq!((sent.as_str(), read), ("GET /api/SimpleDataApi/GetObjectData\n", obiekt()));
    let (_, list) = exchange(
        call::<Vec<Obiekt>>("GetListData").verb(Method::GET),
        "GetListData",
        &format!("[{OTHERWISE}]"),
    )
    .await;
    assert_eq!(list, [obiekt()]);
    let (sent, _) =
        exchange(call::<Option<i32>>("MethodWithException").verb(Method::PUT), "MethodWithException", "null")
            .await;
    assert_eq!(sent, "PUT /api/SimpleDataApi/MethodWithException\n");
}

/// What is read is written so that it is read the same.
fn look<T: Debug + PartialEq + Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&value).unwrap();
    assert_eq!(serde_json::from_slice::<T>(&written).unwrap(), value);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic_and_what_is_read_is_written_alike(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..48),
            "\"?[0-9 .,:/%TZ+-]{0,24}( ?[A-Za-zł]{1,4})?\"?".prop_map(String::into_bytes),
            r#"\{"(Value|Year|From|Rok|Name)":("?[0-9.,/:-]{1,10}"?|null),"(Symbol|Month|To|Miesiac|Value)":("?[0-9A-Z.-]{1,10}"?|null)(,"(Day|Dzien)":[0-9]{1,2})?\}"#
                .prop_map(String::into_bytes),
        ]
    ) {
        look::<Currency>(&bytes);
        look::<Quantity>(&bytes);
        look::<Percent>(&bytes);
        look::<Dzien>(&bytes);
        look::<Time>(&bytes);
        look::<YearMonth>(&bytes);
        look::<FromTo>(&bytes);
        look::<StanDokumentu>(&bytes);
        look::<Cecha>(&bytes);
        look::<WartoscCechy>(&bytes);
        look::<Obiekt>(&bytes);
    }
}
