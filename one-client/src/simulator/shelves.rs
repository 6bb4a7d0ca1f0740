//! Records of any kind: shelves hold documents by key, feeds hold events in order.

use super::SimulatorError;
use super::books::Books;
use super::journal::Entry;
use super::refusal::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// All shelves, but for those of plugin data, of which each plugin has its own.
const SHELVES: &[&str] = &[
    "segments",
    "clients",
    "trade-credits",
    "client-blockades",
    "users",
    "addresses",
    "roles",
    "operators",
    "warehouses",
    "external-reservations",
    "reservations",
    "pricings",
    "pricing-connections",
    "discounts",
    "markups",
    "clients-to-pricings",
    "client-groups",
    "client-to-groups",
    "product-groups",
    "minimal-prices",
    "bonuses",
    "purchase-prices",
    "order-statuses",
    "offline-orders",
    "rfqs",
    "offers",
    "offer-failures",
    "carts",
    "invoices",
    "invoice-statuses",
    "goods-issued-notes",
    "goods-received-notes",
    "categories",
    "products",
    "manufacturers",
    "imports",
    "complaints",
];

/// All feeds.
const FEEDS: &[&str] = &["orders", "rfqs", "offers", "clients", "trade-credits"];

/// Whether there is such a shelf; a misspelt one would make a test wait for nothing.
pub(super) fn check_shelf(name: &str) -> Result<(), SimulatorError> {
    if name.starts_with("pluginData:") { Ok(()) } else { check("shelf", name, SHELVES) }
}

/// Whether there is such a feed.
pub(super) fn check_feed(name: &str) -> Result<(), SimulatorError> {
    check("feed", name, FEEDS)
}

fn check(what: &str, name: &str, known: &[&str]) -> Result<(), SimulatorError> {
    if known.contains(&name) {
        return Ok(());
    }
    Err(SimulatorError::new(format!("there is no {what} {name}; there are {}", known.join(", "))))
}

/// The context of what this API writes.
const INTEGRATIONS: &str = "INTEGRATIONS";
/// The context of what somebody does in the shop.
pub(super) const APPLICATION: &str = "APPLICATION";

/// An event of a feed. Its id is its place in the list, from 1.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Where it happened: `APPLICATION`, `BACKOFFICE`, `INTERNAL` or `INTEGRATIONS`.
    pub(super) context: String,
    pub(super) json: Box<RawValue>,
}

impl Event {
    /// A text of the event.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        let fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(self.json.get()).ok()?;
        fields.get(name)?.as_str().map(str::to_owned)
    }
}

/// Shelves, feeds, and the last id that was given out.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    shelves: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
    feeds: BTreeMap<String, Vec<Event>>,
    last_id: u64,
}

impl Shelves {
    pub(super) fn put(&mut self, shelf: String, records: Vec<(String, Box<RawValue>)>) {
        self.shelves.entry(shelf).or_default().extend(records);
    }

    pub(super) fn remove(&mut self, shelf: &str, key: &str) {
        if let Some(records) = self.shelves.get_mut(shelf) {
            records.remove(key);
        }
    }

    pub(super) fn tell(&mut self, feed: String, event: Event) {
        self.feeds.entry(feed).or_default().push(event);
    }

    pub(super) fn set_last_id(&mut self, id: u64) {
        self.last_id = id;
    }

    pub(super) fn events(&self) -> usize {
        self.feeds.values().map(Vec::len).sum()
    }
}

impl Books {
    /// Lays a record on a shelf, in the place of another of this key.
    pub(super) fn put<T: Serialize>(
        &mut self,
        shelf: &str,
        key: &str,
        record: &T,
    ) -> Result<(), SimulatorError> {
        self.put_all(shelf, [(key.to_owned(), record)])
    }

    /// Lays several records on a shelf: all of them, or none if the state cannot be written.
    pub(super) fn put_all<T: Serialize>(
        &mut self,
        shelf: &str,
        records: impl IntoIterator<Item = (String, T)>,
    ) -> Result<(), SimulatorError> {
        let records = records.into_iter().map(|(key, record)| Ok((key, document(&record)?)));
        let records = records.collect::<Result<Vec<_>, SimulatorError>>()?;
        if records.is_empty() {
            return Ok(());
        }
        self.record(Entry::Put { shelf: shelf.to_owned(), records })
    }

    /// The record of this key. One that was laid there by hand may not fit `T`; that is an error.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        shelf: &str,
        key: &str,
    ) -> Result<Option<T>, SimulatorError> {
        self.raw(shelf, key).map(|record| fit(shelf, key, record)).transpose()
    }

    /// Every record of a shelf, in the order of the keys.
    pub(super) fn all<T: DeserializeOwned>(&self, shelf: &str) -> Result<Vec<(String, T)>, SimulatorError> {
        self.records(shelf).map(|(key, record)| Ok((key.to_owned(), fit(shelf, key, record)?))).collect()
    }

    /// The record of this key, or 404: "`what` not found".
    pub(super) fn find<T: DeserializeOwned>(&self, shelf: &str, key: &str, what: &str) -> Result<T, Refusal> {
        self.get(shelf, key)?.ok_or_else(|| Refusal::not_found(what))
    }

    /// [`all`](Self::all) without the keys.
    pub(super) fn values<T: DeserializeOwned>(&self, shelf: &str) -> Result<Vec<T>, SimulatorError> {
        self.records(shelf).map(|(key, record)| fit(shelf, key, record)).collect()
    }

    /// The record of this key as JSON.
    pub(super) fn raw(&self, shelf: &str, key: &str) -> Option<&RawValue> {
        Some(self.known.shelves.shelves.get(shelf)?.get(key)?)
    }

    /// Every record of a shelf as JSON, in the order of the keys.
    pub(super) fn records(&self, shelf: &str) -> impl Iterator<Item = (&str, &RawValue)> {
        let records = self.known.shelves.shelves.get(shelf).into_iter().flatten();
        records.map(|(key, record)| (key.as_str(), &**record))
    }

    /// Takes a record off a shelf; false if there is none.
    pub(super) fn remove(&mut self, shelf: &str, key: &str) -> Result<bool, SimulatorError> {
        let is_there = self.raw(shelf, key).is_some();
        if is_there {
            self.record(Entry::Removed { shelf: shelf.to_owned(), key: key.to_owned() })?;
        }
        Ok(is_there)
    }

    /// Tells a feed what a call of this API did.
    pub(super) fn tell<T: Serialize>(&mut self, feed: &str, event: &T) -> Result<(), SimulatorError> {
        self.tell_from(INTEGRATIONS, feed, event)
    }

    /// Tells a feed what happened in another context.
    pub(super) fn tell_from<T: Serialize>(
        &mut self,
        context: &str,
        feed: &str,
        event: &T,
    ) -> Result<(), SimulatorError> {
        let (feed, context) = (feed.to_owned(), context.to_owned());
        self.record(Entry::Event { feed, context, json: document(event)? })
    }

    /// Up to `limit` wanted events of a feed from the id `start` on, and the id after the last one looked at.
    pub(super) fn events_of(
        &self,
        feed: &str,
        start: u64,
        limit: usize,
        wanted: impl Fn(&Event) -> bool,
    ) -> (Vec<Box<RawValue>>, u64) {
        let mut next = start;
        let mut found = Vec::new();
        let skipped = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
        let events = self.known.shelves.feeds.get(feed).into_iter().flatten();
        for (event, id) in events.zip(1_u64..).skip(skipped) {
            if found.len() == limit {
                break;
            }
            next = id + 1;
            if wanted(event) {
                found.push(event.json.clone());
            }
        }
        (found, next)
    }

    /// The next id: a well-formed UUID that counts up, never the same again.
    pub(super) fn new_id(&mut self) -> Result<String, SimulatorError> {
        let id = self.known.shelves.last_id + 1;
        self.record(Entry::Id(id))?;
        Ok(format!("00000000-0000-4000-9000-{id:012}"))
    }
}

fn fit<T: DeserializeOwned>(shelf: &str, key: &str, record: &RawValue) -> Result<T, SimulatorError> {
    serde_json::from_str(record.get()).map_err(|error| {
        SimulatorError::new(format!("the record {key} on the shelf {shelf} does not fit: {error}"))
    })
}

pub(super) fn document<T: Serialize>(value: &T) -> Result<Box<RawValue>, SimulatorError> {
    let failed = |error: serde_json::Error| SimulatorError::io("the record does not encode", error.into());
    let raw = to_raw_value(value).map_err(failed)?;
    RawValue::from_string(compact(raw.get())).map_err(failed)
}

/// JSON without white space between its tokens: the state file has one line for an entry. The digits and
/// the order of the fields stay.
fn compact(json: &str) -> String {
    let (mut in_text, mut is_escaped) = (false, false);
    json.chars()
        .filter(|&character| {
            if !in_text {
                in_text = character == '"';
                return !character.is_ascii_whitespace();
            }
            in_text = character != '"' || is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            true
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn white_space_goes_and_texts_and_digits_stay() {
        let json = "{ \"a \\\" b\\\\\" :\n\t[1.500, \"x  y\"] }";
        assert_eq!(compact(json), "{\"a \\\" b\\\\\":[1.500,\"x  y\"]}");
    }

    #[test]
    fn records_are_read_back_in_the_order_of_their_keys_also_after_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut books = Books::open(&path, "acme").unwrap();
        books.put("segments", "org:ż/2", &json!({ "name": "Łódź" })).unwrap();
        books.put_all("segments", [("1".to_owned(), json!(1)), ("3".to_owned(), json!(3))]).unwrap();
        assert!(books.remove("segments", "3").unwrap());
        assert!(!books.remove("segments", "3").unwrap());
        let first = books.new_id().unwrap();
        books.tell("segments", &json!({ "id": 1 })).unwrap();
        books.tell_from(APPLICATION, "segments", &json!({ "id": 2 })).unwrap();
        drop(books);

        let mut books = Books::open(&path, "acme").unwrap();
        let all = books.all::<serde_json::Value>("segments").unwrap();
        assert_eq!(all, [("1".to_owned(), json!(1)), ("org:ż/2".to_owned(), json!({ "name": "Łódź" }))]);
        assert_eq!(first, "00000000-0000-4000-9000-000000000001");
        assert_eq!(books.new_id().unwrap(), "00000000-0000-4000-9000-000000000002");
        let (events, next) = books.events_of("segments", 1, 10, |event| event.context == APPLICATION);
        assert_eq!((events.len(), events[0].get(), next), (1, "{\"id\":2}", 3));
        let (events, next) = books.events_of("segments", 1, 1, |_| true);
        assert_eq!((events[0].get(), next), ("{\"id\":1}", 2));
        assert_eq!(books.values::<serde_json::Value>("segments").unwrap().len(), 2);
        assert_eq!(books.find::<u8>("segments", "1", "segment"), Ok(1));
        assert_eq!(books.find::<u8>("segments", "9", "segment"), Err(Refusal::not_found("segment")));
        let misfit = books.get::<u8>("segments", "org:ż/2").unwrap_err();
        assert!(misfit.to_string().contains("org:ż/2 on the shelf segments"), "{misfit}");
    }
}
