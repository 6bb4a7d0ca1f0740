//! The server side of the add-on `SklepApi`, made up for the simulator: in an installation this is C# within enova365.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

/// So small that even these few goods need a second page.
const LARGEST_PAGE: usize = 2;

/// The add-on's goods, as its answers spell them. Clones share them.
#[derive(Debug, Clone)]
pub struct Addon(Arc<Mutex<Vec<Value>>>);

impl Default for Addon {
    fn default() -> Self {
        Self::new()
    }
}

impl Addon {
    /// Four goods, of which one does not carry the tick.
    #[must_use]
    pub fn new() -> Self {
        let good = |id: i32, symbol: &str, nazwa: &str, na_stanie: &str, cechy: Value| {
            json!({
                "Id": id, "Symbol": symbol, "Nazwa": nazwa, "Jm": "szt", "Stawka": "23%",
                "NaStanie": na_stanie, "Zarezerwowane": "1", "Cechy": cechy,
            })
        };
        let cecha = |nazwa: &str, wartosc: Value| json!({"Nazwa": nazwa, "Wartosc": wartosc});
        let tick = || cecha("Sklep internetowy", json!(true));
        let goods = vec![
            good(1, "LYZWY", "Łyżwy figurowe", "12", json!([tick(), cecha("Kolor", json!("biały"))])),
            good(2, "NARTY", "Narty biegowe", "5", json!([tick(), cecha("Nowość", json!(true))])),
            good(3, "SMAR", "Smar do nart", "40", json!([cecha("Kolor", json!("żółty"))])),
            good(4, "KIJKI", "Kijki", "1", json!([tick(), cecha("Kolor", json!("czarny"))])),
        ];
        Self(Arc::new(Mutex::new(goods)))
    }

    /// Another value in a good.
    pub fn set(&self, id: i32, field: &str, value: Value) {
        let mut goods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(good) = goods.iter_mut().find(|good| *of(good, "Id") == id).and_then(Value::as_object_mut)
        {
            good.insert(field.to_owned(), value);
        }
    }

    /// What `POST api/SklepApi/Towary` answers: goods after `PoId`, `Ile` at most, or those of `Idy` or `Kody`.
    #[must_use]
    pub fn towary(&self, question: &str) -> String {
        let question: Value = serde_json::from_str(question).unwrap_or_default();
        let listed = |list: &str| of(&question, list).as_array().is_some_and(|list| !list.is_empty());
        let named = |list: &str, value: &Value| {
            of(&question, list).as_array().is_some_and(|list| list.contains(value))
        };
        let goods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if listed("Idy") || listed("Kody") {
            let is_asked_for =
                |good: &&Value| named("Idy", of(good, "Id")) || named("Kody", of(good, "Symbol"));
            let found: Vec<&Value> = goods.iter().filter(is_asked_for).collect();
            return json!({"Towary": found, "Dalej": false}).to_string();
        }
        let po_id = of(&question, "PoId").as_i64();
        let after: Vec<&Value> = goods.iter().filter(|good| of(good, "Id").as_i64() > po_id).collect();
        let ile = of(&question, "Ile").as_u64().and_then(|ile| usize::try_from(ile).ok());
        let ile = ile.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
        let page: Vec<&Value> = after.iter().take(ile).copied().collect();
        json!({"Towary": page, "Dalej": page.len() < after.len()}).to_string()
    }
}

fn of<'v>(value: &'v Value, field: &str) -> &'v Value {
    value.get(field).unwrap_or(&Value::Null)
}
