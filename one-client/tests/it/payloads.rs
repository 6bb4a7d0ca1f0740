//! The documentation's example payloads: each decodes into its type and encodes back to the same JSON.

use one_client::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// JSON that can be compared: numbers by value, however they are written; absent and null are not the same.
#[derive(PartialEq, Eq, Debug)]
enum Json {
    Number(Decimal),
    Other(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    fn read(text: &str) -> Self {
        match text.trim_start().as_bytes()[0] {
            b'[' => {
                let list: Vec<Box<RawValue>> = serde_json::from_str(text).unwrap();
                Self::List(list.iter().map(|item| Self::read(item.get())).collect())
            }
            b'{' => {
                let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).unwrap();
                Self::Object(
                    fields.into_iter().map(|(name, value)| (name, Self::read(value.get()))).collect(),
                )
            }
            b'-' | b'0'..=b'9' => Self::Number(text.trim().parse::<Decimal>().unwrap().normalize()),
            b'"' => Self::Other(format!("{:?}", serde_json::from_str::<String>(text).unwrap())),
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/payloads"))
}

/// The text of an example: `payload("01_…")`.
pub(crate) fn payload(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

/// Decodes an example into `T` and compares what that encodes to.
pub(crate) fn round_trips<T: Serialize + DeserializeOwned>(name: &str) {
    same_json(&payload(name), &serde_json::from_str::<T>(&payload(name)).unwrap());
}

/// Whether a value encodes to this JSON.
pub(crate) fn same_json(expected: &str, value: &impl Serialize) {
    assert_eq!(Json::read(&serde_json::to_string(value).unwrap()), Json::read(expected));
}

#[test]
fn every_example_has_a_test_of_its_own() {
    let mut tests = String::new();
    for file in std::fs::read_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it"))).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "rs") {
            tests.push_str(&std::fs::read_to_string(file).unwrap());
        }
    }
    let names = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let names: BTreeSet<_> =
        names.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 19);
    let untested: Vec<_> = names.iter().filter(|name| !tests.contains(&format!("\"{name}\""))).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn numbers_are_compared_by_value_and_null_is_not_absent() {
    assert_eq!(Json::read(r#"{"a":[1.50,"1.5"]}"#), Json::read(r#"{ "a" : [ 1.5, "1.5" ] }"#));
    assert_ne!(Json::read(r#"{"a":null}"#), Json::read("{}"));
    assert_ne!(Json::read(r#"["1"]"#), Json::read("[1]"));
}
