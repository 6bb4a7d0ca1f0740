//! What every mapper has to do.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::{broken, promise};
use crate::error::Result;
use crate::link::Links;
use crate::mapper::{Mapped, Mapper};
use crate::name::Key;

/// Each sample is mapped so often: enough for the random order of a `HashMap` to show.
const REPEATS: usize = 8;

/// Maps the samples again and again, in both orders, and checks that nothing but a record and its links decides what comes of
/// it.
///
/// - The same record gives the same bytes, or the same reason.
/// - No sample makes the mapper panic.
/// - The output serialises, and no number of it is a binary float: a float that is not finite would become `null`
///   unseen, and amounts lose digits. Send decimals or text.
/// - A record is mapped alike with all `links` and with those alone that the mapper says it needs.
///
/// Best given the nastiest samples there are: absent and empty fields, zeros, the longest texts.
///
/// ```
/// use sync_core::testing::mapper_conformance;
/// use sync_core::{Key, LinkRef, Links, Mapped, Mapper, Reason};
///
/// #[derive(Debug)]
/// struct ToGroup;
///
/// impl Mapper<String> for ToGroup {
///     type Out = String;
///
///     fn links_needed(&self, group: &String) -> Vec<LinkRef> {
///         vec![LinkRef::of_a("group", group.as_str())]
///     }
///
///     fn map(&self, _key: &Key, group: String, links: &Links) -> Result<Mapped<String>, Reason> {
///         let wanted = LinkRef::of_a("group", group);
///         let Some(there) = links.get(&wanted) else { return Err(Reason::missing_link(wanted)) };
///         Ok(Mapped::Send(there.to_owned()))
///     }
/// }
///
/// # fn main() -> sync_core::Result<()> {
/// let mut links = Links::default();
/// links.insert(LinkRef::of_a("group", "tools"), "17");
/// let samples = [(Key::from("hammer"), "tools".to_owned()), (Key::from("unknown"), String::new())];
/// mapper_conformance(&ToGroup, &samples, &links)
/// # }
/// ```
///
/// # Errors
/// The first promise that the mapper does not keep, as a [`Bug`](crate::ErrorKind::Bug).
pub fn mapper_conformance<In, M>(mapper: &M, samples: &[(Key, In)], links: &Links) -> Result<()>
where
    In: Clone,
    M: Mapper<In> + ?Sized,
{
    let version = mapper.version();
    let first: Vec<_> = samples.iter().map(|sample| outcome(mapper, sample, links)).collect::<Result<_>>()?;
    for repeat in 0..REPEATS {
        let again = samples.iter().zip(&first);
        // a mapper that remembers the record before shows when that is another one
        let again: Vec<_> = if repeat % 2 == 0 { again.rev().collect() } else { again.collect() };
        for (sample, first) in again {
            let same = outcome(mapper, sample, links)? == *first;
            promise(same, format!("the same record is always mapped to the same bytes: {}", sample.0))?;
        }
    }
    for (sample, first) in samples.iter().zip(&first) {
        let needed = guarded(&sample.0, || mapper.links_needed(&sample.1))?;
        let again = guarded(&sample.0, || mapper.links_needed(&sample.1))?;
        promise(needed == again, format!("the same record always needs the same links: {}", sample.0))?;
        let answers = needed.into_iter().filter_map(|link| {
            let other = links.get(&link)?.to_owned();
            Some((link, other))
        });
        let same = outcome(mapper, sample, &answers.collect())? == *first;
        promise(same, format!("a mapper uses only the links that it says it needs: {}", sample.0))?;
    }
    promise(mapper.version() == version, "the version of a mapping changes with the program only")
}

/// What comes of a record, as far as anybody can see.
#[derive(Debug, PartialEq, Eq)]
enum Mapping {
    Sent { bytes: Vec<u8>, empties: bool },
    LeftOut(String),
    HandedOver(String),
    Rejected(String),
}

fn outcome<In, M>(mapper: &M, (key, record): &(Key, In), links: &Links) -> Result<Mapping>
where
    In: Clone,
    M: Mapper<In> + ?Sized,
{
    let mapped = guarded(key, || mapper.map(key, record.clone(), links))?;
    Ok(match mapped {
        Ok(Mapped::Send(out)) => {
            Mapping::Sent { bytes: bytes(key, &out)?, empties: guarded(key, || mapper.empties(&out))? }
        }
        Ok(Mapped::LeaveOut(reason)) => Mapping::LeftOut(reason.code().to_owned()),
        Ok(Mapped::HandOver(reason)) => Mapping::HandedOver(reason.code().to_owned()),
        Err(reason) => Mapping::Rejected(format!("{} {:?}", reason.code(), reason.waits_for())),
    })
}

/// Some mapper's code, with a panic as a broken promise.
fn guarded<T>(key: &Key, work: impl FnOnce() -> T) -> Result<T> {
    // whatever a panic leaves half done is never looked at: the suite ends there
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| broken(format!("a mapper does not panic: {key}")))
}

fn bytes<T: Serialize>(key: &Key, out: &T) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, NoFloats);
    let written = guarded(key, || out.serialize(&mut serializer).is_ok())?;
    promise(written, format!("what a mapper makes serialises as JSON, without binary floats: {key}"))?;
    Ok(bytes)
}

/// Compact JSON in which a binary float is an error.
struct NoFloats;

impl Formatter for NoFloats {
    fn write_f32<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(writer, f64::from(value))
    }

    fn write_f64<W: io::Write + ?Sized>(&mut self, _writer: &mut W, _value: f64) -> io::Result<()> {
        Err(io::Error::other("a binary float"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::error::Reason;
    use crate::link::LinkRef;
    use crate::mapper::Identity;
    use crate::testing::lock;

    fn samples() -> Vec<(Key, i64)> {
        (0..5).map(|n| (Key::from(format!("k{n}")), n)).collect()
    }

    #[test]
    fn a_pure_mapper_keeps_every_promise() {
        mapper_conformance(&Identity, &samples(), &Links::default()).unwrap();
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Breach {
        Counter,
        Remembers,
        Panics,
        Float,
        UnaskedLink,
        Moody,
    }

    #[derive(Debug)]
    struct Broken {
        breach: Breach,
        calls: AtomicI64,
        before: Mutex<i64>,
    }

    impl Mapper<i64> for Broken {
        type Out = serde_json::Value;

        fn map(&self, _key: &Key, record: i64, links: &Links) -> Result<Mapped<Self::Out>, Reason> {
            let calls = self.calls.fetch_add(1, Ordering::Relaxed);
            let before = std::mem::replace(&mut *lock(&self.before), record);
            Ok(Mapped::Send(match self.breach {
                Breach::Counter => calls.into(),
                Breach::Remembers => (before % 2).into(),
                Breach::Panics if record == 3 => panic!("scripted"),
                Breach::Float => (record * 10).to_string().parse::<f64>().unwrap().into(),
                Breach::UnaskedLink => links.get(&LinkRef::of_a("a", "a")).into(),
                Breach::Moody if calls % 7 == 6 => return Ok(Mapped::LeaveOut(Reason::new("moody"))),
                _ => record.into(),
            }))
        }
    }

    #[derive(Debug)]
    struct NotJson;

    impl Mapper<i64> for NotJson {
        type Out = BTreeMap<(i64, i64), i64>;

        fn map(&self, _key: &Key, record: i64, _links: &Links) -> Result<Mapped<Self::Out>, Reason> {
            Ok(Mapped::Send(BTreeMap::from([((record, record), 1)])))
        }
    }

    #[test]
    fn each_broken_promise_is_named() {
        let links = Links::from_iter([(LinkRef::of_a("a", "a"), "b".to_owned())]);
        for (breach, words) in [
            (Breach::Counter, "always mapped to the same bytes"),
            (Breach::Remembers, "always mapped to the same bytes"),
            (Breach::Panics, "does not panic: k3"),
            (Breach::Float, "without binary floats"),
            (Breach::UnaskedLink, "only the links that it says it needs"),
            (Breach::Moody, "always mapped to the same bytes"),
        ] {
            let mapper = Broken { breach, calls: AtomicI64::new(0), before: Mutex::new(0) };
            let error = mapper_conformance(&mapper, &samples(), &links).unwrap_err();
            assert!(error.to_string().contains(words), "{breach:?}: {error}");
        }
        let error = mapper_conformance(&NotJson, &samples(), &links).unwrap_err();
        assert!(error.to_string().contains("serialises as JSON"), "{error}");
    }

    #[test]
    #[expect(clippy::disallowed_types, reason = "the order of its keys is what the suite has to find")]
    fn the_random_order_of_a_hash_map_is_found() {
        #[derive(Debug)]
        struct Unordered;

        impl Mapper<i64> for Unordered {
            type Out = std::collections::HashMap<i64, i64>;

            fn map(&self, _key: &Key, record: i64, _links: &Links) -> Result<Mapped<Self::Out>, Reason> {
                Ok(Mapped::Send((0..50).map(|n| (n, record)).collect()))
            }
        }

        assert!(mapper_conformance(&Unordered, &samples(), &Links::default()).is_err());
    }
}
