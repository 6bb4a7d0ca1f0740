//! Features (cechy) of goods and contractors.

use serde::Serialize;

/// The feature that carries the portal's tick.
pub(in crate::simulator) const TICK: &str = "Portal";
/// The feature whose value is a contractor's price group.
pub(super) const PRICE_GROUP: &str = "Grupa cenowa";
/// The feature whose value is a contractor's segment.
pub(super) const SEGMENT: &str = "Segment";

/// A feature as a row shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Cecha<'a> {
    nazwa: &'static str,
    typ: &'static str,
    wartosc: &'a str,
}

impl<'a> Cecha<'a> {
    pub(super) fn tick(zaznaczony: bool) -> Self {
        Self { nazwa: TICK, typ: "Bool", wartosc: if zaznaczony { "true" } else { "false" } }
    }

    pub(super) fn text(nazwa: &'static str, wartosc: &'a str) -> Self {
        Self { nazwa, typ: "String", wartosc }
    }
}
