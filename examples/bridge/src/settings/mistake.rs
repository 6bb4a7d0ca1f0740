//! What is wrong with settings, and where.

use std::fmt;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

/// A key within the settings: `tenants[0].flows.stock.every`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    pub(crate) fn root() -> Self {
        Self::default()
    }

    pub(crate) fn key(&self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(crate) fn ends_in(&self, key: &str) -> bool {
        matches!(self.0.last(), Some(Step::Key(last)) if last == key)
    }

    /// This place, and within it where a deserialiser was.
    pub(crate) fn within(&self, path: &serde_path_to_error::Path) -> Self {
        use serde_path_to_error::Segment;
        path.iter().fold(self.clone(), |place, segment| match segment {
            Segment::Seq { index } => place.index(*index),
            Segment::Map { key } => place.key(key),
            Segment::Enum { .. } | Segment::Unknown => place,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if number == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Something wrong: where, and what would be right. Shows no value, which may be a secret that was put into the wrong place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) place: Place,
    pub(crate) what: String,
}

impl Mistake {
    pub(crate) fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}

/// The text of the settings and its name, to say on which line something is.
#[derive(Clone)]
pub(crate) struct Document {
    name: String,
    text: Arc<str>,
}

impl fmt::Debug for Document {
    /// The text is not shown: somebody may have put a secret into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Document {
    pub(crate) fn new(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// `bridge.toml:12: tenants[0].name: …`, a line for each mistake.
    pub(crate) fn tell(&self, mistakes: &[Mistake]) -> String {
        let mut lines: Vec<(usize, &Mistake)> =
            mistakes.iter().map(|mistake| (self.line_of(&mistake.place), mistake)).collect();
        lines.sort_by_key(|(line, _)| *line);
        let lines: Vec<String> =
            lines.into_iter().map(|(line, mistake)| self.tell_one(line, mistake)).collect();
        lines.join("\n")
    }

    fn tell_one(&self, line: usize, mistake: &Mistake) -> String {
        let Mistake { place, what } = mistake;
        match place.0.is_empty() {
            true => format!("{}:{line}: {what}", self.name),
            false => format!("{}:{line}: {place}: {what}", self.name),
        }
    }

    /// Where the text is no TOML at all.
    pub(crate) fn tell_syntax(&self, error: &toml::de::Error) -> String {
        let line = self.line_at(error.span().map_or(0, |span| span.start));
        format!("{}:{line}: {}", self.name, error.message())
    }

    /// The line of a place, or of the nearest thing around it that is there.
    fn line_of(&self, place: &Place) -> usize {
        let Ok(document) = DeTable::parse(&self.text) else { return 1 };
        let mut at = 0;
        let document = DeValue::Table(document.into_inner());
        let mut value = &document;
        for step in &place.0 {
            let (found, span) = match (step, value) {
                (Step::Key(key), DeValue::Table(table)) => match table.get_key_value(key.as_str()) {
                    Some((key, value)) => (value, key.span()),
                    None => break,
                },
                (Step::Index(index), DeValue::Array(array)) => match array.get(*index) {
                    Some(value) => (value, value.span()),
                    None => break,
                },
                _ => break,
            };
            at = span.start;
            value = found.get_ref();
        }
        self.line_at(at)
    }

    fn line_at(&self, at: usize) -> usize {
        self.text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
    }
}
