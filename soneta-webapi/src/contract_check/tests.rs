use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// One endpoint with a record, in the form of OpenAPI 3.
fn small() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Mały", "version": "1"},
        "paths": {
            "/api/Sklep/Lista": {"post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pytanie"}}}},
                "responses": {"200": {"content": {"application/json": {"schema": {"oneOf": [
                    {"$ref": "#/components/schemas/Lista<Towar>"}, {"$ref": "#/components/schemas/Odmowa"},
                ]}}}}},
            }},
            "/api/Sklep/Zapisz": {"post": {"responses": {}}},
            "/api/Magazyn/Lista": {"post": {"responses": {}}},
        },
        "components": {"schemas": {
            "Pytanie": {"type": "object", "required": ["Ile"], "properties": {
                "Ile": {"type": "integer"},
                "PoId": {"type": ["integer", "null"]},
                "Tryb": {"enum": ["Pelny", "Zmiany"]},
            }},
            "Lista<Towar>": {"type": "object", "required": ["Success", "Pozycje"], "properties": {
                "Success": {"const": true},
                "Pozycje": {"type": "array", "items": {"$ref": "#/components/schemas/Towar"}},
            }},
            "Odmowa": {"type": "object", "required": ["Success", "Errors"], "properties": {
                "Success": {"const": false},
                "Errors": {"type": "array", "items": {"type": "string"}},
            }},
            "Towar": {"type": "object", "required": ["ID", "Kod"], "properties": {
                "ID": {"type": "integer", "format": "int32"},
                "Kod": {"type": "string"},
                "Typ": {"type": "string", "enum": ["Towar", "Usługa"]},
                "Cena": {"oneOf": [{"type": "number"}, {"type": "null"}]},
                "Zamiennik": {"$ref": "#/components/schemas/Towar"},
            }},
        }},
    })
}

fn compare(marked: bool, expected: &Value, found: &Value) -> Vec<(Severity, FindingKind, String)> {
    let parse = |value: &Value| Document::parse(value.to_string().as_bytes()).unwrap();
    let (expected, found) = (parse(expected), parse(found));
    let (_, findings) = Comparison::new(Contract::B2b, marked, &expected, &found).run();
    findings.into_iter().map(|finding| (finding.severity, finding.kind, finding.place)).collect()
}

/// What the small document's owner hears when the installation's is changed in one place.
fn mutated(change: impl FnOnce(&mut Value)) -> Vec<(Severity, FindingKind, String)> {
    let mut found = small();
    change(&mut found);
    compare(true, &small(), &found)
}

fn at<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Value {
    document.pointer_mut(pointer).unwrap()
}

fn remove(document: &mut Value, pointer: &str, name: &str) {
    at(document, pointer).as_object_mut().unwrap().remove(name).unwrap();
}

const TOWAR: &str = "/components/schemas/Towar/properties";
const PYTANIE: &str = "/components/schemas/Pytanie/properties";
const ROW: &str = "POST /api/Sklep/Lista answer Pozycje[].";
const ASKED: &str = "POST /api/Sklep/Lista request ";

fn one(
    severity: Severity,
    kind: FindingKind,
    place: impl Into<String>,
) -> Vec<(Severity, FindingKind, String)> {
    vec![(severity, kind, place.into())]
}

#[test]
fn a_document_fits_itself() {
    assert_eq!(mutated(|_| ()), []);
}

#[test]
fn a_missing_field_breaks_us_when_it_is_required_or_nobody_said_what_is() {
    use {FindingKind::FieldMissing, Severity::*};
    let kod = format!("{ROW}Kod");
    assert_eq!(mutated(|found| remove(found, TOWAR, "Kod")), one(BreaksUs, FieldMissing, kod));
    let typ = format!("{ROW}Typ");
    assert_eq!(mutated(|found| remove(found, TOWAR, "Typ")), one(WorthKnowing, FieldMissing, typ.clone()));
    let mut found = small();
    remove(&mut found, TOWAR, "Typ");
    assert_eq!(compare(false, &small(), &found), one(BreaksUs, FieldMissing, typ));
    let ile = format!("{ASKED}Ile");
    assert_eq!(mutated(|found| remove(found, PYTANIE, "Ile")), one(BreaksUs, FieldMissing, ile));
    let errors = "POST /api/Sklep/Lista answer Errors";
    let gone = mutated(|found| remove(found, "/components/schemas/Odmowa/properties", "Errors"));
    assert_eq!(gone, one(BreaksUs, FieldMissing, errors));
}

#[test]
fn a_new_field_is_fine_unless_requests_need_it() {
    use {FindingKind::FieldNew, Severity::*};
    let new = |pointer: &str| {
        let pointer = pointer.to_owned();
        mutated(move |found| at(found, &pointer)["Nowe"] = json!({"type": "string"}))
    };
    assert_eq!(new(TOWAR), one(Fine, FieldNew, format!("{ROW}Nowe")));
    assert_eq!(new(PYTANIE), one(Fine, FieldNew, format!("{ASKED}Nowe")));
    let needed = mutated(|found| {
        at(found, PYTANIE)["Nowe"] = json!({"type": "string"});
        at(found, "/components/schemas/Pytanie")["required"] = json!(["Ile", "Nowe"]);
    });
    assert_eq!(needed, one(BreaksUs, FieldNew, format!("{ASKED}Nowe")));
}

#[test]
fn a_changed_type_is_judged_by_who_has_to_read_it() {
    use {FindingKind::*, Severity::*};
    let typed = |pointer: &str, field: &str, schema: Value| {
        let (pointer, field) = (pointer.to_owned(), field.to_owned());
        mutated(move |found| at(found, &pointer)[field] = schema)
    };
    let found = typed(TOWAR, "ID", json!({"type": "string"}));
    assert_eq!(found, one(BreaksUs, TypeChanged, format!("{ROW}ID")));
    let found = typed(TOWAR, "ID", json!({"type": "integer", "format": "int64"}));
    assert_eq!(found, one(WorthKnowing, TypeChanged, format!("{ROW}ID")));
    let found = typed(TOWAR, "Cena", json!({"type": "string"}));
    assert_eq!(found, one(WorthKnowing, TypeChanged, format!("{ROW}Cena")));
    assert_eq!(typed(TOWAR, "Cena", json!({"type": "integer"})), []);
    let found = typed(TOWAR, "Kod", json!({"type": "string", "nullable": true}));
    assert_eq!(found, one(WorthKnowing, NullPossible, format!("{ROW}Kod")));
    let found = typed(TOWAR, "Typ", json!({"type": "integer", "enum": [1, 2]}));
    assert_eq!(found, one(WorthKnowing, TypeChanged, format!("{ROW}Typ")));
    // The words that many generators write beside an enum count only where it has none of its own.
    let numbered = json!({"type": "integer", "enum": [1, 2], "x-enumNames": ["Towar", "Komplet"]});
    let found: Vec<_> = typed(TOWAR, "Typ", numbered).into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(found, [TypeChanged, WordMissing, WordNew]);
    let beside = json!({"type": "string", "enum": ["Towar"], "x-enumNames": ["Towar", "Usługa"]});
    assert_eq!(typed(TOWAR, "Typ", beside), one(WorthKnowing, WordMissing, format!("{ROW}Typ")));
    let found = typed(TOWAR, "Kod", json!({"type": "Soneta.Types.Kod"}));
    assert_eq!(found, one(WorthKnowing, NotDescribed, format!("{ROW}Kod")));
    let found = typed(TOWAR, "Kod", json!({"$ref": "#/components/schemas/Nie<ma>"}));
    assert_eq!(found, one(WorthKnowing, NotDescribed, format!("{ROW}Kod")));
    let found = typed(PYTANIE, "Ile", json!({"type": "array", "items": {"type": "integer"}}));
    assert_eq!(found, one(BreaksUs, TypeChanged, format!("{ASKED}Ile")));
    assert_eq!(typed(PYTANIE, "Ile", json!({"type": "number"})), []);
}

#[test]
fn another_required_mark_is_told() {
    use {FindingKind::RequiredChanged, Severity::*};
    let found = mutated(|found| at(found, "/components/schemas/Towar")["required"] = json!(["ID"]));
    assert_eq!(found, one(WorthKnowing, RequiredChanged, format!("{ROW}Kod")));
    // A document that marks nothing says nothing.
    assert_eq!(mutated(|found| remove(found, "/components/schemas/Towar", "required")), []);
    let asks =
        |found: &mut Value| at(found, "/components/schemas/Pytanie")["required"] = json!(["Ile", "PoId"]);
    assert_eq!(mutated(asks), one(BreaksUs, RequiredChanged, format!("{ASKED}PoId")));
    let mut found = small();
    at(&mut found, "/components/schemas/Pytanie")["required"] = json!(["PoId"]);
    let expected = one(WorthKnowing, RequiredChanged, format!("{ASKED}PoId"));
    let mut unmarked = small();
    remove(&mut unmarked, "/components/schemas/Pytanie", "required");
    assert_eq!(compare(false, &unmarked, &found), expected);
}

#[test]
fn words_that_are_gone_break_requests_and_new_ones_are_kept() {
    use {FindingKind::*, Severity::*};
    let gone = mutated(|found| at(found, PYTANIE)["Tryb"] = json!({"enum": ["Pelny"]}));
    assert_eq!(gone, one(BreaksUs, WordMissing, format!("{ASKED}Tryb")));
    let gone = mutated(|found| at(found, TOWAR)["Typ"] = json!({"type": "string", "enum": ["Towar"]}));
    assert_eq!(gone, one(WorthKnowing, WordMissing, format!("{ROW}Typ")));
    let new = mutated(|found| at(found, TOWAR)["Typ"] = json!({"enum": ["Towar", "Usługa", "Komplet"]}));
    assert_eq!(new, one(WorthKnowing, WordNew, format!("{ROW}Typ")));
    let new = mutated(|found| at(found, PYTANIE)["Tryb"] = json!({"enum": ["Pelny", "Zmiany", "Nowe"]}));
    assert_eq!(new, one(Fine, WordNew, format!("{ASKED}Tryb")));
}

#[test]
fn endpoints_controllers_and_verbs_that_are_gone_are_told_once() {
    use {FindingKind::*, Severity::*};
    let gone = mutated(|found| remove(found, "/paths", "/api/Sklep/Zapisz"));
    assert_eq!(gone, one(BreaksUs, EndpointMissing, "POST /api/Sklep/Zapisz"));
    let gone = mutated(|found| remove(found, "/paths", "/api/Magazyn/Lista"));
    assert_eq!(gone, one(BreaksUs, ControllerMissing, "controller Magazyn"));
    let verb = mutated(|found| {
        at(found, "/paths")["/api/Sklep/Zapisz"] = json!({"put": {"responses": {}}});
    });
    assert_eq!(verb, one(BreaksUs, VerbChanged, "POST /api/Sklep/Zapisz"));
    let new = mutated(|found| at(found, "/paths")["/api/Sklep/Usun"] = json!({"post": {}}));
    assert_eq!(new, one(Fine, EndpointNew, "POST /api/Sklep/Usun"));
    let none = mutated(|found| found["paths"] = json!({"/api/Inny/Lista": {"post": {}}}));
    assert_eq!(none, one(BreaksUs, ContractMissing, "all 2 controllers"));
}

#[test]
fn swagger_2_encoded_references_and_other_spellings_of_paths_are_understood() {
    let mut swagger = small();
    let schemas = swagger["components"]["schemas"].take();
    let text = json!({
        "swagger": "2.0",
        "basePath": "/klient/api",
        "paths": {
            "/sklep/lista": {
                "parameters": [{"in": "body", "name": "x", "schema": {"$ref": "#/definitions/Pytanie"}}],
                "post": {"responses": {"200": {"schema": {"allOf": [
                    {"$ref": "#/definitions/Lista%3CTowar%3E"}, {"$ref": "#/definitions/Odmowa"},
                ]}}}},
            },
            "/Sklep/Zapisz/": {"post": {}},
            "/Magazyn/Lista": {"post": {}},
        },
        "definitions": schemas,
    });
    let text = text.to_string().replace("#/components/schemas/", "#/definitions/");
    assert_eq!(compare(true, &small(), &serde_json::from_str(&text).unwrap()), []);
}

#[test]
fn null_beside_a_reference_is_told_where_it_stands() {
    let mut expected = small();
    at(&mut expected, TOWAR)["Inny"] = json!({"$ref": "#/components/schemas/Towar"});
    let mut found = expected.clone();
    at(&mut found, TOWAR)["Inny"]["nullable"] = json!(true);
    let null = one(Severity::WorthKnowing, FindingKind::NullPossible, format!("{ROW}Inny"));
    assert_eq!(compare(true, &expected, &found), null);
}

#[test]
fn circles_of_references_end() {
    let circle = mutated(|found| {
        at(found, "/components/schemas")["Towar"] = json!({"$ref": "#/components/schemas/Towar"});
    });
    assert_eq!(circle.len(), 1);
    assert_eq!(circle[0].1, FindingKind::NotDescribed);
}

#[test]
fn each_contract_fits_its_own_description_and_misses_the_other() {
    for (contract, other) in [(Contract::B2b, Contract::AltOne), (Contract::AltOne, Contract::B2b)] {
        let report = check(contract.expectation(), &[contract]).unwrap();
        assert_eq!(report.findings, []);
        assert_eq!(report.contracts[0].present, report.contracts[0].endpoints);
        let report = check(contract.expectation(), &[other]).unwrap();
        assert_eq!(report.findings[0].kind, FindingKind::ContractMissing);
        assert_eq!((report.contracts[0].present, report.worst()), (0, Some(Severity::BreaksUs)));
    }
}

/// A real server's document lies beside the repository on some machines.
#[test]
fn a_real_server_offers_altone_and_not_b2b() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/altone-openapi.json");
    let Ok(openapi) = std::fs::read(file) else { return };
    let report = check(&openapi, &[Contract::AltOne, Contract::B2b]).unwrap();
    let altone: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.contract == Contract::AltOne && finding.severity > Severity::Fine)
        .collect();
    assert!(altone.is_empty(), "{report}");
    assert_eq!(report.contracts[0].present, 25);
    assert_eq!(report.findings[0].kind, FindingKind::ContractMissing);
}

#[test]
fn what_is_no_openapi_document_is_an_error() {
    for text in ["", "openapi: 3.0.1", "[]", "{}", r#"{"paths": []}"#] {
        let error = check(text.as_bytes(), &[Contract::B2b]).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Decode, "{text}");
    }
    assert_eq!(check(b"{\"paths\":{}}", &[]).unwrap_err().kind(), crate::ErrorKind::Config);
    check(b"\xef\xbb\xbf{\"paths\":{}}", &[Contract::B2b]).unwrap();
}

#[test]
fn the_report_is_printed_and_written() {
    let mut found = small();
    found["info"]["title"] = json!("Zły\u{1b}[31m");
    found["paths"] = json!({"/api/B2BInfo/Pobierz": {"get": {}}});
    let report = check(found.to_string().as_bytes(), &[Contract::B2b]).unwrap();
    let printed = report.to_string();
    assert!(!printed.contains('\u{1b}'));
    assert!(printed.contains("b2b: 0 of "), "{printed}");
    assert!(
        printed.contains("BREAKS US      POST /api/B2BInfo/Pobierz: another verb; found GET. "),
        "{printed}"
    );
    let written = serde_json::to_value(&report).unwrap();
    let verb =
        written["findings"].as_array().unwrap().iter().find(|finding| finding["kind"] == "verb_changed");
    assert_eq!(verb.unwrap()["severity"], "breaks_us");
    assert_eq!(verb.unwrap()["contract"], "b2b");
}

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("$ref"),
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("required"),
        Just("oneOf"),
        Just("allOf"),
        Just("enum"),
        Just("post"),
        Just("responses"),
        Just("200"),
        Just("content"),
        Just("application/json"),
        Just("schema"),
        Just("parameters"),
        Just("Ile"),
        Just("Pozycje"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        Just(json!("#/components/schemas/Towar")),
        Just(json!("#/%")),
        Just(json!("object")),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(
        item in arbitrary_json(), schema in arbitrary_json(), answer in arbitrary_json(), whole in arbitrary_json(),
    ) {
        let mut found = small();
        found["paths"]["/api/Sklep/Zapisz"] = item;
        found["components"]["schemas"]["Towar"] = schema;
        found["paths"]["/api/Sklep/Lista"]["post"]["responses"]["200"] = answer;
        compare(true, &small(), &found);
        compare(true, &found, &small());
        for text in [whole.to_string(), json!({"paths": whole}).to_string()] {
            let _ = check(text.as_bytes(), &[Contract::B2b, Contract::AltOne]);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = check(&bytes, &[Contract::B2b]);
    }
}
