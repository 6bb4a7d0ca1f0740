//! What is stored of a part's position.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, Result};
use crate::full_pass::{Held, Inconclusive, Pass, Toll};
use crate::name::Key;
use crate::source::{ReadFrom, SourceInfo, SourceKind};
use crate::store::Command;

/// The format written by this version.
const FORMAT: u16 = 2;

/// A source's cursor as JSON.
pub(crate) type RawCursor = Box<RawValue>;

/// Everything a part remembers besides what was sent, in one text under one revision: the live cursor, the full pass under
/// way and what is held back change together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PartState {
    /// Where the live cycle goes on. A snapshot has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<RawCursor>,
    /// The source's clock and highest id as it told them last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) as_of: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) highest: Option<u64>,
    /// What the live cycle under way has taken away; `None` between two cycles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) toll: Option<Toll>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pass: Option<Pass>,
    /// When the last complete full pass began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) passed_at: Option<DateTime<Utc>>,
    /// When the last full pass began that sent everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reasserted_at: Option<DateTime<Utc>>,
    /// Why the last full pass concluded nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inconclusive: Option<Inconclusive>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held: Option<Held>,
    /// Keys of a page that is about to be written, committed before the target hears of it. If the step dies in between,
    /// nobody knows what the target has of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) writing: Vec<Key>,
    /// Acknowledged, and to be looked up once more: the source may have swallowed a change with the acknowledgement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) look_again: Vec<Key>,
    /// Nobody needs the part any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) retired: bool,
    /// A person wants a full pass, which has not begun yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) backfill: bool,
    /// The command that was taken up last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<Command>,
}

#[derive(Serialize)]
struct Envelope<S> {
    format: u16,
    kind: String,
    source: String,
    #[serde(flatten)]
    state: S,
}

#[derive(Deserialize)]
struct Format {
    format: u16,
}

/// Format 1 knew one cursor alone.
#[derive(Deserialize)]
struct Format1<'a> {
    kind: String,
    source: String,
    #[serde(borrow, default)]
    cursor: Option<&'a RawValue>,
}

/// The same without `flatten`, which would lose the cursors' own text.
#[derive(Deserialize)]
struct Head {
    kind: String,
    source: String,
}

impl PartState {
    /// The state as text for the store.
    pub(crate) fn encode(&self, info: &SourceInfo) -> Result<String> {
        let head = Envelope {
            format: FORMAT,
            kind: info.kind.as_str().to_owned(),
            source: info.identity.fingerprint(),
            state: self,
        };
        serde_json::to_string(&head).map_err(|_| Error::bug("a position does not serialise"))
    }

    /// The state in a stored text, if it is one of this source.
    pub(crate) fn decode(info: &SourceInfo, stored: Option<&str>) -> Result<Self> {
        let Some(stored) = stored else { return Ok(Self::default()) };
        let (state, is_of_another) = Self::compare(info, stored)?;
        if is_of_another {
            return Err(Error::new(
                ErrorKind::FingerprintMismatch,
                "the stored position belongs to another source (system, database, contract, entity or filter)",
            ));
        }
        Ok(state)
    }

    /// The state in a stored text, and whether it is one of another source than this.
    pub(crate) fn compare(info: &SourceInfo, stored: &str) -> Result<(Self, bool)> {
        let (kind, source, state) = Self::read(stored)?;
        Ok((state, kind != info.kind.as_str() || source != info.identity.fingerprint()))
    }

    /// The state in a stored text, whatever source it is of.
    pub(crate) fn of_any_source(stored: &str) -> Result<Self> {
        Self::read(stored).map(|(_, _, state)| state)
    }

    fn read(stored: &str) -> Result<(String, String, Self)> {
        match parse::<Format>(stored)?.format {
            1 => {
                let Format1 { kind, source, cursor } = parse(stored)?;
                // a snapshot's cursor was one of a cycle that ticked nothing off: it starts anew
                let cursor = cursor.filter(|_| kind != SourceKind::Snapshot.as_str()).map(RawValue::to_owned);
                Ok((kind, source, Self { cursor, ..Self::default() }))
            }
            FORMAT => {
                let Head { kind, source } = parse(stored)?;
                Ok((kind, source, parse(stored)?))
            }
            _ => Err(Error::new(ErrorKind::UnknownFormat, "the stored position is of a newer version")),
        }
    }

    /// The cursor of the full pass or of the live cycle.
    pub(crate) fn cursor_of(&self, full: bool) -> Option<&RawCursor> {
        match full {
            true => self.pass.as_ref().and_then(|pass| pass.cursor.as_ref()),
            false => self.cursor.as_ref(),
        }
    }

    /// Refuses a source that has gone back in time, and remembers how far it is.
    pub(crate) fn told(
        &mut self,
        as_of: Option<DateTime<Utc>>,
        highest: Option<u64>,
        tolerance: std::time::Duration,
    ) -> Result<()> {
        let went_back = |what| Err(Error::new(ErrorKind::WentBack, what));
        if let (Some(before), Some(now)) = (self.as_of, as_of)
            && (before - now).to_std().is_ok_and(|back| back > tolerance)
        {
            return went_back("the source's clock went back: was it restored from a backup?");
        }
        if let (Some(before), Some(now)) = (self.highest, highest)
            && now < before
        {
            return went_back("the source's highest id went back: was it restored from a backup?");
        }
        self.as_of = self.as_of.max(as_of);
        self.highest = self.highest.max(highest);
        Ok(())
    }
}

/// The cursor behind its JSON.
pub(crate) fn read_from<C: DeserializeOwned>(raw: Option<&RawCursor>) -> Result<ReadFrom<C>> {
    raw.map_or(Ok(ReadFrom::Start), |raw| parse(raw.get()).map(ReadFrom::After))
}

/// The JSON of a cursor.
pub(crate) fn raw_cursor<C: Serialize>(cursor: &C) -> Result<RawCursor> {
    serde_json::value::to_raw_value(cursor).map_err(|_| Error::bug("a cursor does not serialise"))
}

fn parse<'a, T: Deserialize<'a>>(stored: &'a str) -> Result<T> {
    // serde_json's message quotes the content, so it is not kept as the cause
    serde_json::from_str(stored)
        .map_err(|_| Error::new(ErrorKind::UnknownFormat, "the stored position is unreadable"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::source::SourceIdentity;

    fn info(kind: SourceKind) -> SourceInfo {
        SourceInfo::new(kind, SourceIdentity::new("one", "orders"))
    }

    fn at(cursor: u64) -> PartState {
        PartState { cursor: Some(raw_cursor(&cursor).unwrap()), ..PartState::default() }
    }

    fn cursor(state: &PartState) -> Option<u64> {
        read_from(state.cursor.as_ref()).unwrap().cursor()
    }

    #[test]
    fn a_position_comes_back_and_a_newer_or_broken_one_is_refused() {
        let info = info(SourceKind::Token);
        let mut state = at(17);
        state.pass = Some(Pass::new(DateTime::UNIX_EPOCH, true, 3));
        state.pass.as_mut().unwrap().cursor = Some(raw_cursor(&"x").unwrap());
        let text = state.encode(&info).unwrap();
        let back = PartState::decode(&info, Some(&text)).unwrap();
        assert_eq!(cursor(&back), Some(17));
        assert_eq!(back.encode(&info).unwrap(), text);
        assert_eq!(cursor(&PartState::decode(&info, None).unwrap()), None);
        let newer = text.replace("\"format\":2", "\"format\":3");
        for broken in [newer.as_str(), "{", "", "{}", &text.replace("\"rows\":0", "\"rows\":\"x\"")] {
            let error = PartState::decode(&info, Some(broken)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownFormat, "{broken}");
        }
        assert!(read_from::<u64>(Some(&raw_cursor(&"x").unwrap())).is_err());
    }

    #[test]
    fn a_position_of_another_source_is_refused() {
        let text = at(17).encode(&info(SourceKind::Token)).unwrap();
        let mut other = info(SourceKind::Token);
        other.identity = other.identity.filter("warehouse 2");
        for info in [other, info(SourceKind::Snapshot)] {
            let error = PartState::decode(&info, Some(&text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::FingerprintMismatch);
        }
        assert_eq!(cursor(&PartState::of_any_source(&text).unwrap()), Some(17));
    }

    #[test]
    fn format_1_is_read_and_a_snapshots_cycle_of_it_starts_anew() {
        for (kind, expected) in [(SourceKind::Token, Some(17)), (SourceKind::Snapshot, None)] {
            let info = info(kind);
            let (kind, source) = (info.kind.as_str(), info.identity.fingerprint());
            let old = format!(r#"{{"format":1,"kind":"{kind}","source":"{source}","cursor":17}}"#);
            assert_eq!(cursor(&PartState::decode(&info, Some(&old)).unwrap()), expected);
            let cleared = format!(r#"{{"format":1,"kind":"{kind}","source":"{source}"}}"#);
            assert_eq!(cursor(&PartState::decode(&info, Some(&cleared)).unwrap()), None);
        }
    }

    #[test]
    fn f73_a_source_whose_clock_or_highest_id_went_back_is_refused() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let tolerance = Duration::from_secs(10);
        let mut state = PartState::default();
        state.told(at(100), Some(7), tolerance).unwrap();
        state.told(at(90), Some(7), tolerance).unwrap();
        state.told(None, None, tolerance).unwrap();
        assert_eq!((state.as_of, state.highest), (at(100), Some(7)));
        assert_eq!(state.told(at(89), Some(8), tolerance).unwrap_err().kind(), ErrorKind::WentBack);
        assert_eq!(state.told(at(101), Some(6), tolerance).unwrap_err().kind(), ErrorKind::WentBack);
    }
}
