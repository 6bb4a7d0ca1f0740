//! What commands print: a table for a person, or JSON.

use std::fmt::{self, Display};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::{Error, Result};

/// Prints to standard output.
pub(crate) fn print<T: Serialize + Display>(told: &T, json: bool) -> Result<()> {
    use std::io::Write;
    let text = match json {
        true => serde_json::to_string_pretty(told)
            .map_err(|error| Error::new("the answer cannot be written as JSON").because(error))?,
        false => told.to_string(),
    };
    // who reads may have seen enough (`| head`): that is no failure
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    Ok(())
}

/// So many of them, in English: `1 event`, `2 events`.
pub(crate) fn counted(count: impl Into<u64>, one: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

/// An instant to the second.
pub(crate) fn instant(at: DateTime<Utc>) -> impl Display {
    at.format("%Y-%m-%d %H:%M:%S UTC")
}

/// How long ago, in its largest two units.
pub(crate) fn age(from: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let span = now - from;
    let (days, hours, minutes) = (span.num_days(), span.num_hours(), span.num_minutes());
    match (days, hours, minutes) {
        (..=0, ..=0, ..=0) => format!("{} s", span.num_seconds().max(0)),
        (..=0, ..=0, _) => format!("{minutes} min"),
        (..=0, ..) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// Rows under each other; the first column and texts to the left, numbers to the right.
pub(crate) fn columns<const N: usize>(f: &mut fmt::Formatter<'_>, rows: &[[String; N]]) -> fmt::Result {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let is_number = |column: usize| {
        let mut cells = rows.iter().skip(1).filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some()
            && cells.all(|text| text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !text.is_empty())
    };
    let shapes: Vec<(usize, bool)> = (0..N).map(|column| (width(column), is_number(column))).collect();
    for row in rows {
        let mut line = String::new();
        for (column, (text, (width, number))) in row.iter().zip(&shapes).enumerate() {
            if column > 0 {
                line.push_str("  ");
            }
            line.push_str(&match number {
                true => format!("{text:>width$}"),
                false => format!("{text:<width$}"),
            });
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}
