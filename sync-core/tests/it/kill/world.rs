//! The world outside: what the sources tell, as a function of two numbers in a file.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sync_core::{Error, Item, Key, Page, ReadFrom, Result, Source, SourceIdentity, SourceInfo, SourceKind};

/// How many keys each source has.
pub(crate) const KEYS: u64 = 300;
/// Records or events on a wire page.
pub(crate) const WIRE_PAGE: u64 = 50;
/// How many events an epoch adds.
const EVENTS: u64 = 100;

/// How far the world is.
///
/// Each epoch adds events and changes a third of the goods. It may begin at any time. Each round takes goods away, brings
/// others back and makes some undecodable. It begins only when a full pass of the round before is complete: a record that
/// was sent, was not committed, and is gone or as it was before when it is read again, is one that the store never knew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    pub(crate) epoch: u64,
    pub(crate) round: u64,
}

impl World {
    pub(crate) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("world")).unwrap();
        let (epoch, round) = text.split_once(' ').unwrap();
        Self { epoch: epoch.parse().unwrap(), round: round.parse().unwrap() }
    }

    pub(crate) fn write(self, folder: &Path) {
        let new = folder.join("world.new");
        std::fs::write(&new, format!("{} {}", self.epoch, self.round)).unwrap();
        std::fs::rename(new, folder.join("world")).unwrap();
    }

    /// How many events there are so far.
    pub(crate) fn events(self) -> u64 {
        self.epoch * EVENTS
    }

    pub(crate) fn good(self, key: u64) -> Record {
        match (key + self.round) % 5 {
            0 => Record::Gone,
            2 if key.is_multiple_of(8) => Record::Bad,
            _ => Record::Is((self.epoch + key) / 3),
        }
    }
}

/// What a source says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    Is(u64),
    Gone,
    Bad,
}

impl Record {
    fn item(self, key: u64) -> Item<u64> {
        let name = Key::from(format!("k{key}"));
        match self {
            Self::Is(value) => Item::upsert(name, value),
            Self::Gone => Item::deleted(name),
            Self::Bad => Item::bad(Some(name), Error::invalid("it cannot be decoded")),
        }
    }
}

/// The key of an event, and what it says. Every other one says what was said before.
pub(crate) fn event(number: u64) -> (u64, Record) {
    let record = match number {
        n if n % 7 == 3 => Record::Gone,
        n if n % 11 == 5 => Record::Bad,
        n => Record::Is(n / KEYS / 2),
    };
    (number % KEYS, record)
}

pub(crate) fn number(key: &str) -> u64 {
    key.strip_prefix('k').unwrap().parse().unwrap()
}

fn start(from: ReadFrom<&u64>) -> u64 {
    match from {
        ReadFrom::Start => 0,
        ReadFrom::After(cursor) => *cursor,
    }
}

/// A list of events that only grows.
#[derive(Debug)]
pub(crate) struct Events(pub(crate) PathBuf);

#[async_trait]
impl Source for Events {
    type Record = u64;
    type Cursor = u64;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("outside", "events"))
    }

    async fn read(&self, from: ReadFrom<&u64>, _: usize) -> Result<Page<u64, u64>> {
        let (start, all) = (start(from), World::read(&self.0).events());
        let next = all.min(start + WIRE_PAGE);
        let event = |n| {
            let (key, record) = event(n);
            record.item(key)
        };
        let items = (start..next).map(event).collect();
        Ok(if next < all { Page::more(items, next) } else { Page::last(items, Some(next)) })
    }
}

/// A list of what exists now.
#[derive(Debug)]
pub(crate) struct Goods(pub(crate) PathBuf);

impl Goods {
    /// The round in which the full pass under way, or the last one, began.
    pub(crate) fn began(folder: &Path) -> u64 {
        std::fs::read_to_string(folder.join("began")).unwrap().parse().unwrap()
    }
}

#[async_trait]
impl Source for Goods {
    type Record = u64;
    type Cursor = u64;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, SourceIdentity::new("outside", "goods"))
    }

    async fn read(&self, from: ReadFrom<&u64>, _: usize) -> Result<Page<u64, u64>> {
        let (start, world) = (start(from), World::read(&self.0));
        if start == 0 {
            std::fs::write(self.0.join("began.new"), world.round.to_string()).unwrap();
            std::fs::rename(self.0.join("began.new"), self.0.join("began")).unwrap();
        }
        let next = start + WIRE_PAGE;
        let there = (start..next).filter(|key| world.good(*key) != Record::Gone);
        let items = there.map(|key| world.good(key).item(key)).collect();
        Ok(if next < KEYS { Page::more(items, next) } else { Page::last(items, None) })
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<u64>>> {
        let world = World::read(&self.0);
        let item = |key: &Key| {
            let key = number(key.as_str());
            world.good(key).item(key)
        };
        Ok(keys.iter().map(item).collect())
    }
}
