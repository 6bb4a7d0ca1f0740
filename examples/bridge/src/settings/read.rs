//! Reads pieces of settings and collects every mistake instead of stopping at the first.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::mistake::{Mistake, Place};

/// Collects mistakes.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) mistakes: Vec<Mistake>,
}

impl Reader {
    pub(crate) fn wrong(&mut self, place: &Place, what: impl Into<String>) {
        self.mistakes.push(Mistake::new(place.clone(), what));
    }

    /// Reads a piece. `also` are keys that belong there too and are read elsewhere: they are proposed for an unknown one.
    pub(crate) fn read<T: DeserializeOwned>(
        &mut self,
        value: Value,
        place: &Place,
        also: &[&str],
    ) -> Option<T> {
        match serde_path_to_error::deserialize(value) {
            Ok(read) => Some(read),
            Err(error) => {
                let place = place.within(error.path());
                let what = words(error.inner().message(), also, &place);
                self.mistakes.push(Mistake::new(place, what));
                None
            }
        }
    }

    /// Takes a table out of another: empty if it is missing.
    pub(crate) fn table(&mut self, from: &mut Table, key: &str, place: &Place) -> Table {
        match from.remove(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                self.wrong(
                    &place.key(key),
                    format!("is {}, expected a table: [{}]", name_of(&other), place.key(key)),
                );
                Table::new()
            }
        }
    }

    /// Whatever is left of a table is not known there.
    pub(crate) fn nothing_else(&mut self, left: &Table, place: &Place, known: &[&str]) {
        for key in left.keys() {
            self.wrong(&place.key(key), unknown(key, known));
        }
    }
}

/// The key is not known; names the nearest one that is.
pub(crate) fn unknown(key: &str, known: &[&str]) -> String {
    format!("is not known here; {}", instead(key, known))
}

/// What could have been meant.
pub(crate) fn instead(word: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|other| (strsim::levenshtein(word, other), *other)).min();
    let all = known.join(", ");
    match nearest {
        Some((distance, nearest)) if distance <= 1 + word.chars().count() / 3 => {
            format!("did you mean {nearest}? (known: {all})")
        }
        _ => format!("known: {all}"),
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a point",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The deserialiser's message in our words: without the value, and with the nearest known word.
fn words(message: &str, also: &[&str], place: &Place) -> String {
    let message = message.lines().next().unwrap_or_default();
    for unknown in ["unknown field `", "unknown variant `"] {
        if let Some(rest) = message.strip_prefix(unknown)
            && let Some((word, known)) = rest.split_once('`')
        {
            let mut known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
            let of_fields = unknown.contains("field");
            if of_fields {
                known.extend(also);
            }
            return match of_fields {
                true if place.ends_in(word) => self::unknown(word, &known),
                true => format!("{word} {}", self::unknown(word, &known)),
                false => format!("{word:?} is none of the words here; {}", instead(word, &known)),
            };
        }
    }
    if let Some(field) = message.strip_prefix("missing field `") {
        return format!("{} is missing", field.trim_end_matches('`'));
    }
    // `invalid type: string "…", expected u64`: the value is nobody's business
    for wrong in ["invalid type: ", "invalid value: "] {
        if let Some(rest) = message.strip_prefix(wrong)
            && let Some((found, expected)) = rest.rsplit_once(", expected ")
        {
            let found = match found.split([' ', '`', '"']).next().unwrap_or_default() {
                "string" => "is a text",
                "integer" if wrong.contains("value") => "is out of range",
                "integer" => "is a whole number",
                "floating" => "is a number with a point",
                "boolean" => "is true or false",
                "sequence" => "is a list",
                "map" => "is a table",
                _ => "is something else",
            };
            let expected = match expected {
                "a string" => "a text in quotes",
                "a boolean" => "true or false",
                "a map" => "a table",
                "a sequence" => "a list",
                "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative",
                "i32" | "i64" => "a whole number",
                other if other.starts_with("struct ") => "a table",
                other => other,
            };
            return format!("{found}, expected {expected}");
        }
    }
    // `relative URL without a base: "…"`
    match message.split_once(": \"") {
        Some((what, _)) => what.to_owned(),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::instead;

    #[test]
    fn the_nearest_word_is_proposed_only_if_it_is_near() {
        assert_eq!(instead("evry", &["every", "at"]), "did you mean every? (known: every, at)");
        assert_eq!(instead("zzz", &["every", "at"]), "known: every, at");
    }
}
