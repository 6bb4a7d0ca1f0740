//! What full passes saw of a part.

use super::{Case, flow, same};
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::name::{Key, Part};
use crate::seen::SeenChunk;
use crate::store::{PageCommit, Sent};

/// In the order of their bytes, which is neither that of the alphabet nor that of UTF-16.
const KEYS: [&str; 12] = ["", "A", "Z", "a", "a b", "z", "ó", "Ą", "ł", "Ż", "～", "😀"];

/// Slots of these keys: the ends of bytes and of chunks, in another order.
const SLOTS: [u64; 12] = [70_000, 32_767, 0, 8, 32_768, 7, 1, 65_535, 65_536, 9, 32_769, 98_304];

fn chunk(number: u64, slots: &[u64]) -> SeenChunk {
    let mut bits = vec![0; 4096];
    for slot in slots {
        let (of, byte, bit) = SeenChunk::place(*slot);
        if let (true, Some(byte)) = (of == number, bits.get_mut(byte)) {
            *byte |= bit;
        }
    }
    SeenChunk::new(number, bits)
}

fn sent(slot: u64) -> Sent {
    Sent::new(Fingerprint::from_bytes([9; 16]), Some(format!("T{slot}").into())).in_slot(slot)
}

fn all_sent() -> impl Iterator<Item = (Key, Sent)> {
    KEYS.iter().zip(SLOTS).map(|(key, slot)| (Key::from(*key), sent(slot)))
}

fn put_all(page: &mut PageCommit) {
    // not in the order of keys
    let mut all: Vec<_> = all_sent().collect();
    all.rotate_left(5);
    page.sent = all;
}

impl Case {
    async fn unseen(&self, part: &Part) -> Result<Vec<Key>> {
        let unseen = self.store.unseen(part, None, usize::MAX).await?;
        let counted = self.store.count_unseen(part, 0).await?;
        same("what was not seen is counted as listed", counted, unseen.len() as u64)?;
        Ok(unseen.into_iter().map(|(key, _)| key).collect())
    }
}

fn keys(wanted: impl Fn(u64) -> bool) -> Vec<Key> {
    KEYS.iter().zip(SLOTS).filter(|(_, slot)| wanted(*slot)).map(|(key, _)| Key::from(*key)).collect()
}

pub(super) async fn seen(case: &Case) -> Result<()> {
    same("nothing was seen of a new part", case.store.seen(&case.part).await?, vec![])?;
    same("nothing was sent of a new part", case.unseen(&case.part).await?, vec![])?;
    case.commit(put_all).await?;
    let unseen = case.store.unseen(&case.part, None, 100).await?;
    same("all that was sent, by the bytes of its keys", unseen, all_sent().collect())?;
    for slot in SLOTS {
        let chunk = chunk(slot / SeenChunk::SLOTS, &[slot]);
        case.commit(|page| {
            page.forget_seen = true;
            page.seen.push(chunk.clone());
        })
        .await?;
        same("the old set is emptied first", case.store.seen(&case.part).await?, vec![chunk])?;
        same("one slot was seen", case.unseen(&case.part).await?, keys(|other| other != slot))?;
    }
    case.commit(|page| page.forget_seen = true).await?;
    same("the set is empty", case.store.seen(&case.part).await?, vec![])?;
    let (zero, two) = (chunk(0, &[0, 7, 9]), chunk(2, &[65_535, 65_536, 70_000]));
    case.commit(|page| page.seen.extend([two.clone(), zero.clone()])).await?;
    same("chunks by number", case.store.seen(&case.part).await?, vec![zero.clone(), two.clone()])?;
    let seen = |slot: u64| [0, 7, 9, 65_536, 70_000].contains(&slot);
    same("a chunk that lacks saw nothing", case.unseen(&case.part).await?, keys(|slot| !seen(slot)))?;
    let other = chunk(2, &[65_536]);
    case.commit(|page| page.seen.push(other.clone())).await?;
    same("a chunk replaces that of its number", case.store.seen(&case.part).await?, vec![zero, other])?;
    let seen = |slot: u64| [0, 7, 9, 65_536].contains(&slot);
    same("what it saw before is unseen", case.unseen(&case.part).await?, keys(|slot| !seen(slot)))?;
    case.commit(|page| page.withdrawn.push("😀".into())).await?;
    let left = keys(|slot| !seen(slot) && slot != 98_304);
    same("what is withdrawn is not missed", case.unseen(&case.part).await?, left)
}

pub(super) async fn paging(case: &Case) -> Result<()> {
    case.commit(put_all).await?;
    case.commit(|page| page.seen.extend([chunk(0, &[8, 32_767]), chunk(1, &[32_769])])).await?;
    let expected = keys(|slot| ![8, 32_767, 32_769].contains(&slot));
    for limit in [1, 2, 4, 9, 100] {
        let mut walked: Vec<Key> = Vec::new();
        loop {
            let page = case.store.unseen(&case.part, walked.last(), limit).await?;
            same("a page has at most as many as asked for", page.len() <= limit, true)?;
            if page.is_empty() {
                break;
            }
            walked.extend(page.into_iter().map(|(key, _)| key));
        }
        same("page by page it is the same", walked, expected.clone())?;
    }
    same("none asked for", case.store.unseen(&case.part, None, 0).await?, vec![])?;
    let after = case.store.unseen(&case.part, Some(&Key::from("b")), 2).await?;
    let after = after.into_iter().map(|(key, _)| key.to_string()).collect();
    same("after a key that is not there", after, vec!["z".to_owned(), "ó".to_owned()])?;
    same("after the last", case.store.unseen(&case.part, Some(&Key::from("😀")), 2).await?, vec![])
}

pub(super) async fn absences(case: &Case) -> Result<()> {
    let all = [("a", 0, 0), ("b", 1, 1), ("c", 2, 2), ("d", 3, 255), ("e", 4, 1)];
    let of = |(key, slot, absences): (&str, u64, u8)| (Key::from(key), sent(slot).missing(absences));
    case.commit(|page| page.sent.extend(all.map(of))).await?;
    let state = case.state(&["d", "a"]).await?.sent;
    let expected = vec![Some(sent(3).missing(255)), Some(sent(0))];
    same("absences come back with what was sent", state, expected)?;
    same("and with what was not seen", case.store.unseen(&case.part, None, 9).await?, all.map(of).into())?;
    case.commit(|page| page.seen.push(chunk(0, &[4]))).await?;
    let mut counted = Vec::new();
    for absences in [0, 1, 2, 3, 255] {
        counted.push(case.store.count_unseen(&case.part, absences).await?);
    }
    same("those missing so often, seen ones aside", counted, vec![4, 3, 2, 1, 1])?;
    case.commit(|page| page.sent.push(of(("d", 77, 0)))).await?;
    let state = case.state(&["d"]).await?.sent;
    same("a later write sets slot and absences", state, vec![Some(sent(77))])
}

/// What one part saw says nothing of other parts, nor of other flows' parts of that name.
pub(super) async fn parts_of_the_same_name(case: &Case) -> Result<()> {
    let other = flow("suite/flow2");
    let mine = Part::named(&case.flow, "MAG");
    let others = [case.part.clone(), Part::named(&other, "MAG"), Part::named(&case.flow, "mag")];
    for part in others.iter().chain([&mine]) {
        case.commit_to(part, put_all).await?;
        case.commit_to(part, |page| page.seen.push(chunk(0, &[0]))).await?;
    }
    case.commit_to(&mine, |page| page.seen.extend([chunk(0, &SLOTS), chunk(1, &SLOTS)])).await?;
    same("one part saw more", case.unseen(&mine).await?, keys(|slot| slot >= 65_536))?;
    for part in &others {
        same("others did not", case.unseen(part).await?, keys(|slot| slot != 0))?;
    }
    case.commit_to(&mine, |page| {
        page.forget_seen = true;
        page.withdrawn = keys(|_| true);
    })
    .await?;
    same("one part is empty", case.unseen(&mine).await?, vec![])?;
    for part in &others {
        same("others still know what they saw", case.store.seen(part).await?, vec![chunk(0, &[0])])?;
        same("and what they sent", case.unseen(part).await?, keys(|slot| slot != 0))?;
    }
    Ok(())
}
