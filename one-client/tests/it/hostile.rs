//! What a server may do to the records it answers without anything being lost: words nobody knew, nulls, absent and
//! unknown fields, numbers where texts are expected and texts where numbers are.
//!
//! A record of each kind is changed in one place at a time, in every place it has.

mod account;

use crate::payloads::same_json;
use one_client::catalog::{Category, PluginData, Product};
use one_client::goods_notes::GoodsNote;
use one_client::invoices::InvoiceStatus;
use one_client::orderpath::{Offer, OfferEvent, RfqEvent, RfqShipment};
use one_client::orders::{OrderEvent, Shipment};
use one_client::pricing::RetailPrice;
use one_client::rma::Complaint;
use one_client::stock::{ExternalReservation, Reservation};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A record with all its fields, and what is special about some. Places are JSON pointers with `*` for an index.
#[derive(Debug)]
struct Sample {
    name: &'static str,
    json: &'static str,
    again: fn(&str) -> Result<String, String>,
    /// Without these it is no such record.
    needed: &'static [&'static str],
    /// Words of open sets.
    words: &'static [&'static str],
    /// Texts of which a number is none: dates, words of open sets.
    no_numbers: &'static [&'static str],
    /// Values of any type, which come back as they are.
    any: &'static [&'static str],
    /// Whether unknown fields come back.
    keeps_extra: bool,
}

/// Reads and writes a record.
fn again<T: Serialize + DeserializeOwned>(json: &str) -> Result<String, String> {
    let record: T = serde_json::from_str(json).map_err(|error| error.to_string())?;
    serde_json::to_string(&record).map_err(|error| error.to_string())
}

const SAMPLES: &[Sample] = &[
    Sample {
        name: "Shipment",
        json: r#"{"id":"OF/22/8/2022/01","orderId":"OF/22/8/2022","orderCouponCode":"k","customerPurchaseNumber":"ZAM 7","organization":{"id":"o","externalId":"1001"},
            "productLines":[{"sku":"sku-a","name":"Łożysko","lineNumber":"01","quantityOrdered":2,"quantityOrderedInContentUnit":4,"contentUnitCode":"pack",
                "price":{"netUnitPrice":820,"netContentUnitPrice":410,"grossContentUnitPrice":504.3,"basePriceNet":1,"basePriceDiscount":2,"basePriceType":"X","netCatalogPrice":1000,
                    "catalogPriceDiscount":59,"netValue":1640,"taxValue":0,"taxRate":0,"grossValue":1640,
                    "additionalCosts":[{"type":"weee_surcharge","contentUnitNet":23,"contentUnitTax":5.29,"contentUnitGross":28.29,"totalNet":92,"totalTax":21.16,"totalGross":113.16}]},
                "lastChange":"2022-11-08T12:30:00Z","pkwiu":"1","gtu":"2","splitPayment":true,"cableType":"k","manufacturerId":"3","productLineId":"4","parentProductLineId":"5","notes":"n"}],
            "deliveryMethod":{"id":"d","externalId":"1","name":"kurier","deliveryDateRequired":"2022-11-09","cost":{"net":0,"tax":0,"gross":0},"type":"CLICK_AND_COLLECT",
                "address":{"name":"a","street":"b","city":"c","zipCode":"50-001","country":"PL","phone":"1"},"pickupPointId":"WRO"},
            "paymentMethod":{"id":"p","externalId":"ext","name":"przelew","price":{"net":0,"tax":0,"gross":0}},"notes":"proszę dzwonić"}"#,
        again: again::<Shipment>,
        needed: &[
            "/id",
            "/orderId",
            "/organization/id",
            "/productLines",
            "/productLines/*/sku",
            "/productLines/*/quantityOrderedInContentUnit",
            "/productLines/*/price",
            "/productLines/*/price/netContentUnitPrice",
            "/deliveryMethod/cost/net",
            "/paymentMethod/price/net",
        ],
        words: &["/deliveryMethod/type"],
        no_numbers: &[
            "/productLines/*/lastChange",
            "/deliveryMethod/deliveryDateRequired",
            "/deliveryMethod/type",
        ],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "OrderEvent",
        json: r#"{"orderId":"OF/22/8/2022","shipmentId":"OF/22/8/2022/01","eventType":"ADDED"}"#,
        again: again::<OrderEvent>,
        needed: &["/orderId", "/shipmentId", "/eventType"],
        words: &["/eventType"],
        no_numbers: &["/eventType"],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "RfqShipment",
        json: r#"{"id":"RFQ/3/2022/01","rfqId":"RFQ/3/2022","rfqCouponCode":"k","customerPurchaseNumber":"ZAM 7",
            "productLines":[{"sku":"sku-a","name":"Łożysko","lineNumber":"RFQ/3/2022/01/01","quantityOrdered":2,"quantityOrderedInContentUnit":4,
                "price":{"netContentUnitPrice":410,"additionalCosts":[]},"contentUnitCode":"pack","notes":"n","appliedCampaigns":[],
                "currentInfo":{"slug":"s","name":"n","url":"/u"}}],
            "deliveryMethod":{"id":"d","address":{"city":"c"}},"paymentMethod":{"id":"p"}}"#,
        again: again::<RfqShipment>,
        needed: &[
            "/id",
            "/rfqId",
            "/productLines",
            "/productLines/*/sku",
            "/productLines/*/quantityOrderedInContentUnit",
            "/productLines/*/price/netContentUnitPrice",
        ],
        words: &[],
        no_numbers: &[],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "RfqEvent",
        json: r#"{"rfqId":"RFQ/3/2022","rfqShipmentId":"RFQ/3/2022/01","eventType":"ADDED"}"#,
        again: again::<RfqEvent>,
        needed: &[],
        words: &["/eventType"],
        no_numbers: &[],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "Offer",
        json: r#"{"id":"o","clientId":"org:5","documentNumber":"O/36/1/2022","expirationDate":"2022-11-15","branchId":"b",
            "offerCreatorUser":{"type":"OPERATOR","id":"7","name":"Żaneta","email":"zaneta@example.com"},"status":"WON_TRANSFERRED",
            "notes":[{"id":"1","author":{"id":"7"},"content":"Rabat","createdOn":"2022-11-08T12:45:01","lastModifiedDate":"2022-11-08T12:45:01",
                "visibleForClients":true,"attachments":[{"id":"plik"}]}],
            "paymentMethod":{"id":"p","name":"Przedpłata","type":"PREPAID"},
            "split":{"slots":[{"id":"EMPTY:0","availabilityState":"NONE_AVAILABLE","notes":"","productLines":[{"id":"l"}],"delivery":{
                "method":{"id":"d","name":"n","description":"o","type":"CROSS_DOCKING","deliveryDate":"2022-11-09"},
                "pickupPointWarehouse":{"id":"WRO-1","label":"l","name":"n"}}}]}}"#,
        again: again::<Offer>,
        needed: &["/id"],
        words: &[
            "/offerCreatorUser/type",
            "/status",
            "/paymentMethod/type",
            "/split/slots/*/availabilityState",
            "/split/slots/*/delivery/method/type",
        ],
        no_numbers: &[
            "/expirationDate",
            "/offerCreatorUser/type",
            "/status",
            "/notes/*/createdOn",
            "/notes/*/lastModifiedDate",
            "/paymentMethod/type",
            "/split/slots/*/availabilityState",
            "/split/slots/*/delivery/method/type",
            "/split/slots/*/delivery/method/deliveryDate",
        ],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "OfferEvent",
        json: r#"{"offerId":"o","eventType":"WON_TRANSFERRED"}"#,
        again: again::<OfferEvent>,
        needed: &["/offerId", "/eventType"],
        words: &["/eventType"],
        no_numbers: &["/eventType"],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "RetailPrice",
        json: r#"{"price":19.99,"productId":"sku-a"}"#,
        again: again::<RetailPrice>,
        needed: &["/price", "/productId"],
        words: &[],
        no_numbers: &["/productId"],
        any: &[],
        keeps_extra: false,
    },
    Sample {
        name: "Category",
        json: r#"{"id":"cat_1","name":"Łożyska","parent":"cat_0","url":"/lozyska","children":["cat_1_1"],
            "seo":{"title":"t","description":"d","h1":"h","follow":true,"index":"noindex"},"description":"o"}"#,
        again: again::<Category>,
        needed: &["/id"],
        words: &[],
        no_numbers: &["/children/*"],
        any: &["/seo/follow", "/seo/index"],
        keeps_extra: true,
    },
    Sample {
        name: "Product",
        json: r#"{"id":"sku-a","productOrigin":"INTEGRATION","createdBy":{"id":"u"},"name":"Łożysko","manufacturerIndex":"6204","catalogIndex":"k","productSeries":"s",
            "multivalueAttributes":[{"valueType":"NUMERIC","nameCode":"EF1","name":"średnica","values":[{"value":"47"},{"value":1.5}]}]}"#,
        again: again::<Product>,
        needed: &["/id"],
        words: &["/productOrigin", "/multivalueAttributes/*/valueType"],
        no_numbers: &[],
        any: &["/createdBy", "/createdBy/id", "/productSeries", "/multivalueAttributes/*/values/*/value"],
        keeps_extra: true,
    },
    Sample {
        name: "PluginData",
        json: r#"{"pluginId":"p","productId":"sku-a","metadata":{"waga":"1.50"}}"#,
        again: again::<PluginData>,
        needed: &["/productId"],
        words: &[],
        no_numbers: &[],
        any: &["/metadata", "/metadata/waga"],
        keeps_extra: true,
    },
    Sample {
        name: "Complaint",
        json: r#"{"id":"33","createDate":"2022-04-04 08:15:20","userId":"34","clientId":"org:35","number":"103/2022/04/04","name":"Żółw","email":"user@example.com",
            "phoneNumber":"000 000 000","invoiceNumber":"FV/01/03/2022","reason":"r","notes":"",
            "items":[{"positionOnInvoice":1,"productSku":"sku-a","productName":"n","quantityOnInvoice":24,"advertisedQuantity":1.25,"unit":"szt"}]}"#,
        again: again::<Complaint>,
        needed: &["/id"],
        words: &[],
        no_numbers: &["/createDate"],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "GoodsNote",
        json: r#"{"number":"WZ/01/03/2022","clientId":"org:1","notes":"proszę","purchaseOrderNumber":"ZAM 7","documentDate":"2022-03-01","saleDate":"2022-03-01","deliveryDate":"2022-03-02",
            "productLines":[{"lineNumber":1,"salesOrderLineNumber":"1","salesOrderReferenceNumber":"OF/22/8/2022","notes":"n","quantity":2.5,
                "product":{"gtin":"5900000000000","sku":"sku-a","manufacturerIndex":"6204","name":"Łożysko","pkwiu":"28.15.10","unit":"szt.","manufacturer":{"name":"m"}},
                "prices":{"taxRate":0.23,"discount":10,"additionalCosts":[{"type":"t","item":{"net":1,"gross":1.23,"tax":0.23},"line":{"net":2,"gross":2.46,"tax":0.46}}],
                    "base":{"net":4,"gross":4.92,"tax":0.92}}}],
            "deliveryAddress":{"name":"a","street":"b","city":"c","postCode":"50-001","country":"PL"},"paymentMethod":{"id":"1","name":"przelew"},
            "deliveryMethod":{"id":"2","name":"kurier"},"warehouse":{"id":"WRO","name":"Główny"},"operator":{"id":"7","name":"o"},"prices":{"total":{"net":4,"gross":4.92,"tax":0.92}}}"#,
        again: again::<GoodsNote>,
        needed: &["/number"],
        words: &[],
        no_numbers: &["/documentDate", "/saleDate", "/deliveryDate"],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "InvoiceStatus",
        json: r#"{"number":"FV/01/03/2022","amountPaid":1230.12,"isPaid":true}"#,
        again: again::<InvoiceStatus>,
        needed: &[],
        words: &[],
        no_numbers: &[],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "ExternalReservation",
        json: r#"{"salesOrderNumber":"1997","products":[{"productId":"sku-a","lineNumber":"2","reservedQuantity":20.125}]}"#,
        again: again::<ExternalReservation>,
        needed: &[
            "/salesOrderNumber",
            "/products/*/productId",
            "/products/*/lineNumber",
            "/products/*/reservedQuantity",
        ],
        words: &[],
        no_numbers: &[],
        any: &[],
        keeps_extra: true,
    },
    Sample {
        name: "Reservation",
        json: r#"{"reservationId":"r","type":"SALES_ORDER","warehouseId":"WRO/1","productId":"Śruba","salesOrderNumber":"OF/22/8/2022","quantity":1.25}"#,
        again: again::<Reservation>,
        needed: &["/reservationId"],
        words: &["/type"],
        no_numbers: &["/type"],
        any: &[],
        keeps_extra: true,
    },
];

fn samples() -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter().chain(account::SAMPLES)
}

/// A place in a record: where it is, how the tables above call it, and what is there.
struct Place {
    pointer: String,
    pattern: String,
    value: Value,
}

impl Sample {
    fn value(&self) -> Value {
        serde_json::from_str(self.json).unwrap()
    }

    /// Every place but the record itself.
    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        let root = Place { pointer: String::new(), pattern: String::new(), value: self.value() };
        let mut open = vec![root];
        while let Some(place) = open.pop() {
            let within = |name: &str, pattern: &str, value: &Value| Place {
                pointer: format!("{}/{name}", place.pointer),
                pattern: format!("{}/{pattern}", place.pattern),
                value: value.clone(),
            };
            match &place.value {
                Value::Object(fields) => {
                    open.extend(fields.iter().map(|(name, value)| within(name, name, value)));
                }
                Value::Array(rows) => {
                    open.extend(rows.iter().enumerate().map(|(i, row)| within(&i.to_string(), "*", row)));
                }
                _ => {}
            }
            places.push(place);
        }
        places.remove(0);
        places
    }

    /// The record with another value in one place.
    fn with(&self, place: &Place, value: Value) -> Value {
        let mut record = self.value();
        *record.pointer_mut(&place.pointer).unwrap() = value;
        record
    }

    /// The record without one field.
    fn without(&self, place: &Place) -> Option<Value> {
        let mut record = self.value();
        let (owner, field) = place.pointer.rsplit_once('/').unwrap();
        record.pointer_mut(owner).unwrap().as_object_mut()?.remove(field);
        Some(record)
    }

    /// What is written of a record that has to be read.
    fn kept(&self, record: &Value, what: &str) -> Value {
        let written = (self.again)(&record.to_string());
        assert!(written.is_ok(), "{}: {what}: {written:?}", self.name);
        serde_json::from_str(&written.unwrap()).unwrap()
    }

    fn is(list: &[&str], place: &Place) -> bool {
        list.contains(&place.pattern.as_str())
    }
}

#[test]
fn every_sample_has_all_its_fields_and_every_place_of_the_tables() {
    for sample in samples() {
        same_json(sample.json, &sample.kept(&sample.value(), "as it is"));
        let places = sample.places();
        for list in [sample.needed, sample.words, sample.no_numbers, sample.any] {
            for pattern in list {
                assert!(places.iter().any(|place| place.pattern == *pattern), "{} {pattern}", sample.name);
            }
        }
    }
}

#[test]
fn words_nobody_knew_are_kept() {
    for sample in samples() {
        for place in sample.places().iter().filter(|place| Sample::is(sample.words, place)) {
            let word = json!("NIGDY_NIEWIDZIANE");
            let kept = sample.kept(&sample.with(place, word.clone()), &place.pointer);
            assert_eq!(kept.pointer(&place.pointer), Some(&word), "{} {}", sample.name, place.pointer);
        }
    }
}

#[test]
fn null_and_absent_fields_are_read_wherever_the_record_can_do_without() {
    for sample in samples() {
        for place in sample.places() {
            let null = sample.with(&place, Value::Null);
            let changed = [Some(null), sample.without(&place)];
            for record in changed.into_iter().flatten() {
                // A null among the rows of a list is no row that was left out.
                if Sample::is(sample.needed, &place) || place.pattern.ends_with("/*") {
                    assert!(
                        (sample.again)(&record.to_string()).is_err(),
                        "{} {}",
                        sample.name,
                        place.pointer
                    );
                } else {
                    sample.kept(&record, &place.pointer);
                }
            }
        }
    }
}

#[test]
fn fields_nobody_knew_are_read_on_every_level_and_kept() {
    for sample in samples() {
        let mut places = sample.places();
        places.push(Place { pointer: String::new(), pattern: String::new(), value: sample.value() });
        for place in places {
            let Value::Object(mut fields) = place.value.clone() else { continue };
            let new = json!({ "żółw": [1.5, null, "a"] });
            fields.insert("noweŻółte".to_owned(), new.clone());
            let kept = sample.kept(&sample.with(&place, fields.into()), &place.pointer);
            let found = kept.pointer(&place.pointer).and_then(|fields| fields.get("noweŻółte"));
            assert_eq!(found, sample.keeps_extra.then_some(&new), "{} {}", sample.name, place.pointer);
        }
    }
}

#[test]
fn numbers_where_texts_are_expected_are_texts() {
    for sample in samples() {
        for place in sample.places().iter().filter(|place| place.value.is_string()) {
            if Sample::is(sample.no_numbers, place) {
                continue;
            }
            let kept = sample.kept(&sample.with(place, json!(7)), &place.pointer);
            let expected = if Sample::is(sample.any, place) { json!(7) } else { json!("7") };
            assert_eq!(kept.pointer(&place.pointer), Some(&expected), "{} {}", sample.name, place.pointer);
        }
    }
}

#[test]
fn texts_where_numbers_are_expected_are_numbers() {
    for sample in samples() {
        for place in sample.places().iter().filter(|place| place.value.is_number()) {
            let text = json!(place.value.to_string());
            let kept = sample.kept(&sample.with(place, text.clone()), &place.pointer);
            let expected = if Sample::is(sample.any, place) { &text } else { &place.value };
            assert_eq!(kept.pointer(&place.pointer), Some(expected), "{} {}", sample.name, place.pointer);
        }
    }
}

/// The text of a value, numbers with more digits than any type keeps.
fn json_text() -> impl Strategy<Value = String> {
    let number = r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?";
    let leaf = prop_oneof![
        number,
        r#""[ a-zżółćĄ€/:{}\[\],.0-9]{0,12}""#,
        r#""(\\u00[4-7][0-9a-f]|\\n|\\")""#,
        "null|true|false",
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec(("[a-z]{1,3}", inner), 0..3).prop_map(|fields| {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn unknown_fields_survive_reading_and_writing_digit_for_digit(
        sample in prop::sample::select(samples().filter(|sample| sample.keeps_extra).collect::<Vec<_>>()),
        object in any::<prop::sample::Index>(),
        fields in prop::collection::btree_map("x[A-Za-zżółćĄ€/:~. ]{0,8}", json_text(), 1..4),
    ) {
        let objects: Vec<_> = sample.json.match_indices('{').map(|(at, _)| at + 1).collect();
        let (before, after) = sample.json.split_at(*object.get(&objects));
        let told: String = fields.iter().map(|(name, value)| format!("\"{name}\":{value},")).collect();
        let written = (sample.again)(&format!("{before}{told}{after}")).unwrap();
        for (name, value) in &fields {
            let ends = [",", "}"].map(|end| format!("\"{name}\":{value}{end}"));
            prop_assert!(ends.iter().any(|field| written.contains(field)), "{name} {value} in {written}");
        }
    }
}
