//! Walks the expectation and looks for each part in the installation's document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{Alternatives, Document, Kind, Operation, Shape};
use super::report::{Contract, ContractSummary, Finding, FindingKind, Severity};

/// How deep records are compared.
const DEPTH: usize = 32;

pub(super) struct Comparison<'a> {
    contract: Contract,
    /// Whether the expectation marks what is required.
    marked: bool,
    expected: &'a Document,
    found: &'a Document,
    findings: Vec<Finding>,
    /// Pairs of schemas that were compared, per direction.
    seen: BTreeSet<(Direction, *const Value, *const Value)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    Request,
    Answer,
}

/// Where in a request or an answer.
struct Place<'p> {
    direction: Direction,
    endpoint: &'p str,
    path: String,
    depth: usize,
}

impl Place<'_> {
    fn text(&self) -> String {
        let direction = match self.direction {
            Direction::Request => "request",
            Direction::Answer => "answer",
        };
        format!("{} {direction} {}", self.endpoint, self.path).trim_end().to_owned()
    }

    fn field(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.below(format!("{}{dot}{name}", self.path))
    }

    fn below(&self, path: String) -> Self {
        Self { direction: self.direction, endpoint: self.endpoint, path, depth: self.depth + 1 }
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn new(contract: Contract, marked: bool, expected: &'a Document, found: &'a Document) -> Self {
        Self { contract, marked, expected, found, findings: Vec::new(), seen: BTreeSet::new() }
    }

    pub(super) fn run(mut self) -> (ContractSummary, Vec<Finding>) {
        let expected = self.expected.operations();
        let found = self.found.operations();
        let mut summary = ContractSummary { contract: self.contract, endpoints: expected.len(), present: 0 };
        let mut controllers: BTreeMap<&str, Vec<&Operation<'_>>> = BTreeMap::new();
        for operation in &expected {
            controllers.entry(controller(&operation.path)).or_default().push(operation);
        }
        let there = |name: &str| {
            let mut controllers = found.iter().map(|operation| controller(&operation.path));
            controllers.any(|controller| controller.eq_ignore_ascii_case(name))
        };
        let (present, missing): (Vec<_>, Vec<_>) = controllers.into_iter().partition(|(name, _)| there(name));
        if present.is_empty() {
            let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
            self.report(
                Severity::BreaksUs,
                FindingKind::ContractMissing,
                format!("all {} controllers", names.len()),
                Some(names.join(", ")),
                None,
                "The add-on is not installed, not switched on for WebAPI, or has other names.",
            );
            return (summary, self.findings);
        }
        for (name, _) in missing {
            self.report(
                Severity::BreaksUs,
                FindingKind::ControllerMissing,
                format!("controller {name}"),
                None,
                None,
                "None of its methods can be called: the part of the add-on is missing or not switched on.",
            );
        }
        for (name, operations) in present {
            for operation in &operations {
                summary.present += usize::from(self.operation(operation, &found));
            }
            for new in found.iter().filter(|new| controller(&new.path).eq_ignore_ascii_case(name)) {
                if !operations.iter().any(|operation| same_path(&operation.path, &new.path)) {
                    self.report(
                        Severity::Fine,
                        FindingKind::EndpointNew,
                        format!("{} {}", new.verb, new.path),
                        None,
                        None,
                        "Not part of the contract; nothing here calls it.",
                    );
                }
            }
        }
        (summary, self.findings)
    }

    /// Whether the endpoint is there.
    fn operation(&mut self, expected: &Operation<'a>, found: &[Operation<'a>]) -> bool {
        let endpoint = format!("{} {}", expected.verb, expected.path);
        let same: Vec<_> = found.iter().filter(|found| same_path(&expected.path, &found.path)).collect();
        let Some(operation) = same.iter().find(|found| found.verb == expected.verb) else {
            let verbs: Vec<&str> = same.iter().map(|found| found.verb.as_str()).collect();
            match verbs.is_empty() {
                true => self.report(
                    Severity::BreaksUs,
                    FindingKind::EndpointMissing,
                    endpoint,
                    None,
                    None,
                    "The call answers 404: an older add-on, or the method is not switched on.",
                ),
                false => self.report(
                    Severity::BreaksUs,
                    FindingKind::VerbChanged,
                    endpoint,
                    None,
                    Some(verbs.join(", ")),
                    "The call is refused: the method wants another verb.",
                ),
            }
            return false;
        };
        let place = |direction| Place { direction, endpoint: &endpoint, path: String::new(), depth: 0 };
        self.schema(&place(Direction::Request), expected.request, operation.request);
        self.schema(&place(Direction::Answer), expected.answer, operation.answer);
        true
    }

    fn schema(&mut self, place: &Place<'_>, expected: Option<&'a Value>, found: Option<&'a Value>) {
        let Some(expected) = expected else { return };
        let pair = found.map(|found| {
            let schema =
                |document: &Document, schema| std::ptr::from_ref(document.resolve(schema).unwrap_or(schema));
            (place.direction, schema(self.expected, expected), schema(self.found, found))
        });
        let expected = self.expected.shape(expected, Alternatives::Every);
        let found = found.map_or_else(Shape::default, |found| self.found.shape(found, Alternatives::None));
        self.null(place, &expected, &found);
        if pair.is_some_and(|pair| !self.seen.insert(pair)) {
            return;
        }
        let silent = |shape: &Shape<'_>| !shape.kinds.iter().any(|kind| *kind != Kind::Null);
        let nameless = found.kinds.contains(&Kind::Object) && found.properties.is_empty();
        if silent(&expected) || (nameless && expected.properties.is_empty()) {
            return;
        }
        if silent(&found) || nameless || found.odd {
            self.report(
                Severity::WorthKnowing,
                FindingKind::NotDescribed,
                place.text(),
                Some(kinds(&expected)),
                None,
                "The installation's document does not say what is there, or not in a valid way: look at a real answer.",
            );
            if silent(&found) || nameless {
                return;
            }
        }
        self.kinds(place, &expected, &found);
        self.words(place, &expected, &found);
        if place.depth == DEPTH {
            return;
        }
        if found.kinds.contains(&Kind::Object) {
            self.fields(place, &expected, &found);
        }
        if let (Some(_), true) = (expected.items, found.kinds.contains(&Kind::Array)) {
            self.schema(&place.below(format!("{}[]", place.path)), expected.items, found.items);
        }
    }

    fn kinds(&mut self, place: &Place<'_>, expected: &Shape<'_>, found: &Shape<'_>) {
        let (given, taken) = match place.direction {
            Direction::Request => (expected, found),
            Direction::Answer => (found, expected),
        };
        let severity = given.kinds.iter().map(|kind| fit(place.direction, *kind, given, taken)).max();
        if let Some(severity) = severity.filter(|severity| *severity > Severity::Fine) {
            let meaning = match (place.direction, severity) {
                (Direction::Request, Severity::BreaksUs) => "What is sent is of a kind that is not taken.",
                (Direction::Answer, Severity::BreaksUs) => "What comes cannot be read.",
                (Direction::Request, _) => {
                    "Words are sent; servers take them in place of numbers (documented)."
                }
                (Direction::Answer, _) => {
                    "It is read nevertheless: numbers as text, words of enums as numbers."
                }
            };
            let (expected, found) = (Some(kinds(expected)), Some(kinds(found)));
            self.report(severity, FindingKind::TypeChanged, place.text(), expected, found, meaning);
        } else if let (Some(before), Some(after)) = (expected.format, found.format)
            && before != after
        {
            self.report(
                Severity::WorthKnowing,
                FindingKind::TypeChanged,
                place.text(),
                Some(before.to_owned()),
                Some(after.to_owned()),
                "The same kind of value in another form: large numbers or other spellings may not be read.",
            );
        }
    }

    /// May stand beside a reference, so that it is a matter of the place and not of the record.
    fn null(&mut self, place: &Place<'_>, expected: &Shape<'_>, found: &Shape<'_>) {
        let null = |shape: &Shape<'_>| shape.kinds.contains(&Kind::Null);
        let told = expected.kinds.is_empty() || null(expected);
        if place.direction == Direction::Answer && null(found) && !told {
            self.report(
                Severity::WorthKnowing,
                FindingKind::NullPossible,
                place.text(),
                Some(kinds(expected)),
                Some(kinds(found)),
                "A row in which it is null may not be readable. Many servers call everything nullable and never send null.",
            );
        }
    }

    fn words(&mut self, place: &Place<'_>, expected: &Shape<'_>, found: &Shape<'_>) {
        let (Some(before), Some(after)) = (&expected.words, &found.words) else { return };
        let list = |words: Vec<&&str>| words.into_iter().copied().collect::<Vec<_>>().join(", ");
        let gone = list(before.difference(after).collect());
        let new = list(after.difference(before).collect());
        if !gone.is_empty() {
            let (severity, meaning) = match place.direction {
                Direction::Request => (Severity::BreaksUs, "A request with this word is refused."),
                Direction::Answer => {
                    (Severity::WorthKnowing, "The word does not come any more, or has another name.")
                }
            };
            self.report(severity, FindingKind::WordMissing, place.text(), Some(gone), None, meaning);
        }
        if !new.is_empty() {
            let (severity, meaning) = match place.direction {
                Direction::Request => (Severity::Fine, "Nothing here sends it."),
                Direction::Answer => (Severity::WorthKnowing, "It is read as an unknown word and kept."),
            };
            self.report(severity, FindingKind::WordNew, place.text(), None, Some(new), meaning);
        }
    }

    fn fields(&mut self, place: &Place<'_>, expected: &Shape<'a>, found: &Shape<'a>) {
        let (request, answer) = (place.direction == Direction::Request, place.direction == Direction::Answer);
        for (name, schema) in &expected.properties {
            let place = place.field(name);
            let needed = expected.required.contains(name);
            let Some(there) = found.properties.get(name) else {
                let (severity, meaning) = match (needed || !self.marked, place.direction) {
                    (true, Direction::Request) => (
                        Severity::BreaksUs,
                        "What is sent in it is ignored or refused: filters then do nothing, values are not written.",
                    ),
                    (true, Direction::Answer) => {
                        (Severity::BreaksUs, "Rows cannot be read, or are read as if it were empty.")
                    }
                    (false, Direction::Request) => {
                        (Severity::WorthKnowing, "What is sent in it may be ignored.")
                    }
                    (false, Direction::Answer) => (Severity::WorthKnowing, "It is always empty here."),
                };
                let near = found.properties.keys().find(|key| key.eq_ignore_ascii_case(name));
                let near = near.map(|near| (*near).to_owned());
                self.report(severity, FindingKind::FieldMissing, place.text(), None, near, meaning);
                continue;
            };
            let required = found.required.contains(name);
            if request && required && !needed {
                let severity = if self.marked { Severity::BreaksUs } else { Severity::WorthKnowing };
                self.report(
                    severity,
                    FindingKind::RequiredChanged,
                    place.text(),
                    Some("optional".to_owned()),
                    Some("required".to_owned()),
                    "A request that leaves it out is refused.",
                );
            }
            // Many generators mark nothing at all; that says nothing.
            if answer && needed && !required && !found.required.is_empty() {
                self.report(
                    Severity::WorthKnowing,
                    FindingKind::RequiredChanged,
                    place.text(),
                    Some("required".to_owned()),
                    Some("optional".to_owned()),
                    "A row without it may not be readable.",
                );
            }
            self.schema(&place, Some(schema), Some(there));
        }
        for name in found.properties.keys().filter(|name| !expected.properties.contains_key(*name)) {
            let (severity, meaning) = match request && found.required.contains(name) {
                true => (Severity::BreaksUs, "Nothing here sends it, and requests without it are refused."),
                false => (Severity::Fine, "Nothing here sends or reads it."),
            };
            self.report(severity, FindingKind::FieldNew, place.field(name).text(), None, None, meaning);
        }
    }

    fn report(
        &mut self,
        severity: Severity,
        kind: FindingKind,
        place: String,
        expected: Option<String>,
        found: Option<String>,
        meaning: &'static str,
    ) {
        let contract = self.contract;
        self.findings.push(Finding { contract, severity, kind, place, expected, found, meaning });
    }
}

/// How well a value of one kind is taken by the other side. Null is judged apart.
fn fit(direction: Direction, kind: Kind, given: &Shape<'_>, taken: &Shape<'_>) -> Severity {
    let takes = |kind| taken.kinds.contains(&kind);
    match (direction, kind) {
        _ if takes(kind) || kind == Kind::Null => Severity::Fine,
        (_, Kind::Integer) if takes(Kind::Number) => Severity::Fine,
        // Decimals are read from text too, and words of enums from their numbers.
        (Direction::Answer, Kind::String) if takes(Kind::Number) => Severity::WorthKnowing,
        (Direction::Answer, Kind::Integer) if taken.words.is_some() => Severity::WorthKnowing,
        (Direction::Request, Kind::String) if given.words.is_some() && takes(Kind::Integer) => {
            Severity::WorthKnowing
        }
        _ => Severity::BreaksUs,
    }
}

fn kinds(shape: &Shape<'_>) -> String {
    shape.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// `B2BTowary` of `/api/B2BTowary/Lista`: the last segment but one.
fn controller(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').nth(1).unwrap_or_default()
}

/// Routing ignores case, and an installation may stand behind a prefix, or leave out `/api` and name it as its server.
fn same_path(expected: &str, found: &str) -> bool {
    let tail = |path: &str| {
        let mut segments = path.trim_end_matches('/').rsplit('/');
        (segments.next().map(str::to_ascii_lowercase), segments.next().map(str::to_ascii_lowercase))
    };
    tail(expected) == tail(found)
}
