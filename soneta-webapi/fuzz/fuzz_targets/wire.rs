//! Every value type of the wire: nothing makes a reader panic, and what was read is written so that it is read the same.

#![no_main]

use std::fmt::Debug;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use soneta_webapi::wire::{
    self, Cecha, Currency, FromTo, OdwolanieDoWiersza, Percent, Quantity, Time, WartoscCechy, YearMonth,
};
use soneta_webapi::{Decimal, NaiveDate, Nip, Potwierdzenie, StanDokumentu, TypTowaru, Uuid};

/// Makes a type of a `with` module.
macro_rules! with {
    ($($name:ident($kind:ty) = $module:literal;)+) => {
        $(
            #[derive(Debug, PartialEq, Serialize, Deserialize)]
            #[serde(transparent)]
            struct $name(#[serde(with = $module)] $kind);
        )+
    };
}

with! {
    Liczba(Decimal) = "wire::decimal";
    LiczbaAlboNic(Option<Decimal>) = "wire::decimal::option";
    SamaIlosc(Decimal) = "wire::quantity_value";
    Dzien(NaiveDate) = "wire::date";
    DzienAlboNic(Option<NaiveDate>) = "wire::date::option";
    Czesci(Option<NaiveDate>) = "wire::date::parts";
    Chwila(DateTime<Utc>) = "wire::instant";
    Guid(Option<Uuid>) = "wire::guid";
    Cechy(Vec<Cecha>) = "wire::cecha::altone_list";
}

fn json<T: Debug + PartialEq + Serialize + DeserializeOwned>(text: &str) {
    let Ok(value) = serde_json::from_str::<T>(text) else { return };
    let written = serde_json::to_string(&value).expect("what was read is written");
    let again = serde_json::from_str::<T>(&written).expect("what was written is read");
    assert_eq!(again, value, "{written}");
}

fn text<T: Debug + PartialEq + FromStr + ToString>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    assert!(value.to_string().parse::<T>().is_ok_and(|again| again == value), "{}", value.to_string());
}

fn every_type(input: &str) {
    json::<Liczba>(input);
    json::<LiczbaAlboNic>(input);
    json::<SamaIlosc>(input);
    json::<Dzien>(input);
    json::<DzienAlboNic>(input);
    json::<Czesci>(input);
    json::<Chwila>(input);
    json::<Guid>(input);
    json::<Cechy>(input);
    json::<Cecha>(input);
    json::<Currency>(input);
    json::<Quantity>(input);
    json::<Percent>(input);
    json::<Time>(input);
    json::<YearMonth>(input);
    json::<FromTo>(input);
    json::<TypTowaru>(input);
    json::<StanDokumentu>(input);
    json::<Potwierdzenie>(input);
}

fn every_reader(value: &WartoscCechy) {
    let _ = (value.bool(), value.integer(), value.decimal(), value.date(), value.time(), value.percent());
    let _ = (value.currency(), value.quantity(), value.from_to(), value.year_month());
    let _ = (value.text(), value.tree_path(), value.odwolanie());
}

fuzz_target!(|data: &[u8]| {
    let Ok(input) = std::str::from_utf8(data) else { return };
    every_type(input);
    every_type(&serde_json::to_string(input).expect("a text is written"));
    text::<Percent>(input);
    text::<Time>(input);
    text::<YearMonth>(input);
    text::<FromTo>(input);
    text::<OdwolanieDoWiersza>(input);
    every_reader(&WartoscCechy::from(input));
    if let Ok(value) = serde_json::from_str(input) {
        every_reader(&value);
    }
    let _ = wire::decimal::parse(input);
    let nip = Nip::parse(input);
    assert_eq!(nip.and_then(|nip| Nip::parse(&nip.to_string())), nip);
});
