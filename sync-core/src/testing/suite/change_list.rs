//! What every list of changes has to do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{needs, promise};
use crate::change_list::{ChangeList, ChangePage, KeysetInfo, Resolution};
use crate::cursor::{Point, Tie};
use crate::error::Result;
use crate::name::Key;

/// So many rows are looked at.
const SAMPLE: usize = 1_000;

const FULL: &str = "a list without ties gives as many rows as it is asked for";

const EARLIER: &str = "no row comes from before the instant, to the declared precision (`KeysetInfo::resolution`, \
                       microseconds unless it says otherwise: compare in it instead of cutting the instant)";

/// So many of them are tried as places to begin at.
const PLACES: usize = 50;

/// Reads a list that nobody changes meanwhile from many places, and checks that each answer begins where it was told to:
/// at the instant inclusively, within it strictly after the tie, in the precision that the list declares.
///
/// It looks at the first thousand rows. Best given a list with several rows to an instant, also at the border of a wire
/// page, and stamps finer than the declared precision. A source of the kind keyset passes
/// [`source_conformance`](super::source_conformance) too.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use sync_core::testing::{MemoryChanges, change_list_conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sync_core::Result<()> {
/// let goods = MemoryChanges::new().wire_page(2);
/// for n in 0..9 {
///     goods.put(DateTime::UNIX_EPOCH + TimeDelta::days(n / 3), format!("good-{n}"), n);
/// }
/// change_list_conformance(&goods).await
/// # }
/// ```
///
/// # Errors
/// The first promise that the list does not keep, as a [`Bug`](crate::ErrorKind::Bug); or the list's own error; or
/// [`Config`](crate::ErrorKind::Config) if it has fewer than two rows with an instant.
pub async fn change_list_conformance<L: ChangeList>(list: &L) -> Result<()> {
    let info = list.describe();
    promise(list.describe() == info, "`describe` always says the same")?;
    promise(
        !info.ties || info.resolution == Resolution::Micros,
        "a list that filters less precisely than to the microsecond goes on without ties",
    )?;
    let sample = Sample::take(list, &info).await?;
    needs(sample.rows.len() >= 2, "the suite needs a list with two rows with an instant at least")?;
    for limit in [1, 2] {
        let page = list.read(None, limit).await?;
        short_page(&info, &sample, &page, limit)?;
    }
    for point in sample.places(&info) {
        for limit in [2, SAMPLE] {
            let page = list.read(Some(&point), limit).await?;
            begins_at(&info, &sample, &page, &point, limit)?;
        }
    }
    promise(list.describe() == info, "`describe` always says the same")
}

/// A row as the list orders it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    instant: DateTime<Utc>,
    tie: Option<Tie>,
    key: Option<Key>,
}

/// The first rows of the list.
struct Sample {
    rows: Vec<Row>,
    undated: usize,
    complete: bool,
}

fn dated<R>(info: &KeysetInfo, page: &ChangePage<R>) -> Vec<Row> {
    let rows = page.rows.iter().filter_map(|row| {
        let instant = info.resolution.floor(row.instant?);
        Some(Row { instant, tie: row.tie.clone(), key: row.item.key().cloned() })
    });
    rows.collect()
}

impl Sample {
    async fn take<L: ChangeList>(list: &L, info: &KeysetInfo) -> Result<Self> {
        let mut sample = Self { rows: Vec::new(), undated: 0, complete: false };
        let mut from: Option<Point> = None;
        while !sample.complete && sample.rows.len() < SAMPLE {
            let page = list.read(from.as_ref(), SAMPLE).await?;
            let rows = dated(info, &page);
            in_order(info, sample.rows.last(), &rows)?;
            let full = info.ties || page.end || page.rows.len() >= SAMPLE;
            promise(full, FULL)?;
            if from.is_none() {
                sample.undated = page.rows.len() - rows.len();
            }
            let Some(last) = rows.last() else {
                promise(page.end, "a page with more behind it has a row with an instant")?;
                sample.complete = true;
                break;
            };
            // without ties one page has to do: the next would begin with rows of this one
            from = last.tie.clone().map(|tie| Point::after(last.instant, tie));
            sample.rows.extend(rows);
            sample.complete = page.end;
            if !info.ties {
                break;
            }
        }
        Ok(sample)
    }

    /// Where to begin: at rows, after rows, just after instants, and at both ends of time.
    fn places(&self, info: &KeysetInfo) -> Vec<Point> {
        let instants: BTreeSet<_> = self.rows.iter().map(|row| row.instant).collect();
        let step = self.rows.len().div_ceil(PLACES).max(1);
        let mut places: Vec<_> = instants.iter().step_by(step).copied().map(Point::at).collect();
        let unit = info.resolution.unit();
        let just_after = instants.iter().step_by(step).filter_map(|instant| instant.checked_add_signed(unit));
        places.extend(just_after.map(Point::at));
        if info.ties {
            let rows = self.rows.iter().step_by(step);
            places.extend(rows.filter_map(|row| Some(Point::after(row.instant, row.tie.clone()?))));
        }
        let year = |text: &str| text.parse().ok().map(Point::at);
        places.extend(year("1900-01-01T00:00:00Z"));
        places.extend(year("2999-01-01T00:00:00Z"));
        places
    }

    /// The rows of the sample that lie at the point or behind it.
    fn behind(&self, point: &Point) -> &[Row] {
        let before = |row: &Row| match row.instant.cmp(&point.instant) {
            std::cmp::Ordering::Equal => {
                point.after.as_ref().is_some_and(|after| row.tie.as_ref() <= Some(after))
            }
            order => order.is_lt(),
        };
        self.rows.get(self.rows.partition_point(before)..).unwrap_or_default()
    }
}

fn in_order(info: &KeysetInfo, before: Option<&Row>, rows: &[Row]) -> Result<()> {
    let all: Vec<_> = before.into_iter().chain(rows).collect();
    for pair in all.windows(2) {
        let [one, two] = pair else { continue };
        promise(one.instant <= two.instant, "rows come in rising order of their instants")?;
        if info.ties && one.instant == two.instant {
            promise(one.tie < two.tie, "rows of one instant rise by their tie, and no two have the same")?;
        }
    }
    promise(!info.ties || rows.iter().all(|row| row.tie.is_some()), "each row of a list with ties has one")
}

/// The first rows alone.
fn short_page<R>(info: &KeysetInfo, sample: &Sample, page: &ChangePage<R>, limit: usize) -> Result<()> {
    let rows = dated(info, page);
    promise(!page.end || page.rows.len() >= sample.rows.len(), "a page with rows behind it is not the end")?;
    promise(
        page.end || !rows.is_empty() || sample.undated > 0,
        "a page with more behind it has a row with an instant",
    )?;
    let full = info.ties || page.end || page.rows.len() >= limit;
    promise(full, FULL)
}

fn begins_at<R>(
    info: &KeysetInfo,
    sample: &Sample,
    page: &ChangePage<R>,
    point: &Point,
    limit: usize,
) -> Result<()> {
    let rows = dated(info, page);
    in_order(info, None, &rows)?;
    let earlier = rows.iter().any(|row| row.instant < point.instant);
    promise(!earlier, EARLIER)?;
    if let Some(after) = &point.after {
        let passed = rows.iter().any(|row| row.instant == point.instant && row.tie.as_ref() <= Some(after));
        promise(!passed, "of the very instant only the rows after the tie come")?;
    }
    let expected = sample.behind(point);
    let here = expected.iter().take_while(|row| row.instant == point.instant).take(rows.len().max(1));
    for row in here {
        let words = match point.after {
            None => "rows at the very instant come too (`>=`, never `>`)",
            Some(_) => "rows of the very instant come that follow the tie",
        };
        promise(rows.contains(row), words)?;
    }
    let missing = rows.iter().zip(expected).any(|(got, expected)| got.instant != expected.instant);
    promise(!missing, "no row is left out between the first and the last of a page")?;
    if expected.is_empty() && sample.complete {
        return promise(rows.is_empty() && page.end, "behind the last row is the end");
    }
    promise(!page.end || rows.len() >= expected.len(), "a page with rows behind it is not the end")?;
    let full = info.ties || page.end || page.rows.len() >= limit;
    promise(full, FULL)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chrono::TimeDelta;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::MemoryChanges;

    fn filled(list: MemoryChanges<i64>) -> MemoryChanges<i64> {
        for n in 0..12 {
            let instant =
                DateTime::UNIX_EPOCH + TimeDelta::days(n / 6) + TimeDelta::milliseconds(n / 2 * 400);
            list.put(instant + TimeDelta::microseconds(n / 4), format!("k{n}"), n);
        }
        list.put(DateTime::UNIX_EPOCH + TimeDelta::days(5), "k12", 1);
        list
    }

    const RESOLUTIONS: [Resolution; 4] =
        [Resolution::Days, Resolution::Seconds, Resolution::Millis, Resolution::Micros];

    #[tokio::test]
    async fn the_fake_keeps_every_promise() {
        for resolution in RESOLUTIONS {
            for list in
                [MemoryChanges::new(), MemoryChanges::new().without_ties(), MemoryChanges::new().wire_page(3)]
            {
                let list = filled(list.resolution(resolution));
                change_list_conformance(&list).await.unwrap();
                list.put_undated("undated", 1);
                change_list_conformance(&list).await.unwrap();
            }
        }
        let error = change_list_conformance(&MemoryChanges::<u8>::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Breach {
        GreaterThan,
        TieIgnored,
        TieInclusive,
        Unordered,
        NoTies,
        EndTooEarly,
        NeverEnds,
        Coarser,
        FewerThanAsked,
        LeavesOut,
    }

    #[derive(Debug)]
    struct Broken(MemoryChanges<i64>, Breach);

    #[async_trait]
    impl ChangeList for Broken {
        type Record = i64;

        fn describe(&self) -> KeysetInfo {
            let info = self.0.describe();
            if self.1 == Breach::FewerThanAsked { info.without_ties() } else { info }
        }

        async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<i64>> {
            let micro = TimeDelta::microseconds(1);
            let moved = from.map(|point| match (self.1, &point.after) {
                (Breach::GreaterThan, None) => Point::at(point.instant + micro),
                (Breach::TieIgnored, Some(_)) => Point::at(point.instant + micro),
                (Breach::TieInclusive, Some(_)) => Point::at(point.instant),
                (Breach::Coarser, _) => {
                    Point { instant: Resolution::Seconds.floor(point.instant), ..point.clone() }
                }
                _ => point.clone(),
            });
            let limit = if self.1 == Breach::FewerThanAsked { limit.min(1) } else { limit };
            let mut page = self.0.read(moved.as_ref(), limit).await?;
            match self.1 {
                Breach::Unordered => page.rows.reverse(),
                Breach::NoTies => page.rows.iter_mut().for_each(|row| row.tie = None),
                Breach::EndTooEarly => page.end = true,
                Breach::NeverEnds if from.is_some() => page.end = false,
                Breach::LeavesOut if from.is_some() && page.rows.len() > 4 => {
                    page.rows.remove(3);
                }
                _ => {}
            }
            Ok(page)
        }
    }

    #[tokio::test]
    async fn each_broken_promise_is_named() {
        for (breach, words) in [
            (Breach::GreaterThan, "rows at the very instant come too"),
            (Breach::TieIgnored, "that follow the tie"),
            (Breach::TieInclusive, "only the rows after the tie"),
            (Breach::Unordered, "rising order"),
            (Breach::NoTies, "rise by their tie"),
            (Breach::EndTooEarly, "is not the end"),
            (Breach::NeverEnds, "behind the last row is the end"),
            (Breach::Coarser, "from before the instant"),
            (Breach::FewerThanAsked, "as many rows as it is asked for"),
            (Breach::LeavesOut, "no row is left out"),
        ] {
            let list = Broken(filled(MemoryChanges::new()), breach);
            let error = change_list_conformance(&list).await.unwrap_err();
            assert!(error.to_string().contains(words), "{breach:?}: {error}");
        }
    }
}
