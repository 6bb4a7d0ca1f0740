//! What sends a record to the portal.

use serde::{Deserialize, Serialize};
use soneta_webapi::wire::Cecha;

/// Which records go to the portal: those that carry its tick, a cecha of the ERP. One that loses it is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tick {
    /// What the contract tells as `Zaznaczony`; a contract that does not tell it sends everything.
    #[default]
    Told,
    /// This cecha, of records that carry their cechy (goods, contractors, documents): true, or any text but an empty one, `0` and
    /// `nie`.
    Cecha(String),
    /// Everything, ticked or not.
    Everything,
}

impl Tick {
    /// Whether a record with this told tick and these cechy goes to the portal.
    #[must_use]
    pub fn sends(&self, told: Option<bool>, cechy: &[Cecha]) -> bool {
        match self {
            Self::Told => told.unwrap_or(true),
            Self::Cecha(nazwa) => cechy.iter().any(|cecha| cecha.nazwa == *nazwa && is_set(cecha)),
            Self::Everything => true,
        }
    }
}

/// A word is a tick, unless it says no.
fn is_set(cecha: &Cecha) -> bool {
    cecha.wartosc.bool().unwrap_or_else(|| !cecha.wartosc.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Tick;
    use soneta_webapi::wire::Cecha;

    #[test]
    fn a_tick_is_what_the_contract_tells_or_a_cecha_or_nothing_at_all() {
        let cechy = [
            Cecha::new("B2B", "Tak"),
            Cecha::new("Kanał", "hurt"),
            Cecha::new("Stare", false),
            Cecha::new("Puste", ""),
        ];
        assert!(
            Tick::Told.sends(Some(true), &[])
                && Tick::Told.sends(None, &[])
                && !Tick::Told.sends(Some(false), &cechy)
        );
        let by = |nazwa: &str| Tick::Cecha(nazwa.to_owned()).sends(Some(true), &cechy);
        assert_eq!(["B2B", "Kanał", "Stare", "Puste", "Nie ma"].map(by), [true, true, false, false, false]);
        assert!(Tick::Everything.sends(Some(false), &[]));
    }
}
