//! Hostile pages of typed records.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::keys;
use crate::change_list::ChangeRow;
use crate::cursor::Tie;
use crate::error::{Error, Result};
use crate::name::Key;
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};

/// Pages of a source, with what there is in the end. It is a [`Source`] itself (its limit is ignored: the pages are what is
/// nasty); its [rows](Self::rows) feed others, such as a [`MemoryChanges`](crate::testing::MemoryChanges).
pub struct Stream<R> {
    name: &'static str,
    failures: &'static str,
    why: &'static str,
    pages: Vec<Vec<Row<R>>>,
}

/// One row of a [`Stream`].
#[derive(Clone)]
#[non_exhaustive]
pub struct Row<R> {
    /// When it changed.
    pub instant: Option<DateTime<Utc>>,
    /// Its number, which orders it among rows of one instant.
    pub number: i64,
    /// Its key, if it has one.
    pub key: Option<Key>,
    /// What it says.
    what: What<R>,
}

#[derive(Clone)]
enum What<R> {
    Record(i64, R),
    Deleted,
    Bad,
}

impl<R: Clone> Row<R> {
    /// The record, if there is one that decodes.
    #[must_use]
    pub fn record(&self) -> Option<&R> {
        match &self.what {
            What::Record(_, record) => Some(record),
            What::Deleted | What::Bad => None,
        }
    }

    /// The row as an item of a source.
    #[must_use]
    pub fn item(&self) -> Item<R> {
        match (&self.key, &self.what) {
            (Some(key), What::Record(_, record)) => Item::upsert(key.clone(), record.clone()),
            (Some(key), What::Deleted) => Item::deleted(key.clone()),
            (key, _) => Item::bad(key.clone(), Error::invalid("a nasty record")),
        }
    }

    /// The row as one of a list of changes.
    #[must_use]
    pub fn change(&self) -> ChangeRow<R> {
        let mut row = ChangeRow::undated(self.item());
        row.instant = self.instant;
        row.tie = Some(Tie::from(self.number));
        row
    }
}

impl<R> fmt::Debug for Row<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("instant", &self.instant).field("key", &self.key).finish_non_exhaustive()
    }
}

impl<R: Clone> Stream<R> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The failures of the catalogue that it is for.
    #[must_use]
    pub fn failures(&self) -> &'static str {
        self.failures
    }

    /// What is nasty about it.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// The pages.
    #[must_use]
    pub fn pages(&self) -> &[Vec<Row<R>>] {
        &self.pages
    }

    /// All rows in order.
    pub fn rows(&self) -> impl Iterator<Item = &Row<R>> {
        self.pages.iter().flatten()
    }

    /// What exists in the end and decodes, with the value it was made with.
    #[must_use]
    pub fn alive(&self) -> BTreeMap<Key, i64> {
        let mut alive = BTreeMap::new();
        for row in self.rows() {
            match (&row.key, &row.what) {
                (Some(key), What::Record(value, _)) => {
                    alive.insert(key.clone(), *value);
                }
                (Some(key), What::Deleted) => {
                    alive.remove(key);
                }
                (_, What::Bad) | (None, _) => {}
            }
        }
        alive
    }
}

impl<R> fmt::Debug for Stream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({}, {})", self.name, self.failures)
    }
}

#[async_trait]
impl<R: Clone + Send + Sync + 'static> Source for Stream<R> {
    type Record = R;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("nasty", self.name))
    }

    async fn read(&self, from: ReadFrom<&usize>, _limit: usize) -> Result<Page<R, usize>> {
        let at = if let ReadFrom::After(cursor) = from { *cursor } else { 0 };
        let items = self.pages.get(at).into_iter().flatten().map(Row::item).collect();
        let next = at.saturating_add(1).min(self.pages.len());
        Ok(Page::of(items, Some(next), next == self.pages.len()))
    }
}

type Build<R> = dyn Fn(&mut Maker<'_, R>) -> Vec<Vec<Row<R>>>;

struct Maker<'a, R> {
    make: &'a dyn Fn(&str, i64) -> R,
    number: i64,
}

impl<R: Clone> Maker<'_, R> {
    fn row(&mut self, instant: Option<DateTime<Utc>>, key: Option<&str>, what: What<R>) -> Row<R> {
        self.number += 1;
        Row { instant, number: self.number, key: key.map(Key::from), what }
    }

    fn at(&mut self, instant: DateTime<Utc>, key: &str, value: i64) -> Row<R> {
        let record = What::Record(value, (self.make)(key, value));
        self.row(Some(instant), Some(key), record)
    }

    /// An hour after the row before.
    fn put(&mut self, key: &str, value: i64) -> Row<R> {
        self.at(hour(self.number), key, value)
    }

    fn undated(&mut self, key: &str, value: i64) -> Row<R> {
        let record = What::Record(value, (self.make)(key, value));
        self.row(None, Some(key), record)
    }

    fn delete(&mut self, key: &str) -> Row<R> {
        self.row(Some(hour(self.number)), Some(key), What::Deleted)
    }

    fn bad(&mut self, key: Option<&str>) -> Row<R> {
        self.row(Some(hour(self.number)), key, What::Bad)
    }

    fn many(&mut self, from: i64, to: i64) -> Vec<Row<R>> {
        (from..to).map(|n| self.put(&format!("k{n}"), n)).collect()
    }
}

/// 2027-01-01 00:00 UTC and so many hours.
fn hour(hours: i64) -> DateTime<Utc> {
    second(1_798_761_600) + TimeDelta::hours(hours)
}

fn second(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// The catalogue of streams. `make` makes a record of a key and a value, which tells versions of one record apart.
///
/// ```
/// use sync_core::testing::{SourceExpectations, nasty, source_conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sync_core::Result<()> {
/// for stream in nasty::streams(|_key, value| value) {
///     // a flow of your own mapper and sink would read it here, and hold `stream.alive()` in the end
///     source_conformance(&stream, &SourceExpectations::new().alive(stream.alive().into_keys())).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn streams<R: Clone>(make: impl Fn(&str, i64) -> R) -> Vec<Stream<R>> {
    let stream = |name, failures, why, build: &Build<R>| {
        let pages = build(&mut Maker { make: &make, number: 0 });
        Stream { name, failures, why, pages }
    };
    vec![
        stream("equal instants", "F01, F16", "rows of one instant lie on both sides of page borders", &|m| {
            let pages =
                (0..4).map(|page| (0..3).map(|n| m.at(hour(0), &format!("k{}", page * 3 + n), n)).collect());
            pages.collect()
        }),
        stream("hours of the clock change", "F08, F60", "in Warsaw 02:30 comes twice, or never", &|m| {
            // 2027-03-28 01:00 UTC and 2027-10-31 01:00 UTC
            let [spring, autumn] = [second(1_806_195_600), second(1_824_944_400)];
            let [half, micro] = [TimeDelta::minutes(30), TimeDelta::microseconds(1)];
            vec![
                vec![m.at(spring - micro, "before the gap", 1), m.at(spring, "after the gap", 1)],
                vec![m.at(autumn - half, "first 02:30", 1), m.at(autumn, "border", 1)],
                vec![m.at(autumn + half, "second 02:30", 1)],
            ]
        }),
        stream("far dates", "F11", "one row is dated in the year 2999, another in 1900", &|m| {
            vec![
                vec![m.at(second(-2_208_988_800), "1900", 1), m.put("a", 1), m.put("b", 1)],
                vec![m.put("c", 1), m.at(second(32_503_679_999), "2999", 1)],
            ]
        }),
        stream(
            "finer than microseconds",
            "F10",
            "stamps that a store rounds: up, and the row is lost",
            &|m| {
                let nanos = |n| hour(0) + TimeDelta::nanoseconds(n);
                vec![
                    vec![m.at(nanos(499), "a", 1), m.at(nanos(500), "b", 1)],
                    vec![m.at(nanos(999), "c", 1), m.at(nanos(1_000), "d", 1)],
                ]
            },
        ),
        stream("missing instants", "F14", "rows without an instant, also alone on a page", &|m| {
            vec![vec![m.put("a", 1), m.undated("b", 1)], vec![m.undated("c", 1)], vec![m.put("d", 1)]]
        }),
        stream(
            "out of order",
            "F06, F07",
            "a row was changed while the list was read, and is older than the page before",
            &|m| {
                vec![
                    vec![m.at(hour(1), "a", 1), m.at(hour(3), "b", 1)],
                    vec![m.at(hour(2), "c", 1), m.at(hour(4), "d", 1)],
                ]
            },
        ),
        stream(
            "doubles",
            "F06, F09",
            "a key twice in a page, with the last version last, and again over pages",
            &|m| {
                vec![
                    vec![m.put("a", 1), m.put("b", 1), m.put("a", 2)],
                    vec![m.put("a", 3), m.put("a", 3)],
                    vec![m.put("b", 2), m.put("a", 4)],
                ]
            },
        ),
        stream(
            "old version later",
            "F61",
            "the version of before comes again, as after a correction",
            &|m| vec![vec![m.put("a", 1)], vec![m.put("a", 2)], vec![m.put("a", 1)]],
        ),
        stream("deleted and revived", "F21, F25", "a key goes and comes, in one page and over pages", &|m| {
            vec![
                vec![m.put("a", 1), m.delete("a"), m.put("a", 2), m.put("b", 1)],
                vec![m.delete("b"), m.delete("never there")],
                vec![m.put("b", 2), m.put("c", 1), m.delete("c")],
            ]
        }),
        stream("empty pages", "F22, F26", "a page without rows is not the end", &|m| {
            vec![Vec::new(), m.many(0, 2), Vec::new(), Vec::new(), m.many(2, 4), Vec::new()]
        }),
        stream("nothing", "F12, F22", "a source that has nothing at all", &|_| vec![Vec::new()]),
        stream("strange keys", "F32, F53, F67, F71", "every one of the nasty keys", &|m| {
            vec![keys().iter().map(|key| m.put(&key.input, 1)).collect()]
        }),
        stream("one poisonous record", "F29, F41", "one record among many does not decode", &|m| {
            let mut page = m.many(0, 30);
            page.push(m.bad(Some("poison")));
            page.extend(m.many(30, 60));
            vec![page]
        }),
        stream("records without a key", "F41", "two records of which not even the key can be read", &|m| {
            vec![vec![m.put("a", 1), m.bad(None), m.put("b", 1), m.bad(None)]]
        }),
        stream(
            "nothing but bad records",
            "F22, F29",
            "a page of which no record decodes: the contract changed, or a right was taken away",
            &|m| vec![m.many(0, 3), (0..30).map(|n| m.bad(Some(&format!("k{n}")))).collect(), m.many(3, 6)],
        ),
        stream("large page", "F17", "more than was asked for, because it belongs together", &|m| {
            vec![m.many(0, 3), m.many(3, 1_500), m.many(1_500, 1_503)]
        }),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::{SourceExpectations, source_conformance};

    #[tokio::test]
    async fn each_stream_is_a_source_that_keeps_every_promise() {
        let mut names = BTreeSet::new();
        for stream in streams(|key, value| (key.to_owned(), value)) {
            assert!(names.insert(stream.name()) && !stream.failures().is_empty() && !stream.why().is_empty());
            let expected = SourceExpectations::new().alive(stream.alive().into_keys());
            source_conformance(&stream, &expected).await.unwrap();
        }
    }

    #[test]
    fn only_one_stream_is_out_of_order() {
        for stream in streams(|_, value| value) {
            let stamps: Vec<_> =
                stream.rows().map(Row::change).filter_map(|row| Some((row.instant?, row.tie))).collect();
            assert_eq!(stamps.is_sorted(), stream.name() != "out of order", "{}", stream.name());
        }
    }

    #[test]
    fn the_end_of_a_stream_is_what_its_rows_leave() {
        let alive = |name| {
            let stream = streams(|_, value| value).into_iter().find(|stream| stream.name() == name).unwrap();
            stream.alive().into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(alive("deleted and revived"), ["a=2", "b=2"]);
        assert_eq!(alive("doubles"), ["a=4", "b=2"]);
        assert_eq!(alive("one poisonous record").len(), 60);
        assert!(alive("nothing").is_empty());
        assert_eq!(alive("old version later"), ["a=1"]);
    }
}
