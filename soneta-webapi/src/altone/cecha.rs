//! Custom fields in requests: AltOne's names of their parts.

use serde::{Serialize, Serializer};

use crate::wire::{Cecha, WartoscCechy};

/// Writes `[{"Name", "Value", "Type"}]`, the last where it is set.
pub(super) fn serialize<S: Serializer>(cechy: &[Cecha], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Feature<'a> {
        name: &'a str,
        value: &'a WartoscCechy,
        #[serde(skip_serializing_if = "Option::is_none")]
        r#type: Option<&'a str>,
    }
    serializer.collect_seq(cechy.iter().map(|cecha| Feature {
        name: &cecha.nazwa,
        value: &cecha.wartosc,
        r#type: cecha.typ.as_deref(),
    }))
}

pub(super) use crate::wire::list::or_empty as deserialize;
