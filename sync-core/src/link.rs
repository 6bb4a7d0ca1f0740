//! Which record here is which record there.

use std::collections::BTreeMap;

use crate::name::LinkKind;

/// Two ids of one thing: `a` in one system, `b` in the other. Unique both ways within its kind.
///
/// Which system is `a` is the integration's convention for the kind, kept everywhere alike.
///
/// Links come from outside with [`Store::put_links`](crate::Store::put_links) (settings, an import), or a sink learns them
/// with a write ([`Outcome::with_link`](crate::Outcome::with_link)).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Link {
    /// What sort of thing.
    pub kind: LinkKind,
    /// Its id in the one system.
    pub a: String,
    /// Its id in the other.
    pub b: String,
    /// What it links still has to come to its end (an order that is being worked on): see
    /// [`Store::open_links`](crate::Store::open_links). Of a link that was known before, it says nothing.
    pub open: bool,
    /// The `b` whose place it takes: see [`replacing`](Self::replacing).
    pub replaces: Option<String>,
}

impl Link {
    /// A link of the kind between `a` and `b`.
    #[must_use]
    pub fn new(kind: impl Into<LinkKind>, a: impl Into<String>, b: impl Into<String>) -> Self {
        Self { kind: kind.into(), a: a.into(), b: b.into(), open: false, replaces: None }
    }

    /// Listed as open until it is closed: by the commit that learns how it ended
    /// ([`Outcome::closing`](crate::Outcome::closing)) or with [`Store::close_links`](crate::Store::close_links). Learned
    /// again it stays as it is.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Takes the place of the link between the same `a` and this `b`, in one step: of a thing that was merged into another. That
    /// `b` has no link then. Without such a link it is learned as any other, and learned again it stays as it is; it never takes a
    /// `b` away from another `a`, nor the place of a third one.
    #[must_use]
    pub fn replacing(mut self, b: impl Into<String>) -> Self {
        self.replaces = Some(b.into());
        self
    }
}

/// The side of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a link has two sides")]
pub enum LinkSide {
    /// [`Link::a`].
    A,
    /// [`Link::b`].
    B,
}

impl LinkSide {
    /// Its letter, as stores keep it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// The side of this letter.
    #[must_use]
    pub fn parse(letter: &str) -> Option<Self> {
        [Self::A, Self::B].into_iter().find(|side| side.as_str() == letter)
    }
}

/// A question: what is the other side of this?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct LinkRef {
    /// What sort of thing.
    pub kind: LinkKind,
    /// Which side is known.
    pub known: LinkSide,
    /// The known id.
    pub id: String,
}

impl LinkRef {
    /// Asks for the other side of this one.
    #[must_use]
    pub fn new(kind: impl Into<LinkKind>, known: LinkSide, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), known, id: id.into() }
    }

    /// Asks for the `b` of this `a`.
    #[must_use]
    pub fn of_a(kind: impl Into<LinkKind>, a: impl Into<String>) -> Self {
        Self::new(kind, LinkSide::A, a)
    }

    /// Asks for the `a` of this `b`.
    #[must_use]
    pub fn of_b(kind: impl Into<LinkKind>, b: impl Into<String>) -> Self {
        Self::new(kind, LinkSide::B, b)
    }
}

/// The answers for one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    found: BTreeMap<LinkRef, String>,
}

impl Links {
    /// The id on the other side, if the link is known and was asked for in
    /// [`links_needed`](crate::Mapper::links_needed).
    #[must_use]
    pub fn get(&self, reference: &LinkRef) -> Option<&str> {
        self.found.get(reference).map(String::as_str)
    }

    /// Adds an answer: for stores and for tests of mappers.
    pub fn insert(&mut self, reference: LinkRef, other_side: impl Into<String>) {
        self.found.insert(reference, other_side.into());
    }
}

impl FromIterator<(LinkRef, String)> for Links {
    fn from_iter<I: IntoIterator<Item = (LinkRef, String)>>(answers: I) -> Self {
        Self { found: answers.into_iter().collect() }
    }
}
