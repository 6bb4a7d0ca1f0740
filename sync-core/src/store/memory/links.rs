//! Open links.

use std::ops::Bound;

use super::State;
use crate::link::{Link, LinkRef, LinkSide};
use crate::name::LinkKind;

impl State {
    pub(super) fn close_links(&mut self, links: &[LinkRef]) -> u64 {
        let mut closed = 0;
        for link in links {
            let a = match link.known {
                LinkSide::A => Some(link.id.clone()),
                LinkSide::B => self.other_side(link).cloned(),
            };
            closed += u64::from(a.is_some_and(|a| self.open_links.remove(&(link.kind.clone(), a))));
        }
        closed
    }

    pub(super) fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Vec<Link> {
        let from = match after {
            Some(after) => Bound::Excluded((kind.clone(), after.to_owned())),
            None => Bound::Included((kind.clone(), String::new())),
        };
        let of_kind = self.open_links.range((from, Bound::Unbounded)).take_while(|(of, _)| of == kind);
        let links = of_kind.filter_map(|place| {
            let b = self.links_by_a.get(place)?;
            Some(Link::new(place.0.clone(), place.1.clone(), b.clone()).open())
        });
        links.take(limit).collect()
    }
}
