//! The server's description: schemas to validate requests with, and answers made from them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The description of the real server, where it is at hand.
pub(super) struct Description {
    schemas: Map<String, Value>,
    paths: Map<String, Value>,
    names: BTreeMap<String, Names>,
}

/// The checked-in names of a schema's fields.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    /// The schema's full name; records that only the documentation of 2606 has are not in the description.
    pub(super) schema: Option<String>,
    #[serde(rename = "2510")]
    pub(super) described: Vec<String>,
    /// What the documentation of 2606 adds.
    #[serde(rename = "2606", default)]
    pub(super) added: Vec<String>,
    /// What the documentation of 2606 requires.
    #[serde(default)]
    required: Vec<String>,
}

impl Names {
    /// Fields of every version, sorted.
    pub(super) fn all(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.described.iter().chain(&self.added).map(String::as_str).collect();
        all.sort_unstable();
        all
    }
}

pub(super) fn names() -> BTreeMap<String, Names> {
    serde_json::from_str(&crate::erp::fixture("altone_fields")).unwrap()
}

/// How an answer is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Every field of 2510.
    All,
    /// What 2606 requires, and the lists of rows.
    RequiredOnly,
    /// Null wherever the schema permits it, in references too, unless 2606 requires the field.
    Nulls,
    /// Every field, and further ones in every object.
    FurtherFields,
    /// Words that nobody knows where an enum is.
    UnknownWords,
    /// Numbers where an enum is, as builds before 2510 send them.
    Numbers,
}

impl Style {
    pub(super) const EACH: [Self; 6] =
        [Self::All, Self::RequiredOnly, Self::Nulls, Self::FurtherFields, Self::UnknownWords, Self::Numbers];
}

/// Fields of an answer that are always sent, whatever the schema says: without a list there is no answer to read,
/// no amount without value and symbol, and no change without its id, table, row and kind.
const ALWAYS: [&str; 16] = [
    "Success",
    "AllRows",
    "LastID",
    "ReadRecords",
    "Data",
    "Kontrahenci",
    "ListTablesRecordsChange",
    "StawkiVAT",
    "SposobyZaplaty",
    "EwidencjeSP",
    "Value",
    "Symbol",
    "SourceTable",
    "ID_RecordChange",
    "ID_Source",
    "SourceState",
];

/// Those which of other records may be left out.
const OF_RECORD: [(&str, &str); 2] =
    [("GetResultAttachments", "Attachments"), ("TableDataChange", "ToReadRecords")];

impl Description {
    /// `None` where the file is not at hand.
    pub(super) fn load() -> Option<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/altone-openapi.json");
        let mut document: Value = serde_json::from_str(&std::fs::read_to_string(file).ok()?).unwrap();
        let mut take = |pointer: &str| match document.pointer_mut(pointer).map(Value::take) {
            Some(Value::Object(map)) => map,
            other => panic!("{pointer}: {other:?}"),
        };
        Some(Self { schemas: take("/components/schemas"), paths: take("/paths"), names: names() })
    }

    /// The names of a schema's fields; `None` for a schema that is not there.
    pub(super) fn described(&self, schema: &str) -> Option<Vec<&str>> {
        let properties = self.schemas.get(schema)?.get("properties");
        Some(
            properties
                .and_then(Value::as_object)
                .map_or_else(Vec::new, |p| p.keys().map(String::as_str).collect()),
        )
    }

    /// The paths that begin so, sorted.
    pub(super) fn paths_of(&self, prefix: &str) -> Vec<&str> {
        let mut paths: Vec<&str> = self.paths.keys().map(String::as_str).collect();
        paths.retain(|path| path.starts_with(prefix));
        paths.sort_unstable();
        paths
    }

    /// Faults of a request.
    pub(super) fn faults(&self, path: &str, body: &Value) -> Vec<String> {
        let schema = self.at(path, "/post/requestBody/content/application~1json/schema");
        let validator = jsonschema::draft202012::new(&self.json_schema(&schema)).unwrap();
        validator.iter_errors(body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    /// An answer of a call.
    pub(super) fn answer(&self, path: &str, style: Style) -> Value {
        let schema = self.at(path, "/post/responses/200/content/application~1json/schema");
        let mut answer = self.sample(&schema, style);
        let answer_fields = answer.as_object_mut().unwrap();
        answer_fields.insert("Success".to_owned(), json!(true));
        // A refusal would be a refusal.
        answer_fields.remove("Errors");
        answer
    }

    fn at(&self, path: &str, pointer: &str) -> Value {
        let path = self.paths.get(path).unwrap_or_else(|| panic!("{path} is not described"));
        path.pointer(pointer).unwrap().clone()
    }

    /// The schema that is meant, and its full name if it is a named one.
    fn resolve<'a>(&'a self, schema: &'a Value) -> (&'a Value, Option<&'a str>) {
        match schema["$ref"].as_str() {
            None => (schema, None),
            Some(reference) => {
                let name = reference.trim_start_matches("#/components/schemas/");
                (&self.schemas[name], Some(name))
            }
        }
    }

    fn names_of(&self, schema: Option<&str>) -> Option<&Names> {
        self.names.values().find(|names| schema.is_some() && names.schema.as_deref() == schema)
    }

    /// As JSON Schema, with the known defects worked round (see [`super::DEFECTS`]).
    fn json_schema(&self, schema: &Value) -> Value {
        let (schema, name) = self.resolve(schema);
        if schema["type"] == "object" {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            let mut properties: Map<String, Value> =
                properties.iter().map(|(field, schema)| (field.clone(), self.json_schema(schema))).collect();
            let names = self.names_of(name);
            for added in names.into_iter().flat_map(|names| &names.added) {
                properties.insert(added.clone(), json!({}));
            }
            let required = names.map_or(&[][..], |names| &names.required);
            return json!({
                "type": "object", "properties": properties, "required": required, "additionalProperties": false
            });
        }
        if schema["type"] == "array" {
            return json!({"type": "array", "items": self.json_schema(&schema["items"])});
        }
        match schema.get("enum") {
            Some(words) => json!({"enum": words}),
            None => json!({"type": schema["type"]}),
        }
    }

    fn sample(&self, schema: &Value, style: Style) -> Value {
        let (schema, name) = self.resolve(schema);
        if let Some(words) = schema["enum"].as_array() {
            return match style {
                Style::UnknownWords => json!("SłowoNieznane"),
                Style::Numbers => number(schema),
                _ => words[0].clone(),
            };
        }
        match (schema["type"].as_str().unwrap(), schema["format"].as_str()) {
            ("object", _) => self.object(schema, name, style),
            ("array", _) => json!([self.sample(&schema["items"], style)]),
            ("string", Some("date-time")) => json!("2026-11-21T10:00:00.1234567Z"),
            // A text that every field of its kind may hold: the description does not tell Guids and Base64 from other texts.
            ("string", _) => json!("00000000-0000-0000-0000-000000000001"),
            ("integer", _) => json!(7),
            ("number", _) => json!(12.5),
            ("boolean", _) => json!(true),
            other => panic!("{other:?}"),
        }
    }

    fn object(&self, schema: &Value, name: Option<&str>, style: Style) -> Value {
        if name.is_some_and(|name| name.ends_with(".DataDTO")) {
            return json!({"Year": 2026, "Month": 11, "Day": 21});
        }
        let names = self.names_of(name);
        let is_required = |field: &str| {
            OF_RECORD
                .iter()
                .any(|(record, own)| *own == field && name.is_some_and(|name| name.ends_with(record)))
                || ALWAYS.contains(&field)
                || names.is_some_and(|names| names.required.iter().any(|name| name == field))
        };
        let mut object = Map::new();
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let may_be_null = schema["nullable"] == true || schema.get("$ref").is_some();
            let base64 = field == "Base64";
            match style {
                Style::RequiredOnly if !is_required(field) => continue,
                Style::Nulls if may_be_null && !is_required(field) => {
                    object.insert(field.clone(), Value::Null)
                }
                _ if base64 => object.insert(field.clone(), json!("99rk/w==")),
                _ => object.insert(field.clone(), self.sample(schema, style)),
            };
        }
        if style == Style::FurtherFields {
            object.insert("PolePozniejszejWersji".to_owned(), json!({"Value": [1.5, null], "Nazwa": "ż"}));
        }
        Value::Object(object)
    }
}

/// The first number of an enum, which only the text of its description tells.
fn number(schema: &Value) -> Value {
    let text = schema["description"].as_str().unwrap();
    let (_, rest) = text.split_once("<b>").unwrap();
    json!(rest.split_once(" - ").unwrap().0.parse::<u32>().unwrap())
}
