//! The features themselves, and the wire types one by one.

use std::fmt::Debug;

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use soneta_webapi::wire::{self, Cecha, Currency, FromTo, Percent, Quantity, Time, YearMonth};
use soneta_webapi::{NaiveDate, Potwierdzenie, StanDokumentu, TypTowaru};

/// More digits than a binary float holds.
pub(crate) const LONG: &str = "1234567890123456789.0123456789";

pub(crate) fn decimal(digits: &str) -> Decimal {
    digits.parse().unwrap()
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn the_features_are_on() {
    let value: serde_json::Value = read(&format!(r#"{{"b":{LONG},"a":1}}"#));
    assert_eq!(
        value.to_string(),
        format!(r#"{{"b":{LONG},"a":1}}"#),
        "arbitrary_precision and preserve_order"
    );
    assert_eq!(serde_json::to_string(&decimal("1.5")).unwrap(), "1.5", "serde-float");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wszystko {
    #[serde(with = "wire::decimal")]
    decimal: Decimal,
    #[serde(with = "wire::decimal::option")]
    maybe: Option<Decimal>,
    currency: Currency,
    quantity: Option<Quantity>,
    #[serde(with = "wire::quantity_value")]
    alone: Decimal,
    percent: Percent,
    #[serde(with = "wire::date")]
    day: NaiveDate,
    #[serde(with = "wire::date::parts")]
    parts: Option<NaiveDate>,
    time: Time,
    month: YearMonth,
    period: Option<FromTo>,
    typ: TypTowaru,
    cecha: Cecha,
    #[serde(with = "wire::cecha::altone_list")]
    features: Vec<Cecha>,
}

#[test]
fn every_wire_type_is_read_and_written_as_ever() {
    let written = format!(
        r#"{{"decimal":{LONG},"maybe":-0.10,"currency":{{"Value":{LONG},"Symbol":"PLN"}},"quantity":{{"Value":0.1000000000000000055,"Symbol":"m2"}},"alone":{LONG},"percent":"12.50%","day":"2026-11-21","parts":{{"Year":2026,"Month":11,"Day":21}},"time":"8:05","month":{{"Year":2022,"Month":6}},"period":{{"From":"2022-05-09","To":"2022-05-15"}},"typ":"Usługa","cecha":{{"Nazwa":"Cena","Wartosc":{LONG}}},"features":[{{"Name":"Rabat","Value":0.10,"UpdateDate":{{"Year":2026,"Month":1,"Day":1}}}}]}}"#
    );
    let all: Wszystko = read(&written);
    assert_eq!(serde_json::to_string(&all).unwrap(), written);
    let otherwise = format!(
        r#"{{"decimal":"{LONG}","maybe":"-0,10","currency":"{LONG} PLN","quantity":{{"symbol":"m2","value":"0,1000000000000000055"}},"alone":"{LONG} szt","percent":0.125,"day":{{"Year":2026,"Month":11,"Day":21}},"parts":"2026-11-21T00:00:00","time":"08:05:00","month":"2022/06","period":"2022-05-09...2022-05-15","typ":2,"cecha":{{"value":{LONG},"name":"Cena"}},"features":[{{"Name":"Rabat","Value":0.10,"UpdateDate":{{"Rok":2026,"Miesiac":1,"Dzien":1}}}}]}}"#
    );
    assert_eq!(read::<Wszystko>(&otherwise), all);
    assert_eq!(all.cecha.wartosc.decimal(), Some(decimal(LONG)));
    assert_eq!(all.features[0].wartosc.decimal().unwrap().to_string(), "0.10");
}

#[test]
fn open_enums_are_read_by_word_and_by_number() {
    assert_eq!(read::<TypTowaru>("1"), TypTowaru::Towar);
    assert_eq!(read::<StanDokumentu>("0"), StanDokumentu::Bufor);
    assert_eq!(read::<TypTowaru>("77"), TypTowaru::Unknown("77".to_owned()));
    assert_eq!(read::<TypTowaru>("-1"), TypTowaru::Unknown("-1".to_owned()));
    assert_eq!(read::<Potwierdzenie>("\"Nowe\""), Potwierdzenie::Unknown("Nowe".to_owned()));
    for json in ["1.5", "{}", r#"{"a":"1"}"#, "[1]"] {
        assert!(serde_json::from_str::<TypTowaru>(json).is_err(), "{json}");
    }
}

#[test]
fn what_is_no_number_is_refused_as_ever() {
    for json in ["null", "true", "\"\"", "{}", r#"{"$serde_json::private::Number":"1"}"#, "1e400", "[1]"] {
        let text = format!(r#"{{"Value":{json},"Symbol":"PLN"}}"#);
        assert!(serde_json::from_str::<Currency>(&text).is_err(), "{json}");
        assert!(serde_json::from_str::<Percent>(json).is_err(), "{json}");
    }
}
