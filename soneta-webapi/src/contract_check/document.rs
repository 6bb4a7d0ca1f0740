//! An OpenAPI document as far as it can be understood; what cannot is left undescribed, never an error.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::{Error, ErrorKind, Result};

const VERBS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// How many references may follow one upon the other.
const REFERENCES: usize = 32;

/// How many parts a schema may be merged from.
const PARTS: usize = 256;

pub(super) struct Document {
    root: Value,
}

/// What is asked and answered at a path with a verb.
pub(super) struct Operation<'a> {
    /// As the document spells it, with the base path of Swagger 2 before it.
    pub(super) path: String,
    /// In capitals.
    pub(super) verb: String,
    pub(super) request: Option<&'a Value>,
    pub(super) answer: Option<&'a Value>,
}

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    String,
}

/// A schema, merged from its parts.
#[derive(Default)]
pub(super) struct Shape<'a> {
    /// Which kinds a value may be of; empty when that is not described.
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) properties: BTreeMap<&'a str, &'a Value>,
    pub(super) required: BTreeSet<&'a str>,
    pub(super) items: Option<&'a Value>,
    pub(super) words: Option<BTreeSet<&'a str>>,
    pub(super) format: Option<&'a str>,
    /// A part is no valid schema: a reference to nothing, or a type that is none.
    pub(super) odd: bool,
}

/// Which required marks of alternatives (`oneOf`, `anyOf`) count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alternatives {
    /// Those of every alternative: what any of them needs has to be there.
    Every,
    /// None of them: no alternative is forced upon anybody.
    None,
}

impl Document {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let root: Value = serde_json::from_slice(bytes)
            .map_err(|error| Error::new(ErrorKind::Decode, "the document is not JSON").with_source(error))?;
        match root.get("paths") {
            Some(Value::Object(_)) => Ok(Self { root }),
            _ => Err(Error::decode_at("the document is no OpenAPI document: it has no `paths`")),
        }
    }

    pub(super) fn title(&self) -> String {
        let info = |name: &str| self.root.get("info").and_then(|info| info.get(name)).and_then(Value::as_str);
        let text = format!("{} {}", info("title").unwrap_or("untitled"), info("version").unwrap_or_default());
        text.trim_end().chars().take(200).collect()
    }

    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let base =
            self.root.get("basePath").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
        let mut operations = Vec::new();
        for (path, item) in self.root.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let Some(item) = self.resolve(item) else { continue };
            for verb in VERBS {
                if let Some(operation) = item.get(verb) {
                    operations.push(Operation {
                        path: format!("{base}{path}"),
                        verb: verb.to_uppercase(),
                        request: self.request(item, operation),
                        answer: self.answer(operation),
                    });
                }
            }
        }
        operations
    }

    fn request<'a>(&'a self, item: &'a Value, operation: &'a Value) -> Option<&'a Value> {
        if let Some(body) = operation.get("requestBody") {
            return media(self.resolve(body)?);
        }
        // Swagger 2
        let parameters = [operation, item].into_iter().filter_map(|at| at.get("parameters")?.as_array());
        parameters
            .flatten()
            .filter_map(|parameter| self.resolve(parameter))
            .find(|parameter| parameter.get("in").and_then(Value::as_str) == Some("body"))?
            .get("schema")
    }

    fn answer<'a>(&'a self, operation: &'a Value) -> Option<&'a Value> {
        let responses = operation.get("responses")?.as_object()?;
        let good = responses
            .get("200")
            .or_else(|| {
                responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer)
            })
            .or_else(|| responses.get("default"))?;
        let good = self.resolve(good)?;
        media(good).or_else(|| good.get("schema"))
    }

    /// Follows `$ref` to the end; `None` when it leads nowhere.
    pub(super) fn resolve<'a>(&'a self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..REFERENCES {
            match value.get("$ref") {
                Some(reference) => value = self.target(reference)?,
                None => return Some(value),
            }
        }
        None
    }

    fn target(&self, reference: &Value) -> Option<&Value> {
        let pointer = reference.as_str()?.strip_prefix('#')?;
        let decoded = percent_decoded(pointer);
        let found = self.root.pointer(pointer).or_else(|| self.root.pointer(decoded.as_deref()?));
        found.or_else(|| {
            // The name of a schema with a stroke in it, written as it is.
            let name = pointer.strip_prefix("/components/schemas/");
            match name {
                Some(name) => self.root.get("components")?.get("schemas")?.get(name),
                None => self.root.get("definitions")?.get(pointer.strip_prefix("/definitions/")?),
            }
        })
    }

    pub(super) fn shape<'a>(&'a self, schema: &'a Value, alternatives: Alternatives) -> Shape<'a> {
        let mut shape = Shape::default();
        self.merge(schema, alternatives, true, &mut shape, &mut BTreeSet::new());
        shape
    }

    /// Each schema is merged once, so that circles end.
    fn merge<'a>(
        &'a self,
        schema: &'a Value,
        alternatives: Alternatives,
        required: bool,
        shape: &mut Shape<'a>,
        seen: &mut BTreeSet<*const Value>,
    ) {
        if seen.len() == PARTS {
            shape.odd = true;
            return;
        }
        if !seen.insert(std::ptr::from_ref(schema)) {
            return;
        }
        let Some(fields) = schema.as_object() else {
            // `true` permits everything; anything else is no schema.
            shape.odd |= !schema.is_boolean();
            return;
        };
        if let Some(reference) = fields.get("$ref") {
            match self.target(reference) {
                Some(target) => self.merge(target, alternatives, required, shape, seen),
                None => shape.odd = true,
            }
        }
        let list = |name: &str| fields.get(name).and_then(Value::as_array).into_iter().flatten();
        for part in list("allOf") {
            self.merge(part, alternatives, required, shape, seen);
        }
        for name in ["oneOf", "anyOf"] {
            let only = list(name).filter(|part| !is_null(part)).count() == 1;
            let required = required && (only || alternatives == Alternatives::Every);
            for part in list(name) {
                self.merge(part, alternatives, required, shape, seen);
            }
        }
        shape.take_types(fields.get("type"));
        if ["nullable", "x-nullable"].iter().any(|name| fields.get(*name) == Some(&Value::Bool(true))) {
            shape.kinds.insert(Kind::Null);
        }
        if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                shape.properties.entry(name).or_insert(property);
            }
        }
        if required {
            shape.required.extend(list("required").filter_map(Value::as_str));
        }
        if let Some(items) = fields.get("items") {
            shape.items.get_or_insert(items);
        }
        if let Some(format) = fields.get("format").and_then(Value::as_str) {
            shape.format.get_or_insert(format);
        }
        let values = list("enum").chain(fields.get("const"));
        if !fields.contains_key("type") {
            shape.kinds.extend(values.filter_map(Kind::of));
            shape.kinds.extend(fields.contains_key("properties").then_some(Kind::Object));
            shape.kinds.extend(fields.contains_key("items").then_some(Kind::Array));
        }
        // Enums of numbers may have their words beside them.
        let words = [list("enum"), list("x-enumNames")]
            .map(|words| words.filter_map(Value::as_str).collect::<BTreeSet<_>>())
            .into_iter()
            .find(|words| !words.is_empty());
        if let Some(words) = words {
            shape.words.get_or_insert_default().extend(words);
        }
    }
}

impl Shape<'_> {
    fn take_types(&mut self, types: Option<&Value>) {
        let words = match types {
            None => return,
            Some(Value::Array(words)) => words.as_slice(),
            Some(word) => std::slice::from_ref(word),
        };
        for word in words {
            match word.as_str().and_then(Kind::from_word) {
                Some(kind) => self.kinds.extend([kind]),
                None => self.odd = true,
            }
        }
    }
}

impl Kind {
    fn from_word(word: &str) -> Option<Self> {
        [Self::Array, Self::Boolean, Self::Integer, Self::Null, Self::Number, Self::Object, Self::String]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Null => "null",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }

    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Array(_) => Self::Array,
            Value::Bool(_) => Self::Boolean,
            Value::Null => Self::Null,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::Object(_) => Self::Object,
            Value::String(_) => Self::String,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

/// The schema of the JSON body among the media types.
fn media(at: &Value) -> Option<&Value> {
    let content = at.get("content")?.as_object()?;
    content
        .get("application/json")
        .or_else(|| content.iter().find(|(name, _)| name.contains("json")).map(|(_, media)| media))
        .or_else(|| content.values().next())?
        .get("schema")
}

/// `None` when nothing is encoded, or badly.
fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let mut any = false;
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
        any = true;
    }
    any.then(|| String::from_utf8(bytes).ok()).flatten()
}
