//! Which files of a folder are there, and complete.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};

use super::fault::Fault;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result};

/// Ends of names of files that are still being written.
const UNFINISHED: [&str; 5] = [".tmp", ".part", ".partial", ".filepart", ".crdownload"];

/// The longest marker that is looked into.
const LONGEST_MARKER: u64 = 64;

/// When a file may be read: how its writer says that it is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Complete {
    /// The writer writes under another name and renames. The safest. Names that begin with a dot or a tilde or end
    /// with `.tmp`, `.part`, `.partial`, `.filepart`, `.crdownload` are left alone, here and under the other rules.
    Renamed,
    /// The file had the same size and time of change at two looks at least so far apart. For writers that can do nothing
    /// better: one that pauses longer than that gives half a file.
    SizeStable(Duration),
    /// The writer writes a second file behind the first, whose name is longer by this: `.ok`. A marker older than
    /// the file belongs to an earlier one and does not count. If it holds a number, a [full
    /// export](super::FullExport) of another number of rows concludes nothing from what is missing.
    Marker(String),
}

/// Files of one folder: those of a pattern, once they are [complete](Complete).
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    prefix: String,
    suffix: Option<String>,
    complete: Complete,
    clock: Arc<dyn Clock>,
    /// Since when a file looks as it does; kept in memory, so that a new process looks twice again.
    looks: Mutex<BTreeMap<String, Look>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    stamp: Stamp,
    since: DateTime<Utc>,
}

/// What tells without reading whether a file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    pub(crate) modified: DateTime<Utc>,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> std::io::Result<Self> {
        Ok(Self { size: metadata.len(), modified: instant(metadata.modified()?) })
    }
}

/// The instant of a file system's time. Whoever writes a file may set any: one that no calendar has is the last or first.
fn instant(time: SystemTime) -> DateTime<Utc> {
    let (since, is_later) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(later) => (later, true),
        Err(earlier) => (earlier.duration(), false),
    };
    let since = TimeDelta::from_std(since).unwrap_or(TimeDelta::MAX);
    if is_later {
        DateTime::UNIX_EPOCH.checked_add_signed(since).unwrap_or(DateTime::<Utc>::MAX_UTC)
    } else {
        DateTime::UNIX_EPOCH.checked_sub_signed(since).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

/// A complete file.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
    /// How many rows its marker says it has.
    pub(crate) declared: Option<u64>,
}

/// What is in a folder.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The complete files, by name.
    pub(crate) complete: Vec<Found>,
    /// The first by name that is not complete yet.
    pub(crate) waits: Option<String>,
}

impl Folder {
    /// The files of a folder whose name is `pattern`, in which one `*` stands for anything: `stany-*.csv`, `orders.xml`.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the pattern is empty, has a second `*`, names another folder, or names only files
    /// that are [left alone](Complete).
    pub fn new(path: impl Into<PathBuf>, pattern: &str, complete: Complete) -> Result<Self> {
        let (prefix, suffix) = match pattern.split_once('*') {
            Some((prefix, suffix)) => (prefix, Some(suffix)),
            None => (pattern, None),
        };
        if pattern.is_empty() || pattern.contains(['/', '\\']) || suffix.is_some_and(|end| end.contains('*'))
        {
            return Err(Error::config("the pattern of files is a name with at most one `*`"));
        }
        if matches!(&complete, Complete::Marker(end) if end.is_empty()) {
            return Err(Error::config("a marker's name is longer than the file's"));
        }
        let folder = Self {
            path: path.into(),
            prefix: prefix.to_owned(),
            suffix: suffix.map(str::to_owned),
            complete,
            clock: Arc::new(SystemClock),
            looks: Mutex::default(),
        };
        if !folder.matches(&pattern.replace('*', "0")) {
            return Err(Error::config(
                "files of such a name are left alone: they are unfinished, or markers",
            ));
        }
        Ok(folder)
    }

    /// Takes the time of its looks from this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// There is no complete file, and perhaps one that is not complete yet.
    pub(crate) fn nothing(&self, waits: Option<&str>) -> Error {
        let (folder, prefix) = (self.path.display(), &self.prefix);
        let pattern = self.suffix.as_ref().map_or_else(|| prefix.clone(), |end| format!("{prefix}*{end}"));
        let why = waits.map(|file| format!("; {file} is not complete yet")).unwrap_or_default();
        Error::transient(format!("there is no complete file {pattern} in the folder {folder}{why}"))
            .with_task("look whether the other program writes its files there, under such a name")
    }

    /// What is wrong with the folder as a whole.
    pub(crate) fn broken(&self) -> impl Fn(std::io::Error) -> Error {
        let folder = format!("the folder {}", self.path.display());
        move |error| Fault::io(&error).into_error(&folder)
    }

    /// The name of a file's marker.
    pub(crate) fn marker(&self, name: &str) -> Option<String> {
        match &self.complete {
            Complete::Marker(end) => Some(format!("{name}{end}")),
            _ => None,
        }
    }

    fn matches(&self, name: &str) -> bool {
        let lower = name.to_lowercase();
        let unfinished = UNFINISHED.iter().any(|end| lower.ends_with(end)) || name.starts_with(['.', '~']);
        let is_marker = matches!(&self.complete, Complete::Marker(end) if name.ends_with(end.as_str()));
        let fits = match &self.suffix {
            None => name == self.prefix,
            Some(suffix) => {
                name.strip_prefix(self.prefix.as_str()).is_some_and(|rest| rest.ends_with(suffix.as_str()))
            }
        };
        fits && !unfinished && !is_marker
    }

    /// What is there now. Every call is a look.
    pub(crate) fn list(&self) -> Result<Listed> {
        let cannot = self.broken();
        let now = self.clock.now();
        let mut looks = BTreeMap::new();
        let mut seen = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut files, mut waits): (Vec<Found>, Option<String>) = (Vec::new(), None);
        for entry in fs::read_dir(&self.path).map_err(&cannot)? {
            let entry = entry.map_err(&cannot)?;
            let name = entry.file_name();
            if !self.matches(&name.to_string_lossy()) {
                continue;
            }
            let Some(name) = name.to_str() else {
                return Err(Error::config("a file's name is not Unicode"));
            };
            let path = entry.path();
            let metadata = match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => metadata,
                Ok(_) => continue,
                // taken away since the folder was listed
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Fault::io(&error).into_error(name)),
            };
            let stamp = Stamp::of(&metadata).map_err(|error| Fault::io(&error).into_error(name))?;
            let mut found = Found { name: name.to_owned(), path, stamp, declared: None };
            let complete = match &self.complete {
                Complete::Renamed => true,
                Complete::SizeStable(apart) => {
                    let look = match seen.get(name) {
                        // a look from the future is one of a clock that was wrong
                        Some(before) if before.stamp == stamp && before.since <= now => *before,
                        _ => Look { stamp, since: now },
                    };
                    looks.insert(name.to_owned(), look);
                    TimeDelta::from_std(*apart).is_ok_and(|apart| now - look.since >= apart)
                        && look.since < now
                }
                Complete::Marker(_) => {
                    let marker = self.read_marker(name)?;
                    found.declared = marker.and_then(|(_, rows)| rows);
                    marker.is_some_and(|(written, _)| written >= stamp.modified)
                }
            };
            if complete {
                files.push(found);
            } else if waits.as_ref().is_none_or(|first| found.name < *first) {
                waits = Some(found.name);
            }
        }
        *seen = looks;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Listed { complete: files, waits })
    }

    /// When a file's marker was written, and how many rows it says the file has.
    fn read_marker(&self, name: &str) -> Result<Option<(DateTime<Utc>, Option<u64>)>> {
        let Some(name) = self.marker(name) else { return Ok(None) };
        let unreadable = |error: std::io::Error| Fault::io(&error).into_error(&name);
        let marker = match File::open(self.path.join(&name)) {
            Ok(marker) => marker,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        let stamp = marker.metadata().and_then(|metadata| Stamp::of(&metadata)).map_err(unreadable)?;
        let mut text = Vec::new();
        marker.take(LONGEST_MARKER).read_to_end(&mut text).map_err(unreadable)?;
        let rows = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
        Ok(Some((stamp.modified, rows)))
    }

    /// How many rows a file's marker says it has.
    pub(crate) fn declared(&self, name: &str) -> Result<Option<u64>> {
        Ok(self.read_marker(name)?.and_then(|(_, rows)| rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ManualClock;

    fn names(folder: &Folder) -> Vec<String> {
        folder.list().unwrap().complete.into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn names_of_the_pattern_are_found_in_order_and_unfinished_ones_are_not() {
        let place = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "a.csv.tmp", "c.csv.PART", ".d.csv", "~e.csv", "f.txt", "a.xml"] {
            fs::write(place.path().join(name), "x").unwrap();
        }
        fs::create_dir(place.path().join("dir.csv")).unwrap();
        let all = |pattern| names(&Folder::new(place.path(), pattern, Complete::Renamed).unwrap());
        assert_eq!(all("*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(all("a*"), ["a.csv", "a.xml"]);
        assert_eq!(all("a.csv"), ["a.csv"]);
        assert_eq!(all("*"), ["a.csv", "a.xml", "b.csv", "f.txt"]);
        assert_eq!(all("a.cs*sv"), Vec::<String>::new());
        for wrong in ["", "*.*", "../x", "a\\b", ".*", "~a.csv", "a.tmp", "*.PART"] {
            assert!(Folder::new(place.path(), wrong, Complete::Renamed).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_folder_that_gives_nothing_or_is_not_there_is_named_with_the_pattern() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path(), "stany-*.csv", Complete::Renamed).unwrap();
        let path = place.path().display().to_string();
        let told = folder.nothing(None).to_string();
        assert_eq!(told, format!("there is no complete file stany-*.csv in the folder {path} (transient)"));
        assert!(
            folder.nothing(Some("stany-1.csv")).to_string().contains("; stany-1.csv is not complete yet")
        );
        place.close().unwrap();
        let told = folder.list().unwrap_err().to_string();
        assert!(told.starts_with(&format!("the folder {path}: cannot be read: ")), "{told}");
    }

    #[test]
    fn a_pattern_of_markers_alone_is_refused() {
        let marker = || Complete::Marker(".ok".to_owned());
        assert!(Folder::new(".", "*.csv", marker()).is_ok() && Folder::new(".", "*", marker()).is_ok());
        assert!(Folder::new(".", "*.csv.ok", marker()).is_err());
    }

    #[test]
    fn a_file_that_grows_between_two_looks_is_not_complete() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.csv");
        let clock = Arc::new(ManualClock::default());
        let rule = Complete::SizeStable(Duration::from_secs(10));
        let folder = Folder::new(place.path(), "*.csv", rule).unwrap().with_clock(clock.clone());
        fs::write(&path, "Kod\n").unwrap();
        assert_eq!(names(&folder).len(), 0);
        clock.advance(Duration::from_secs(9));
        assert_eq!(names(&folder).len(), 0);
        fs::write(&path, "Kod\nA\n").unwrap();
        clock.advance(Duration::from_secs(1));
        assert_eq!(names(&folder).len(), 0);
        clock.advance(Duration::from_secs(10));
        assert_eq!(names(&folder), ["a.csv"]);
    }

    #[test]
    fn a_clock_that_was_ahead_at_the_first_look_does_not_make_a_file_wait_for_it() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a.csv"), "Kod\n").unwrap();
        let clock = Arc::new(ManualClock::default());
        let start = clock.now();
        let rule = Complete::SizeStable(Duration::from_secs(10));
        let folder = Folder::new(place.path(), "*.csv", rule).unwrap().with_clock(clock.clone());
        clock.set(start + TimeDelta::days(365));
        assert_eq!(names(&folder).len(), 0);
        clock.set(start);
        assert_eq!(names(&folder).len(), 0);
        clock.advance(Duration::from_secs(10));
        assert_eq!(names(&folder), ["a.csv"]);
    }

    #[test]
    fn a_time_of_change_that_no_calendar_has_is_the_last_one_or_the_first() {
        let far = Duration::from_secs(1 << 60);
        assert_eq!(instant(SystemTime::UNIX_EPOCH + far), DateTime::<Utc>::MAX_UTC);
        assert_eq!(instant(SystemTime::UNIX_EPOCH - far), DateTime::<Utc>::MIN_UTC);
        let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_795_248_000_123_456_789);
        assert_eq!(instant(at).timestamp_nanos_opt(), Some(1_795_248_000_123_456_789));
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(instant(before).timestamp_nanos_opt(), Some(-1));
    }

    #[test]
    fn a_marker_counts_unless_it_is_older_than_the_file() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path(), "*", Complete::Marker(".ok".to_owned())).unwrap();
        let (path, marker) = (place.path().join("a.csv"), place.path().join("a.csv.ok"));
        fs::write(&path, "Kod\n").unwrap();
        assert_eq!(names(&folder).len(), 0);
        fs::write(&marker, "12\r\n").unwrap();
        assert_eq!(folder.list().unwrap().complete[0].declared, Some(12));
        let written = fs::metadata(&marker).unwrap().modified().unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(written + Duration::from_secs(1)).unwrap();
        assert_eq!(names(&folder).len(), 0);
        fs::write(&marker, "OK").unwrap();
        File::options()
            .write(true)
            .open(&marker)
            .unwrap()
            .set_modified(written + Duration::from_secs(1))
            .unwrap();
        assert_eq!(folder.list().unwrap().complete[0].declared, None);
    }
}
