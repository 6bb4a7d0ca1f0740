use std::fmt;
use std::str::FromStr;

use super::Unreadable;

/// A row of the ERP by its table and id, as the value of a [`Cecha`](super::Cecha): `"Pracownicy:5"`.
///
/// ```
/// use soneta_webapi::wire::{Cecha, OdwolanieDoWiersza};
///
/// let opiekun = Cecha::new("Opiekun", OdwolanieDoWiersza::new("Pracownicy", 5));
/// assert_eq!(opiekun.wartosc.text().as_deref(), Some("Pracownicy:5"));
/// ```
#[doc(alias = "reference")]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct OdwolanieDoWiersza {
    /// Name of the table.
    pub tabela: String,
    /// Id of the row within it.
    pub id: i32,
}

impl OdwolanieDoWiersza {
    /// The row of a table with this id.
    pub fn new(tabela: impl Into<String>, id: i32) -> Self {
        Self { tabela: tabela.into(), id }
    }
}

impl fmt::Display for OdwolanieDoWiersza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tabela, self.id)
    }
}

impl FromStr for OdwolanieDoWiersza {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable("no row of the form Pracownicy:5");
        let (tabela, id) = text.trim().split_once(':').ok_or(EXPECTED)?;
        let is_name = tabela.starts_with(char::is_alphabetic)
            && tabela.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        let id = id.parse().map_err(|_| EXPECTED)?;
        if is_name { Ok(Self::new(tabela, id)) } else { Err(EXPECTED) }
    }
}
